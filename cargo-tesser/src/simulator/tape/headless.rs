//! Files without a header. In: the first rows. Out: the layout of the exchange that publishes such rows, or the columns that the user
//! numbers.

use super::layout::{Layout, OtherTable, Side, Unfit};
use super::names::{Names, Role, with_unit};
use super::row::{decimal, taker_by_flag};
use super::times::{TimeFormat, Unit};

/// What a field of a known layout has to be.
#[derive(Clone, Copy)]
enum Cell {
    Whole,
    Number,
    Flag,
    /// `b` or `s`.
    Side,
}

impl Cell {
    fn is(self, text: &str) -> bool {
        match self {
            Self::Whole => text.parse::<i64>().is_ok(),
            Self::Number => decimal(text).is_some(),
            Self::Flag => text.parse::<i64>().is_err() && taker_by_flag(text).is_some(),
            Self::Side => matches!(text, "b" | "s"),
        }
    }
}

/// A layout, and the fields of its rows.
struct Known {
    cells: &'static [Cell],
    price: usize,
    quantity: usize,
    time: usize,
    side: Option<Side>,
    /// Some files of the same exchange have more columns.
    more: bool,
}

use Cell::{Flag, Number, Whole};

const KNOWN: [Known; 4] = [
    // Binance's trades: id, price, qty, quote_qty, time, is_buyer_maker; spot also is_best_match.
    Known {
        cells: &[Whole, Number, Number, Number, Whole, Flag],
        price: 1,
        quantity: 2,
        time: 4,
        side: Some(Side::BuyerIsMaker(5)),
        more: true,
    },
    // Binance's aggregated trades: id, price, quantity, first id, last id, transact_time, is_buyer_maker; spot also is_best_match.
    Known {
        cells: &[Whole, Number, Number, Whole, Whole, Whole, Flag],
        price: 1,
        quantity: 2,
        time: 5,
        side: Some(Side::BuyerIsMaker(6)),
        more: true,
    },
    // Kraken's API: price, volume, time, side, type, and further ones.
    Known {
        cells: &[Number, Number, Number, Cell::Side],
        price: 0,
        quantity: 1,
        time: 2,
        side: Some(Side::Taker(3)),
        more: true,
    },
    // Kraken's downloads: time, price, volume.
    Known { cells: &[Number; 3], price: 1, quantity: 2, time: 0, side: None, more: false },
];

impl Known {
    fn has(&self, row: &[String]) -> bool {
        let has_width =
            row.len() == self.cells.len() || (self.more && row.len() > self.cells.len());
        has_width && self.cells.iter().zip(row).all(|(cell, text)| cell.is(text))
    }
}

/// Whether a first line is a row: names of columns are no numbers.
pub(super) fn is_row(fields: &[String]) -> bool {
    fields.iter().any(|field| decimal(field).is_some())
}

/// The layout of rows. One of them may be damaged.
pub(super) fn layout(rows: &[Vec<String>], names: &Names) -> Result<Layout, Unfit> {
    let count = |known: &&Known| rows.iter().filter(|row| known.has(row)).count();
    let known = KNOWN.iter().filter(|known| count(known) > 0).max_by_key(count);
    if !names.is_empty() {
        return numbered(rows, names, known);
    }
    let known = known.ok_or_else(|| {
        // Times, open, high, low, close, volume ..
        let are_numbers =
            |row: &Vec<String>| row.len() >= 6 && row.iter().all(|field| decimal(field).is_some());
        if rows.iter().any(are_numbers) {
            Unfit::Other(OtherTable::Candles)
        } else {
            Unfit::NoHeader
        }
    })?;
    Ok(Layout {
        price: known.price,
        quantity: known.quantity,
        time: known.time,
        times: TimeFormat::Unknown,
        side: known.side.ok_or(Unfit::NoSide)?,
        symbol: None,
        width: known.cells.len(),
        more: known.more,
    })
}

/// Columns by their numbers, from 1; a known layout has the rest.
fn numbered(rows: &[Vec<String>], names: &Names, known: Option<&Known>) -> Result<Layout, Unfit> {
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    let number = |name: &str| {
        let number = name.parse::<usize>().ok().filter(|number| (1..=most).contains(number));
        number.map(|number| number - 1).ok_or_else(|| Unfit::Column(name.to_owned()))
    };
    let find = |role: Role, usual: fn(&Known) -> usize| match names.given(role) {
        Some(name) => number(name),
        None => known.map(usual).ok_or(Unfit::NoHeader),
    };
    let (time, times) = match names.given(Role::Time).map(|name| (name, with_unit(name))) {
        Some((_, Some((name, unit)))) => (number(name)?, TimeFormat::Number(Unit::given(unit))),
        Some((name, None)) => (number(name)?, TimeFormat::Unknown),
        None => (known.ok_or(Unfit::NoHeader)?.time, TimeFormat::Unknown),
    };
    let side = match names.side() {
        Some((Role::Side, "")) => Side::Inferred,
        Some((Role::BuyerIsMaker, name)) => Side::BuyerIsMaker(number(name)?),
        Some((Role::MakerSide, name)) => Side::Maker(number(name)?),
        Some((_, name)) => Side::Taker(number(name)?),
        None => known.and_then(|known| known.side).ok_or(Unfit::NoSide)?,
    };
    let (price, quantity) =
        (find(Role::Price, |k| k.price)?, find(Role::Quantity, |k| k.quantity)?);
    let symbol = match names.given(Role::Symbol) {
        None | Some("") => None,
        Some(name) => Some(number(name)?),
    };
    let sides = match side {
        Side::Taker(index) | Side::Maker(index) | Side::BuyerIsMaker(index) => Some(index),
        Side::Inferred => None,
    };
    let used = [Some(price), Some(quantity), Some(time), sides, symbol];
    let width = used.into_iter().flatten().max().map_or(0, |last| last + 1);
    Ok(Layout { price, quantity, time, times, side, symbol, width, more: true })
}
