//! The workflow for GitHub, which reads it only at the root of a repository.
//!
//! In: a rendered tree, and the path of the crate. Out: the tree without the workflow, and the workflow for the root, if the crate
//! is not the root itself. The workflow of a user's own template stays in its place, with a note.

use std::path::{Path, PathBuf};

use super::error::Error;
use super::join;
use super::name::PackageName;
use super::render::Tree;
use super::write::{self, Vcs};
use crate::fs;
use crate::process::quoted;
use crate::shell::Shell;
use crate::workspace::EnclosingWorkspace;
use crate::workspace::sdk_source::relative;

const FOLDER: &str = ".github/workflows";
const FILE: &str = ".github/workflows/plugin.yml";

/// A workflow that belongs outside of the crate.
pub(super) struct Workflow {
    path: PathBuf,
    text: String,
}

impl Workflow {
    /// Removes the workflow from the tree, unless the crate is the root of its repository.
    pub(super) fn take(
        tree: &mut Tree,
        path: &Path,
        name: &PackageName,
        around: &EnclosingWorkspace,
        vcs: Option<Vcs>,
        shell: Shell,
    ) -> Option<Self> {
        let root = around.root().map(|root| root.dir.as_path());
        let top = write::repository_around(path, vcs).or(root.filter(|_| vcs == Some(Vcs::None)));
        let target = join::target_dir(around, path);
        let place = Place { home: top.unwrap_or(path), path, target: &target, name };
        let file = tree.get_mut(FILE)?;
        if file.contents != tesser_templates::WORKFLOW.as_bytes() {
            if top.is_some() {
                shell.note(format_args!(
                    "GitHub reads workflows only in `{}`: move `{FILE}` of the new crate there",
                    place.home.join(FOLDER).display()
                ));
            }
            return None;
        }
        let text = place.workflow(tesser_templates::WORKFLOW);
        if top.is_none() {
            file.contents = text.into_bytes();
            return None;
        }
        tree.remove(FILE);
        Some(Self { path: place.home.join(FOLDER).join(format!("{}.yml", name.package())), text })
    }

    /// Writes the workflow, unless the file exists; returns whether it was written.
    pub(super) fn write(&self) -> Result<bool, Error> {
        let is_free = !fs::is_there(&self.path);
        if is_free {
            fs::write_atomic(&self.path, self.text.as_bytes())?;
        }
        Ok(is_free)
    }

    /// Reports whether it was written.
    pub(super) fn report(&self, written: bool, shell: Shell) {
        let path = self.path.display();
        if written {
            let why = "GitHub reads workflows only at the root of a repository";
            shell.status("Added", format_args!("`{path}`: {why}"));
        } else {
            shell.note(format_args!("`{path}` already exists and was not changed"));
        }
    }
}

/// The folders that a workflow refers to.
struct Place<'a> {
    /// The root of the repository.
    home: &'a Path,
    /// The crate.
    path: &'a Path,
    /// Cargo's target directory.
    target: &'a Path,
    name: &'a PackageName,
}

impl Place<'_> {
    /// Returns the workflow for these folders.
    fn workflow(&self, text: &str) -> String {
        let plugin = format!("tesser/release/{}.wasm", self.name.library());
        let shown = |from: &Path| slashes(&relative(self.target, from).join(&plugin));
        let text = text.replace("target/tesser/release/*.wasm", &shown(self.home)).replace(
            "github target/tesser/release",
            &format!("github {}", quoted(shown(self.path).as_ref())),
        );
        if self.home == self.path {
            return text;
        }
        let package = self.name.package();
        let folder = serde_json::Value::from(slashes(&relative(self.path, self.home)));
        let runs_on = "    runs-on: ubuntu-latest\n";
        let defaults =
            format!("{runs_on}    defaults:\n      run:\n        working-directory: {folder}\n");
        text.replace("name: plugin\n", &format!("name: {package}\n")).replace(runs_on, &defaults)
    }
}

fn slashes(path: &Path) -> String {
    fs::with_slashes(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workflow(home: &str, path: &str, target: &str) -> String {
        let name = PackageName::existing("my-chase");
        let [home, path, target] = [home, path, target].map(Path::new);
        Place { home, path, target, name: &name }.workflow(tesser_templates::WORKFLOW)
    }

    #[test]
    fn a_crate_at_the_root_has_the_workflow_as_it_is_but_for_the_plugin() {
        let text = workflow("/a/x", "/a/x", "/a/x/target");
        let expected = tesser_templates::WORKFLOW
            .replace("/release/*.wasm", "/release/my_chase.wasm")
            .replace("github target/tesser/release", "github target/tesser/release/my_chase.wasm");
        assert_eq!(text, expected);
    }

    #[test]
    fn a_member_has_it_with_its_folder_and_its_name() {
        let text = workflow("/a", "/a/plugins/x", "/a/target");
        for line in [
            "\nname: my-chase\n",
            "\n    runs-on: ubuntu-latest\n    defaults:\n      run:\n        working-directory: \"plugins/x\"\n",
            " --format github ../../target/tesser/release/my_chase.wasm\n",
            "\n          name: my-chase\n          path: target/tesser/release/my_chase.wasm\n",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
