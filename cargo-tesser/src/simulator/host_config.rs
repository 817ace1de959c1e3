//! The host's configuration files: limits in `default.toml`, instruments in `markets.toml`. In: their text. Out: the settings
//! that a session needs. Other settings are ignored.

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde::Deserialize;

use super::risk::{InstrumentKind, RiskLimits};
use super::session_rules::UnknownVenue;
use super::symbol::Symbol;
use crate::fs;

/// Why a configuration file of the host cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// The host could not read it.
    #[error("`{}` is not a configuration file of the host with {wanted}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The table that was looked for.
        wanted: &'static str,
        /// Where and why.
        #[source]
        source: Box<toml_edit::de::Error>,
    },
    /// There are no rules for the venue.
    #[error(transparent)]
    Venue(#[from] UnknownVenue),
    /// The symbol names one venue, and the flag another.
    #[error("the symbol `{symbol}` is not of the venue `{venue}`")]
    TwoVenues {
        /// The symbol.
        symbol: String,
        /// The other venue.
        venue: String,
    },
    /// The file has no such instrument.
    #[error("`{}` has no market `{symbol}`; it has {known}", .path.display())]
    NoMarket {
        /// The file.
        path: PathBuf,
        /// The symbol.
        symbol: String,
        /// The symbols that it has.
        known: String,
    },
}

impl Error {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Fs(error) => error.hint(),
            Self::Parse { .. } => None,
            Self::Venue(_) => Some(
                "spell it as in the host's `markets.toml`, such as `bybit_linear`; for another venue, set its rules with `--exchange`".into(),
            ),
            Self::TwoVenues { .. } => Some("name the venue once".into()),
            Self::NoMarket { .. } => {
                Some("select one of them with `--symbol venue:CODE`, or add it to the file".into())
            }
        }
    }
}

/// An instrument of `markets.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    /// `venue:CODE`.
    pub symbol: String,
    /// What is traded.
    pub kind: Option<InstrumentKind>,
    /// Quantity step, in base currency.
    pub lot_size: Option<Decimal>,
    /// Price step, in quote currency.
    pub tick_size: Option<Decimal>,
}

/// Reads the limits of `default.toml`. Missing limits have the host's default.
///
/// # Errors
/// The file cannot be read, or its limits are not numbers.
pub fn limits(path: &Path, usual: RiskLimits) -> Result<RiskLimits, Error> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        risk_management: Limits,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    #[allow(clippy::struct_field_names, reason = "the file's names")]
    struct Limits {
        max_order_quantity: Option<Number>,
        max_position_quantity: Option<Number>,
        max_order_notional: Option<Number>,
    }
    let File { risk_management: given } = read(path, "`[risk_management]`")?;
    let or = |given: Option<Number>, usual: Decimal| given.map_or(usual, |number| number.0);
    Ok(RiskLimits {
        max_order_quantity: or(given.max_order_quantity, usual.max_order_quantity),
        max_position_quantity: or(given.max_position_quantity, usual.max_position_quantity),
        max_order_notional: given.max_order_notional.map(|number| number.0),
    })
}

/// Reads the instruments of `markets.toml`.
///
/// # Errors
/// The file cannot be read, or a market in it lacks its exchange or symbol.
pub fn markets(path: &Path) -> Result<Vec<Market>, Error> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        markets: Vec<Row>,
    }
    #[derive(Deserialize)]
    struct Row {
        exchange: String,
        symbol: String,
        kind: Option<InstrumentKind>,
        lot_size: Option<Number>,
        tick_size: Option<Number>,
    }
    let File { markets } = read(path, "`[[markets]]`")?;
    let market = |row: Row| Market {
        symbol: Symbol::parse(&format!("{}:{}", row.exchange, row.symbol)).to_string(),
        kind: row.kind,
        lot_size: row.lot_size.map(|number| number.0),
        tick_size: row.tick_size.map(|number| number.0),
    };
    Ok(markets.into_iter().map(market).collect())
}

/// The instrument of a symbol.
///
/// # Errors
/// The file cannot be read, or has no such market.
pub fn market(path: &Path, symbol: &str) -> Result<Market, Error> {
    let all = markets(path)?;
    let wanted = Symbol::parse(symbol).to_string();
    if let Some(market) = all.iter().find(|market| market.symbol == wanted) {
        return Ok(market.clone());
    }
    let names: Vec<_> = all.iter().map(|market| format!("`{}`", market.symbol)).collect();
    let known = if names.is_empty() { "none".into() } else { names.join(", ") };
    Err(Error::NoMarket { path: path.to_owned(), symbol: wanted, known })
}

fn read<T: serde::de::DeserializeOwned>(path: &Path, wanted: &'static str) -> Result<T, Error> {
    toml_edit::de::from_str(&fs::read_text(path)?).map_err(|error| Error::Parse {
        path: path.to_owned(),
        wanted,
        source: Box::new(error),
    })
}

/// A number as the host accepts it: an integer, a float or text.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Number(Decimal);

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = fs::scratch_dir().unwrap();
        let path = dir.path().join("host.toml");
        fs::write_new(&path, text.as_bytes()).unwrap();
        (dir, path)
    }

    #[test]
    fn limits_are_numbers_or_text_and_default_to_those_of_the_host() {
        let usual = super::super::SessionRules::tesser_0_9().limits();
        let (_dir, path) =
            file("log_level = \"info\"\n[risk_management]\nmax_order_quantity = 0.5\n");
        let found = limits(&path, usual).unwrap();
        assert_eq!(found.max_order_quantity, Decimal::new(5, 1));
        assert_eq!(found.max_position_quantity, Decimal::TWO);
        let (_dir, path) = file("[risk_management]\nmax_position_quantity = \"7\"\n");
        assert_eq!(limits(&path, usual).unwrap().max_position_quantity, Decimal::from(7));
    }

    #[test]
    fn a_market_has_its_steps_and_an_unknown_market_is_an_error_with_the_known_ones() {
        let text = "[[markets]]\nexchange = \"bybit_linear\"\nsymbol = \"BTCUSDT\"\nkind = \"linear_perpetual\"\n\
                    lot_size = 0.001\ntick_size = \"0.1\"\n";
        let (_dir, path) = file(text);
        let found = market(&path, "bybit_linear:btcusdt").unwrap();
        assert_eq!(found.kind, Some(InstrumentKind::LinearPerpetual));
        assert_eq!(found.lot_size, Some(Decimal::new(1, 3)));
        let error = market(&path, "okx:BTCUSDT").unwrap_err().to_string();
        assert!(
            error.ends_with("has no market `okx:BTCUSDT`; it has `bybit_linear:BTCUSDT`"),
            "{error}"
        );
    }
}
