//! `cargo tesser explain`.

use super::{Outcome, print};
use crate::error::{DONE, Error};
use crate::report::{self, Code};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Code of a diagnostic, for example `core-module`; all are listed without one
    code: Option<String>,
    /// All of them as a page of documentation
    #[arg(long, hide = true, conflicts_with = "code")]
    markdown: bool,
}

pub(super) fn run(args: &Args) -> Outcome {
    if args.markdown {
        print(&report::reference());
        return Ok(DONE);
    }
    match &args.code {
        Some(name) => {
            let unknown = || Error::UnknownCode { name: name.clone() };
            print(&report::explain(Code::named(name).ok_or_else(unknown)?));
        }
        None => {
            for code in Code::ALL {
                print(&format!("{:<8} {}\n", code.severity().name(), code.name()));
            }
        }
    }
    Ok(DONE)
}
