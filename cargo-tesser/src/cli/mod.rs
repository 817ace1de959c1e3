//! The command line: arguments -> options -> flow -> exit code. Only this folder uses clap, and only this folder reads the
//! user's wishes from the environment. One file per command.

mod abi;
mod build;
mod check_hint;
mod compare;
mod complete;
mod conformance;
mod crate_plugin;
mod doctor;
mod explain;
mod help;
mod init;
mod inspect;
mod man;
mod new;
mod numbers;
mod overview;
mod params;
mod replay;
mod rollback;
mod session;
mod setup;
mod sweep;
mod test;
mod validate;
mod version;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::error::Error;
use crate::exit;
use crate::process;
use crate::report;
use crate::shell::{Shell, Verbosity};

/// Plugins for the Tesser trading runtime: scaffold, build, check
#[derive(Debug, Parser)]
#[command(name = "cargo tesser", bin_name = "cargo tesser", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    terminal: Terminal,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a plugin crate from a template
    #[command(after_help = help::NEW)]
    New(new::Args),
    /// Turn an existing crate into a plugin: add what it lacks
    #[command(after_help = help::INIT)]
    Init(init::Args),
    /// Compile, optimize, seal, check and install plugins
    #[command(after_help = help::BUILD)]
    Build(build::Args),
    /// Build again after every change, until ctrl-c
    #[command(after_help = help::WATCH)]
    Watch(Box<watch::Args>),
    /// Restore an earlier version of a plugin
    #[command(after_help = help::ROLLBACK)]
    Rollback(rollback::Args),
    /// Check whether the host accepts a file, by default the crate's plugin
    #[command(after_help = help::VALIDATE)]
    Validate(validate::Args),
    /// Show the contents of a file, by default the crate's plugin: ABI, exports, imports, metadata, sizes
    #[command(after_help = help::INSPECT)]
    Inspect(inspect::Args),
    /// Build plugins and test each one in simulated sessions: fills and rejects, restarts, budgets, golden tapes
    #[command(after_help = help::TEST)]
    Test(test::Args),
    /// Run a plugin over recorded trades, as the host would
    #[command(after_help = help::REPLAY)]
    Replay(Box<replay::Args>),
    /// Check and merge the parts of a sweep, and report its runs
    #[command(after_help = help::SWEEP)]
    Sweep(sweep::Args),
    /// Compare two plugins, or two sets of parameters, over the same tapes: orders, costs with intervals, a verdict
    #[command(after_help = help::COMPARE)]
    Compare(Box<compare::Args>),
    /// Check a strategy's hint against the host's files: name, parameters, and the resulting orders
    #[command(after_help = help::CHECK_HINT)]
    CheckHint(check_hint::Args),
    /// Compare the simulated host with recordings of the real one
    #[command(hide = true)]
    Conformance(conformance::Args),
    /// Print the page of documentation with the help of all commands
    #[command(hide = true)]
    Commands,
    /// Explain a diagnostic, or list all of them
    #[command(after_help = help::EXPLAIN)]
    Explain(explain::Args),
    /// Check this machine and the workspace: compiler, target, folders, versions, settings that cargo ignores
    #[command(after_help = help::DOCTOR)]
    Doctor(doctor::Args),
    /// Make the wasm32-wasip1 target available
    #[command(after_help = help::SETUP)]
    Setup(setup::Args),
    /// Print the ABI that plugins implement
    #[command(after_help = help::ABI)]
    Abi(abi::Args),
    /// Print the script that completes commands, flags and values in a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions(complete::Args),
    /// Write a manual page for each command
    #[command(hide = true)]
    Man(man::Args),
}

impl Command {
    /// Whether a process that ends at once could leave unfinished work behind.
    fn may_leave_something(&self) -> bool {
        match self {
            Self::New(_)
            | Self::Init(_)
            | Self::Build(_)
            | Self::Watch(_)
            | Self::Rollback(_)
            | Self::Test(_)
            | Self::Setup(_) => true,
            Self::Validate(args) => args.builds_first(),
            Self::Inspect(args) => args.builds_first(),
            Self::Replay(args) => args.builds_first() || args.writes_parts(),
            Self::Sweep(args) => args.writes(),
            Self::Compare(args) => args.builds_first(),
            Self::Doctor(args) => args.fix,
            Self::CheckHint(_)
            | Self::Commands
            | Self::Conformance(_)
            | Self::Explain(_)
            | Self::Abi(_)
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }
}

/// Flags of every command.
#[derive(Debug, clap::Args)]
struct Terminal {
    /// Print only errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print the commands that are run
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        env = "CARGO_TERM_COLOR",
        hide_env = true,
        default_value = "auto"
    )]
    color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

impl Terminal {
    fn shell(&self) -> Shell {
        // With `auto`, NO_COLOR, CLICOLOR and the terminal decide.
        match self.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        let is_set =
            |name: &str| std::env::var(name).is_ok_and(|value| value == "true" || value == "1");
        // The command line overrides the environment.
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 1..) => Verbosity::Verbose,
            (false, 0) if is_set("CARGO_TERM_QUIET") => Verbosity::Quiet,
            (false, 0) if is_set("CARGO_TERM_VERBOSE") => Verbosity::Verbose,
            (false, 0) => Verbosity::Normal,
        };
        let progress = match std::env::var("CARGO_TERM_PROGRESS_WHEN").as_deref() {
            Ok("never") => false,
            Ok("always") => true,
            _ => std::env::var_os("CI").is_none(),
        };
        if verbosity == Verbosity::Verbose {
            process::tell(|line| {
                Shell::new(Verbosity::Verbose, false).detail("Running", format_args!("`{line}`"));
            });
        }
        Shell::new(verbosity, progress)
    }

    /// Returns the same settings as flags of cargo.
    fn cargo_flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        if self.quiet {
            flags.push("--quiet".into());
        }
        if self.verbose > 0 {
            flags.push(format!("-{}", "v".repeat(self.verbose.into())));
        }
        match self.color {
            Color::Auto => {}
            Color::Always => flags.push("--color=always".into()),
            Color::Never => flags.push("--color=never".into()),
        }
        flags
    }
}

/// Runs the command line and returns the exit code. As for every cargo subcommand, the first argument may be
/// `tesser`.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args: Vec<_> = args.into_iter().collect();
    if let Some(shell) = std::env::var_os(complete::VARIABLE) {
        return complete::answer(&shell, &args);
    }
    if args.get(1).is_some_and(|arg| arg == "tesser") {
        args.remove(1);
    }
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            if args.len() == 1 {
                Shell::default().report(&overview::text());
                return ExitCode::from(exit::USAGE);
            }
            let mut error = match error.kind() {
                ErrorKind::DisplayVersion => version::exact(error, Cli::command(), &args),
                _ => help::plain(error, Cli::command(), &args),
            };
            cut(&mut error);
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    let shell = cli.terminal.shell();
    // Other commands leave nothing behind; without a handler they end at once.
    if cli.command.may_leave_something() {
        // If this fails, an interrupt ends the process at once, which leaves at worst a temporary file.
        let _ = ctrlc::set_handler(process::interrupt);
    }
    let result = match &cli.command {
        Command::New(args) => new::run(args, shell),
        Command::Init(args) => init::run(args, shell),
        Command::Build(args) => build::run(args, &cli.terminal, shell),
        Command::Watch(args) => watch::run(args, &cli.terminal, shell),
        Command::Rollback(args) => rollback::run(args, shell),
        Command::Validate(args) => validate::run(args, &cli.terminal, shell),
        Command::Inspect(args) => inspect::run(args, &cli.terminal, shell),
        Command::Test(args) => test::run(args, &cli.terminal, shell),
        Command::Replay(args) => replay::run(args, &cli.terminal, shell),
        Command::Sweep(args) => sweep::run(args, shell),
        Command::Compare(args) => compare::run(args, &cli.terminal, shell),
        Command::CheckHint(args) => check_hint::run(args, shell),
        Command::Conformance(args) => conformance::run(args, shell),
        Command::Commands => help::run(Cli::command(), shell),
        Command::Explain(args) => explain::run(args, shell),
        Command::Doctor(args) => doctor::run(args, shell),
        Command::Setup(args) => setup::run(args, shell),
        Command::Abi(args) => abi::run(args, shell),
        Command::Completions(args) => complete::run(args, shell),
        Command::Man(args) => man::run(args, shell),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            shell.error(&error, error.hint().as_deref());
            ExitCode::from(error.exit_code())
        }
    }
}

/// Shortens values in the message: after a value of a hundred kilobytes nobody would find the reason.
fn cut(error: &mut clap::Error) {
    let long = error.context().filter_map(|(kind, value)| match value {
        ContextValue::String(value) if value.len() > 200 => {
            Some((kind, report::escape_untrusted(value)))
        }
        _ => None,
    });
    for (kind, value) in long.collect::<Vec<_>>() {
        error.insert(kind, ContextValue::String(value));
        error.remove(ContextKind::Suggested);
    }
}

/// The result of a command: the exit code, or an error.
type Outcome = Result<u8, Error>;

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Cli, help};

    #[test]
    fn help_is_plain_text() {
        for command in help::without_markup(Cli::command()).get_subcommands_mut() {
            let help = command.render_long_help().to_string() + &command.render_help().to_string();
            assert!(!help.contains('`'), "{help}");
        }
    }

    #[test]
    fn each_command_shows_examples_that_are_command_lines() {
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<_> =
                help.lines().filter_map(|line| line.strip_prefix("  cargo tesser ")).collect();
            assert!(!examples.is_empty(), "{}", command.get_name());
            for example in examples {
                let words = example.split_whitespace().map(|word| word.trim_matches('\''));
                let words = ["cargo-tesser"].into_iter().chain(words);
                Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{example}: {error}"));
            }
        }
    }
}
