//! The exchange model of `docs/exchange-model.md`, from the page only: lists and loops.

use rust_decimal::Decimal;

use super::options::Options;

const BPS: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);
/// Trades that an estimate of the spread reads ahead, and pairs that it is made of.
const AHEAD: usize = 200;
const PAIRS: usize = 99;

#[derive(Clone, Copy, Debug)]
pub struct Trade {
    pub ms: i64,
    pub price: Decimal,
    pub quantity: Decimal,
    /// Whether the taker bought.
    pub bought: bool,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub sent_ms: i64,
    pub buys: bool,
    /// A market order stays one, whatever price an amendment gives it.
    pub market: bool,
    pub price: Option<Decimal>,
    pub quantity: Decimal,
    pub tif: Option<String>,
    /// Of the last trade before it was sent.
    pub market_price: Option<Decimal>,
    pub filled: Decimal,
    pub state: &'static str,
    /// Times, prices and quantities of then.
    pub amended: Vec<(i64, Option<Decimal>, Decimal)>,
}

impl Order {
    fn rest(&self) -> Decimal {
        self.quantity - self.filled
    }
}

#[derive(Clone, Debug)]
pub struct Fill {
    pub order: usize,
    pub ms: i64,
    pub price: Decimal,
    pub quantity: Decimal,
    pub fee: Decimal,
    pub takes: bool,
}

/// Who waits at one price of one side, the first in front. No order is the quantity of others.
struct Level {
    buys: bool,
    price: Decimal,
    waiting: Vec<(Option<usize>, Decimal)>,
}

pub struct Exchange<'a> {
    options: &'a Options,
    tape: &'a [Trade],
    /// Trades that have happened.
    pub seen: usize,
    pub orders: Vec<Order>,
    pub fills: Vec<Fill>,
    levels: Vec<Level>,
    /// Limit orders that rest, and orders that take more at each trade, the first that came in front.
    resting: Vec<usize>,
    markets: Vec<usize>,
    /// What own orders took: time, side, quantity.
    taken: Vec<(i64, bool, Decimal)>,
}

impl<'a> Exchange<'a> {
    pub fn new(options: &'a Options, tape: &'a [Trade]) -> Self {
        let (orders, fills, levels, taken) = (vec![], vec![], vec![], vec![]);
        let (resting, markets) = (vec![], vec![]);
        Self { options, tape, seen: 0, orders, fills, levels, resting, markets, taken }
    }

    /// Half the spread is given, or the median difference of neighbours tells the spread.
    pub fn spread(&self, seen: usize) -> Decimal {
        if let Some(half) = self.options.half_spread {
            return self.tape[seen - 1].price * half * Decimal::TWO / BPS;
        }
        let mut differences = vec![];
        for pair in self.tape[..self.tape.len().min(seen + AHEAD)].windows(2) {
            match (pair[0].bought, pair[1].bought) {
                (true, false) => differences.push(pair[0].price - pair[1].price),
                (false, true) => differences.push(pair[1].price - pair[0].price),
                _ => {}
            }
        }
        let mut last = differences.split_off(differences.len().saturating_sub(PAIRS));
        last.sort();
        last.get(last.len() / 2).map_or(Decimal::ZERO, |median| Decimal::ZERO.max(*median))
    }

    /// The best bid and ask after so many trades.
    pub fn market(&self, seen: usize) -> (Decimal, Decimal) {
        let (last, spread) = (self.tape[seen - 1], self.spread(seen));
        if last.bought {
            (last.price - spread, last.price)
        } else {
            (last.price, last.price + spread)
        }
    }

    fn depth(&self, now: i64, buys: bool) -> Decimal {
        let ours = |taken: &&(i64, bool, Decimal)| {
            taken.1 == buys && now - taken.0 < self.options.depth_ms
        };
        let missing: Decimal = self.taken.iter().filter(ours).map(|taken| taken.2).sum();
        let there = self.options.depth.unwrap_or_else(|| {
            let mut there = Decimal::ZERO;
            for trade in &self.tape[self.seen..] {
                if trade.bought == buys && trade.ms > now && trade.ms <= now + self.options.depth_ms
                {
                    there += trade.quantity;
                }
            }
            let last = self.tape[..self.seen].iter().rev().find(|trade| trade.bought == buys);
            there.max(last.unwrap_or(&self.tape[self.seen - 1]).quantity)
        });
        Decimal::ZERO.max(there * self.options.participation - missing)
    }

    fn fill(&mut self, order: usize, ms: i64, price: Decimal, quantity: Decimal, takes: bool) {
        let bps = if takes { self.options.taker_fee } else { self.options.maker_fee };
        let fee = price * quantity * bps / BPS;
        self.fills.push(Fill { order, ms, price, quantity, fee, takes });
        let order = &mut self.orders[order];
        order.filled += quantity;
        if order.rest().is_zero() {
            order.state = "filled";
        }
    }

    fn take(&mut self, order: usize, now: i64) {
        let (bid, ask) = self.market(self.seen);
        let Order { buys, .. } = self.orders[order];
        let (rest, there) = (self.orders[order].rest(), self.depth(now, buys));
        let all_or_nothing = self.orders[order].tif.as_deref() == Some("fok");
        let quantity = rest.min(there);
        if quantity.is_zero() || (all_or_nothing && quantity < rest) {
            return;
        }
        self.taken.push((now, buys, quantity));
        self.fill(order, now, if buys { ask } else { bid }, quantity, true);
    }

    /// An order, or its new price or quantity, meets the market.
    fn meet(&mut self, order: usize, now: i64) {
        let (bid, ask) = self.market(self.seen);
        let last = self.tape[self.seen - 1];
        let Order { buys, price, market, .. } = self.orders[order];
        let price = price.filter(|_| !market);
        let takes = price.is_none_or(|price| {
            if buys {
                price >= ask && (last.bought || price > last.price)
            } else {
                price <= bid && (!last.bought || price < last.price)
            }
        });
        if takes {
            self.take(order, now);
        }
        if self.orders[order].state != "open" {
            return;
        }
        if matches!(self.orders[order].tif.as_deref(), Some("ioc" | "fok")) {
            self.orders[order].state = "expired";
        } else if let Some(price) = price.filter(|_| !takes) {
            let between = if buys { price > bid } else { price < ask };
            self.join(order, buys, price, !between);
        } else {
            self.markets.push(order);
        }
    }

    fn join(&mut self, order: usize, buys: bool, price: Decimal, behind: bool) {
        self.resting.push(order);
        let place = self.levels.iter().position(|level| level.buys == buys && level.price == price);
        let place = place.unwrap_or_else(|| {
            self.levels.push(Level { buys, price, waiting: vec![] });
            self.levels.len() - 1
        });
        let waiting = &mut self.levels[place].waiting;
        let others: Decimal =
            waiting.iter().filter(|(own, _)| own.is_none()).map(|(_, quantity)| *quantity).sum();
        if behind && others < self.options.queue {
            waiting.push((None, self.options.queue - others));
        }
        waiting.push((Some(order), Decimal::ZERO));
    }

    pub fn arrive(&mut self, order: usize, now: i64) {
        if self.orders[order].state == "sent" {
            self.orders[order].state = "open";
            self.meet(order, now);
        }
    }

    pub fn amend(
        &mut self,
        order: usize,
        now: i64,
        price: Option<Decimal>,
        quantity: Option<Decimal>,
    ) {
        let old = self.orders[order].clone();
        if old.state != "open" {
            return;
        }
        let new = &mut self.orders[order];
        (new.price, new.quantity) = (price.or(old.price), quantity.unwrap_or(old.quantity));
        new.amended.push((now, new.price, new.quantity));
        if new.rest() <= Decimal::ZERO {
            new.state = "filled";
            self.leave(order);
        } else if new.quantity > old.quantity || new.price != old.price {
            self.leave(order);
            if old.market {
                self.markets.push(order);
            } else {
                self.meet(order, now);
            }
        }
    }

    fn leave(&mut self, order: usize) {
        self.resting.retain(|other| *other != order);
        self.markets.retain(|other| *other != order);
        for level in &mut self.levels {
            level.waiting.retain(|(own, _)| *own != Some(order));
        }
        self.levels.retain(|level| level.waiting.iter().any(|(own, _)| own.is_some()));
    }

    pub fn cancel(&mut self, order: usize) {
        self.orders[order].state = "cancelled";
        self.leave(order);
    }

    /// The next trade of the tape.
    pub fn trade(&mut self) {
        let trade = self.tape[self.seen];
        self.seen += 1;
        let mut left = trade.quantity;
        let all = self.options.participation == Decimal::ONE;
        let share = trade.quantity * self.options.participation;
        let mut share = if all { Decimal::MAX } else { share };
        for order in self.resting.clone() {
            let Order { buys, price, .. } = self.orders[order];
            let price = price.unwrap();
            if if buys { trade.price < price } else { trade.price > price } {
                let quantity = self.orders[order].rest().min(share);
                if quantity.is_zero() {
                    continue;
                }
                share -= quantity;
                self.fill(order, trade.ms, price, quantity, false);
                left = Decimal::ZERO.max(left - quantity);
                if self.orders[order].state == "filled" {
                    self.leave(order);
                }
            }
        }
        self.trade_at_its_price(trade, left, share.min(trade.quantity));
        for order in self.markets.clone() {
            self.leave(order);
            if self.orders[order].state == "open" {
                self.meet(order, trade.ms);
            }
        }
    }

    fn trade_at_its_price(&mut self, trade: Trade, mut left: Decimal, mut share: Decimal) {
        let hit = |level: &Level| level.price == trade.price && level.buys != trade.bought;
        let Some(place) = self.levels.iter().position(hit) else { return };
        for at in 0..self.levels[place].waiting.len() {
            if let (Some(order), _) = self.levels[place].waiting[at] {
                let quantity = self.orders[order].rest().min(left).min(share);
                share -= quantity;
                left -= quantity;
                if !quantity.is_zero() {
                    self.fill(order, trade.ms, trade.price, quantity, false);
                }
            } else {
                let others = &mut self.levels[place].waiting[at].1;
                let quantity = left.min(*others);
                *others -= quantity;
                left -= quantity;
            }
        }
        for order in 0..self.orders.len() {
            if self.orders[order].state == "filled" {
                self.leave(order);
            }
        }
    }
}
