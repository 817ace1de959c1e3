//! Time: schedules, bursts, chance.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::PluginSide;
use tesser_wasm::exec::testing::Host;

use crate::algorithms::{Slices, decimal, setup};

#[test]
fn rule_17_random_numbers_depend_on_the_signal_and_are_the_same_after_a_restart() {
    use tesser_wasm::exec::{Algorithm, Clip, ParentOrder};

    struct Random;

    impl Algorithm for Random {
        type Params = ();
        type State = ();

        fn new(_params: (), _parent: &ParentOrder) -> Result<Self, tesser_wasm::ParamError> {
            Ok(Self)
        }

        fn initial_state(&self, _parent: &ParentOrder) {}

        fn on_timer(&self, _state: &mut (), parent: &mut ParentOrder) {
            let number = parent.placed_orders().into();
            parent.place(Clip::of(parent.randomized(Decimal::ONE, number, 20)));
        }
    }

    let sizes = |id: &str, restart: bool| {
        let mut host = setup("50", &json!({})).id(id).start::<Random>();
        for _ in 0..40 {
            host.timer();
            if restart {
                host.restart();
            }
        }
        host.placed().iter().map(|order| order.quantity).collect::<Vec<_>>()
    };
    let first = sizes("a", false);
    assert_eq!(first, sizes("a", true));
    assert_ne!(first, sizes("b", false));
    assert!(first.iter().collect::<BTreeSet<_>>().len() > 30, "{first:?}");
    assert!(first.iter().all(|size| *size >= decimal("0.8") && *size <= decimal("1.2")));
    assert!(
        first.iter().any(|size| *size < decimal("0.9"))
            && first.iter().any(|size| *size > decimal("1.1"))
    );
}

/// Ticks every second, and all orders from `filled` on are filled.
fn fill_all(host: &mut Host<Slices>, mut filled: usize, secs: u32) {
    for _ in 0..secs {
        host.tick("40000");
        host.timer();
        while filled < host.placed().len() {
            let quantity = host.placed()[filled].quantity.to_string();
            host.fill(filled, &quantity);
            filled += 1;
        }
    }
}

#[test]
fn rule_18_a_burst_of_timers_places_no_more_than_its_time_allows() {
    let mut host = setup("1", &json!({})).start::<Slices>();
    for _ in 0..10 {
        host.tick("40000");
        host.timer();
    }
    host.burst(600);
    // Ticks told of 10 s, and the schedule may be 30 s ahead.
    assert!(host.placed_quantity() <= decimal("0.5"), "{}", host.placed_quantity());
    fill_all(&mut host, 0, 120);
    assert_eq!(host.placed_quantity(), Decimal::ONE);
}

#[test]
fn rule_18_a_fill_sets_a_schedule_back_that_ran_ahead() {
    let mut host = setup("1", &json!({})).start::<Slices>();
    host.timer();
    host.fill(0, "0.1");
    host.burst(40);
    let before = host.placed_quantity();
    host.fill(1, "0.1");
    host.burst(20);
    // 60 timers in no time: what 30 s allow, and the burst after the fill.
    assert!(
        before <= decimal("0.5") && host.placed_quantity() <= decimal("0.6"),
        "{}",
        host.placed_quantity()
    );
}

#[test]
fn a_timestamp_far_in_the_future_or_past_stops_nothing() {
    let mut host = setup("1", &json!({})).start::<Slices>();
    host.timer();
    host.trade(decimal("40000"), Decimal::ONE, PluginSide::Buy);
    let fill = tesser_wasm::PluginFill::new(
        "order-0",
        "BTCUSDT",
        PluginSide::Buy,
        decimal("40000"),
        decimal("0.1"),
    );
    host.send_fill(&tesser_wasm::PluginFill { timestamp_ms: i64::MAX, ..fill });
    fill_all(&mut host, 1, 200);
    assert_eq!(host.placed_quantity(), Decimal::ONE);
}

#[test]
fn when_ticks_end_timers_alone_decide_in_the_end() {
    let mut host = setup("1", &json!({ "when_blind": "wait" })).start::<Slices>();
    host.tick("40000");
    host.timers(800);
    assert!(host.placed_quantity() >= Decimal::ONE, "{}", host.placed_quantity());
}
