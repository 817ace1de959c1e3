//! Compares the simulator with a recorded live session. In: the text of a recording. Out: the first difference, if there is
//! one.
//!
//! Times of timers and fills come from the recording. The simulator must make the same calls with the same arguments, send the
//! same orders, log the same lines, check for stale orders in the same second, and expect each timer in the second in which it
//! was recorded.

use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use tesser_wasm::{PluginFill, PluginInitContext, PluginRiskContext};

use super::Components;
use super::drive::differ;
use super::normalize::Names;
use super::recorded::Recorded;
use crate::simulator::exchange::{Exchange, OrderRef, ScriptedFill};
use crate::simulator::exchange_model::ExchangeModel;
use crate::simulator::guest::{Argument, Export, Program};
use crate::simulator::host::{Host, Settings};
use crate::simulator::order_records::Fill;
use crate::simulator::risk::{Assets, InstrumentKind, RiskContext, RiskLimits};
use crate::simulator::session_rules::{AmendRule, SessionRules};
use crate::simulator::signal::{Signal, SignalKind};
use crate::simulator::step::{Line, Observer, Step};
use crate::simulator::symbol::Symbol;

/// Maximum difference between a recorded and a simulated time.
const TOLERANCE_MS: i64 = 400;

/// A recorded session.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recording {
    #[serde(rename = "about")]
    _about: String,
    plugin: String,
    params: Value,
    signal: SignalFields,
    #[serde(rename = "change")]
    _change: Option<String>,
    timeline: Vec<Value>,
    fills_at_the_exchange: Vec<ExchangeFill>,
    orders_at_the_end: Vec<Value>,
    sessions_ended: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignalFields {
    symbol: String,
    kind: String,
    quantity: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExchangeFill {
    order: String,
    quantity: Decimal,
    price: Option<Decimal>,
    /// Set for a fill that the host did not receive when it happened.
    #[serde(rename = "while")]
    meanwhile: Option<String>,
}

/// The simulator's steps as a timeline.
#[derive(Default)]
struct Timeline {
    rows: Vec<Value>,
    names: Option<Names>,
}

impl Observer for Timeline {
    fn step(&mut self, step: &Step<'_>) {
        let row = match step {
            Step::Call(call) if call.export != Export::Snapshot => {
                let mut row = json!({ "call": call.export.name() });
                if let Argument::Text(text) = call.argument {
                    row["argument"] = text.into();
                }
                row
            }
            Step::Place { request, outcome: Ok(id), .. } => {
                json!({ "sent": id, "quantity": request.quantity.to_string() })
            }
            Step::Stale { order_id, .. } => json!({ "stale": order_id }),
            Step::Fails(fault) => json!({ "fails": fault.to_string() }),
            Step::Line(line) => match host_line(line) {
                Some(line) => json!({ "host": line }),
                None => return,
            },
            _ => return,
        };
        let names = self.names.get_or_insert_with(Names::new);
        self.rows.push(names.value(row));
    }
}

/// A line with its fields, as in the host's log.
fn host_line(line: &Line<'_>) -> Option<String> {
    let id = super::render::uuid(1);
    Some(match line {
        Line::Starting { plugin, quantity, symbol, .. } => format!(
            "Starting plugin execution algorithm algorithm={id} plugin={plugin} symbol={symbol} qty={quantity}"
        ),
        Line::NotSent { error, .. } => {
            format!("Failed to send child order algorithm={id} error={error}")
        }
        Line::Restored { .. } => {
            format!("Restored algorithm from state algorithm={id} algo_type=\"WASM_PLUGIN\"")
        }
        Line::Adopted { order_id, status, symbol, .. } => format!(
            "adopted in-flight child order algorithm={id} order_id={order_id} symbol={symbol} status={}",
            status.host_word()
        ),
        Line::CleanedUp { status, .. } => {
            format!("Algorithm cleaned up algorithm={id} status=Some({})", status.word())
        }
        _ => return None,
    })
}

/// Compares one session.
pub(super) fn compare(text: &str, components: &Components) -> Result<(), String> {
    let text = text.replace("MOCK-ORDER-", "order-");
    let recording: Recording =
        serde_json::from_str(&text).map_err(|error| format!("not a session: {error}"))?;
    Drive::new(&recording, components)?.run()
}

struct Drive<'a> {
    recording: &'a Recording,
    host: Host<Timeline>,
    context: RiskContext,
    /// Number of executions at the exchange so far.
    made: usize,
    /// When the session began.
    session_ms: i64,
    next_poll_ms: i64,
    rules: SessionRules,
    /// The first regular timer of the session; later ones are due at multiples of the period from it.
    phase_ms: Option<i64>,
    timers: i64,
}

impl<'a> Drive<'a> {
    fn new(recording: &'a Recording, components: &Components) -> Result<Self, String> {
        let rows = &recording.timeline;
        let argument = rows.iter().find(|row| row["call"] == "init");
        let argument = argument.and_then(|row| row["argument"].as_str()).unwrap_or_default();
        let told: PluginInitContext = serde_json::from_str(argument)
            .map_err(|error| format!("the argument of `init`: {error}"))?;
        let symbol = Symbol::parse(&recording.signal.symbol);
        let context = context(&told.risk, &symbol)?;
        let rules = SessionRules::tesser_0_9();
        let quantity: Decimal =
            recording.signal.quantity.parse().map_err(|_| "the signal's quantity".to_owned())?;
        let settings = Settings {
            venues: symbol.venue().map(str::to_owned).into_iter().collect(),
            contexts: [(symbol.clone(), context.clone())].into(),
            symbols: vec![symbol.clone()],
            limits: RiskLimits::default(),
            default_quantity: quantity,
            stale_after_ms: rules.stale_after_ms,
            stores_idle_calls: rules.stores_idle_calls,
        };
        let mut exchange =
            Exchange::new(ExchangeModel::instant(), AmendRule::PriceOrQuantity, Vec::new());
        exchange.keep_executions();
        let mut host = Host::new(settings, exchange, Timeline::default());
        let program: Rc<dyn Program> = if let Some(compiled) = components.get(&recording.plugin) {
            Rc::new(Arc::clone(compiled))
        } else {
            let recorded = Recorded::of(rows.iter());
            let state = rows.iter().find(|row| row["call"] == "restore");
            let state = state.and_then(|row| row["argument"].as_str()).unwrap_or("null");
            Rc::new(recorded.with_snapshot(state.to_owned()))
        };
        host.plugins.install(&recording.plugin, Ok(program), false);
        Ok(Self {
            recording,
            host,
            context,
            made: 0,
            session_ms: 0,
            next_poll_ms: i64::MAX,
            rules,
            phase_ms: None,
            timers: 0,
        })
    }

    fn run(mut self) -> Result<(), String> {
        let rows = &self.recording.timeline;
        let mut inits = 0;
        for row in rows {
            let t_ms = row["t_ms"].as_i64().ok_or("a row without `t_ms`")?;
            self.polls(t_ms);
            self.host.now_ms = t_ms;
            if row["session"] == "started" {
                self.session_ms = t_ms;
                self.next_poll_ms = t_ms + self.rules.stale_poll_ms;
                (self.phase_ms, self.timers) = (None, 0);
            }
            match row["call"].as_str() {
                Some("init") => {
                    inits += 1;
                    if inits == 1 { self.signal()? } else { self.restart() }
                }
                Some("on-timer") => self.timer(t_ms)?,
                Some("on-fill") => self.fill(row)?,
                _ => {}
            }
        }
        self.same_rows()?;
        self.same_end()?;
        if self.recording.sessions_ended.len() > inits {
            self.start_again()?;
        }
        Ok(())
    }

    fn signal(&mut self) -> Result<(), String> {
        let fields = &self.recording.signal;
        let told = &self.recording.timeline;
        let argument = told.iter().find(|row| row["call"] == "init").map(|row| &row["argument"]);
        let argument: Value =
            serde_json::from_str(argument.and_then(Value::as_str).unwrap_or_default())
                .map_err(|error| error.to_string())?;
        let kind = SignalKind::of(&fields.kind).ok_or("no kind of signal")?;
        let signal = Signal {
            id: "51000000-0000-4000-8000-000000000001".into(),
            symbol: Symbol::parse(&fields.symbol),
            kind,
            confidence: argument["signal"]["confidence"].as_f64().unwrap_or(1.0),
            quantity: fields.quantity.parse().ok(),
            note: None,
            group_id: None,
            metadata: argument["metadata"].clone(),
            plugin: self.recording.plugin.clone(),
            params: self.recording.params.clone(),
        };
        self.host.signal(&signal, &self.context);
        Ok(())
    }

    /// Checks a timer. Timers come every second; one that was due before the first order was sent may come right after it.
    fn timer(&mut self, t_ms: i64) -> Result<(), String> {
        let period = self.rules.timer_ms;
        self.timers += 1;
        let phase = match (self.timers, self.phase_ms) {
            (1, _) => None,
            (_, None) => {
                self.phase_ms = Some(t_ms - period * (self.timers - 2));
                None
            }
            (_, phase) => phase,
        };
        if let Some(phase) = phase {
            let due = phase + period * (self.timers - 2);
            if (t_ms - due).abs() > TOLERANCE_MS {
                return Err(format!(
                    "timer {} was recorded at {t_ms} ms, but was due at {due}",
                    self.timers
                ));
            }
        }
        self.host.timer();
        Ok(())
    }

    /// Runs the stale-order checks that are due up to a time.
    fn polls(&mut self, to_ms: i64) {
        while self.next_poll_ms.saturating_add(TOLERANCE_MS) <= to_ms {
            self.host.now_ms = self.next_poll_ms;
            self.host.poll_stale();
            self.next_poll_ms += self.rules.stale_poll_ms;
        }
    }

    /// Applies a reported fill. It is the exchange's next execution, unless it repeats an earlier one.
    fn fill(&mut self, row: &Value) -> Result<(), String> {
        let told: PluginFill = serde_json::from_str(row["argument"].as_str().unwrap_or_default())
            .map_err(|error| format!("the argument of `on-fill`: {error}"))?;
        let next = self.seen().nth(self.made);
        let is_next = next
            .is_some_and(|next| next.order == told.order_id && next.quantity == told.fill_quantity);
        if is_next {
            self.execute();
        }
        let symbol = Symbol::parse(&self.recording.signal.symbol);
        self.host.fill(&Fill {
            order_id: told.order_id,
            symbol,
            side: told.side,
            price: told.fill_price,
            quantity: told.fill_quantity,
            fee: told.fee,
            fee_asset: told.fee_asset,
            time_ms: told.timestamp_ms,
        });
        Ok(())
    }

    /// Applies the exchange's next execution that was reported immediately.
    fn execute(&mut self) {
        let next = self.seen().nth(self.made);
        if let Some(next) = next {
            self.made += 1;
            self.execute_one(next);
        }
    }

    fn seen(&self) -> impl Iterator<Item = &'a ExchangeFill> + use<'a> {
        self.recording.fills_at_the_exchange.iter().filter(|fill| fill.meanwhile.is_none())
    }

    fn execute_one(&mut self, fill: &ExchangeFill) {
        let own_price = self.host.exchange.order(&fill.order).and_then(|order| order.price);
        self.host.exchange.fill(&ScriptedFill {
            order: OrderRef::Id(fill.order.clone()),
            price: fill.price.or(own_price).unwrap_or_default(),
            quantity: fill.quantity,
            fee: None,
            fee_asset: None,
            time_ms: 0,
        });
    }

    /// Restarts the host, after the executions while it was down.
    fn restart(&mut self) {
        for fill in &self.recording.fills_at_the_exchange {
            if fill.meanwhile.is_some() {
                self.execute_one(fill);
            }
        }
        self.host.restart(true);
    }

    /// Compares calls, orders and log lines, in their order.
    fn same_rows(&mut self) -> Result<(), String> {
        let found = std::mem::take(&mut self.host.observer.rows);
        let mut found = sorted_adoptions(found);
        let expected: Vec<_> = self.recording.timeline.iter().filter_map(comparable).collect();
        let mut expected = sorted_adoptions(expected);
        // Missing rows at the end count as differences.
        let nothing = json!("nothing");
        let longest = expected.len().max(found.len());
        expected.resize(longest, nothing.clone());
        found.resize(longest, nothing);
        for (at, (expected, found)) in expected.iter().zip(&found).enumerate() {
            differ(&format!("row {}", at + 1), expected, found)?;
        }
        Ok(())
    }

    /// Compares the orders at the exchange. Executions that were never reported are applied first.
    fn same_end(&mut self) -> Result<(), String> {
        while self.made < self.seen().count() {
            self.execute();
        }
        let orders = self.host.exchange.orders();
        let row = |order: &crate::simulator::Order| {
            json!({
                "order": order.id(),
                "side": super::render::side(order.side),
                "order_type": super::render::order_type(order.kind),
                "price": order.price.map(|price| price.to_string()),
                "quantity": order.quantity.to_string(),
                "filled": order.filled.to_string(),
                "status": order.state.host_word(),
                "client_order_id": order.request.client_order_id,
            })
        };
        let mut names = Names::new();
        let found: Vec<_> = orders.iter().map(|order| names.value(row(order))).collect();
        let mut expected = self.recording.orders_at_the_end.clone();
        expected.sort_by_key(|order| number(order["order"].as_str().unwrap_or_default()));
        differ("orders at the end", &Value::Array(expected), &Value::Array(found))
    }

    /// Checks the start of a session after the last one of the timeline, which failed.
    fn start_again(&mut self) -> Result<(), String> {
        self.host.restart(true);
        let words = self.host.observer.rows.iter().find_map(|row| row["fails"].as_str());
        let found = words.map_or("Ok(())".to_owned(), |words| format!("Err({words}"));
        let ended = self.recording.sessions_ended.last().cloned().unwrap_or_default();
        differ("the next session", &ended.into(), &found.into())
    }
}

fn number(id: &str) -> u64 {
    id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The parts of a recorded row that the simulator must reproduce.
fn comparable(row: &Value) -> Option<Value> {
    if let Some(name) = row["call"].as_str() {
        let mut found = json!({ "call": name });
        if let Some(argument) = row.get("argument") {
            found["argument"] = argument.clone();
        }
        return Some(found);
    }
    if row.get("sent").is_some() {
        return Some(json!({ "sent": row["sent"], "quantity": row["quantity"] }));
    }
    let line = row["host"].as_str()?;
    // `Order ID for SYMBOL timed out after 60s`
    let stale = line.strip_prefix("Order ").filter(|_| line.contains(" timed out after "));
    Some(match stale.and_then(|rest| rest.split_once(" for ")) {
        Some((id, _)) => json!({ "stale": id }),
        None => json!({ "host": line }),
    })
}

/// Sorts adoptions, since an exchange lists open orders in any order.
fn sorted_adoptions(mut rows: Vec<Value>) -> Vec<Value> {
    let is_adoption = |row: &Value| {
        row["host"].as_str().is_some_and(|line| line.starts_with("adopted in-flight"))
    };
    let key = |row: &Value| row["host"].as_str().unwrap_or_default().to_owned();
    for part in rows.chunk_by_mut(|one, two| is_adoption(one) && is_adoption(two)) {
        if part.len() > 1 {
            part.sort_by_key(key);
        }
    }
    rows
}

fn context(told: &PluginRiskContext, symbol: &Symbol) -> Result<RiskContext, String> {
    let kind = |word: &String| {
        let all = [
            InstrumentKind::Spot,
            InstrumentKind::LinearPerpetual,
            InstrumentKind::InversePerpetual,
        ];
        all.into_iter().find(|kind| kind.word() == word).ok_or_else(|| format!("no kind `{word}`"))
    };
    Ok(RiskContext {
        last_price: told.last_price,
        portfolio_equity: told.portfolio_equity,
        exchange_equity: told.exchange_equity,
        signed_position_qty: told.signed_position_qty,
        base_available: told.base_available,
        quote_available: told.quote_available,
        settlement_available: told.settlement_available,
        instrument_kind: told.instrument_kind.as_ref().map(kind).transpose()?,
        liquidate_only: false,
        assets: Assets::of(symbol),
    })
}
