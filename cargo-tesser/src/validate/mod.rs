//! `validate`: bytes -> facts -> checks against the ABI and the host -> policy -> report.
//!
//! In: bytes and what to check them against. Out: what was found. Nothing is read from disk here, but by
//! `files`, `config` and for profiles, and nothing is printed.

mod against;
mod checker;
mod checks;
mod config;
mod facts;
mod files;
mod hosts;
mod load;
mod params;
mod policy;
mod profile;
mod wasi;

use std::path::{Path, PathBuf};

use serde_json::Value;

use checker::Verdicts;

use crate::abi::{self, Abi};
use crate::cores::on_all_cores_telling;
use crate::engine;
use crate::fs::{self, Unread};
use crate::process;
use crate::report::{Code, FileReport, Finding, Report};
use crate::shell::Shell;

pub use checker::Checker;
pub use config::rules;
pub use facts::{Facts, Item, Kind, sha256};
pub use files::{Input, inputs};
pub use hosts::{find as host_profile, hosts};
pub use policy::{Policy, Rules};
pub use profile::HostProfile;

/// The host that plugins are built for, and that is meant unless another is named.
pub const HOST: &str = "tesser@0.9";

/// The largest file that is read, in bytes. The host has no limit; a plugin has a few hundred KB.
pub const LARGEST_FILE: u64 = 64 << 20;

/// What to validate and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files, directories, or `-` for stdin.
    pub paths: Vec<PathBuf>,
    /// Name of a host profile, or the file of one.
    pub host: String,
    /// An older plugin to compare with.
    pub against: Option<PathBuf>,
    /// Parameters to check against each plugin's schema.
    pub params: Option<Value>,
    /// Rules of the command line, which win over the project's.
    pub rules: Rules,
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
    /// A profile names a proposal that there is not.
    #[error("the host profile names the proposal `{name}`; known: {known}")]
    UnknownProposal {
        /// The name.
        name: String,
        /// What there is.
        known: String,
    },
    /// A profile names a version of WASI whose signatures nobody has given.
    #[error(
        "the host profile has no `wasi.signatures`, and WASI {version} is none that comes with the tool; known: {known}"
    )]
    UnknownWasi {
        /// The version.
        version: String,
        /// What there is.
        known: String,
    },
    /// A rule names a code that there is not.
    #[error("there is no diagnostic `{name}` to allow, warn of or deny; there are {known}")]
    UnknownCode {
        /// The name.
        name: String,
        /// What there is.
        known: String,
    },
    /// A rule would lift what the host itself does.
    #[error("`{name}` is the host's own refusal, which no rule can lift")]
    Refusal {
        /// The code's name.
        name: String,
    },
    /// A file with rules that does not parse.
    #[error("cannot read the settings in `{}`", .path.display())]
    Rules {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml_edit::de::Error>,
    },
    /// There is nothing to compare with.
    #[error("`{}` is no component to compare with", .path.display())]
    Against {
        /// The file.
        path: PathBuf,
    },
    /// A profile that cannot be used.
    #[error("cannot use the host profile `{}`", .path.display())]
    ProfileFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<Self>,
    },
    /// A profile in the user's folder has the name of another.
    #[error("`{}` is a profile of `{name}`, which there is already", .path.display())]
    TakenHost {
        /// The name.
        name: String,
        /// The file.
        path: PathBuf,
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
        path: PathBuf,
    },
    /// The built-in manifest is broken.
    #[error(transparent)]
    Abi(#[from] abi::Error),
    /// The only file cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Unread {
        /// The file.
        path: PathBuf,
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
            Self::Rules { path, .. } => {
                Some(if path.file_name().is_some_and(|name| name == "tesser.toml") {
                    "`tesser.toml` has one table, `[validate]`, with `allow`, `warn`, `deny` and `max-size`".into()
                } else {
                    "write rules in `[package.metadata.tesser.validate]` or `[workspace.metadata.tesser.validate]`, with `allow`, \
                     `warn`, `deny` and `max-size`".into()
                })
            }
            Self::TakenHost { .. } => {
                Some("give it another `name`, or name the file itself: `--host FILE`".into())
            }
            _ => None,
        }
    }
}

/// Validates all files and reports everything found. Each report is told with the name of the host as soon as it and those
/// of all files before it are there, unless a progress bar is drawn.
///
/// # Errors
/// A file cannot be read, or the host is unknown. What is wrong with a file is a finding instead.
pub fn validate(
    options: &Options,
    shell: Shell,
    mut tell: impl FnMut(&FileReport, &str) + Send,
) -> Result<Report, Error> {
    let project = rules(Path::new("."))?;
    let mut checker = Checker::new(Abi::built_in()?, &options.host, options.load)?;
    checker.policy = Policy::new(&[&project, &options.rules])?;
    checker.params.clone_from(&options.params);
    if let Some(path) = &options.against {
        checker.against = Some((path.clone(), checker.older(path)?));
    }
    let inputs = inputs(&options.paths)?;
    let progress = shell.count("Checking", inputs.len());
    let verdicts = Verdicts::default();
    let check = |input: &Input| {
        process::check_interrupted()?;
        let report = match input.read(LARGEST_FILE) {
            Ok(bytes) => verdicts.of(&checker, &input.path, &bytes)?,
            // One of several must not take away the word on the others.
            Err(unread) if unread.is_known() || inputs.len() > 1 => not_read(&input.path, &unread),
            Err(source) => return Err(Error::Unread { path: input.path.clone(), source }),
        };
        progress.step();
        Ok(report)
    };
    let files: Result<_, Error> = on_all_cores_telling(&inputs, check, |report| {
        if let (Ok(report), false) = (report, progress.is_drawn()) {
            tell(report, &checker.host.name);
        }
    })
    .into_iter()
    .collect();
    Ok(Report {
        host: checker.host.name.clone(),
        files: files?,
        deny_warnings: options.deny_warnings,
    })
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
        against: None,
        findings: vec![Finding::new(Code::NotRead, message).help(unread.hint())],
    }
}
