use tesser_wasm::{PluginOrderType, PluginTimeInForce};

use super::*;
use crate::simulator::exchange_model::{Depth, Spread};
use crate::simulator::trade::Trade;

pub(super) fn order(quantity: i64, price: Option<i64>) -> OrderRequest {
    OrderRequest {
        symbol: Symbol::parse("v:S"),
        symbol_text: "v:S".into(),
        side: PluginSide::Buy,
        order_type: if price.is_some() { PluginOrderType::Limit } else { PluginOrderType::Market },
        quantity: quantity.into(),
        price: price.map(Decimal::from),
        trigger_price: None,
        time_in_force: None,
        wanted_post_only: false,
        client_order_id: None,
        take_profit: None,
        stop_loss: None,
        display_quantity: None,
    }
}

pub(super) fn amendment(id: &str, price: Option<i64>, quantity: Option<i64>) -> AmendRequest {
    AmendRequest {
        order_id: id.into(),
        symbol: Symbol::parse("v:S"),
        symbol_text: "v:S".into(),
        side: PluginSide::Buy,
        new_price: price.map(Decimal::from),
        new_quantity: quantity.map(Decimal::from),
    }
}

pub(super) fn sold(time_ms: i64, price: &str, quantity: &str) -> Trade {
    let (price, quantity) = (price.parse().unwrap(), quantity.parse().unwrap());
    Trade { symbol: None, price, quantity, time_ms, side: PluginSide::Sell }
}

pub(super) fn bought(time_ms: i64, price: &str, quantity: &str) -> Trade {
    Trade { side: PluginSide::Buy, ..sold(time_ms, price, quantity) }
}

pub(super) fn sale(request: OrderRequest) -> OrderRequest {
    OrderRequest { side: PluginSide::Sell, ..request }
}

pub(super) fn immediate(time_in_force: PluginTimeInForce, request: OrderRequest) -> OrderRequest {
    OrderRequest { time_in_force: Some(time_in_force), ..request }
}

/// Order number, price, quantity and time of fills, with `m` for maker and `t` for taker.
pub(super) fn rows(exchange: &Exchange) -> Vec<String> {
    let row = |fill: &FillRow| {
        let kind = if fill.liquidity == Some(Liquidity::Maker) { "m" } else { "t" };
        let (price, quantity) = (fill.price.normalize(), fill.quantity.normalize());
        format!("{} {price} {quantity} @{} {kind}", fill.order, fill.time_ms)
    };
    exchange.fills().iter().map(row).collect()
}

pub(super) fn exchange(model: ExchangeModel) -> Exchange {
    Exchange::new(model, AmendRule::Any, Vec::new())
}

/// Without latency, with unlimited depth.
pub(super) fn instant() -> ExchangeModel {
    ExchangeModel::instant()
}

fn spread(bps: i64) -> Spread {
    Spread::Half(bps.into())
}

/// Processes the requests that arrive before a trade, then the trade, as a session does.
pub(super) fn happens(exchange: &mut Exchange, trade: &Trade) {
    while exchange.next_arrival_ms() < trade.time_ms {
        exchange.arrive(exchange.next_arrival_ms());
    }
    exchange.trade("S", trade);
}

/// A market at 10, and then these orders, sent at 1 ms.
fn with(model: ExchangeModel, orders: impl IntoIterator<Item = OrderRequest>) -> Exchange {
    let mut exchange = exchange(model);
    happens(&mut exchange, &bought(0, "10", "1"));
    for order in orders {
        exchange.place(order, 1).ok();
    }
    exchange
}

#[test]
fn resting_orders_fill_at_their_price_up_to_the_traded_quantity() {
    let mut exchange = with(instant(), [order(3, Some(9)), order(3, Some(9))]);
    happens(&mut exchange, &sold(7, "10", "9"));
    happens(&mut exchange, &bought(7, "9", "9"));
    assert!(rows(&exchange).is_empty());
    happens(&mut exchange, &sold(8, "9", "4"));
    assert_eq!(rows(&exchange), ["1 9 3 @8 m", "2 9 1 @8 m"]);
    assert_eq!(exchange.outstanding(), 2.into());

    let mut exchange = with(instant(), [sale(order(1, Some(11)))]);
    happens(&mut exchange, &sold(7, "11", "5"));
    assert!(rows(&exchange).is_empty(), "sellers do not buy");
    happens(&mut exchange, &bought(7, "11", "5"));
    assert_eq!(rows(&exchange), ["1 11 1 @7 m"]);
}

#[test]
fn a_trade_beyond_a_resting_order_fills_it_completely() {
    // Nobody sells at 90 while somebody bids 100.
    let model = ExchangeModel { queue: 5.into(), ..instant() };
    let mut exchange = exchange(model);
    happens(&mut exchange, &sold(0, "101", "1"));
    exchange.place(order(10, Some(100)), 0).unwrap();
    happens(&mut exchange, &sold(9, "90", "0.001"));
    assert_eq!(rows(&exchange), ["1 100 10 @9 m"]);
}

#[test]
fn a_marketable_limit_takes_the_better_price() {
    let model = ExchangeModel { maker_bps: (-1).into(), taker_bps: 5.into(), ..instant() };
    let mut exchange = with(model, [order(3, Some(12))]);
    happens(&mut exchange, &sold(7, "9", "1"));
    assert_eq!(rows(&exchange), ["1 10 3 @1 t"]);
    assert_eq!(exchange.fills()[0].fee, Some("0.015".parse().unwrap()));
}

#[test]
fn takers_pay_the_spread() {
    let model = ExchangeModel { spread: spread(100), ..instant() };
    let mut exchange = with(model, [order(1, None), sale(order(1, None))]);
    happens(&mut exchange, &bought(7, "10", "1"));
    // The last taker bought at the ask, so the bid is two hundredths away.
    assert_eq!(rows(&exchange), ["1 10 1 @1 t", "2 9.8 1 @1 t"]);
    happens(&mut exchange, &sold(8, "10", "1"));
    exchange.place(order(1, None), 8).unwrap();
    exchange.place(sale(order(1, Some(10))), 8).unwrap();
    happens(&mut exchange, &bought(9, "11", "1"));
    assert_eq!(rows(&exchange)[2..], ["3 10.2 1 @8 t", "4 10 1 @8 t"]);
}

#[test]
fn a_limit_at_the_best_price_of_its_side_rests_even_without_a_known_spread() {
    let mut exchange = exchange(instant());
    happens(&mut exchange, &sold(0, "10", "1"));
    exchange.place(order(1, Some(10)), 1).unwrap();
    exchange.place(sale(order(1, Some(10))), 1).unwrap();
    happens(&mut exchange, &sold(2, "10", "1"));
    assert_eq!(rows(&exchange), ["2 10 1 @1 t", "1 10 1 @2 m"]);
}

#[test]
fn the_spread_is_the_median_difference_between_consecutive_trades() {
    let mut exchange = exchange(ExchangeModel { spread: Spread::Estimated, ..instant() });
    // Buyers pay 0.2 more than the sellers before and after them; once the market also moves by 2.
    for (at, price) in (0..).zip(["10", "10", "10.2", "10", "12.2", "12"]) {
        let side = if price.ends_with(".2") { bought } else { sold };
        happens(&mut exchange, &side(at, price, "1"));
    }
    exchange.place(order(1, None), 9).unwrap();
    happens(&mut exchange, &sold(99, "12", "1"));
    assert_eq!(rows(&exchange), ["1 12.2 1 @9 t"]);
}

#[test]
fn the_spread_is_estimated_from_the_next_two_hundred_trades() {
    let first_difference_at = |number: i64| {
        let model = ExchangeModel { spread: Spread::Estimated, ..instant() };
        let mut exchange = exchange(model);
        let side =
            |at: i64| if at == number { sold(at, "99", "1") } else { bought(at, "100", "1") };
        let tape: Vec<_> = (0..=number).map(side).collect();
        for trade in &tape {
            exchange.look_ahead("S", trade);
        }
        exchange.trade("S", &tape[0]);
        exchange.quote("S", PluginSide::Sell).unwrap()
    };
    assert_eq!(first_difference_at(200), Decimal::from(99));
    assert_eq!(first_difference_at(201), Decimal::from(100));
}

#[test]
fn an_amendment_gets_its_queue_position_when_it_arrives() {
    let mut exchange = with(ExchangeModel { latency_ms: 20, ..instant() }, [order(1, Some(9))]);
    happens(&mut exchange, &bought(100, "10", "1"));
    exchange.amend(&amendment("order-1", Some(8), None), 100).unwrap();
    exchange.place(order(1, Some(8)), 100).unwrap();
    happens(&mut exchange, &sold(200, "8", "1"));
    assert_eq!(rows(&exchange), ["1 8 1 @200 m"]);
}

#[test]
fn requests_of_one_millisecond_arrive_in_the_order_of_sending() {
    let mut exchange = with(instant(), [order(1, Some(9))]);
    happens(&mut exchange, &bought(100, "10", "1"));
    exchange.place(order(1, Some(8)), 100).unwrap();
    exchange.amend(&amendment("order-1", Some(8), None), 100).unwrap();
    happens(&mut exchange, &sold(200, "8", "1"));
    assert_eq!(rows(&exchange), ["2 8 1 @200 m"]);
}

#[test]
fn a_reject_has_latency_too() {
    let mut exchange = with(ExchangeModel { latency_ms: 20, ..instant() }, []);
    exchange.amend(&amendment("order-9", Some(8), None), 100).unwrap_err();
    exchange.place(order(1, None), 100).unwrap();
    happens(&mut exchange, &bought(200, "10", "1"));
    assert_eq!(rows(&exchange), ["1 10 1 @140 t"]);
}

#[test]
fn takers_share_the_depth_of_their_side() {
    let depth = Depth::Fixed(5.into());
    let ioc = || immediate(PluginTimeInForce::Ioc, order(4, Some(10)));
    let orders = [order(2, None), ioc(), sale(order(9, None)), order(4, None)];
    let mut exchange = with(ExchangeModel { depth, ..instant() }, orders);
    happens(&mut exchange, &sold(500, "10", "1"));
    assert_eq!(rows(&exchange), ["1 10 2 @1 t", "2 10 3 @1 t", "3 10 5 @1 t"]);
    assert_eq!(exchange.expired(), Decimal::ONE);
    // After a second the depth is available again, and the market orders take more.
    happens(&mut exchange, &sold(1_001, "10", "1"));
    assert_eq!(rows(&exchange)[3..], ["3 10 4 @1001 t", "4 10 4 @1001 t"]);
}

#[test]
fn without_a_depth_takers_find_the_quantity_that_is_traded_next() {
    let mut exchange = exchange(ExchangeModel { depth: Depth::Traded, ..instant() });
    let tape = [
        bought(0, "10", "0.001"),
        bought(400, "10", "2"),
        sold(500, "10", "50"),
        bought(1_000, "10", "3"),
        bought(1_500, "10", "7"),
    ];
    for trade in &tape {
        exchange.look_ahead("S", trade);
    }
    happens(&mut exchange, &tape[0]);
    exchange.place(immediate(PluginTimeInForce::Ioc, order(1_000, Some(11))), 0).unwrap();
    happens(&mut exchange, &tape[1]);
    assert_eq!(rows(&exchange), ["1 10 5 @0 t"], "of the second after it");
}

#[test]
fn ioc_and_fok_orders_end_when_they_have_met_the_market() {
    let ioc = immediate(PluginTimeInForce::Ioc, order(5, Some(9)));
    let fok = |quantity| immediate(PluginTimeInForce::Fok, order(quantity, Some(10)));
    let depth = Depth::Fixed(5.into());
    let model = ExchangeModel { depth, latency_ms: 20, ..instant() };
    let mut exchange = with(model, [ioc, fok(6), fok(5)]);
    happens(&mut exchange, &sold(40_000, "9", "9"));
    // Each arrives 20 ms after the one before it.
    assert_eq!(rows(&exchange), ["3 10 5 @61 t"]);
    let ends: Vec<_> =
        exchange.orders().iter().map(|order| (order.state, order.ended_ms)).collect();
    assert_eq!(ends[0], (OrderStatus::Expired, Some(21)));
    assert_eq!(ends[1], (OrderStatus::Expired, Some(41)));
    assert_eq!(ends[2], (OrderStatus::Filled, Some(61)));
}

#[test]
fn trades_of_the_millisecond_of_sending_do_not_fill_an_order() {
    let mut exchange = exchange(instant());
    for trade in [sold(5, "10", "9"), sold(5, "9", "9")] {
        happens(&mut exchange, &trade);
        exchange.place(order(1, None), 5).unwrap();
        exchange.place(order(1, Some(8)), 5).unwrap();
    }
    happens(&mut exchange, &sold(5, "7", "9"));
    assert!(rows(&exchange).is_empty(), "the sweep is not over");
    happens(&mut exchange, &sold(6, "8", "1"));
    // They met the market after its last trade.
    let expected = ["1 7 1 @5 t", "2 7 1 @5 t", "3 7 1 @5 t", "4 7 1 @5 t"];
    assert_eq!(rows(&exchange), expected);
}

#[test]
fn orders_at_one_price_share_one_queue() {
    let model = ExchangeModel { queue: 5.into(), ..instant() };
    let mut exchange = exchange(model);
    happens(&mut exchange, &bought(0, "101", "1"));
    exchange.place(order(10, Some(100)), 0).unwrap();
    exchange.place(order(10, Some(100)), 0).unwrap();
    happens(&mut exchange, &sold(1, "100", "0.00001"));
    happens(&mut exchange, &sold(2, "100", "7"));
    assert_eq!(rows(&exchange), ["1 100 2.00001 @2 m"]);
    happens(&mut exchange, &sold(3, "100", "9"));
    assert_eq!(rows(&exchange)[1..], ["1 100 7.99999 @3 m", "2 100 1.00001 @3 m"]);
}

#[test]
fn participation_also_limits_fills_by_trades_beyond_the_price() {
    let participation = Some(Decimal::new(25, 2));
    let orders = [order(3, Some(9)), order(3, Some(8))];
    let mut exchange = with(ExchangeModel { participation, ..instant() }, orders);
    happens(&mut exchange, &sold(2, "8", "16"));
    assert_eq!(rows(&exchange), ["1 9 3 @2 m", "2 8 1 @2 m"]);
}

#[test]
fn a_limit_that_crosses_takes_until_the_market_moves_away() {
    let depth = Depth::Fixed(2.into());
    let mut exchange = with(ExchangeModel { depth, ..instant() }, [order(9, Some(12))]);
    happens(&mut exchange, &bought(1_500, "11", "1"));
    happens(&mut exchange, &bought(2_000, "13", "1"));
    // Now it rests, and fills as a maker.
    happens(&mut exchange, &sold(3_000, "12", "3"));
    assert_eq!(rows(&exchange), ["1 10 2 @1 t", "1 11 2 @1500 t", "1 12 3 @3000 m"]);
}

#[test]
fn a_later_order_at_a_price_does_not_overtake_an_older_one() {
    let model = ExchangeModel { queue: 1.into(), spread: spread(100), ..instant() };
    let mut exchange = with(model, [order(2, Some(9))]);
    happens(&mut exchange, &bought(1_500, "9.02", "1"));
    // Between bid and ask now, but still behind the own order.
    exchange.place(order(2, Some(9)), 1_500).unwrap();
    for (time_ms, quantity) in [(3_000, "1"), (3_100, "2"), (3_200, "9")] {
        happens(&mut exchange, &sold(time_ms, "9", quantity));
    }
    assert_eq!(rows(&exchange), ["1 9 2 @3100 m", "2 9 2 @3200 m"]);
}

#[test]
fn each_amendment_meets_the_market_after_the_trades_of_its_millisecond() {
    let mut exchange = with(instant(), [order(3, Some(9))]);
    happens(&mut exchange, &sold(1_500, "9", "1"));
    exchange.amend(&amendment("order-1", Some(8), None), 1_500).unwrap();
    happens(&mut exchange, &sold(1_500, "8.9", "1"));
    assert_eq!(rows(&exchange), ["1 9 1 @1500 m", "1 9 2 @1500 m"]);

    let mut exchange = with(instant(), [order(1, Some(9))]);
    happens(&mut exchange, &bought(2_000, "9.5", "1"));
    exchange.amend(&amendment("order-1", Some(10), None), 2_000).unwrap();
    exchange.amend(&amendment("order-1", Some(8), None), 2_000).unwrap();
    happens(&mut exchange, &bought(9_000, "10", "1"));
    assert_eq!(rows(&exchange), ["1 9.5 1 @2000 t"]);
}

#[test]
fn an_order_between_bid_and_ask_is_first_in_its_queue() {
    let model = ExchangeModel { queue: 5.into(), spread: spread(1_000), ..instant() };
    // The ask is 10, the bid 8.
    let mut exchange = with(model, [order(1, Some(9)), order(1, Some(8))]);
    happens(&mut exchange, &sold(2, "9", "2"));
    happens(&mut exchange, &sold(3, "8", "2"));
    assert_eq!(rows(&exchange), ["1 9 1 @2 m"]);
}

#[test]
fn an_amended_order_keeps_its_fills_and_loses_its_queue_position() {
    let queue = 5.into();
    let mut exchange = with(ExchangeModel { queue, ..instant() }, [order(3, Some(9))]);
    happens(&mut exchange, &sold(2, "9", "6"));
    assert_eq!(exchange.amend(&amendment("order-1", None, Some(4)), 2), Ok(()));
    assert_eq!(exchange.peak(), 4.into());
    happens(&mut exchange, &sold(3, "9", "6"));
    assert_eq!(rows(&exchange), ["1 9 1 @2 m", "1 9 1 @3 m"]);
    // A smaller quantity keeps the position.
    assert_eq!(exchange.amend(&amendment("order-1", None, Some(3)), 3), Ok(()));
    happens(&mut exchange, &sold(4, "9", "6"));
    assert_eq!(rows(&exchange)[2..], ["1 9 1 @4 m"]);
    let error = exchange.amend(&amendment("order-9", Some(20), None), 0).unwrap_err();
    assert_eq!(error, "exchange error: order not found");
}

#[test]
fn an_order_that_is_amended_across_the_market_takes_liquidity() {
    let mut exchange = with(instant(), [order(1, Some(9))]);
    happens(&mut exchange, &sold(2, "10", "1"));
    exchange.amend(&amendment("order-1", Some(11), None), 2).unwrap();
    happens(&mut exchange, &sold(3, "8", "1"));
    assert_eq!(rows(&exchange), ["1 10 1 @2 t"]);
}

#[test]
fn participation_limits_fills_by_a_trade_and_by_the_depth() {
    let participation = Some(Decimal::new(25, 2));
    let depth = Depth::Fixed(4.into());
    let orders = [order(3, Some(9)), order(3, None)];
    let mut exchange = with(ExchangeModel { participation, depth, ..instant() }, orders);
    happens(&mut exchange, &sold(2, "9", "4"));
    assert_eq!(rows(&exchange), ["2 10 1 @1 t", "1 9 1 @2 m"]);
}

#[test]
fn connectors_refuse_incomplete_amendments() {
    let refused = |rule, price, quantity| {
        let mut exchange = Exchange::new(instant(), rule, Vec::new());
        exchange.place(order(3, Some(10)), 0).unwrap();
        exchange.amend(&amendment("order-1", price, quantity), 0).err()
    };
    let binance = AmendRule::PriceAndQuantity;
    let words = |text: &str| Some(format!("invalid request: amend requires {text}"));
    assert_eq!(refused(binance, Some(1), None), words("new quantity for Binance"));
    assert_eq!(refused(binance, None, Some(1)), words("new price for Binance"));
    assert_eq!(refused(binance, Some(1), Some(1)), None);
    assert_eq!(refused(AmendRule::PriceOrQuantity, None, None), words("price or quantity"));
    assert_eq!(refused(AmendRule::PriceOrQuantity, Some(1), None), None);
}

#[test]
fn orders_and_amendments_have_latency() {
    let mut exchange = with(ExchangeModel { latency_ms: 8, ..instant() }, [order(3, Some(9))]);
    assert_eq!(exchange.next_arrival_ms(), 9);
    happens(&mut exchange, &sold(9, "8", "4"));
    assert!(rows(&exchange).is_empty(), "it arrives after the trades of that millisecond");
    happens(&mut exchange, &sold(10, "9", "4"));
    assert_eq!(rows(&exchange), ["1 8 3 @9 t"]);

    let mut exchange = with(ExchangeModel { latency_ms: 8, ..instant() }, [order(3, Some(5))]);
    exchange.amend(&amendment("order-1", Some(6), None), 12).unwrap();
    happens(&mut exchange, &sold(20, "5.5", "4"));
    assert!(rows(&exchange).is_empty(), "the change is on its way");
    happens(&mut exchange, &sold(21, "7", "4"));
    assert_eq!(rows(&exchange), ["1 5.5 3 @20 t"]);
    let amended = &exchange.orders()[0].amendments[0];
    assert_eq!((amended.time_ms, amended.price), (20, Some(6.into())));
}

#[test]
fn requests_of_one_callback_arrive_one_after_the_other() {
    let orders = [order(1, Some(9)), order(1, Some(9))];
    let mut exchange = with(ExchangeModel { latency_ms: 20, ..instant() }, orders);
    exchange.amend(&amendment("order-1", Some(8), None), 1).unwrap();
    let arrivals = std::iter::from_fn(|| {
        let next_ms = exchange.next_arrival_ms();
        exchange.arrive(next_ms);
        (next_ms < i64::MAX).then_some(next_ms)
    });
    assert_eq!(arrivals.collect::<Vec<_>>(), [21, 41, 61]);
    assert_eq!(exchange.free_ms(), 61);
}

#[test]
fn makers_and_takers_pay_their_fees() {
    let model = ExchangeModel {
        maker_bps: (-1).into(),
        taker_bps: 5.into(),
        fee_asset: Some("USD".into()),
        ..instant()
    };
    let mut exchange = with(model, [order(3, Some(9)), order(2, None)]);
    let taken = exchange.arrive(1);
    let made = exchange.trade("S", &sold(10, "9", "9"));
    let fee = |fills: &[Fill]| fills[0].fee.unwrap().to_string();
    assert_eq!((fee(&taken), fee(&made)), ("0.01".into(), "-0.0027".into()));
    assert_eq!(made[0].fee_asset.as_deref(), Some("unspecified:USD"));
}

#[test]
fn a_market_order_waits_until_the_market_is_known() {
    let mut exchange = exchange(instant());
    exchange.place(order(1, None), 0).unwrap();
    exchange.place(immediate(PluginTimeInForce::Ioc, order(1, Some(9))), 0).unwrap();
    happens(&mut exchange, &sold(5, "10", "1"));
    assert_eq!(rows(&exchange), ["1 10 1 @5 t"]);
    assert!(exchange.is_idle());
}

#[test]
fn a_refused_order_never_fills_and_keeps_its_number() {
    let orders = [order(3, Some(9)), order(1, Some(9))];
    let mut exchange = with(ExchangeModel { rejects: vec![1], ..instant() }, orders);
    happens(&mut exchange, &sold(2, "9", "9"));
    assert_eq!(rows(&exchange), ["2 9 1 @2 m"]);
    assert_eq!(exchange.peak(), Decimal::ONE);
    let states: Vec<_> = exchange.into_records().0.iter().map(|order| order.state).collect();
    assert_eq!(states, [OrderStatus::Rejected, OrderStatus::Filled]);
}

#[test]
fn an_order_with_a_trigger_price_executes_at_once() {
    let stop = OrderRequest { trigger_price: Some(12.into()), ..order(1, None) };
    let mut exchange = with(instant(), [stop]);
    happens(&mut exchange, &sold(2, "11", "9"));
    assert_eq!(rows(&exchange), ["1 10 1 @1 t"]);
}

#[test]
fn a_cancelled_order_counts_its_fills_and_a_late_fill_too() {
    let mut exchange = with(instant(), [order(3, Some(9))]);
    happens(&mut exchange, &sold(2, "9", "1"));
    exchange.cancel("order-1", 3).unwrap();
    exchange.place(order(2, Some(10)), 3).unwrap();
    assert_eq!(exchange.peak(), 3.into());
    let late = ScriptedFill {
        order: OrderRef::Number(1),
        price: 10.into(),
        quantity: 1.into(),
        fee: None,
        fee_asset: None,
        time_ms: 9,
    };
    exchange.fill(&late);
    exchange.place(order(1, Some(10)), 0).unwrap();
    assert_eq!(exchange.peak(), 5.into());
}

#[test]
fn a_reconnect_reports_each_execution_again_once() {
    let mut exchange = with(instant(), [order(3, Some(9))]);
    exchange.keep_executions();
    happens(&mut exchange, &sold(2, "9", "1"));
    happens(&mut exchange, &sold(3, "9", "1"));
    assert_eq!(exchange.reconnect().len(), 2);
    assert!(exchange.reconnect().is_empty());
}
