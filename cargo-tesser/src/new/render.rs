//! Template + variables -> tree of files. Pure: nothing is read or written.

use std::collections::BTreeMap;

use tera::{Context, Tera};
use tesser_templates::Template;
use toml_edit::{DocumentMut, Item, Table};

use super::error::Error;
use super::name::PackageName;

/// Files by their path below the new folder, with `/` between its parts.
pub(super) type Tree = BTreeMap<String, Vec<u8>>;

/// What templates can use.
pub(super) struct Variables<'a> {
    /// `name` and `crate_name` come from it.
    pub(super) name: &'a PackageName,
    /// `sdk`: the dependency's TOML.
    pub(super) sdk: String,
}

impl Variables<'_> {
    fn context(&self) -> Context {
        let mut context = Context::new();
        context.insert("name", self.name.package());
        context.insert("crate_name", &self.name.library());
        context.insert("sdk", &self.sdk);
        context
    }
}

/// Renders every file; `in_workspace` makes the crate a workspace of its own, so that one around it does
/// not claim it.
pub(super) fn render(
    template: &Template,
    variables: &Variables<'_>,
    in_workspace: bool,
) -> Result<Tree, Error> {
    let context = variables.context();
    let mut tree = Tree::new();
    for file in template.files() {
        let path = match file.path.strip_prefix("_gitignore") {
            Some("") => ".gitignore",
            _ => file.path,
        };
        let Some(path) = path.strip_suffix(".tera") else {
            tree.insert(path.to_owned(), file.contents.to_vec());
            continue;
        };
        let source = String::from_utf8_lossy(file.contents);
        let mut text = render_text(&source, &context)
            .map_err(|source| Error::Render { file: path.to_owned(), source: Box::new(source) })?;
        if path == "Cargo.toml" && in_workspace {
            text = stand_alone(&text).map_err(|source| Error::Render {
                file: path.to_owned(),
                source: Box::new(source),
            })?;
        }
        tree.insert(path.to_owned(), text.into_bytes());
    }
    Ok(tree)
}

fn render_text(source: &str, context: &Context) -> Result<String, tera::Error> {
    let mut tera = Tera::default();
    // The output is TOML, Rust and Markdown, where HTML's escapes would be wrong.
    tera.autoescape_on(Vec::<&str>::new());
    tera.add_raw_template("file", source)?;
    tera.render("file", context)
}

fn stand_alone(manifest: &str) -> Result<String, toml_edit::TomlError> {
    let mut manifest: DocumentMut = manifest.parse()?;
    let mut workspace = Table::new();
    workspace
        .decor_mut()
        .set_prefix("\n# A workspace of its own: the one around it does not list this crate.\n");
    manifest.insert("workspace", Item::Table(workspace));
    Ok(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn rendered(template: &Template, in_workspace: bool) -> Tree {
        let name = PackageName::choose(Some("my-plugin"), Path::new("/x")).unwrap();
        let variables = Variables { name: &name, sdk: "path = \"../sdk\"".into() };
        render(template, &variables, in_workspace).unwrap()
    }

    #[test]
    fn every_template_renders_to_a_cdylib_that_uses_the_sdk() {
        for template in &tesser_templates::ALL {
            let tree = rendered(template, false);
            let manifest = String::from_utf8(tree["Cargo.toml"].clone()).unwrap();
            let manifest: DocumentMut = manifest.parse().unwrap();
            assert_eq!(manifest["package"]["name"].as_str(), Some("my-plugin"));
            assert_eq!(manifest["dependencies"]["tesser-wasm"]["path"].as_str(), Some("../sdk"));
            assert_eq!(manifest["lib"]["crate-type"][0].as_str(), Some("cdylib"));
            assert!(manifest.get("workspace").is_none());
            assert!(tree.contains_key("src/lib.rs"));
            assert!(tree.contains_key(".gitignore"));
            assert!(
                !tree.keys().any(|path| path.contains(".tera") || path.contains("tesser-template"))
            );
        }
    }

    #[test]
    fn inside_of_a_workspace_the_crate_stands_alone() {
        let tree = rendered(&tesser_templates::ALL[0], true);
        assert!(String::from_utf8_lossy(&tree["Cargo.toml"]).contains("\n[workspace]\n"));
    }
}
