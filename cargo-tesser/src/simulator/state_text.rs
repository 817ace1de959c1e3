//! How the host changes a plugin's state: it parses the state as JSON after each callback, stores it, and passes it back at a
//! restart.
//!
//! In: the result of `snapshot`. Out: whether the host accepts it, its nesting depth, and the text after a restart. The host
//! parses the state into a tree and serializes it again: keys are sorted, integers beyond 64 bits become floats, and floats
//! lose their last bit, since its JSON parser multiplies instead of finding the nearest float. `serde_json` does the same
//! only if no crate in the build enables exact floats, so the arithmetic is reimplemented here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A state, and whether it has already been through the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StateText {
    pub(crate) text: String,
    /// As passed back at a restart.
    pub(crate) is_rewritten: bool,
}

impl StateText {
    /// As `snapshot` returned it.
    pub(crate) fn from_plugin(text: String) -> Self {
        Self { text, is_rewritten: false }
    }

    /// As the host stores it.
    pub(crate) fn stored(&self) -> Cow<'_, str> {
        if self.is_rewritten {
            Cow::Borrowed(&self.text)
        } else {
            Cow::Owned(rewritten(&self.text))
        }
    }
}

/// Maximum nesting of a state with which the host can restart. It is stored two levels deeper, and read with a limit of 127
/// levels.
pub(crate) const DEEPEST: usize = 125;

/// Parses a state as the host does after a callback; returns its nesting depth.
///
/// # Errors
/// The host's error for a text that it does not accept.
pub(crate) fn check(state: &str) -> Result<usize, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(state);
    let depth = Depth.deserialize(&mut reader)?;
    reader.end()?;
    Ok(depth)
}

/// Deserializes a value only to measure its depth.
#[derive(Clone, Copy)]
struct Depth;

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_i64<E>(self, _: i64) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_u64<E>(self, _: u64) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_f64<E>(self, _: f64) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_str<E>(self, _: &str) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_unit<E>(self) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<usize, A::Error> {
        let mut deepest = 0;
        while let Some(depth) = seq.next_element_seed(self)? {
            deepest = deepest.max(depth);
        }
        Ok(deepest + 1)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<usize, A::Error> {
        let mut deepest = 0;
        while map.next_key_seed(self)?.is_some() {
            deepest = deepest.max(map.next_value_seed(self)?);
        }
        Ok(deepest + 1)
    }
}

/// The text after the host has parsed and serialized it once. Only for texts that [`check`] accepts.
pub(crate) fn rewritten(state: &str) -> String {
    let mut text = String::with_capacity(state.len());
    match serde_json::from_str::<&RawValue>(state) {
        Ok(value) => write(value, &mut text),
        // Unreachable, since the text was checked.
        Err(_) => text.push_str(state),
    }
    text
}

fn write(value: &RawValue, text: &mut String) {
    let raw = value.get();
    match raw.as_bytes().first() {
        Some(b'{') => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(raw).unwrap_or_default();
            separated(text, ['{', '}'], fields, |text, (key, value)| {
                text.push_str(&string(&key));
                text.push(':');
                write(value, text);
            });
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(raw).unwrap_or_default();
            separated(text, ['[', ']'], items, |text, value| write(value, text));
        }
        Some(b'"') => {
            let content: String = serde_json::from_str(raw).unwrap_or_default();
            text.push_str(&string(&content));
        }
        Some(b'-' | b'0'..=b'9') => text.push_str(&number(raw)),
        _ => text.push_str(raw),
    }
}

fn separated<T>(
    text: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(text, item);
    }
    text.push(close);
}

fn string(content: &str) -> String {
    serde_json::Value::from(content).to_string()
}

/// A number after the host has parsed it: integers of 64 bits stay the same, all others become floats.
fn number(raw: &str) -> String {
    let (negative, digits) = match raw.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, raw),
    };
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // For the host, negative zero and integers beyond 64 bits are floats.
        let integer: Option<String> = if negative {
            raw.parse::<i64>().ok().filter(|value| *value != 0).map(|value| value.to_string())
        } else {
            raw.parse::<u64>().ok().map(|value| value.to_string())
        };
        if let Some(integer) = integer {
            return integer;
        }
    }
    shown(if negative { -float(digits) } else { float(digits) })
}

/// A float as the host serializes it.
fn shown(float: f64) -> String {
    ryu::Buffer::new().format(float).to_owned()
}

/// The host's error for JSON that it does not accept. Its version of `serde_json` formats floats differently.
pub(crate) fn host_words(error: &serde_json::Error) -> String {
    const BEFORE: &str = "floating point `";
    let words = error.to_string();
    let rewritten = words.split_once(BEFORE).and_then(|(start, rest)| {
        let (number, end) = rest.split_once('`')?;
        Some(format!("{start}{BEFORE}{}`{end}", shown(number.parse().ok()?)))
    });
    rewritten.unwrap_or(words)
}

/// Parses a float without its sign as the host does: as many digits as fit in 64 bits, multiplied or divided by a power of ten.
fn float(digits: &str) -> f64 {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (digits, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (mut significand, mut power) = (0_u64, 0_i32);
    let mut full = false;
    for (digits, is_fraction) in [(whole, false), (fraction, true)] {
        for digit in digits.bytes().map(|byte| u64::from(byte - b'0')) {
            let next = significand.checked_mul(10).and_then(|value| value.checked_add(digit));
            match next {
                Some(next) if !full => {
                    significand = next;
                    power -= i32::from(is_fraction);
                }
                // The digit is dropped, but before the decimal point it still counts for the exponent.
                _ => {
                    full = true;
                    power += i32::from(!is_fraction);
                }
            }
        }
    }
    let exponent = exponent.parse().unwrap_or(if exponent.starts_with('-') { i32::MIN } else { 0 });
    scaled(significand, power.saturating_add(exponent))
}

#[expect(clippy::cast_precision_loss, reason = "it is what the host does")]
fn scaled(significand: u64, mut power: i32) -> f64 {
    let mut value = significand as f64;
    while power < -308 && value != 0.0 {
        value /= 1e308;
        power += 308;
    }
    match power {
        0.. => value * ten_to(power),
        _ if value == 0.0 => value,
        _ => value / ten_to(-power),
    }
}

/// A power of ten, rounded once.
fn ten_to(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_state_has_sorted_keys_and_no_white_space() {
        for (before, after) in [
            (" {\"b\" : 1, \"a\" : [ true, null ] } ", r#"{"a":[true,null],"b":1}"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#""\u00e9\/\ud83d\ude00\t""#, "\"é/😀\\t\""),
            ("5", "5"),
            ("null", "null"),
        ] {
            assert_eq!(rewritten(before), after);
        }
    }

    #[test]
    fn integers_beyond_64_bits_become_floats() {
        for (before, after) in [
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "1.8446744073709552e19"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("-9223372036854775809", "-9.223372036854776e18"),
            ("-0", "-0.0"),
            ("100.0", "100.0"),
            ("1e3", "1000.0"),
            ("1E-7", "1e-7"),
            ("5e-324", "5e-324"),
            ("1e-400", "0.0"),
        ] {
            assert_eq!(rewritten(before), after);
        }
    }

    #[test]
    fn a_float_loses_its_last_bit_in_two_passes() {
        let once = rewritten("123456789.123456789");
        assert_eq!(once, "123456789.12345679");
        assert_eq!(rewritten(&once), "123456789.1234568");
    }

    #[test]
    fn invalid_states_give_the_errors_of_the_host() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(check(&nested(125)).unwrap(), 125);
        assert_eq!(check(&nested(127)).unwrap(), 127);
        for (state, words) in [
            (nested(128), "recursion limit exceeded at line 1 column 128"),
            (r#"{"x":1e999}"#.into(), "number out of range at line 1 column 10"),
            (r#""\ud800""#.into(), "unexpected end of hex escape at line 1 column 8"),
            (r#"{"x":NaN}"#.into(), "expected value at line 1 column 6"),
            (String::new(), "EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(check(&state).unwrap_err().to_string(), words);
        }
    }
}
