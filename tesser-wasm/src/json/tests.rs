//! The same documents, whole and mutated, through this reader and through `serde_json`.

use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::token::NUMBERS_ARE_TEXT;
use super::{from_str, from_value, to_string};
use crate::{PluginFill, PluginInitContext};

/// One value of every type that a state can contain.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Everything {
    flag: bool,
    small: i8,
    large: u64,
    float: f64,
    letter: char,
    text: String,
    nothing: (),
    pair: (u8, Option<String>),
    list: Vec<Kind>,
    numbers: BTreeMap<i32, Newtype>,
    flags: BTreeMap<bool, u128>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Newtype(i64);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Unit,
    New(u16),
    Tuple(u8, bool),
    Struct { a: Option<i64> },
}

/// serde buffers its content, so the reader does not know which type is read.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flattened {
    a: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, Untagged>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Flag(bool),
    Number(i64),
    Text(String),
}

const EVERYTHING: &str = r#"{"flag":true,"small":-7,"large":18446744073709551615,"float":0.25,"letter":"x",
 "text":"a\u00e9\ud83d\ude00\n\\","nothing":null,"pair":[1,"b"],"list":["unit",{"new":3},{"tuple":[4,false]},
 {"struct":{"a":null}},{"unit":null}],"numbers":{"-1":5,"20":6},"flags":{"true":1,"false":2}}"#;
const FILL: &str = r#"{"order_id":"42","symbol":"X","side":"buy","fill_price":"40000.50","fill_quantity":0.1,
 "fee":null,"fee_asset":"B\tN","other":[1,{"a":[]},"\"",-1.5e3],"timestamp_ms":-3}"#;
const CONTEXT: &str = r#"{"plugin":"p","params":{"a":[1,-2,0.5,true,null,"t",{}]},"signal":{"id":"s","symbol":"X",
 "side":"sell","kind":"k","confidence":0.8,"target_quantity":"1e2","note":null},"risk":{"last_price":"1",
 "portfolio_equity":2,"exchange_equity":"3","signed_position_qty":"-4","base_available":"5","quote_available":6.5,
 "settlement_available":"7","instrument_kind":"Spot"}}"#;
const FLATTENED: &str = r#"{"a":1,"b":true,"c":-5,"d":"text"}"#;

fn compare<T: DeserializeOwned + Serialize + PartialEq + Debug>(json: &str) {
    let expected = serde_json::from_str::<T>(json);
    let read = from_str::<T>(json);
    match (&expected, &read) {
        (Ok(expected), Ok(read)) => {
            assert_eq!(expected, read, "{json}");
            assert_eq!(to_string(read, 0).unwrap(), serde_json::to_string(read).unwrap());
        }
        (Err(_), Err(_)) => {}
        _ => panic!("{json}\nserde_json: {expected:?}\nhere: {read:?}"),
    }
    let Ok(value) = serde_json::from_str::<Value>(json) else { return };
    let expected = serde_json::from_value::<T>(value.clone()).ok();
    assert_eq!(from_value::<T>(&value).ok(), expected, "{json}");
}

/// Compares the tables for the host's types with their own `Deserialize`.
#[cfg(feature = "guest")]
fn compare_from_host<T: super::from_host::FromHost + DeserializeOwned + PartialEq + Debug>(
    json: &str,
) {
    let read = super::from_host::<T>(json);
    assert_eq!(read.as_ref().ok(), from_str::<T>(json).as_ref().ok(), "{json}");
    if let (Err(error), Err(expected)) = (read, from_str::<T>(json)) {
        let expected = expected.to_string();
        // The table for integers reads no floats, so it does not find them too large.
        let is_of_a_float = expected.contains("number out of range");
        assert!(is_of_a_float || error.to_string() == expected, "{json}\n{error}\n{expected}");
    }
}

fn compare_all(json: &str) {
    compare::<Value>(json);
    compare::<PluginFill>(json);
    compare::<PluginInitContext>(json);
    #[cfg(feature = "guest")]
    {
        compare_from_host::<PluginFill>(json);
        compare_from_host::<PluginInitContext>(json);
    }
    compare::<Everything>(json);
    compare::<Flattened>(json);
}

#[test]
fn the_documents_are_read_as_by_serde_json() {
    assert!(from_str::<Everything>(EVERYTHING).is_ok());
    assert!(from_str::<PluginFill>(FILL).is_ok());
    assert!(from_str::<PluginInitContext>(CONTEXT).is_ok());
    assert!(from_str::<Flattened>(FLATTENED).is_ok());
    for json in [EVERYTHING, FILL, CONTEXT, FLATTENED] {
        compare_all(json);
    }
}

#[test]
fn deep_nesting_is_an_error_where_it_matters_and_skipped_where_not() {
    for depth in [126, 127, 128, 129, 10_000] {
        compare::<Value>(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        let deep = format!("{}1{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
        compare::<Value>(&deep);
        compare::<PluginFill>(&FILL.replace("-1.5e3", &deep));
    }
}

/// `serde_json` reads an array as a struct. No host sends one, and the code for it would be a third
/// of the code that reads a state.
#[test]
fn an_array_is_no_struct() {
    let error = from_str::<Flattened>("{\"a\":[]}").unwrap_err().to_string();
    assert_eq!(error, "`a`: invalid type: sequence, expected u8 at line 1 column 7");
    assert_eq!(
        from_str::<crate::PluginTick>(r#"["X","1","2","buy",3]"#).unwrap_err().to_string(),
        "invalid type: sequence, expected struct PluginTick at line 1 column 2"
    );
    assert_eq!(from_str::<(u8, bool)>("[1,true]").ok(), Some((1, true)));
}

#[test]
fn the_size_of_a_number_tells_whether_serde_json_keeps_its_text() {
    let text = serde_json::from_str::<Value>("1.00").unwrap().to_string();
    assert_eq!(text, if NUMBERS_ARE_TEXT { "1.00" } else { "1.0" });
}

#[test]
fn keys_and_texts_are_written_as_by_serde_json() {
    fn same<T: Serialize>(value: &T) {
        assert_eq!(to_string(value, 0).ok(), serde_json::to_string(value).ok());
    }
    let all: String = ('\0'..='\u{ff}').chain(['\u{2028}', '\u{1f600}']).collect();
    same(&all);
    same(&BTreeMap::from([(all, f64::NAN)]));
    same(&BTreeMap::from([('"', 1.5e300_f64)]));
    same(&BTreeMap::from([(i64::MIN, i8::MIN)]));
    same(&BTreeMap::from([(u128::MAX, 0.1_f32)]));
    same(&BTreeMap::from([(Some(true), ((), 1))]));
    same(&BTreeMap::from([(None::<bool>, 1)]));
    same(&BTreeMap::from([((), 1)]));
    same(&BTreeMap::from([(vec![1], 1)]));
}

#[test]
fn errors_name_the_field_and_the_place() {
    let json = EVERYTHING.replace(r#"{"new":3}"#, r#"{"new":-3}"#);
    let error = from_str::<Everything>(&json).unwrap_err().to_string();
    assert_eq!(error, "`list`: invalid value: integer `-3`, expected u16 at line 2 column 89");
}

/// Parts of JSON that a mutation inserts.
const PARTS: [&str; 28] = [
    "",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "\\udc00",
    "\u{1}",
    "é",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n",
    "-",
    "0",
    "1",
    "9",
    ".",
    "e",
    "E+",
    "null",
    "true",
    "1e400",
    "123",
    "\"side\":\"buy\",",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]
    #[test]
    fn mutated_documents_are_read_as_by_serde_json(
        document in prop::sample::select(vec![EVERYTHING, FILL, CONTEXT, FLATTENED]),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, 0..PARTS.len()), 1..4),
    ) {
        let mut json: Vec<char> = document.chars().collect();
        for (at, removed, part) in mutations {
            let at = at.index(json.len() + 1);
            let end = (at + removed).min(json.len());
            json.splice(at..end, PARTS[part].chars());
        }
        compare_all(&json.into_iter().collect::<String>());
    }
}
