//! The rules of a host's live session, as data: the `[session]` table of a host profile.

use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::decimal;

use super::risk::RiskLimits;
use crate::report::escape_untrusted;

/// The rules of a session. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SessionRules {
    /// Whether trades reach `on-tick`. In Tesser 0.9 they do not.
    pub ticks: bool,
    /// Time between two timers.
    pub timer_ms: i64,
    /// Time without a fill after which an order is cancelled.
    pub stale_after_ms: i64,
    /// Time between two checks for such orders.
    pub stale_poll_ms: i64,
    /// Time between two candles, which update the risk context.
    pub candle_ms: i64,
    /// Fields of orders that are not sent to any venue: names of
    /// [`PluginOrderRequest`](tesser_wasm::PluginOrderRequest), and `post_only`.
    pub dropped_fields: Vec<String>,
    /// Whether the state is also stored after ticks and timers without orders.
    pub stores_idle_calls: bool,
    /// The venue of a session whose symbol has none.
    pub venue: String,
    /// Rules of venues, by a prefix of the name; the first match applies.
    pub venues: Vec<VenueRules>,
    /// The limits of the host's default configuration.
    pub limits: Limits,
    /// Equity and free balance of the simulated account, in quote currency.
    #[serde(with = "decimal")]
    pub balance: Decimal,
}

/// The limits in a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limits {
    /// Maximum quantity of one order.
    #[serde(with = "decimal")]
    pub max_order_quantity: Decimal,
    /// Maximum position that an order may lead to.
    #[serde(with = "decimal")]
    pub max_position_quantity: Decimal,
}

/// Rules of one kind of venue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VenueRules {
    /// Prefix of the venue's name.
    pub prefix: String,
    /// What an amendment must contain.
    pub amend: AmendRule,
}

/// A venue for which the host has no connector.
#[derive(Debug, thiserror::Error)]
#[error("the host profile does not know the venue `{}`, only {known}", escape_untrusted(.venue))]
pub struct UnknownVenue {
    venue: String,
    known: String,
}

/// What an amendment must contain, by the host's connector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmendRule {
    /// No rule.
    #[default]
    Any,
    /// A price or a quantity.
    PriceOrQuantity,
    /// A price and a quantity.
    PriceAndQuantity,
}

impl AmendRule {
    /// The connector's error for an amendment that it does not send.
    pub(crate) fn refuses(self, has_price: bool, has_quantity: bool) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::PriceOrQuantity => {
                (!has_price && !has_quantity).then_some("amend requires price or quantity")
            }
            Self::PriceAndQuantity if !has_price => Some("amend requires new price for Binance"),
            Self::PriceAndQuantity => {
                (!has_quantity).then_some("amend requires new quantity for Binance")
            }
        }
    }
}

/// The profile of the default host.
const TESSER_0_9: &str = include_str!("../../hosts/tesser-0.9.toml");

impl SessionRules {
    /// The rules of a live session of Tesser 0.9.
    ///
    /// # Panics
    /// If the built-in profile is invalid, which the tests exclude.
    pub fn tesser_0_9() -> Self {
        #[derive(Deserialize)]
        struct Profile {
            session: SessionRules,
        }
        // Cached, since every run of a test needs it.
        static RULES: LazyLock<SessionRules> = LazyLock::new(|| {
            let profile = toml_edit::de::from_str::<Profile>(TESSER_0_9);
            profile.expect("the profile of the default host").session
        });
        RULES.clone()
    }

    /// The rule for amendments at a venue.
    pub fn amend_rule(&self, venue: &str) -> AmendRule {
        let found = self.venues.iter().find(|rules| venue.starts_with(&rules.prefix));
        found.map(|rules| rules.amend).unwrap_or_default()
    }

    /// Checks that there are rules for a venue.
    ///
    /// # Errors
    /// There are none; the error has the names of the known venues.
    pub fn check_venue(&self, venue: &str) -> Result<(), UnknownVenue> {
        if self.venues.iter().any(|rules| venue.starts_with(&rules.prefix)) {
            return Ok(());
        }
        let known: Vec<_> =
            self.venues.iter().map(|rules| format!("`{}…`", rules.prefix)).collect();
        Err(UnknownVenue { venue: venue.to_owned(), known: known.join(", ") })
    }

    /// The limits of the host's default configuration.
    pub fn limits(&self) -> RiskLimits {
        let Limits { max_order_quantity, max_position_quantity } = self.limits;
        RiskLimits { max_order_quantity, max_position_quantity, max_order_notional: None }
    }
}
