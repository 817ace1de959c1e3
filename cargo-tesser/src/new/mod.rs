//! `new`: name + template + variables -> rendered tree (pure) -> one atomic write.
//!
//! In: a path and what to generate. Out: a crate that builds and passes its tests, as a member of the enclosing workspace
//! if there is one; or nothing at all.

mod error;
mod join;
mod name;
mod render;
mod template;
mod variables;
mod workflow;
mod write;

use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use crate::fs;
use crate::process;
use crate::shell::Shell;
use crate::workspace::{EnclosingWorkspace, Root, Sdk};

pub use error::Error;
use name::PackageName;
use render::Variables;
use template::Template;
pub use template::{Kind, Place, UserTemplates, Value, Variable};
pub use variables::{ENVIRONMENT, Given};
use workflow::Workflow;
pub use write::Vcs;

/// Options of `new`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the new crate.
    pub path: PathBuf,
    /// Package name; by default the folder's name.
    pub name: Option<String>,
    /// A template's name, folder or repository.
    pub template: String,
    /// Path of the template below its folder or repository.
    pub subfolder: Option<PathBuf>,
    /// Values of the template's variables.
    pub given: Given,
    /// Source of the SDK: `path:DIR`, `git:URL#REV` or a version; by default it is found.
    pub sdk: Option<String>,
    /// Whether to create a repository; by default as cargo does.
    pub vcs: Option<Vcs>,
    /// Whether to not join a workspace.
    pub standalone: bool,
}

/// A template as `--list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// One line.
    pub description: String,
    /// Where it is.
    pub place: Place,
}

/// Generates the crate; returns its package name.
///
/// # Errors
/// If the name or template is not accepted, the path exists, or writing fails.
pub fn new(options: &Options, shell: Shell) -> Result<String, Error> {
    let path = fs::resolved(&options.path)?;
    let name = PackageName::choose(options.name.as_deref(), &path)?;
    name::check_path(&path)?;
    write::check_free(&path)?;
    let mut around = EnclosingWorkspace::of(&path, options.standalone)?;
    name.check_free(&around.root().map(Root::packages).unwrap_or_default())?;
    let sdk = Sdk::choose(options.sdk.as_deref(), &path, &around)?;
    let template = Template::load(&options.template, options.subfolder.as_deref(), shell)?;
    let values = variables::resolve(&template, &options.given, shell)?;
    let variables = Variables {
        name: &name,
        sdk: sdk.dependency(&path)?,
        target: join::target(&around, &path),
        values: &values,
    };
    let mut tree = render::render(&template, &variables)?;
    let workflow = Workflow::take(&mut tree, &path, &name, &around, options.vcs, shell);
    let joined = join::fit(&mut around, &mut tree, &path, name.package())?;
    let placed = write::write(&tree, &path, options.vcs, shell)?;
    let written = match workflow.as_ref().map(Workflow::write).transpose() {
        Ok(written) => written == Some(true),
        Err(error) => {
            placed.undo();
            return Err(error);
        }
    };
    join::finish(&around, placed)?;
    shell.status(
        "Created",
        format_args!("plugin `{}` from template `{}`", name.package(), template.name),
    );
    join::report(&around, &joined, shell);
    if let Some(workflow) = workflow {
        workflow.report(written, shell);
    }
    shell.status("Using", &sdk);
    // `..` after a folder that does not exist was resolved here, but does not work in a shell.
    let shown = if fs::is_there(&options.path) { &options.path } else { &path };
    shell.text(next_commands(shown, &variables.target));
    Ok(name.package().to_owned())
}

/// Returns all templates, built-in ones and the user's own, the default one first.
///
/// # Errors
/// If the list of the user's own templates cannot be read or parsed.
pub fn list() -> Result<Vec<Listed>, Error> {
    let mut all = Vec::new();
    for built_in in &tesser_templates::ALL {
        let template = Template::built_in(built_in.name)?;
        let place = Place::BuiltIn(built_in.name);
        all.push(Listed { name: template.name, description: template.description, place });
    }
    for (name, description, place) in UserTemplates::load()?.list() {
        all.push(Listed { name: name.into(), description: description.into(), place });
    }
    Ok(all)
}

/// Returns a line for each variable of a template.
///
/// # Errors
/// If there is no such template, or it cannot be read.
pub fn variables(template: &str, subfolder: Option<&Path>, shell: Shell) -> Result<String, Error> {
    let template = Template::load(template, subfolder, shell)?;
    Ok(format!("{}{}\n", template.description, variables::described(&template)))
}

/// Returns the source file and manifest of a minimal plugin, for a crate that has none.
pub(crate) fn minimal_plugin(name: &str, sdk: String) -> Result<(Vec<u8>, DocumentMut), Error> {
    let template = Template::built_in("blank")?;
    let name = PackageName::existing(name);
    let variables = Variables { name: &name, sdk, target: "target".into(), values: &[] };
    let mut tree = render::render(&template, &variables)?;
    let manifest = render::manifest(&tree)?;
    let source = tree.remove("src/lib.rs").map(|file| file.contents).unwrap_or_default();
    Ok((source, manifest))
}

/// Returns the three next commands.
fn next_commands(path: &Path, target: &str) -> String {
    let test = "cargo test";
    let build = "cargo tesser build --release";
    let commands = if fs::absolute(path).is_ok_and(|path| fs::is_current_dir(&path)) {
        [test.into(), build.into(), format!("cargo tesser validate {target}/tesser/release")]
    } else {
        // A path with a leading dash would be a flag.
        let dash = path.as_os_str().as_encoded_bytes().starts_with(b"-");
        let path = if dash { Path::new(".").join(path) } else { path.to_owned() };
        [format!("cd {}", process::quoted(path.as_os_str())), test.into(), build.into()]
    };
    format!("\nNext:\n  {}", commands.join("\n  "))
}
