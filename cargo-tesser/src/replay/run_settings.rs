//! Everything that determines the result of a run, and so is needed to repeat it.
//!
//! In: options, and the hashes of the plugin and the tape. Out: one value with an id, for JSON, Parquet and the page.

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

/// Version of the documents and tables.
pub(super) const SCHEMA: u32 = 1;

/// Hex digits of an id: 128 bits, so that ids of many sweeps do not collide.
const ID_DIGITS: usize = 32;

/// Everything that determines the result of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RunSettings {
    /// Hash of the fields below, without paths and without the plugin's metadata (its hash covers that).
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
    /// The exchange model; none for a script.
    pub exchange: Option<ExchangeModel>,
    /// The part of the tape.
    pub interval: Interval,
    /// What the run must reach.
    pub expected: Expected,
}

/// A component, as a file.
#[derive(Clone, Debug, Serialize)]
pub struct PluginFile {
    /// As given by the user.
    pub path: String,
    /// Its name for the host: the file name without its extension.
    pub name: String,
    /// Hash of the file.
    pub sha256: String,
    /// Metadata that the build stored in it.
    pub metadata: Option<PluginMetadata>,
}

/// The signal of a strategy.
#[derive(Clone, Debug, Serialize)]
pub struct SignalSettings {
    /// The symbol with its venue.
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
    /// As given by the user.
    pub path: String,
    /// Hash of the file or folder, without unpacking; none if it could not be read.
    pub sha256: Option<String>,
    /// How it is read.
    #[serde(flatten)]
    pub options: TapeOptions,
}

/// An order-book tape, as a file or a folder. It is read with the options of the trades.
#[derive(Clone, Debug, Serialize)]
pub struct BookFile {
    /// As given by the user.
    pub path: String,
    /// Hash of the file or folder, without unpacking; none if it could not be read.
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
    /// What an amendment must contain.
    pub amend_rule: AmendRule,
    /// Risk limits; 0 is no limit.
    pub limits: RiskLimits,
    /// Equity and free balance.
    #[serde(with = "decimal")]
    pub balance: Decimal,
    /// Kind of the instrument.
    pub instrument_kind: InstrumentKind,
    /// Time from the signal to the first timer.
    pub timer_phase_ms: i64,
    /// Rows of the tape after which the host restarts.
    pub restart_after_rows: Option<u64>,
    /// How long it is down then.
    pub down_ms: i64,
    /// Time from the signal to the reconnect of the private stream.
    pub reconnect_after_ms: Option<i64>,
}

impl RunSettings {
    /// Creates the settings from options, before the tape is read.
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

    /// Adds what is known once the tape has been read.
    pub(super) fn with_tape(&mut self, sha256: String, is_script: bool) {
        self.tape.sha256 = Some(sha256);
        if is_script {
            self.exchange = None;
        }
        self.identify();
    }

    /// Adds what is known once the order book has been read.
    pub(super) fn with_book(&mut self, sha256: String) {
        if let Some(book) = &mut self.book {
            book.sha256 = Some(sha256);
        }
        self.identify();
    }

    fn identify(&mut self) {
        let file = |path: &str, sha256: &Option<String>| match sha256 {
            Some(sha256) => json!(sha256),
            // Only the path tells a tape without a hash from others.
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

/// Name of a plugin's file for the host.
pub(super) fn plugin_name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
