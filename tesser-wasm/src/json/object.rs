//! The host's JSON -> the types of this crate, by tables of fields that one loop reads.
//!
//! In: tokens. Out: what the types' `Deserialize` makes of them; mutated documents hold the two together.
//! The derived code is 3 to 4 KB for each type, in every plugin.

use serde_core::Deserialize;
use serde_core::de::Error as _;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::Error;
use super::de::invalid_type;
use super::input::{Input, Token};
use super::text::Reader;
use crate::{PluginFill, PluginInitContext, PluginRiskContext, PluginSide, PluginSignal, decimal};

/// A type that the host sends.
pub(crate) trait FromHost: Sized {
    /// What the fields are read into.
    fn empty() -> Self;

    /// Reads in place: moving a value that is half a kilobyte is code, too.
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Error>;
}

/// Reads a whole text.
pub(crate) fn from_host<T: FromHost>(json: &str) -> Result<T, Error> {
    let mut input = Input::Text(Reader::new(json));
    let mut value = T::empty();
    match value.read(&mut input).and_then(|()| input.finish()) {
        Ok(()) => Ok(value),
        Err(error) => Err(error.at(&input)),
    }
}

/// Where the value of a field goes.
enum Slot<'a> {
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

/// A field of an object. What is optional keeps its value when it is absent.
struct Field<'a> {
    name: &'static str,
    slot: Slot<'a>,
    seen: bool,
}

fn field<'a>(name: &'static str, slot: Slot<'a>) -> Field<'a> {
    Field { name, slot, seen: false }
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

/// Any value, as `Value`'s own `Deserialize` makes it. That is twice the code.
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

/// A value or `null`.
fn optional<T>(
    input: &mut Input<'_>,
    read: fn(&mut Input<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    if input.is_null() {
        return input.token().map(|_| None);
    }
    read(input).map(Some)
}

/// Reads an object into its fields. Fields that nobody knows are passed over.
#[inline]
fn read_object(input: &mut Input<'_>, ty: &str, fields: &mut [Field<'_>]) -> Result<(), Error> {
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

impl FromHost for PluginFill {
    fn empty() -> Self {
        Self {
            order_id: String::new(),
            symbol: String::new(),
            side: PluginSide::Buy,
            fill_price: Decimal::ZERO,
            fill_quantity: Decimal::ZERO,
            fee: None,
            fee_asset: None,
            timestamp_ms: 0,
        }
    }

    #[inline]
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        let mut fields = [
            field("order_id", Slot::Text(&mut self.order_id)),
            field("symbol", Slot::Text(&mut self.symbol)),
            field("side", Slot::Side(&mut self.side)),
            field("fill_price", Slot::Decimal(&mut self.fill_price)),
            field("fill_quantity", Slot::Decimal(&mut self.fill_quantity)),
            field("fee", Slot::OptionalDecimal(&mut self.fee)),
            field("fee_asset", Slot::OptionalText(&mut self.fee_asset)),
            field("timestamp_ms", Slot::Integer(&mut self.timestamp_ms)),
        ];
        read_object(input, "struct PluginFill", &mut fields)
    }
}

impl FromHost for PluginSignal {
    fn empty() -> Self {
        Self {
            id: String::new(),
            symbol: String::new(),
            side: PluginSide::Buy,
            kind: String::new(),
            confidence: 0.0,
            target_quantity: Decimal::ZERO,
            note: None,
            group_id: None,
        }
    }

    #[inline]
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        let mut fields = [
            field("id", Slot::Text(&mut self.id)),
            field("symbol", Slot::Text(&mut self.symbol)),
            field("side", Slot::Side(&mut self.side)),
            field("kind", Slot::Text(&mut self.kind)),
            field("confidence", Slot::Float(&mut self.confidence)),
            field("target_quantity", Slot::Decimal(&mut self.target_quantity)),
            field("note", Slot::OptionalText(&mut self.note)),
            field("group_id", Slot::OptionalText(&mut self.group_id)),
        ];
        read_object(input, "struct PluginSignal", &mut fields)
    }
}

impl FromHost for PluginRiskContext {
    fn empty() -> Self {
        Self::default()
    }

    #[inline]
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        let mut fields = [
            field("last_price", Slot::Decimal(&mut self.last_price)),
            field("portfolio_equity", Slot::Decimal(&mut self.portfolio_equity)),
            field("exchange_equity", Slot::Decimal(&mut self.exchange_equity)),
            field("signed_position_qty", Slot::Decimal(&mut self.signed_position_qty)),
            field("base_available", Slot::Decimal(&mut self.base_available)),
            field("quote_available", Slot::Decimal(&mut self.quote_available)),
            field("settlement_available", Slot::Decimal(&mut self.settlement_available)),
            field("instrument_kind", Slot::OptionalText(&mut self.instrument_kind)),
        ];
        read_object(input, "struct PluginRiskContext", &mut fields)
    }
}

impl FromHost for PluginInitContext {
    fn empty() -> Self {
        Self {
            plugin: String::new(),
            params: Value::Null,
            signal: PluginSignal::empty(),
            risk: PluginRiskContext::default(),
            metadata: Value::Null,
        }
    }

    #[inline]
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        let mut fields = [
            field("plugin", Slot::Text(&mut self.plugin)),
            field("params", Slot::Value(&mut self.params)),
            field("signal", Slot::Signal(&mut self.signal)),
            field("risk", Slot::Risk(&mut self.risk)),
            field("metadata", Slot::Value(&mut self.metadata)),
        ];
        read_object(input, "struct PluginInitContext", &mut fields)
    }
}
