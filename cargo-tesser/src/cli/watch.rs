//! `cargo tesser watch`: `build` once more whenever something has changed.

use std::time::Duration;

use super::build::Args;
use super::{Outcome, Terminal, build};
use crate::build::scope;
use crate::error::Error;
use crate::fs::Watcher;
use crate::process;
use crate::shell::Shell;

/// How often it is seen whether the user wants to stop.
const TICK: Duration = Duration::from_millis(100);

/// Ends by an interrupt alone, or when nothing can be watched.
pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    let options = args.options(terminal);
    let mut watcher = watch(scope(&options, shell)?)?;
    loop {
        if let Err(error) = build::run(args, terminal, shell) {
            stop_if_asked()?;
            shell.error(&error, error.hint().as_deref());
            shell.note("the plugin that was there is still in place");
        }
        stop_if_asked()?;
        // Another path dependency may have come, or the first build made the plan.
        let now = scope(&options, shell)?;
        if now != *watcher.scope() {
            watcher = watch(now)?;
            continue;
        }
        shell.status("Watching", format_args!("{}; ctrl-c ends it", now.name()));
        let path = loop {
            stop_if_asked()?;
            if let Some(path) = watcher.changed(TICK).map_err(crate::build::Error::from)? {
                break path;
            }
        };
        shell.status("Changed", path.display());
    }
}

fn watch(scope: crate::fs::Scope) -> Result<Watcher, Error> {
    Ok(Watcher::new(scope).map_err(crate::build::Error::from)?)
}

fn stop_if_asked() -> Result<(), Error> {
    Ok(process::check_interrupted().map_err(crate::build::Error::from)?)
}
