//! Settings of the simulated session. In: a host profile, a venue and settings of the user. Out: the combined settings.

use rust_decimal::Decimal;

use super::account::Account;
use super::risk::{Assets, InstrumentKind, RiskContext, RiskLimits};
use super::session_rules::{AmendRule, SessionRules};
use super::symbol::Symbol;

/// Settings of the simulated session.
#[derive(Clone, Debug)]
pub struct World {
    /// Name of the host profile.
    pub host: String,
    /// Rules of the host's session.
    pub rules: SessionRules,
    /// Symbol of the session, as `venue:CODE`.
    pub symbol: String,
    /// Whether trades reach `on-tick`.
    pub ticks: bool,
    /// What an amendment must contain.
    pub amend_rule: AmendRule,
    /// Limits of each order.
    pub limits: RiskLimits,
    /// Equity and free balance, in quote currency, or in base currency for inverse instruments.
    pub balance: Decimal,
    /// Kind of the instrument.
    pub kind: InstrumentKind,
    /// Milliseconds from the signal to the first timer, at most one period.
    pub timer_phase_ms: i64,
    /// Time that the host is down at a restart; fills during this time are reported afterwards, if their order is still open.
    pub down_ms: i64,
    /// Time from the signal to the reconnect of the private stream.
    pub reconnect_after_ms: Option<i64>,
}

impl World {
    /// A live session of a host, with its defaults for the symbol's venue.
    pub fn live(host: &str, rules: &SessionRules, symbol: &str) -> Self {
        let parsed = Symbol::parse(symbol);
        let venue = parsed.venue().unwrap_or(&rules.venue).to_owned();
        Self {
            host: host.to_owned(),
            symbol: format!("{venue}:{}", parsed.code()),
            ticks: rules.ticks,
            amend_rule: rules.amend_rule(&venue),
            limits: rules.limits(),
            balance: rules.balance,
            kind: kind_of(&venue),
            timer_phase_ms: rules.timer_ms,
            down_ms: 0,
            reconnect_after_ms: None,
            rules: rules.clone(),
        }
    }

    /// The risk context at the start, at a price.
    pub(crate) fn account(&self, price: Decimal) -> RiskContext {
        let assets = Assets::of(&Symbol::parse(&self.symbol));
        Account::new(self.balance, self.kind, assets).context(price)
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let limit = |value: Decimal| {
            if value.is_zero() { "any".to_owned() } else { value.normalize().to_string() }
        };
        format!(
            "{}, {} ({}), {}, at most {} an order and {} in all",
            self.host,
            self.symbol,
            self.kind.word(),
            if self.ticks { "ticks forwarded" } else { "no ticks, as live" },
            limit(self.limits.max_order_quantity),
            limit(self.limits.max_position_quantity),
        )
    }
}

/// The kind of instruments, by the venue's name.
fn kind_of(venue: &str) -> InstrumentKind {
    if venue.contains("spot") {
        InstrumentKind::Spot
    } else if venue.contains("inverse") {
        InstrumentKind::InversePerpetual
    } else {
        InstrumentKind::LinearPerpetual
    }
}
