//! A field of a table or of a Parquet file. In: text, or a value with a type. Out: numbers, times, sides and words.

use parquet::record::Field;
use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::super::Bad;
use super::super::parquet as typed;
use super::super::row;
use super::super::times::TimeFormat;
use crate::report::escape_untrusted;
use crate::simulator::order_book::Level;

/// A row with its fields by number.
pub(super) trait Row {
    fn cell(&self, index: usize) -> Cell<'_>;
}

/// A field.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    Text(&'a str),
    Typed(&'a Field),
}

impl<'a> Cell<'a> {
    /// Whether there is nothing: such a level does not exist.
    pub(super) fn is_empty(self) -> bool {
        match self {
            Cell::Text(text) => text.is_empty(),
            // A table of floats has no other way to say it.
            Cell::Typed(Field::Double(number)) => number.is_nan(),
            Cell::Typed(Field::Float(number)) => number.is_nan(),
            Cell::Typed(field) => {
                matches!(field, Field::Null) || typed::text(field).is_some_and(str::is_empty)
            }
        }
    }

    pub(super) fn text(self) -> Option<&'a str> {
        match self {
            Cell::Text(text) => Some(text),
            Cell::Typed(field) => typed::text(field),
        }
    }

    pub(super) fn decimal(self) -> Option<Decimal> {
        match self {
            Cell::Text(text) => row::decimal(text),
            Cell::Typed(field) => typed::decimal(field),
        }
    }

    pub(super) fn integer(self) -> Option<i64> {
        match self {
            Cell::Text(text) => text.parse().ok(),
            Cell::Typed(Field::TimestampMillis(time) | Field::TimestampMicros(time)) => Some(*time),
            Cell::Typed(field) => typed::integer(field)
                .or_else(|| typed::text(field).and_then(|text| text.parse().ok())),
        }
    }

    /// Milliseconds since 1970; `None` where it is no time of any format.
    pub(super) fn time_ms(self, times: TimeFormat) -> Option<Result<i64, Bad>> {
        match self {
            Cell::Text(text) => times.ms(text),
            Cell::Typed(field) => typed::time_ms(field, times),
        }
    }

    /// The format of the column, by a time in it.
    pub(super) fn time_format(self) -> Option<TimeFormat> {
        match self {
            Cell::Text(text) => TimeFormat::of(text),
            Cell::Typed(field) => typed::time_format(field),
        }
    }

    pub(super) fn flag(self) -> Option<bool> {
        if let Cell::Typed(Field::Bool(flag)) = self {
            return Some(*flag);
        }
        let text = self.text()?;
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        (is("true") || text == "1")
            .then_some(true)
            .or((is("false") || text == "0").then_some(false))
    }

    /// The side of the order book: bids are those that buy.
    pub(super) fn side(self) -> Option<PluginSide> {
        match self {
            Cell::Typed(Field::Byte(1)) => return Some(PluginSide::Buy),
            Cell::Typed(Field::Byte(-1)) => return Some(PluginSide::Sell),
            _ => {}
        }
        let is = |words: [&str; 3]| {
            self.text().is_some_and(|text| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
        };
        let (bid, ask) = (is(["bid", "b", "buy"]), is(["ask", "a", "sell"]));
        bid.then_some(PluginSide::Buy).or(ask.then_some(PluginSide::Sell))
    }

    /// As a message shows it.
    pub(super) fn shown(self) -> String {
        match self {
            Cell::Text(text) => escape_untrusted(text),
            Cell::Typed(field) => escape_untrusted(&field.to_string()),
        }
    }
}

/// A level that can be.
///
/// # Errors
/// The price is not positive, or the quantity is negative.
pub(super) fn level(price: Decimal, quantity: Decimal) -> Result<Level, String> {
    if price <= Decimal::ZERO {
        return Err(format!("the price is not positive: `{price}`"));
    }
    if quantity < Decimal::ZERO {
        return Err(format!("the quantity is negative: `{quantity}`"));
    }
    Ok((price, quantity))
}
