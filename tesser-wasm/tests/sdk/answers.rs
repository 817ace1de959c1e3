//! What a plugin's results, errors and panics look like to the host: the exported functions, natively.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::guest::bindings::Tick;
use tesser_wasm::guest::bindings::tesser::execution::primitives::{DecimalValue, Side};
use tesser_wasm::guest::{self, PluginRuntime};
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginResult, PluginSide,
    PluginSignal, PluginTick,
};

/// Does in each callback what the signal's `note` says, and counts the calls.
#[derive(Default)]
struct Moody {
    mood: String,
    calls: u64,
}

impl Moody {
    fn answer(&mut self, callback: &str) -> Result<PluginResult, PluginError> {
        self.calls += 1;
        match self.mood.split_once(' ') {
            Some(("fail", at)) if at == callback => Err("no \"luck\"\n".into()),
            Some(("panic", at)) if at == callback => panic!("as asked"),
            _ => Ok(PluginResult::new().with_log(callback)),
        }
    }
}

impl ExecutionPlugin for Moody {
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        self.mood = ctx.signal.note.unwrap_or_default();
        self.answer("init")
    }

    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        assert_eq!(tick.price, Decimal::new(4_000_050, 2));
        self.answer("tick")
    }

    fn on_fill(&mut self, _fill: PluginFill) -> Result<PluginResult, PluginError> {
        self.answer("fill")
    }

    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        self.answer("timer")
    }

    fn snapshot(&mut self) -> Result<Value, PluginError> {
        self.answer("snapshot").map(|_| json!(self.calls))
    }

    fn restore(&mut self, state: Value) -> Result<(), PluginError> {
        self.calls = state.as_u64().ok_or("not a count")?;
        self.answer("restore").map(|_| ())
    }
}

fn started(mood: &str) -> PluginRuntime<Moody> {
    let runtime = PluginRuntime::new();
    let _ = guest::init(&runtime, context(mood));
    runtime
}

fn context(mood: &str) -> String {
    let signal = PluginSignal::test("BTCUSDT", Decimal::ONE);
    let signal = PluginSignal { note: Some(mood.into()), ..signal };
    serde_json::to_string(&PluginInitContext::test(signal)).unwrap()
}

fn tick(price: &str) -> Tick {
    Tick {
        symbol: "BTCUSDT".into(),
        price: DecimalValue { value: price.into() },
        size: DecimalValue { value: "1".into() },
        side: Side::Sell,
        timestamp_ms: 0,
    }
}

fn fill() -> String {
    let fill = PluginFill::new("42", "BTCUSDT", PluginSide::Buy, Decimal::TEN, Decimal::ONE);
    serde_json::to_string(&fill).unwrap()
}

/// How the host decodes an answer: `Err` is the text that its log gets.
fn decoded(answer: &str) -> Result<PluginResult, String> {
    let value: Value = serde_json::from_str(answer).expect("an answer is JSON");
    match value {
        Value::String(text) => {
            serde_json::from_str::<PluginResult>(answer).expect_err("a string is no result");
            Err(text)
        }
        value => Ok(serde_json::from_value(value).unwrap()),
    }
}

fn log(text: &str) -> PluginResult {
    PluginResult::new().with_log(text)
}

const FAILED: &str = "no \"luck\"\n";

#[test]
fn a_result_is_answered_as_its_json() {
    let runtime = started("");
    assert_eq!(decoded(&guest::tick(&runtime, tick("40000.50"))), Ok(log("tick")));
    assert_eq!(decoded(&guest::fill(&runtime, fill())), Ok(log("fill")));
    assert_eq!(decoded(&guest::timer(&runtime)), Ok(log("timer")));
    assert_eq!(guest::init(&runtime, context("")).as_deref().map(decoded), Ok(Ok(log("init"))));
    assert_eq!(guest::snapshot(&runtime), "6");
}

#[test]
fn an_error_of_init_is_answered_as_its_text() {
    let runtime = PluginRuntime::<Moody>::new();
    assert_eq!(guest::init(&runtime, context("fail init")), Err(FAILED.into()));
    assert!(guest::init(&runtime, "{".into()).unwrap_err().starts_with("init context: "));
    assert_eq!(guest::init(&runtime, context("")).as_deref().map(decoded), Ok(Ok(log("init"))));
}

#[test]
fn an_error_of_a_callback_is_answered_as_a_json_string_and_the_instance_lives_on() {
    let runtime = started("fail tick");
    assert_eq!(decoded(&guest::tick(&runtime, tick("40000.50"))), Err(FAILED.into()));
    assert_eq!(decoded(&guest::timer(&runtime)), Ok(log("timer")));

    let runtime = started("fail fill");
    assert_eq!(decoded(&guest::fill(&runtime, fill())), Err(FAILED.into()));
    assert_eq!(decoded(&guest::timer(&runtime)), Ok(log("timer")));

    let runtime = started("fail timer");
    assert_eq!(decoded(&guest::timer(&runtime)), Err(FAILED.into()));
    assert_eq!(decoded(&guest::fill(&runtime, fill())), Ok(log("fill")));
}

#[test]
fn input_that_does_not_decode_is_an_error_that_says_where() {
    let runtime = started("");
    let error = decoded(&guest::tick(&runtime, tick("4O000"))).unwrap_err();
    assert!(error.starts_with("tick: price `4O000`: "), "{error}");
    let error = decoded(&guest::fill(&runtime, fill().replace("\"1\"", "\"l\""))).unwrap_err();
    assert!(error.starts_with("fill: ") && error.contains("\"l\""), "{error}");
    assert_eq!(guest::snapshot(&runtime), "2", "the plugin never saw them");
}

#[test]
fn a_failed_snapshot_is_answered_as_text_that_is_not_json() {
    let answer = guest::snapshot(&started("fail snapshot"));
    assert_eq!(answer, format!("snapshot failed: {FAILED}"));
    serde_json::from_str::<Value>(&answer).unwrap_err();
}

#[test]
fn a_restored_instance_goes_on_from_the_state() {
    let runtime = started("");
    guest::restore(&runtime, "40".into());
    assert_eq!(guest::snapshot(&runtime), "42");
}

#[test]
fn a_failed_restore_panics() {
    for (state, text) in
        [("{", "restore failed: state: "), ("\"x\"", "restore failed: not a count")]
    {
        let runtime = started("");
        let restore = AssertUnwindSafe(|| guest::restore(&runtime, state.into()));
        let payload = catch_unwind(restore).unwrap_err();
        let message = payload.downcast_ref::<String>().unwrap();
        assert!(message.starts_with(text), "{message}");
    }
}

#[test]
fn after_a_panic_in_the_plugin_every_call_answers_an_error() {
    let runtime = started("panic timer");
    catch_unwind(AssertUnwindSafe(|| guest::timer(&runtime))).unwrap_err();

    let lost = "the plugin panicked in an earlier call";
    assert_eq!(guest::init(&runtime, context("")), Err(lost.into()));
    assert_eq!(decoded(&guest::tick(&runtime, tick("40000.50"))), Err(lost.into()));
    assert_eq!(decoded(&guest::fill(&runtime, fill())), Err(lost.into()));
    assert_eq!(decoded(&guest::timer(&runtime)), Err(lost.into()));
    assert_eq!(guest::snapshot(&runtime), format!("snapshot failed: {lost}"));
    catch_unwind(AssertUnwindSafe(|| guest::restore(&runtime, "1".into()))).unwrap_err();
}

/// What the README promises about the default callbacks.
#[test]
fn a_plugin_that_implements_only_init_answers_empty_results_and_a_null_state() {
    #[derive(Default)]
    struct Idle;
    impl ExecutionPlugin for Idle {
        fn init(&mut self, _ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
            Ok(PluginResult::new())
        }
    }
    let runtime = PluginRuntime::<Idle>::new();
    let empty = r#"{"orders":[],"logs":[],"completed":false}"#;
    assert_eq!(guest::init(&runtime, context("")).as_deref(), Ok(empty));
    assert_eq!(guest::tick(&runtime, tick("1")), empty);
    assert_eq!(guest::fill(&runtime, fill()), empty);
    assert_eq!(guest::timer(&runtime), empty);
    assert_eq!(guest::snapshot(&runtime), "null");
    guest::restore(&runtime, "null".into());
}
