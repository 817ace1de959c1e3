//! Keys of objects, for maps whose keys are not strings: `{"1": ..}` is a map with the key 1.

use serde_core::de::value::StrDeserializer;
use serde_core::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde_core::forward_to_deserialize_any;

use super::Error;
use super::de::visit_number;
use super::token::Number;

/// One key.
pub(super) struct Key<'k>(pub(super) &'k str);

impl<'k> Key<'k> {
    /// Reads the key as a JSON number.
    #[inline(never)]
    fn number(&self) -> Result<Number<'k>, Error> {
        // Rejects white space and a plus sign, as `Number` does.
        let number = self.0.parse::<serde_json::Number>();
        number.map_err(|_| Error::new("expected a number in the key"))?;
        Ok(Number::Text(self.0))
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visit_number(self.number()?, visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.0.parse().map_err(|_| Error::new("expected a number in the key"))?;
        visitor.visit_i128(number)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.0.parse().map_err(|_| Error::new("expected a number in the key"))?;
        visitor.visit_u128(number)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Err(Error::invalid_type(Unexpected::Str(other), &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let key: StrDeserializer<'_, Error> = self.0.into_deserializer();
        key.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
