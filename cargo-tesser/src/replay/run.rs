//! One run: a plugin that is compiled, and a tape. In: options. Out: a summary.

use std::borrow::Borrow;
use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::{ParamError, ParamSchema, SchemaError};

use super::books::Books;
use super::gaps::Gaps;
use super::run_settings::{RunSettings, plugin_name};
use super::tape_hashes::TapeHashes;
use super::traded::{Traded, is_of, time_of};
use super::{Error, Interval, Options, Refusals};
use crate::digest::sha256;
use crate::engine::{Compiled, Engine, Output};
use crate::facts::LARGEST_FILE;
use crate::fs;
use crate::plugin::PluginMetadata;
use crate::process;
use crate::report::escape_untrusted;
use crate::shell::Shell;
use crate::simulator::exchange::TRADES_AHEAD;
use crate::simulator::guest::Program;
use crate::simulator::host::Host;
use crate::simulator::session::Session;
use crate::simulator::signal::{Signal, SignalKind};
use crate::simulator::symbol::Symbol;
use crate::simulator::tape::book::BookTape;
use crate::simulator::tape::{Event, Tape};
use crate::simulator::{ExchangeModel, RunSummary, TapeOptions};

/// Maximum number of rows that are read ahead.
const MOST_AHEAD: usize = 100_000;

/// Maximum age of the last order-book message when a run begins.
const OLDEST_BOOK_MS: i64 = 60_000;

/// A plugin, compiled once for any number of runs.
pub struct Loaded {
    pub(super) compiled: Arc<Compiled>,
    pub(super) sha256: String,
    metadata: Option<PluginMetadata>,
    tapes: TapeHashes,
    schema: Result<Option<ParamSchema>, SchemaError>,
}

/// Compiles a plugin, and makes an instance of it.
///
/// # Errors
/// It cannot be read, or does not load.
pub fn load(plugin: &Path) -> Result<Loaded, Error> {
    let engine = Engine::new()?;
    let bytes = fs::read_untrusted(plugin, LARGEST_FILE)
        .map_err(|source| Error::NoPlugin { path: plugin.to_owned(), source })?;
    let failed = |source| Error::Load { path: plugin.to_owned(), source };
    let compiled = engine.compile(&bytes).map_err(failed)?;
    compiled.instantiate().map_err(failed)?;
    let schema = ParamSchema::from_component(&bytes);
    Ok(Loaded {
        compiled: Arc::new(compiled),
        sha256: sha256(&bytes),
        metadata: PluginMetadata::read(&bytes),
        tapes: TapeHashes::default(),
        schema,
    })
}

impl Loaded {
    /// Checks sets of parameters before anything runs; without a schema, `init` decides in each run.
    ///
    /// # Errors
    /// The plugin would refuse one of them.
    pub fn check_params(
        &self,
        path: &Path,
        sets: impl IntoIterator<Item = impl Borrow<Value>>,
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
        for error in sets.into_iter().filter_map(|set| schema.check(set.borrow()).err()).flatten() {
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

    /// The hash of a tape, which is kept for the runs over it; none if it cannot be read.
    pub(super) fn hash(&self, path: &Path, options: &TapeOptions) -> Option<String> {
        let mut tape = Tape::open_hashed(path, options).ok()?;
        let sha256 = tape.sha256().ok()?;
        self.tapes.add(path, &sha256);
        Some(sha256)
    }

    /// The same of an order book.
    pub(super) fn hash_book(&self, path: &Path, options: &TapeOptions) -> Option<String> {
        let sha256 = BookTape::open_hashed(path, options).ok()?.sha256().ok()?;
        self.tapes.add(path, &sha256);
        Some(sha256)
    }

    /// Runs the plugin; also returns everything that determines the result.
    ///
    /// # Errors
    /// If the run could not be made. What the plugin does wrong is in the summary.
    pub fn run(&self, options: &Options) -> (RunSettings, Result<RunSummary, Error>) {
        let mut settings = self.settings(options);
        let result = self.summary(options, &mut settings);
        (settings, result)
    }

    /// What decides the result of a run, as far as it is known before its tape is read.
    pub fn settings(&self, options: &Options) -> RunSettings {
        RunSettings::new(options, &self.sha256, self.metadata.clone())
    }

    fn summary(&self, options: &Options, settings: &mut RunSettings) -> Result<RunSummary, Error> {
        if options.tape.as_os_str() == "-" && options.book.as_ref() == Some(&options.tape) {
            return Err(Error::OneStdin);
        }
        let known = self.tapes.known(&options.tape);
        let open = if known.is_some() { Tape::open } else { Tape::open_hashed };
        let mut tape = open(&options.tape, &options.tape_options)?;
        let is_script = tape.is_script();
        let has_market = options.model != ExchangeModel::default()
            || options.interval != Interval::default()
            || options.book.is_some();
        if is_script && has_market {
            return Err(Error::Script { path: options.tape.clone() });
        }
        let signal = signal(options);
        let mut traded = Traded::new(&signal.symbol);
        let first = traded.first(options, &mut tape)?;
        let output = Output::default();
        let mut session = self.session(options, is_script, &signal, &first, &output);
        if is_script {
            session.host.exchange.keep_executions();
        }
        let end_ms = time_of(&first).and_then(|start_ms| options.interval.end_ms(start_ms));
        if let Some(end_ms) = end_ms {
            session.host.observer.market.ends(end_ms);
        }
        let known_book = options.book.as_deref().and_then(|path| self.tapes.known(path));
        let mut books = Books::open(options, known_book.is_none())?;
        if let Some(start_ms) = time_of(&first) {
            books.from_ms = start_ms.saturating_sub(OLDEST_BOOK_MS);
            books.before(start_ms, &mut session)?;
        }
        let mut rows = Rows::new(tape, options.model.depth_ms, first, &mut session);
        session.signal(&signal);
        let is_restarted = play(options, end_ms, &mut rows, &mut books, &mut traded, &mut session)?;
        let mut tape = rows.tape;
        let sha256 = known.map_or_else(|| tape.sha256(), Ok)?;
        self.tapes.add(&options.tape, &sha256);
        settings.with_tape(sha256, is_script);
        if let Some(path) = &options.book {
            let sha256 = known_book.map_or_else(|| books.sha256(), Ok)?;
            self.tapes.add(path, &sha256);
            settings.with_book(sha256);
        }
        let mut summary = session.finish(!is_restarted);
        summary.trades = traded.rows();
        summary.sha256.clone_from(&self.sha256);
        summary.skipped_rows = tape.skipped();
        tape.notes().into_iter().for_each(|note| summary.notes.add(note));
        summary.take_output(output.lines());
        if is_script {
            summary.model.clear();
        } else {
            traded.report(&mut summary);
        }
        if let Some(path) = &options.book {
            books.report(path, &mut summary)?;
            let queue_model = options.model.queue_model;
            summary.model = format!("order book with {queue_model} queues, {}", summary.model);
        }
        options.expected.check(&mut summary);
        Ok(summary)
    }

    /// Creates a session that starts at the time and the price of its first event.
    fn session(
        &self,
        options: &Options,
        is_script: bool,
        signal: &Signal,
        first: &Event,
        output: &Output,
    ) -> Session<RunSummary> {
        let (price, now_ms) = match first {
            Event::Tick(trade) if !is_of(&signal.symbol, trade) => (Decimal::ONE, trade.time_ms),
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

/// Runs the session up to the end of the interval or of the tape; returns whether the requested restart took place.
fn play(
    options: &Options,
    end_ms: Option<i64>,
    rows: &mut Rows,
    books: &mut Books,
    traded: &mut Traded,
    session: &mut Session<RunSummary>,
) -> Result<bool, Error> {
    let mut restart_after = options.restart_after;
    let mut is_first = true;
    let mut is_over = false;
    let mut gaps = Gaps::default();
    let is_market = !rows.tape.is_script();
    while let Some(event) = rows.next(session)? {
        process::check_interrupted()?;
        let time_ms = time_of(event);
        if let Some(end_ms) = end_ms.filter(|end_ms| time_ms > Some(*end_ms)) {
            if !std::mem::replace(&mut is_over, true) {
                books.before(end_ms, session)?;
                end(session, Some(end_ms));
            }
            // After the end, only the prices for markouts matter.
            if !mark(session, event) {
                break;
            }
            continue;
        }
        if !std::mem::take(&mut is_first) {
            traded.count(event);
        }
        if let Some(time_ms) = time_ms {
            gaps.pass(&options.tape, time_ms, books, session)?;
            books.before(time_ms, session)?;
        }
        step(session, event, end_ms.is_some());
        if restart_after.is_some_and(|after| after <= traded.rows()) {
            session.restart_on_request();
            restart_after = None;
        }
    }
    gaps.words().into_iter().for_each(|note| session.host.observer.notes.add(note));
    if !is_over && is_market {
        // The market after the tape is unknown.
        let missing_ms = end_ms.map(|end_ms| end_ms.saturating_sub(session.host.now_ms));
        if let Some(missing_ms @ 1..) = missing_ms {
            let missing = Decimal::new(missing_ms, 3).normalize();
            session
                .host
                .observer
                .notes
                .add(format!("the tape ends {missing} s before the horizon"));
        }
        end(session, end_ms.filter(|_| missing_ms <= Some(0)));
    }
    Ok(restart_after.is_none())
}

/// Ends a run: records the market at the end, then lets orders and fills in transit arrive.
fn end(session: &mut Session<RunSummary>, end_ms: Option<i64>) {
    if let Some(end_ms) = end_ms {
        session.advance(end_ms);
        session.host.observer.ends_with_horizon();
    }
    close(session);
    session.settle();
}

/// Records the market at the end, unless that was done before.
fn close(session: &mut Session<RunSummary>) {
    if session.host.observer.closing.is_none() {
        session.host.observer.closing = session.market_now(session.host.observer.side);
    }
}

/// The rows of a tape, with a look-ahead for the estimates of spread and depth.
struct Rows {
    tape: Tape,
    span_ms: i64,
    ahead: VecDeque<Event>,
    /// Whether the first of them was returned.
    is_first_returned: bool,
    /// How many of them are trades of the session's symbol.
    own: usize,
    is_over: bool,
}

impl Rows {
    fn new(tape: Tape, span_ms: i64, first: Event, session: &mut Session<RunSummary>) -> Self {
        let ahead = VecDeque::new();
        let mut rows =
            Self { tape, span_ms, ahead, is_first_returned: false, own: 0, is_over: false };
        rows.push(first, session);
        rows
    }

    fn push(&mut self, event: Event, session: &mut Session<RunSummary>) {
        if let Event::Trade(trade) = &event {
            session.look_ahead(trade);
            self.own += usize::from(session.is_own(trade));
        }
        self.ahead.push_back(event);
    }

    /// Returns the next row, after reading all later rows that the estimates at that time need: [`TRADES_AHEAD`] trades for the
    /// spread, and those within `span_ms` for the depth.
    fn next(&mut self, session: &mut Session<RunSummary>) -> Result<Option<&Event>, Error> {
        if std::mem::replace(&mut self.is_first_returned, true)
            && let Some(Event::Trade(trade)) = self.ahead.pop_front()
        {
            self.own -= usize::from(session.is_own(&trade));
        }
        while !self.is_over && !self.has_enough() {
            match self.tape.next().transpose()? {
                Some(event) => self.push(event, session),
                None => self.is_over = true,
            }
        }
        Ok(self.ahead.front())
    }

    fn has_enough(&self) -> bool {
        match (self.ahead.front(), self.ahead.back()) {
            (Some(Event::Trade(next)), Some(Event::Trade(last))) => {
                (self.own > TRADES_AHEAD || self.ahead.len() > MOST_AHEAD)
                    && last.time_ms.saturating_sub(next.time_ms) > self.span_ms
            }
            // A script needs no estimates.
            (next, _) => next.is_some(),
        }
    }
}

/// Processes a row of the tape. Orders can still fill after the algorithm has ended.
fn step(session: &mut Session<RunSummary>, event: &Event, has_horizon: bool) {
    match event {
        Event::Trade(trade) => {
            // Without a horizon the interval ends when the algorithm does.
            let ends = |session: &Session<_>| !has_horizon && !session.is_running();
            if has_horizon || !session.is_over() {
                session.advance(trade.time_ms);
                if ends(session) {
                    close(session);
                } else if session.is_own(trade) {
                    session.host.observer.market.add(trade);
                }
                session.trade(trade);
                if ends(session) {
                    close(session);
                }
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

/// Records a price for the markouts of earlier fills; returns whether later prices are still needed.
fn mark(session: &mut Session<RunSummary>, event: &Event) -> bool {
    let Event::Trade(trade) = event else { return false };
    let is_own = session.is_own(trade);
    let Host { observer, exchange, .. } = &mut session.host;
    observer.market.filled(exchange.fills());
    if is_own {
        observer.market.mark(trade);
    }
    observer.market.needs_prices(trade.time_ms)
}

/// The signal of a run. Its id is constant, so that runs are reproducible.
fn signal(options: &Options) -> Signal {
    Signal {
        id: "00000000-0000-4000-8000-000000000001".into(),
        symbol: Symbol::parse(&options.world.symbol),
        kind: SignalKind::enter(options.side),
        confidence: 1.0,
        quantity: Some(options.quantity),
        note: None,
        group_id: None,
        metadata: json!({ "panic_behavior": null, "stop_loss": null, "take_profit": null }),
        plugin: plugin_name(&options.plugin),
        params: options.params.clone(),
    }
}
