//! Orders: what reaches the exchange, what counts as filled, what counts as gone.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::{Drift, Market};
use tesser_wasm::{PluginFill, PluginOrderType, PluginSide, PluginTimeInForce};

use crate::algorithms::{Greedy, Impossible, Slices, decimal, setup};

#[test]
fn rule_01_orders_name_the_venue_and_fills_come_back_bare() {
    let mut host = setup("1", &json!({})).start::<Greedy>();
    host.timer();
    assert_eq!(host.placed()[0].symbol, "bybit_linear:BTCUSDT");
    host.fill(0, "1");
    assert!(host.is_completed());
}

#[test]
fn rule_01_a_venue_with_a_symbol_in_it_is_refused() {
    let error = setup("1", &json!({ "venue": "bybit_linear:BTCUSDT" })).try_start::<Greedy>();
    assert!(error.err().unwrap().contains("`venue`: must be the venue's name only"));
}

#[test]
fn rule_02_it_works_a_target_without_ticks_whatever_the_market_does() {
    for drift in [Drift::Up, Drift::Flat, Drift::Down] {
        for restart_every in [0, 300] {
            let mut host = setup("1", &json!({ "clip_size": "0.1" })).start::<Greedy>();
            let market = Market { drift, restart_every, ..Market::default() };
            assert_eq!(host.run(7_200, &market), Decimal::ONE, "{drift:?}: {:?}", host.logs());
            assert!(host.is_completed());
        }
    }
}

#[test]
fn rule_03_an_order_without_a_fill_is_dead_after_90_s() {
    let mut host = setup("1", &json!({ "when_blind": "wait" })).start::<Greedy>();
    host.timers(90);
    assert_eq!(host.placed().len(), 1);
    host.timer();
    assert_eq!(host.placed().len(), 2);
    assert_eq!(host.placed()[1].quantity, Decimal::ONE);
}

#[test]
fn rule_03_less_than_75_s_is_refused() {
    let error = setup("1", &json!({ "stale_secs": 74 })).try_start::<Greedy>().err().unwrap();
    assert_eq!(error, "params: `stale_secs`: 74 is out of range; allowed: from 75 to 86400");
}

#[test]
fn rule_03_a_partly_filled_order_lives_until_it_is_amended_and_then_dies() {
    let mut host = setup("1", &json!({})).start::<Greedy>();
    host.timer();
    host.fill(0, "0.4");
    host.timers(89);
    assert!(host.amended().is_empty());
    // To where it is filled or cancelled: the price is the same, so a tick away.
    host.timer();
    assert_eq!(host.amended()[0].new_price, Some(decimal("39999.99")));
    assert_eq!(host.placed().len(), 1);
    host.timers(90);
    assert_eq!(host.placed()[1].quantity, decimal("0.6"));
}

#[test]
fn rule_03_a_restart_begins_the_clock_anew_for_partly_filled_orders_too() {
    let mut host = setup("1", &json!({ "when_blind": "wait" })).start::<Greedy>();
    host.timer();
    host.fill(0, "0.4");
    host.restart();
    host.timers(89);
    assert_eq!(host.placed().len(), 1);
    host.timers(2);
    assert_eq!(host.placed()[1].quantity, decimal("0.6"));
}

#[test]
fn rule_04_an_ioc_that_found_nothing_costs_no_budget_once_it_is_dead() {
    let params = json!({ "order_type": "ioc", "clip_size": "0.1", "resend_percent": 20 });
    let mut host = setup("1", &params).start::<Greedy>();
    host.timers(600);
    // Two within the first 20 s, then two in each 90 s; today's templates stop after two.
    let placed = host.placed().len();
    assert!((10..=25).contains(&placed), "{placed}");
}

#[test]
fn rule_04_giving_up_is_logged_and_completes() {
    let mut host = setup("1", &json!({ "order_type": "ioc", "end_secs": 60 })).start::<Greedy>();
    host.timers(2_000);
    assert!(host.is_completed());
    assert!(host.has_logged("gave up 1 of 1: its time is over, and the last orders found nothing"));
}

#[test]
fn rule_05_an_ioc_settles_when_ticks_stop() {
    let params = json!({ "order_type": "ioc", "clip_size": "0.1" });
    let mut host = setup("1", &params).start::<Greedy>();
    host.tick("40000");
    host.timers(45);
    assert!(host.placed().len() >= 2, "{}", host.placed().len());
}

#[test]
fn rule_06_what_late_fills_can_add_is_bounded_and_logged() {
    let params = json!({ "order_type": "ioc", "clip_size": "0.2", "resend_percent": 20 });
    let mut host = setup("1", &params).start::<Greedy>();
    // Every fill arrives 15 s late.
    for second in 0..400 {
        host.timer();
        if second >= 15 && second % 11 == 4 && second / 11 - 1 < host.placed().len() {
            host.fill(second / 11 - 1, "0.2");
        }
    }
    let filled = host.placed_quantity();
    assert!(filled <= decimal("1.2"), "{filled}");
    assert!(host.has_logged("it counts, and further ones are not logged"), "{:?}", host.logs());
}

#[test]
fn rule_07_a_repeated_execution_counts_once_and_no_fill_counts_beyond_its_order() {
    let mut host = setup("4", &json!({ "clip_size": "1" })).start::<Greedy>();
    host.timers(3);
    let fill =
        PluginFill::new("order-0", "BTCUSDT", PluginSide::Buy, decimal("40000"), decimal("0.6"));
    let fill = PluginFill { timestamp_ms: 1_700_000_002_000, ..fill };
    for _ in 0..5 {
        host.send_fill(&fill);
    }
    assert!(host.state().contains(r#""filled":"0.6""#), "{}", host.state());
    host.fill(0, "3");
    assert!(host.state().contains(r#""filled":"1.0""#), "{}", host.state());
    host.fill(0, "1");
    assert!(host.state().contains(r#""filled":"1.0""#), "{}", host.state());
}

#[test]
fn rule_08_amendments_have_the_price_and_the_total_quantity() {
    let mut host = setup("1", &json!({})).start::<Greedy>();
    host.timer();
    host.fill(0, "0.4");
    host.timers(90);
    let amended = &host.amended()[0];
    assert_eq!(amended.symbol, "bybit_linear:BTCUSDT");
    assert!(amended.new_price.is_some());
    assert_eq!(amended.new_quantity, Some(Decimal::ONE));
}

#[test]
fn rule_15_a_clip_is_at_least_the_minimum_by_quantity_and_by_value() {
    let params = json!({ "clip_size": "0.001", "min_notional": "100", "lot_size": "0.001" });
    let mut host = setup("1", &params).start::<Greedy>();
    host.timer();
    assert_eq!(host.placed()[0].quantity, decimal("0.003"));
    let error = setup("0.002", &params).try_start::<Greedy>().err().unwrap();
    assert!(error.contains("0.002 is less than the smallest order, 0.003"), "{error}");
}

#[test]
fn rule_15_the_last_order_takes_a_rest_along_that_would_be_too_small() {
    let params = json!({ "clip_size": "0.5", "min_quantity": "0.2" });
    let mut host = setup("1.1", &params).start::<Greedy>();
    host.timers(5);
    let quantities: Vec<_> = host.placed().iter().map(|order| order.quantity).collect();
    assert_eq!(quantities, ["0.5", "0.6"].map(decimal));
}

#[test]
fn rule_19_states_say_their_version_and_one_without_is_refused_clearly() {
    let mut host = setup("1", &json!({})).start::<Greedy>();
    assert!(host.state().starts_with(r#"{"version":1,"#));
    // As the chase of version 0.10 saved it before the kit.
    let old = r#"{"last_price":"40000","work":{"signal":"signal-1","symbol":"BTCUSDT","side":"buy",
        "orders":{"target":"1","placed":"0","filled":"0","open":[],"done":[]}}}"#;
    let error = host.restart_from(old).unwrap_err();
    assert!(
        error.starts_with("the state has no version: a plugin made without this execution kit"),
        "{error}"
    );
}

#[test]
fn rule_20_a_crash_between_sending_and_storing_sends_the_orders_of_one_callback_again() {
    let mut host = setup("1", &json!({ "clip_size": "0.25" })).start::<Greedy>();
    host.timer();
    let before = host.stored().to_owned();
    host.timer();
    host.store(before);
    host.restart();
    host.timers(10);
    // 1 of the target and 0.25 again; when the fills of both arrive, all are counted.
    assert_eq!(host.placed_quantity(), decimal("1.25"));
    for index in 0..host.placed().len() {
        host.fill(index, "0.25");
    }
    assert!(
        host.is_completed() && host.has_logged("a fill arrived for an order"),
        "{:?}",
        host.logs()
    );
    assert!(host.state().contains(r#""filled":"1.25""#), "{}", host.state());
}

#[test]
fn an_algorithm_that_asks_for_the_impossible_is_told_so_and_places_nothing_of_it() {
    let mut host = setup("1", &json!({})).start::<Impossible>();
    host.timers(3);
    assert!(host.has_logged("asked for an order with a quantity or price that is not positive"));
    assert_eq!(host.placed_quantity(), Decimal::ONE);
}

#[test]
fn it_completes_only_in_an_answer_without_orders_and_when_nothing_works() {
    let mut host = setup("1", &json!({ "clip_size": "0.5" })).start::<Greedy>();
    host.timer();
    host.timer();
    host.fill(0, "0.5");
    assert!(!host.is_completed());
    let result = host.fill(1, "0.5");
    assert!(result.completed && result.orders.is_empty());
    // A fill afterwards does not wake it.
    assert!(host.timer().completed);
}

#[test]
fn first_fills_find_their_orders_without_ids() {
    let mut host = setup("1", &json!({})).start::<Slices>();
    host.timers(30);
    // All at the same market price, so each has a price of its own.
    let prices: Vec<_> = host.placed().iter().map(|order| order.price.unwrap()).collect();
    assert_eq!(prices, ["40000", "39999.99", "39999.98"].map(decimal));
    host.fill(1, "0.04");
    assert!(host.state().contains(r#"["order-1","39999.99","0.1","0.04""#), "{}", host.state());
}

#[test]
fn a_blind_order_crosses_as_market_or_ioc_at_the_limit() {
    let mut host = setup("1", &json!({})).start::<Greedy>();
    host.timers(91);
    assert_eq!(host.placed()[1].order_type, PluginOrderType::Market);
    let mut host = setup("1", &json!({ "limit_price": "40100" })).start::<Greedy>();
    host.timers(91);
    let order = &host.placed()[1];
    assert_eq!(
        (order.price, order.time_in_force),
        (Some(decimal("40100")), Some(PluginTimeInForce::Ioc))
    );
}
