//! What holds for any sequence of events.

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::{PluginFill, PluginOrderRequest, PluginResult, PluginSide};

use super::host::{Host, context_with, placed};

/// What can happen to the algorithm. Orders are meant by their age, modulo how many there are.
#[derive(Clone, Debug)]
enum Event {
    Timer,
    Tick {
        symbol: &'static str,
        price: i64,
    },
    Fill {
        order: usize,
        percent: i64,
        price_offset: i64,
    },
    ForeignFill {
        symbol: &'static str,
        side: PluginSide,
        id: u8,
    },
}

fn event() -> impl Strategy<Value = Event> {
    let symbol = || prop_oneof![3 => Just("BTCUSDT"), 1 => Just("ETHUSDT")];
    let side = prop_oneof![Just(PluginSide::Buy), Just(PluginSide::Sell)];
    prop_oneof![
        4 => Just(Event::Timer),
        3 => (symbol(), -1_i64..60).prop_map(|(symbol, price)| Event::Tick { symbol, price }),
        // Above 100 percent is an overfill; filled orders get fills, too: those are duplicates.
        6 => (any::<usize>(), 1_i64..150, -2_i64..3).prop_map(|(order, percent, price_offset)| {
            Event::Fill { order, percent, price_offset }
        }),
        1 => (symbol(), side, 0_u8..4).prop_map(|(symbol, side, id)| {
            Event::ForeignFill { symbol, side, id }
        }),
    ]
}

fn any_context() -> impl Strategy<Value = Value> {
    (
        "0\\.[0-9]?[1-9][0-9]{0,2}|[1-3](\\.[0-9]{1,14})?",
        "0\\.[0-9]?[1-9]",
        0_u16..=10_000,
        prop::sample::select(&["0.00001", "0.0007", "0.01"][..]),
        prop::sample::select(&["0.01", "0.5", "3"][..]),
        prop::sample::select(&["buy", "sell"][..]),
    )
        .prop_map(|(target, clip, bps, lot, step, side)| {
            let mut context = context_with("/signal/target_quantity", json!(target));
            context["signal"]["side"] = json!(side);
            context["params"] = json!({
                "clip_size": clip, "reprice_bps": bps, "lot_step": lot, "price_step": step,
            });
            context["risk"]["last_price"] = json!("30");
            context
        })
}

fn send(host: &mut Host, event: &Event, orders: &[PluginOrderRequest]) -> PluginResult {
    match event {
        Event::Timer => host.timer(),
        Event::Tick { symbol, price } => host.tick(symbol, &price.to_string()),
        Event::Fill { .. } if orders.is_empty() => PluginResult::new(),
        Event::Fill {
            order,
            percent,
            price_offset,
        } => {
            let index = order % orders.len();
            let order = &orders[index];
            let price = order.price.unwrap() + Decimal::from(*price_offset);
            let quantity = order.quantity * Decimal::new(*percent, 2);
            let id = format!("order-{index}");
            host.send_fill(&PluginFill::new(id, "BTCUSDT", order.side, price, quantity))
        }
        Event::ForeignFill { symbol, side, id } => {
            let id = format!("foreign-{id}");
            host.send_fill(&PluginFill::new(
                id,
                *symbol,
                *side,
                30.into(),
                Decimal::new(5, 2),
            ))
        }
    }
}

proptest! {
    #[test]
    fn the_sum_placed_never_exceeds_the_target(
        context in any_context(),
        // With every event: whether the host restarts before it.
        events in prop::collection::vec((event(), prop::bool::weighted(0.1)), 1..200),
    ) {
        let number = |path| context.pointer(path).unwrap().as_str().unwrap().parse().unwrap();
        let (target, clip): (Decimal, Decimal) =
            (number("/signal/target_quantity"), number("/params/clip_size"));
        let (lot, step): (Decimal, Decimal) =
            (number("/params/lot_step"), number("/params/price_step"));
        let mut host = Host::start_with(context.clone());
        let mut orders = Vec::new();
        let mut completed = false;
        for (event, restart) in events {
            if restart {
                host.restart_from(host.stored.clone()).unwrap();
            }
            let result = send(&mut host, &event, &orders);
            for order in placed(&result) {
                prop_assert!(!completed);
                prop_assert!(order.quantity > Decimal::ZERO && order.quantity <= clip);
                prop_assert!(order.price > Some(Decimal::ZERO));
                prop_assert!((order.quantity % lot).is_zero());
                prop_assert!((order.price.unwrap() % step).is_zero());
                orders.push(order.clone());
            }
            completed |= result.completed;
            prop_assert!(orders.iter().map(|order| order.quantity).sum::<Decimal>() <= target);
        }
    }

    #[test]
    fn a_restart_after_every_callback_changes_no_order(
        context in any_context(),
        events in prop::collection::vec(event(), 1..100),
    ) {
        let mut steady = Host::start_with(context.clone());
        let mut restarted = Host::start_with(context);
        let mut orders = Vec::new();
        for event in events {
            let expected = send(&mut steady, &event, &orders);
            restarted.restart_from(Some(restarted.snapshot.clone())).unwrap();
            let result = send(&mut restarted, &event, &orders);
            prop_assert_eq!(&result.orders, &expected.orders);
            prop_assert_eq!(result.completed, expected.completed);
            prop_assert_eq!(&restarted.snapshot, &steady.snapshot);
            orders.extend(placed(&result).into_iter().cloned());
        }
    }

    #[test]
    fn what_is_placed_is_filled_or_outstanding_when_older_orders_fill_first(
        context in any_context(),
        percents in prop::collection::vec(0_i64..=100, 1..100),
    ) {
        let mut host = Host::start_with(context);
        let mut orders: Vec<(PluginOrderRequest, Decimal)> = Vec::new();
        let (mut placed_sum, mut filled_sum) = (Decimal::ZERO, Decimal::ZERO);
        for percent in percents {
            let oldest = orders.iter().position(|(_, rest)| !rest.is_zero());
            let fill = oldest.map(|index| {
                let (order, rest) = &orders[index];
                let quantity = (*rest * Decimal::new(percent, 2)).round_dp(12);
                let price = order.price.unwrap();
                PluginFill::new(format!("order-{index}"), "BTCUSDT", order.side, price, quantity)
            });
            let result = match fill {
                Some(fill) if !fill.fill_quantity.is_zero() => {
                    orders[oldest.unwrap()].1 -= fill.fill_quantity;
                    filled_sum += fill.fill_quantity;
                    host.send_fill(&fill)
                }
                _ => host.timer(),
            };
            for order in placed(&result) {
                placed_sum += order.quantity;
                orders.push((order.clone(), order.quantity));
            }
            let state: Value = serde_json::from_str(&host.snapshot).unwrap();
            let counted = &state["work"]["orders"];
            let number = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap();
            let open = counted["open"].as_array().unwrap();
            let open: Decimal = open.iter().map(|order| number(&order["rest"])).sum();
            prop_assert_eq!(number(&counted["placed"]), placed_sum);
            prop_assert_eq!(number(&counted["filled"]), filled_sum);
            prop_assert_eq!(placed_sum, filled_sum + open);
        }
    }
}
