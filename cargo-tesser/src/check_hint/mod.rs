//! `check-hint`: a hint as a strategy emits it -> the host's plugins folder -> a short session -> findings.
//!
//! In: a file with hints, the plugins folder, and the host's own files. Out: for each hint whether the host finds the plugin,
//! whether `init` takes the parameters, and whether the orders that follow pass the host's checks and the market's steps.
//! A signal that fails there is a lost trade that nobody notices.

mod hint;
mod report;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::json;

use crate::abi::{self, Abi};
use crate::checks::{self, Checker};
use crate::engine::{self, Engine};
use crate::facts::LARGEST_FILE;
use crate::fs;
use crate::report::{Severity, counted};
use crate::simulator::dedup_log::one_line;
use crate::simulator::exchange::{OrderRef, ScriptedFill};
use crate::simulator::exchange_model::ExchangeModel;
use crate::simulator::guest::{Program, file_name};
use crate::simulator::host_config::{self, Market};
use crate::simulator::order_records::Order;
use crate::simulator::session::Session;
use crate::simulator::signal::Signal;
use crate::simulator::symbol::Symbol;
use crate::simulator::tape::Event;
use crate::simulator::{Ending, RunSummary, SignalKind, World};

pub use hint::Hint;
pub use report::{human, json as document};

/// Length of the session in seconds: enough for an algorithm to place its first orders; most have finished.
const SECONDS: i64 = 600;
/// Interval in seconds at which all open orders are filled.
const FILL_EVERY: i64 = 5;

/// What to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// JSON or TOML with one hint or several.
    pub file: PathBuf,
    /// The host's plugins folder.
    pub plugins_dir: PathBuf,
    /// Name of a host profile, or the file of one.
    pub host: String,
    /// The session.
    pub world: World,
    /// Kind of signals whose hint does not name one.
    pub kind: SignalKind,
    /// Quantity of signals whose hint does not name one.
    pub quantity: Decimal,
    /// Last price that the host knows at the signal; 0 means unknown.
    pub price: Decimal,
    /// The host's `markets.toml`.
    pub markets: Option<PathBuf>,
}

/// The result for one hint.
#[derive(Clone, Debug)]
pub struct HintReport {
    /// Where in the file it is.
    pub place: String,
    /// Name of the plugin.
    pub name: String,
    /// The file that the host loads for it.
    pub path: PathBuf,
    /// Summary of the session, if there was one.
    pub line: Option<String>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// An error or a warning about a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the signal is lost.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Why the hints could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// The file is neither JSON nor TOML.
    #[error("`{}` is not {format}: {reason}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What it was read as.
        format: &'static str,
        /// Where and why.
        reason: String,
    },
    /// The file has no plugin hint.
    #[error("`{}` has no hint for a plugin", .path.display())]
    NoHint {
        /// The file.
        path: PathBuf,
    },
    /// A file of the host cannot be used.
    #[error(transparent)]
    HostConfig(#[from] host_config::Error),
    /// The checks of a file could not run.
    #[error(transparent)]
    Checks(#[from] checks::Error),
    /// The ABI that comes with the tool cannot be read.
    #[error(transparent)]
    Abi(#[from] abi::Error),
    /// The engine does not start.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

impl Error {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Fs(error) => error.hint(),
            Self::HostConfig(error) => error.hint(),
            Self::NoHint { .. } => Some(
                "a hint is `{\"Plugin\": {\"name\": \"chase\", \"params\": {..}}}`, as `ExecutionHint::Plugin` is written".into(),
            ),
            Self::Parse { .. } | Self::Checks(_) | Self::Abi(_) | Self::Engine(_) => None,
        }
    }
}

/// Checks each hint of a file.
///
/// # Errors
/// If the file or one of the host's files cannot be read. An error in a hint is a finding instead.
pub fn check(options: &Options) -> Result<Vec<HintReport>, Error> {
    let hints = hint::read(&options.file)?;
    hints.into_iter().map(|hint| check_one(options, &hint)).collect()
}

fn check_one(options: &Options, hint: &Hint) -> Result<HintReport, Error> {
    let file = file_name(&hint.name);
    let mut report = HintReport {
        place: hint.place.clone(),
        name: hint.name.clone(),
        path: options.plugins_dir.join(&file),
        line: None,
        findings: Vec::new(),
    };
    report.name_leads_out();
    let Ok(bytes) = fs::read_untrusted(&report.path, LARGEST_FILE) else {
        report.no_file(&options.plugins_dir);
        return Ok(report);
    };
    let checker = Checker::new(Abi::built_in()?, &options.host, true)?;
    let verdict = checker.check_bytes(&report.path, &bytes)?;
    if let Some(first) = verdict.findings.iter().find(|found| found.severity == Severity::Error) {
        let message = format!("the host does not load it: {}", first.message);
        let path = report.path.display();
        report.error(message, Some(format!("run `cargo tesser validate {path}` for details")));
        return Ok(report);
    }
    let compiled = Arc::new(Engine::new()?.compile(&bytes)?);
    let market = match &options.markets {
        Some(path) => Some(host_config::market(path, &hint.symbol(options))?),
        None => None,
    };
    session(options, hint, Rc::new(compiled), market.as_ref(), &mut report);
    Ok(report)
}

/// Runs a short session in which all open orders are filled every few seconds, so that several are open at once.
fn session(
    options: &Options,
    hint: &Hint,
    program: Rc<dyn Program>,
    market: Option<&Market>,
    report: &mut HintReport,
) {
    let signal = hint.signal(options);
    let target = signal.quantity.unwrap_or(options.quantity);
    let mut world = options.world.clone();
    world.symbol = signal.symbol.to_string();
    world.kind = market.and_then(|market| market.kind).unwrap_or(world.kind);
    let summary = RunSummary::new(&signal.symbol, signal.kind.side(), target).in_world(&world);
    let model = ExchangeModel::instant();
    let mut session = Session::new(world, model, summary, 0, options.price);
    session.host.plugins.install(&signal.plugin, Ok(program), false);
    session.signal(&signal);
    for second in 1..=SECONDS {
        if !session.is_running() {
            break;
        }
        if second % FILL_EVERY == 0 {
            fill_all(&mut session, options.price);
        }
        session.advance(second * 1_000);
    }
    let summary = session.finish(false);
    report.take(&summary, market);
}

fn fill_all(session: &mut Session<RunSummary>, price: Decimal) {
    let orders = session.host.exchange.orders().iter();
    let working: Vec<_> = orders.filter(|order| order.state.is_working()).cloned().collect();
    for order in working {
        session.event(&Event::Fill(Box::new(ScriptedFill {
            order: OrderRef::Number(order.number),
            price: order.price.unwrap_or(price),
            quantity: order.rest(),
            fee: None,
            fee_asset: None,
            time_ms: session.host.now_ms,
        })));
    }
}

impl Hint {
    /// Returns `venue:CODE` of the signal.
    fn symbol(&self, options: &Options) -> String {
        let Some(symbol) = &self.symbol else { return options.world.symbol.clone() };
        let symbol = Symbol::parse(symbol);
        let session = Symbol::parse(&options.world.symbol);
        let venue = symbol.venue().or(session.venue()).unwrap_or("unspecified");
        format!("{venue}:{}", symbol.code())
    }

    fn signal(&self, options: &Options) -> Signal {
        Signal {
            id: "00000000-0000-4000-8000-000000000001".into(),
            symbol: Symbol::parse(&self.symbol(options)),
            kind: self.kind.as_deref().and_then(SignalKind::of).unwrap_or(options.kind),
            confidence: 1.0,
            quantity: Some(self.quantity.unwrap_or(options.quantity)),
            note: None,
            group_id: None,
            metadata: json!({ "panic_behavior": null, "stop_loss": null, "take_profit": null }),
            plugin: self.name.clone(),
            params: self.params.clone(),
        }
    }
}

impl HintReport {
    /// Whether the signal is lost.
    pub fn is_lost(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    fn error(&mut self, message: String, hint: Option<String>) {
        self.findings.push(Finding { severity: Severity::Error, message, hint });
    }

    fn warning(&mut self, message: String, hint: Option<String>) {
        self.findings.push(Finding { severity: Severity::Warning, message, hint });
    }

    fn name_leads_out(&mut self) {
        let path = Path::new(&self.name);
        if path.is_absolute()
            || path.components().any(|part| part == std::path::Component::ParentDir)
        {
            let message =
                format!("`{}` leads out of the plugins folder, and the host follows it", self.name);
            self.warning(message, None);
        }
    }

    /// The host uses a name with an extension as it is.
    fn no_file(&mut self, plugins_dir: &Path) {
        let with_ending = plugins_dir.join(format!("{}.wasm", self.name));
        let hint = if with_ending != self.path && fs::is_there(&with_ending) {
            format!(
                "the host appends `.wasm` only to names without an extension: write `{}.wasm` in the hint",
                self.name
            )
        } else {
            let names = fs::entries(plugins_dir).unwrap_or_default();
            let names =
                names.iter().filter(|path| path.extension().is_some_and(|end| end == "wasm"));
            let names: Vec<_> = names
                .filter_map(|path| Some(format!("`{}`", path.file_stem()?.to_str()?)))
                .collect();
            match &names[..] {
                [] => "the folder has no plugins".into(),
                names => format!("the folder has {}", names.join(", ")),
            }
        };
        let path = self.path.display().to_string();
        self.error(
            format!("the host does not find the plugin: `{path}` does not exist"),
            Some(hint),
        );
    }

    fn take(&mut self, summary: &RunSummary, market: Option<&Market>) {
        let frames = summary.frames.iter().map(|frame| format!("\n    {frame}"));
        let frames = frames.collect::<String>();
        match &summary.ending {
            Ending::Refused(reason) => {
                self.error(format!("`init` refuses the signal: {reason}"), None);
                return;
            }
            Ending::Lost(reason) => self.error(reason.clone() + &frames, None),
            Ending::HostDown(reason) => {
                self.error(format!("the host is down: {reason}{frames}"), None);
            }
            Ending::Cancelled(reason) => {
                self.error(format!("the host cancels the algorithm: {reason}"), None);
            }
            Ending::Completed | Ending::TapeOver | Ending::HorizonOver => {}
        }
        // The cause of the end is one of the errors, too.
        let is_new = |line: &String| match &summary.ending {
            Ending::Lost(reason) | Ending::Cancelled(reason) => one_line(reason) != *line,
            _ => true,
        };
        for line in summary.violations().shown().filter(is_new) {
            self.error(line, None);
        }
        for line in summary.notes.shown() {
            self.warning(line, None);
        }
        let went_on = matches!(summary.ending, Ending::Completed | Ending::TapeOver);
        if went_on && summary.rows.is_empty() && summary.not_sent == 0 {
            let message =
                format!("no order in {SECONDS} s of timers: in a live session there are no ticks");
            self.warning(
                message,
                summary.logs.first().map(|log| format!("its first log line: {log}")),
            );
        }
        for order in &summary.rows {
            if self.off_step(order, market) {
                break;
            }
        }
        self.line = Some(format!(
            "{} in {}, {} filled of {}, each order within {FILL_EVERY} s",
            summary.placed.normalize(),
            counted(summary.orders, "order"),
            summary.filled.normalize(),
            summary.target.normalize()
        ));
    }

    /// Reports a quantity or price off the market's steps; only the first one.
    fn off_step(&mut self, order: &Order, market: Option<&Market>) -> bool {
        let Some(market) = market else { return false };
        let is_off = |value: Decimal, step: Option<Decimal>| {
            step.filter(|step| !step.is_zero() && !(value % step).is_zero())
        };
        if let Some(step) = is_off(order.quantity, market.lot_size) {
            let quantity = order.quantity.normalize();
            let message = format!(
                "order {} has the quantity {quantity}, but the lot size of `{}` is {step}, and the host does not round",
                order.number, market.symbol
            );
            self.error(message, Some("give the plugin its `lot_size`".into()));
            return true;
        }
        if let Some((price, step)) =
            order.price.and_then(|price| Some((price, is_off(price, market.tick_size)?)))
        {
            let message = format!(
                "order {} has the price {}, but the tick size of `{}` is {step}, and the host does not round",
                order.number,
                price.normalize(),
                market.symbol
            );
            self.error(message, Some("give the plugin its `tick_size`".into()));
            return true;
        }
        false
    }
}
