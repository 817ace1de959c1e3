//! What holds for any sequence of events and any parameters.

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::{PluginFill, PluginOrderRequest, PluginResult, PluginSide};

use super::host::{Host, context_with, placed};
use super::{WORK, any_params};

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
        6 => Just(Event::Timer),
        3 => (symbol(), -1_i64..60).prop_map(|(symbol, price)| Event::Tick { symbol, price }),
        // Above 100 percent is an overfill; filled orders get fills, too: those are duplicates.
        4 => (any::<usize>(), 1_i64..150, -2_i64..3).prop_map(|(order, percent, price_offset)| {
            Event::Fill { order, percent, price_offset }
        }),
        1 => (symbol(), side, 0_u8..4).prop_map(|(symbol, side, id)| {
            Event::ForeignFill { symbol, side, id }
        }),
    ]
}

const STEPS: [&str; 3] = ["0.00001", "0.001", "0.05"];

/// Any parameters, and a target that can be worked with them.
fn any_context() -> impl Strategy<Value = Value> {
    let target = "[1-3](\\.[0-9]{1,14})?";
    let lot = prop::sample::select(&STEPS[..]);
    (target, lot, any_params()).prop_map(|(target, lot, mut params)| {
        params["lot_step"] = json!(lot);
        let mut context = context_with("/signal/target_quantity", json!(target));
        context["params"] = params;
        context["risk"]["last_price"] = json!("30");
        context
    })
}

/// What all orders together may ask for: the target, and with `ioc` what may be asked for again.
fn most_placed(context: &Value) -> Decimal {
    let target = number(context, "/signal/target_quantity");
    if context["params"]["order_type"] != json!("ioc") {
        return target;
    }
    let percent = context["params"]["resend_percent"].as_i64().unwrap();
    target + target * Decimal::new(percent, 2)
}

fn number(context: &Value, path: &str) -> Decimal {
    let value = context.pointer(path).and_then(Value::as_str);
    value.unwrap_or("0").parse().unwrap()
}

fn fill(index: usize, order: &PluginOrderRequest, quantity: Decimal, offset: i64) -> PluginFill {
    let price = order.price.unwrap_or(30.into()) + Decimal::from(offset);
    PluginFill::new(
        format!("order-{index}"),
        "BTCUSDT",
        PluginSide::Buy,
        price,
        quantity,
    )
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
            let quantity = order.quantity * Decimal::new(*percent, 2);
            host.send_fill(&fill(index, order, quantity, *price_offset))
        }
        Event::ForeignFill { symbol, side, id } => {
            let (id, quantity) = (format!("foreign-{id}"), Decimal::new(5, 2));
            host.send_fill(&PluginFill::new(id, *symbol, *side, 30.into(), quantity))
        }
    }
}

fn total(orders: &[PluginOrderRequest]) -> Decimal {
    orders.iter().map(|order| order.quantity).sum()
}

/// Runs until it completes, filling each order at once, in two parts. Answers what was ordered.
fn run_to_the_end(context: Value, restarts: &[u16]) -> Vec<PluginOrderRequest> {
    let mut host = Host::start_with(context);
    let mut orders = Vec::new();
    for timer in 0_u16..2_000 {
        if restarts.contains(&timer) {
            host.restart_from(host.stored.clone()).unwrap();
        }
        let result = host.timer();
        orders.extend(placed(&result).into_iter().cloned());
        let mut next = orders.len().saturating_sub(placed(&result).len());
        while next < orders.len() {
            let order = orders[next].clone();
            let half = order.quantity / Decimal::TWO;
            for quantity in [half, order.quantity - half] {
                let result = host.send_fill(&fill(next, &order, quantity, 0));
                orders.extend(placed(&result).into_iter().cloned());
                if result.completed {
                    return orders;
                }
            }
            next += 1;
        }
    }
    panic!("it never completed: {}", host.snapshot);
}

proptest! {
    #[test]
    fn the_sum_placed_never_exceeds_the_target_and_every_order_is_one_an_exchange_takes(
        context in any_context(),
        // With every event: whether the host restarts before it.
        events in prop::collection::vec((event(), prop::bool::weighted(0.1)), 1..200),
    ) {
        let most = most_placed(&context);
        let lot = number(&context, "/params/lot_step");
        let smallest = number(&context, "/params/min_clip").max(lot);
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
                prop_assert!(order.quantity >= smallest);
                prop_assert!((order.quantity % lot).is_zero());
                prop_assert!(order.price.is_none_or(|price| price > Decimal::ZERO));
                prop_assert!(order.price.is_none_or(|price| (price % Decimal::new(1, 2)).is_zero()));
                orders.push(order.clone());
            }
            completed |= result.completed;
            prop_assert!(total(&orders) <= most);
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
        let mut open_count = 0;
        for percent in percents {
            let index = orders.len() - open_count;
            let quantity = orders.get(index).map_or(Decimal::ZERO, |(_, rest)| {
                (*rest * Decimal::new(percent, 2)).round_dp(12).min(*rest)
            });
            let result = if quantity.is_zero() {
                host.timer()
            } else {
                orders[index].1 -= quantity;
                filled_sum += quantity;
                host.send_fill(&fill(index, &orders[index].0.clone(), quantity, 0))
            };
            for order in placed(&result) {
                placed_sum += order.quantity;
                orders.push((order.clone(), order.quantity));
            }
            let state: Value = serde_json::from_str(&host.snapshot).unwrap();
            let counted = &state.pointer(WORK).unwrap()["orders"];
            let open = counted["open"].as_array().unwrap();
            open_count = open.len();
            let open: Decimal = open.iter().map(|order| number(order, "/rest")).sum();
            // Of `ioc` orders that nobody has heard of for long, the rest is given back.
            let placed = placed_sum - number(&state, &WORK.replace("state/work", "settle/expired"));
            prop_assert_eq!(number(counted, "/placed"), placed);
            prop_assert_eq!(number(counted, "/filled"), filled_sum);
            prop_assert_eq!(placed, filled_sum + open);
        }
    }

    #[test]
    fn it_completes_with_all_whole_lots_of_the_target_and_a_restart_only_delays(
        context in any_context(),
        restarts in prop::collection::vec(0_u16..100, 0..4),
    ) {
        let (target, lot) =
            (number(&context, "/signal/target_quantity"), number(&context, "/params/lot_step"));
        let orders = run_to_the_end(context.clone(), &[]);
        prop_assert_eq!(total(&orders), target - target % lot);
        prop_assert_eq!(run_to_the_end(context, &restarts), orders);
    }
}
