//! `cargo tesser explain`.

use clap_complete::ArgValueCandidates;

use super::{Outcome, complete};
use crate::error::Error;
use crate::exit::DONE;
use crate::report::{self, Code};
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Code of a diagnostic, for example `core-module`; without it, all codes are listed
    #[arg(add = ArgValueCandidates::new(complete::codes))]
    code: Option<String>,
    /// Print all diagnostics as a page of documentation
    #[arg(long, hide = true, conflicts_with = "code")]
    markdown: bool,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    if args.markdown {
        shell.data(&report::reference())?;
        return Ok(DONE);
    }
    match &args.code {
        Some(name) => {
            let unknown = || Error::UnknownCode { name: name.clone() };
            shell.data(&report::explain(Code::named(name).ok_or_else(unknown)?))?;
        }
        None => {
            for code in Code::ALL {
                shell.data(&format!("{:<8} {}\n", code.severity().name(), code.name()))?;
            }
        }
    }
    Ok(DONE)
}
