//! One run: a plugin that is compiled, and a tape. In: options. Out: a summary.

use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::{ParamError, ParamSchema, SchemaError};

use super::books::Books;
use super::traded::Traded;
use super::{Error, Options, Refusals};
use crate::digest::sha256;
use crate::engine::{Compiled, Engine, Output};
use crate::facts::LARGEST_FILE;
use crate::fs;
use crate::process;
use crate::report::escape_untrusted;
use crate::shell::Shell;
use crate::simulator::guest::Program;
use crate::simulator::host::Host;
use crate::simulator::session::Session;
use crate::simulator::signal::{Signal, SignalKind};
use crate::simulator::symbol::Symbol;
use crate::simulator::tape::{Event, Tape};
use crate::simulator::{ExchangeModel, RunSummary};

/// Rows that are read ahead at least, so that the spread is known from the first order on.
const ROWS_AHEAD: usize = 200;

/// A plugin that is compiled once, for any number of runs.
pub(super) struct Loaded {
    pub(super) compiled: Arc<Compiled>,
    pub(super) sha256: String,
    schema: Result<Option<ParamSchema>, SchemaError>,
}

pub(super) fn load(plugin: &Path) -> Result<Loaded, Error> {
    let engine = Engine::new()?;
    let bytes = fs::read_untrusted(plugin, LARGEST_FILE)
        .map_err(|source| Error::NoPlugin { path: plugin.to_owned(), source })?;
    let failed = |source| Error::Load { path: plugin.to_owned(), source };
    let compiled = engine.compile(&bytes).map_err(failed)?;
    compiled.instantiate().map_err(failed)?;
    let schema = ParamSchema::from_component(&bytes);
    Ok(Loaded { compiled: Arc::new(compiled), sha256: sha256(&bytes), schema })
}

impl Loaded {
    /// Checks sets of parameters before anything runs; without a schema, `init` decides in each run.
    pub(super) fn check_params<'a>(
        &self,
        path: &Path,
        sets: impl IntoIterator<Item = &'a Value>,
        shell: Shell,
    ) -> Result<(), Error> {
        let schema = match &self.schema {
            Ok(Some(schema)) => schema,
            Ok(None) => return Ok(()),
            Err(error) => {
                shell.warn(format_args!("the parameters were not checked: {error}"));
                return Ok(());
            }
        };
        let mut lines: Vec<String> = Vec::new();
        for error in sets.into_iter().filter_map(|set| schema.check(set).err()).flatten() {
            let line = ParamError { name: escape_untrusted(&error.name), ..error }.to_string();
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        Err(Error::Params { path: path.to_owned(), source: Refusals(lines) })
    }

    pub(super) fn run(&self, options: &Options) -> Result<RunSummary, Error> {
        if options.tape.as_os_str() == "-" && options.book.as_ref() == Some(&options.tape) {
            return Err(Error::OneStdin);
        }
        let mut tape = Tape::open(&options.tape, &options.tape_options)?;
        let is_script = tape.is_script();
        if is_script && options.model != ExchangeModel::default() {
            return Err(Error::Script { path: options.tape.clone() });
        }
        let signal = signal(options);
        let mut traded = Traded::new(&signal.symbol);
        // The signal comes with the first trade of its symbol.
        let from_ms = options.interval.from_ms.unwrap_or(i64::MIN);
        let is_early = |event: &Event| time_of(event).is_some_and(|time_ms| time_ms < from_ms);
        let mut first = tape.next().transpose()?;
        while first.as_ref().is_some_and(|event| is_early(event) || !traded.count(event)) {
            first = tape.next().transpose()?;
        }
        let Some(first) = first else {
            return Err(traded.nothing(&options.tape, tape.skipped()));
        };
        let output = Output::default();
        let mut session = self.session(options, is_script, &signal, &first, &output);
        if is_script {
            session.host.exchange.keep_executions();
        }
        let end_ms = time_of(&first).and_then(|start_ms| options.interval.end_ms(start_ms));
        if let Some(end_ms) = end_ms {
            session.host.observer.market.ends(end_ms);
        }
        let mut books = Books::open(options.book.as_deref(), &options.tape_options)?;
        if let Some(start_ms) = time_of(&first) {
            books.before(start_ms, &mut session)?;
        }
        let mut rows = Rows::new(tape, options.model.depth_ms, first, &mut session);
        session.signal(&signal);
        let mut restart_after = options.restart_after;
        let mut is_first = true;
        let end_ms = end_ms.unwrap_or(i64::MAX);
        let mut is_over = false;
        while let Some(event) = rows.next(&mut session)? {
            process::check_interrupted()?;
            if !is_over && time_of(&event).is_some_and(|time_ms| time_ms > end_ms) {
                is_over = true;
                books.before(end_ms, &mut session)?;
                session.advance(end_ms);
                session.settle();
            }
            if is_over {
                // Only the prices after the last fills still matter.
                if !mark(&mut session, &event) {
                    break;
                }
                continue;
            }
            if !std::mem::take(&mut is_first) {
                traded.count(&event);
            }
            if let Some(time_ms) = time_of(&event) {
                books.before(time_ms, &mut session)?;
            }
            step(&mut session, &event, end_ms < i64::MAX);
            if restart_after.is_some_and(|after| after <= traded.rows()) {
                session.restarts();
                restart_after = None;
            }
        }
        let tape = rows.tape;
        if end_ms < i64::MAX {
            session.host.observer.ends_with_horizon();
        }
        if !is_over {
            // A horizon goes on where the tape does not.
            if end_ms < i64::MAX {
                session.advance(end_ms);
            }
            session.settle();
        }
        let mut summary = session.finish(restart_after.is_some());
        summary.trades = traded.rows();
        summary.sha256.clone_from(&self.sha256);
        summary.skipped_rows = tape.skipped();
        summary.take_output(output.lines());
        if is_script {
            summary.model.clear();
        } else {
            traded.judge(&mut summary);
        }
        if let Some(path) = &options.book {
            books.judge(path, &mut summary)?;
            let queue_model = options.model.queue_model;
            summary.model = format!("order book with {queue_model} queues, {}", summary.model);
        }
        options.expected.judge(&mut summary);
        Ok(summary)
    }

    /// A session that starts with an event.
    fn session(
        &self,
        options: &Options,
        is_script: bool,
        signal: &Signal,
        first: &Event,
        output: &Output,
    ) -> Session<RunSummary> {
        let (price, now_ms) = match first {
            Event::Trade(trade) | Event::Tick(trade) => (trade.price, trade.time_ms),
            _ => (Decimal::ONE, 0),
        };
        let summary = RunSummary::new(&signal.symbol, options.side, options.quantity)
            .in_world(&options.world);
        let model = if is_script { ExchangeModel::instant() } else { options.model.clone() };
        let mut session = Session::new(options.world.clone(), model, summary, now_ms, price);
        let program: Rc<dyn Program> = Rc::new(Arc::new(self.compiled.with_output(output)));
        session.host.plugins.install(&signal.plugin, Ok(program), false);
        session
    }
}

/// The rows of a tape, read a little ahead of what happens.
struct Rows {
    tape: Tape,
    span_ms: i64,
    ahead: VecDeque<Event>,
    is_over: bool,
}

impl Rows {
    fn new(tape: Tape, span_ms: i64, first: Event, session: &mut Session<RunSummary>) -> Self {
        let mut rows = Self { tape, span_ms, ahead: VecDeque::new(), is_over: false };
        rows.push(first, session);
        rows
    }

    fn push(&mut self, event: Event, session: &mut Session<RunSummary>) {
        if let Event::Trade(trade) = &event {
            session.foresee(trade);
        }
        self.ahead.push_back(event);
    }

    /// The next row, once all of the following ones are read that have a say in it: those between it and the row after it, and
    /// so much longer.
    fn next(&mut self, session: &mut Session<RunSummary>) -> Result<Option<Event>, Error> {
        while !self.is_over && !self.has_enough() {
            match self.tape.next().transpose()? {
                Some(event) => self.push(event, session),
                None => self.is_over = true,
            }
        }
        Ok(self.ahead.pop_front())
    }

    fn has_enough(&self) -> bool {
        match (self.ahead.front(), self.ahead.back()) {
            (Some(Event::Trade(next)), Some(Event::Trade(last))) => {
                self.ahead.len() > ROWS_AHEAD
                    && last.time_ms.saturating_sub(next.time_ms) > self.span_ms
            }
            // A script says what happens, event by event.
            (next, _) => next.is_some(),
        }
    }
}

/// When a trade was.
fn time_of(event: &Event) -> Option<i64> {
    match event {
        Event::Trade(trade) => Some(trade.time_ms),
        _ => None,
    }
}

/// A row of the tape. When the algorithm is over, its orders can still fill.
fn step(session: &mut Session<RunSummary>, event: &Event, has_horizon: bool) {
    match event {
        Event::Trade(trade) => {
            let is_running = session.is_running();
            if (is_running || has_horizon) && session.is_own(trade) {
                session.host.observer.market.add(trade);
            }
            if is_running || !session.is_over() {
                session.trade(trade);
            }
            mark(session, event);
        }
        Event::Restart { .. } => {
            session.host.observer.restarts += 1;
            session.event(event);
        }
        event => session.event(event),
    }
}

/// Takes note of the price for the fills before it; returns whether later ones still matter.
fn mark(session: &mut Session<RunSummary>, event: &Event) -> bool {
    let Event::Trade(trade) = event else { return false };
    let is_own = session.is_own(trade);
    let Host { observer, exchange, .. } = &mut session.host;
    observer.market.filled(exchange.fills());
    if is_own {
        observer.market.mark(trade);
    }
    observer.market.waits(trade.time_ms)
}

/// The signal that the options ask for. Its id is the same each time, so that a run is, too.
fn signal(options: &Options) -> Signal {
    let name = options.plugin.file_stem().unwrap_or_default().to_string_lossy();
    Signal {
        id: "00000000-0000-4000-8000-000000000001".into(),
        symbol: Symbol::parse(&options.world.symbol),
        kind: SignalKind::enter(options.side),
        confidence: 1.0,
        quantity: Some(options.quantity),
        note: None,
        group_id: None,
        metadata: json!({ "panic_behavior": null, "stop_loss": null, "take_profit": null }),
        plugin: name.into_owned(),
        params: options.params.clone(),
    }
}
