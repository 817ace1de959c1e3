//! Template + values -> tree of files. Pure: reads and writes nothing, and a template can only use its
//! variables.

use std::collections::{BTreeMap, BTreeSet};

use tera::{Context, Kwargs, State, Tera};
use toml_edit::DocumentMut;

use super::error::Error;
use super::name::PackageName;
use super::template::{Source, Template, Value, check_path};

/// Files by their path below the new folder, with `/` as the separator.
pub(super) type Tree = BTreeMap<String, File>;

/// A file of the new crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) contents: Vec<u8>,
    pub(super) executable: bool,
}

/// The variables that templates can use.
pub(super) struct Variables<'a> {
    /// `name` and `crate_name` come from it.
    pub(super) name: &'a PackageName,
    /// `sdk`: the dependency's TOML.
    pub(super) sdk: String,
    /// `target`: cargo's target folder relative to the crate.
    pub(super) target: String,
    /// The template's own.
    pub(super) values: &'a [(String, Value)],
}

impl Variables<'_> {
    fn context(&self) -> Context {
        let mut context = Context::new();
        for (name, value) in self.values {
            let name = name.clone();
            match value {
                Value::Text(text) => context.insert(name, text),
                Value::Integer(number) => context.insert(name, number),
                // A float would change the number.
                Value::Decimal(number) => context.insert(name, &number.to_string()),
                Value::Boolean(flag) => context.insert(name, flag),
            }
        }
        context.insert("name", self.name.package());
        context.insert("crate_name", &self.name.library());
        context.insert("sdk", &self.sdk);
        context.insert("target", &self.target);
        context
    }
}

/// Renders every file.
pub(super) fn render(template: &Template, variables: &Variables<'_>) -> Result<Tree, Error> {
    let context = variables.context();
    let mut tree = Tree::new();
    let mut names = BTreeSet::new();
    for file in &template.files {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| Error::Render {
            file: file.path.clone(),
            source,
        };
        if !is_wanted(file, &context).map_err(|error| failed(error.into()))? {
            continue;
        }
        let contents = if file.rendered {
            let text = std::str::from_utf8(&file.contents).map_err(|error| failed(error.into()))?;
            render_text(text, &context).map_err(|error| failed(error.into()))?.into_bytes()
        } else {
            file.contents.clone()
        };
        let path = path(&file.path, &context).map_err(failed)?;
        // Some file systems ignore case.
        if !names.insert(path.to_lowercase()) {
            return Err(failed(format!("another file would also become `{path}`").into()));
        }
        tree.insert(path, File { contents, executable: file.executable });
    }
    Ok(tree)
}

/// Renders a path, which may contain variables; the result is checked like any path of a template.
fn path(
    source: &str,
    context: &Context,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    if !source.contains("{{") {
        return Ok(source.to_owned());
    }
    let path = render_text(source, context)?;
    check_path(&path)?;
    Ok(path)
}

fn is_wanted(file: &Source, context: &Context) -> Result<bool, tera::Error> {
    for expression in &file.when {
        if render_text(&format!("{{% if {expression} %}}yes{{% endif %}}"), context)? != "yes" {
            return Ok(false);
        }
    }
    Ok(true)
}

fn render_text(source: &str, context: &Context) -> Result<String, tera::Error> {
    let mut tera = Tera::default();
    // The output is TOML, Rust and Markdown, where HTML's escapes would be wrong.
    tera.autoescape_on(Vec::<&str>::new());
    tera.register_filter("quoted", quoted);
    tera.add_raw_template("file", source)?;
    tera.render("file", context)
}

/// Quotes a string in a form that is valid in TOML, Rust, JSON and YAML; values have no control characters.
fn quoted(text: &str, _: Kwargs, _: &State<'_>) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Returns the crate's manifest from a tree.
pub(super) fn manifest(tree: &Tree) -> Result<DocumentMut, Error> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| Error::Render {
        file: "Cargo.toml".into(),
        source,
    };
    let bytes = tree.get("Cargo.toml").map_or(&[][..], |file| &file.contents);
    let text = std::str::from_utf8(bytes).map_err(|error| failed(error.into()))?;
    let manifest: DocumentMut = text.parse().map_err(|error| failed(Box::new(error)))?;
    if manifest.get("package").and_then(|package| package.get("name")).is_none() {
        return Err(failed("it has no `package.name`".into()));
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn rendered(template: &Template, values: &[(String, Value)]) -> Tree {
        let name = PackageName::choose(Some("my-plugin"), Path::new("/x")).unwrap();
        let sdk = "path = \"../sdk\"".into();
        let variables = Variables { name: &name, sdk, target: "target".into(), values };
        render(template, &variables).unwrap()
    }

    #[test]
    fn every_template_renders_to_a_cdylib_that_uses_the_sdk() {
        for template in &tesser_templates::ALL {
            let template = Template::built_in(template.name).unwrap();
            // What has no default is for its own tests to fill in.
            let defaults = template
                .variables
                .iter()
                .filter_map(|variable| Some((variable.name.clone(), variable.default.clone()?)));
            let tree = rendered(&template, &defaults.collect::<Vec<_>>());
            let manifest = manifest(&tree).unwrap();
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
    fn paths_take_values_but_do_not_lead_out() {
        let with = |value: &str| {
            let name = PackageName::choose(Some("my-plugin"), Path::new("/x")).unwrap();
            let values = [("desk".to_owned(), Value::Text(value.into()))];
            let (sdk, target) = (String::new(), String::new());
            let context = Variables { name: &name, sdk, target, values: &values }.context();
            path("{{ desk }}/{{ crate_name }}.rs", &context).map_err(|error| error.to_string())
        };
        assert_eq!(with("fx").unwrap(), "fx/my_plugin.rs");
        for value in ["..", "", "a/../..", "c:", "/etc"] {
            assert!(with(value).unwrap_err().contains("not valid on every system"), "{value}");
        }
        assert!(with(".git").unwrap_err().contains("git repository's own files"));
    }

    fn text(source: &str, value: Value) -> Result<String, tera::Error> {
        let name = PackageName::choose(Some("my-plugin"), Path::new("/x")).unwrap();
        let values = [("v".to_owned(), value)];
        let variables =
            Variables { name: &name, sdk: String::new(), target: String::new(), values: &values };
        render_text(source, &variables.context())
    }

    #[test]
    fn values_are_what_their_types_say() {
        let decimal = Value::Decimal("0.10".parse().unwrap());
        assert_eq!(text("{{ v }} {{ crate_name }}", decimal).unwrap(), "0.10 my_plugin");
        assert_eq!(text("{% if v %}on{% endif %}", Value::Boolean(false)).unwrap(), "");
        assert_eq!(text("{{ v + 1 }}", Value::Integer(41)).unwrap(), "42");
        let quote = Value::Text(r#"a "b" <\c>"#.into());
        assert_eq!(text("{{ v | quoted }}", quote).unwrap(), r#""a \"b\" <\\c>""#);
    }

    #[test]
    fn what_a_template_does_not_have_is_an_error() {
        for (source, missing) in [
            ("{{ x }}", "x"),
            ("{% include \"/etc/hosts\" %}", "/etc/hosts"),
            ("{{ get_env(name=\"HOME\") }}", "get_env"),
        ] {
            let error = text(source, Value::Boolean(true)).unwrap_err().to_string();
            assert!(error.contains(&format!("`{missing}`")), "{source}: {error}");
        }
    }
}
