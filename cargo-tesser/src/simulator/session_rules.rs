//! What a live session of one host does, as data: the `[session]` table of a host profile.

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
    /// Time between two looks for such orders.
    pub stale_poll_ms: i64,
    /// Time between two candles, which take the risk context anew.
    pub candle_ms: i64,
    /// What no venue gets of an order, by the names of [`PluginOrderRequest`](tesser_wasm::PluginOrderRequest), and `post_only`.
    pub dropped_fields: Vec<String>,
    /// Whether the state is stored after ticks and timers that ordered nothing, too.
    pub stores_idle_calls: bool,
    /// The venue of a session whose symbol names none.
    pub venue: String,
    /// What each venue takes, by the first letters of its name; the first that fits counts.
    pub venues: Vec<VenueRules>,
    /// The limits of the host's default configuration.
    pub limits: Limits,
    /// Equity and free balance of the account that is simulated, in quote currency.
    #[serde(with = "decimal")]
    pub balance: Decimal,
}

/// The limits as a profile has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limits {
    /// Largest quantity of one order.
    #[serde(with = "decimal")]
    pub max_order_quantity: Decimal,
    /// Largest position that an order may lead to.
    #[serde(with = "decimal")]
    pub max_position_quantity: Decimal,
}

/// What one kind of venue takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VenueRules {
    /// First letters of the venue's name.
    pub prefix: String,
    /// What an amendment must have.
    pub amend: AmendRule,
}

/// A venue that the host has no connector for.
#[derive(Debug, thiserror::Error)]
#[error("the host profile knows no venue `{}`, only {known}", escape_untrusted(.venue))]
pub struct UnknownVenue {
    venue: String,
    known: String,
}

/// What an amendment must have, by the host's connector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmendRule {
    /// Nothing in particular.
    #[default]
    Any,
    /// A price or a quantity.
    PriceOrQuantity,
    /// A price and a quantity.
    PriceAndQuantity,
}

impl AmendRule {
    /// The connector's words for an amendment that it does not send.
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
    /// The rules of Tesser 0.9, as it is live.
    ///
    /// # Panics
    /// Not for the profile that the tests have seen.
    pub fn tesser_0_9() -> Self {
        #[derive(Deserialize)]
        struct Profile {
            session: SessionRules,
        }
        // Each run of a test asks for it.
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

    /// Whether there are rules for a venue.
    ///
    /// # Errors
    /// The names of those that there are.
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
