//! Decimals as JSON strings, independent of the features that other crates enable. For your own params and
//! state: `#[serde(with = "tesser_wasm::decimal")]`, `#[serde(default, with = "tesser_wasm::decimal::option")]`.
//!
//! In: `Decimal` and the JSON of either side. Out: the same value, digit for digit.
//! `rust_decimal`'s own serde implementation changes its output with its `serde-float` and
//! `serde-arbitrary-precision` features, which any crate in a build can enable; the host would then
//! get numbers where it expects strings. No type of this crate uses that implementation.

mod float;
mod text;

use std::fmt;

use rust_decimal::Decimal;
use serde_core::de::{self, Deserializer, MapAccess, Visitor};
use serde_core::ser::Serializer;

pub(crate) use float::{from_float, to_float};
pub use text::parse;
pub(crate) use text::{LENGTH, digits, format, parse_number};

/// Key under which `serde_json` passes on the text of a number when it is built with `arbitrary_precision`.
pub(crate) const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Newtype name that tells this crate's own reader to pass on a number as text, because a decimal is wanted:
/// code that reads and prints floats would add 20 KB to every plugin.
pub(crate) const NEWTYPE: &str = "$tesser_wasm::private::Decimal";

/// What was expected where something else than a decimal stands.
pub(crate) const EXPECTED: &str = "a decimal number as a string, for example \"0.25\"";

/// Writes a decimal as a JSON string, all digits kept.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let mut digits = [0; LENGTH];
    serializer.serialize_str(format(*value, &mut digits))
}

/// Returns a decimal as text with all its digits: the same text as `Display` writes, with a quarter of its code
/// (2 KB of a plugin).
///
/// ```
/// use rust_decimal::Decimal;
///
/// assert_eq!(tesser_wasm::decimal::to_string(Decimal::new(250, 3)), "0.250");
/// ```
#[must_use]
#[inline(never)]
pub fn to_string(value: Decimal) -> String {
    digits(value, &mut [0; LENGTH]).iter().map(|byte| char::from(*byte)).collect()
}

/// Reads a decimal from a JSON string, plain or in scientific notation, or from a number.
///
/// # Errors
/// Text that is not a number, or any other JSON value.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    deserializer.deserialize_newtype_struct(NEWTYPE, DecimalVisitor)
}

struct DecimalVisitor;

impl<'de> Visitor<'de> for DecimalVisitor {
    type Value = Decimal;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
        parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Decimal, E> {
        Ok(Decimal::from(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Decimal, E> {
        Ok(Decimal::from(number))
    }

    // `serde_json` passes on large integers in these two ways when it keeps the text of numbers.
    fn visit_i128<E: de::Error>(self, number: i128) -> Result<Decimal, E> {
        Decimal::try_from_i128_with_scale(number, 0)
            .map_err(|_| E::invalid_value(de::Unexpected::Other("large integer"), &self))
    }

    fn visit_u128<E: de::Error>(self, number: u128) -> Result<Decimal, E> {
        self.visit_i128(i128::try_from(number).unwrap_or(i128::MAX))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Decimal, E> {
        // The shortest text that gives this float back is what its author wrote. Plugins do not reach this code: printing
        // floats takes 20 KB, so their reader passes on text, or calls `from_float`.
        parse(&number.to_string())
            .ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &self))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Decimal, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Decimal, A::Error> {
        match map.next_key::<String>()? {
            Some(key) if key == NUMBER_TOKEN => self.visit_str(&map.next_value::<String>()?),
            _ => Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
        }
    }
}

/// The same for `Option<Decimal>`: `None` is written as `null`, and read from it. For a field that
/// may be left out, add `default` to the attribute.
pub mod option {
    use super::{Decimal, DecimalVisitor, Deserializer, MapAccess, Serializer, Visitor, de, fmt};

    /// Writes a decimal as a JSON string, or `null`.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a decimal as [`decimal::deserialize`](super::deserialize) does, or `null`.
    ///
    /// # Errors
    /// Text that is not a number, or any other JSON value.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        deserializer.deserialize_option(OptionVisitor)
    }

    struct OptionVisitor;

    impl<'de> Visitor<'de> for OptionVisitor {
        type Value = Option<Decimal>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            DecimalVisitor.expecting(formatter)
        }

        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(
            self,
            deserializer: D,
        ) -> Result<Self::Value, D::Error> {
            super::deserialize(deserializer).map(Some)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            DecimalVisitor.visit_map(map).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Holder {
        #[serde(with = "super")]
        plain: Decimal,
        #[serde(default, with = "super::option")]
        optional: Option<Decimal>,
    }

    #[test]
    fn decimals_are_written_as_strings() {
        let holder = Holder { plain: Decimal::new(2500, 4), optional: None };
        let json = serde_json::to_string(&holder).unwrap();
        assert_eq!(json, r#"{"plain":"0.2500","optional":null}"#);
    }

    #[test]
    fn numbers_are_accepted_as_their_author_wrote_them() {
        let holder: Holder = serde_json::from_str(r#"{"plain":0.1,"optional":-3}"#).unwrap();
        assert_eq!(holder, Holder { plain: Decimal::new(1, 1), optional: Some(Decimal::from(-3)) });
    }

    #[test]
    fn scientific_notation_is_accepted() {
        let holder: Holder = serde_json::from_str(r#"{"plain":"2.5e-1"}"#).unwrap();
        assert_eq!(holder.plain, Decimal::new(25, 2));
    }

    #[test]
    fn text_that_is_not_a_number_is_named() {
        let error = serde_json::from_str::<Holder>(r#"{"plain":"many"}"#).unwrap_err();
        assert!(error.to_string().contains("\"many\""), "{error}");
        for bad in ["[]", "{}", "true", "null", r#"{"a":1}"#] {
            let json = format!("{{\"plain\":{bad}}}");
            let error = serde_json::from_str::<Holder>(&json).unwrap_err().to_string();
            assert!(error.contains("expected a decimal number as a string"), "{bad}: {error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]
        #[test]
        fn any_decimal_of_any_scale_round_trips(low: i32, mid: i32, high: i32, negative: bool, scale in 0_u32..=28) {
            #[expect(clippy::cast_sign_loss, reason = "all bit patterns are wanted")]
            let value = Decimal::from_parts(low as u32, mid as u32, high as u32, negative, scale);
            let holder = Holder { plain: value, optional: Some(value) };
            let back: Holder = serde_json::from_str(&serde_json::to_string(&holder).unwrap()).unwrap();
            prop_assert_eq!(back.plain.to_string(), value.to_string());
            prop_assert_eq!(back.optional.map(|d| d.scale()), Some(value.scale()));
        }
    }
}
