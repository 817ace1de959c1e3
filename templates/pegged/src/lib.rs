//! Works a signal with limit orders that are pegged to the market and never cross it.

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use tesser_wasm::exec::{Algorithm, Clip, OrderType, ParentOrder};
use tesser_wasm::{ParamError, PluginSide, PluginTick, choices, export_algorithm, params, state};

choices! {
    /// The reference of the orders. A plugin has no order book; the prices at which takers traded are the best estimate.
    pub enum Reference {
        /// The last trade.
        Last = "last",
        /// The best known price of the own side: for a buy, the price at which a taker last sold.
        Near = "near",
    }
}

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// Reference of the orders: the `last` trade, or the `near` side, which needs ticks.
        reference: Reference = "last";
        /// How far an order may be from the pegged price.
        requote_bps: Decimal = 5, in 0..=10_000, unit "bps";
        /// Maximum number of open orders.
        max_orders: u32 = 3, in 1..=20;
        /// Maximum quantity of one order; a tenth of the target if unset.
        clip_size: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000, unit "base currency";
        /// Time after which `at_end` decides what happens to the remaining quantity.
        expire_secs: u32 = 3_600, in 1..=31_536_000, unit "s";
    }
}

state! {
    /// The last prices of both kinds of takers.
    #[derive(Default)]
    pub struct Takers {
        bought: Option<Decimal>,
        sold: Option<Decimal>,
    }
}

pub struct Pegged {
    params: Params,
    clip_size: Decimal,
}

impl Algorithm for Pegged {
    type Params = Params;
    type State = Takers;

    const ORDER_TYPES: &'static [OrderType] = &[OrderType::Limit];

    fn new(params: Params, parent: &ParentOrder) -> Result<Self, ParamError> {
        let clip_size = params.clip_size.unwrap_or(parent.fraction(1, 10));
        Ok(Self { params, clip_size })
    }

    fn initial_state(&self, _parent: &ParentOrder) -> Takers {
        Takers::default()
    }

    fn end_secs(&self) -> Option<u32> {
        Some(self.params.expire_secs)
    }

    fn on_trade(&self, takers: &mut Takers, _parent: &mut ParentOrder, tick: &PluginTick) {
        match tick.side {
            PluginSide::Buy => takers.bought = Some(tick.price),
            PluginSide::Sell => takers.sold = Some(tick.price),
        }
    }

    /// First amends open orders to the pegged price, then places the next one if none is near it.
    fn on_timer(&self, takers: &mut Takers, parent: &mut ParentOrder) {
        let Some(last) = parent.last_price() else {
            // Logs that there is no price.
            parent.place(Clip::remaining());
            return;
        };
        let market = parent.better(self.reference(takers, parent).unwrap_or(last), last);
        let Some(price) = parent.limit(market).map(|price| parent.better(price, last)) else {
            return;
        };
        let bps = self.params.requote_bps;
        parent.reprice(price, |order| order.is_away(price, bps));
        let has_one_near = parent
            .working_orders()
            .any(|order| !order.is_away(price, bps));
        let is_full = parent.working_orders().count() >= self.params.max_orders as usize;
        if !has_one_near && !is_full {
            parent.place(
                Clip::remaining()
                    .at_most(self.clip_size)
                    .from_market(market)
                    .passive(),
            );
        }
    }
}

impl Pegged {
    fn reference(&self, takers: &Takers, parent: &ParentOrder) -> Option<Decimal> {
        match (self.params.reference, parent.side()) {
            (Reference::Last, _) => None,
            (Reference::Near, PluginSide::Buy) => takers.sold,
            (Reference::Near, PluginSide::Sell) => takers.bought,
        }
    }
}

export_algorithm!(Pegged);
