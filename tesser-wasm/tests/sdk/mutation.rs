//! A valid text -> texts that are wrong in ways that a decoder may not expect, and some that are right.

use proptest::prelude::*;
use proptest::sample::Index;

/// A fill with a number, a decimal in scientific notation and an option.
pub const FILL: &str = concat!(
    r#"{"order_id":"42","symbol":"BTCUSDT","side":"buy","fill_price":"40000","#,
    r#""fill_quantity":0.10,"fee":"-1e-3","fee_asset":"BNB","timestamp_ms":1700000000000}"#,
);

/// Neither JSON nor numbers by themselves.
const FRAGMENTS: [&str; 22] = [
    "",
    " ",
    "\0",
    "\u{feff}",
    "🦀",
    "{",
    "}",
    "[",
    "]",
    "[[[[",
    ":",
    ",",
    "\"",
    "\\",
    "\\u0000",
    "\"\\ud800\"",
    "-",
    "00",
    "1e",
    "0x10",
    "NaN",
    "-Infinity",
];

/// JSON values: of each type, at the limits of the number types, and some that look like numbers.
const VALUES: [&str; 36] = [
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "0",
    "-0",
    "-0.0",
    "1",
    "255",
    "256",
    "0.5",
    "1E+5",
    "1e-7",
    "1e28",
    "1e29",
    "1e400",
    "1e-4294967295",
    "1.5e-4294967296",
    "9223372036854775808",
    "-9223372036854775809",
    "79228162514264337593543950336",
    "12345678901234567890.1234567890123456789",
    "\"0.50\"",
    "\"-1\"",
    "\"1e-7\"",
    "\"1e400\"",
    "\"0x10\"",
    "\"1_000\"",
    "\"NaN\"",
    "\"sell\"",
    "\"\\ud83e\\udd80\"",
    "[1]",
    "[\"a\"]",
    "{\"clip\":1}",
    "{\"$serde_json::private::Number\":\"1e999\"}",
];

#[derive(Clone, Debug)]
enum Change {
    /// Puts a piece in place of so many characters.
    Replace(Index, usize, &'static str),
    /// Puts a value in place of an object's value, or of the whole text.
    Value(Index, &'static str),
    /// Takes away what is between two commas: mostly one field.
    Omit(Index),
    /// Repeats so many characters.
    Repeat(Index, usize),
    Cut(Index),
    Insert(Index, char),
}

fn value() -> impl Strategy<Value = Change> {
    let value = prop::sample::select(&VALUES[..]);
    (any::<Index>(), value).prop_map(|(at, value)| Change::Value(at, value))
}

fn omit() -> impl Strategy<Value = Change> {
    any::<Index>().prop_map(Change::Omit)
}

fn any_change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    let piece = prop::sample::select([&FRAGMENTS[..], &VALUES[..]].concat());
    prop_oneof![
        value(),
        omit(),
        (at(), 0_usize..20, piece).prop_map(|(at, len, piece)| Change::Replace(at, len, piece)),
        (at(), 1_usize..40).prop_map(|(at, len)| Change::Repeat(at, len)),
        at().prop_map(Change::Cut),
        (at(), any::<char>()).prop_map(|(at, char)| Change::Insert(at, char)),
    ]
}

/// `valid` with a few changes. Half of the texts stay well-formed, so that they get far into the
/// decoding.
pub fn hostile(valid: &'static str) -> impl Strategy<Value = String> {
    let changes = prop_oneof![
        prop::collection::vec(any_change(), 1..4),
        prop::collection::vec(prop_oneof![3 => value(), 1 => omit()], 1..4),
    ];
    changes.prop_map(move |changes| {
        let mut text = valid.chars().collect();
        for change in changes {
            change.apply(&mut text);
        }
        text.into_iter().collect()
    })
}

impl Change {
    fn apply(&self, text: &mut Vec<char>) {
        let end = |start: usize, len: usize| (start + len).min(text.len());
        match *self {
            Self::Replace(at, len, piece) => {
                let start = at.index(text.len() + 1);
                text.splice(start..end(start, len), piece.chars());
            }
            Self::Value(at, value) => {
                let colons = positions(text, ":");
                let start = if colons.is_empty() { 0 } else { at.get(&colons) + 1 };
                let len = text[start..].iter().position(|char| ",}]".contains(*char));
                let end = len.map_or(text.len(), |len| start + len);
                text.splice(start..end, value.chars());
            }
            Self::Omit(at) => {
                let commas = positions(text, ",");
                if commas.len() > 1 {
                    let first = at.index(commas.len() - 1);
                    text.drain(commas[first]..commas[first + 1]);
                }
            }
            Self::Repeat(at, len) => {
                let start = at.index(text.len() + 1);
                let again = text[start..end(start, len)].to_vec();
                text.splice(start..start, again);
            }
            Self::Cut(at) => text.truncate(at.index(text.len() + 1)),
            Self::Insert(at, char) => text.insert(at.index(text.len() + 1), char),
        }
    }
}

fn positions(text: &[char], of: &str) -> Vec<usize> {
    (0..text.len()).filter(|&index| of.contains(text[index])).collect()
}
