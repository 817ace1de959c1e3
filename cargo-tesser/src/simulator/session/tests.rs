//! The clock of a session, and behavior that recordings of the real host do not cover.

use std::rc::Rc;

use serde_json::Value;

use super::*;
use crate::simulator::fake::{Fake, Seen, place};
use crate::simulator::guest::{Export, Failure, Program};
use crate::simulator::order::OrderStatus;
use crate::simulator::risk::{InstrumentKind, RiskLimits};
use crate::simulator::session_rules::{AmendRule, SessionRules};
use crate::simulator::signal::SignalKind;

pub(super) const SYMBOL: &str = "bybit_linear:BTCUSDT";

pub(super) fn world() -> World {
    World::live("tesser@0.9", &SessionRules::tesser_0_9(), SYMBOL)
}

/// A session that begins at 0 ms and a price of 10, with a signal for the plugin with a quantity of 1.
fn session(world: World, model: ExchangeModel, plugin: Rc<dyn Program>) -> Session<Seen> {
    signalled(world, model, plugin, Some(Decimal::ONE))
}

pub(super) fn signalled(
    world: World,
    model: ExchangeModel,
    plugin: Rc<dyn Program>,
    quantity: Option<Decimal>,
) -> Session<Seen> {
    let mut session = Session::new(world, model, Seen::default(), 0, Decimal::TEN);
    session.host.plugins.install("fake", Ok(plugin), false);
    session.signal(&Signal {
        id: "1".into(),
        symbol: Symbol::parse(SYMBOL),
        kind: SignalKind::EnterLong,
        confidence: 1.0,
        quantity,
        note: None,
        group_id: None,
        metadata: Value::Null,
        plugin: "fake".into(),
        params: Value::Null,
    });
    session
}

fn live(plugin: Rc<dyn Program>) -> Session<Seen> {
    session(world(), ExchangeModel::instant(), plugin)
}

/// A plugin that places an order only at its first timer, according to its state.
fn once(order: &str) -> Rc<dyn Program> {
    let answer = place(order);
    let is_placed = std::cell::Cell::new(false);
    Fake::program(move |export, text| match export {
        Export::OnTimer if !is_placed.replace(true) => Ok(answer.clone()),
        Export::Snapshot => Ok(is_placed.get().to_string()),
        Export::Restore => {
            is_placed.set(text == "true");
            Ok(String::new())
        }
        _ => Ok("{}".into()),
    })
}

fn trade(time_ms: i64, price: i64, quantity: i64) -> Trade {
    let (price, quantity) = (price.into(), quantity.into());
    Trade { symbol: None, price, quantity, time_ms, side: PluginSide::Sell }
}

fn timers(session: &Session<Seen>) -> usize {
    session.host.observer.count("on-timer")
}

fn states(session: &Session<Seen>) -> Vec<OrderStatus> {
    session.host.exchange.orders().iter().map(|order| order.state).collect()
}

#[test]
fn timers_come_every_second_in_the_phase_of_the_session() {
    let plugin = Fake::placing("buy 0 v:S");
    let mut session =
        session(World { timer_phase_ms: 250, ..world() }, ExchangeModel::instant(), plugin);
    for (to_ms, expected) in [(249, 0), (250, 1), (1_249, 1), (1_250, 2), (4_250, 5)] {
        session.advance(to_ms);
        assert_eq!(timers(&session), expected, "{to_ms}");
    }
}

#[test]
fn timers_that_are_due_while_the_host_waits_come_immediately_afterwards() {
    let model = ExchangeModel { latency_ms: 3_500, ..ExchangeModel::instant() };
    let mut session = session(world(), model, once("buy 1 bybit_linear:BTCUSDT at 10"));
    // The order is sent by the timer at 1,000; the response comes at 4,500.
    for (to_ms, expected) in [(1_000, 1), (4_499, 1), (4_500, 4), (5_000, 5)] {
        session.advance(to_ms);
        assert_eq!(timers(&session), expected, "{to_ms}");
    }
}

#[test]
fn an_order_of_init_does_not_fill_on_the_trade_that_came_with_the_signal() {
    let answer = place("buy 1 bybit_linear:BTCUSDT at 10");
    let plugin = Fake::program(move |export, _| match export {
        Export::Init => Ok(answer.clone()),
        Export::Snapshot => Ok("null".into()),
        _ => Ok("{}".into()),
    });
    let mut session = live(plugin);
    session.trade(&trade(0, 10, 5));
    assert_eq!(states(&session), [OrderStatus::Open]);
    session.trade(&trade(1, 10, 5));
    assert_eq!(states(&session), [OrderStatus::Filled]);
}

#[test]
fn fills_have_latency_and_a_restart_loses_those_in_transit() {
    for (restarts, told) in [(false, 1), (true, 0)] {
        let model = ExchangeModel { fill_latency_ms: 500, ..ExchangeModel::instant() };
        let mut session = session(world(), model, once("buy 1 bybit_linear:BTCUSDT at 10"));
        session.trade(&trade(2_000, 10, 5));
        assert_eq!(states(&session), [OrderStatus::Filled]);
        if restarts {
            session.restart();
        }
        session.advance(2_499);
        assert_eq!(session.host.observer.count("on-fill"), 0);
        session.advance(2_500);
        assert_eq!(session.host.observer.count("on-fill"), told, "restarts: {restarts}");
    }
}

#[test]
fn trades_reach_the_plugin_only_with_ticks() {
    for (ticks, expected) in [(false, 0), (true, 3)] {
        let plugin = Fake::placing("buy 0 v:S");
        let mut session = session(World { ticks, ..world() }, ExchangeModel::instant(), plugin);
        for time_ms in [10, 20, 30] {
            session.trade(&trade(time_ms, 10, 1));
        }
        assert_eq!(session.host.observer.count("on-tick"), expected);
    }
}

#[test]
fn the_position_limit_uses_the_position_of_the_last_candle() {
    let mut session = live(Fake::placing("buy 1 bybit_linear:BTCUSDT"));
    for second in 1..60 {
        session.trade(&trade(second * 1_000, 10, 1));
    }
    // The position limit is 2, and 58 are filled.
    assert_eq!(session.host.exchange.orders().len(), 59);
    assert!(session.host.observer.of("not sent").is_empty());
    session.advance(60_000);
    let refused = "not sent: invalid request: projected position 60 exceeds limit 2";
    assert_eq!(session.host.observer.of("not sent"), [refused]);
}

#[test]
fn an_order_without_a_fill_is_cancelled_by_the_first_poll_after_a_minute() {
    let mut session = live(once("buy 1 bybit_linear:BTCUSDT at 10"));
    session.advance(74_999);
    assert_eq!(states(&session), [OrderStatus::Open]);
    session.advance(75_000);
    assert_eq!(states(&session), [OrderStatus::Canceled]);
    assert_eq!(session.host.observer.of("stale"), ["stale order-1 Canceled"]);
    // The plugin was called by timers only.
    assert_eq!(timers(&session), 75);
    assert_eq!(session.host.observer.count("on-fill"), 0);
}

#[test]
fn a_fill_ends_the_stale_order_timeout_and_a_restart_starts_it_again() {
    let order = "buy 1 bybit_linear:BTCUSDT at 10";
    let model =
        ExchangeModel { participation: Some(Decimal::new(1, 1)), ..ExchangeModel::instant() };
    let filled = || {
        let mut session = session(world(), model.clone(), once(order));
        session.trade(&trade(2_000, 10, 1));
        session
    };
    let mut plain = filled();
    plain.advance(600_000);
    assert_eq!(states(&plain), [OrderStatus::PartiallyFilled]);
    let mut restarted = filled();
    restarted.advance(30_000);
    restarted.restart();
    restarted.advance(89_999);
    assert_eq!(states(&restarted), [OrderStatus::PartiallyFilled]);
    restarted.advance(90_000);
    assert_eq!(states(&restarted), [OrderStatus::Canceled]);
}

#[test]
fn fills_while_the_host_is_down_are_reported_after_it_only_for_open_orders() {
    // One of three filled: the order is still open, and adopted.
    for (quantity, adopted, told) in [(1, 1, 1), (3, 0, 0)] {
        let world = World { down_ms: 5_000, limits: RiskLimits::default(), ..world() };
        let plugin = once("buy 3 bybit_linear:BTCUSDT at 10");
        let mut session = session(world, ExchangeModel::instant(), plugin);
        session.advance(1_000);
        session.restart();
        session.trade(&trade(2_000, 10, quantity));
        assert_eq!(session.host.observer.count("on-fill"), 0, "the host is down");
        session.advance(6_000);
        let seen = &session.host.observer;
        assert_eq!(seen.of("adopted").len(), adopted, "{quantity}");
        assert_eq!(seen.count("on-fill"), told, "{quantity}");
    }
}

#[test]
fn a_restart_starts_a_new_timer_phase() {
    let mut session = live(Fake::placing("buy 0 v:S"));
    session.advance(1_700);
    session.restart();
    for (to_ms, expected) in [(2_699, 1), (2_700, 2)] {
        session.advance(to_ms);
        assert_eq!(timers(&session), expected, "{to_ms}");
    }
}

#[test]
fn orders_sent_but_not_stored_before_a_crash_are_sent_again() {
    let mut session = live(once("buy 1 bybit_linear:BTCUSDT at 10"));
    session.host.store_fails(true);
    session.advance(1_000);
    session.host.store_fails(false);
    session.restart();
    session.advance(5_000);
    let seen = &session.host.observer;
    assert_eq!(seen.of("placed"), ["placed order-1", "placed order-2"]);
    // Both have the same number, and the first is adopted.
    let ids: Vec<_> = session
        .host
        .exchange
        .orders()
        .iter()
        .map(|order| order.request.client_order_id.clone())
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert_eq!(seen.of("adopted"), ["adopted order-1"]);
}

#[test]
fn an_order_of_init_makes_a_symbol_without_venue_work_until_the_restart() {
    let answer = place("buy 0.1 BTCUSDT at 10");
    let plugin = Fake::program(move |export, _| match export {
        Export::Init | Export::OnTimer => Ok(answer.clone()),
        Export::Snapshot => Ok("null".into()),
        _ => Ok("{}".into()),
    });
    let mut session = live(plugin);
    session.advance(2_000);
    assert_eq!(session.host.exchange.orders().len(), 3);
    session.restart();
    session.advance(4_000);
    let missing = "not sent: missing risk context for symbol unspecified:BTCUSDT";
    assert_eq!(session.host.observer.of("not sent"), [missing; 2]);
}

#[test]
fn an_order_of_a_timer_with_a_symbol_without_venue_is_never_sent() {
    let mut session = live(Fake::placing("buy 0.1 BTCUSDT at 10"));
    session.advance(3_000);
    let missing = "not sent: missing risk context for symbol unspecified:BTCUSDT";
    assert_eq!(session.host.observer.of("not sent"), [missing; 3]);
    assert_eq!(session.host.exchange.orders().len(), 0);
}

#[test]
fn a_signal_without_quantity_gets_the_default_and_zero_or_less_loads_no_plugin() {
    for (quantity, calls) in [(Some(Decimal::ZERO), 0), (Some(Decimal::NEGATIVE_ONE), 0), (None, 1)]
    {
        let plugin = Fake::program(|export, text| {
            if export == Export::Init {
                assert!(text.contains(r#""target_quantity":"1""#), "{text}");
            }
            Ok(if export == Export::Snapshot { "null".into() } else { "{}".into() })
        });
        let session = signalled(world(), ExchangeModel::instant(), plugin, quantity);
        assert_eq!(session.host.observer.count("init"), calls, "{quantity:?}");
        assert_eq!(session.host.observer.count("not loaded"), 1 - calls, "{quantity:?}");
    }
}

#[test]
fn the_side_of_exits_and_flatten_does_not_depend_on_the_position() {
    let sides = SignalKind::ALL.map(|kind| (kind.word(), kind.side() == PluginSide::Buy));
    assert_eq!(
        sides,
        [
            ("enter_long", true),
            ("exit_long", false),
            ("enter_short", false),
            ("exit_short", true),
            ("flatten", false)
        ]
    );
}

#[test]
fn a_call_that_does_not_return_stops_all_algorithms() {
    let plugin = Fake::program(|export, _| match export {
        Export::OnTimer => Err(Failure::Endless("it ran on".to_owned().into())),
        Export::Snapshot => Ok("null".into()),
        _ => Ok("{}".into()),
    });
    let mut session = live(plugin);
    session.advance(10_000);
    assert_eq!((timers(&session), session.host.observer.count("hangs")), (1, 1));
    assert!(!session.is_running());
}

#[test]
fn a_fill_of_an_unknown_order_reaches_no_algorithm_and_changes_no_position() {
    let mut session = live(Fake::placing("buy 1 bybit_linear:BTCUSDT"));
    let script = ScriptedFill {
        order: super::super::exchange::OrderRef::Number(9),
        price: Decimal::TEN,
        quantity: Decimal::TEN,
        fee: None,
        fee_asset: None,
        time_ms: 0,
    };
    session.event(&Event::Fill(Box::new(script)));
    session.refresh();
    session.event(&Event::Timer);
    assert_eq!(session.host.observer.count("on-fill"), 0);
    assert_eq!(session.host.observer.of("placed"), ["placed order-1"]);
}

#[test]
fn the_venue_determines_instrument_kind_and_amendment_rule() {
    let rules = SessionRules::tesser_0_9();
    for (symbol, kind, amend_rule) in [
        ("BTCUSDT", InstrumentKind::LinearPerpetual, AmendRule::PriceOrQuantity),
        ("bybit_inverse:BTCUSD", InstrumentKind::InversePerpetual, AmendRule::PriceOrQuantity),
        ("bybit_spot:BTCUSDT", InstrumentKind::Spot, AmendRule::PriceOrQuantity),
        ("binance_perp:BTCUSDT", InstrumentKind::LinearPerpetual, AmendRule::PriceAndQuantity),
        ("okx:BTCUSDT", InstrumentKind::LinearPerpetual, AmendRule::Any),
    ] {
        let world = World::live("tesser@0.9", &rules, symbol);
        assert_eq!((world.kind, world.amend_rule), (kind, amend_rule), "{symbol}");
    }
    assert_eq!(World::live("tesser@0.9", &rules, "btcusdt").symbol, SYMBOL);
}

/// The count of a plugin that counts its timers, before and after a restart.
fn counted(rules: SessionRules) -> (u32, u32) {
    let count = Rc::new(std::cell::Cell::new(0_u32));
    let own = Rc::clone(&count);
    let plugin = Fake::program(move |export, text| match export {
        Export::Init => {
            own.set(0);
            Ok("{}".into())
        }
        Export::OnTimer => {
            own.set(own.get() + 1);
            Ok("{}".into())
        }
        Export::Snapshot => Ok(own.get().to_string()),
        Export::Restore => {
            own.set(text.parse().unwrap());
            Ok(String::new())
        }
        _ => Ok("{}".into()),
    });
    let mut session = session(World { rules, ..world() }, ExchangeModel::instant(), plugin);
    session.advance(3_000);
    let before = count.get();
    session.restart();
    (before, count.get())
}

#[test]
fn the_profile_determines_whether_state_is_stored_after_calls_without_orders() {
    let tesser = SessionRules::tesser_0_9();
    assert_eq!(counted(tesser.clone()), (3, 0));
    assert_eq!(counted(SessionRules { stores_idle_calls: true, ..tesser }), (3, 3));
}
