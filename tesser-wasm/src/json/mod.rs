//! JSON text or a `Value` -> any `Deserialize` type, and any `Serialize` type -> text; small in code.
//!
//! In: what the host sends, and the params in it. Out: the same values as with `serde_json`, or
//! an error that names the field. No input may cause a panic. This module exists to save size: `serde_json` compiles a
//! parser for every type, once for text and once for `Value`; here both feed one [`Input`] that is compiled once.
//! A number is read as the nearest float, as with `serde_json`'s feature `float_roundtrip`.

mod de;
mod error;
#[cfg(feature = "guest")]
pub(crate) mod from_host;
mod input;
mod key;
mod raw;
#[cfg(feature = "guest")]
pub(crate) mod result_writer;
mod ser;
#[cfg(test)]
mod tests;
mod text_reader;
mod token;
mod value_walker;

use serde_core::de::DeserializeOwned;
use serde_core::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use error::Error;
#[cfg(feature = "guest")]
pub(crate) use from_host::{any_from_str, from_host};
use input::Input;
#[cfg(feature = "exec")]
pub use raw::Elements;
pub(crate) use raw::decimal_of;
pub use raw::{Json, Object};
#[cfg(feature = "guest")]
pub(crate) use result_writer::write_result;
pub(crate) use ser::Writer;
#[cfg(feature = "guest")]
pub(crate) use ser::{CACHED, takes_json};
use text_reader::Reader;
pub(crate) use token::{Number, Token};
use value_walker::Walker;

/// Reads a whole text. Not inlined, here and in [`from_value`]: the compiler would optimize the code of the type
/// again in each of the functions around it.
#[cfg_attr(
    not(any(feature = "guest", test)),
    expect(dead_code, reason = "hosts use serde_json itself")
)]
#[inline(never)]
pub(crate) fn from_str<T: DeserializeOwned>(json: &str) -> Result<T, Error> {
    let mut input = Input::Text(Reader::new(json));
    let read = T::deserialize(&mut input).and_then(|value| input.finish().map(|()| value));
    read.map_err(|error| error.at(&input))
}

#[cfg_attr(
    not(any(feature = "guest", test)),
    expect(dead_code, reason = "hosts use serde_json itself")
)]
/// Writes a text for which `room` bytes are likely to be enough.
pub(crate) fn to_string<T: Serialize>(value: &T, room: usize) -> Result<String, Error> {
    let mut writer = Writer::with_capacity(room);
    value.serialize(&mut writer)?;
    Ok(writer.finish())
}

/// Reads a value without taking it apart.
#[inline(never)]
pub(crate) fn from_value<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Error> {
    T::deserialize(&mut Input::Tree(Box::new(Walker::new(value))))
}
