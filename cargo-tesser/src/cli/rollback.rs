//! `cargo tesser rollback`.

use std::path::PathBuf;
use std::time::SystemTime;

use super::{Outcome, build};
use crate::build::Rollback;
use crate::error::DONE;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name of the plugin: its file without `.wasm`
    name: String,
    /// The folder that it was installed into with `build --out-dir DIR --keep N`
    #[arg(long, value_name = "DIR", default_value = ".")]
    out_dir: PathBuf,
    /// Put the version back whose hash begins so, instead of the latest
    #[arg(long, value_name = "HASH", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    to: Option<String>,
    /// List the versions that are kept, the latest first, and change nothing
    #[arg(long, conflicts_with = "to")]
    list: bool,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let rollback =
        Rollback { name: args.name.clone(), dir: args.out_dir.clone(), to: args.to.clone() };
    if args.list {
        let versions = rollback.versions()?.1;
        if versions.is_empty() {
            let (name, dir) = (&args.name, args.out_dir.display());
            shell.note(format_args!("no version of `{name}` is kept in `{dir}`"));
        }
        for version in versions {
            let undone = if version.undone { "  rolled back" } else { "" };
            let age = version.since.and_then(|since| SystemTime::now().duration_since(since).ok());
            let age = age
                .map_or_else(String::new, |age| format!("  put aside {} ago", told(age.as_secs())));
            shell.data(&format!("{}  {} bytes{age}{undone}\n", version.hash, version.size))?;
        }
        return Ok(DONE);
    }
    let (place, version) = rollback.run().inspect_err(|error| build::show_report(error, shell))?;
    let size = version.size;
    shell.status(
        "Installed",
        format_args!("{} ({size} bytes, sha256 {})", place.display(), version.hash),
    );
    Ok(DONE)
}

/// Seconds, in the largest unit that fits.
fn told(seconds: u64) -> String {
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    let unit = units.into_iter().find(|(length, _)| seconds >= 2 * length);
    let (length, name) = unit.unwrap_or((1, "seconds"));
    format!("{} {name}", seconds / length)
}
