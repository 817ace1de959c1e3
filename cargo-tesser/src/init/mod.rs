//! `init`: an existing crate -> the same crate as a plugin.
//!
//! In: a crate's folder. Out: its manifest with the keys that a plugin needs, its entry in the enclosing workspace, and a
//! first source file if it has none. Existing content is never changed, so a second run does nothing.

mod merge;
mod present;

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use crate::exit::FAILED;
use crate::fs;
use crate::new;
use crate::shell::Shell;
use crate::workspace::{self, EnclosingWorkspace, JoinReport, Root, Sdk, printed};

/// Options of `init`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the crate.
    pub path: PathBuf,
    /// Source of the SDK for a crate that has none: `path:DIR`, `git:URL#REV` or a version; by default it is found.
    pub sdk: Option<String>,
    /// Whether to only print what would be changed.
    pub dry_run: bool,
}

/// Why `init` changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no crate.
    #[error("`{}` is not a crate: {problem}", .path.display())]
    NoCrate {
        /// The folder.
        path: PathBuf,
        /// What it lacks.
        problem: &'static str,
    },
    /// The manifest is not valid TOML.
    #[error("cannot parse `{}`", .manifest.display())]
    Manifest {
        /// The manifest.
        manifest: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml_edit::TomlError>,
    },
    /// A value in the manifest is in the way.
    #[error("`{}` cannot be completed: {problem}", .manifest.display())]
    Shape {
        /// The manifest.
        manifest: PathBuf,
        /// What is in the way.
        problem: String,
    },
    /// An error of the part shared with `new`.
    #[error(transparent)]
    New(#[from] new::Error),
    /// The enclosing workspace, or the SDK.
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    /// A file cannot be read or written.
    #[error(transparent)]
    Fs(#[from] fs::Error),
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::New(error) => error.exit_code(),
            Self::Workspace(error) => error.exit_code(),
            _ => FAILED,
        }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoCrate { .. } => Some(
                "`cargo tesser new <PATH>` creates a crate; `init` needs the folder of a package"
                    .into(),
            ),
            Self::Manifest { .. } => Some("cargo cannot parse it either; fix it first".into()),
            Self::Shape { .. } => Some("write it in the usual form, and try again".into()),
            Self::New(error) => error.hint(),
            Self::Workspace(error) => error.hint(),
            Self::Fs(error) => error.hint(),
        }
    }
}

/// Completes the crate and prints what was changed.
///
/// # Errors
/// If there is no crate, its manifest cannot be parsed, or a file cannot be written.
pub fn init(options: &Options, shell: Shell) -> Result<(), Error> {
    let path = fs::resolved(&options.path)?;
    let manifest_path = path.join("Cargo.toml");
    let no_crate = |problem| Error::NoCrate { path: path.clone(), problem };
    if !fs::is_there(&manifest_path) {
        return Err(no_crate("it has no `Cargo.toml`"));
    }
    let before = fs::read_text(&manifest_path)?;
    let mut manifest: DocumentMut = before.parse().map_err(|source| Error::Manifest {
        manifest: manifest_path.clone(),
        source: Box::new(source),
    })?;
    let package = manifest.get("package").and_then(|it| it.get("name")).and_then(Item::as_str);
    let package = package.ok_or_else(|| no_crate("its `Cargo.toml` has no package"))?.to_owned();
    let source = missing_source(&manifest, &path);
    let mut around = around(&manifest, &path)?;
    let sdk = Sdk::choose(options.sdk.as_deref(), &path, &around)?;
    let (text, mut wanted) = new::minimal_plugin(&package, sdk.dependency(&path)?)?;
    let mut renamed = present::renamed(&manifest);
    let joined = match &mut around {
        EnclosingWorkspace::Joined(root) => {
            renamed = present::renamed(&root.document);
            // The package table is the crate's own.
            wanted.remove("package");
            merge::leave_out_what_is_there(&mut wanted, &manifest, &renamed);
            root.take_in(&mut wanted, &path, &package)?
        }
        _ => JoinReport::default(),
    };
    let root = around.root();
    let mut changes = merge::merge(&mut manifest, &wanted, source.is_some(), &renamed)
        .map_err(|problem| Error::Shape { manifest: manifest_path.clone(), problem })?;
    let after = printed(&manifest, &before);
    say(&changes, root, &joined, source.as_deref(), shell);
    if changes.has_new_sdk {
        shell.status("Using", &sdk);
    }
    let is_changed = after != before || source.is_some() || root.is_some_and(Root::is_changed);
    if is_changed {
        changes.notes.extend(joined.notes);
    }
    if let Some(note) = missing_export(&manifest, &path).filter(|_| source.is_none()) {
        changes.notes.push(note);
    }
    for note in &changes.notes {
        shell.note(note);
    }
    if !is_changed {
        shell.status(
            "Finished",
            format_args!(
                "the manifest of `{package}` already has everything that a plugin needs; nothing was changed"
            ),
        );
    } else if options.dry_run {
        shell.status("Finished", "dry run: nothing was changed");
    } else {
        write(root, &manifest_path, &after, source.as_deref().map(|path| (path, &text[..])))?;
        shell.text("\nNext:\n  cargo test\n  cargo tesser build --release\n  git diff");
    }
    Ok(())
}

/// The library's source.
fn library(manifest: &DocumentMut) -> &str {
    let given = manifest.get("lib").and_then(|lib| lib.get("path")).and_then(Item::as_str);
    given.unwrap_or("src/lib.rs")
}

/// Returns the path of the library's source, if the file does not exist.
fn missing_source(manifest: &DocumentMut, path: &Path) -> Option<PathBuf> {
    let source = path.join(library(manifest));
    (!fs::is_there(&source)).then_some(source)
}

/// Returns what a library still lacks that `init` does not add.
fn missing_export(manifest: &DocumentMut, path: &Path) -> Option<String> {
    let name = library(manifest);
    let text = fs::read_text(&path.join(name)).ok()?;
    (!text.contains("export_plugin!")).then(|| {
        format!(
            "`{name}` has no `export_plugin!`; `cargo tesser build` needs one there or in one of its modules"
        )
    })
}

/// Returns the workspace that the crate belongs to, unless the crate itself is its root.
fn around(manifest: &DocumentMut, path: &Path) -> Result<EnclosingWorkspace, Error> {
    if manifest.contains_key("workspace") {
        return Ok(EnclosingWorkspace::Nothing);
    }
    Ok(match workspace::named(manifest, path)? {
        Some(root) => EnclosingWorkspace::Joined(root),
        None => EnclosingWorkspace::of(path, false)?,
    })
}

/// Writes the root first: it may list a crate that is not a plugin yet. Writes the source last: if this is interrupted, the next
/// run still finds that it is missing.
fn write(
    root: Option<&Root>,
    manifest: &Path,
    text: &str,
    source: Option<(&Path, &[u8])>,
) -> Result<(), Error> {
    let mut staged = Vec::new();
    if let Some(root) = root.filter(|root| root.is_changed()) {
        let text = printed(&root.document, &root.text);
        staged.extend(fs::stage(&root.manifest(), text.as_bytes())?);
    }
    staged.extend(fs::stage(manifest, text.as_bytes())?);
    if let Some((path, text)) = source {
        staged.extend(fs::stage(path, text)?);
    }
    fs::replace_all(staged)?;
    Ok(())
}

fn say(
    changes: &merge::Changes,
    root: Option<&Root>,
    joined: &JoinReport,
    source: Option<&Path>,
    shell: Shell,
) {
    for added in &changes.added {
        shell.status("Adding", format_args!("{added} to `Cargo.toml`"));
    }
    if let Some(root) = root {
        let manifest = root.manifest();
        if joined.listed {
            shell.status(
                "Adding",
                format_args!("the crate to `members` of `{}`", manifest.display()),
            );
        }
        for setting in &joined.settings {
            shell.status("Adding", format_args!("`{setting}` to `{}`", manifest.display()));
        }
    }
    if let Some(source) = source {
        shell.status("Adding", format_args!("`{}`, a minimal plugin", source.display()));
    }
}
