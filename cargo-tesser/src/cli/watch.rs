//! `cargo tesser watch`: runs `build` again after every change.

use std::time::Duration;

use super::{Outcome, Terminal, build};
use crate::build::scope;
use crate::error::Error;
use crate::exit::{INTERRUPTED, USAGE};
use crate::fs::Watcher;
use crate::process;
use crate::shell::Shell;
use crate::test;

/// How often to check for an interrupt.
const TICK: Duration = Duration::from_millis(100);

#[derive(Debug, clap::Args)]
#[group(id = "watch")]
pub(super) struct Args {
    /// Also test the plugins, as `cargo tesser test` does; those that fail are not installed into `--out-dir`. The default
    /// profile is then `release`
    #[arg(long)]
    test: bool,
    #[command(flatten)]
    build: build::Args,
}

/// Returns after an interrupt, or with an error if nothing can be watched.
pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    let mut build = args.build.clone();
    build.is_repeated = true;
    if args.test {
        build.release_by_default();
    }
    let options = build.options(terminal);
    let mut watcher = watch(scope(&options, shell)?)?;
    let mut in_place = false;
    loop {
        let result = round(&build, args.test, terminal, shell);
        if process::is_interrupted() {
            return Ok(INTERRUPTED);
        }
        match result {
            Ok(()) => in_place = true,
            // Changing a source cannot fix the command line.
            Err(error) if !in_place && error.exit_code() == USAGE => return Err(error),
            Err(error) => {
                shell.error(&error, error.hint().as_deref());
                if in_place {
                    shell.note("the previous plugin is still installed");
                }
            }
        }
        // There may be a new path dependency, or the first build may have made the plan.
        let now = scope(&options, shell).unwrap_or_else(|_| watcher.scope().clone());
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

/// Builds and installs; with `test`, only plugins that pass their tests.
fn round(args: &build::Args, test: bool, terminal: &Terminal, shell: Shell) -> Result<(), Error> {
    if test {
        let mut options = args.options(terminal);
        // A plugin that fails must not be where a host looks.
        options.out_dir = None;
        let options = test::Options { build: options, ..test::Options::default() };
        let report = test::test(&options, shell, &mut |_| {}).inspect_err(|error| {
            if let test::Error::Build(error) = error {
                build::show_report(error, shell);
            }
        })?;
        shell.report(&test::human(&report));
        if report.failed().next().is_some() {
            if !args.has_no_place() {
                shell.note("a test failed, so nothing was installed into `--out-dir`");
            }
            return Ok(());
        }
        if args.has_no_place() {
            return Ok(());
        }
    }
    build::run(args, terminal, shell).map(drop)
}

fn watch(scope: crate::fs::Scope) -> Result<Watcher, Error> {
    Ok(Watcher::new(scope).map_err(crate::build::Error::from)?)
}
