//! `cargo tesser completions`, and the answers to the scripts that it prints.
//!
//! The script of a shell calls the tool at each TAB with [`VARIABLE`] set and the words of the command line, so templates, hosts
//! and codes complete without being listed in the script. The words begin with `cargo tesser` or `cargo-tesser`; cargo's own
//! words are passed on to the completion that cargo had before.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, ValueEnum};
use clap_complete::CompletionCandidate;
use clap_complete::env::{Bash, EnvCompleter, Fish, Powershell, Shells, Zsh};

use super::{Cli, Outcome, help};
use crate::exit::{DONE, USAGE};
use crate::process::Cmd;
use crate::report::Code;
use crate::shell::Shell;
use crate::{host_profile, new, test};

/// Set by the scripts to the name of the shell. clap's own `COMPLETE` could be somebody else's.
pub(super) const VARIABLE: &str = "CARGO_TESSER_COMPLETE";

/// The program that the scripts call.
const PROGRAM: &str = "cargo-tesser";

const SHELLS: Shells<'static> = Shells(&[&Bash, &Fish, &Powershell, &Zsh]);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Shell to print the script for
    #[arg(value_enum)]
    shell: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let (completer, of_cargo): (&dyn EnvCompleter, _) = match args.shell {
        Kind::Bash => (&Bash, include_str!("complete/cargo.bash")),
        Kind::Zsh => (&Zsh, include_str!("complete/cargo.zsh")),
        Kind::Fish => (&Fish, include_str!("complete/cargo.fish")),
        Kind::Powershell => (&Powershell, ""),
    };
    let mut script = Vec::new();
    // PowerShell has no completion of cargo to pass words on to, so one script is for both programs.
    let programs = if of_cargo.is_empty() { "cargo,cargo-tesser" } else { PROGRAM };
    completer.write_registration(VARIABLE, "cargo_tesser", programs, PROGRAM, &mut script)?;
    let script = String::from_utf8_lossy(&script).replace("'cargo,cargo-tesser'", programs);
    shell.data(&(script + of_cargo))?;
    Ok(DONE)
}

/// Prints the candidates for the last of the words behind `--`, in the form that the shell expects.
pub(super) fn answer(shell: &OsStr, args: &[OsString]) -> ExitCode {
    let words: Vec<_> = args.iter().skip_while(|arg| *arg != "--").skip(1).cloned().collect();
    let Some(completer) = shell.to_str().and_then(|name| SHELLS.completer(name)) else {
        return ExitCode::from(USAGE);
    };
    if words.is_empty() {
        return ExitCode::from(USAGE);
    }
    let mut answer = Vec::new();
    let dir = std::env::current_dir().ok();
    // An error means that there is nothing to complete.
    let _ = completer.write_complete(&mut command(&words), words, dir.as_deref(), &mut answer);
    let _ = std::io::stdout().write_all(&answer);
    ExitCode::from(DONE)
}

/// Returns the command that the words belong to. The engine takes the first word for the program.
fn command(words: &[OsString]) -> clap::Command {
    let cli = help::without_markup(Cli::command());
    let is_plain = words.first().is_some_and(|word| {
        std::path::Path::new(word).file_stem().is_some_and(|name| name == PROGRAM)
    });
    if is_plain && words.get(1).is_none_or(|word| word != "tesser") {
        return cli;
    }
    // The engine skips a word such as `+nightly`.
    clap::Command::new("cargo")
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .subcommand(cli.name("tesser"))
}

/// Names of templates.
pub(super) fn templates() -> Vec<CompletionCandidate> {
    let all = new::list().unwrap_or_default().into_iter();
    all.map(|it| CompletionCandidate::new(it.name).help(Some(it.description.into()))).collect()
}

/// Names of host profiles.
pub(super) fn hosts() -> Vec<CompletionCandidate> {
    let all = host_profile::hosts().unwrap_or_default().into_iter();
    all.map(|(host, _)| CompletionCandidate::new(host.name).help(Some(host.engine.into())))
        .collect()
}

/// Codes of diagnostics.
pub(super) fn codes() -> Vec<CompletionCandidate> {
    let help = |code: &Code| Some(code.severity().name().into());
    Code::ALL.iter().map(|code| CompletionCandidate::new(code.name()).help(help(code))).collect()
}

/// Names of cases of `test` that every plugin has.
pub(super) fn cases() -> Vec<CompletionCandidate> {
    test::scenarios().map(CompletionCandidate::new).collect()
}

/// Names of profiles that most workspaces have.
pub(super) fn profiles() -> Vec<CompletionCandidate> {
    ["dev", "release", "plugin"].map(CompletionCandidate::new).into()
}

/// Names of the workspace's packages.
pub(super) fn packages() -> Vec<CompletionCandidate> {
    let cargo =
        Cmd::new("cargo").args(["metadata", "--no-deps", "--offline", "--format-version=1"]);
    let answer: serde_json::Value =
        serde_json::from_str(&cargo.read().unwrap_or_default()).unwrap_or_default();
    let packages = answer["packages"].as_array().into_iter().flatten();
    packages
        .filter_map(|package| Some(CompletionCandidate::new(package["name"].as_str()?)))
        .collect()
}
