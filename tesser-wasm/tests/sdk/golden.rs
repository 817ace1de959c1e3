//! The JSON of every type, byte for byte, both ways.
//!
//! The crate in `tests/features` runs this same file under features that other crates of a build
//! can switch on in `serde_json` and `rust_decimal`. So nothing here may use the `guest` half, and
//! free JSON (`params`, `metadata`) has its keys sorted: `preserve_order` changes the order of those.

use std::fmt::Debug;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use tesser_wasm::{
    PluginChildOrderAction, PluginChildOrderRequest, PluginFill, PluginInitContext,
    PluginOrderRequest, PluginOrderType, PluginOrderUpdateRequest, PluginResult, PluginRiskContext,
    PluginSide, PluginSignal, PluginTick, PluginTimeInForce,
};

fn decimal(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap()
}

/// `value` is written as `json` and read back from it, as text and as a tree.
fn both_ways<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, json: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), json);
    assert_eq!(&serde_json::from_str::<T>(json).unwrap(), value);
    assert_eq!(&serde_json::from_slice::<T>(json.as_bytes()).unwrap(), value);
    assert_eq!(&serde_json::from_reader::<_, T>(json.as_bytes()).unwrap(), value);
    let tree: Value = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_value(value).unwrap(), tree);
    assert_eq!(&serde_json::from_value::<T>(tree).unwrap(), value);
}

/// The same for an object, of which `required` fields must be there and all others may be absent.
/// `value` has `None` (or an empty value) in each field that is not required.
fn object<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    value: &T,
    required: &[&str],
    json: &str,
) {
    both_ways(value, json);
    let fields: Map<String, Value> = serde_json::from_str(json).unwrap();
    let read = |fields: &Map<String, Value>| {
        serde_json::from_str::<T>(&serde_json::to_string(fields).unwrap())
    };

    let mut present = fields.clone();
    present.retain(|key, _| required.contains(&key.as_str()));
    assert_eq!(present.len(), required.len(), "a required field is not in {json}");
    assert_eq!(&read(&present).unwrap(), value, "absent optional fields");
    for key in required {
        let mut fields = present.clone();
        fields.remove(*key);
        let error = read(&fields).unwrap_err().to_string();
        assert!(error.contains(&format!("missing field `{key}`")), "{error}");
        let mut fields = present.clone();
        fields.insert((*key).to_owned(), Value::Null);
        read(&fields).unwrap_err();
    }

    // A later host may say more.
    let mut fields = fields;
    fields.insert("unknown".to_owned(), json!({ "a": [1.5, null] }));
    assert_eq!(&read(&fields).unwrap(), value, "an unknown field");
}

fn order() -> PluginOrderRequest {
    PluginOrderRequest::market("BTCUSDT", PluginSide::Buy, decimal("0.2500"))
}

const ORDER: &str = concat!(
    r#"{"symbol":"BTCUSDT","side":"buy","order_type":"market","quantity":"0.2500","price":null,"#,
    r#""trigger_price":null,"time_in_force":null,"client_order_id":null,"take_profit":null,"#,
    r#""stop_loss":null,"display_quantity":null}"#
);

fn update() -> PluginOrderUpdateRequest {
    PluginOrderUpdateRequest {
        order_id: "42".into(),
        symbol: "BTCUSDT".into(),
        side: PluginSide::Sell,
        new_price: None,
        new_quantity: None,
    }
}

const UPDATE: &str =
    r#"{"order_id":"42","symbol":"BTCUSDT","side":"sell","new_price":null,"new_quantity":null}"#;

const SIGNAL: &str = concat!(
    r#"{"id":"test-signal","symbol":"BTCUSDT","side":"buy","kind":"enter_long","confidence":1.0,"#,
    r#""target_quantity":"1.50","note":null,"group_id":null}"#
);

const RISK: &str = concat!(
    r#"{"last_price":"1","portfolio_equity":"1","exchange_equity":"1","signed_position_qty":"0","#,
    r#""base_available":"0","quote_available":"0","settlement_available":"0","#,
    r#""instrument_kind":null}"#
);

#[test]
fn words() {
    both_ways(&PluginSide::Buy, r#""buy""#);
    both_ways(&PluginSide::Sell, r#""sell""#);
    both_ways(&PluginOrderType::Market, r#""market""#);
    both_ways(&PluginOrderType::Limit, r#""limit""#);
    both_ways(&PluginTimeInForce::Gtc, r#""gtc""#);
    both_ways(&PluginTimeInForce::Ioc, r#""ioc""#);
    both_ways(&PluginTimeInForce::Fok, r#""fok""#);
    both_ways(&PluginTimeInForce::PostOnly, r#""post_only""#);
    serde_json::from_str::<PluginSide>(r#""Buy""#).unwrap_err();
    serde_json::from_str::<PluginTimeInForce>(r#""postonly""#).unwrap_err();
}

#[test]
fn order_request() {
    object(&order(), &["symbol", "side", "order_type", "quantity"], ORDER);
    let full = PluginOrderRequest {
        client_order_id: Some("mine \"1\"".into()),
        ..PluginOrderRequest::limit("BTCUSDT", PluginSide::Sell, decimal("1"), decimal("40000.10"))
            .with_trigger_price(decimal("39999.9"))
            .with_time_in_force(PluginTimeInForce::PostOnly)
            .with_take_profit(decimal("0.0000000000000000000000000001"))
            .with_stop_loss(decimal("79228162514264337593543950335"))
            .with_display_quantity(decimal("-0.50"))
    };
    both_ways(
        &full,
        concat!(
            r#"{"symbol":"BTCUSDT","side":"sell","order_type":"limit","quantity":"1","#,
            r#""price":"40000.10","trigger_price":"39999.9","time_in_force":"post_only","#,
            r#""client_order_id":"mine \"1\"","take_profit":"0.0000000000000000000000000001","#,
            r#""stop_loss":"79228162514264337593543950335","display_quantity":"-0.50"}"#,
        ),
    );
}

#[test]
fn order_update_request() {
    object(&update(), &["order_id", "symbol", "side"], UPDATE);
    let price = PluginOrderUpdateRequest::price("42", "X", PluginSide::Buy, decimal("40000.50"));
    both_ways(
        &PluginOrderUpdateRequest { new_quantity: Some(decimal("2")), ..price },
        r#"{"order_id":"42","symbol":"X","side":"buy","new_price":"40000.50","new_quantity":"2"}"#,
    );
}

#[test]
fn child_order_actions() {
    let place = PluginChildOrderAction::Place(order());
    both_ways(&place, &format!(r#"{{"Place":{ORDER}}}"#));
    let amend = PluginChildOrderAction::Amend(update());
    both_ways(&amend, &format!(r#"{{"Amend":{UPDATE}}}"#));
    object(
        &PluginChildOrderRequest { action: place },
        &["action"],
        &format!(r#"{{"action":{{"Place":{ORDER}}}}}"#),
    );
    serde_json::from_str::<PluginChildOrderAction>(&format!(r#"{{"Cancel":{UPDATE}}}"#))
        .unwrap_err();
}

#[test]
fn result() {
    object(&PluginResult::new(), &[], r#"{"orders":[],"logs":[],"completed":false}"#);
    let full = PluginResult::new()
        .with_order(PluginChildOrderAction::Place(order()))
        .with_order(PluginChildOrderAction::Amend(update()))
        .with_log("one \u{1F980}")
        .with_log("two\n")
        .completed();
    both_ways(
        &full,
        &format!(
            concat!(
                r#"{{"orders":[{{"action":{{"Place":{}}}}},{{"action":{{"Amend":{}}}}}],"#,
                r#""logs":["one 🦀","two\n"],"completed":true}}"#,
            ),
            ORDER, UPDATE
        ),
    );
    // How an error that a plugin returns becomes one on the host.
    serde_json::from_str::<PluginResult>(r#""text""#).unwrap_err();
    let success: PluginResult = serde_json::from_str(r#"{"error":"text"}"#).unwrap();
    assert_eq!(success, PluginResult::new());
}

#[test]
fn signal() {
    let required = ["id", "symbol", "side", "kind", "confidence", "target_quantity"];
    let signal = PluginSignal::test("BTCUSDT", decimal("1.50"));
    object(&signal, &required, SIGNAL);
    let full = PluginSignal {
        side: PluginSide::Sell,
        kind: "flatten".into(),
        confidence: 0.8,
        note: Some("n".into()),
        group_id: Some("g".into()),
        ..signal
    };
    let json = concat!(
        r#"{"id":"test-signal","symbol":"BTCUSDT","side":"sell","kind":"flatten","confidence":0.8,"#,
        r#""target_quantity":"1.50","note":"n","group_id":"g"}"#
    );
    both_ways(&full, json);
    let whole: PluginSignal = serde_json::from_str(&json.replace("0.8", "1")).unwrap();
    assert_eq!(whole, PluginSignal { confidence: 1.0, ..full });
}

#[test]
fn risk_context() {
    let required = [
        "last_price",
        "portfolio_equity",
        "exchange_equity",
        "signed_position_qty",
        "base_available",
        "quote_available",
        "settlement_available",
    ];
    object(&PluginRiskContext::default(), &required, RISK);
    let full = PluginRiskContext {
        last_price: decimal("39432.48"),
        portfolio_equity: decimal("100.0"),
        exchange_equity: decimal("50"),
        signed_position_qty: decimal("-0.3"),
        base_available: decimal("0.00"),
        quote_available: decimal("1"),
        settlement_available: decimal("2"),
        instrument_kind: Some("LinearPerpetual".into()),
    };
    both_ways(
        &full,
        concat!(
            r#"{"last_price":"39432.48","portfolio_equity":"100.0","exchange_equity":"50","#,
            r#""signed_position_qty":"-0.3","base_available":"0.00","quote_available":"1","#,
            r#""settlement_available":"2","instrument_kind":"LinearPerpetual"}"#,
        ),
    );
}

#[test]
fn init_context() {
    let ctx = PluginInitContext::test(PluginSignal::test("BTCUSDT", decimal("1.50")));
    let json = |params: &str, metadata: &str| {
        format!(
            r#"{{"plugin":"test","params":{params},"signal":{SIGNAL},"risk":{RISK},"metadata":{metadata}}}"#
        )
    };
    object(&ctx, &["plugin", "signal", "risk"], &json("null", "null"));
    let full = PluginInitContext {
        params: json!({ "bps": 5, "clip": "0.25", "deep": { "list": [true, null, 0.5] } }),
        metadata: json!("any value"),
        ..ctx
    };
    let params = r#"{"bps":5,"clip":"0.25","deep":{"list":[true,null,0.5]}}"#;
    both_ways(&full, &json(params, r#""any value""#));
}

#[test]
fn fill() {
    let required = ["order_id", "symbol", "side", "fill_price", "fill_quantity", "timestamp_ms"];
    let free = PluginFill::new("42", "X", PluginSide::Buy, decimal("40000"), decimal("0.10"));
    object(
        &free,
        &required,
        concat!(
            r#"{"order_id":"42","symbol":"X","side":"buy","fill_price":"40000","#,
            r#""fill_quantity":"0.10","fee":null,"fee_asset":null,"timestamp_ms":0}"#
        ),
    );
    let full = PluginFill {
        fee: Some(decimal("-0.001")),
        fee_asset: Some("BNB".into()),
        timestamp_ms: i64::MIN,
        ..free
    };
    both_ways(
        &full,
        concat!(
            r#"{"order_id":"42","symbol":"X","side":"buy","fill_price":"40000","#,
            r#""fill_quantity":"0.10","fee":"-0.001","fee_asset":"BNB","#,
            r#""timestamp_ms":-9223372036854775808}"#,
        ),
    );
}

#[test]
fn tick() {
    let (price, size) = (decimal("39432.48"), decimal("0.01"));
    object(
        &PluginTick::new("BTCUSDT", price, size, PluginSide::Sell, 1_700_000_000_000),
        &["symbol", "price", "size", "side", "timestamp_ms"],
        concat!(
            r#"{"symbol":"BTCUSDT","price":"39432.48","size":"0.01","side":"sell","#,
            r#""timestamp_ms":1700000000000}"#
        ),
    );
}
