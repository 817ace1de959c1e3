//! What kind of session is simulated. In: a host profile, a venue and settings of the user. Out: what the session is like.

use rust_decimal::Decimal;

use super::account::Account;
use super::risk::{Assets, InstrumentKind, RiskContext, RiskLimits};
use super::session_rules::{AmendRule, SessionRules};
use super::symbol::Symbol;

/// What kind of session is simulated. The default is one of the default host on its default venue.
#[derive(Clone, Debug)]
pub struct World {
    /// Name of the host profile.
    pub host: String,
    /// What that host does.
    pub rules: SessionRules,
    /// Symbol of the session, as `venue:CODE`.
    pub symbol: String,
    /// Whether trades reach `on-tick`.
    pub ticks: bool,
    /// What an amendment must have.
    pub amend_rule: AmendRule,
    /// Limits of each order.
    pub limits: RiskLimits,
    /// Equity and free balance in quote currency, or in base currency where that settles.
    pub balance: Decimal,
    /// What is traded.
    pub kind: InstrumentKind,
    /// Milliseconds from the signal to the first timer, at most one period.
    pub timer_phase_ms: i64,
    /// Time that the host is down at a restart: what fills meanwhile is told then, if its order is still open.
    pub down_ms: i64,
    /// When the private stream connects anew, in milliseconds after the signal.
    pub reconnect_after_ms: Option<i64>,
}

impl World {
    /// As the host is live, on a venue of its kind.
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

    /// What the host knows of the account at the start, at a price.
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

/// What a venue's name says of its instruments.
fn kind_of(venue: &str) -> InstrumentKind {
    if venue.contains("spot") {
        InstrumentKind::Spot
    } else if venue.contains("inverse") {
        InstrumentKind::InversePerpetual
    } else {
        InstrumentKind::LinearPerpetual
    }
}
