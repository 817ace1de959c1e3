//! The host's JSON -> the types of this crate, with the tables of fields that `wire!` generates and one loop that reads them.
//!
//! In: tokens. Out: the same as with the `Deserialize` of the types; a test compares the two on mutated documents.
//! The code that serde derives takes 3 to 4 KB for each type in every plugin.

use serde_core::Deserialize;
use serde_core::de::Error as _;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::Error;
use super::de::invalid_type;
pub(crate) use super::input::Input;
use super::text_reader::Reader;
use super::token::Token;
use crate::{PluginRiskContext, PluginSide, PluginSignal, decimal};

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

/// The destination of a field's value.
pub(crate) enum Slot<'a> {
    Text(&'a mut String),
    OptionalText(&'a mut Option<String>),
    Decimal(&'a mut Decimal),
    OptionalDecimal(&'a mut Option<Decimal>),
    Side(&'a mut PluginSide),
    Integer(&'a mut i64),
    Float(&'a mut f64),
    Value(&'a mut Value),
    Signal(&'a mut PluginSignal),
    Risk(&'a mut PluginRiskContext),
}

/// A type that a field of such a struct can have.
pub(crate) trait FromHostField: Sized {
    const EMPTY: Self;

    fn slot(&mut self) -> Slot<'_>;
}

macro_rules! slots {
    ($($ty:ty = $slot:ident, $empty:expr;)*) => {
        $(impl FromHostField for $ty {
            const EMPTY: Self = $empty;

            #[inline]
            fn slot(&mut self) -> Slot<'_> {
                Slot::$slot(self)
            }
        })*
    };
}

slots! {
    String = Text, Self::new();
    Option<String> = OptionalText, None;
    Decimal = Decimal, Self::ZERO;
    Option<Decimal> = OptionalDecimal, None;
    PluginSide = Side, Self::Buy;
    i64 = Integer, 0;
    f64 = Float, 0.0;
    Value = Value, Self::Null;
    PluginSignal = Signal, <Self as FromHost>::EMPTY;
    PluginRiskContext = Risk, <Self as FromHost>::EMPTY;
}

/// A field of an object. An optional field that is absent keeps its value.
pub(crate) struct Field<'a> {
    name: &'static str,
    slot: Slot<'a>,
    seen: bool,
}

#[inline]
pub(crate) fn field<'a, T: FromHostField>(name: &'static str, value: &'a mut T) -> Field<'a> {
    Field { name, slot: value.slot(), seen: false }
}

impl Slot<'_> {
    fn is_optional(&self) -> bool {
        matches!(self, Self::OptionalText(_) | Self::OptionalDecimal(_) | Self::Value(_))
    }

    #[inline]
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        match self {
            Self::Text(value) => **value = text(input)?,
            Self::OptionalText(value) => **value = optional(input, text)?,
            Self::Decimal(value) => **value = number(input)?,
            Self::OptionalDecimal(value) => **value = optional(input, number)?,
            Self::Side(side) => **side = PluginSide::deserialize(input)?,
            Self::Integer(number) => **number = i64::deserialize(input)?,
            Self::Float(number) => **number = f64::deserialize(input)?,
            Self::Value(value) => **value = any(input)?,
            Self::Signal(signal) => signal.read(input)?,
            Self::Risk(risk) => risk.read(input)?,
        }
        Ok(())
    }
}

#[inline(never)]
fn text(input: &mut Input<'_>) -> Result<String, Error> {
    String::deserialize(input)
}

#[inline(never)]
fn number(input: &mut Input<'_>) -> Result<Decimal, Error> {
    decimal::deserialize(input)
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
        other => return Err(invalid_type(&other, &ty)),
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
            return Err(Error::duplicate_field(field.name));
        }
        field.seen = true;
        field.slot.read(input).map_err(|error| error.within(field.name))?;
    }
    match fields.iter().find(|field| !field.seen && !field.slot.is_optional()) {
        Some(missing) => Err(Error::missing_field(missing.name)),
        None => Ok(()),
    }
}
