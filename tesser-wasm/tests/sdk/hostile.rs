//! Whatever text arrives, a call returns `Ok` or `Err`, and the instance lives on: a panic would end
//! the algorithm on the host and take its text along.

use std::fmt::Debug;

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use tesser_wasm::guest::PluginRuntime;
use tesser_wasm::guest::bindings::Tick;
use tesser_wasm::guest::bindings::tesser::execution::primitives::{DecimalValue, Side};
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest, PluginResult,
    PluginSide, PluginTick,
};

use crate::mutation::{FILL, hostile};

/// Inputs for each of the four calls.
const CASES: u32 = 25_000;

/// Decodes all that it gets, and does no arithmetic that could overflow.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Careful {
    symbol: String,
    side: PluginSide,
    #[serde(with = "tesser_wasm::decimal")]
    filled: Decimal,
    #[serde(with = "tesser_wasm::decimal::option")]
    price: Option<Decimal>,
    confidence: f64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Params {
    #[serde(with = "tesser_wasm::decimal")]
    clip: Decimal,
    #[serde(with = "tesser_wasm::decimal::option")]
    limit: Option<Decimal>,
    levels: u8,
    names: Vec<String>,
}

impl ExecutionPlugin for Careful {
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let params: Params = ctx.params()?;
        self.price = params.limit.or(Some(ctx.risk.last_price));
        self.symbol = ctx.signal.symbol;
        self.side = ctx.signal.side;
        self.confidence = ctx.signal.confidence;
        let order = PluginOrderRequest::market(&self.symbol, self.side, params.clip);
        let logs = params.names.into_iter().take(params.levels.into());
        Ok(logs.fold(order.into(), PluginResult::with_log))
    }

    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        self.price = Some(tick.price);
        let order = PluginOrderRequest::limit(tick.symbol, tick.side, tick.size, tick.price);
        Ok(order.into())
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        self.filled = self.filled.saturating_add(fill.fill_quantity);
        Ok(PluginResult::new().with_log(format!("{:?} {}", fill.fee, fill.order_id)))
    }

    fn snapshot(&mut self) -> Result<Value, PluginError> {
        Ok(serde_json::to_value(self)?)
    }

    fn restore(&mut self, state: Value) -> Result<(), PluginError> {
        *self = serde_json::from_value(state)?;
        Ok(())
    }
}

type Runtime = PluginRuntime<Careful>;

const CONTEXT: &str = concat!(
    r#"{"plugin":"careful","params":{"clip":"0.25","limit":40000,"levels":2,"names":["a","b"]},"#,
    r#""signal":{"id":"1","symbol":"BTCUSDT","side":"buy","kind":"enter_long","confidence":0.8,"#,
    r#""target_quantity":"1.5","note":null},"risk":{"last_price":"40000","portfolio_equity":1e3,"#,
    r#""exchange_equity":"1","signed_position_qty":"-0.1","base_available":"0","#,
    r#""quote_available":"0","settlement_available":"0"},"metadata":{"a":[1,-2.5,true,null]}}"#,
);
const STATE: &str =
    r#"{"symbol":"BTCUSDT","side":"sell","filled":"0.75","price":null,"confidence":0.5}"#;

fn tick(price: impl Into<String>, size: impl Into<String>) -> Tick {
    Tick {
        symbol: "BTCUSDT".into(),
        price: DecimalValue { value: price.into() },
        size: DecimalValue { value: size.into() },
        side: Side::Sell,
        timestamp_ms: i64::MIN,
    }
}

/// Every call still works.
fn usable(runtime: &Runtime) {
    runtime.call_on_timer().unwrap();
    let state = runtime.call_snapshot().unwrap();
    runtime.call_restore(state).unwrap();
}

/// Makes a call that may fail, on an instance that has started, and returns whether it did not.
fn call<T>(call: impl FnOnce(&Runtime) -> Result<T, String>) -> bool {
    let runtime = Runtime::new();
    runtime.call_init(CONTEXT.into()).unwrap();
    let result = call(&runtime);
    usable(&runtime);
    if let Err(message) = &result {
        assert!(!message.is_empty());
    }
    result.is_ok()
}

/// Returns what it got.
#[derive(Default)]
struct Echo;

impl ExecutionPlugin for Echo {
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        Ok(PluginResult::new().with_log(serde_json::to_string(&ctx)?))
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        Ok(PluginResult::new().with_log(serde_json::to_string(&fill)?))
    }
}

/// An exponent of two digits, or more digits than a float has; or what `serde_json` makes of a number
/// internally, which our reader knows nothing of.
fn has_extreme_number(json: &str) -> bool {
    let digits = |text: &str| text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let mut exponents = json.split(['e', 'E']).skip(1);
    exponents.any(|text| digits(text.trim_start_matches(['+', '-'])) > 1)
        || json.contains("private::Number")
        || json.split(|char: char| !char.is_ascii_digit() && char != '.').any(|run| run.len() > 16)
}

/// Both refuse a text, or both read the same from it.
fn agree<T: DeserializeOwned + PartialEq + Debug>(json: &str, answer: Result<String, String>) {
    let ours = answer.map(|answer| {
        let echo = &serde_json::from_str::<PluginResult>(&answer).unwrap().logs[0];
        serde_json::from_str::<T>(echo).unwrap()
    });
    match (ours, serde_json::from_str::<T>(json)) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "{json}"),
        (Err(_), Err(_)) => {}
        (ours, theirs) => panic!("we say {ours:?}, serde_json says {theirs:?}: {json}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, max_global_rejects: 4 * CASES, ..ProptestConfig::default() })]

    #[test]
    fn init_survives_any_context(json in hostile(CONTEXT)) {
        call(|runtime| runtime.call_init(json));
    }

    #[test]
    fn on_fill_survives_any_fill(json in hostile(FILL)) {
        call(|runtime| runtime.call_on_fill(json));
    }

    #[test]
    fn restore_survives_any_state(json in hostile(STATE)) {
        call(|runtime| runtime.call_restore(json));
    }

    #[test]
    fn json_is_read_as_serde_json_reads_it(context in hostile(CONTEXT), fill in hostile(FILL)) {
        // `serde_json` reads these as floats, and not to the last digit.
        prop_assume!(!has_extreme_number(&context) && !has_extreme_number(&fill));
        let runtime = PluginRuntime::<Echo>::new();
        agree::<PluginInitContext>(&context, runtime.call_init(context.clone()));
        agree::<PluginFill>(&fill, runtime.call_on_fill(fill.clone()));
    }

    #[test]
    fn on_tick_survives_any_decimal(price in hostile("39432.48"), size in hostile("-1.25e-3")) {
        call(|runtime| runtime.call_on_tick(tick(price, size)));
    }
}

#[test]
fn the_texts_that_are_changed_are_valid() {
    assert!(call(|runtime| runtime.call_on_fill(FILL.into())));
    assert!(call(|runtime| runtime.call_restore(STATE.into())));
    assert!(call(|runtime| runtime.call_on_tick(tick("39432.48", "-1.25e-3"))));
}

/// A JSON text and whether it is acceptable, in each place where any JSON may stand, and alone.
fn everywhere(json: &str, acceptable: bool) {
    let params = CONTEXT.replace(r#"{"a":[1,-2.5,true,null]}"#, json);
    assert_eq!(call(|runtime| runtime.call_init(params)), acceptable);
    assert!(!call(|runtime| runtime.call_init(json.into())));
    assert!(!call(|runtime| runtime.call_on_fill(json.into())));
    assert!(!call(|runtime| runtime.call_restore(json.into())));
    // Skipped without looking inside, so it does not matter how deep it is.
    let fill = FILL.replace(r#""fee":"#, &format!(r#""unknown":{json},"fee":"#));
    assert!(call(|runtime| runtime.call_on_fill(fill)) || !acceptable);
}

#[test]
fn a_megabyte_is_decoded_or_refused() {
    let million = 1_000_000;
    everywhere(&format!("\"{}\"", "a".repeat(million)), true);
    everywhere(&format!("\"{}\"", r"\n".repeat(million / 2)), true);
    everywhere(&format!("[{}0]", "0,".repeat(million / 2)), true);
    everywhere(&format!("{}null", " ".repeat(million)), true);
    everywhere(&"[".repeat(million), false);
    everywhere(&r#"{"a":"#.repeat(million / 5), false);
    let digits = "7".repeat(million);
    for decimal in [digits.clone(), format!("0.{digits}"), format!("1e{digits}")] {
        call(|runtime| runtime.call_on_tick(tick(decimal.clone(), "1")));
        let fill = FILL.replace("0.10", &decimal);
        call(|runtime| runtime.call_on_fill(fill));
        let fill = FILL.replace("40000", &decimal);
        call(|runtime| runtime.call_on_fill(fill));
    }
}

#[test]
fn ten_thousand_levels_are_refused() {
    let levels = 10_000;
    everywhere(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)), false);
    everywhere(&format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels)), false);
    everywhere(&format!("{}{}", "[".repeat(100), "]".repeat(100)), true);
}

#[test]
fn decimals_of_ticks_are_exact_or_refused() {
    let read = |text: &str| {
        let runtime = Runtime::new();
        let result = runtime.call_on_tick(tick(text, "1"));
        usable(&runtime);
        let answer: PluginResult = serde_json::from_str(&result.ok()?).unwrap();
        let json = serde_json::to_value(&answer.orders[0]).unwrap();
        json["action"]["Place"]["price"].as_str().map(str::to_owned)
    };
    for exact in ["39432.48", "0.00", "-1.50", "79228162514264337593543950335"] {
        assert_eq!(read(exact).as_deref(), Some(exact));
    }
    assert_eq!(read("1e-7").as_deref(), Some("0.0000001"));
    assert_eq!(read("2.5E+3").as_deref(), Some("2500"));
    let bad = [
        "",
        " ",
        "-",
        "+",
        ".",
        "e",
        "e5",
        "1e",
        "1e-",
        "--1",
        "1-",
        "1 ",
        " 1",
        "1,5",
        "0x10",
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "null",
        "１",
        "\0",
        "1\0",
        "1e400",
        "1e-4294967295",
        "1.5e-4294967295",
        "1e4294967296",
        "79228162514264337593543950336",
    ];
    for text in bad {
        assert_eq!(read(text), None, "{text:?}");
    }
}
