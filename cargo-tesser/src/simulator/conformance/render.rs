//! Renders steps in the format of the recordings. In: steps of the simulator. Out: JSON.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use tesser_wasm::{PluginOrderType, PluginSide, PluginTimeInForce};

use super::case::ExchangeKind;
use crate::engine::{Side, Tick};
use crate::simulator::algorithm::algorithm_uuid;
use crate::simulator::guest::{Argument, Export};
use crate::simulator::order::{AmendRequest, OrderRequest};
use crate::simulator::step::{AlgorithmId, Line, Observer, Step};

/// Collects the steps of one event.
pub(super) struct Renderer {
    pub(super) steps: Vec<Value>,
    /// Whether orders are shown as requests of the host's Bybit connector.
    pub(super) exchange: ExchangeKind,
}

impl Observer for Renderer {
    fn step(&mut self, step: &Step<'_>) {
        if let Some(step) = self.rendered(step) {
            self.steps.push(step);
        }
    }
}

impl Renderer {
    fn rendered(&self, step: &Step<'_>) -> Option<Value> {
        Some(match step {
            Step::Wanted { .. } | Step::TooDeep { .. } | Step::UnknownFill { .. } => return None,
            Step::Call(call) => {
                let mut row = json!({ "call": call.export.name(), "instance": call.instance });
                match call.argument {
                    Argument::None => {}
                    Argument::Text(text) => row["argument"] = text.into(),
                    Argument::Tick(tick) => row["argument"] = record(tick).to_string().into(),
                }
                match call.outcome {
                    Ok(_) if call.export == Export::Restore => {}
                    Ok(answer) => row["answer"] = answer.into(),
                    Err(failure) => row["error"] = failure.host_error(call.export).into(),
                }
                row
            }
            Step::Log { line, .. } => json!({ "log": line }),
            Step::Line(line) => host_line(line),
            Step::Place { request, outcome, venue } => {
                let mut row = if self.exchange == ExchangeKind::BybitConnector {
                    http("create", &create(request))
                } else {
                    json!({ "place": order(request) })
                };
                match outcome {
                    Ok(id) => row["id"] = (*id).into(),
                    Err(words) => row["refused"] = (*words).into(),
                }
                with_venue(row, *venue)
            }
            Step::Amend { request, refused, venue } => {
                let mut row = if self.exchange == ExchangeKind::BybitConnector {
                    if request.new_price.is_none() && request.new_quantity.is_none() {
                        return None;
                    }
                    let mut row = http("amend", &change(request));
                    if refused.is_none() {
                        row["id"] = request.order_id.as_str().into();
                    }
                    row
                } else {
                    json!({ "amend": amendment(request) })
                };
                if let Some(error) = refused {
                    row["refused"] = (*error).into();
                }
                with_venue(row, *venue)
            }
            Step::Cancel { order_id, symbol, venue } => {
                if self.exchange == ExchangeKind::BybitConnector {
                    let body = json!({
                        "category": "linear", "orderId": order_id, "symbol": symbol.code(),
                    });
                    let mut row = http("cancel", &body);
                    row["id"] = (*order_id).into();
                    row
                } else {
                    let cancel = json!({ "order_id": order_id, "symbol": symbol.to_string() });
                    with_venue(json!({ "cancel": cancel }), *venue)
                }
            }
            Step::Persist { algorithm, status, next_client_seq, state } => json!({
                "persist": uuid(*algorithm),
                "status": status.word(),
                "next_client_seq": next_client_seq,
                "state": state.stored(),
            }),
            Step::Delete { algorithm } => json!({ "delete": uuid(*algorithm) }),
            Step::Stale { order_id, status } => {
                json!({ "stale": { "order_id": order_id, "status": status.host_word() } })
            }
            Step::Fails(fault) => json!({ "fails": fault.to_string() }),
            Step::HostPanics { words } => json!({ "host panics": words }),
            Step::HostHangs { export, .. } => json!({ "host hangs": export.name() }),
        })
    }
}

pub(super) fn uuid(algorithm: AlgorithmId) -> String {
    algorithm_uuid(algorithm)
}

fn with_venue(mut row: Value, venue: Option<&str>) -> Value {
    if let Some(venue) = venue {
        row["venue"] = venue.into();
    }
    row
}

fn record(tick: &Tick) -> Value {
    json!({
        "price": { "value": tick.price.value },
        "side": match tick.side { Side::Buy => "buy", Side::Sell => "sell" },
        "size": { "value": tick.size.value },
        "symbol": &*tick.symbol,
        "timestamp-ms": tick.timestamp_ms,
    })
}

fn host_line(line: &Line<'_>) -> Value {
    let row = |level: &str, words: &str, algorithm: &AlgorithmId| json!({ "host": words, "level": level, "algorithm": uuid(*algorithm) });
    let with = |mut row: Value, fields: Value| {
        if let (Value::Object(row), Value::Object(fields)) = (&mut row, fields) {
            row.extend(fields);
        }
        row
    };
    match line {
        Line::Starting { algorithm, plugin, quantity, symbol } => with(
            row("info", "Starting plugin execution algorithm", algorithm),
            json!({ "plugin": plugin, "qty": quantity.to_string(), "symbol": symbol.to_string() }),
        ),
        Line::ZeroQuantity { plugin, symbol } => json!({
            "host": "plugin order size resolved to zero, skipping",
            "level": "warn", "plugin": plugin, "symbol": symbol.to_string(),
        }),
        Line::NotSent { algorithm, from_tick, error } => {
            let from = if *from_tick { " from tick" } else { "" };
            let words = format!("Failed to send child order{from}");
            with(row("error", &words, algorithm), json!({ "error": error.to_string() }))
        }
        Line::CallFailed { algorithm, export, error } => {
            let words = match export {
                Export::OnTimer => "Algorithm on_timer failed",
                Export::OnTick => "Algorithm failed to process tick",
                _ => "Algorithm failed to process fill",
            };
            with(row("error", words, algorithm), json!({ "error": error.host_words() }))
        }
        Line::Restored { algorithm } => row("info", "Restored algorithm from state", algorithm),
        Line::NotRestored { algorithm, error, .. } => with(
            row("warn", "Failed to restore algorithm, deleting state", algorithm),
            json!({ "error": error }),
        ),
        Line::Adopted { algorithm, order_id, status, symbol } => with(
            row("info", "adopted in-flight child order", algorithm),
            json!({ "order_id": order_id, "status": status.host_word(), "symbol": symbol.to_string() }),
        ),
        Line::CleanedUp { algorithm, status } => with(
            row("info", "Algorithm cleaned up", algorithm),
            json!({ "status": format!("Some({})", status.word()) }),
        ),
        Line::Down => json!({ "host": "down" }),
    }
}

fn text(value: Option<Decimal>) -> Value {
    value.map_or(Value::Null, |value| value.to_string().into())
}

pub(super) fn side(side: PluginSide) -> &'static str {
    match side {
        PluginSide::Buy => "Buy",
        PluginSide::Sell => "Sell",
    }
}

pub(super) fn order_type(kind: PluginOrderType) -> &'static str {
    match kind {
        PluginOrderType::Market => "Market",
        PluginOrderType::Limit => "Limit",
    }
}

fn order(request: &OrderRequest) -> Value {
    let word = request.time_in_force.map(|word| match word {
        PluginTimeInForce::Gtc | PluginTimeInForce::PostOnly => "GoodTilCanceled",
        PluginTimeInForce::Ioc => "ImmediateOrCancel",
        PluginTimeInForce::Fok => "FillOrKill",
    });
    json!({
        "symbol": request.symbol.to_string(),
        "side": side(request.side),
        "order_type": order_type(request.order_type),
        "quantity": request.quantity.to_string(),
        "price": text(request.price),
        "time_in_force": word,
        "trigger_price": text(request.trigger_price),
        "take_profit": text(request.take_profit),
        "stop_loss": text(request.stop_loss),
        "display_quantity": text(request.display_quantity),
        "client_order_id": request.client_order_id,
    })
}

fn amendment(request: &AmendRequest) -> Value {
    json!({
        "order_id": request.order_id,
        "symbol": request.symbol.to_string(),
        "side": side(request.side),
        "new_price": text(request.new_price),
        "new_quantity": text(request.new_quantity),
    })
}

/// A request of the host's Bybit connector.
fn http(what: &str, body: &Value) -> Value {
    json!({ "http": format!("POST /v5/order/{what}"), "body": body.to_string() })
}

fn create(request: &OrderRequest) -> Value {
    json!({
        "category": "linear",
        "symbol": request.symbol.code(),
        "side": side(request.side),
        "orderType": order_type(request.order_type),
        "qty": request.quantity.normalize().to_string(),
        "price": text(request.price),
        "timeInForce": match request.time_in_force {
            None | Some(PluginTimeInForce::Gtc | PluginTimeInForce::PostOnly) => "GTC",
            Some(PluginTimeInForce::Ioc) => "IOC",
            Some(PluginTimeInForce::Fok) => "FOK",
        },
        "orderLinkId": request.client_order_id,
    })
}

fn change(request: &AmendRequest) -> Value {
    let mut body = Map::new();
    body.insert("category".into(), "linear".into());
    body.insert("symbol".into(), request.symbol.code().into());
    body.insert("orderId".into(), request.order_id.as_str().into());
    if request.new_price.is_some() {
        body.insert("price".into(), text(request.new_price));
    }
    if let Some(quantity) = request.new_quantity {
        body.insert("qty".into(), quantity.normalize().to_string().into());
    }
    Value::Object(body)
}
