//! Facts against the ABI and the host: every difference as a finding, in a fixed order.
//!
//! In: [`Facts`], [`Abi`], [`HostProfile`]. Out: findings. The wording of messages is here; the wording that belongs to a
//! code is in the table.

mod checker;
mod compare;
mod core;
mod exports;
mod imports;
mod load;
mod params;
mod policy;
mod rules;

pub use checker::{Checker, Verdicts};
pub(crate) use load::QuickCompiler;
pub use policy::{CapabilityKind, check_name, check_policy, kinds};
pub use rules::{Policy, Rules};

use crate::abi::{self, Abi};
use crate::engine;
use crate::exit::{FAILED, USAGE};
use crate::facts::{Facts, Invalid, Kind, Reason};
use crate::host_profile::{self, HostProfile};
use crate::report::{Code, Finding, escape_untrusted};

/// Why a file could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule names a code that does not exist.
    #[error("there is no diagnostic `{name}`; the codes are {known}")]
    UnknownCode {
        /// The name.
        name: String,
        /// The existing codes.
        known: String,
    },
    /// A rule would lift a refusal of the host itself.
    #[error("`{name}` is the host's own refusal, which no rule can lift")]
    Refusal {
        /// The code's name.
        name: String,
    },
    /// The host's profile.
    #[error(transparent)]
    Host(#[from] host_profile::Error),
    /// The built-in manifest is broken.
    #[error(transparent)]
    Abi(#[from] abi::Error),
    /// The engine for the load check does not start.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::UnknownCode { .. } | Self::Refusal { .. } => USAGE,
            Self::Host(error) => error.exit_code(),
            Self::Abi(_) | Self::Engine(_) => FAILED,
        }
    }
}

/// Returns everything that the host would object to, as far as it can be found without running the file.
///
/// # Errors
/// If the host's profile has a type that cannot be parsed.
pub fn check(facts: &Facts, abi: &Abi, host: &HostProfile) -> Result<Vec<Finding>, abi::Error> {
    let mut findings = Vec::new();
    findings.extend(check_kind(facts));
    findings.extend(facts.invalid.as_ref().map(|invalid| check_structure(invalid, host)));
    if facts.invalid.is_none() {
        match facts.kind {
            Kind::Component => {
                findings.extend(facts.unsupported.iter().map(|what| unsupported(what, host)));
                exports::check(&facts.exports, abi, &mut findings);
                imports::check(&facts.imports, host, &mut findings)?;
            }
            Kind::CoreModule => core::check(&facts.core, abi, &mut findings),
            _ => {}
        }
    }
    Ok(findings)
}

fn check_kind(facts: &Facts) -> Option<Finding> {
    let not_wasm = |what: &str| Some(Finding::new(Code::NotWasm, format!("this is {what}")));
    match facts.kind {
        Kind::Component => None,
        // A valid core module is checked further.
        Kind::CoreModule if facts.invalid.is_none() => None,
        Kind::CoreModule => Some(Finding::new(Code::CoreModule, "this is a core module, not a component")),
        Kind::Empty => Some(Finding::new(Code::EmptyFile, "the file is empty")),
        Kind::Header => {
            Some(Finding::new(Code::Truncated, "the file ends within WebAssembly's header"))
        }
        Kind::OtherVersion => not_wasm("a WebAssembly file of an unknown version"),
        Kind::Text => not_wasm("a text file, not a WebAssembly component"),
        Kind::Elf => not_wasm("an ELF file, not a WebAssembly component").map(|finding| {
            finding.help(
                "a module that an engine has compiled ahead of time does not load either; use the component itself",
            )
        }),
        Kind::Archive => not_wasm("an archive, not a WebAssembly component")
            .map(|finding| finding.help("unpack it first")),
        Kind::Unknown => not_wasm("not a WebAssembly file"),
    }
}

fn check_structure(invalid: &Invalid, host: &HostProfile) -> Finding {
    let (message, engine) = (escape_untrusted(&invalid.message), &host.engine);
    let finding = match invalid.reason {
        Reason::Truncated => {
            Finding::new(Code::Truncated, format!("the file ends too early: {message}"))
        }
        Reason::HostTooOld => Finding::new(
            Code::HostLimit,
            format!("{engine} refuses it, although newer engines accept it: {message}"),
        ),
        Reason::Proposal => Finding::new(
            Code::ProposalOff,
            format!("the file uses a feature that {engine} lacks or has disabled: {message}"),
        ),
        Reason::TooMuch => {
            let message = format!("not read to its end, so there is no verdict: {message}");
            return Finding::new(Code::NotRead, message);
        }
        Reason::Invalid => {
            Finding::new(Code::InvalidWasm, format!("not valid WebAssembly: {message}"))
        }
    };
    finding.at(format!("offset {:#x}", invalid.offset))
}

fn unsupported(what: &str, host: &HostProfile) -> Finding {
    let message = format!("{} refuses it: {}", host.engine, escape_untrusted(what));
    Finding::new(Code::NotImplemented, message)
}
