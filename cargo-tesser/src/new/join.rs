//! A new crate and its enclosing workspace.
//!
//! In: the path of the crate, and whether it should join. Out: its manifest as that of a member or of a standalone crate; later
//! the workspace's manifest on disk, or, after a failure, the crate removed.

use std::path::{Path, PathBuf};

use cargo_config2::ResolveOptions;
use toml_edit::{DocumentMut, Item, Table};

use super::error::Error;
use super::render::{self, Tree};
use super::write::CreatedFiles;
use crate::fs;
use crate::shell::Shell;
use crate::workspace::sdk_source::relative;
use crate::workspace::{self, EnclosingWorkspace, JoinReport, Root};

/// Returns cargo's target folder relative to the crate.
pub(super) fn target(around: &EnclosingWorkspace, path: &Path) -> String {
    fs::with_slashes(&relative(&target_dir(around, path), path).display().to_string())
}

/// Returns cargo's target folder according to cargo's configuration files. Environment variables belong to a shell and
/// not to the crate.
pub(super) fn target_dir(around: &EnclosingWorkspace, path: &Path) -> PathBuf {
    let root = around.root().map_or(path, |root| &root.dir);
    let there = path.ancestors().find(|dir| fs::is_there(dir)).unwrap_or(root);
    let variables = std::env::vars_os()
        .filter(|(name, _)| name != "CARGO_TARGET_DIR" && name != "CARGO_BUILD_TARGET_DIR");
    let options = ResolveOptions::default().env(variables);
    let config = cargo_config2::Config::load_with_options(there, options).ok();
    let configured = config.and_then(|config| config.build.target_dir);
    let configured = configured.and_then(|dir| fs::without_parents(&dir).ok());
    configured.unwrap_or_else(|| root.join("target"))
}

/// Adapts the crate's manifest to that of a member, or makes it a workspace of its own if the enclosing one does not list it.
pub(super) fn fit(
    around: &mut EnclosingWorkspace,
    tree: &mut Tree,
    path: &Path,
    package: &str,
) -> Result<JoinReport, Error> {
    let mut manifest = render::manifest(tree)?;
    let is_workspace = manifest.contains_key("workspace");
    let mut joined = JoinReport::default();
    match around {
        EnclosingWorkspace::Joined(root) if is_workspace => {
            let problem =
                "the template contains a workspace, and cargo does not support nested workspaces";
            return Err(root.bad(problem).into());
        }
        EnclosingWorkspace::Joined(root) => joined = root.take_in(&mut manifest, path, package)?,
        EnclosingWorkspace::Apart(_) if !is_workspace => stand_alone(&mut manifest),
        EnclosingWorkspace::Apart(_) | EnclosingWorkspace::Nothing => return Ok(joined),
    }
    if let Some(file) = tree.get_mut("Cargo.toml") {
        file.contents = manifest.to_string().into_bytes();
    }
    Ok(joined)
}

/// Adds the crate, which is already in place, to the workspace. In the other order an interruption would leave a workspace
/// that cargo cannot read. In this order the workspace is unchanged, and `cargo tesser init` adds the crate.
pub(super) fn finish(around: &EnclosingWorkspace, placed: CreatedFiles) -> Result<(), Error> {
    let Some(root) = around.root().filter(|root| root.is_changed()) else { return Ok(()) };
    let result = list_in(root);
    if result.is_err() {
        placed.undo();
    }
    result
}

/// Reports the changes of the workspace.
pub(super) fn report(around: &EnclosingWorkspace, joined: &JoinReport, shell: Shell) {
    let Some(root) = around.root() else { return };
    let manifest = root.manifest();
    let manifest = manifest.display();
    let how = if joined.listed { ": added to `members`" } else { ", which already lists it" };
    shell.status("Joined", format_args!("the workspace of `{manifest}`{how}"));
    if !joined.inherited.is_empty() {
        shell.status("Inherited", joined.inherited.join(", "));
    }
    if !joined.settings.is_empty() {
        let settings = joined.settings.join("`, `");
        shell.status("Added", format_args!("`{settings}` to `{manifest}`"));
    }
    for note in &joined.notes {
        shell.note(note);
    }
}

fn list_in(root: &Root) -> Result<(), Error> {
    let manifest = root.manifest();
    // If two crates join at once, neither must lose the other's entry. On Windows a locked file could not be read.
    let _lock = cfg!(unix).then(|| fs::lock(&manifest, || {}));
    if fs::read_text(&manifest)? != root.text {
        let problem = "another process has just changed it; try again".into();
        return Err(workspace::Error::Workspace { manifest, problem }.into());
    }
    let text = workspace::printed(&root.document, &root.text);
    fs::write_atomic(&manifest, text.as_bytes())?;
    Ok(())
}

fn stand_alone(manifest: &mut DocumentMut) {
    let mut workspace = Table::new();
    workspace
        .decor_mut()
        .set_prefix("\n# A workspace of its own: the one around it does not list this crate.\n");
    manifest.insert("workspace", Item::Table(workspace));
}
