//! The host's JSON -> the types of this crate, with the tables of fields that `wire!` generates and one loop that reads them.
//!
//! In: tokens. Out: the same as with the `Deserialize` of the types; a test compares the two on mutated documents.
//! The code that serde derives takes 3 to 4 KB for each type in every plugin.

use std::borrow::Cow;

use serde_core::Deserialize;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::Error;
pub(crate) use super::input::Input;
use super::text_reader::Reader;
use super::token::{Token, whole};
use crate::{PluginSide, decimal};

/// A struct that the host sends.
pub(crate) trait FromHost: Sized {
    /// The value into which the fields are read.
    const EMPTY: Self;

    /// Reads in place: moving a value of half a kilobyte would take code, too.
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Error>;
}

/// Reads a whole text.
pub(crate) fn from_host<T: FromHost>(json: &str) -> Result<T, Error> {
    let mut input = Input::Text(Reader::new(json));
    let mut value = T::EMPTY;
    match value.read(&mut input).and_then(|()| input.finish()) {
        Ok(()) => Ok(value),
        Err(error) => Err(error.at(&input)),
    }
}

/// A type that a field of such a struct can have: each reads itself, so that a plugin has only what its fields need.
pub(crate) trait Slot {
    /// Reads the value in place.
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Error>;

    /// Whether the field keeps its value when it is absent.
    fn is_optional(&self) -> bool {
        false
    }
}

/// What a field is before it is read.
pub(crate) trait FromHostField: Slot {
    const EMPTY: Self;
}

macro_rules! slots {
    ($($ty:ty, $empty:expr, $optional:literal, |$input:ident| $read:expr;)*) => {
        $(
            impl FromHostField for $ty {
                const EMPTY: Self = $empty;
            }

            impl Slot for $ty {
                fn read(&mut self, $input: &mut Input<'_>) -> Result<(), Error> {
                    *self = $read;
                    Ok(())
                }

                fn is_optional(&self) -> bool {
                    $optional
                }
            }
        )*
    };
}

slots! {
    String, Self::new(), false, |input| text(input)?;
    Option<String>, None, true, |input| optional(input, text)?;
    Decimal, Self::ZERO, false, |input| number(input)?;
    Option<Decimal>, None, true, |input| optional(input, number)?;
    PluginSide, Self::Buy, false, |input| side(input)?;
    i64, 0, false, |input| integer(input)?;
    f64, 0.0, false, |input| Self::deserialize(input)?;
    Value, Self::Null, true, |input| any(input)?;
}

#[cfg(feature = "exec")]
slots! {
    RawValue, Self(String::new()), true, |input| Self(input.raw()?.text().to_owned());
    AnyNumber, Self, false, |input| any_number(input)?;
}

impl<T: FromHost> FromHostField for T {
    const EMPTY: Self = <T as FromHost>::EMPTY;
}

impl<T: FromHost> Slot for T {
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        FromHost::read(self, input)
    }
}

/// Any value, as its text; empty when it is absent.
#[cfg(feature = "exec")]
pub(crate) struct RawValue(pub(crate) String);

/// A number that nobody asks for: reading floats is 3 KB.
#[cfg(feature = "exec")]
pub(crate) struct AnyNumber;

/// A field of an object.
pub(crate) struct Field<'a> {
    name: &'static str,
    slot: &'a mut dyn Slot,
    seen: bool,
}

#[inline]
pub(crate) fn field<'a, T: Slot>(name: &'static str, slot: &'a mut T) -> Field<'a> {
    Field { name, slot, seen: false }
}

#[inline(never)]
fn text(input: &mut Input<'_>) -> Result<String, Error> {
    match input.token()? {
        Token::String(text) => Ok(text.into_owned()),
        other => Err(Error::wrong_type(&other, "a string")),
    }
}

#[inline(never)]
fn number(input: &mut Input<'_>) -> Result<Decimal, Error> {
    match input.token()? {
        Token::String(text) => decimal::parse(&text).ok_or_else(|| not_a_decimal(text)),
        Token::Number(number) => {
            number.decimal().ok_or_else(|| not_a_decimal(number.text().into_owned().into()))
        }
        other => Err(Error::wrong_type(&other, decimal::EXPECTED)),
    }
}

#[cold]
#[inline(never)]
fn not_a_decimal(text: Cow<'_, str>) -> Error {
    Error::wrong_value(&Token::String(text), decimal::EXPECTED)
}

#[inline(never)]
fn integer(input: &mut Input<'_>) -> Result<i64, Error> {
    const EXPECTED: &str = "i64";
    let token = input.token()?;
    let Token::Number(number) = &token else {
        return Err(Error::wrong_type(&token, EXPECTED));
    };
    let text = number.text();
    match whole(&text).map(|number| (i64::try_from(number), u64::try_from(number))) {
        Some((Ok(number), _)) if text != "-0" => Ok(number),
        Some((Err(_), Ok(_))) => Err(Error::wrong_value(&token, EXPECTED)),
        _ => Err(Error::wrong_type(&token, EXPECTED)),
    }
}

/// One of the words of a side. Serde's own way is a kilobyte more.
#[inline(never)]
fn side(input: &mut Input<'_>) -> Result<PluginSide, Error> {
    match input.token()? {
        Token::String(word) => side_of(&word),
        Token::Object => {
            if !input.more(true, b'}')? {
                return Err(Error::new("expected the name of a variant"));
            }
            let side = side_of(&input.key()?)?;
            match input.token()? {
                Token::Null if input.more(false, b'}')? => Err(Error::new("trailing characters")),
                Token::Null => Ok(side),
                other => Err(Error::wrong_type(&other, "unit")),
            }
        }
        other => Err(Error::wrong_type(&other, "enum PluginSide")),
    }
}

#[inline(never)]
fn side_of(word: &str) -> Result<PluginSide, Error> {
    match word {
        "buy" => Ok(PluginSide::Buy),
        "sell" => Ok(PluginSide::Sell),
        _ => Err(Error::of(&["unknown variant `", word, "`, expected `buy` or `sell`"])),
    }
}

#[cfg(feature = "exec")]
#[inline(never)]
fn any_number(input: &mut Input<'_>) -> Result<AnyNumber, Error> {
    match input.token()? {
        Token::Number(_) => Ok(AnyNumber),
        other => Err(Error::wrong_type(&other, "f64")),
    }
}

/// Reads a whole text into a `Value`.
pub(crate) fn any_from_str(json: &str) -> Result<Value, Error> {
    let mut input = Input::Text(Reader::new(json));
    let read = any(&mut input).and_then(|value| input.finish().map(|()| value));
    read.map_err(|error| error.at(&input))
}

/// Reads any value, with the same result as `Value`'s own `Deserialize`, which has twice the code.
#[inline(never)]
fn any(input: &mut Input<'_>) -> Result<Value, Error> {
    let mut first = true;
    Ok(match input.token()? {
        Token::Null => Value::Null,
        Token::Bool(value) => Value::Bool(value),
        Token::Number(number) => Value::Number(number.value()?),
        Token::String(text) => Value::String(text.into_owned()),
        Token::Array => {
            let mut values = Vec::new();
            while input.more(std::mem::take(&mut first), b']')? {
                values.push(any(input)?);
            }
            Value::Array(values)
        }
        Token::Object => {
            let mut fields = Map::new();
            while input.more(std::mem::take(&mut first), b'}')? {
                let key = input.key()?;
                let value = any(input).map_err(|error| error.within(&key))?;
                fields.insert(key.into_owned(), value);
            }
            Value::Object(fields)
        }
    })
}

/// Reads a value or `null`.
fn optional<T>(
    input: &mut Input<'_>,
    read: fn(&mut Input<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    if input.is_null() {
        return input.token().map(|_| None);
    }
    read(input).map(Some)
}

/// Reads an object into its fields. Unknown fields are skipped.
#[inline]
pub(crate) fn read_object(
    input: &mut Input<'_>,
    ty: &str,
    fields: &mut [Field<'_>],
) -> Result<(), Error> {
    match input.token()? {
        Token::Object => {}
        other => return Err(Error::wrong_type(&other, ty)),
    }
    let mut first = true;
    while input.more(first, b'}')? {
        first = false;
        let key = input.key()?;
        let Some(field) = fields.iter_mut().find(|field| field.name == key) else {
            input.skip().map_err(|error| error.within(&key))?;
            continue;
        };
        if field.seen {
            return Err(Error::of(&["duplicate field `", field.name, "`"]));
        }
        field.seen = true;
        field.slot.read(input).map_err(|error| error.within(field.name))?;
    }
    match fields.iter().find(|field| !field.seen && !field.slot.is_optional()) {
        Some(missing) => Err(Error::of(&["missing field `", missing.name, "`"])),
        None => Ok(()),
    }
}
