//! `new`: name + template + variables -> rendered tree (pure) -> one atomic write.
//!
//! In: a path and what to generate. Out: a crate that builds and passes its tests, a member of the workspace around it
//! if there is one; or nothing at all.

mod error;
mod name;
mod render;
mod sdk;
mod template;
mod variables;
pub(crate) mod workspace;
mod write;

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table};

use crate::fs;
use crate::process;
use crate::shell::Shell;

pub use error::Error;
use name::PackageName;
use render::{Tree, Variables};
pub(crate) use sdk::Sdk;
use template::Template;
pub use template::{Favourites, Kind, Place, Value, Variable};
pub use variables::{ENVIRONMENT, Given};
use workspace::{Joined, Root};
pub use write::Vcs;

/// What to generate and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the new crate.
    pub path: PathBuf,
    /// Package name; the folder's when absent.
    pub name: Option<String>,
    /// A template's name, folder or repository.
    pub template: String,
    /// Path of the template below its folder or repository.
    pub subfolder: Option<PathBuf>,
    /// Values of the template's variables.
    pub given: Given,
    /// `path:DIR`, `git:URL#REV` or a version; found when absent.
    pub sdk: Option<String>,
    /// Whether to make a repository; as cargo does it when absent.
    pub vcs: Option<Vcs>,
    /// Whether to join no workspace.
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

/// Generates the crate; answers its package name.
///
/// # Errors
/// A name or template that is not accepted, a path that is taken, or a failed write.
pub fn new(options: &Options, shell: Shell) -> Result<String, Error> {
    let path = fs::resolved(&options.path)?;
    let name = PackageName::choose(options.name.as_deref(), &path)?;
    name::check_path(&path)?;
    write::check_free(&path)?;
    let around = workspace::enclosing(&path);
    let template = Template::load(&options.template, options.subfolder.as_deref(), shell)?;
    let values = variables::resolve(&template, &options.given, shell)?;
    // A broken manifest above is no concern of a crate that stands alone.
    let (mut root, is_inside) = match (options.standalone, around) {
        (true, around) => (None, !matches!(around, Ok(None))),
        (false, around) => (around?, false),
    };
    if let Some(root) = &root {
        name.check_free(&root.packages())?;
    }
    let sdk = Sdk::choose(options.sdk.as_deref(), &path, root.as_ref())?;
    let target = root.as_ref().map_or_else(String::new, |root| up_to(&root.dir, &path));
    let variables = Variables {
        name: &name,
        sdk: sdk.dependency(&path)?,
        target: format!("{target}target"),
        values: &values,
    };
    let mut tree = render::render(&template, &variables)?;
    let joined = fit_in(&mut tree, root.as_mut(), is_inside, &path, &name)?;
    let placed = write::write(&tree, &path, options.vcs, shell)?;
    if let Some(root) = root.as_ref().filter(|root| root.is_changed()) {
        finish(root, placed)?;
    }
    shell.status(
        "Created",
        format_args!("plugin `{}` from template `{}`", name.package(), template.name),
    );
    report_workspace(root.as_ref(), &joined, shell);
    shell.status("Using", &sdk);
    // `..` behind a folder that is not there was resolved here, but leads nowhere for a shell.
    let shown = if fs::is_there(&options.path) { &options.path } else { &path };
    shell.text(next_commands(shown, &variables.target));
    Ok(name.package().to_owned())
}

/// Makes the crate's manifest one of a member, or one of a workspace of its own where one around it does not list it.
fn fit_in(
    tree: &mut Tree,
    root: Option<&mut Root>,
    is_inside: bool,
    path: &Path,
    name: &PackageName,
) -> Result<Joined, Error> {
    let mut manifest = render::manifest(tree)?;
    let mut joined = Joined::default();
    match root {
        Some(root) if manifest.contains_key("workspace") => {
            let problem = "the template makes a workspace, and cargo knows none within another";
            return Err(Error::Workspace { manifest: root.manifest(), problem: problem.into() });
        }
        Some(root) => joined = root.take_in(&mut manifest, path, name.package())?,
        None if is_inside && !manifest.contains_key("workspace") => stand_alone(&mut manifest),
        None => return Ok(joined),
    }
    if let Some(file) = tree.get_mut("Cargo.toml") {
        file.contents = manifest.to_string().into_bytes();
    }
    Ok(joined)
}

fn stand_alone(manifest: &mut DocumentMut) {
    let mut workspace = Table::new();
    workspace
        .decor_mut()
        .set_prefix("\n# A workspace of its own: the one around it does not list this crate.\n");
    manifest.insert("workspace", Item::Table(workspace));
}

/// The crate is in its place; now the workspace lists it. In the other order a stop in between would leave a workspace
/// that cargo cannot read at all. In this one it is as it was, and `cargo tesser init` lists the crate.
fn finish(root: &Root, placed: write::Placed) -> Result<(), Error> {
    let manifest = root.manifest();
    let changed = || Error::Workspace {
        manifest: manifest.clone(),
        problem: "somebody else has changed it just now; try again".into(),
    };
    // Of two that join at once, one must not lose the other's entry. On Windows nobody could read what is locked.
    let lock = cfg!(unix).then(|| fs::lock(&manifest, || {}));
    let result = match fs::read_text(&manifest) {
        Ok(text) if text != root.text => Err(changed()),
        Ok(_) => {
            let text = workspace::printed(&root.document, &root.text);
            fs::write_atomic(&manifest, text.as_bytes()).map(drop).map_err(Error::from)
        }
        Err(error) => Err(error.into()),
    };
    drop(lock);
    if result.is_err() {
        placed.undo();
    }
    result
}

/// Says what became of the workspace around the crate.
fn report_workspace(root: Option<&Root>, joined: &Joined, shell: Shell) {
    let Some(root) = root else { return };
    let manifest = root.manifest();
    let manifest = manifest.display();
    if joined.listed {
        shell.status("Joined", format_args!("the workspace of `{manifest}`: added to `members`"));
    } else {
        shell.status(
            "Joined",
            format_args!("the workspace of `{manifest}`, which lists it already"),
        );
    }
    if !joined.inherited.is_empty() {
        shell.status("Inherited", joined.inherited.join(", "));
    }
    if !joined.settings.is_empty() {
        shell
            .status("Added", format_args!("`{}` to `{manifest}`", joined.settings.join("` and `")));
    }
    for note in &joined.notes {
        shell.note(note);
    }
}

/// All templates, built in and of the user's own, the default one first.
///
/// # Errors
/// The list of the user's own cannot be read or understood.
pub fn list() -> Result<Vec<Listed>, Error> {
    let mut all = Vec::new();
    for built_in in &tesser_templates::ALL {
        let template = Template::built_in(built_in.name)?;
        let place = Place::BuiltIn(built_in.name);
        all.push(Listed { name: template.name, description: template.description, place });
    }
    for (name, description, place) in Favourites::load()?.list() {
        all.push(Listed { name: name.into(), description: description.into(), place });
    }
    Ok(all)
}

/// A line for each variable of a template.
///
/// # Errors
/// There is no such template, or it cannot be read.
pub fn variables(template: &str, subfolder: Option<&Path>, shell: Shell) -> Result<String, Error> {
    let template = Template::load(template, subfolder, shell)?;
    Ok(format!("{}{}\n", template.description, variables::described(&template)))
}

/// The source file and manifest of the smallest plugin, for a crate that has none.
pub(crate) fn smallest(name: &str, sdk: String) -> Result<(Vec<u8>, DocumentMut), Error> {
    let template = Template::built_in("blank")?;
    let name = PackageName::existing(name);
    let variables = Variables { name: &name, sdk, target: "target".into(), values: &[] };
    let mut tree = render::render(&template, &variables)?;
    let manifest = render::manifest(&tree)?;
    let source = tree.remove("src/lib.rs").map(|file| file.contents).unwrap_or_default();
    Ok((source, manifest))
}

/// `../` for each folder from `path` up to `dir`.
fn up_to(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir)
        .map_or_else(|_| String::new(), |below| "../".repeat(below.components().count()))
}

/// The three commands that come next.
fn next_commands(path: &Path, target: &str) -> String {
    let test = "cargo test";
    let build = "cargo tesser build --release";
    let commands = if fs::absolute(path).is_ok_and(|path| fs::is_current_dir(&path)) {
        [test.into(), build.into(), format!("cargo tesser validate {target}/tesser/release")]
    } else {
        // A leading dash would be a flag.
        let dash = path.as_os_str().as_encoded_bytes().starts_with(b"-");
        let path = if dash { Path::new(".").join(path) } else { path.to_owned() };
        [format!("cd {}", process::quoted(path.as_os_str())), test.into(), build.into()]
    };
    format!("\nNext:\n  {}", commands.join("\n  "))
}
