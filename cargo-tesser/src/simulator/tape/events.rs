//! Events as JSON lines: a script that says what happens to the host, one thing after the other.
//!
//! In: text. Out: events; nothing else happens in a replay of them, no timer of the clock and no fill of the exchange.
//! Recordings of the real host have the same events.
//!
//! ```text
//! {"tick": {"price": "100", "size": "2", "side": "buy", "timestamp_ms": 0}}
//! "timer"
//! {"fill": {"order": 1, "price": "100", "quantity": "0.5"}}
//! {"fill_unseen": {"order": 1, "price": "100", "quantity": "0.5"}}
//! "reconnect"
//! {"order_update": {"order": 1, "status": "Rejected"}}
//! {"advance_ms": 60000}
//! "poll"
//! "restart"
//! "restart without orders"
//! "cancel_all"
//! ```

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::{PluginSide, decimal};

use super::lines::Lines;
use super::{Bad, Event, Rows, Trade};
use crate::simulator::exchange::{OrderRef, ScriptedFill};
use crate::simulator::order::OrderStatus;

/// One line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Tick(Tick),
    Fill(Fill),
    FillUnseen(Fill),
    OrderUpdate(Update),
    AdvanceMs(u32),
    Timer,
    Poll,
    Restart,
    #[serde(rename = "restart without orders")]
    RestartWithoutOrders,
    Reconnect,
    CancelAll,
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
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fill {
    /// The number of the order, from 1, as they reached the exchange.
    order: Option<u64>,
    /// Any text instead.
    order_id: Option<String>,
    #[serde(with = "decimal")]
    price: Decimal,
    #[serde(with = "decimal")]
    quantity: Decimal,
    #[serde(default, with = "decimal::option")]
    fee: Option<Decimal>,
    fee_asset: Option<String>,
    #[serde(default)]
    timestamp_ms: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    order: u64,
    status: Status,
}

/// The host's words.
#[derive(Clone, Copy, Deserialize)]
enum Status {
    PendingNew,
    Accepted,
    PartiallyFilled,
    Filled,
    Canceled,
    Rejected,
}

impl From<Status> for OrderStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::PendingNew | Status::Accepted => Self::Open,
            Status::PartiallyFilled => Self::PartiallyFilled,
            Status::Filled => Self::Filled,
            Status::Canceled => Self::Canceled,
            Status::Rejected => Self::Rejected,
        }
    }
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

pub(super) fn rows(mut lines: Lines) -> Rows {
    let mut ended = false;
    Box::new(std::iter::from_fn(move || {
        if ended {
            return None;
        }
        match lines.advance() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => {
                ended = true;
                return Some((0, Err(Bad::file(&error))));
            }
        }
        let read = lines.text().ok_or_else(|| "the row is not UTF-8".to_owned());
        Some((lines.number, read.and_then(event).map_err(Bad::row)))
    }))
}

/// Reads one event.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn event(text: &str) -> Result<Event, String> {
    let line = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(match line {
        Line::Tick(tick) => Event::Tick(Trade {
            symbol: tick.symbol.map(Into::into),
            price: tick.price,
            quantity: tick.size,
            time_ms: tick.timestamp_ms,
            side: match tick.side {
                Side::Buy => PluginSide::Buy,
                Side::Sell => PluginSide::Sell,
            },
        }),
        Line::Fill(fill) => Event::Fill(Box::new(fill.script()?)),
        Line::FillUnseen(fill) => Event::FillUnseen(Box::new(fill.script()?)),
        Line::OrderUpdate(Update { order, status }) => {
            Event::OrderUpdate { order, status: status.into() }
        }
        Line::AdvanceMs(ms) => Event::Advance { ms: ms.into() },
        Line::Timer => Event::Timer,
        Line::Poll => Event::Poll,
        Line::Restart => Event::Restart { lists_orders: true },
        Line::RestartWithoutOrders => Event::Restart { lists_orders: false },
        Line::Reconnect => Event::Reconnect,
        Line::CancelAll => Event::CancelAll,
    })
}

impl Fill {
    fn script(self) -> Result<ScriptedFill, String> {
        let order = match (self.order, self.order_id) {
            (Some(number), None) => OrderRef::Number(number),
            (None, Some(id)) => OrderRef::Id(id),
            _ => return Err("a fill has either `order` or `order_id`".into()),
        };
        Ok(ScriptedFill {
            order,
            price: self.price,
            quantity: self.quantity,
            fee: self.fee,
            fee_asset: self.fee_asset,
            time_ms: self.timestamp_ms,
        })
    }
}
