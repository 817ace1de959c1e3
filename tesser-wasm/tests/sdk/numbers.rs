//! What decimal fields read from JSON: strings, and numbers as exactly as `serde_json` hands them over.
//!
//! As `golden.rs`, this file also runs under the features of the crate in `tests/features`.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::{PluginOrderRequest, PluginTick};

/// What a decimal field makes of a JSON value, read from text and from a tree, both for a field
/// that is required and for one that is optional.
fn read_decimal(json: &str) -> Option<String> {
    let text = format!(
        r#"{{"symbol":"X","side":"buy","order_type":"limit","quantity":{json},"price":{json}}}"#
    );
    let from_text = serde_json::from_str::<PluginOrderRequest>(&text).ok();
    let from_tree = serde_json::from_str::<Value>(&text)
        .and_then(serde_json::from_value::<PluginOrderRequest>)
        .ok();
    assert_eq!(from_text, from_tree, "{json}");
    let order = from_text?;
    assert_eq!(order.price, Some(order.quantity), "{json}");
    Some(order.quantity.to_string())
}

#[test]
fn numbers_are_read_as_their_author_wrote_them() {
    let cases = [
        ("0.1", "0.1"),
        ("1e-7", "0.0000001"),
        ("2.5E-1", "0.25"),
        ("39432.48", "39432.48"),
        ("1e5", "100000"),
        ("-3", "-3"),
        ("0", "0"),
        ("9007199254740993", "9007199254740993"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709552000", "18446744073709552000"),
        ("-18446744073709552000", "-18446744073709552000"),
        (r#""1.2300""#, "1.2300"),
        (r#""2.5e-1""#, "0.25"),
        (r#""79228162514264337593543950335""#, "79228162514264337593543950335"),
    ];
    for (json, expected) in cases {
        assert_eq!(read_decimal(json).as_deref(), Some(expected), "{json}");
    }
}

/// Without the feature, `serde_json` hands a number over as a float, and its text is lost.
#[test]
fn long_numbers_are_exact_where_serde_json_keeps_their_text() {
    let arbitrary_precision =
        serde_json::to_string(&serde_json::from_str::<Value>("1.10").unwrap()).unwrap() == "1.10";
    let cases = [
        ("12345678901234567890.123", "12345678901234567890.123", "12345678901234567000"),
        ("0.12345678901234567890", "0.12345678901234567890", "0.12345678901234568"),
        ("79228162514264337593543950335", "79228162514264337593543950335", ""),
    ];
    for (json, exact, nearest) in cases {
        let expected = if arbitrary_precision { exact } else { nearest };
        assert_eq!(read_decimal(json).as_deref().unwrap_or_default(), expected, "{json}");
    }
}

/// A float in a tree has no text. The decimal with the fewest digits that reads as this float is what
/// its author wrote, and what Rust prints.
#[test]
fn floats_are_read_as_they_are_printed() {
    let read = |float: f64| {
        let tick =
            json!({ "symbol": "X", "price": float, "size": "1", "side": "buy", "timestamp_ms": 0 });
        serde_json::from_value::<PluginTick>(tick).unwrap().price
    };
    // The gap to the float below is smaller than the one above at a power of two.
    let powers = (-33..=89).flat_map(|exponent| {
        let float = 2_f64.powi(exponent);
        let bits = float.to_bits();
        [float, -float, f64::from_bits(bits + 1), f64::from_bits(bits - 1)]
    });
    // All kinds of fractions: a linear congruential generator, its top bits taken as a float.
    let mut seed = 1_u64;
    let any = (0..20_000).map(|_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let exponent = (seed >> 56) % 120 + 1023 - 33;
        f64::from_bits(exponent << 52 | seed >> 12)
    });
    let prices = (1..20_000_u32).map(|cents| f64::from(cents) / 100.0);
    for float in powers.chain(any).chain(prices) {
        assert_eq!(read(float), Decimal::from_str(&float.to_string()).unwrap(), "{float:e}");
    }
}

#[test]
fn what_is_not_a_decimal_is_refused() {
    let bad = [
        r#""""#,
        r#"" 1""#,
        r#""NaN""#,
        r#""inf""#,
        r#""1,5""#,
        r#""0x10""#,
        r#""1e999""#,
        r#""1e-4294967295""#,
        r#""1.5e-4294967295""#,
        "1e400",
        "-1e300",
        "true",
        "[]",
        "[1]",
        "{}",
        r#"{"$serde_json::private::Number":"x"}"#,
        r#"{"a":"1"}"#,
    ];
    for json in bad {
        assert_eq!(read_decimal(json), None, "{json}");
    }
}
