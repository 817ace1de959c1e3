//! What a restart needs: the work, the last price and the orders.
//!
//! The host asks for it after **every** callback, so it stays small.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::{Cached, PluginFill, PluginInitContext, PluginSide, decimal};

use crate::orders::{LIMIT, Orders};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// From `init` until the first tick of the symbol.
    #[serde(with = "tesser_wasm::decimal")]
    pub last_price: Decimal,
    /// What no tick changes: its JSON is kept, since the host asks for the state after every tick.
    pub work: Cached<Work>,
}

/// The signal and its orders.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// The signal's id.
    signal: String,
    pub symbol: String,
    pub side: PluginSide,
    pub orders: Orders,
}

impl State {
    pub fn new(ctx: PluginInitContext) -> Result<Self, String> {
        let work = Work {
            orders: Orders::new(ctx.signal.target_quantity)?,
            signal: ctx.signal.id,
            symbol: ctx.signal.symbol,
            side: ctx.signal.side,
        };
        Ok(Self {
            last_price: ctx.risk.last_price,
            work: work.into(),
        })
    }

    /// The price to place at; `None` means wait. Beyond `LIMIT` it is a broken tick, not a price.
    pub fn price(&self) -> Option<Decimal> {
        let usable = self.last_price > Decimal::ZERO && self.last_price <= Decimal::from(LIMIT);
        usable.then_some(self.last_price)
    }

    /// Counts a fill. Answers `false` if it is not of our orders.
    pub fn take_fill(&mut self, fill: &PluginFill) -> bool {
        let ours = fill.symbol == self.work.symbol && fill.side == self.work.side;
        ours && self.work.orders.take_fill(fill)
    }

    /// `self` comes from a snapshot; `current` is what `init` just made of the original signal.
    pub fn check_same_work(&self, current: &Self) -> Result<(), String> {
        let (saved, current) = (&*self.work, &*current.work);
        let work = |state: &Work| {
            format!(
                "signal `{}`: {:?} {} {}",
                state.signal,
                state.side,
                decimal::to_string(state.orders.target),
                state.symbol
            )
        };
        let same = saved.signal == current.signal
            && saved.symbol == current.symbol
            && saved.side == current.side
            && saved.orders.target == current.orders.target;
        if !same {
            return Err(format!(
                "the state is of {}, not of {}",
                work(saved),
                work(current)
            ));
        }
        saved
            .orders
            .check()
            .map_err(|error| format!("malformed state: {error}"))
    }
}
