//! `cargo tesser rollback`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::{Outcome, build};
use crate::exit::DONE;
use crate::plugin::PluginMetadata;
use crate::report;
use crate::rollback::{Listed, Rollback, State};
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name of the plugin: its file name without `.wasm`
    name: String,
    /// Folder into which it was installed with `build --out-dir DIR --keep N`
    #[arg(long, value_name = "DIR", default_value = ".")]
    out_dir: PathBuf,
    /// Restore the version whose hash begins with this, instead of the latest
    #[arg(long, value_name = "HASH", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    to: Option<String>,
    /// List the installed version and the kept ones, the latest first, without changing anything
    #[arg(long, conflicts_with = "to")]
    list: bool,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let rollback =
        Rollback { name: args.name.clone(), dir: args.out_dir.clone(), to: args.to.clone() };
    if args.list {
        return list(&rollback, shell);
    }
    let (place, version) = rollback.run().inspect_err(|error| build::show_report(error, shell))?;
    let size = version.size;
    shell.status(
        "Installed",
        format_args!("{} ({size} bytes, sha256 {})", place.display(), version.hash),
    );
    Ok(DONE)
}

/// Prints a line for each version: hash, version, commit, install time, size and state.
fn list(rollback: &Rollback, shell: Shell) -> Outcome {
    let all = rollback.list()?;
    if all.iter().all(|version| version.state == State::Installed) {
        let (name, dir) = (&rollback.name, rollback.dir.display());
        shell.note(format_args!("no version of `{name}` is kept in `{dir}`"));
    }
    let rows: Vec<_> = all.iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3, 4].map(width);
    for [hash, version, commit, time, size, state] in &rows {
        let [w0, w1, w2, w3, w4] = widths;
        shell.data(&format!(
            "{hash:w0$}  {version:w1$}  {commit:w2$}  {time:w3$}  {size:>w4$} bytes  {state}\n"
        ))?;
    }
    Ok(DONE)
}

fn row(listed: &Listed) -> [String; 6] {
    let of = |word: &dyn Fn(&PluginMetadata) -> Option<String>| {
        let word = listed.metadata.as_ref().and_then(word);
        word.map_or_else(|| "-".into(), |word| report::visible(&word))
    };
    let time = listed.installed.map(DateTime::<Utc>::from);
    [
        listed.hash.clone(),
        of(&|metadata| Some(metadata.version.clone())),
        of(&|metadata| metadata.revision.as_ref().map(|commit| format!("{commit:.12}"))),
        time.map_or_else(|| "-".into(), |time| time.format("%Y-%m-%d %H:%M:%SZ").to_string()),
        listed.size.to_string(),
        listed.state.to_string(),
    ]
}
