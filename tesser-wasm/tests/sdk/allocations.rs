//! What a callback allocates. The host waits for each of them, and memory that grows with ticks is lost
//! to everybody.

use allocation_counter::{AllocationInfo, measure};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::guest::PluginRuntime;
use tesser_wasm::guest::bindings::Tick;
use tesser_wasm::guest::bindings::tesser::execution::primitives::{DecimalValue, Side};
use tesser_wasm::{
    Cached, ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest,
    PluginResult, PluginSide, PluginSignal, PluginTick, persist,
};

#[derive(Default, Serialize, Deserialize)]
struct State {
    #[serde(with = "tesser_wasm::decimal")]
    last_price: Decimal,
    order_ids: Cached<Vec<String>>,
}

#[derive(Default)]
struct Worker {
    state: State,
}

impl ExecutionPlugin for Worker {
    fn init(&mut self, _ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        self.state.order_ids.extend((0..100).map(|id| id.to_string()));
        Ok(PluginResult::new())
    }

    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        self.state.last_price = tick.price;
        Ok(PluginResult::new())
    }

    fn on_fill(&mut self, _fill: PluginFill) -> Result<PluginResult, PluginError> {
        Ok(PluginResult::new())
    }

    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        let order = PluginOrderRequest::market("BTCUSDT", PluginSide::Buy, Decimal::ONE);
        Ok(order.into())
    }

    persist!(state);
}

fn tick() -> Tick {
    let decimal = |value: &str| DecimalValue { value: value.into() };
    Tick {
        symbol: "BTCUSDT".into(),
        price: decimal("40000.50"),
        size: decimal("0.25"),
        side: Side::Buy,
        timestamp_ms: 1,
    }
}

fn working() -> PluginRuntime<Worker> {
    let runtime = PluginRuntime::new();
    let context = PluginInitContext::test(PluginSignal::test("BTCUSDT", Decimal::ONE));
    runtime.call_init(serde_json::to_string(&context).unwrap()).unwrap();
    // The first state is longer than the room that is made for it.
    runtime.call_snapshot().unwrap();
    runtime.call_snapshot().unwrap();
    runtime
}

/// Allocations of the second call: the first one may make room.
fn allocations(mut call: impl FnMut()) -> AllocationInfo {
    call();
    measure(call)
}

#[test]
fn a_tick_allocates_its_answer_alone() {
    let runtime = working();
    let mut ticks = vec![tick(), tick()];
    let mut answers = Vec::with_capacity(2);
    let counted = allocations(|| answers.push(runtime.call_on_tick(ticks.pop().unwrap()).unwrap()));
    assert_eq!(counted.count_total, 1, "{counted:?}");
}

#[test]
fn a_snapshot_allocates_its_answer_alone() {
    let runtime = working();
    let mut answers = Vec::with_capacity(2);
    let counted = allocations(|| answers.push(runtime.call_snapshot().unwrap()));
    assert_eq!(counted.count_total, 1, "{counted:?}");
    assert_eq!(counted.bytes_current, i64::try_from(answers[1].len()).unwrap());
}

/// The symbol, the list of orders, and the answer.
#[test]
fn an_order_allocates_three_times() {
    let runtime = working();
    let mut answers = Vec::with_capacity(2);
    let counted = allocations(|| answers.push(runtime.call_on_timer().unwrap()));
    assert_eq!(counted.count_total, 3, "{counted:?}");
}

/// Each text of it, and the answer.
#[test]
fn a_fill_allocates_its_texts_and_its_answer() {
    let runtime = working();
    let fill = PluginFill::new("42", "BTCUSDT", PluginSide::Buy, Decimal::TEN, Decimal::ONE);
    let json = serde_json::to_string(&fill).unwrap();
    let mut fills = vec![json.clone(), json];
    let mut answers = Vec::with_capacity(2);
    let counted = allocations(|| answers.push(runtime.call_on_fill(fills.pop().unwrap()).unwrap()));
    assert_eq!(counted.count_total, 3, "{counted:?}");
}

#[test]
fn nothing_is_kept_of_a_callback() {
    let runtime = working();
    runtime.call_on_tick(tick()).unwrap();
    let counted = measure(|| {
        for _ in 0..1_000 {
            runtime.call_on_tick(tick()).unwrap();
            runtime.call_snapshot().unwrap();
            runtime.call_on_timer().unwrap();
        }
    });
    assert_eq!(counted.bytes_current, 0, "{counted:?}");
}
