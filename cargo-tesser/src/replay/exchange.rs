//! The exchange model: orders in, fills out.
//!
//! A market order fills at the next trade's price. A limit order fills at its own price once a trade is
//! beyond it, or at it and what rests ahead has traded; never more in one trade than its share, and older
//! orders come first. `ioc` and `fok` orders get the next trade alone. An order with a trigger price waits
//! for a trade there. How long an order takes to arrive, what rests ahead, the share, fees and refusals are
//! the [`Model`]'s.

use rust_decimal::Decimal;
use tesser_wasm::{
    PluginFill, PluginOrderRequest, PluginOrderType, PluginOrderUpdateRequest, PluginSide,
    PluginTimeInForce,
};

use super::model::{Model, is_immediate};
use super::orders::{FillRow, Order, State};
use super::tape::Trade;

/// The open orders, and the records of all.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    model: Model,
    open: Vec<Open>,
    orders: Vec<Order>,
    fills: Vec<FillRow>,
    expired: Decimal,
    refused: Decimal,
}

#[derive(Debug)]
struct Open {
    number: u64,
    id: String,
    order: PluginOrderRequest,
    rest: Decimal,
    /// Until this time it is on its way.
    active_ms: i64,
    /// What rests ahead at its price.
    ahead: Decimal,
    /// Amendments on their way, with the time of their arrival.
    changes: Vec<(i64, PluginOrderUpdateRequest)>,
}

impl Exchange {
    pub(super) fn new(model: Model) -> Self {
        Self { model, ..Self::default() }
    }

    /// Takes an order. Its id is known to the exchange alone, until it fills.
    pub(super) fn place(&mut self, mut order: PluginOrderRequest, now_ms: i64) {
        // As the host does it.
        if order.time_in_force == Some(PluginTimeInForce::PostOnly) {
            order.time_in_force = None;
        }
        let number = self.orders.len() as u64 + 1;
        let mut record = Order::new(number, now_ms, &order);
        let rest = order.quantity;
        if self.model.rejects.contains(&number) {
            record.state = State::Refused;
            self.refused = self.refused.saturating_add(rest);
        } else {
            let (active_ms, ahead) = (self.model.arrival(now_ms), self.model.queue);
            let id = format!("order-{number}");
            let changes = Vec::new();
            self.open.push(Open { number, id, order, rest, active_ms, ahead, changes });
        }
        self.orders.push(record);
    }

    /// Sends a change of an open order; answers by how much its quantity grows, or `None` when there is no
    /// such order. An order that fills first is no longer changed.
    pub(super) fn amend(
        &mut self,
        update: &PluginOrderUpdateRequest,
        now_ms: i64,
    ) -> Option<Decimal> {
        let arrival = self.model.arrival(now_ms);
        let open = self.open.iter_mut().find(|open| open.id == update.order_id)?;
        let sent = open.changes.iter().rev().find_map(|(_, change)| change.new_quantity);
        let before = sent.unwrap_or(open.order.quantity);
        open.changes.push((arrival, update.clone()));
        if let Some(order) = record(&mut self.orders, open.number) {
            order.amended += 1;
        }
        if arrival == now_ms {
            open.change(now_ms, self.model.queue, &mut self.orders);
        }
        Some(update.new_quantity.map_or(Decimal::ZERO, |quantity| quantity.saturating_sub(before)))
    }

    /// Takes a fill that a script says of the order of this number; answers the order's id.
    pub(super) fn fill(
        &mut self,
        number: u64,
        price: Decimal,
        quantity: Decimal,
        now_ms: i64,
    ) -> String {
        if let Some(open) = self.open.iter_mut().find(|open| open.number == number) {
            open.rest = open.rest.saturating_sub(quantity);
        }
        if let Some(order) = record(&mut self.orders, number) {
            order.add_fill(price, quantity);
        }
        self.fills.push(FillRow { order: number, time_ms: now_ms, price, quantity, fee: None });
        self.open.retain(|open| open.rest > Decimal::ZERO);
        format!("order-{number}")
    }

    /// Lets one trade fill what it can.
    pub(super) fn trade(&mut self, symbol: &str, trade: &Trade) -> Vec<PluginFill> {
        let mut fills = Vec::new();
        let mut left = self.model.share(trade.quantity);
        let (model, orders) = (&self.model, &mut self.orders);
        for open in self.open.iter_mut().filter(|open| open.order.symbol == symbol) {
            open.change(trade.time_ms, model.queue, orders);
            if open.active_ms > trade.time_ms || !open.triggers(trade.price) {
                continue;
            }
            let offer = open.offer(trade, left, model.participation.is_some());
            if let Some((price, quantity)) = offer {
                open.rest -= quantity;
                left = (left - quantity).max(Decimal::ZERO);
                let mut fill = PluginFill::new(&open.id, symbol, open.order.side, price, quantity);
                fill.timestamp_ms = trade.time_ms;
                fill.fee = model.fee(&open.order, price.saturating_mul(quantity));
                fill.fee_asset = fill.fee.and(model.fee_asset.clone());
                if let Some(order) = record(orders, open.number) {
                    order.add_fill(price, quantity);
                }
                let (order, time_ms, fee) = (open.number, trade.time_ms, fill.fee);
                self.fills.push(FillRow { order, time_ms, price, quantity, fee });
                fills.push(fill);
            }
            if is_immediate(&open.order) && open.rest > Decimal::ZERO {
                self.expired = self.expired.saturating_add(open.rest);
                open.rest = Decimal::ZERO;
                if let Some(order) = record(orders, open.number) {
                    order.state = State::Expired;
                }
            }
        }
        self.open.retain(|open| open.rest > Decimal::ZERO);
        fills
    }

    /// What `ioc` and `fok` orders have left unfilled so far, in base currency.
    pub(super) fn expired(&self) -> Decimal {
        self.expired
    }

    /// What was refused so far, in base currency.
    pub(super) fn refused(&self) -> Decimal {
        self.refused
    }

    /// What open orders may still fill, in base currency.
    pub(super) fn outstanding(&self) -> Decimal {
        self.open.iter().fold(Decimal::ZERO, |sum, open| sum.saturating_add(open.rest))
    }

    /// The records of all orders and fills.
    pub(super) fn records(self) -> (Vec<Order>, Vec<FillRow>) {
        (self.orders, self.fills)
    }
}

impl Open {
    /// Applies the changes that have arrived. A new price or a larger quantity goes to the end of the queue.
    fn change(&mut self, now_ms: i64, queue: Decimal, orders: &mut [Order]) {
        while self.changes.first().is_some_and(|(arrival, _)| *arrival <= now_ms) {
            let (_, update) = self.changes.remove(0);
            let before = (self.order.price, self.order.quantity);
            self.order.price = update.new_price.or(self.order.price);
            if let Some(quantity) = update.new_quantity {
                let filled = self.order.quantity - self.rest;
                self.rest = quantity.saturating_sub(filled).max(Decimal::ZERO);
                self.order.quantity = quantity;
            }
            if self.order.price != before.0 || self.order.quantity > before.1 {
                self.ahead = queue;
            }
            if let Some(order) = record(orders, self.number) {
                (order.price, order.quantity) = (self.order.price, self.order.quantity);
                if self.rest.is_zero() {
                    order.state = State::Filled;
                }
            }
        }
    }

    /// Whether it works: it has no trigger price, or a trade has been there.
    fn triggers(&mut self, price: Decimal) -> bool {
        let waits = self.order.trigger_price.is_some_and(|trigger| match self.order.side {
            PluginSide::Buy => price < trigger,
            PluginSide::Sell => price > trigger,
        });
        if !waits {
            self.order.trigger_price = None;
        }
        !waits
    }

    /// Price and quantity that a trade fills, when `left` of it is left for the plugin's orders.
    fn offer(&mut self, trade: &Trade, left: Decimal, shared: bool) -> Option<(Decimal, Decimal)> {
        let (price, most) = if self.order.order_type == PluginOrderType::Market {
            (trade.price, if shared { left } else { self.rest })
        } else {
            let limit = self.order.price?;
            if !reaches(self.order.side, trade.price, limit) {
                return None;
            }
            let mut most = left;
            if trade.price == limit {
                let waited = self.ahead.min(trade.quantity);
                self.ahead -= waited;
                most = most.min(trade.quantity - waited);
            }
            (limit, most)
        };
        let whole_or_none = self.order.time_in_force == Some(PluginTimeInForce::Fok);
        let quantity = self.rest.min(most);
        (quantity > Decimal::ZERO && !(whole_or_none && quantity < self.rest))
            .then_some((price, quantity))
    }
}

fn record(orders: &mut [Order], number: u64) -> Option<&mut Order> {
    orders.get_mut(usize::try_from(number.checked_sub(1)?).ok()?)
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
        exchange.place(order(3, Some(10)), 0);
        exchange.place(order(3, Some(10)), 0);
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
        exchange.place(order(5, None), 0);
        let mut ioc = order(5, Some(10));
        ioc.time_in_force = Some(PluginTimeInForce::Ioc);
        exchange.place(ioc, 0);
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
        exchange.place(order(3, Some(10)), 0);
        filled(&mut exchange, 10, 1);
        let mut update = PluginOrderUpdateRequest {
            order_id: "order-1".into(),
            symbol: "S".into(),
            side: PluginSide::Buy,
            new_price: Some(20.into()),
            new_quantity: Some(4.into()),
        };
        assert_eq!(exchange.amend(&update, 0), Some(Decimal::ONE));
        assert_eq!(filled(&mut exchange, 15, 9), [("order-1".into(), 20.into(), 3.into())]);
        update.order_id = "order-9".into();
        assert_eq!(exchange.amend(&update, 0), None);
    }

    fn with(model: Model) -> Exchange {
        let mut exchange = Exchange::new(model);
        exchange.place(order(3, Some(10)), 0);
        exchange
    }

    #[test]
    fn what_rests_ahead_trades_first_unless_the_price_is_traded_through() {
        let queue = Model { queue: 5.into(), ..Model::default() };
        let mut exchange = with(queue.clone());
        assert!(filled(&mut exchange, 10, 4).is_empty());
        assert_eq!(filled(&mut exchange, 10, 2), [("order-1".into(), 10.into(), 1.into())]);
        let mut exchange = with(queue);
        assert_eq!(filled(&mut exchange, 9, 2), [("order-1".into(), 10.into(), 2.into())]);
    }

    #[test]
    fn orders_get_their_share_of_a_trade_and_no_more() {
        let participation = Some(Decimal::new(25, 2));
        let mut exchange = with(Model { participation, ..Model::default() });
        exchange.place(order(3, None), 0);
        assert_eq!(filled(&mut exchange, 10, 4), [("order-1".into(), 10.into(), 1.into())]);
        assert_eq!(
            filled(&mut exchange, 10, 12),
            [("order-1".into(), 10.into(), 2.into()), ("order-2".into(), 10.into(), 1.into())]
        );
    }

    #[test]
    fn orders_and_amendments_take_their_time_to_arrive() {
        // Trades are at 7 ms.
        let mut late = with(Model { latency_ms: 8, ..Model::default() });
        assert!(filled(&mut late, 9, 4).is_empty());
        let mut exchange = with(Model { latency_ms: 7, ..Model::default() });
        assert_eq!(filled(&mut exchange, 9, 1).len(), 1);
        let update = PluginOrderUpdateRequest {
            order_id: "order-1".into(),
            symbol: "S".into(),
            side: PluginSide::Buy,
            new_price: Some(20.into()),
            new_quantity: None,
        };
        exchange.amend(&update, 1);
        assert!(filled(&mut exchange, 15, 1).is_empty(), "the change is on its way");
        exchange.amend(&update, 0);
        exchange.open[0].changes[0].0 = 7;
        assert_eq!(filled(&mut exchange, 15, 1), [("order-1".into(), 20.into(), 1.into())]);
    }

    #[test]
    fn makers_and_takers_pay_their_fees() {
        let model = Model {
            maker_bps: (-1).into(),
            taker_bps: 5.into(),
            fee_asset: Some("USD".into()),
            ..Model::default()
        };
        let mut exchange = with(model);
        exchange.place(order(2, None), 0);
        let fills = exchange.trade("S", &trade(10, 9));
        let fees: Vec<_> = fills.iter().map(|fill| fill.fee.unwrap().to_string()).collect();
        assert_eq!(fees, ["-0.003", "0.01"]);
        assert_eq!(fills[0].fee_asset.as_deref(), Some("USD"));
    }

    #[test]
    fn a_refused_order_never_fills_and_keeps_its_number() {
        let mut exchange = with(Model { rejects: vec![1], ..Model::default() });
        exchange.place(order(1, Some(10)), 0);
        assert_eq!(filled(&mut exchange, 10, 9), [("order-2".into(), 10.into(), 1.into())]);
        assert_eq!(exchange.refused(), 3.into());
        let states: Vec<_> = exchange.records().0.iter().map(|order| order.state).collect();
        assert_eq!(states, [State::Refused, State::Filled]);
    }

    #[test]
    fn an_order_with_a_trigger_waits_for_it() {
        let mut exchange = Exchange::default();
        let mut stop = order(1, None);
        stop.trigger_price = Some(12.into());
        exchange.place(stop, 0);
        assert!(filled(&mut exchange, 11, 9).is_empty());
        assert_eq!(filled(&mut exchange, 12, 9), [("order-1".into(), 12.into(), 1.into())]);
    }
}
