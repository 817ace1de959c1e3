//! Whatever text a host sends to a built plugin, it returns or refuses, and works on: the SDK's own tests
//! say so natively, and here it is the component that is installed.

use std::cell::RefCell;

use cargo_tesser::engine::{Compiled, DecimalValue, Engine, Error, Plugin, Side, Tick};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::chase;

#[path = "../../../tesser-wasm/tests/sdk/mutation.rs"]
mod mutation;

use mutation::{FILL, hostile};

/// Inputs for each of the four calls.
const CASES: u32 = 25_000;

const CONTEXT: &str = concat!(
    r#"{"plugin":"chase","params":{"venue":"bybit_linear","clip_size":"0.25","reprice_bps":5},"#,
    r#""signal":{"id":"1","symbol":"BTCUSDT","side":"buy","kind":"enter_long","confidence":0.8,"#,
    r#""target_quantity":"1.5","note":null},"risk":{"last_price":"40000","portfolio_equity":1e3,"#,
    r#""exchange_equity":"1","signed_position_qty":"-0.1","base_available":"0","#,
    r#""quote_available":"0","settlement_available":"0"},"metadata":{"a":[1,-2.5,true,null]}}"#,
);
const STATE: &str = concat!(
    r#"{"version":1,"clock":[2,2,2,0,2000],"prices":["40000","0",2],"work":{"signal":"1","symbol":"BTCUSDT","#,
    r#""side":"buy","target":"1.5","placed":2,"gave_up":false,"begin_ms":1699999998000,"orders":{"filled":"0.10","#,
    r#""late":"0","open":[["42","40000","0.25","0.10",0,2,2,1,0,0],[null,"39999.99","0.25","0",0,2,2,1,0,0]],"#,
    r#""seen":[263134950240961],"done":[],"misses":0,"blind":0}},"algorithm":null}"#,
);

thread_local! {
    static COMPILED: Compiled =
        Engine::new().unwrap().compile(&std::fs::read(chase()).unwrap()).unwrap();
    static WORKING: RefCell<Option<Plugin>> = const { RefCell::new(None) };
}

/// Makes a call on an instance that works and has seen all calls before.
fn call<T>(call: impl FnOnce(&mut Plugin) -> Result<T, Error>) -> Result<T, Error> {
    WORKING.with_borrow_mut(|working| {
        let mut plugin = working.take().unwrap_or_else(start);
        let answer = call(&mut plugin)?;
        let state = plugin.snapshot()?;
        assert!(serde_json::from_str::<Value>(&state).is_ok(), "{state}");
        *working = Some(plugin);
        Ok(answer)
    })
}

fn start() -> Plugin {
    let mut plugin = COMPILED.with(Compiled::instantiate).unwrap();
    plugin.init(CONTEXT).unwrap().unwrap();
    plugin.on_timer().unwrap();
    plugin
}

fn tick(price: String, size: String) -> std::sync::Arc<Tick> {
    let (price, size) = (DecimalValue { value: price }, DecimalValue { value: size });
    Tick { symbol: "BTCUSDT".into(), price, size, side: Side::Sell, timestamp_ms: i64::MIN }.into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn init_survives_any_context(json in hostile(CONTEXT)) {
        call(|plugin| plugin.init(&json)).unwrap().ok();
        call(Plugin::on_timer).unwrap();
    }

    #[test]
    fn on_fill_survives_any_fill(json in hostile(FILL)) {
        call(|plugin| plugin.on_fill(&json)).unwrap();
    }

    #[test]
    fn on_tick_survives_any_decimal(price in hostile("39432.48"), size in hostile("-1.25e-3")) {
        call(|plugin| plugin.on_tick(&tick(price, size))).unwrap();
        call(Plugin::on_timer).unwrap();
    }

    #[test]
    fn restore_takes_a_state_or_ends_the_instance_with_the_reason(json in hostile(STATE)) {
        match call(|plugin| plugin.restore(&json)) {
            Ok(()) => {}
            Err(Error::Trap { report, .. }) => {
                let reason = report.reason;
                assert!(reason.contains(": restore failed: "), "{reason}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn the_texts_that_are_changed_are_valid() {
    assert!(call(|plugin| plugin.init(CONTEXT)).unwrap().is_ok());
    let answer = call(|plugin| plugin.on_fill(FILL)).unwrap();
    assert!(answer.starts_with('{'), "{answer}");
    call(|plugin| plugin.restore(STATE)).unwrap();
    assert_eq!(call(Plugin::snapshot).unwrap(), STATE, "the state is written as it was read");
}

#[test]
fn a_megabyte_and_ten_thousand_levels_are_no_trap() {
    let texts = [
        "[".repeat(1_000_000),
        r#"{"a":"#.repeat(200_000),
        format!("\"{}\"", "a".repeat(1_000_000)),
        format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
    ];
    for text in texts {
        call(|plugin| plugin.on_fill(&text)).unwrap();
        let context = CONTEXT.replace("[1,-2.5,true,null]", &text);
        call(|plugin| plugin.init(&context)).unwrap().ok();
        let fill = FILL.replace("\"fee\":", &format!("\"unknown\":{text},\"fee\":"));
        call(|plugin| plugin.on_fill(&fill)).unwrap();
        call(|plugin| plugin.on_tick(&tick(text.clone(), "1".into()))).unwrap();
    }
}

/// On the real host its text is lost.
#[test]
fn the_text_of_a_panic_is_kept_for_this_host() {
    let error = start().restore("{}").unwrap_err().to_string();
    assert!(error.starts_with("`restore` trapped: panicked at "), "{error}");
    let expected = ": restore failed: the state has no version: a plugin made without this execution kit saved it. ";
    assert!(error.contains(expected), "{error}");
}
