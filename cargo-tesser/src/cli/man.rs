//! `cargo tesser man`, which `cargo xtask man` calls: a manual page for each command, as `git` has them.

use std::path::PathBuf;

use clap::CommandFactory as _;

use super::{Cli, Outcome, help};
use crate::exit::DONE;
use crate::fs;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder to write the pages to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    fs::create_dir_all(&args.out)?;
    for (name, page) in pages()? {
        let path = args.out.join(name);
        fs::write_atomic(&path, &page)?;
        shell.status("Wrote", path.display());
    }
    Ok(DONE)
}

/// Returns the pages with their file names: `cargo-tesser.1`, `cargo-tesser-new.1` and so on.
fn pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut tool = help::without_markup(Cli::command()).disable_help_subcommand(true);
    tool.build();
    let commands = tool.get_subcommands().filter(|command| !command.is_hide_set());
    let commands: Vec<_> =
        commands.map(|command| (command.get_name().to_owned(), command.clone())).collect();
    let mut pages = vec![page("cargo-tesser", tool)?];
    for (name, command) in commands {
        pages.push(page(&format!("cargo-tesser-{name}"), command)?);
    }
    Ok(pages)
}

fn page(name: &str, command: clap::Command) -> std::io::Result<(String, Vec<u8>)> {
    let mut page = Vec::new();
    let source = concat!("cargo-tesser ", env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(command.version(env!("CARGO_PKG_VERSION")).display_name(name.to_owned()))
        .title(name.to_uppercase())
        .source(source)
        .render(&mut page)?;
    Ok((format!("{name}.1"), page))
}
