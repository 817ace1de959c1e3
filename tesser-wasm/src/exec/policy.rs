//! How orders are sent: their type, their price, and what happens to an order that is not filled.

use rust_decimal::Decimal;

use super::arithmetic::{add, is_positive, max, min, moved, mul};
use super::params::{self, Spec, Values, read_struct};
use super::{Algorithm, MarketRules};
use crate::json::Object;
use crate::{ParamError, ParamKind, PluginSide};

/// Type of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderType {
    /// Rests in the order book. The host cancels it after 60 s without a fill; the kit then works its quantity again.
    Limit,
    /// Takes what it finds within its limit; the exchange cancels the rest, and the plugin is not told.
    Ioc,
    /// Takes any price.
    Market,
}

impl OrderType {
    /// All types, `limit` first.
    pub const ALL: &'static [Self] = &[Self::Limit, Self::Ioc, Self::Market];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Ioc => "ioc",
            Self::Market => "market",
        }
    }

    /// Names of the order types in a list, in a fixed order.
    pub(super) const fn names(types: &[Self]) -> &'static [&'static str] {
        let mut bits = 0;
        let mut at = 0;
        while at < types.len() {
            bits |= match types[at] {
                Self::Limit => 1,
                Self::Ioc => 2,
                Self::Market => 4,
            };
            at += 1;
        }
        match bits {
            1 => &["limit"],
            2 => &["ioc"],
            3 => &["limit", "ioc"],
            4 => &["market"],
            5 => &["limit", "market"],
            6 => &["ioc", "market"],
            _ => &["limit", "ioc", "market"],
        }
    }

    fn named(name: &str) -> Self {
        Self::ALL.iter().copied().find(|kind| kind.name() == name).unwrap_or(Self::Limit)
    }
}

/// What happens to the remaining quantity at the end of the algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// It is given up.
    Leave,
    /// It is taken near the last price.
    Ioc,
    /// It is taken at any price up to `limit_price`.
    Market,
}

impl AtEnd {
    pub(super) const WORDS: &'static [&'static str] = &["leave", "ioc", "market"];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Ioc => "ioc",
            Self::Market => "market",
        }
    }
}

crate::choices! {
    /// What to do when an order expired unfilled and no price has been seen since it was placed.
    pub enum WhenBlind {
        /// The next order crosses the spread.
        Cross = "cross",
        /// The next order has the old price.
        Wait = "wait",
    }
}

crate::params! {
    pub(super) struct Common {
        /// Distance of the limit price beyond the reference price: above zero it crosses (a buy higher, a sell lower), below zero it waits for a better price.
        offset_bps: Decimal = 0, in -1_000..=1_000, unit "bps";
        /// Worst price that any order may have.
        limit_price: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000, unit "quote currency";
        /// How far a price may be from the previous one; a price further away only counts when a second one confirms it.
        max_move_bps: Decimal = 500, in 1..=10_000, unit "bps";
        /// How long an `ioc` order may take to report its fills before its unfilled quantity is worked again.
        settle_secs: u32 = 10, in 1..=3_600, unit "s";
        /// Time without a fill after which an order counts as cancelled. The host cancels after 60 to 75 s; a shorter time would work a quantity twice.
        stale_secs: u32 = 90, in 75..=86_400, unit "s";
        /// How much of the target may be worked again while fills of earlier `ioc` orders may still arrive.
        resend_percent: u32 = 20, in 0..=1_000, unit "%";
        /// What follows when an order has expired unfilled and no price was seen since: `cross` takes liquidity at once, `wait` repeats the old price.
        when_blind: WhenBlind = "cross";
    }
}

/// How orders are sent, as set by the common parameters.
#[derive(Clone, Debug)]
pub struct OrderPolicy {
    /// Type of every order.
    pub order_type: OrderType,
    /// Distance of the limit price beyond the reference price, in basis points.
    pub offset_bps: Decimal,
    /// Worst price that any order may have.
    pub limit_price: Option<Decimal>,
    /// Largest price move that needs no confirmation, in basis points.
    pub max_move_bps: Decimal,
    /// Seconds until the unfilled quantity of an IOC order is worked again.
    pub settle_secs: u32,
    /// Seconds without a fill until an order counts as cancelled.
    pub stale_secs: u32,
    /// Percent of the target that may be worked again while late fills are possible.
    pub resend_percent: u32,
    /// What the next order does when the price is no longer known.
    pub when_blind: WhenBlind,
    /// What happens to the remaining quantity at the end.
    pub at_end: AtEnd,
}

impl OrderPolicy {
    /// Reads the common parameters of an algorithm.
    pub(super) fn read<A: Algorithm>(
        given: &Object<'_>,
        rules: &MarketRules,
    ) -> Result<Self, ParamError> {
        let words = own_specs::<A>();
        let mut values = Values::new(given, &words);
        let (order_type, at_end) = (values.take::<Word>().0, values.take::<Word>().0);
        values.end()?;
        let order_type = words[0].choices.get(order_type).copied().unwrap_or_default();
        Self::from_words(given, rules, order_type, at_end)
    }

    #[inline(never)]
    fn from_words(
        given: &Object<'_>,
        rules: &MarketRules,
        order_type: &str,
        at_end: usize,
    ) -> Result<Self, ParamError> {
        let common: Common = read_struct(given)?;
        let order_type = OrderType::named(order_type);
        let at_end = match at_end {
            0 => AtEnd::Leave,
            1 => AtEnd::Ioc,
            _ => AtEnd::Market,
        };
        if let Some(price) = common.limit_price {
            if rules.price(PluginSide::Buy, price, false).is_none() {
                return Err(ParamError::new("limit_price", "is less than one `tick_size`"));
            }
        }
        Ok(Self {
            order_type,
            offset_bps: common.offset_bps,
            limit_price: common.limit_price,
            max_move_bps: common.max_move_bps,
            settle_secs: common.settle_secs,
            stale_secs: common.stale_secs,
            resend_percent: common.resend_percent,
            when_blind: common.when_blind,
            at_end,
        })
    }

    /// The limit price of an order while the market is at `market`. `None` if it is not a valid price.
    pub(super) fn limit(
        &self,
        rules: &MarketRules,
        side: PluginSide,
        market: Decimal,
        offset_bps: Decimal,
    ) -> Option<Decimal> {
        let sign = Decimal::from(side.as_multiplier());
        let crosses = is_positive(offset_bps);
        let mut price =
            if offset_bps.is_zero() { market } else { moved(market, mul(offset_bps, sign)) };
        if crosses {
            // An offset of less than one tick would vanish when ticks are large.
            let tick = mul(rules.tick_size, sign);
            price = worse(side, price, add(market, tick));
        }
        let rounded = rules.price(side, price, crosses)?;
        self.bounded(rules, side, rounded)
    }

    /// `price`, but never worse than `limit_price`.
    #[inline(never)]
    pub(super) fn bounded(
        &self,
        rules: &MarketRules,
        side: PluginSide,
        price: Decimal,
    ) -> Option<Decimal> {
        match self.limit_price {
            Some(limit) if worse(side, price, limit) != limit => rules.price(side, limit, false),
            _ => Some(price),
        }
    }

    /// Whether a market price is beyond `limit_price`, so that an order that crosses would find nothing.
    pub(super) fn is_out_of_reach(&self, side: PluginSide, market: Decimal) -> bool {
        self.limit_price
            .is_some_and(|limit| market != limit && worse(side, market, limit) == market)
    }
}

/// The worse of two prices for this side: the higher one for a buy.
#[inline(never)]
pub(super) fn worse(side: PluginSide, a: Decimal, b: Decimal) -> Decimal {
    match side {
        PluginSide::Buy => max(a, b),
        PluginSide::Sell => min(a, b),
    }
}

/// The parameters whose allowed words depend on the algorithm.
pub(super) fn own_specs<A: Algorithm>() -> [Spec<'static>; 2] {
    let choice = |name, default, choices| Spec {
        name,
        kind: ParamKind::Choice,
        default: Some(default),
        min: None,
        max: None,
        choices,
        required: false,
    };
    let types = OrderType::names(A::ORDER_TYPES);
    let first = A::ORDER_TYPES.first().map_or("limit", |kind| kind.name());
    [choice("order_type", first, types), choice("at_end", A::AT_END.name(), AtEnd::WORDS)]
}

/// Index of a word.
struct Word(usize);

impl params::ParamType for Word {
    const KIND: ParamKind = ParamKind::Choice;
    const UNSET: Self = Self(0);

    fn from_scalar(value: super::Scalar) -> Option<Self> {
        match value {
            super::Scalar::Choice(index) => Some(Self(index)),
            _ => None,
        }
    }
}
