//! Types that host and plugin exchange, each declared once: `wire!` and `words!` generate the type, its serde traits, and the
//! table of fields that a plugin's small reader or writer uses.
//!
//! In: a struct or enum as it is written in Rust. Out: the same as serde's derive, except that an array is not read as a struct.
//! Without the derive macro this crate does not wait for its compilation, the longest part of a plugin's first build.

use std::fmt;

use rust_decimal::Decimal;
use serde_core::de::{self, Deserialize, DeserializeSeed, Deserializer, Visitor};
use serde_core::ser::{Serialize, Serializer};
use serde_json::Value;

use crate::decimal;

/// A type that a field can have.
pub(crate) trait Field: Sized {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// The value of a field that is absent from the JSON, if it may be absent.
    fn absent() -> Option<Self> {
        None
    }
}

/// A field that is written to JSON.
pub(crate) struct Out<'a, T>(pub(crate) &'a T);

impl<T: Field> Serialize for Out<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// A field that is read from JSON.
pub(crate) struct In<T>(pub(crate) T);

impl<'de, T: Field> Deserialize<'de> for In<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// Types that serde writes and reads as they are: `T`, or `T = value when absent`.
macro_rules! plain {
    ($($ty:ty $(= $absent:expr)?),+ $(,)?) => {
        $(impl $crate::wire::Field for $ty {
            fn write<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde_core::Serialize::serialize(self, serializer)
            }

            fn read<'de, D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde_core::Deserialize::deserialize(deserializer)
            }

            $(fn absent() -> Option<Self> {
                Some($absent)
            })?
        })+
    };
}

plain! {
    String,
    Option<String> = None,
    Vec<String> = Vec::new(),
    Value = Value::Null,
    bool = false,
    f64,
    i64,
}

impl Field for Decimal {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        decimal::serialize(self, serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decimal::deserialize(deserializer)
    }
}

impl Field for Option<Decimal> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        decimal::option::serialize(self, serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decimal::option::deserialize(deserializer)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// Reads the name of a field as its index; an unknown name has none.
#[derive(Clone, Copy)]
pub(crate) struct Name(pub(crate) &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<&'static str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("field identifier")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().copied().find(|name| *name == text))
    }
}

/// Reads the name of a variant, one of the first list, as its value in the second.
#[derive(Clone, Copy)]
pub(crate) struct Variant<T: 'static>(pub(crate) &'static [&'static str], pub(crate) &'static [T]);

impl<'de, T: Copy> DeserializeSeed<'de> for Variant<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<T: Copy> Visitor<'_> for Variant<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("variant identifier")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        let mut variants = self.0.iter().zip(self.1);
        let known = variants.find(|(name, _)| **name == text).map(|(_, value)| *value);
        known.ok_or_else(|| E::unknown_variant(text, self.0))
    }
}

/// Declares a struct that is an object in JSON, with its fields in this order. With `from_host;` in front, plugins read it
/// with [`from_host`](crate::json::from_host::from_host); with `to_host;`, they write it as a part of their result.
macro_rules! wire {
    ($direction:ident; $($declaration:tt)+) => {
        $crate::wire::wire! { $($declaration)+ }
        $crate::wire::$direction! { $($declaration)+ }
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* pub $field:ident : $ty:ty),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* pub $field: $ty),+
        }

        $crate::wire::object!($name { $($field),+ });
    };
}

/// Generates the code with which a plugin reads the host's JSON.
macro_rules! from_host {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* pub $field:ident : $ty:ty),+ $(,)?
        }
    ) => {
        #[cfg(feature = "guest")]
        impl $crate::json::from_host::FromHost for $name {
            const EMPTY: Self = Self {
                $($field: $crate::json::from_host::FromHostField::EMPTY),+
            };

            #[inline]
            fn read(
                &mut self,
                input: &mut $crate::json::from_host::Input<'_>,
            ) -> Result<(), $crate::json::Error> {
                use $crate::json::from_host::{field, read_object};

                let mut fields = [$(field(stringify!($field), &mut self.$field)),+];
                read_object(input, concat!("struct ", stringify!($name)), &mut fields)
            }
        }
    };
}

/// Generates the code that writes a part of a plugin's result.
macro_rules! to_host {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* pub $field:ident : $ty:ty),+ $(,)?
        }
    ) => {
        #[cfg(feature = "guest")]
        impl $crate::json::result_writer::ToHost for $name {
            fn write(&self, writer: &mut $crate::json::result_writer::Writer) {
                use $crate::json::result_writer::{ToHostField as _, write_fields};

                let fields = [$((concat!(",\"", stringify!($field), "\":"), self.$field.out())),+];
                write_fields(writer, &fields);
            }
        }
    };
}

/// Implements the serde traits of such a struct.
macro_rules! object {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl serde_core::Serialize for $name {
            fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde_core::ser::SerializeStruct as _;

                let length = [$(stringify!($field)),+].len();
                let mut object = serializer.serialize_struct(stringify!($name), length)?;
                $(object.serialize_field(stringify!($field), &$crate::wire::Out(&self.$field))?;)+
                object.end()
            }
        }

        impl<'de> serde_core::Deserialize<'de> for $name {
            fn deserialize<D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde_core::de::{Error as _, IgnoredAny, MapAccess, Visitor};
                use $crate::wire::{Field, In, Name};

                const FIELDS: &[&str] = &[$(stringify!($field)),+];

                struct Object;

                impl<'de> Visitor<'de> for Object {
                    type Value = $name;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        formatter.write_str(concat!("struct ", stringify!($name)))
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        $(let mut $field = None;)+
                        while let Some(name) = map.next_key_seed(Name(FIELDS))? {
                            match name {
                                $(Some(name) if name == stringify!($field) => {
                                    if $field.is_some() {
                                        return Err(A::Error::duplicate_field(stringify!($field)));
                                    }
                                    $field = Some(map.next_value::<In<_>>()?.0);
                                })+
                                _ => drop(map.next_value::<IgnoredAny>()?),
                            }
                        }
                        Ok($name {
                            $($field: $field
                                .or_else(Field::absent)
                                .ok_or_else(|| A::Error::missing_field(stringify!($field)))?,)+
                        })
                    }
                }

                deserializer.deserialize_struct(stringify!($name), FIELDS, Object)
            }
        }

        $crate::wire::plain!($name);
    };
}

/// Declares an enum whose variants are words in JSON: each variant with its word.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$variant_meta])* $variant),+
        }

        impl $name {
            pub(crate) const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        /// The word used in JSON.
        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.word())
            }
        }

        impl serde_core::Serialize for $name {
            fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_unit_variant(stringify!($name), *self as u32, self.word())
            }
        }

        impl<'de> serde_core::Deserialize<'de> for $name {
            fn deserialize<D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde_core::de::{EnumAccess, VariantAccess as _, Visitor};
                use $crate::wire::Variant;

                const WORDS: &[&str] = &[$($word),+];
                const VALUES: &[$name] = &[$($name::$variant),+];

                struct Word;

                impl<'de> Visitor<'de> for Word {
                    type Value = $name;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        formatter.write_str(concat!("enum ", stringify!($name)))
                    }

                    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<$name, A::Error> {
                        let (value, variant) = access.variant_seed(Variant(WORDS, VALUES))?;
                        variant.unit_variant()?;
                        Ok(value)
                    }
                }

                deserializer.deserialize_enum(stringify!($name), WORDS, Word)
            }
        }

        $crate::wire::plain!($name);
    };
}

pub(crate) use {from_host, object, plain, to_host, wire, words};

#[cfg(test)]
mod tests {
    use serde_json::{from_str, json, to_value};

    use crate::{PluginOrderUpdateRequest, PluginResult, PluginSide, PluginTick};

    const UPDATE: &str = r#"{"order_id":"7","symbol":"X","side":"sell"}"#;

    fn error(json: &str) -> String {
        from_str::<PluginOrderUpdateRequest>(json).unwrap_err().to_string()
    }

    #[test]
    fn fields_that_may_be_absent_get_their_empty_value() {
        let update: PluginOrderUpdateRequest = from_str(UPDATE).unwrap();
        assert_eq!((update.side, update.new_price), (PluginSide::Sell, None));
        assert_eq!(from_str::<PluginResult>("{}").unwrap(), PluginResult::new());
    }

    #[test]
    fn fields_come_in_any_order_and_unknown_ones_are_passed_over() {
        let mixed =
            r#"{"side":"buy","more":[{}],"timestamp_ms":1,"size":"2","price":3,"symbol":"X"}"#;
        let tick: PluginTick = from_str(mixed).unwrap();
        let json =
            json!({"symbol": "X", "price": "3", "size": "2", "side": "buy", "timestamp_ms": 1});
        assert_eq!(to_value(tick).unwrap(), json);
    }

    #[test]
    fn what_is_missing_double_or_unknown_is_named() {
        assert!(error(r#"{"order_id":"7","side":"sell"}"#).starts_with("missing field `symbol`"));
        let double = UPDATE.replace('}', r#","side":"buy"}"#);
        assert!(error(&double).starts_with("duplicate field `side`"));
        let unknown = UPDATE.replace("sell", "hold");
        assert!(error(&unknown).starts_with("unknown variant `hold`, expected `buy` or `sell`"));
        let action = r#"{"orders":[{"action":{"Cancel":{}}}]}"#;
        let message = from_str::<PluginResult>(action).unwrap_err().to_string();
        assert!(message.starts_with("unknown variant `Cancel`, expected `Place` or `Amend`"));
    }

    #[test]
    fn other_kinds_of_json_are_refused_with_what_was_expected() {
        assert!(error("3").contains("expected struct PluginOrderUpdateRequest"));
        assert!(error(&UPDATE.replace("\"7\"", "7")).contains("expected a string"));
    }
}
