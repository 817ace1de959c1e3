//! What decides the result of a run: all that is needed to make it again.
//!
//! In: options, and what is known of the plugin and the tape. Out: one value with an id, for JSON, Parquet and the page.

use std::path::Path;

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use tesser_wasm::{PluginSide, decimal};

use super::{Expected, Interval, Options};
use crate::digest;
use crate::plugin::PluginMetadata;
use crate::simulator::{
    AmendRule, ExchangeModel, InstrumentKind, RiskLimits, SessionRules, TapeOptions, World,
};

/// Version of the documents and tables that runs are written as.
pub(super) const SCHEMA: u32 = 1;

/// Digits of an id: 128 bits, so that runs of many sweeps can lie in one table.
const ID_DIGITS: usize = 32;

/// What decides the result of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RunSettings {
    /// Hash of all that decides the result: the following without paths and the plugin's metadata, which its hash stands for.
    pub id: String,
    /// Version of the documents and tables.
    pub schema: u32,
    /// Name and version of this tool.
    pub tool: String,
    /// The component.
    pub plugin: PluginFile,
    /// The plugin's parameters.
    pub params: Value,
    /// The signal that it works.
    pub signal: SignalSettings,
    /// The recorded trades.
    pub tape: TapeFile,
    /// The order book of the same time.
    pub book: Option<BookFile>,
    /// The session of the host.
    pub host: HostSettings,
    /// What the exchange is taken to do; none where a script says it.
    pub exchange: Option<ExchangeModel>,
    /// The part of the tape.
    pub interval: Interval,
    /// What the run must reach.
    pub expected: Expected,
}

/// A component, as a file.
#[derive(Clone, Debug, Serialize)]
pub struct PluginFile {
    /// As the user named it.
    pub path: String,
    /// Name under which the host knows it: that of the file, without its ending.
    pub name: String,
    /// Hash of its bytes.
    pub sha256: String,
    /// What it says of itself.
    pub metadata: Option<PluginMetadata>,
}

/// The signal of a strategy.
#[derive(Clone, Debug, Serialize)]
pub struct SignalSettings {
    /// What is traded, with its venue.
    pub symbol: String,
    /// Its side.
    pub side: PluginSide,
    /// Target in base currency.
    #[serde(with = "decimal")]
    pub quantity: Decimal,
}

/// A tape, as a file or a folder.
#[derive(Clone, Debug, Serialize)]
pub struct TapeFile {
    /// As the user named it.
    pub path: String,
    /// Hash of its bytes as they lie there; none when it could not be read.
    pub sha256: Option<String>,
    /// How it is read.
    #[serde(flatten)]
    pub options: TapeOptions,
}

/// A tape of order books, as a file or a folder. It is read with the options of the trades.
#[derive(Clone, Debug, Serialize)]
pub struct BookFile {
    /// As the user named it.
    pub path: String,
    /// Hash of its bytes as they lie there; none when it could not be read.
    pub sha256: Option<String>,
}

/// The session of the host.
#[derive(Clone, Debug, Serialize)]
pub struct HostSettings {
    /// Name of the host profile.
    pub profile: String,
    /// The profile's `[session]`.
    pub rules: SessionRules,
    /// Whether trades reach `on-tick`.
    pub ticks: bool,
    /// What an amendment must have.
    pub amend_rule: AmendRule,
    /// Limits of each order; 0 is any.
    pub limits: RiskLimits,
    /// Equity and free balance.
    #[serde(with = "decimal")]
    pub balance: Decimal,
    /// What is traded.
    pub instrument_kind: InstrumentKind,
    /// From the signal to the first timer.
    pub timer_phase_ms: i64,
    /// Rows of the tape after which the host restarts.
    pub restart_after_rows: Option<u64>,
    /// How long it is down then.
    pub down_ms: i64,
    /// When the private stream connects anew, after the signal.
    pub reconnect_after_ms: Option<i64>,
}

impl RunSettings {
    /// Of options, before the tape is read.
    pub(super) fn new(options: &Options, sha256: &str, metadata: Option<PluginMetadata>) -> Self {
        let mut settings = Self {
            id: String::new(),
            schema: SCHEMA,
            tool: concat!("cargo-tesser ", env!("CARGO_PKG_VERSION")).into(),
            plugin: PluginFile {
                path: options.plugin.to_string_lossy().into_owned(),
                name: plugin_name(&options.plugin),
                sha256: sha256.to_owned(),
                metadata,
            },
            params: options.params.clone(),
            signal: SignalSettings {
                symbol: options.world.symbol.clone(),
                side: options.side,
                quantity: options.quantity,
            },
            tape: TapeFile {
                path: options.tape.to_string_lossy().into_owned(),
                sha256: None,
                options: options.tape_options.clone(),
            },
            book: options
                .book
                .as_ref()
                .map(|path| BookFile { path: path.to_string_lossy().into_owned(), sha256: None }),
            host: HostSettings::new(&options.world, options.restart_after),
            exchange: Some(options.model.clone()),
            interval: options.interval,
            expected: options.expected,
        };
        settings.identify();
        settings
    }

    /// Takes what is known once the tape was read.
    pub(super) fn with_tape(&mut self, sha256: String, is_script: bool) {
        self.tape.sha256 = Some(sha256);
        if is_script {
            self.exchange = None;
        }
        self.identify();
    }

    /// Takes what is known once the order book was read.
    pub(super) fn with_book(&mut self, sha256: String) {
        if let Some(book) = &mut self.book {
            book.sha256 = Some(sha256);
        }
        self.identify();
    }

    fn identify(&mut self) {
        let file = |path: &str, sha256: &Option<String>| match sha256 {
            Some(sha256) => json!(sha256),
            // Nothing else tells it from others.
            None => json!({ "path": path }),
        };
        let tape = file(&self.tape.path, &self.tape.sha256);
        let book = self.book.as_ref().map(|book| file(&book.path, &book.sha256));
        let identity = json!([
            self.schema,
            self.tool,
            self.plugin.name,
            self.plugin.sha256,
            self.params,
            self.signal,
            tape,
            book,
            self.tape.options,
            self.host,
            self.exchange,
            self.interval,
            self.expected,
        ]);
        self.id = digest::sha256(identity.to_string().as_bytes());
        self.id.truncate(ID_DIGITS);
    }
}

impl HostSettings {
    fn new(world: &World, restart_after_rows: Option<u64>) -> Self {
        Self {
            profile: world.host.clone(),
            rules: world.rules.clone(),
            ticks: world.ticks,
            amend_rule: world.amend_rule,
            limits: world.limits,
            balance: world.balance,
            instrument_kind: world.kind,
            timer_phase_ms: world.timer_phase_ms,
            restart_after_rows,
            down_ms: world.down_ms,
            reconnect_after_ms: world.reconnect_after_ms,
        }
    }
}

/// The name under which the host knows a file.
pub(super) fn plugin_name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
