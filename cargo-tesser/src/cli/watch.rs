//! `cargo tesser watch`: runs `build` again after every change, and then what was asked for.

mod pages;

use std::path::PathBuf;
use std::time::Duration;

use clap::Command;

use self::pages::Pages;
use super::replay::Run;
use super::{Outcome, Terminal, build};
use crate::build::{Artifact, scope};
use crate::error::Error;
use crate::exit::{INTERRUPTED, USAGE};
use crate::fs::{Scope, Watcher};
use crate::process;
use crate::shell::Shell;
use crate::test;

/// How often to check for an interrupt.
const TICK: Duration = Duration::from_millis(100);

/// Flags of a replay that the help of `watch` has; `replay --help` has all.
const SHOWN: [&str; 4] = ["report", "quantity", "side", "params"];

#[derive(Debug, clap::Args)]
#[group(id = "watch")]
pub(super) struct Args {
    /// Also test the plugins, as `cargo tesser test` does; those that fail are not installed into `--out-dir`. The default
    /// profile is then `release`
    #[arg(long)]
    test: bool,
    /// Replay the plugin over this tape after each build, as `cargo tesser replay` does, and write a page that an open browser
    /// loads anew by itself
    #[arg(long = "replay", value_name = "TAPE", conflicts_with_all = ["dry_run", "verify"])]
    tape: Option<PathBuf>,
    #[command(flatten)]
    build: build::Args,
    #[command(flatten)]
    replayed: Replayed,
}

/// The flags of a replay, which mean nothing without one.
#[derive(Debug)]
struct Replayed {
    report: PathBuf,
    run: Run,
}

/// As clap has them.
#[derive(Debug, clap::Args)]
#[group(id = "replayed")]
struct Flags {
    /// The page of `--replay`
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    report: PathBuf,
    #[command(flatten)]
    run: Run,
}

impl clap::FromArgMatches for Replayed {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        let Flags { report, run } = Flags::from_arg_matches(matches)?;
        Ok(Self { report, run })
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for Replayed {
    fn augment_args(command: Command) -> Command {
        let others: Vec<_> = command.get_arguments().map(|arg| arg.get_id().clone()).collect();
        let command = Flags::augment_args(command);
        command.mut_args(|arg| {
            if others.contains(arg.get_id()) {
                return arg;
            }
            let is_shown = SHOWN.contains(&arg.get_id().as_str());
            arg.requires("tape")
                .hide(!is_shown)
                .help_heading("With --replay; more flags are those of cargo tesser replay")
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Returns after an interrupt, or with an error if nothing can be watched.
pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    let tape = args.tape.as_ref();
    let mut pages = tape.map(|tape| Pages::new(tape, &args.replayed)).transpose()?;
    let outcome = repeat(args, pages.as_mut(), terminal, shell);
    if let Some(pages) = pages {
        pages.close()?;
    }
    outcome
}

fn repeat(
    args: &Args,
    mut pages: Option<&mut Pages>,
    terminal: &Terminal,
    shell: Shell,
) -> Outcome {
    let mut build = args.build.clone();
    build.is_repeated = true;
    if args.test {
        build.release_by_default();
    }
    let options = build.options(terminal);
    let written = pages.as_ref().map_or_else(Vec::new, |pages| pages.files());
    let mut watcher = watch(scope(&options, shell)?.without(&written))?;
    let mut in_place = false;
    loop {
        let result = round(&build, args.test, pages.as_deref_mut(), terminal, shell);
        if process::is_interrupted() {
            return Ok(INTERRUPTED);
        }
        match result {
            Ok(()) => in_place = true,
            // Changing a source cannot fix the command line.
            Err(error) if !in_place && error.exit_code() == USAGE => return Err(error),
            Err(error) => {
                shell.error(&error, error.hint().as_deref());
                if let Some(pages) = &pages {
                    pages.failed(&error.to_string(), shell)?;
                }
                if in_place {
                    shell.note("the previous plugin is still installed");
                }
            }
        }
        // Another path dependency may have come, or the first build made the plan.
        let now = scope(&options, shell).map(|scope| scope.without(&written));
        let now = now.unwrap_or_else(|_| watcher.scope().clone());
        if now != *watcher.scope() {
            watcher = watch(now)?;
            continue;
        }
        shell.status("Watching", format_args!("{}; press ctrl-c to stop", now.name()));
        let path = loop {
            if process::is_interrupted() {
                return Ok(INTERRUPTED);
            }
            if let Some(path) = watcher.changed(TICK).map_err(crate::build::Error::from)? {
                break path;
            }
        };
        shell.status("Changed", path.display());
    }
}

/// Builds and installs; with `test`, what passes its tests. Then the replay.
fn round(
    args: &build::Args,
    test: bool,
    pages: Option<&mut Pages>,
    terminal: &Terminal,
    shell: Shell,
) -> Result<(), Error> {
    if test && !passes(args, terminal, shell)? {
        if let Some(pages) = pages {
            pages.failed("a test failed", shell)?;
        }
        return Ok(());
    }
    if test && args.has_no_place() && pages.is_none() {
        return Ok(());
    }
    let artifacts = build::make(args, terminal, shell)?;
    match pages {
        Some(pages) => pages.replay(one(artifacts)?, shell),
        None => Ok(()),
    }
}

fn one(mut artifacts: Vec<Artifact>) -> Result<Artifact, Error> {
    match artifacts.pop() {
        Some(artifact) if artifacts.is_empty() => Ok(artifact),
        last => {
            let names = artifacts.into_iter().chain(last).map(|artifact| artifact.name).collect();
            Err(crate::build::Error::SeveralPlugins { names }.into())
        }
    }
}

/// Whether all tests pass.
fn passes(args: &build::Args, terminal: &Terminal, shell: Shell) -> Result<bool, Error> {
    let mut options = args.options(terminal);
    // What fails must not be where a host looks.
    options.out_dir = None;
    let options = test::Options { build: options, ..test::Options::default() };
    let report = test::test(&options, shell, &mut |_| {}).inspect_err(|error| {
        if let test::Error::Build(error) = error {
            build::show_report(error, shell);
        }
    })?;
    shell.report(&test::human(&report));
    let failed = report.failed().next().is_some();
    if failed && !args.has_no_place() {
        shell.note("a test failed, so nothing was installed into `--out-dir`");
    }
    Ok(!failed)
}

fn watch(scope: Scope) -> Result<Watcher, Error> {
    Ok(Watcher::new(scope).map_err(crate::build::Error::from)?)
}
