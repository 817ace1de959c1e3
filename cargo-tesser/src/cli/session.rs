//! The flags of a simulated session, which several commands take.

use std::path::PathBuf;

use clap::ValueEnum;
use clap_complete::ArgValueCandidates;
use rust_decimal::Decimal;

use super::{complete, numbers};
use crate::error::Error;
use crate::host_profile;
use crate::plugin::TestSettings;
use crate::replay;
use crate::simulator::symbol::Symbol;
use crate::simulator::{AmendRule, World, host_config};

/// The simulated session of the host.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Host session")]
pub(super) struct Session {
    /// Host profile, by name or as a file
    #[arg(long, value_name = "NAME|FILE", default_value = host_profile::HOST, add = ArgValueCandidates::new(complete::hosts))]
    pub(super) host: String,
    /// Symbol of the session, such as `BTCUSDT` or `bybit_linear:BTCUSDT`; also of trades on a tape without symbols [default:
    /// BTCUSDT]
    #[arg(long, value_parser = symbol)]
    symbol: Option<String>,
    /// Venue, if the symbol does not name one [default: the host profile's, `bybit_linear`]
    #[arg(long, value_parser = not_empty)]
    venue: Option<String>,
    /// Which amendments the host's connector accepts [default: by the venue's name]
    #[arg(long, value_enum, value_name = "NAME")]
    exchange: Option<Connector>,
    /// Maximum quantity of one order that the host sends; 0 means no limit [default: 1, as in the host]
    #[arg(long, value_name = "QUANTITY", value_parser = numbers::not_negative, allow_hyphen_values = true)]
    max_order: Option<Decimal>,
    /// Maximum position that an order may lead to; 0 means no limit [default: 2, as in the host]
    #[arg(long, value_name = "QUANTITY", value_parser = numbers::not_negative, allow_hyphen_values = true)]
    max_position: Option<Decimal>,
    /// Equity and free balance of the account [default: 100000000]
    #[arg(long, value_name = "AMOUNT", value_parser = numbers::not_negative, allow_hyphen_values = true)]
    balance: Option<Decimal>,
}

/// The host's own files. `watch` does not take them, because its `--config` is cargo's.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Host session")]
pub(super) struct HostFiles {
    /// The host's configuration file, for its limits
    #[arg(long, value_name = "default.toml")]
    config: Option<PathBuf>,
    /// The host's instruments file, for the kind of the symbol's instrument
    #[arg(long, value_name = "markets.toml")]
    pub(super) markets: Option<PathBuf>,
}

/// Events of the session that the plugin's orders do not cause.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Host session")]
pub(super) struct Course {
    /// Forward trades to `on-tick`; Tesser 0.9 does not do this in a live session
    #[arg(long)]
    ticks: bool,
    /// Milliseconds from the signal to the first timer
    #[arg(long, value_name = "MS", default_value = "1000", value_parser = numbers::phase, allow_hyphen_values = true)]
    timer_phase: i64,
    /// Seconds that the host is down at a restart; afterwards it reports the fills of orders that are still open
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = numbers::down, allow_hyphen_values = true)]
    down: i64,
    /// Reconnect the private stream once, this many seconds after the signal; the host then reports all executions again
    #[arg(long, value_name = "SECONDS", value_parser = numbers::after, allow_hyphen_values = true)]
    reconnect_after: Option<i64>,
}

/// Which amendments the host's connectors accept.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Connector {
    /// With a price or a quantity
    Bybit,
    /// With a price and a quantity
    Binance,
    /// All
    Any,
}

impl Session {
    /// Combines the settings: defaults come from the host profile, then a package's settings override them, then the host's
    /// files, then flags.
    pub(super) fn world(
        &self,
        settings: Option<&TestSettings>,
        files: &HostFiles,
    ) -> Result<World, Error> {
        let profile = host_profile::find(&self.host)?;
        let rules = &profile.session;
        let symbol = self.symbol(&rules.venue, settings).map_err(replay::Error::from)?;
        if let (Some(venue), None) = (symbol.venue(), self.exchange) {
            let known = rules.check_venue(venue).map_err(host_config::Error::from);
            known.map_err(replay::Error::from)?;
        }
        let mut world = World::live(&profile.name, rules, &symbol.to_string());
        if let Some(settings) = settings {
            let limits = &mut world.limits;
            limits.max_order_quantity = settings.max_order.unwrap_or(limits.max_order_quantity);
            limits.max_position_quantity =
                settings.max_position.unwrap_or(limits.max_position_quantity);
        }
        if let Some(path) = &files.config {
            world.limits = host_config::limits(path, world.limits).map_err(replay::Error::from)?;
        }
        if let Some(path) = &files.markets {
            let market = host_config::market(path, &world.symbol).map_err(replay::Error::from)?;
            world.kind = market.kind.unwrap_or(world.kind);
        }
        let limits = &mut world.limits;
        limits.max_order_quantity = self.max_order.unwrap_or(limits.max_order_quantity);
        limits.max_position_quantity = self.max_position.unwrap_or(limits.max_position_quantity);
        world.balance = self.balance.unwrap_or(world.balance);
        if let Some(connector) = self.exchange {
            world.amend_rule = match connector {
                Connector::Bybit => AmendRule::PriceOrQuantity,
                Connector::Binance => AmendRule::PriceAndQuantity,
                Connector::Any => AmendRule::Any,
            };
        }
        Ok(world)
    }

    /// Returns the session's symbol with its venue.
    fn symbol(
        &self,
        default_venue: &str,
        settings: Option<&TestSettings>,
    ) -> Result<Symbol, host_config::Error> {
        let of_settings = settings.map(|settings| Symbol::parse(&settings.symbol));
        // Defaults are not settings.
        let venue = settings.map(|settings| settings.venue.clone());
        let venue = venue.filter(|venue| *venue != TestSettings::default().venue);
        // A venue in the settings belongs to their symbol; another symbol has the default venue.
        let venue =
            of_settings.as_ref().and_then(|symbol| symbol.venue().map(str::to_owned)).or(venue);
        let default_venue = venue.as_deref().unwrap_or(default_venue);
        let symbol = match (&self.symbol, &of_settings) {
            (Some(symbol), _) => Symbol::parse(symbol),
            (None, Some(symbol)) => Symbol::parse(symbol.code()),
            (None, None) => Symbol::parse("BTCUSDT"),
        };
        let venue = self.venue.as_deref().or(symbol.venue()).unwrap_or(default_venue);
        let at_venue = Symbol::parse(&format!("{venue}:{}", symbol.code()));
        if symbol.venue().is_some() && symbol != at_venue {
            let (symbol, venue) = (symbol.to_string(), venue.to_owned());
            return Err(host_config::Error::TwoVenues { symbol, venue });
        }
        Ok(at_venue)
    }
}

impl Course {
    pub(super) fn apply(&self, world: &mut World) {
        world.ticks |= self.ticks;
        world.timer_phase_ms = self.timer_phase;
        world.down_ms = self.down * 1_000;
        world.reconnect_after_ms = self.reconnect_after.map(|seconds| seconds * 1_000);
    }
}

pub(super) fn not_empty(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("it is empty".into()) } else { Ok(text.to_owned()) }
}

/// The host accepts any text, and treats an incomplete symbol as a code.
fn symbol(text: &str) -> Result<String, String> {
    let text = not_empty(text)?;
    match text.split_once(':') {
        Some((venue, code)) if venue.trim().is_empty() || code.trim().is_empty() => {
            Err("it must be a code, or a venue and a code: `bybit_linear:BTCUSDT`".into())
        }
        _ => Ok(text),
    }
}
