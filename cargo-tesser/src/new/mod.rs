//! `new`: name + template + variables -> rendered tree (pure) -> one atomic write.
//!
//! In: a path and what to generate. Out: a crate that builds and passes its tests, or nothing at all.

mod error;
mod name;
mod render;
mod sdk;
mod write;

use std::path::{Path, PathBuf};

use crate::fs;
use crate::shell::Shell;

pub use error::Error;
use name::PackageName;
use render::Variables;
use sdk::Sdk;
pub use write::Vcs;

/// What to generate and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the new crate.
    pub path: PathBuf,
    /// Package name; the folder's when absent.
    pub name: Option<String>,
    /// Name of the template.
    pub template: String,
    /// `path:DIR`, `git:URL#REV` or a version; found when absent.
    pub sdk: Option<String>,
    /// Whether to make a repository; as cargo does it when absent.
    pub vcs: Option<Vcs>,
}

/// A template as `--list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// One line.
    pub description: String,
}

/// Generates the crate; answers its package name.
///
/// # Errors
/// A name or template that is not accepted, a path that is taken, or a failed write.
pub fn new(options: &Options, shell: Shell) -> Result<String, Error> {
    let path = fs::absolute(&options.path)?;
    let name = PackageName::choose(options.name.as_deref(), &path)?;
    let template = template(&options.template)?;
    write::check_free(&path)?;
    let sdk = Sdk::choose(options.sdk.as_deref(), &path)?;
    let variables = Variables { name: &name, sdk: sdk.dependency(&path) };
    let tree = render::render(template, &variables, write::enclosing_workspace(&path))?;
    write::write(&tree, &path, options.vcs, shell)?;
    shell.status(
        "Created",
        format_args!("plugin `{}` from template `{}`", name.package(), template.name),
    );
    shell.status("Using", &sdk);
    shell.text(next_commands(&options.path));
    Ok(name.package().to_owned())
}

/// All templates, the default one first.
pub fn list() -> Vec<Listed> {
    let description = |template: &tesser_templates::Template| {
        let manifest = template.manifest().parse::<toml_edit::DocumentMut>().unwrap_or_default();
        manifest.get("description").and_then(|item| item.as_str()).unwrap_or_default().to_owned()
    };
    let listed = |template: &tesser_templates::Template| Listed {
        name: template.name,
        description: description(template),
    };
    tesser_templates::ALL.iter().map(listed).collect()
}

fn template(name: &str) -> Result<&'static tesser_templates::Template, Error> {
    let found = tesser_templates::ALL.iter().find(|template| template.name == name);
    found.ok_or_else(|| {
        let known: Vec<_> = tesser_templates::ALL.iter().map(|template| template.name).collect();
        Error::UnknownTemplate { name: name.to_owned(), known: known.join(", ") }
    })
}

fn next_commands(path: &Path) -> String {
    let cd = if path == Path::new(".") {
        String::new()
    } else {
        format!("\n  cd {}", crate::process::quoted(path.as_os_str()))
    };
    format!("\nNext:{cd}\n  cargo test\n  cargo tesser build --release")
}
