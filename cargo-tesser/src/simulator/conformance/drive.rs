//! Runs a recorded case through the simulator. In: the text of a case. Out: the first difference, if there is one.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Components;
use super::case::{Case, ExchangeKind, Fields, RiskFields};
use super::normalize::Names;
use super::recorded::Recorded;
use super::render::{Renderer, order_type, side};
use crate::engine::{DecimalValue, Side, Tick};
use crate::simulator::exchange::Exchange;
use crate::simulator::exchange_model::ExchangeModel;
use crate::simulator::guest::Program;
use crate::simulator::host::{Host, Settings};
use crate::simulator::order_records::Order;
use crate::simulator::session_rules::{AmendRule, SessionRules};
use crate::simulator::symbol::Symbol;
use crate::simulator::tape::{self, Event};
use tesser_wasm::{PluginSide, decimal};

/// Compares one case.
pub(super) fn compare(text: &str, components: &Components) -> Result<(), String> {
    let case: Case = serde_json::from_str(text).map_err(|error| format!("not a case: {error}"))?;
    Drive::new(&case, components).run()
}

struct Drive<'a> {
    case: &'a Case,
    components: &'a Components,
    recorded: Recorded,
    host: Host<Renderer>,
    names: Names,
    signals: usize,
}

impl<'a> Drive<'a> {
    fn new(case: &'a Case, components: &'a Components) -> Self {
        let fields = &case.host;
        let first = case.signal.signal(case, 1).map(|signal| signal.symbol);
        let usual = first.unwrap_or_else(|_| Symbol::parse(""));
        let symbols: Vec<_> = match &fields.contexts {
            Some(symbols) => symbols.iter().map(|symbol| Symbol::parse(symbol)).collect(),
            None => vec![usual],
        };
        let context = |symbol: &Symbol| (symbol.clone(), fields.risk.context(symbol));
        let rules = SessionRules::tesser_0_9();
        let settings = Settings {
            venues: fields.venues.clone().unwrap_or_else(|| vec!["bybit_linear".into()]),
            contexts: symbols.iter().map(context).collect::<HashMap<_, _>>(),
            symbols,
            limits: fields.limits,
            default_quantity: fields.default_quantity.unwrap_or(Decimal::ONE),
            stale_after_ms: rules.stale_after_ms,
            stores_idle_calls: rules.stores_idle_calls,
        };
        let rule = match fields.exchange {
            ExchangeKind::Plain => AmendRule::Any,
            ExchangeKind::Bybit | ExchangeKind::BybitConnector => AmendRule::PriceOrQuantity,
            ExchangeKind::Binance => AmendRule::PriceAndQuantity,
        };
        let model = ExchangeModel { rejects: fields.reject.clone(), ..ExchangeModel::instant() };
        let mut exchange = Exchange::new(model, rule, fields.reject_amends.clone());
        exchange.keep_executions();
        if fields.exchange == ExchangeKind::BybitConnector {
            exchange.reject_with_code(10_001);
        }
        let renderer = Renderer { steps: Vec::new(), exchange: fields.exchange };
        let steps = case.expect.iter().flat_map(|expected| &expected.steps);
        let mut drive = Self {
            case,
            components,
            recorded: Recorded::of(steps),
            host: Host::new(settings, exchange, renderer),
            names: Names::new(),
            signals: 0,
        };
        drive.install_all();
        drive
    }

    /// Installs all plugins that signals name, except unknown ones that the host never called: those were missing.
    fn install_all(&mut self) {
        let others = self.case.events.iter().filter_map(|event| event["signal"]["plugin"].as_str());
        let names: HashSet<_> = others.chain([self.case.plugin.as_str()]).collect();
        let was_called = |step: &Value| step["call"].is_string();
        let any = self.case.expect.iter().any(|expected| expected.steps.iter().any(was_called));
        for name in names {
            if any || self.components.get(name).is_some() || name == BROKEN {
                let program = self.program(name);
                self.host.plugins.install(name, program, false);
            }
        }
    }

    fn program(&self, name: &str) -> Result<Rc<dyn Program>, String> {
        if name == BROKEN {
            return Err("attempted to parse a wasm module with a component parser".into());
        }
        Ok(match self.components.get(name) {
            Some(compiled) => Rc::new(Arc::clone(compiled)),
            None => Rc::new(self.recorded.clone()),
        })
    }

    fn run(mut self) -> Result<(), String> {
        let case = self.case;
        let events = std::iter::once(json!("signal")).chain(case.events.iter().cloned());
        for (at, event) in events.enumerate() {
            let expected = case.expect.get(at);
            self.event(&event)?;
            let steps = std::mem::take(&mut self.host.observer.steps);
            let place = format!("event {at} `{event}`");
            let Some(expected) = expected else {
                return Err(format!("{place}: the recording has no more events"));
            };
            if expected.event != event {
                return Err(format!("{place}: the recorded event is `{}`", expected.event));
            }
            self.same_steps(&expected.steps, steps).map_err(|words| format!("{place}, {words}"))?;
            let panicked = expected.steps.iter().any(|step| step.get("host panics").is_some());
            let algorithms: Map<_, _> = self
                .host
                .statuses()
                .map(|(id, status)| (format!("algorithm-{id}"), status.word().into()))
                .collect();
            if expected.algorithms != Value::Object(algorithms.clone()) {
                let (expected, found) = (&expected.algorithms, Value::Object(algorithms));
                return Err(format!("{place}, algorithms: recorded `{expected}`, found `{found}`"));
            }
            if panicked {
                return Ok(());
            }
        }
        let orders: Vec<_> = self.host.exchange.orders().iter().map(exchange_row).collect();
        let orders = self.names.value(Value::Array(orders));
        differ("at the exchange", &case.at_the_exchange, &orders)
    }

    fn same_steps(&mut self, expected: &[Value], found: Vec<Value>) -> Result<(), String> {
        let found: Vec<_> = found.into_iter().map(|step| self.names.value(step)).collect();
        for at in 0..expected.len().max(found.len()) {
            let nothing = json!("nothing");
            let expected = expected.get(at).unwrap_or(&nothing);
            let found = found.get(at).unwrap_or(&nothing);
            differ(&format!("step {}", at + 1), expected, found)?;
        }
        Ok(())
    }

    fn event(&mut self, event: &Value) -> Result<(), String> {
        let host = &mut self.host;
        if event == "signal" || event.get("signal").is_some() {
            return self.signal(event.get("signal"));
        }
        if let Some(fields) = event.get("context") {
            let fields: RiskFields = fields_of(fields)?;
            let symbol = Symbol::parse(fields.symbol.as_deref().unwrap_or_default());
            let context = fields.context(&symbol);
            host.set_context(symbol, context);
            return Ok(());
        }
        if let Some(name) = event.get("install").and_then(Value::as_str) {
            let program = self.program(name);
            let same_time = event.get("mtime").and_then(Value::as_str) == Some("same");
            self.host.plugins.install(&self.case.plugin, program, same_time);
            return Ok(());
        }
        if let Some(name) = event.get("remove").and_then(Value::as_str) {
            host.plugins.remove(name);
            return Ok(());
        }
        match tape::event(&event.to_string())? {
            Event::Timer => host.timer(),
            Event::Poll => host.poll_stale(),
            Event::CancelAll => host.cancel_all(),
            Event::Reconnect => host.reconnect(),
            Event::Restart { lists_orders } => host.restart(lists_orders),
            Event::Advance { ms } => host.now_ms += ms,
            Event::Fill(script) => {
                let fill = host.exchange.fill(&script);
                host.fill(&fill);
            }
            Event::FillUnseen(script) => {
                host.exchange.fill(&script);
            }
            Event::OrderUpdate { order, status } => {
                let now_ms = host.now_ms;
                host.exchange.set_status(order, status, now_ms);
                host.order_update(&format!("order-{order}"), status);
            }
            Event::Tick(trade) => {
                let value = |value| DecimalValue { value: decimal::to_string(value) };
                let usual = self.case.signal.signal(self.case, 1)?.symbol;
                let symbol = trade.symbol.as_deref().map_or(usual, Symbol::parse);
                host.tick(&Arc::new(Tick {
                    symbol: symbol.code().into(),
                    price: value(trade.price),
                    size: value(trade.quantity),
                    side: if trade.side == PluginSide::Buy { Side::Buy } else { Side::Sell },
                    timestamp_ms: trade.time_ms,
                }));
            }
            Event::Trade(_) | Event::Expire => return Err(format!("unknown event: `{event}`")),
        }
        Ok(())
    }

    fn signal(&mut self, fields: Option<&Value>) -> Result<(), String> {
        self.signals += 1;
        let given: Fields = fields.map(fields_of).transpose()?.unwrap_or_default();
        let fields = given.over(&self.case.signal);
        let signal = fields.signal(self.case, self.signals)?;
        let risk = fields.risk.as_ref().unwrap_or(&self.case.host.risk);
        let context = risk.context(&signal.symbol);
        self.host.signal(&signal, &context);
        Ok(())
    }
}

/// Name of a file that is not a component.
const BROKEN: &str = "broken";

fn fields_of<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

fn exchange_row(order: &Order) -> Value {
    json!({
        "id": order.id(),
        "symbol": order.symbol,
        "side": side(order.side),
        "order_type": order_type(order.kind),
        "price": order.price.map(|price| price.to_string()),
        "quantity": order.quantity.to_string(),
        "filled": order.filled.to_string(),
        "status": order.state.host_word(),
    })
}

pub(super) fn differ(place: &str, expected: &Value, found: &Value) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{place}: recorded `{expected}`, found `{found}`"))
}
