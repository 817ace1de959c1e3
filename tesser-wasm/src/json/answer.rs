//! A `PluginResult` -> its JSON, byte for byte what serde writes. The derived code is four times as much.

use rust_decimal::Decimal;

use super::ser::Writer;
use crate::{
    PluginChildOrderAction, PluginOrderRequest, PluginOrderUpdateRequest, PluginResult,
    PluginTimeInForce,
};

/// Writes the answer of a callback.
pub(crate) fn answer(result: &PluginResult) -> String {
    // An order with short names takes 300 bytes.
    let mut writer = Writer::with_capacity(64 + result.orders.len() * 320);
    writer.plain("{\"orders\":[");
    for (index, order) in result.orders.iter().enumerate() {
        writer.plain(if index == 0 { "{\"action\":{" } else { ",{\"action\":{" });
        match &order.action {
            PluginChildOrderAction::Place(order) => {
                writer.plain("\"Place\":{");
                write_fields(&mut writer, &placed(order));
            }
            PluginChildOrderAction::Amend(update) => {
                writer.plain("\"Amend\":{");
                write_fields(&mut writer, &amended(update));
            }
        }
        writer.plain("}}}");
    }
    writer.plain("],\"logs\":[");
    for (index, log) in result.logs.iter().enumerate() {
        writer.plain(if index == 0 { "" } else { "," });
        writer.string(log);
    }
    writer.plain("],\"completed\":");
    writer.plain(if result.completed { "true}" } else { "false}" });
    writer.finish()
}

/// The value of a field.
enum Out<'a> {
    Text(Option<&'a str>),
    Decimal(Option<Decimal>),
}

fn placed(order: &PluginOrderRequest) -> [(&'static str, Out<'_>); 11] {
    [
        ("\"symbol\":", Out::Text(Some(&order.symbol))),
        (",\"side\":", Out::Text(Some(order.side.word()))),
        (",\"order_type\":", Out::Text(Some(order.order_type.word()))),
        (",\"quantity\":", Out::Decimal(Some(order.quantity))),
        (",\"price\":", Out::Decimal(order.price)),
        (",\"trigger_price\":", Out::Decimal(order.trigger_price)),
        (",\"time_in_force\":", Out::Text(order.time_in_force.map(PluginTimeInForce::word))),
        (",\"client_order_id\":", Out::Text(order.client_order_id.as_deref())),
        (",\"take_profit\":", Out::Decimal(order.take_profit)),
        (",\"stop_loss\":", Out::Decimal(order.stop_loss)),
        (",\"display_quantity\":", Out::Decimal(order.display_quantity)),
    ]
}

fn amended(update: &PluginOrderUpdateRequest) -> [(&'static str, Out<'_>); 5] {
    [
        ("\"order_id\":", Out::Text(Some(&update.order_id))),
        (",\"symbol\":", Out::Text(Some(&update.symbol))),
        (",\"side\":", Out::Text(Some(update.side.word()))),
        (",\"new_price\":", Out::Decimal(update.new_price)),
        (",\"new_quantity\":", Out::Decimal(update.new_quantity)),
    ]
}

#[inline(never)]
fn write_fields(writer: &mut Writer, fields: &[(&str, Out<'_>)]) {
    for (key, value) in fields {
        writer.plain(key);
        match value {
            Out::Text(Some(text)) => writer.string(text),
            Out::Decimal(Some(value)) => writer.decimal(*value),
            Out::Text(None) | Out::Decimal(None) => writer.plain("null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PluginSide;
    use PluginTimeInForce as Lives;

    fn same(result: &PluginResult) {
        assert_eq!(answer(result), serde_json::to_string(result).unwrap());
    }

    #[test]
    fn answers_are_written_as_by_serde() {
        same(&PluginResult::new());
        let order = PluginOrderRequest::market("a\"b", PluginSide::Sell, Decimal::new(25, 2));
        let full =
            PluginOrderRequest::limit("BTCUSDT", PluginSide::Buy, Decimal::ONE, Decimal::TEN)
                .with_trigger_price(Decimal::from(2))
                .with_take_profit(Decimal::from(3))
                .with_stop_loss(Decimal::from(-4))
                .with_display_quantity(Decimal::new(5, 28));
        let update =
            PluginOrderUpdateRequest::price("42", "X", PluginSide::Sell, Decimal::from(40_000));
        let both = PluginOrderUpdateRequest { new_quantity: Some(Decimal::TWO), ..update.clone() };
        same(&PluginResult::from(order.clone()));
        same(&PluginResult::from(update).completed());
        let mut result = PluginResult::new().with_log("first\n").with_log("é\u{1}").amend(both);
        for lives in [Lives::Gtc, Lives::Ioc, Lives::Fok, Lives::PostOnly] {
            let order = full.clone().with_time_in_force(lives);
            let client_order_id = Some("own".into());
            result = result.place(PluginOrderRequest { client_order_id, ..order });
        }
        same(&result.place(order));
    }
}
