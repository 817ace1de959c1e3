//! The exchange: orders in, fills out. It is the only place with records of the orders that reach it.
//!
//! Fills come either from a script, event by event, or from the market (`exchange/matching.rs`). The [`ExchangeModel`] defines
//! latency, queue, depth, fees and rejects. There are no trigger prices, since the host does not send them.

mod market;
mod matching;

use std::collections::VecDeque;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::exchange_model::ExchangeModel;
use super::order::{AmendRequest, OrderRequest, OrderStatus};
use super::order_records::{Fill, FillRow, Liquidity, Order};
use super::queue_model::QueuePosition;
use super::session_rules::AmendRule;
use super::symbol::{Symbol, asset};
use market::Market;
pub(crate) use market::TRADES_AHEAD;
use matching::{Arrival, Phase, Working};

/// The exchange's message for a rejected order.
pub(crate) const REFUSED: &str = "refused by the exchange";
const NOT_FOUND: &str = "order not found";

/// The orders, the market and the fills.
#[derive(Debug)]
pub(crate) struct Exchange {
    model: ExchangeModel,
    /// What an amendment must contain.
    amend_rule: AmendRule,
    /// Error code of rejects, if the host's connector reports one.
    code: Option<u32>,
    /// Numbers (from 1) of the amendments that are rejected.
    refused_amendments: Vec<u64>,
    amendments: u64,
    orders: Vec<Order>,
    /// The orders that may fill, by priority.
    working: Vec<Working>,
    /// The markets, by code.
    markets: Vec<(String, Market)>,
    fills: Vec<FillRow>,
    /// All executions since the private stream last connected, reported or not; kept only if it will reconnect.
    since_connected: Option<Vec<Fill>>,
    expired: Decimal,
    /// The host waits until this time for the response to its last request.
    free_ms: i64,
    /// Orders and amendments sent so far.
    sent: u64,
    /// Quantity that is filled or may still fill: that of working and filled orders, and the fills of others.
    committed: Decimal,
    /// The maximum of `committed` so far.
    peak: Decimal,
}

/// A fill that a script asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScriptedFill {
    pub(crate) order: OrderRef,
    pub(crate) price: Decimal,
    pub(crate) quantity: Decimal,
    pub(crate) fee: Option<Decimal>,
    pub(crate) fee_asset: Option<String>,
    pub(crate) time_ms: i64,
}

/// How a script names an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OrderRef {
    /// By its number at the exchange, from 1.
    Number(u64),
    /// By an id, which need not exist.
    Id(String),
}

impl Exchange {
    pub(crate) fn new(model: ExchangeModel, amend_rule: AmendRule, refused: Vec<u64>) -> Self {
        Self {
            model,
            amend_rule,
            code: None,
            refused_amendments: refused,
            amendments: 0,
            orders: Vec::new(),
            working: Vec::new(),
            markets: Vec::new(),
            fills: Vec::new(),
            since_connected: None,
            expired: Decimal::ZERO,
            free_ms: i64::MIN,
            sent: 0,
            committed: Decimal::ZERO,
            peak: Decimal::ZERO,
        }
    }

    /// Places an order; returns its id, or the exchange's message if it is rejected.
    pub(crate) fn place(
        &mut self,
        request: OrderRequest,
        now_ms: i64,
    ) -> Result<String, &'static str> {
        let number = self.orders.len() as u64 + 1;
        let mut order = Order::new(number, now_ms, request);
        let id = order.id();
        let market = self.market(order.request.symbol.code());
        order.market_price = self.markets[market].1.last_price();
        let arrival = self.send(now_ms);
        let refused = self.model.rejects.contains(&number);
        if refused {
            order.end(OrderStatus::Rejected, now_ms);
        } else {
            self.working.push(Working {
                index: self.orders.len(),
                market,
                phase: Phase::OnItsWay(arrival),
                queue: QueuePosition::joined(self.model.queue_model, Decimal::ZERO),
                changes: VecDeque::new(),
            });
        }
        self.committed = self.committed.saturating_add(order.committed());
        self.orders.push(order);
        self.raise_peak();
        if refused { Err(REFUSED) } else { Ok(id) }
    }

    /// Sends an amendment of a working order. It has no effect if the order fills first.
    ///
    /// # Errors
    /// The message of the host's connector or of the exchange.
    pub(crate) fn amend(&mut self, request: &AmendRequest, now_ms: i64) -> Result<(), String> {
        let (has_price, has_quantity) =
            (request.new_price.is_some(), request.new_quantity.is_some());
        if let Some(words) = self.amend_rule.refuses(has_price, has_quantity) {
            return Err(format!("invalid request: {words}"));
        }
        self.amendments += 1;
        let arrival = self.send(now_ms);
        if self.refused_amendments.contains(&self.amendments) {
            return Err(self.error(REFUSED));
        }
        let found = self.find(&request.order_id).filter(|&at| self.orders[at].state.is_working());
        let Some(index) = found else { return Err(self.error(NOT_FOUND)) };
        match self.working.iter().position(|working| working.index == index) {
            // Without a market there is a script, and amendments apply immediately.
            Some(at)
                if arrival.ms > now_ms || self.markets[self.working[at].market].1.is_known() =>
            {
                self.working[at].changes.push_back((arrival, request.clone()));
            }
            Some(at) => self.amended(at, request, now_ms),
            None => self.change(index, |order| order.amend(request, now_ms)),
        }
        self.raise_peak();
        Ok(())
    }

    /// Cancels an order.
    ///
    /// # Errors
    /// The order does not exist, or is not working.
    pub(crate) fn cancel(&mut self, id: &str, now_ms: i64) -> Result<(), String> {
        let found = self.find(id).filter(|&at| self.orders[at].state.is_working());
        let Some(index) = found else { return Err(self.error(NOT_FOUND)) };
        self.change(index, |order| order.end(OrderStatus::Canceled, now_ms));
        Ok(())
    }

    /// Sets an order's status, for a script.
    pub(crate) fn set_status(&mut self, number: u64, status: OrderStatus, now_ms: i64) {
        if let Some(index) = index_of(number).filter(|&at| at < self.orders.len()) {
            self.change(index, |order| order.end(status, now_ms));
        }
    }

    /// Fills an order for a script, whatever the order's state.
    pub(crate) fn fill(&mut self, script: &ScriptedFill) -> Fill {
        let index = match &script.order {
            OrderRef::Number(number) => index_of(*number),
            OrderRef::Id(id) => self.find(id),
        };
        let found = index.filter(|&at| at < self.orders.len());
        let order_id = match (&script.order, found) {
            (OrderRef::Id(id), _) => id.clone(),
            (OrderRef::Number(number), _) => format!("order-{number}"),
        };
        let (symbol, side) = match found {
            Some(at) => (self.orders[at].request.symbol.clone(), self.orders[at].side),
            None => (Symbol::parse(""), PluginSide::Buy),
        };
        if let Some(at) = found {
            self.change(at, |order| {
                order.add_fill(script.price, script.quantity, script.time_ms);
            });
            self.fills.push(FillRow {
                liquidity: None,
                order: self.orders[at].number,
                time_ms: script.time_ms,
                price: script.price,
                quantity: script.quantity,
                fee: script.fee,
            });
        }
        let fill = Fill {
            order_id,
            symbol,
            side,
            price: script.price,
            quantity: script.quantity,
            fee: script.fee,
            fee_asset: script.fee_asset.as_deref().map(asset),
            time_ms: script.time_ms,
        };
        if let Some(executions) = &mut self.since_connected {
            executions.push(fill.clone());
        }
        fill
    }

    /// Expires all `ioc` and `fok` orders, for a script, which has no trades to do so.
    pub(crate) fn expire_immediate(&mut self, now_ms: i64) {
        for index in self.working.iter().map(|working| working.index).collect::<Vec<_>>() {
            if self.orders[index].request.is_immediate() {
                self.expire(index, now_ms);
            }
        }
    }

    fn expire(&mut self, index: usize, now_ms: i64) {
        self.expired = self.expired.saturating_add(self.orders[index].rest());
        self.change(index, |order| order.end(OrderStatus::Expired, now_ms));
    }

    /// Fills a part of a working order.
    fn filled(
        &mut self,
        index: usize,
        (price, quantity): (Decimal, Decimal),
        liquidity: Liquidity,
        time_ms: i64,
    ) -> Fill {
        self.change(index, |order| order.add_fill(price, quantity, time_ms));
        let order = &self.orders[index];
        let fee = self.model.fee(liquidity, price.saturating_mul(quantity));
        let number = order.number;
        let fill = Fill {
            order_id: order.id(),
            symbol: order.request.symbol.clone(),
            side: order.side,
            price,
            quantity,
            fee,
            fee_asset: fee.and(self.model.fee_asset.as_deref()).map(asset),
            time_ms,
        };
        let liquidity = Some(liquidity);
        self.fills.push(FillRow { order: number, time_ms, price, quantity, fee, liquidity });
        if let Some(executions) = &mut self.since_connected {
            executions.push(fill.clone());
        }
        fill
    }

    /// Reconnects the private stream; returns all executions since the last time, reported or not.
    pub(crate) fn reconnect(&mut self) -> Vec<Fill> {
        self.since_connected.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Adds an error code to rejects, as the host's Bybit connector does.
    pub(crate) fn reject_with_code(&mut self, code: u32) {
        self.code = Some(code);
    }

    /// The exchange's message as the host's error.
    pub(crate) fn error(&self, words: &str) -> String {
        match self.code {
            Some(code) => format!("exchange error: {words} (code {code})"),
            None => format!("exchange error: {words}"),
        }
    }

    /// Keeps executions from now on, since the private stream will reconnect.
    pub(crate) fn keep_executions(&mut self) {
        self.since_connected.get_or_insert_default();
    }

    /// The working orders of a code; only those at one venue, if there are several venues.
    pub(crate) fn open_orders<'a>(
        &'a self,
        code: &'a str,
        venue: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Order> {
        self.orders.iter().filter(move |order| is_open(order, code, venue))
    }

    /// Whether the order with this id is among them.
    pub(crate) fn has_open(&self, id: &str, code: &str, venue: Option<&str>) -> bool {
        self.order(id).is_some_and(|order| order.id() == id && is_open(order, code, venue))
    }

    /// The order with this id.
    pub(crate) fn order(&self, id: &str) -> Option<&Order> {
        self.find(id).map(|at| &self.orders[at])
    }

    fn find(&self, id: &str) -> Option<usize> {
        let index = index_of(id.strip_prefix("order-")?.parse().ok()?)?;
        (index < self.orders.len()).then_some(index)
    }

    /// All orders that reached it.
    pub(crate) fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// All fills.
    pub(crate) fn fills(&self) -> &[FillRow] {
        &self.fills
    }

    /// Unfilled quantity of expired `ioc` and `fok` orders, in base currency.
    pub(crate) fn expired(&self) -> Decimal {
        self.expired
    }

    /// Remaining quantity of working orders, in base currency.
    pub(crate) fn outstanding(&self) -> Decimal {
        self.orders.iter().fold(Decimal::ZERO, |sum, order| sum.saturating_add(order.rest()))
    }

    /// The price at which a taker of this side would trade now, if the market of the code is known.
    pub(crate) fn quote(&self, code: &str, taker: PluginSide) -> Option<Decimal> {
        let (_, market) = self.markets.iter().find(|(known, _)| known == code)?;
        market.quote(&self.model, taker)
    }

    /// Distance between the best bid and the best ask, if the market of the code is known.
    pub(crate) fn spread(&self, code: &str) -> Option<Decimal> {
        let ask = self.quote(code, PluginSide::Buy)?;
        Some(ask.saturating_sub(self.quote(code, PluginSide::Sell)?).normalize())
    }

    /// Number of trades of a code while its order book was known, and how many of them were outside of its best prices.
    pub(crate) fn trades_in_book(&self, code: &str) -> (u64, u64) {
        let market = self.markets.iter().find(|(known, _)| known == code);
        market.map_or((0, 0), |(_, market)| market.trades_in_book())
    }

    /// The exchange model.
    pub(crate) fn model(&self) -> &ExchangeModel {
        &self.model
    }

    /// Whether no order works.
    pub(crate) fn is_idle(&self) -> bool {
        self.working.is_empty()
    }

    /// Sends a request; returns when it arrives. The host sends one request at a time.
    fn send(&mut self, now_ms: i64) -> Arrival {
        self.free_ms = self.free_ms.max(now_ms).saturating_add(self.model.latency_ms);
        self.sent += 1;
        Arrival { ms: self.free_ms, number: self.sent }
    }

    /// Time until which the host waits for responses.
    pub(crate) fn free_ms(&self) -> i64 {
        self.free_ms
    }

    /// Maximum quantity that was filled or could still fill at any time, in base currency.
    pub(crate) fn peak(&self) -> Decimal {
        self.peak
    }

    /// Changes an order, and updates the sums.
    fn change(&mut self, index: usize, change: impl FnOnce(&mut Order)) {
        let order = &mut self.orders[index];
        let before = order.committed();
        change(order);
        let more = order.committed().saturating_sub(before);
        self.committed = self.committed.saturating_add(more);
        if !order.state.is_working() {
            self.working.retain(|working| working.index != index);
        }
    }

    /// An order may fill up to the largest quantity of its amendments in transit.
    fn raise_peak(&mut self) {
        let mut sum = self.committed;
        for working in self.working.iter().filter(|working| !working.changes.is_empty()) {
            let quantity = self.orders[working.index].quantity;
            let asked = working.changes.iter().filter_map(|(_, change)| change.new_quantity);
            let more = asked.fold(quantity, Decimal::max).saturating_sub(quantity);
            sum = sum.saturating_add(more);
        }
        self.peak = self.peak.max(sum);
    }

    /// The records, at the end of the run.
    pub(crate) fn into_records(self) -> (Vec<Order>, Vec<FillRow>) {
        (self.orders, self.fills)
    }
}

/// Whether an order of a code works; at one venue, where there are several.
fn is_open(order: &Order, code: &str, venue: Option<&str>) -> bool {
    let symbol = &order.request.symbol;
    order.state.is_working()
        && symbol.code() == code
        && venue.is_none_or(|venue| symbol.venue() == Some(venue))
}

fn index_of(number: u64) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}

#[cfg(test)]
mod book_tests;
#[cfg(test)]
mod tests;
