//! How orders are sent, and what `ioc` orders promise: the same for every algorithm with these parameters.

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use tesser_wasm::{PluginFill, PluginResult, PluginSide};

use super::host::{Host, context_with, placed};
use super::words::{open_orders, placed_text, refuses};
use super::{DECIMALS, ORDER_TYPES, WORK, any_params, context};

/// Any of the parameters that are checked here; the algorithm's own are added.
pub fn any_sending(own: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let order_type = prop::sample::select(ORDER_TYPES);
    let min_clip = prop::sample::select(&["0", "0.03", "0.4"][..]);
    (order_type, min_clip, 1_u32..5, 0_u32..200, own).prop_map(
        |(order_type, min_clip, settle, resend, own)| {
            let mut params: Map<String, Value> = own.as_object().unwrap().clone();
            params.insert("order_type".to_owned(), json!(order_type));
            params.insert("min_clip".to_owned(), json!(min_clip));
            params.insert("settle_secs".to_owned(), json!(settle));
            params.insert("resend_percent".to_owned(), json!(resend));
            Value::Object(params)
        },
    )
}

/// Sends `ioc` orders that settle after 5 seconds.
fn ioc() -> Value {
    let mut context = context();
    context["params"]["order_type"] = json!("ioc");
    context["params"]["settle_secs"] = json!(5);
    context
}

fn filled(host: &Host) -> Decimal {
    let state: Value = serde_json::from_str(&host.snapshot).unwrap();
    let filled = &state.pointer(WORK).unwrap()["orders"]["filled"];
    filled.as_str().unwrap().parse().unwrap()
}

/// Timers until the next order.
fn timers_until_an_order(host: &mut Host) -> Option<usize> {
    (1..200).find(|_| !host.timer().orders.is_empty())
}

#[test]
fn ioc_orders_say_so() {
    let mut host = Host::start_with(ioc());
    timers_until_an_order(&mut host);
    assert!(host.stored.unwrap().contains("\"rest\":\"0.25\""));
    let mut host = Host::start_with(ioc());
    let orders = serde_json::to_value(&host.timer().orders).unwrap();
    let order = &orders[0]["action"]["Place"];
    assert_eq!(order["time_in_force"], json!("ioc"));
    assert_eq!(order["order_type"], json!("limit"));
}

#[test]
fn what_an_ioc_order_left_over_is_tried_again_after_the_delay_and_not_before() {
    let mut host = Host::start_with(ioc());
    assert_eq!(timers_until_an_order(&mut host), Some(1));
    assert!(timers_until_an_order(&mut host).unwrap() > 5);
    // A fill starts the delay anew: there may be more of them.
    let mut host = Host::start_with(ioc());
    host.timer();
    for _ in 0..5 {
        assert!(host.timer().orders.is_empty());
    }
    assert!(host.fill("a", "40000", "0.1").orders.is_empty());
    assert!(timers_until_an_order(&mut host).unwrap() > 5);
}

#[test]
fn after_a_restart_the_delay_starts_anew() {
    let mut host = Host::start_with(ioc());
    host.timer();
    for _ in 0..5 {
        host.timer();
    }
    host.restart_from(host.stored.clone()).unwrap();
    assert!(timers_until_an_order(&mut host).unwrap() > 5);
}

#[test]
fn timers_that_come_at_once_do_not_shorten_the_delay_where_ticks_come() {
    let mut host = Host::start_with(ioc());
    let mut orders = placed_text(&host.tick("BTCUSDT", "40000"));
    orders.extend(placed_text(&host.timer()));
    assert_eq!(orders.len(), 1);
    host.tick("BTCUSDT", "40000");
    for _ in 0..100 {
        assert_eq!(host.held_up_timer(), PluginResult::new());
    }
    for _ in 0..5 {
        assert!(host.timer().orders.is_empty());
    }
    // The tick says that the time has passed; the next timer heeds it.
    host.tick("BTCUSDT", "40000");
    assert!(timers_until_an_order(&mut host).is_some());
}

#[test]
fn no_more_is_tried_again_than_allowed() {
    let mut context = ioc();
    context["params"]["resend_percent"] = json!(0);
    let mut host = Host::start_with(context.clone());
    host.timer();
    assert_eq!(timers_until_an_order(&mut host), None);
    context["params"]["resend_percent"] = json!(50);
    let mut host = Host::start_with(context);
    let mut sum = Decimal::ZERO;
    for _ in 0..1_000 {
        let result = host.timer();
        sum += placed(&result)
            .iter()
            .map(|order| order.quantity)
            .sum::<Decimal>();
    }
    // Half of the target is given back, and one more order stays open for good.
    assert!(sum > Decimal::new(5, 1), "{sum}");
    assert!(sum <= Decimal::new(15, 1), "{sum}");
    assert!(!open_orders(&host).is_empty());
}

#[test]
fn a_fill_that_comes_too_late_counts_all_the_same() {
    let mut host = Host::start_with(ioc());
    host.timer();
    timers_until_an_order(&mut host).unwrap();
    host.fill("first", "40000", "0.2");
    host.fill("second", "40000", "0.25");
    assert_eq!(filled(&host), Decimal::new(45, 2));
    host.fill("first", "40000", "0.05");
    assert_eq!(filled(&host), Decimal::new(50, 2));
}

#[test]
fn a_fill_beyond_what_was_asked_for_leaves_less_to_place() {
    let mut host = Host::start_with(context_with("/params/order_type", json!("limit")));
    host.timer();
    let mut answers = vec![host.fill("a", "40000", "0.9")];
    answers.extend((0..100).map(|_| host.timer()));
    let sum: Decimal = answers
        .iter()
        .flat_map(placed)
        .map(|order| order.quantity)
        .sum();
    assert_eq!(sum, Decimal::new(1, 1));
}

#[test]
fn parameters_of_sending_have_ranges() {
    for (name, value) in [
        ("offset_bps", json!("-1000.1")),
        ("offset_bps", json!(1_001)),
        ("limit_price", json!("0")),
        ("limit_price", json!("1000000000000001")),
        ("settle_secs", json!(0)),
        ("settle_secs", json!(3_601)),
        ("settle_secs", json!("5")),
        ("resend_percent", json!(-1)),
        ("resend_percent", json!(1_001)),
        ("order_type", json!("stop")),
        ("order_type", json!(null)),
    ] {
        // Not every algorithm has all of them.
        let price_of_its_own = ["offset_bps", "limit_price"].contains(&name);
        if !price_of_its_own || DECIMALS.contains(&name) {
            refuses(name, &value);
        }
    }
}

/// What happens to an `ioc` order while it is news.
#[derive(Clone, Debug)]
enum Event {
    Timer,
    Tick(i64),
    Fill(i64),
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Timer),
        2 => (25_i64..35).prop_map(Event::Tick),
        4 => (1_i64..=100).prop_map(Event::Fill),
        1 => Just(Event::Restart),
    ]
}

proptest! {
    #[test]
    fn ioc_orders_never_fill_more_than_the_target_if_fills_come_before_the_delay_is_over(
        params in any_params().prop_filter("ioc", |params| params["order_type"] == json!("ioc")),
        events in prop::collection::vec(event(), 1..300),
    ) {
        let mut context = context_with("/risk/last_price", json!("30"));
        context["params"] = params;
        let settle = context["params"]["settle_secs"].as_u64().unwrap();
        let mut host = Host::start_with(context);
        // Of the newest order: its number, its rest, and the timers since it was sent.
        let (mut number, mut rest, mut age) = (0, Decimal::ZERO, 0);
        let mut sum = Decimal::ZERO;
        for event in events {
            let result = match event {
                Event::Timer => {
                    age += 1;
                    host.timer()
                }
                Event::Tick(price) => host.tick("BTCUSDT", &price.to_string()),
                Event::Fill(percent) if age <= settle => {
                    let quantity = (rest * Decimal::new(percent, 2)).round_dp(12).min(rest);
                    if quantity.is_zero() {
                        continue;
                    }
                    rest -= quantity;
                    sum += quantity;
                    let id = format!("order-{number}");
                    let price = Decimal::from(25);
                    host.send_fill(&PluginFill::new(id, "BTCUSDT", PluginSide::Buy, price, quantity))
                }
                Event::Fill(_) => continue,
                Event::Restart => {
                    host.restart_from(host.stored.clone()).unwrap();
                    continue;
                }
            };
            for order in placed(&result) {
                (number, rest, age) = (number + 1, order.quantity, 0);
            }
            let can_fill = if age <= settle { rest } else { Decimal::ZERO };
            prop_assert!(sum + can_fill <= Decimal::ONE);
        }
        prop_assert_eq!(filled(&host), sum);
    }
}
