//! Findings and their reports.
//!
//! In: what the checks found in each file. Out: text for people, or one document for programs. A report does not
//! depend on WebAssembly, and omits or reorders nothing.

mod code;
mod github;
mod human;
mod json;
mod sarif;
mod text;

use std::path::PathBuf;

pub use code::{Code, Severity};
pub use github::{github, github_file, github_summary};
pub use human::{explain, human, human_file, human_summary, reference};
pub use json::json;
pub use sarif::sarif;
pub use text::{
    counted, cut, escape_untrusted, line, path, size, some_of, visible, without_secrets,
};

/// An error or a warning about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The kind of defect, which determines severity and explanation.
    pub code: Code,
    /// The code's own severity, or that of a policy.
    pub(crate) severity: Severity,
    /// One plain sentence.
    pub message: String,
    /// Place in the file: an export, an import, an offset.
    pub place: Option<String>,
    /// What to do about it, if it differs from the code's own advice.
    pub help: Option<String>,
}

impl Finding {
    /// Creates a finding with the code's own advice and without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let (severity, message) = (code.severity(), message.into());
        Self { code, severity, message, place: None, help: None }
    }

    /// Sets its place in the file.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Sets what to do, instead of the code's own advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Returns the severity: the code's own, or that of a policy.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What to do about it.
    pub fn advice(&self) -> &str {
        self.help.as_deref().unwrap_or(self.code.entry().fix)
    }
}

/// The report on one file.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The path as the user gave it; `-` for stdin.
    pub path: PathBuf,
    /// Hash of the checked bytes, in hex; empty if the file was not read.
    pub sha256: String,
    /// Number of bytes.
    pub size: u64,
    /// The exports, each with its type.
    pub exports: Vec<String>,
    /// The names of the imports.
    pub imports: Vec<String>,
    /// The imports that the host has to provide, without plain types.
    pub required_imports: Vec<String>,
    /// Whether an instance was created.
    pub loaded: bool,
    /// Everything found, in the order of the checks.
    pub findings: Vec<Finding>,
    /// The comparison with an older plugin, if one was given.
    pub against: Option<Against>,
}

/// A comparison with an older plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Against {
    /// The older plugin.
    pub path: PathBuf,
    /// What they have in common.
    pub same: Same,
}

/// What two plugins have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// All bytes.
    Bytes,
    /// Exports, imports, capabilities and ABI, and the size within 10 %.
    Interface,
    /// Less than that.
    Less,
}

impl FileReport {
    /// Whether there is a verdict: the file was read to its end.
    pub fn is_read(&self) -> bool {
        !self.findings.iter().any(|finding| finding.code == Code::NotRead)
    }

    /// Whether the host would accept the file: no finding is an error.
    pub fn ok(&self, deny_warnings: bool) -> bool {
        let rejects = |finding: &Finding| match finding.severity() {
            Severity::Error => true,
            Severity::Warning => deny_warnings,
        };
        !self.findings.iter().any(rejects)
    }

    /// Returns `ok`, `rejected` or `no verdict`.
    fn verdict(&self, deny_warnings: bool) -> &'static str {
        match (self.is_read(), self.ok(deny_warnings)) {
            (false, _) => "no verdict",
            (true, true) => "ok",
            (true, false) => "rejected",
        }
    }

    /// Returns a sentence that says it is the same as the older plugin, if it is.
    fn sameness(&self) -> Option<String> {
        let against = self.against.as_ref()?;
        let what = match against.same {
            Same::Bytes => "the same bytes as",
            Same::Interface => "the same exports, imports, capabilities and ABI as",
            Same::Less => return None,
        };
        Some(format!("{what} {}", path(&against.path)))
    }
}

/// The report on all files.
#[derive(Clone, Debug)]
pub struct Report {
    /// The host that the files were checked for.
    pub host: String,
    /// One entry for each file, in the order given.
    pub files: Vec<FileReport>,
    /// Whether warnings also reject a file.
    pub deny_warnings: bool,
}

impl Report {
    /// Returns the number of accepted files.
    pub fn ok(&self) -> usize {
        let is_ok = |file: &&FileReport| file.is_read() && file.ok(self.deny_warnings);
        self.files.iter().filter(is_ok).count()
    }

    /// Returns the number of rejected files.
    pub fn rejected(&self) -> usize {
        self.files.len() - self.ok() - self.not_read()
    }

    /// Returns the number of files without a verdict.
    pub fn not_read(&self) -> usize {
        self.files.iter().filter(|file| !file.is_read()).count()
    }

    /// Returns all verdicts in one line, for example `3 plugins: 2 ok, 1 rejected`.
    fn summary(&self) -> String {
        let plugins = counted(self.files.len(), "plugin");
        let verdicts = format!("{plugins}: {} ok, {} rejected", self.ok(), self.rejected());
        match self.not_read() {
            0 => verdicts,
            count => format!("{verdicts}, {count} without a verdict"),
        }
    }
}
