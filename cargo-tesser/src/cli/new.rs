//! `cargo tesser new`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Outcome;
use crate::error::DONE;
use crate::new;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of the new crate
    #[arg(required_unless_present = "list")]
    path: Option<PathBuf>,
    /// Template to start from; see --list
    #[arg(long, default_value = "chase")]
    template: String,
    /// Package name [default: the folder's name]
    #[arg(long)]
    name: Option<String>,
    /// Where tesser-wasm comes from: path:DIR, git:URL#REV or a version [default: the checkout around
    /// the crate or the tool, else the published version]
    #[arg(long, value_name = "SOURCE")]
    sdk: Option<String>,
    /// Version control [default: git, unless there is a repository around the crate]
    #[arg(long, value_enum)]
    vcs: Option<Vcs>,
    /// List the templates
    #[arg(long)]
    list: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Vcs {
    Git,
    None,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let (Some(path), false) = (&args.path, args.list) else {
        for template in new::list() {
            shell.data(&format!("{:<14} {}\n", template.name, template.description))?;
        }
        return Ok(DONE);
    };
    let options = new::Options {
        path: path.clone(),
        name: args.name.clone(),
        template: args.template.clone(),
        sdk: args.sdk.clone(),
        vcs: args.vcs.map(|vcs| match vcs {
            Vcs::Git => new::Vcs::Git,
            Vcs::None => new::Vcs::None,
        }),
    };
    new::new(&options, shell)?;
    Ok(DONE)
}
