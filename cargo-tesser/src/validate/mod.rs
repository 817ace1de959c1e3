//! `validate`: bytes -> facts -> checks against the ABI and the host -> report.
//!
//! In: bytes and what to check them against. Out: what was found. Nothing is read from disk here, but by
//! `files`, and nothing is printed.

mod checks;
mod facts;
mod files;
mod load;
mod profile;

use std::path::Path;

use crate::abi::{self, Abi};
use crate::engine;
use crate::fs::{self, Unread};
use crate::process;
use crate::report::{Code, FileReport, Finding, Report, harmless};
use crate::shell::Shell;

pub use facts::{Facts, Item, Kind, sha256};
pub use files::{Input, inputs};
pub use profile::HostProfile;

/// The host that plugins are built for, and that is meant unless another is named.
pub const HOST: &str = "tesser@0.9";

/// The largest file that is read, in bytes. The host has no limit; a plugin has a few hundred KB.
pub const LARGEST_FILE: u64 = 64 << 20;

/// What to validate and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files, directories, or `-` for stdin.
    pub paths: Vec<std::path::PathBuf>,
    /// Name of the host profile.
    pub host: String,
    /// Whether an instance is made, too.
    pub load: bool,
    /// Whether warnings reject a file.
    pub deny_warnings: bool,
}

/// Why nothing could be validated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such host profile.
    #[error("unknown host `{name}`; known: {known}")]
    UnknownHost {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A profile that does not parse.
    #[error("the host profile does not parse")]
    Profile {
        /// Where and why.
        #[source]
        source: Box<toml_edit::de::Error>,
    },
    /// A directory without anything to validate.
    #[error("there is no `.wasm` file in `{}`", .path.display())]
    EmptyDirectory {
        /// The directory.
        path: std::path::PathBuf,
    },
    /// The built-in manifest is broken.
    #[error(transparent)]
    Abi(#[from] abi::Error),
    /// The only file cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Unread {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: Unread,
    },
    /// A directory cannot be listed.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// The user stopped it.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// The engine for the load check does not start.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

impl Error {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unread { source, .. } => Some(source.hint().into()),
            Self::Fs(error) => error.hint(),
            Self::EmptyDirectory { .. } => {
                Some("`cargo tesser build` writes plugins to `target/tesser/<profile>/`".into())
            }
            _ => None,
        }
    }
}

/// Everything that is checked against.
#[derive(Debug)]
pub struct Checker {
    abi: Abi,
    host: HostProfile,
    engine: Option<engine::Engine>,
}

/// Validates all files and reports everything found.
///
/// # Errors
/// A file cannot be read, or the host is unknown. What is wrong with a file is a finding instead.
pub fn validate(options: &Options, shell: Shell) -> Result<Report, Error> {
    let checker = Checker::new(Abi::built_in()?, &options.host, options.load)?;
    let inputs = inputs(&options.paths)?;
    let progress = shell.count("Checking", inputs.len());
    let check = |input: &Input| {
        process::check_interrupted()?;
        let report = match input.read(LARGEST_FILE) {
            Ok(bytes) => checker.check_bytes(&input.path, &bytes),
            // One of several must not take away the word on the others.
            Err(unread) if unread.is_known() || inputs.len() > 1 => not_read(&input.path, &unread),
            Err(source) => return Err(Error::Unread { path: input.path.clone(), source }),
        };
        progress.step();
        Ok(report)
    };
    let files: Result<_, Error> = files::on_all_cores(&inputs, check).into_iter().collect();
    Ok(Report { host: options.host.clone(), files: files?, deny_warnings: options.deny_warnings })
}

impl Checker {
    /// Checks against one ABI and one host; `load` makes an instance, too.
    ///
    /// # Errors
    /// The host is unknown, or the engine does not start.
    pub fn new(abi: Abi, host: &str, load: bool) -> Result<Self, Error> {
        let host = HostProfile::named(host)?;
        let engine = if load { Some(engine::Engine::new()?) } else { None };
        Ok(Self { abi, host, engine })
    }

    /// Checks bytes; `path` is only shown.
    pub fn check_bytes(&self, path: &Path, bytes: &[u8]) -> FileReport {
        let facts = Facts::read(bytes, self.host.features());
        let mut findings = checks::check(&facts, &self.abi, &self.host);
        let needs: Vec<_> = facts.imports.iter().filter(|import| import.needs_host()).collect();
        // The engine has no WASI to link, so only a sealed plugin can be loaded here.
        let loadable = findings.is_empty() && needs.is_empty();
        let tried = self.engine.as_ref().filter(|_| loadable);
        let trouble = tried.and_then(|engine| load::check(bytes, engine));
        let loaded = tried.is_some() && trouble.is_none();
        findings.extend(trouble);
        findings.extend(checks::check_name(path));
        let names = |imports: &[&facts::Import]| {
            imports.iter().map(|import| harmless(&import.name)).collect::<Vec<_>>()
        };
        FileReport {
            path: path.to_owned(),
            sha256: facts.sha256,
            size: facts.size,
            exports: facts.exports.iter().map(show_export).collect(),
            imports: names(&facts.imports.iter().collect::<Vec<_>>()),
            needs: names(&needs),
            loaded,
            findings,
        }
    }
}

fn show_export(export: &facts::Export) -> String {
    let name = harmless(&export.name);
    match &export.item {
        Item::Func(ty) => format!("{name}: {}", harmless(&ty.to_string())),
        _ => name,
    }
}

fn not_read(path: &Path, unread: &Unread) -> FileReport {
    let message = format!("not read, so there is no verdict: {unread}");
    FileReport {
        path: path.to_owned(),
        sha256: String::new(),
        size: 0,
        exports: Vec::new(),
        imports: Vec::new(),
        needs: Vec::new(),
        loaded: false,
        findings: vec![Finding::new(Code::NotRead, message).help(unread.hint())],
    }
}
