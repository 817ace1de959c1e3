//! Tokens -> serde's data model, by the rules of `serde_json`. Generic code is thin, since it is compiled for
//! every type.

use std::borrow::Cow;

use serde_core::de::value::{MapDeserializer, StrDeserializer};
use serde_core::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde_core::forward_to_deserialize_any;

use super::Error;
use super::input::Input;
use super::key::Key;
use super::token::{NUMBERS_ARE_TEXT, Number, Token};
use crate::decimal;

#[cold]
#[inline(never)]
fn invalid_type(token: &Token<'_>, expected: &dyn Expected) -> Error {
    Error::wrong_type(token, &expected.to_string())
}

/// Passes a number to a visitor that accepts any kind of number.
pub(super) fn visit_number<'de, V: Visitor<'de>>(
    number: Number<'_>,
    visitor: V,
) -> Result<V::Value, Error> {
    let number = number.value()?;
    if let Some(value) = number.as_u64() {
        visitor.visit_u64(value)
    } else if let Some(value) = number.as_i64() {
        visitor.visit_i64(value)
    } else if let Some(value) = number.as_f64() {
        visitor.visit_f64(value)
    } else {
        Err(Error::new("number out of range"))
    }
}

/// Methods for visitors that take only one kind of token.
macro_rules! one_kind {
    ($(fn $method:ident = |$input:ident, $visitor:ident| $pattern:pat => $visit:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value, Error> {
            let $input = self;
            match $input.token()? {
                $pattern => $visit,
                other => Err(invalid_type(&other, &$visitor)),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Input<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.token()? {
            Token::Null => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Number(number) => visit_any_number(number, visitor),
            Token::String(text) => visitor.visit_str(&text),
            Token::Array => self.array(visitor),
            Token::Object => self.object(visitor),
        }
    }

    one_kind! {
        fn deserialize_bool = |input, visitor| Token::Bool(value) => visitor.visit_bool(value);
        fn deserialize_i8 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_i16 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_i32 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_i64 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_u8 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_u16 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_u32 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_u64 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_f32 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_f64 = |input, visitor| Token::Number(n) => visit_number(n, visitor);
        fn deserialize_i128 = |input, visitor| Token::Number(n) => visitor.visit_i128(n.integer()?);
        fn deserialize_u128 = |input, visitor| Token::Number(n) => visitor.visit_u128(n.integer()?);
        fn deserialize_char = |input, visitor| Token::String(text) => visitor.visit_str(&text);
        fn deserialize_str = |input, visitor| Token::String(text) => visitor.visit_str(&text);
        fn deserialize_string = |input, visitor| Token::String(text) => visitor.visit_str(&text);
        fn deserialize_unit = |input, visitor| Token::Null => visitor.visit_unit();
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.opens(true, &visitor)?;
        self.array(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.opens(false, &visitor)?;
        self.object(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() {
            self.token()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name != decimal::NEWTYPE {
            return visitor.visit_newtype_struct(self);
        }
        match self.token()? {
            Token::String(text) => visitor.visit_str(&text),
            Token::Number(number) => match number.decimal() {
                Some(value) => visitor.visit_str(decimal::format(value, &mut [0; decimal::LENGTH])),
                None => Err(Error::invalid_value(Unexpected::Str(&number.text()), &visitor)),
            },
            other => Err(invalid_type(&other, &visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.token()? {
            Token::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Token::Object => {
                if !self.more(true, b'}')? {
                    return Err(Error::new("expected the name of a variant"));
                }
                let name = self.key()?;
                let value = visitor.visit_enum(Variant { name, content: Some(&mut *self) })?;
                self.nothing_more(false, b'}')?;
                Ok(value)
            }
            other => Err(invalid_type(&other, &visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { bytes byte_buf identifier }
}

impl<'de> Input<'de> {
    /// Reads the opening bracket of an array or an object.
    #[inline(never)]
    fn opens(&mut self, array: bool, expected: &dyn Expected) -> Result<(), Error> {
        match self.token()? {
            Token::Array if array => Ok(()),
            Token::Object if !array => Ok(()),
            other => Err(invalid_type(&other, expected)),
        }
    }

    fn array<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let mut elements = Elements { input: self, first: true, ended: false };
        let value = visitor.visit_seq(&mut elements)?;
        if !elements.ended {
            let first = elements.first;
            self.nothing_more(first, b']')?;
        }
        Ok(value)
    }

    fn object<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let key = Cow::Borrowed("");
        let mut fields = Fields { input: self, first: true, ended: false, key, in_value: false };
        match visitor.visit_map(&mut fields) {
            Ok(value) => fields.end().map(|()| value),
            Err(error) => Err(fields.failed(error)),
        }
    }

    /// Checks that an array or object ends after its visitor is done.
    #[inline(never)]
    fn nothing_more(&mut self, first: bool, close: u8) -> Result<(), Error> {
        if self.more(first, close)? { Err(Error::new("trailing characters")) } else { Ok(()) }
    }
}

fn visit_any_number<'de, V: Visitor<'de>>(
    number: Number<'_>,
    visitor: V,
) -> Result<V::Value, Error> {
    if NUMBERS_ARE_TEXT {
        let value = number.value()?;
        if value.as_u64().is_none() && value.as_i64().is_none() {
            let entry = (decimal::NUMBER_TOKEN, number.text().into_owned());
            return visitor.visit_map(MapDeserializer::new(std::iter::once(entry)));
        }
    }
    visit_number(number, visitor)
}

/// The elements of an array.
struct Elements<'a, 'de> {
    input: &'a mut Input<'de>,
    first: bool,
    ended: bool,
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.ended || !self.input.more(self.first, b']')? {
            self.ended = true;
            return Ok(None);
        }
        self.first = false;
        seed.deserialize(&mut *self.input).map(Some)
    }
}

/// The fields of an object.
struct Fields<'a, 'de> {
    input: &'a mut Input<'de>,
    first: bool,
    ended: bool,
    key: Cow<'de, str>,
    /// Whether the value of a key is being read.
    in_value: bool,
}

impl Fields<'_, '_> {
    #[inline(never)]
    fn end(self) -> Result<(), Error> {
        if self.ended { Ok(()) } else { self.input.nothing_more(self.first, b'}') }
    }

    /// Adds the name of the field to an error; done once here, and not for every value.
    #[cold]
    #[inline(never)]
    fn failed(self, error: Error) -> Error {
        if self.in_value { error.within(&self.key) } else { error }
    }

    #[inline(never)]
    fn next(&mut self) -> Result<bool, Error> {
        if self.ended || !self.input.more(self.first, b'}')? {
            self.ended = true;
            return Ok(false);
        }
        self.first = false;
        self.key = self.input.key()?;
        Ok(true)
    }
}

impl<'de> MapAccess<'de> for &mut Fields<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if self.next()? { seed.deserialize(Key(&self.key)).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        self.in_value = true;
        let value = seed.deserialize(&mut *self.input)?;
        self.in_value = false;
        Ok(value)
    }
}

/// A variant: its name, and in an object also its content.
struct Variant<'a, 'de> {
    name: Cow<'de, str>,
    content: Option<&'a mut Input<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Error> {
        let name: StrDeserializer<'_, Error> = (&*self.name).into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'a, 'de> Variant<'a, 'de> {
    fn content(self, expected: &dyn Expected) -> Result<&'a mut Input<'de>, Error> {
        self.content.ok_or_else(|| Error::invalid_type(Unexpected::UnitVariant, expected))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.content.map_or(Ok(()), serde_core::Deserialize::deserialize)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content(&"newtype variant")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content(&"tuple variant")?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content(&"struct variant")?.deserialize_struct("", fields, visitor)
    }
}
