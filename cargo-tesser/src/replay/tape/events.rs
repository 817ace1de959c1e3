//! Events as JSON lines: a script that says call by call what the host does.
//!
//! In: text. Out: events; nothing else happens in a replay of them, no timer of the clock and no fill of
//! the exchange.
//!
//! ```text
//! {"tick": {"price": "100", "size": "2", "side": "buy", "timestamp_ms": 0}}
//! "timer"
//! {"fill": {"order": 1, "price": "100", "quantity": "0.5"}}
//! "restart"
//! ```

use std::io::BufRead;

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::{PluginSide, decimal};

use super::{Bad, Event, Rows, Trade};

/// One line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Tick(Tick),
    Fill(Fill),
    Timer,
    Restart,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tick {
    symbol: Option<String>,
    #[serde(with = "decimal")]
    price: Decimal,
    #[serde(with = "decimal")]
    size: Decimal,
    #[serde(default = "buy")]
    side: Side,
    #[serde(default)]
    timestamp_ms: i64,
}

/// A fill of an order that the plugin has placed, or of somebody else's.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::replay) struct Fill {
    /// The number of the order, from 1, as the plugin placed them.
    pub(in crate::replay) order: u64,
    #[serde(with = "decimal")]
    pub(in crate::replay) price: Decimal,
    #[serde(with = "decimal")]
    pub(in crate::replay) quantity: Decimal,
}

/// As in other formats, in small letters.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Buy,
    Sell,
}

fn buy() -> Side {
    Side::Buy
}

pub(super) fn rows(text: Box<dyn BufRead>) -> Rows {
    let mut ended = false;
    let mut lines = (1..).zip(text.lines());
    Box::new(std::iter::from_fn(move || {
        while !ended {
            let (line, text) = lines.next()?;
            match text {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Some((line, event(&text))),
                Err(error) => {
                    ended = true;
                    return Some((line, Err(Bad::file(&error))));
                }
            }
        }
        None
    }))
}

fn event(text: &str) -> Result<Event, Bad> {
    let line = serde_json::from_str(text).map_err(|error| Bad::row(error.to_string()))?;
    Ok(match line {
        Line::Tick(tick) => Event::Tick(Trade {
            symbol: tick.symbol,
            price: tick.price,
            quantity: tick.size,
            time_ms: tick.timestamp_ms,
            side: match tick.side {
                Side::Buy => PluginSide::Buy,
                Side::Sell => PluginSide::Sell,
            },
        }),
        Line::Fill(fill) => Event::Fill(fill),
        Line::Timer => Event::Timer,
        Line::Restart => Event::Restart,
    })
}
