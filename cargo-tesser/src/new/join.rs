//! A new crate and the workspace around it.
//!
//! In: where the crate will lie, and whether it is to join. Out: its manifest as that of a member, or as one that stands
//! alone; later the workspace's manifest on disk, or the crate taken back.

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

impl EnclosingWorkspace {
    /// Cargo's target folder as seen from the crate.
    pub(super) fn target(&self, path: &Path) -> String {
        fs::with_slashes(&relative(&self.target_dir(path), path).display().to_string())
    }

    /// Cargo's target folder, as files of cargo's configuration say. A variable is of a shell and not of the crate.
    pub(super) fn target_dir(&self, path: &Path) -> PathBuf {
        let root = self.root().map_or(path, |root| &root.dir);
        let there = path.ancestors().find(|dir| fs::is_there(dir)).unwrap_or(root);
        let variables = std::env::vars_os()
            .filter(|(name, _)| name != "CARGO_TARGET_DIR" && name != "CARGO_BUILD_TARGET_DIR");
        let options = ResolveOptions::default().env(variables);
        let config = cargo_config2::Config::load_with_options(there, options).ok();
        let configured = config.and_then(|config| config.build.target_dir);
        let configured = configured.and_then(|dir| fs::without_parents(&dir).ok());
        configured.unwrap_or_else(|| root.join("target"))
    }

    /// Makes the crate's manifest one of a member, or one of a workspace of its own where one around it does not list it.
    pub(super) fn fit(
        &mut self,
        tree: &mut Tree,
        path: &Path,
        package: &str,
    ) -> Result<JoinReport, Error> {
        let mut manifest = render::manifest(tree)?;
        let is_workspace = manifest.contains_key("workspace");
        let mut joined = JoinReport::default();
        match self {
            Self::Joined(root) if is_workspace => {
                let problem = "the template makes a workspace, and cargo knows none within another";
                return Err(root.bad(problem).into());
            }
            Self::Joined(root) => joined = root.take_in(&mut manifest, path, package)?,
            Self::Apart(_) if !is_workspace => stand_alone(&mut manifest),
            Self::Apart(_) | Self::Nothing => return Ok(joined),
        }
        if let Some(file) = tree.get_mut("Cargo.toml") {
            file.contents = manifest.to_string().into_bytes();
        }
        Ok(joined)
    }

    /// The crate is in its place; now the workspace lists it. In the other order a stop in between would leave a
    /// workspace that cargo cannot read at all. In this one it is as it was, and `cargo tesser init` lists the crate.
    pub(super) fn finish(&self, placed: CreatedFiles) -> Result<(), Error> {
        let Some(root) = self.root().filter(|root| root.is_changed()) else { return Ok(()) };
        let result = list_in(root);
        if result.is_err() {
            placed.undo();
        }
        result
    }

    /// Says what became of the workspace.
    pub(super) fn report(&self, joined: &JoinReport, shell: Shell) {
        let Some(root) = self.root() else { return };
        let manifest = root.manifest();
        let manifest = manifest.display();
        let how = if joined.listed { ": added to `members`" } else { ", which lists it already" };
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
}

fn list_in(root: &Root) -> Result<(), Error> {
    let manifest = root.manifest();
    // Of two that join at once, one must not lose the other's entry. On Windows nobody could read what is locked.
    let _lock = cfg!(unix).then(|| fs::lock(&manifest, || {}));
    if fs::read_text(&manifest)? != root.text {
        let problem = "somebody else has changed it just now; try again".into();
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
