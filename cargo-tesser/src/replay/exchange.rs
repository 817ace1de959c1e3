//! The exchange model: orders in, fills out.
//!
//! A market order fills whole at the next trade's price. A limit order fills at its own price once a
//! trade is at that price or beyond, and never more in one trade than the trade's quantity; older orders
//! come first. `ioc` and `fok` orders get the next trade alone. There is no queue, latency, fee or reject.

use rust_decimal::Decimal;
use tesser_wasm::{
    PluginFill, PluginOrderRequest, PluginOrderType, PluginOrderUpdateRequest, PluginSide,
    PluginTimeInForce,
};

use super::tape::Trade;

/// The open orders.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    open: Vec<Open>,
    placed: u64,
    expired: Decimal,
}

#[derive(Debug)]
struct Open {
    id: String,
    order: PluginOrderRequest,
    rest: Decimal,
}

impl Exchange {
    /// Takes an order. Its id is known to the exchange alone, until it fills.
    pub(super) fn place(&mut self, mut order: PluginOrderRequest) {
        // As the host does it.
        if order.time_in_force == Some(PluginTimeInForce::PostOnly) {
            order.time_in_force = None;
        }
        self.placed += 1;
        let rest = order.quantity;
        self.open.push(Open { id: format!("order-{}", self.placed), order, rest });
    }

    /// Changes an open order; answers by how much its quantity grew, or `None` when there is no such
    /// order.
    pub(super) fn amend(&mut self, update: &PluginOrderUpdateRequest) -> Option<Decimal> {
        let open = self.open.iter_mut().find(|open| open.id == update.order_id)?;
        let before = open.order.quantity;
        if let Some(price) = update.new_price {
            open.order.price = Some(price);
        }
        if let Some(quantity) = update.new_quantity {
            let filled = before - open.rest;
            open.rest = quantity.saturating_sub(filled).max(Decimal::ZERO);
            open.order.quantity = quantity;
        }
        Some(open.order.quantity.saturating_sub(before))
    }

    /// Takes a fill that a script says of the order of this number; answers the order's id.
    pub(super) fn fill(&mut self, number: u64, quantity: Decimal) -> String {
        let id = format!("order-{number}");
        if let Some(open) = self.open.iter_mut().find(|open| open.id == id) {
            open.rest = open.rest.saturating_sub(quantity);
        }
        self.open.retain(|open| open.rest > Decimal::ZERO);
        id
    }

    /// Lets one trade fill what it can.
    pub(super) fn trade(&mut self, symbol: &str, trade: &Trade) -> Vec<PluginFill> {
        let mut fills = Vec::new();
        let mut left = trade.quantity;
        for open in self.open.iter_mut().filter(|open| open.order.symbol == symbol) {
            let is_market = open.order.order_type == PluginOrderType::Market;
            let most = if is_market { open.rest } else { open.rest.min(left) };
            let price = match (is_market, open.order.price) {
                (true, _) => Some(trade.price),
                (false, Some(limit)) if reaches(open.order.side, trade.price, limit) => Some(limit),
                (false, _) => None,
            };
            let whole_or_none = open.order.time_in_force == Some(PluginTimeInForce::Fok);
            let quantity = if whole_or_none && most < open.rest { Decimal::ZERO } else { most };
            if let (Some(price), true) = (price, quantity > Decimal::ZERO) {
                open.rest -= quantity;
                left = (left - quantity).max(Decimal::ZERO);
                let mut fill = PluginFill::new(&open.id, symbol, open.order.side, price, quantity);
                fill.timestamp_ms = trade.time_ms;
                fills.push(fill);
            }
            if matches!(
                open.order.time_in_force,
                Some(PluginTimeInForce::Ioc | PluginTimeInForce::Fok)
            ) {
                self.expired = self.expired.saturating_add(open.rest);
                open.rest = Decimal::ZERO;
            }
        }
        self.open.retain(|open| open.rest > Decimal::ZERO);
        fills
    }

    /// What `ioc` and `fok` orders have left unfilled so far, in base currency.
    pub(super) fn expired(&self) -> Decimal {
        self.expired
    }

    /// What open orders may still fill, in base currency.
    pub(super) fn outstanding(&self) -> Decimal {
        self.open.iter().fold(Decimal::ZERO, |sum, open| sum.saturating_add(open.rest))
    }
}

fn reaches(side: PluginSide, price: Decimal, limit: Decimal) -> bool {
    match side {
        PluginSide::Buy => price <= limit,
        PluginSide::Sell => price >= limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(quantity: i64, price: Option<i64>) -> PluginOrderRequest {
        let quantity = quantity.into();
        match price {
            Some(price) => PluginOrderRequest::limit("S", PluginSide::Buy, quantity, price.into()),
            None => PluginOrderRequest::market("S", PluginSide::Buy, quantity),
        }
    }

    fn trade(price: i64, quantity: i64) -> Trade {
        Trade {
            symbol: None,
            price: price.into(),
            quantity: quantity.into(),
            time_ms: 7,
            side: PluginSide::Sell,
        }
    }

    fn filled(
        exchange: &mut Exchange,
        price: i64,
        quantity: i64,
    ) -> Vec<(String, Decimal, Decimal)> {
        let fills = exchange.trade("S", &trade(price, quantity));
        fills.into_iter().map(|fill| (fill.order_id, fill.fill_price, fill.fill_quantity)).collect()
    }

    #[test]
    fn limits_fill_at_their_price_with_what_the_trade_has() {
        let mut exchange = Exchange::default();
        exchange.place(order(3, Some(10)));
        exchange.place(order(3, Some(10)));
        assert!(filled(&mut exchange, 11, 9).is_empty());
        assert_eq!(
            filled(&mut exchange, 9, 4),
            [("order-1".into(), 10.into(), 3.into()), ("order-2".into(), 10.into(), 1.into())]
        );
        assert_eq!(exchange.outstanding(), 2.into());
    }

    #[test]
    fn market_orders_fill_whole_and_ioc_orders_get_one_trade() {
        let mut exchange = Exchange::default();
        exchange.place(order(5, None));
        let mut ioc = order(5, Some(10));
        ioc.time_in_force = Some(PluginTimeInForce::Ioc);
        exchange.place(ioc);
        assert_eq!(
            filled(&mut exchange, 10, 7),
            [("order-1".into(), 10.into(), 5.into()), ("order-2".into(), 10.into(), 2.into())]
        );
        assert_eq!(exchange.outstanding(), Decimal::ZERO);
        assert_eq!(exchange.expired(), 3.into());
    }

    #[test]
    fn an_amended_order_keeps_what_it_has_filled() {
        let mut exchange = Exchange::default();
        exchange.place(order(3, Some(10)));
        filled(&mut exchange, 10, 1);
        let mut update = PluginOrderUpdateRequest {
            order_id: "order-1".into(),
            symbol: "S".into(),
            side: PluginSide::Buy,
            new_price: Some(20.into()),
            new_quantity: Some(4.into()),
        };
        assert_eq!(exchange.amend(&update), Some(Decimal::ONE));
        assert_eq!(filled(&mut exchange, 15, 9), [("order-1".into(), 20.into(), 3.into())]);
        update.order_id = "order-9".into();
        assert_eq!(exchange.amend(&update), None);
    }
}
