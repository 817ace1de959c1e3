//! `validate`: bytes -> facts -> checks against the ABI and the host -> policy -> report.
//!
//! In: files, a host and rules. Out: the report. Only `files`, `config` and host profiles are read from disk, and nothing
//! is printed.

mod config;
mod files;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::abi::{self, Abi};
use crate::checks::{self, Checker, Policy, Rules, Verdicts};
use crate::exit::FAILED;
use crate::facts::LARGEST_FILE;
use crate::fs::{self, Input, Unread};
use crate::host_profile;
use crate::parallel::on_all_cores_telling;
use crate::process;
use crate::report::{Code, FileReport, Finding, Report};
use crate::shell::Shell;

pub use config::rules;
use files::inputs;

/// Options of `validate`.
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
    /// Rules of the command line, which override the project's.
    pub rules: Rules,
    /// Whether to run the load check.
    pub load: bool,
    /// Whether warnings reject a file.
    pub deny_warnings: bool,
}

/// Why validation was not possible.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file with rules cannot be parsed.
    #[error("cannot read the settings in `{}`", .path.display())]
    Rules {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml_edit::de::Error>,
    },
    /// The file to compare with is not a component.
    #[error("cannot compare with `{}`: it is not a component", .path.display())]
    Against {
        /// The file.
        path: PathBuf,
    },
    /// A directory has nothing to validate.
    #[error("there is no `.wasm` file in `{}`", .path.display())]
    EmptyDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// The host's profile.
    #[error(transparent)]
    Host(#[from] host_profile::Error),
    /// The rules of the project, or the setup of a check.
    #[error(transparent)]
    Checks(#[from] checks::Error),
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
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Host(error) => error.exit_code(),
            Self::Checks(error) => error.exit_code(),
            _ => FAILED,
        }
    }

    /// Returns what to do next.
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
            Self::Host(error) => error.hint(),
            _ => None,
        }
    }
}

/// Validates all files and returns the report. Each file's report is passed on with the name of the host as soon as it and those of
/// all earlier files are available, unless a progress bar is drawn.
///
/// # Errors
/// If a file cannot be read, or the host is unknown. A fault of a file is a finding instead.
pub fn validate(
    options: &Options,
    shell: Shell,
    mut tell: impl FnMut(&FileReport, &str) + Send,
) -> Result<Report, Error> {
    let project = rules(Path::new("."))?;
    let mut checker = Checker::new(Abi::built_in()?, &options.host, options.load)?
        .with_policy(Policy::new(&[&project, &options.rules])?)
        .with_params(options.params.clone());
    if let Some(path) = &options.against {
        let unread = |source| Error::Unread { path: path.clone(), source };
        let older = fs::read_untrusted(path, LARGEST_FILE).map_err(unread)?;
        let no_component = || Error::Against { path: path.clone() };
        checker = checker.compared_with(path, &older).ok_or_else(no_component)?;
    }
    let inputs = inputs(&options.paths)?;
    let progress = shell.count("Checking", inputs.len());
    let verdicts = Verdicts::default();
    let check = |input: &Input| {
        process::check_interrupted()?;
        let report = match input.read(LARGEST_FILE) {
            Ok(bytes) => verdicts.of(&checker, &input.path, &bytes)?,
            // One unreadable file of several must not prevent the verdicts on the others.
            Err(unread) if unread.is_known() || inputs.len() > 1 => not_read(&input.path, &unread),
            Err(source) => return Err(Error::Unread { path: input.path.clone(), source }),
        };
        progress.step();
        Ok(report)
    };
    let files: Result<_, Error> = on_all_cores_telling(&inputs, check, |report| {
        if let (Ok(report), false) = (report, progress.is_drawn()) {
            tell(report, checker.host());
        }
    })
    .into_iter()
    .collect();
    Ok(Report {
        host: checker.host().to_owned(),
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
        required_imports: Vec::new(),
        loaded: false,
        against: None,
        findings: vec![Finding::new(Code::NotRead, message).help(unread.hint())],
    }
}
