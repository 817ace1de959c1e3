//! One check and its result.

use std::error::Error;

use crate::build::advice::Advice;

/// The tool itself.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    /// Its version, with the commit if it is known.
    pub(crate) version: String,
    /// The version of the built-in wasm-opt.
    pub(crate) wasm_opt: Option<&'static str>,
}

/// What was found.
#[derive(Clone, Debug)]
pub(crate) struct Diagnosis {
    pub(crate) tool: Tool,
    pub(crate) checks: Vec<Check>,
    /// What `--fix` did.
    pub(crate) fixed: Vec<String>,
}

impl Diagnosis {
    /// Returns the number of checks with this result.
    pub(crate) fn count(&self, state: State) -> usize {
        self.checks.iter().filter(|check| check.state == state).count()
    }
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Ok,
    /// It works, but not as well as it could, or not everywhere.
    Warning,
    /// A command would fail.
    Error,
}

impl State {
    /// Its name in all reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What is checked. The names are part of the JSON format: `docs/doctor.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Tool,
    Host,
    WasmOpt,
    Compiler,
    Cargo,
    Target,
    Rustup,
    Git,
    Cache,
    TemporaryFolder,
    Variables,
    Workspace,
    Manifest,
    Resolver,
    Configuration,
    Sdk,
    Plugins,
    OverflowChecks,
    Profile,
    Rustflags,
    Repository,
    TargetFolder,
}

impl Subject {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Host => "host",
            Self::WasmOpt => "wasm-opt",
            Self::Compiler => "compiler",
            Self::Cargo => "cargo",
            Self::Target => "target",
            Self::Rustup => "rustup",
            Self::Git => "git",
            Self::Cache => "cache",
            Self::TemporaryFolder => "temporary-folder",
            Self::Variables => "variables",
            Self::Workspace => "workspace",
            Self::Manifest => "manifest",
            Self::Resolver => "resolver",
            Self::Configuration => "configuration",
            Self::Sdk => "sdk",
            Self::Plugins => "plugins",
            Self::OverflowChecks => "overflow-checks",
            Self::Profile => "profile",
            Self::Rustflags => "rustflags",
            Self::Repository => "repository",
            Self::TargetFolder => "target-folder",
        }
    }
}

/// A check and its result.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) subject: Subject,
    pub(crate) state: State,
    /// What was found.
    pub(crate) text: String,
    /// What to do about it.
    pub(crate) remedy: Option<String>,
}

impl Check {
    pub(crate) fn ok(subject: Subject, text: impl Into<String>) -> Self {
        Self { subject, state: State::Ok, text: text.into(), remedy: None }
    }

    pub(crate) fn warning(
        subject: Subject,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { subject, state: State::Warning, text: text.into(), remedy: Some(remedy.into()) }
    }

    pub(crate) fn error(subject: Subject, error: &dyn Error, remedy: Option<String>) -> Self {
        Self { subject, state: State::Error, text: with_causes(error), remedy }
    }

    /// The same, for something that not every command needs.
    pub(crate) fn mild(subject: Subject, error: &dyn Error, remedy: impl Into<String>) -> Self {
        Self::warning(subject, with_causes(error), remedy)
    }

    pub(crate) fn advice(subject: Subject, advice: Advice) -> Self {
        Self::warning(subject, advice.fact, advice.remedy)
    }
}

/// Returns an error and its causes as one text.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
