//! Parameters as a contract: errors, and the schema.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::exec::testing::schema;
use tesser_wasm::{ParamKind, ParamSchema};

use crate::algorithms::{Greedy, setup};

fn refused(params: &Value) -> String {
    setup("1", params).try_start::<Greedy>().err().unwrap_or_default()
}

#[test]
fn errors_name_the_parameter_and_what_is_allowed() {
    for (params, expected) in [
        (
            json!({ "clip_sise": 1 }),
            "params: `clip_sise`: unknown parameter; did you mean `clip_size`?",
        ),
        (json!({ "other": 1 }), "params: `other`: unknown parameter"),
        (
            json!({ "clip_size": "much" }),
            "params: `clip_size`: `much` is not a decimal, for example \"0.25\"",
        ),
        (
            json!({ "clip_size": -1 }),
            "params: `clip_size`: -1 is out of range; allowed: from 0 to 1000000",
        ),
        (json!({ "settle_secs": 1.5 }), "params: `settle_secs`: this number is not a whole number"),
        (json!({ "settle_secs": "5" }), "params: `settle_secs`: `5` is not a whole number"),
        (json!({ "settle_secs": [] }), "params: `settle_secs`: a list is not a whole number"),
        (
            json!({ "at_end": "makret" }),
            "params: `at_end`: `makret` is not one of leave, ioc, market; did you mean `market`?",
        ),
        (
            json!({ "order_type": 3 }),
            "params: `order_type`: this number is not one of its words as a string",
        ),
        (json!({ "venue": "" }), "params: `venue`: `` is not a non-empty string"),
        (
            json!({ "tick_size": "5000" }),
            "params: `tick_size`: 5000 is more than a tenth of the price 40000; set the symbol's own tick size",
        ),
    ] {
        assert_eq!(refused(&params), expected);
    }
}

#[test]
fn decimals_are_taken_digit_for_digit_from_strings_and_numbers() {
    for clip in [json!("0.1"), json!(0.1), json!("1e-1")] {
        let mut host = setup("1", &json!({ "clip_size": clip })).start::<Greedy>();
        host.timer();
        assert_eq!(host.placed()[0].quantity, Decimal::new(1, 1));
    }
    assert_eq!(refused(&json!({ "clip_size": null })), "");
}

#[test]
fn the_schema_has_what_the_macro_was_told() {
    let schema = schema::<Greedy>();
    let venue = schema.get("venue").unwrap();
    assert!(venue.required && venue.kind == ParamKind::Text);
    let clip = schema.get("clip_size").unwrap();
    assert_eq!((clip.default.as_deref(), clip.max.as_deref()), (Some("1"), Some("1000000")));
    assert_eq!(clip.doc, "Most that one order asks for.");
    assert_eq!(clip.unit.as_deref(), Some("base currency"));
    assert_eq!(schema.get("order_type").unwrap().choices, ["limit", "ioc", "market"]);
    assert_eq!(schema.get("end_secs").unwrap().kind, ParamKind::Integer);
}

#[test]
fn the_schema_refuses_what_the_plugin_refuses() {
    let schema = schema::<Greedy>();
    for params in [
        json!({ "clip_size": "much" }),
        json!({ "clip_size": -1 }),
        json!({ "settle_secs": 1.5 }),
        json!({ "at_end": "makret" }),
        json!({ "other": 1 }),
        json!({}),
        json!({ "clip_size": 0.5, "limit_price": "40000" }),
    ] {
        let mut all = params.clone();
        all["venue"] = json!("bybit_linear");
        let by_schema = schema.check(&all).err().map(|errors| errors[0].to_string());
        assert_eq!(by_schema.unwrap_or_default(), refused(&params), "{params}");
    }
    let errors = schema.check(&json!({ "clip_size": -1, "other": 1 })).unwrap_err();
    assert_eq!(errors.len(), 3, "all at once: {errors:?}");
    let first = |params| schema.check(&params).unwrap_err()[0].to_string();
    assert_eq!(first(json!([])), "params: must be an object");
    let no_venue = first(json!(null));
    assert!(no_venue.starts_with("params: `venue`: missing"), "{no_venue}");
}

#[test]
fn a_schema_is_read_from_the_bytes_of_a_component() {
    let json = tesser_wasm::exec::section::schema::<Greedy>();
    let section = [&[13][..], b"tesser:params", json.as_bytes()].concat();
    let leb = |length: usize| {
        [(length & 0x7f) | 0x80, length >> 7].map(|byte| u8::try_from(byte).unwrap())
    };
    let module = [b"\0asm\x01\0\0\0\0", &leb(section.len())[..], &section].concat();
    let component = [b"\0asm\x0d\0\x01\0\x01", &leb(module.len())[..], &module].concat();
    let read = ParamSchema::from_component(&component).unwrap().unwrap();
    assert_eq!(read, schema::<Greedy>());
    assert_eq!(ParamSchema::from_component(b"\0asm\x0d\0\x01\0"), Ok(None));
    assert!(
        ParamSchema::from_section(br#"{"format":2,"params":[]}"#)
            .unwrap_err()
            .to_string()
            .contains("format 2")
    );
}

#[test]
fn json_schema_has_types_ranges_defaults_and_descriptions() {
    let json = schema::<Greedy>().to_json_schema();
    assert_eq!(json["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(json["required"], json!(["venue"]));
    assert_eq!(
        json["properties"]["settle_secs"],
        json!({
            "type": "integer", "minimum": 1, "maximum": 3600, "default": 10, "x-unit": "s",
            "description": "How long an `ioc` order may take to report its fills before its unfilled quantity is worked again.",
        })
    );
    assert_eq!(json["properties"]["at_end"]["enum"], json!(["leave", "ioc", "market"]));
}
