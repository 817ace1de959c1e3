use super::*;

fn order(quantity: i64, price: Option<i64>) -> OrderRequest {
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

fn amendment(id: &str, price: Option<i64>, quantity: Option<i64>) -> AmendRequest {
    AmendRequest {
        order_id: id.into(),
        symbol: Symbol::parse("v:S"),
        symbol_text: "v:S".into(),
        side: PluginSide::Buy,
        new_price: price.map(Decimal::from),
        new_quantity: quantity.map(Decimal::from),
    }
}

fn trade(price: i64, quantity: i64) -> Trade {
    Trade {
        symbol: None,
        price: price.into(),
        quantity: quantity.into(),
        time_ms: 7,
        side: PluginSide::Sell,
    }
}

fn filled(exchange: &mut Exchange, price: i64, quantity: i64) -> Vec<(String, Decimal, Decimal)> {
    let fills = exchange.trade("S", &trade(price, quantity));
    fills.into_iter().map(|fill| (fill.order_id, fill.price, fill.quantity)).collect()
}

fn with(model: ExchangeModel) -> Exchange {
    let mut exchange = Exchange::new(model, AmendRule::Any, Vec::new());
    exchange.place(order(3, Some(10)), 0).ok();
    exchange
}

#[test]
fn limits_fill_at_their_price_with_what_the_trade_has() {
    let mut exchange = with(ExchangeModel::default());
    exchange.place(order(3, Some(10)), 0).unwrap();
    assert!(filled(&mut exchange, 11, 9).is_empty());
    assert_eq!(
        filled(&mut exchange, 9, 4),
        [("order-1".into(), 10.into(), 3.into()), ("order-2".into(), 10.into(), 1.into())]
    );
    assert_eq!(exchange.outstanding(), 2.into());
}

#[test]
fn market_orders_fill_whole_and_ioc_orders_get_one_trade() {
    let mut exchange = Exchange::default();
    exchange.place(order(5, None), 0).unwrap();
    let mut ioc = order(5, Some(10));
    ioc.time_in_force = Some(PluginTimeInForce::Ioc);
    exchange.place(ioc, 0).unwrap();
    assert_eq!(
        filled(&mut exchange, 10, 7),
        [("order-1".into(), 10.into(), 5.into()), ("order-2".into(), 10.into(), 2.into())]
    );
    assert_eq!(exchange.outstanding(), Decimal::ZERO);
    assert_eq!(exchange.expired(), 3.into());
}

#[test]
fn an_amended_order_keeps_what_it_has_filled() {
    let mut exchange = with(ExchangeModel::default());
    filled(&mut exchange, 10, 1);
    assert_eq!(exchange.amend(&amendment("order-1", Some(20), Some(4)), 0), Ok(()));
    assert_eq!(exchange.peak(), 4.into());
    assert_eq!(filled(&mut exchange, 15, 9), [("order-1".into(), 20.into(), 3.into())]);
    let error = exchange.amend(&amendment("order-9", Some(20), None), 0).unwrap_err();
    assert_eq!(error, "exchange error: order not found");
}

#[test]
fn connectors_refuse_amendments_without_what_they_need() {
    let refused = |rule, price, quantity| {
        let mut exchange = Exchange::new(ExchangeModel::default(), rule, Vec::new());
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
fn what_rests_ahead_trades_first_unless_the_price_is_traded_through() {
    let queue = ExchangeModel { queue: 5.into(), ..ExchangeModel::default() };
    let mut exchange = with(queue.clone());
    assert!(filled(&mut exchange, 10, 4).is_empty());
    assert_eq!(filled(&mut exchange, 10, 2), [("order-1".into(), 10.into(), 1.into())]);
    let mut exchange = with(queue);
    assert_eq!(filled(&mut exchange, 9, 2), [("order-1".into(), 10.into(), 2.into())]);
}

#[test]
fn orders_get_their_share_of_a_trade_and_no_more() {
    let participation = Some(Decimal::new(25, 2));
    let mut exchange = with(ExchangeModel { participation, ..ExchangeModel::default() });
    exchange.place(order(3, None), 0).unwrap();
    assert_eq!(filled(&mut exchange, 10, 4), [("order-1".into(), 10.into(), 1.into())]);
    assert_eq!(
        filled(&mut exchange, 10, 12),
        [("order-1".into(), 10.into(), 2.into()), ("order-2".into(), 10.into(), 1.into())]
    );
}

#[test]
fn orders_and_amendments_take_their_time_to_arrive() {
    // Trades are at 7 ms.
    let mut late = with(ExchangeModel { latency_ms: 8, ..ExchangeModel::default() });
    assert!(filled(&mut late, 9, 4).is_empty());
    let mut exchange = with(ExchangeModel { latency_ms: 7, ..ExchangeModel::default() });
    assert_eq!(filled(&mut exchange, 9, 1).len(), 1);
    exchange.amend(&amendment("order-1", Some(20), None), 1).unwrap();
    assert!(filled(&mut exchange, 15, 1).is_empty(), "the change is on its way");
    exchange.amend(&amendment("order-1", Some(20), None), 0).unwrap();
    exchange.working[0].changes[0].0 = 7;
    assert_eq!(filled(&mut exchange, 15, 1), [("order-1".into(), 20.into(), 1.into())]);
}

#[test]
fn makers_and_takers_pay_their_fees() {
    let model = ExchangeModel {
        maker_bps: (-1).into(),
        taker_bps: 5.into(),
        fee_asset: Some("USD".into()),
        ..ExchangeModel::default()
    };
    let mut exchange = with(model);
    exchange.place(order(2, None), 0).unwrap();
    let fills = exchange.trade("S", &trade(10, 9));
    let fees: Vec<_> = fills.iter().map(|fill| fill.fee.unwrap().to_string()).collect();
    assert_eq!(fees, ["-0.003", "0.01"]);
    assert_eq!(fills[0].fee_asset.as_deref(), Some("unspecified:USD"));
}

#[test]
fn a_refused_order_never_fills_and_keeps_its_number() {
    let mut exchange = with(ExchangeModel { rejects: vec![1], ..ExchangeModel::default() });
    exchange.place(order(1, Some(10)), 0).unwrap();
    assert_eq!(filled(&mut exchange, 10, 9), [("order-2".into(), 10.into(), 1.into())]);
    assert_eq!(exchange.peak(), Decimal::ONE);
    let states: Vec<_> = exchange.into_records().0.iter().map(|order| order.state).collect();
    assert_eq!(states, [OrderStatus::Rejected, OrderStatus::Filled]);
}

#[test]
fn an_order_with_a_trigger_price_executes_at_once() {
    let mut exchange = Exchange::default();
    let mut stop = order(1, None);
    stop.trigger_price = Some(12.into());
    exchange.place(stop, 0).unwrap();
    assert_eq!(filled(&mut exchange, 11, 9), [("order-1".into(), 11.into(), 1.into())]);
}

#[test]
fn a_cancelled_order_counts_with_what_was_filled_and_a_late_fill_still_counts() {
    let mut exchange = with(ExchangeModel::default());
    filled(&mut exchange, 10, 1);
    exchange.cancel("order-1").unwrap();
    exchange.place(order(2, Some(10)), 0).unwrap();
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
fn executions_are_told_again_once() {
    let mut exchange = with(ExchangeModel::default());
    exchange.keep_executions();
    filled(&mut exchange, 10, 1);
    filled(&mut exchange, 10, 1);
    assert_eq!(exchange.reconnect().len(), 2);
    assert!(exchange.reconnect().is_empty());
}
