//! The only place that starts processes.
//!
//! In: a program, arguments, variables. Out: its exit status, its output, or an error that begins with the program's own
//! message. It never uses a shell and does not decide what a failure means.

mod command;
mod interrupt;
mod quote;

use std::io;
use std::process::ExitStatus;

pub use command::{Cmd, tell};
pub use interrupt::{check_interrupted, interrupt, is_interrupted, leave, while_asking};
pub use quote::quoted;

/// A command that could not be started, or that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is not on `PATH`.
    #[error("`{program}` was not found")]
    NotFound {
        /// The program.
        program: String,
    },
    /// The operating system refused to start it, or its output could not be read.
    #[error("cannot run `{command}`")]
    Io {
        /// The program and its subcommand.
        command: String,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// The user stopped the work.
    #[error("interrupted")]
    Interrupted,
    /// It exited with a failure status.
    #[error("{}", said(.stderr).unwrap_or_else(|| format!("`{command}` failed ({status})")))]
    Failed {
        /// The program and its subcommand.
        command: String,
        /// Its exit status.
        status: ExitStatus,
        /// What it wrote to stderr, if that was captured.
        stderr: String,
    },
}

/// Returns a program's own message about its failure, from the first line that begins with `error` or `fatal`; earlier lines
/// would hide it. The prefix is removed, since our own error adds one.
fn said(stderr: &str) -> Option<String> {
    let text = stderr.trim();
    let is_error = |line: &str| ["error", "fatal"].iter().any(|word| line.starts_with(word));
    let lines: Vec<_> = text.lines().collect();
    let first = lines.iter().position(|line| is_error(line)).unwrap_or(0);
    let text = lines.get(first..)?.join("\n");
    let own = ["error: ", "fatal: "].iter().find_map(|word| text.strip_prefix(word));
    Some(own.unwrap_or(&text).to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_says_of_its_failure_comes_first() {
        let said = |text: &str| said(text).unwrap_or_default();
        assert_eq!(
            said("    Updating index\nerror: no such thing\n\nCaused by:\n  x\n"),
            "no such thing\n\nCaused by:\n  x"
        );
        assert_eq!(said("fatal: not a git repository"), "not a git repository");
        assert_eq!(said("error[E0463]: can't find crate"), "error[E0463]: can't find crate");
        assert_eq!(said("it is broken\n"), "it is broken");
        assert_eq!(said(" \n"), "");
    }
}
