//! `cargo tesser new`.

use std::path::PathBuf;

use clap::ValueEnum;
use clap_complete::ArgValueCandidates;

use super::{Outcome, complete};
use crate::exit::DONE;
use crate::new;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of the new crate
    #[arg(required_unless_present = "list")]
    path: Option<PathBuf>,
    /// Template to start from: a name of --list, path:DIR or git:URL#REF [default: chase]
    #[arg(long, add = ArgValueCandidates::new(complete::templates))]
    template: Option<String>,
    /// Path of the template below its folder or repository
    #[arg(long, value_name = "DIR")]
    subfolder: Option<PathBuf>,
    /// Package name [default: the folder's name]
    #[arg(long)]
    name: Option<String>,
    /// Value of a variable of the template
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// TOML file with values for the template's variables
    #[arg(long, value_name = "FILE")]
    values: Option<PathBuf>,
    /// Do not ask: variables that are not given get their defaults
    #[arg(long)]
    defaults: bool,
    /// Where tesser-wasm comes from: path:DIR, git:URL#REV or a version [default: the enclosing
    /// workspace's, or the checkout around the crate or the tool, or the published version]
    #[arg(long, value_name = "SOURCE")]
    sdk: Option<String>,
    /// Version control [default: git, unless the crate is inside of a repository]
    #[arg(long, value_enum)]
    vcs: Option<Vcs>,
    /// Do not join the enclosing cargo workspace
    #[arg(long)]
    standalone: bool,
    /// List the templates; with --template, its variables
    #[arg(long)]
    list: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Vcs {
    Git,
    None,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it must have the form NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let (Some(path), false) = (&args.path, args.list) else {
        shell.data(&listing(args, shell)?)?;
        return Ok(DONE);
    };
    let options = new::Options {
        path: path.clone(),
        name: args.name.clone(),
        template: args.template.clone().unwrap_or_else(|| tesser_templates::ALL[0].name.into()),
        subfolder: args.subfolder.clone(),
        given: new::Given {
            set: args.set.clone(),
            file: args.values.clone(),
            environment: environment(),
            ask: !args.defaults,
        },
        sdk: args.sdk.clone(),
        vcs: args.vcs.map(|vcs| match vcs {
            Vcs::Git => new::Vcs::Git,
            Vcs::None => new::Vcs::None,
        }),
        standalone: args.standalone,
    };
    new::new(&options, shell)?;
    Ok(DONE)
}

/// Reads variables from the environment: `TESSER_VAR_CLIP_SIZE=1` sets `clip_size`.
fn environment() -> std::collections::BTreeMap<String, String> {
    let all = std::env::vars_os();
    let ours = all.filter_map(|(key, value)| {
        let name = key.to_str()?.strip_prefix(new::ENVIRONMENT)?.to_lowercase();
        Some((name, value.to_string_lossy().into_owned()))
    });
    ours.collect()
}

fn listing(args: &Args, shell: Shell) -> Result<String, new::Error> {
    if let Some(template) = &args.template {
        let variables = new::variables(template, args.subfolder.as_deref(), shell)?;
        return Ok(crate::report::visible(&variables));
    }
    let all = new::list()?;
    let widest = all.iter().map(|template| template.name.chars().count()).max().unwrap_or(0);
    let line = |template: &new::Listed| {
        let place = match &template.place {
            new::Place::BuiltIn(_) => String::new(),
            place => format!(" ({place})"),
        };
        let line = format!("{:<widest$}  {}{place}", template.name, template.description);
        crate::report::line(&line) + "\n"
    };
    Ok(all.iter().map(line).collect())
}
