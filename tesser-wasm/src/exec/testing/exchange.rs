//! A small exchange that behaves as under Tesser 0.9: orders without a fill are cancelled, and the plugin is not told.

use rust_decimal::Decimal;

use super::Host;
use crate::exec::Algorithm;
use crate::{
    PluginFill, PluginOrderRequest, PluginOrderUpdateRequest, PluginSide, PluginTimeInForce,
};

/// Age without a fill at which the host cancels an order, and how often it checks.
const STALE_MS: i64 = 60_000;
const POLL_SECS: u32 = 15;

/// Direction in which the price moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drift {
    /// It rises by 1 % in 20 minutes.
    Up,
    /// It stays around the start price.
    Flat,
    /// It falls by 1 % in 20 minutes.
    Down,
}

/// The market that [`Host::run`] simulates.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    /// Direction in which the price moves.
    pub drift: Drift,
    /// Whether ticks come. In a live session of Tesser 0.9 there are none.
    pub ticks: bool,
    /// Largest order that the host's risk check accepts.
    pub max_quantity: Decimal,
    /// Seed of the random prices and partial fills.
    pub seed: u64,
    /// Average time between restarts of the host, in seconds; 0 means never.
    pub restart_every: u32,
    /// Delivers every fill twice.
    pub repeats_fills: bool,
}

impl Default for Market {
    /// A flat market without ticks, under the host's default limit of 1.
    fn default() -> Self {
        Self {
            drift: Drift::Flat,
            ticks: false,
            max_quantity: Decimal::ONE,
            seed: 1,
            restart_every: 0,
            repeats_fills: false,
        }
    }
}

impl Market {
    fn random(&self, index: u64) -> u64 {
        crate::exec::clock::random(self.seed, index)
    }

    /// The price at a second.
    fn price(&self, start: Decimal, second: u32) -> Decimal {
        let drift = match self.drift {
            Drift::Up => i64::from(second) * 1_000 / 1_200,
            Drift::Flat => 0,
            Drift::Down => -(i64::from(second) * 1_000 / 1_200),
        };
        // Up to 2 bps of noise, in hundred-thousandths.
        let noise = i64::try_from(self.random(second.into()) % 41).unwrap_or_default() - 20;
        let parts = Decimal::from((100_000 + drift + noise).max(1_000));
        (start * parts / Decimal::from(100_000)).round_dp(2)
    }
}

#[derive(Debug)]
struct Resting {
    id: String,
    side: PluginSide,
    /// Absent for a market order.
    price: Option<Decimal>,
    unfilled: Decimal,
    is_ioc: bool,
    is_new: bool,
    since_ms: i64,
    /// Whether the host cancels it when it gets no fill.
    is_watched: bool,
}

/// Orders at the exchange during [`Host::run`].
#[derive(Debug, Default)]
pub(super) struct Exchange {
    orders: Vec<Resting>,
    placed: usize,
    is_open: bool,
    filled: Decimal,
    max_quantity: Decimal,
}

impl Exchange {
    pub(super) fn place(&mut self, order: &PluginOrderRequest, now_ms: i64) {
        let id = format!("order-{}", self.placed);
        self.placed += 1;
        if !self.is_open || order.quantity > self.max_quantity {
            return;
        }
        self.orders.push(Resting {
            id,
            side: order.side,
            price: order.price,
            unfilled: order.quantity,
            is_ioc: order.time_in_force == Some(PluginTimeInForce::Ioc) || order.price.is_none(),
            is_new: true,
            since_ms: now_ms,
            is_watched: true,
        });
    }

    pub(super) fn amend(&mut self, update: &PluginOrderUpdateRequest, now_ms: i64) {
        for order in self.orders.iter_mut().filter(|order| order.id == update.order_id) {
            order.price = update.new_price;
            order.since_ms = now_ms;
            order.is_watched = true;
        }
    }

    pub(super) fn restart(&mut self) {
        for order in &mut self.orders {
            order.is_watched = true;
        }
    }
}

impl<A: Algorithm> Host<A> {
    /// Simulates the exchange for at most this many seconds, or until the algorithm has completed. Returns the quantity that
    /// was filled at the exchange.
    ///
    /// # Panics
    /// If more than the target is filled.
    pub fn run(&mut self, secs: u32, market: &Market) -> Decimal {
        self.exchange.is_open = true;
        self.exchange.max_quantity = market.max_quantity;
        let start = self.start_price();
        for second in 0..secs {
            if self.is_completed() {
                break;
            }
            let price = market.price(start, second);
            if market.ticks {
                let side = if market.random(second.into()) % 2 == 0 {
                    PluginSide::Buy
                } else {
                    PluginSide::Sell
                };
                self.trade(price, Decimal::new(5, 1), side);
            }
            self.timer();
            self.match_orders(price, second, market);
            if second % POLL_SECS == 0 {
                let now_ms = self.now_ms;
                self.exchange
                    .orders
                    .retain(|order| !order.is_watched || now_ms - order.since_ms < STALE_MS);
            }
            let restarts = market.restart_every > 0
                && market.random(u64::from(second) + 1_000_000) % u64::from(market.restart_every)
                    == 0;
            if restarts && !self.is_completed() {
                self.restart();
                let now_ms = self.now_ms;
                for order in &mut self.exchange.orders {
                    order.since_ms = now_ms;
                }
            }
        }
        self.exchange.filled
    }

    fn match_orders(&mut self, market_price: Decimal, second: u32, market: &Market) {
        let mut index = 0;
        let mut fills = Vec::new();
        while index < self.exchange.orders.len() {
            let order = &mut self.exchange.orders[index];
            let is_reached = order.price.is_none_or(|limit| match order.side {
                PluginSide::Buy => market_price <= limit,
                PluginSide::Sell => market_price >= limit,
            });
            if is_reached {
                let lots = market.random(u64::from(second) * 1_000 + index as u64);
                let half = (order.unfilled / Decimal::TWO).round_dp(3);
                let is_partial = lots % 3 == 0 && half > Decimal::ZERO;
                let quantity = if is_partial { half } else { order.unfilled };
                let price = match order.price {
                    Some(limit) if !order.is_new => limit,
                    _ => market_price,
                };
                order.unfilled -= quantity;
                order.is_watched = false;
                fills.push((order.id.clone(), order.side, price, quantity));
            }
            order.is_new = false;
            if order.is_ioc || order.unfilled.is_zero() {
                self.exchange.orders.remove(index);
            } else {
                index += 1;
            }
        }
        for (number, (id, side, price, quantity)) in fills.into_iter().enumerate() {
            let timestamp_ms = self.now_ms + i64::try_from(number).unwrap_or_default();
            let fill = PluginFill::new(id, self.code(), side, price, quantity);
            let fill = PluginFill { timestamp_ms, ..fill };
            self.exchange.filled += quantity;
            let (filled, target) = (self.exchange.filled, self.target());
            assert!(filled <= target, "{filled} of {target} are filled at the exchange");
            self.send_fill(&fill);
            if market.repeats_fills {
                self.send_fill(&fill);
            }
        }
    }
}
