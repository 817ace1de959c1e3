//! Which column holds what. In: the names of columns, and rows. Out: one level of each row, or several.
//!
//! | layout | a row is | of |
//! | --- | --- | --- |
//! | one level | `side`, `price` and the quantity, with `is_snapshot` or `update_type` | Tardis `incremental_book_L2`, Binance `T_DEPTH` |
//! | snapshots | `asks[0].price`, `asks[0].amount`, `bids[0].price` .. | Tardis `book_snapshot_N` |
//! | lists | `bids_price`, `bids_size`, `asks_price`, `asks_size` | the host, in Parquet |

use parquet::record::Field;
use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::super::Bad;
use super::super::layout::plain;
use super::super::parquet as typed;
use super::super::times::TimeFormat;
use super::cell::{Cell, Row, level};
use super::message::{Kind, Message, Numbers};
use crate::simulator::order_book::{Level, Levels};

/// Where the fields of a row are.
pub(super) struct Layout {
    symbol: Option<usize>,
    pub(super) time: usize,
    /// Known from the first row on.
    pub(super) times: TimeFormat,
    received: Option<usize>,
    /// How many columns there are.
    pub(super) width: usize,
    shape: Shape,
}

enum Shape {
    OneLevel(OneLevel),
    /// Price and quantity of each level.
    Snapshots {
        bids: Vec<(usize, usize)>,
        asks: Vec<(usize, usize)>,
    },
    Lists {
        bids: (usize, usize),
        asks: (usize, usize),
        are_updates: bool,
    },
}

struct OneLevel {
    side: usize,
    price: usize,
    quantity: usize,
    mark: Mark,
    last: Option<usize>,
    previous: Option<usize>,
}

/// What tells snapshots from updates.
#[derive(Clone, Copy)]
enum Mark {
    /// Tardis's column `is_snapshot`.
    IsSnapshot(usize),
    /// Binance's column `update_type`: `snap`, `set` or `delete`.
    UpdateType(usize),
}

/// Binance's columns where a file has no header.
const BINANCE: [&str; 9] = [
    "symbol",
    "timestamp",
    "trans_id",
    "first_update_id",
    "last_update_id",
    "side",
    "update_type",
    "price",
    "qty",
];

impl Layout {
    /// Finds the columns; `None` if they are not those of an order book. Lists are of updates where it is said so.
    pub(super) fn find<T: AsRef<str>>(header: &[T], are_updates: bool) -> Option<Self> {
        let plain: Vec<_> = header.iter().map(|name| plain(name.as_ref())).collect();
        let find = |names: &[&str]| plain.iter().position(|name| names.contains(&name.as_str()));
        Some(Self {
            symbol: find(&["symbol", "instid", "instrument"]),
            time: find(&["timestamp", "exchangetimestamp", "time", "ts"])?,
            times: TimeFormat::Unknown,
            received: find(&["localtimestamp", "receivedat"]),
            width: plain.len(),
            shape: OneLevel::find(&find)
                .map(Shape::OneLevel)
                .or_else(|| lists(&find, are_updates))
                .or_else(|| snapshots(&plain))?,
        })
    }

    /// The columns of a row of a file without a header.
    pub(super) fn headless(row: &[String]) -> Option<Self> {
        let is_binance = matches!(row, [_, _, _, _, _, side, word, _, _]
            if Cell::Text(side).side().is_some() && matches!(&**word, "snap" | "set" | "delete"));
        is_binance.then(|| Self::find(&BINANCE, false)).flatten()
    }

    /// Reads a row.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn message(&mut self, row: &impl Row) -> Result<Message, Bad> {
        let time = row.cell(self.time);
        if self.times == TimeFormat::Unknown {
            self.times = time.time_format().unwrap_or(TimeFormat::Unknown);
        }
        let mut message = Message {
            symbol: self.symbol.and_then(|index| row.cell(index).text()).map(str::to_owned),
            time_ms: 0,
            received: self.received.and_then(|index| row.cell(index).integer()),
            kind: Kind::Snapshot,
            is_marked: false,
            is_whole: true,
            numbers: Numbers::default(),
            levels: Levels::default(),
            path: None,
        };
        self.shape.read(row, &mut message).map_err(Bad::row)?;
        // Last, as no row in a wrong unit is left out: it may as well be damaged.
        message.time_ms = time
            .time_ms(self.times)
            .unwrap_or_else(|| Err(Bad::row(bad(time, "timestamp", "a time"))))?;
        Ok(message)
    }
}

impl Shape {
    fn read(&self, row: &impl Row, message: &mut Message) -> Result<(), String> {
        match self {
            Self::OneLevel(columns) => columns.read(row, message)?,
            Self::Snapshots { bids, asks } => {
                let (bids, asks) = (pairs(row, "bids", bids)?, pairs(row, "asks", asks)?);
                message.levels = Levels { bids, asks };
            }
            Self::Lists { bids, asks, are_updates } => {
                message.levels = Levels { bids: listed(row, *bids)?, asks: listed(row, *asks)? };
                if *are_updates {
                    message.kind = Kind::Update;
                }
            }
        }
        Ok(())
    }
}

impl OneLevel {
    fn find(find: &impl Fn(&[&str]) -> Option<usize>) -> Option<Self> {
        let mark = find(&["issnapshot"]).map(Mark::IsSnapshot);
        Some(Self {
            mark: mark.or_else(|| find(&["updatetype"]).map(Mark::UpdateType))?,
            side: find(&["side"])?,
            price: find(&["price"])?,
            quantity: find(&["amount", "qty", "quantity", "size"])?,
            last: find(&["lastupdateid"]),
            previous: find(&["pu"]),
        })
    }

    fn read(&self, row: &impl Row, message: &mut Message) -> Result<(), String> {
        message.is_whole = false;
        let mut quantity = number(row.cell(self.quantity), "quantity")?;
        match self.mark {
            Mark::IsSnapshot(index) => {
                message.is_marked = true;
                match row.cell(index).flag() {
                    Some(true) => {}
                    Some(false) => message.kind = Kind::Update,
                    None => return Err(bad(row.cell(index), "is_snapshot", "true or false")),
                }
            }
            Mark::UpdateType(index) => match row.cell(index).text() {
                Some("snap") => {}
                Some("set") => message.kind = Kind::Update,
                Some("delete") => {
                    message.kind = Kind::Update;
                    quantity = Decimal::ZERO;
                }
                _ => return Err(bad(row.cell(index), "update_type", "one of snap, set, delete")),
            },
        }
        let id = |index: Option<usize>| row.cell(index?).integer();
        message.numbers.last = id(self.last);
        // A snapshot follows nothing.
        message.numbers.previous = id(self.previous).filter(|_| message.kind == Kind::Update);
        let level = level(number(row.cell(self.price), "price")?, quantity)?;
        match row.cell(self.side).side() {
            Some(PluginSide::Buy) => message.levels.bids.push(level),
            Some(PluginSide::Sell) => message.levels.asks.push(level),
            None => {
                return Err(bad(row.cell(self.side), "side", "one of bid, ask, buy, sell, b, a"));
            }
        }
        Ok(())
    }
}

fn lists(find: &impl Fn(&[&str]) -> Option<usize>, are_updates: bool) -> Option<Shape> {
    Some(Shape::Lists {
        bids: (find(&["bidsprice"])?, find(&["bidssize"])?),
        asks: (find(&["asksprice"])?, find(&["askssize"])?),
        are_updates,
    })
}

/// The columns of levels, from the best one on.
fn snapshots(plain: &[String]) -> Option<Shape> {
    let position = |name: String| plain.iter().position(|known| *known == name);
    let levels = |side: &str| -> Vec<_> {
        let pair = |level: usize| {
            let price = position(format!("{side}[{level}].price"))?;
            Some((price, position(format!("{side}[{level}].amount"))?))
        };
        (0..).map_while(pair).collect()
    };
    let (bids, asks) = (levels("bids"), levels("asks"));
    (!bids.is_empty() && !asks.is_empty()).then_some(Shape::Snapshots { bids, asks })
}

fn bad(cell: Cell, name: &str, wanted: &str) -> String {
    format!("column `{name}` is not {wanted}: `{}`", cell.shown())
}

fn number(cell: Cell, name: &str) -> Result<Decimal, String> {
    cell.decimal().ok_or_else(|| bad(cell, name, "a number"))
}

/// Levels in columns; where there are fewer than columns, the rest are empty.
fn pairs(row: &impl Row, side: &str, columns: &[(usize, usize)]) -> Result<Vec<Level>, String> {
    let mut levels = Vec::with_capacity(columns.len());
    for (at, (price, quantity)) in columns.iter().enumerate() {
        let value = |index: usize, what: &str| {
            let cell = row.cell(index);
            cell.decimal().ok_or_else(|| bad(cell, &format!("{side}[{at}].{what}"), "a number"))
        };
        if !row.cell(*price).is_empty() {
            levels.push(level(value(*price, "price")?, value(*quantity, "amount")?)?);
        }
    }
    Ok(levels)
}

/// Levels in two lists.
fn listed(row: &impl Row, (prices, sizes): (usize, usize)) -> Result<Vec<Level>, String> {
    let list = |index: usize| match row.cell(index) {
        Cell::Typed(Field::ListInternal(list)) => Ok(list.elements()),
        Cell::Typed(Field::Null) => Ok(&[][..]),
        cell => Err(format!("a column of levels is not a list: `{}`", cell.shown())),
    };
    let (prices, sizes) = (list(prices)?, list(sizes)?);
    if prices.len() != sizes.len() {
        return Err(format!(
            "the list of prices has {}, that of quantities {}",
            prices.len(),
            sizes.len()
        ));
    }
    let value = |field| {
        typed::decimal(field)
            .ok_or_else(|| format!("not a number: `{}`", Cell::Typed(field).shown()))
    };
    prices.iter().zip(sizes).map(|(price, size)| level(value(price)?, value(size)?)).collect()
}
