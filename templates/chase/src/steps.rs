//! What an exchange takes: quantities in whole lots, prices in whole steps.
//!
//! In: a quantity or a price, and its step. Out: the multiple that can be sent. The host tells a plugin
//! neither step, so they are parameters.

use rust_decimal::{Decimal, RoundingStrategy};
use tesser_wasm::PluginSide;

use crate::orders::{DECIMALS, cut, plus};

/// Rounds down. Both are at most `LIMIT`, and `step` is above zero, with at most `DECIMALS` decimals.
pub fn lots(quantity: Decimal, step: Decimal) -> Decimal {
    // Of whole numbers, since the remainder of two decimals would be 3 KB of the plugin.
    let whole = |mut value: Decimal| {
        value.rescale(DECIMALS);
        value.mantissa()
    };
    let quantity = cut(quantity);
    let whole_lots = match whole(quantity) % whole(step) {
        0 => quantity,
        rest => plus(quantity, -Decimal::from_i128_with_scale(rest, DECIMALS)),
    };
    whole_lots.round_dp_with_strategy(step.scale(), RoundingStrategy::ToZero)
}

/// Rounds away from the market, so that no order has a worse price than it.
pub fn limit(side: PluginSide, price: Decimal, step: Decimal) -> Decimal {
    let down = lots(price, step);
    match side {
        PluginSide::Sell if down < price => plus(down, step),
        PluginSide::Buy | PluginSide::Sell => down,
    }
}
