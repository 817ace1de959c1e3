//! The parent order: the signal and how far it has been worked.

use rust_decimal::Decimal;

use super::arithmetic::{LIMIT, is_usable, less, max, min, round_down, share, sub};
use super::child::{ChildOrder, Counted, Orders};
use super::clock::{Clock, hash, random};
use super::policy::worse;
use super::price::{Band, Prices};
use super::start::Start;
use super::{MarketRules, OrderPolicy};
use crate::order::bare_code;
use crate::{
    PluginChildOrderAction, PluginFill, PluginResult, PluginSide, PluginTick, order_symbol,
};

/// The signal that an algorithm works: its target, its child orders, the last price and the time. An algorithm places all its
/// orders through it.
#[derive(Debug)]
pub struct ParentOrder {
    pub(super) signal: String,
    pub(super) code: String,
    pub(super) symbol: String,
    pub(super) side: PluginSide,
    pub(super) target: Decimal,
    pub(super) rules: MarketRules,
    pub(super) policy: OrderPolicy,
    pub(super) clock: Clock,
    pub(super) prices: Prices,
    pub(super) band: Band,
    pub(super) orders: Orders,
    /// Number of orders placed.
    pub(super) placed: u32,
    /// Whether the remaining quantity is given up.
    pub(super) gave_up: bool,
    pub(super) actions: Vec<PluginChildOrderAction>,
    pub(super) logs: Vec<String>,
    /// JSON of the part that ticks and timers do not change; empty when it has to be written again.
    pub(super) work_json: String,
    /// Which one-time log lines were written; not part of the state.
    pub(super) said: Said,
    /// Timers after the end at which nothing could be placed.
    pub(super) idle: u32,
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent notes")]
pub(super) struct Said {
    pub(super) no_price: bool,
    pub(super) impossible: bool,
    pub(super) late: bool,
    pub(super) repeated: bool,
    pub(super) done: bool,
}

impl ParentOrder {
    pub(super) fn new(
        start: &Start,
        rules: MarketRules,
        policy: OrderPolicy,
    ) -> Result<Self, String> {
        let quantity = start.target_quantity;
        if !is_usable(quantity) {
            let (quantity, limit) = (Self::text(quantity), Self::text(LIMIT.into()));
            return Err([
                "signal: `target_quantity`: ",
                &quantity,
                " is out of range; allowed: above 0, at most ",
                &limit,
            ]
            .concat());
        }
        let target = round_down(quantity, rules.lot_size);
        let prices = Prices::new(start.last_price);
        let minimum = rules.minimum(prices.last());
        if less(target, minimum) {
            return Err([
                "signal: `target_quantity`: ",
                &Self::text(quantity),
                " is less than the smallest order, ",
                &Self::text(minimum),
                " (`lot_size`, `min_quantity`, `min_notional`)",
            ]
            .concat());
        }
        Ok(Self {
            signal: start.id.clone(),
            code: bare_code(&start.symbol).to_owned(),
            symbol: order_symbol(&rules.venue, &start.symbol),
            side: start.side,
            target,
            rules,
            policy,
            clock: Clock::default(),
            prices,
            band: Band::default(),
            orders: Orders::default(),
            placed: 0,
            gave_up: false,
            actions: Vec::new(),
            logs: Vec::new(),
            work_json: String::new(),
            said: Said::default(),
            idle: 0,
        })
    }

    /// Code of the symbol, as in fills and ticks.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Symbol of orders, `venue:CODE`.
    #[must_use]
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// Side of the signal.
    #[must_use]
    pub fn side(&self) -> PluginSide {
        self.side
    }

    /// Target quantity: the signal's quantity in whole lots, in base currency.
    #[must_use]
    pub fn target(&self) -> Decimal {
        self.target
    }

    /// Filled quantity.
    #[must_use]
    pub fn filled(&self) -> Decimal {
        self.orders.filled()
    }

    /// Remaining quantity: the part of the target that is not filled.
    #[must_use]
    #[inline(never)]
    pub fn remaining(&self) -> Decimal {
        max(sub(self.target, self.filled()), Decimal::ZERO)
    }

    /// Unfilled quantity of the working orders.
    #[must_use]
    pub fn working_quantity(&self) -> Decimal {
        self.orders.working_quantity()
    }

    /// Unplaced quantity: the part of the target that is neither filled nor working. At most this much can be placed now.
    #[must_use]
    #[inline(never)]
    pub fn unplaced(&self) -> Decimal {
        max(sub(self.remaining(), self.working_quantity()), Decimal::ZERO)
    }

    /// Orders that may still be filled, oldest first. They do not include an order that had no fill for `stale_secs`, since the
    /// host has cancelled it.
    pub fn working_orders(&self) -> impl Iterator<Item = &ChildOrder> {
        self.orders.working()
    }

    /// Number of orders placed so far.
    #[must_use]
    pub fn placed_orders(&self) -> u32 {
        self.placed
    }

    /// A part of the target: `part / whole` of it, not rounded.
    #[must_use]
    pub fn fraction(&self, part: impl Into<i64>, whole: impl Into<i64>) -> Decimal {
        min(share(self.target, part.into(), whole.into()), self.target)
    }

    /// The last price of a tick or fill, or the host's price at the start until there is one.
    ///
    /// The host's price may be old: let it trigger nothing, and see [`confirmed_price`](Self::confirmed_price).
    #[must_use]
    pub fn last_price(&self) -> Option<Decimal> {
        self.prices.last()
    }

    /// The last price of a tick or fill. A tick that jumps by more than `max_move_bps` counts when a second one confirms it.
    #[must_use]
    pub fn confirmed_price(&self) -> Option<Decimal> {
        self.prices.confirmed()
    }

    /// Whether a price was seen in the last `secs` seconds.
    #[must_use]
    pub fn has_price_of_last(&self, secs: u32) -> bool {
        self.prices.confirmed().is_some()
            && self.clock.timers().saturating_sub(self.prices.news()) <= secs
    }

    /// The limit price of an order while the market is at `market`: moved by `offset_bps`, within `limit_price`, in whole ticks.
    #[must_use]
    #[inline(never)]
    pub fn limit(&self, market: Decimal) -> Option<Decimal> {
        self.policy.limit(&self.rules, self.side, market, self.policy.offset_bps)
    }

    /// The worse of two prices for this side: the higher one for a buy, the lower one for a sell.
    #[must_use]
    pub fn worse(&self, a: Decimal, b: Decimal) -> Decimal {
        worse(self.side, a, b)
    }

    /// The better of two prices for this side.
    #[must_use]
    pub fn better(&self, a: Decimal, b: Decimal) -> Decimal {
        worse(self.side.opposite(), a, b)
    }

    /// Seconds since the start: zero at the first timer. In a burst of timers it does not run ahead of the
    /// timestamps of ticks and fills.
    #[must_use]
    pub fn elapsed_secs(&self) -> u32 {
        self.clock.elapsed()
    }

    /// A random number that depends only on the signal's id and `index`, so a restart and a replay give the same one.
    #[must_use]
    pub fn random(&self, index: u64) -> u64 {
        random(hash(&[self.signal.as_bytes()]), index)
    }

    /// `quantity`, randomly up to `percent` larger or smaller; see [`random`](Self::random).
    #[must_use]
    pub fn randomized(&self, quantity: Decimal, index: u64, percent: u32) -> Decimal {
        let span = i64::from(percent.min(99)) * 100;
        let random = i64::try_from(self.random(!index) % u64::from(percent.min(99) * 200 + 1));
        share(quantity, 10_000 - span + random.unwrap_or(span), 10_000)
    }

    /// Venue, lot size, tick size and minimum order.
    #[must_use]
    pub fn rules(&self) -> &MarketRules {
        &self.rules
    }

    /// Order type, pricing and timeouts of orders.
    #[must_use]
    pub fn policy(&self) -> &OrderPolicy {
        &self.policy
    }

    /// Writes a line to the host's log, which shows it at the level `plugin=debug`.
    #[inline(never)]
    pub fn log(&mut self, line: impl Into<String>) {
        self.logs.push(line.into());
    }

    /// Gives up the remaining quantity: the kit places nothing more, and the algorithm completes when no order is working.
    pub fn give_up(&mut self, reason: &str) {
        if self.gave_up {
            return;
        }
        self.gave_up = true;
        self.work_json.clear();
        let never = self.prices.confirmed().is_none();
        let never = if never { "; no price was ever seen" } else { "" };
        let (rest, target) = (Self::text(self.unplaced()), Self::text(self.target));
        self.log(["gave up ", &rest, " of ", &target, ": ", reason, never].concat());
    }

    /// Processes a trade of our symbol. Returns whether its price counts.
    pub(super) fn take_tick(&mut self, tick: &PluginTick) -> bool {
        let begin_ms = self.clock.begin_ms();
        self.clock.tick(tick.timestamp_ms);
        if begin_ms != self.clock.begin_ms() {
            self.work_json.clear();
        }
        let counts = self.prices.tick(
            tick.price,
            self.clock.timers(),
            self.policy.max_move_bps,
            &mut self.band,
        );
        if counts && self.orders.is_blind() {
            self.orders.saw_price();
            self.work_json.clear();
        }
        counts
    }

    /// Counts a fill. Returns whether to pass it on to the algorithm.
    pub(super) fn take_fill(&mut self, fill: &PluginFill) -> bool {
        if fill.side != self.side || !bare_code(&fill.symbol).eq_ignore_ascii_case(&self.code) {
            return false;
        }
        self.clock.timestamp(fill.timestamp_ms);
        self.work_json.clear();
        let counted = self.orders.fill(self.side, fill, self.clock.now());
        if counted == Counted::No {
            if !std::mem::replace(&mut self.said.repeated, true) {
                self.log("a fill was reported before, or is beyond its order's quantity; it does not count, and further ones are not logged");
            }
            return false;
        }
        if counted == Counted::Late && !std::mem::replace(&mut self.said.late, true) {
            self.log("a fill arrived for an order that counted as cancelled; it counts, and further ones are not logged");
        }
        self.prices.fill(fill.fill_price, self.clock.timers());
        self.orders.saw_price();
        true
    }

    /// Processes a timer: expires orders, and amends partly filled ones.
    pub(super) fn take_timer(&mut self) {
        self.clock.timer();
        if self.orders.list().is_empty() {
            return;
        }
        let before = self.orders.given_back();
        let dead = self.orders.expire(&self.policy, self.target, &self.clock, self.prices.news());
        if !dead.is_empty() || before != self.orders.given_back() {
            self.work_json.clear();
        }
        for unfilled in dead {
            let (secs, rest) = (Self::text(self.policy.stale_secs.into()), Self::text(unfilled));
            self.log(
                [
                    "an order had no fill for ",
                    &secs,
                    " s and counts as cancelled; its unfilled quantity can be worked again: ",
                    &rest,
                ]
                .concat(),
            );
        }
        self.look_after_partly_filled();
    }

    /// Whether the work is done: the target is filled, given up, or less than the smallest order remains; and no order is working.
    pub(super) fn is_done(&self) -> bool {
        if self.orders.working().next().is_some() {
            return false;
        }
        self.gave_up || less(self.remaining(), self.rules.minimum(self.prices.last()))
    }

    /// The result of a callback. It completes only without orders: a fill of an order in the same result would revive the
    /// algorithm.
    pub(super) fn result(&mut self) -> PluginResult {
        let actions = std::mem::take(&mut self.actions);
        let completed = actions.is_empty() && self.is_done();
        if completed && !std::mem::replace(&mut self.said.done, true) {
            self.log_end();
        }
        let mut result = PluginResult::new().with_orders(actions);
        result.logs = std::mem::take(&mut self.logs);
        result.completed = completed;
        result
    }

    #[cold]
    #[inline(never)]
    fn log_end(&mut self) {
        let (filled, target) = (Self::text(self.filled()), Self::text(self.target));
        let (late, possible) = (self.orders.late(), self.orders.given_back());
        let mut line = ["filled ", &filled, " of ", &target].concat();
        for (quantity, what) in
            [(late, ", of which late "), (possible, "; late fills may add up to ")]
        {
            if !quantity.is_zero() {
                line = [&line, what, &Self::text(quantity)].concat();
            }
        }
        self.log(line);
    }
}
