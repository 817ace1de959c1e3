//! A `PluginResult` -> its JSON, byte for byte as serde writes it, with the tables of fields that `wire!` generates. The code
//! that serde derives is four times as large.

use rust_decimal::Decimal;

pub(crate) use super::ser::Writer;
use crate::{PluginChildOrderAction, PluginOrderType, PluginResult, PluginSide, PluginTimeInForce};

/// Writes the result of a callback.
pub(crate) fn write_result(result: &PluginResult) -> String {
    // An order with short names takes 300 bytes.
    let mut writer = Writer::with_capacity(64 + result.orders.len() * 320);
    writer.plain("{\"orders\":[");
    for (index, order) in result.orders.iter().enumerate() {
        writer.plain(if index == 0 { "{\"action\":{" } else { ",{\"action\":{" });
        match &order.action {
            PluginChildOrderAction::Place(order) => {
                writer.plain("\"Place\":{");
                order.write(&mut writer);
            }
            PluginChildOrderAction::Amend(update) => {
                writer.plain("\"Amend\":{");
                update.write(&mut writer);
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

/// A struct that a plugin sends.
pub(crate) trait ToHost {
    fn write(&self, writer: &mut Writer);
}

/// The value of a field.
pub(crate) enum Out<'a> {
    Text(Option<&'a str>),
    Decimal(Option<Decimal>),
}

/// A type that a field of such a struct can have.
pub(crate) trait ToHostField {
    fn out(&self) -> Out<'_>;
}

macro_rules! outs {
    ($($ty:ty: $value:ident => $out:expr;)*) => {
        $(impl ToHostField for $ty {
            #[inline]
            fn out(&self) -> Out<'_> {
                let $value = self;
                $out
            }
        })*
    };
}

outs! {
    String: text => Out::Text(Some(text));
    Option<String>: text => Out::Text(text.as_deref());
    Decimal: value => Out::Decimal(Some(*value));
    Option<Decimal>: value => Out::Decimal(*value);
    PluginSide: side => Out::Text(Some(side.word()));
    PluginOrderType: order_type => Out::Text(Some(order_type.word()));
    Option<PluginTimeInForce>: time => Out::Text(time.map(PluginTimeInForce::word));
}

/// Writes an object without its braces: keys with comma, quotes and colon, and their values.
#[inline(never)]
pub(crate) fn write_fields(writer: &mut Writer, fields: &[(&str, Out<'_>)]) {
    for (index, (key, value)) in fields.iter().enumerate() {
        // The first key has no comma before it.
        writer.plain(key.get(usize::from(index == 0)..).unwrap_or_default());
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
    use crate::{PluginOrderRequest, PluginOrderUpdateRequest};
    use PluginTimeInForce as Lives;

    fn same(result: &PluginResult) {
        assert_eq!(write_result(result), serde_json::to_string(result).unwrap());
    }

    #[test]
    fn results_are_written_as_by_serde() {
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
