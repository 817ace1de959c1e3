//! The templates of `cargo tesser new`, embedded so that the tool is one file.
//!
//! One folder per template, and `shared` for the files that every template has. Files that end in `.tera` are rendered and
//! lose that extension; all others are copied unchanged. `_gitignore` becomes `.gitignore`, since cargo would otherwise apply it
//! here. `tesser-template.toml` describes the template (see docs/templates.md) and is not copied. A line
//! `{# include NAME #}` of a rendered file stands for the text `parts/NAME`, so that templates share texts. This crate
//! renders nothing.

use std::borrow::Cow;

use include_dir::{Dir, DirEntry, include_dir};

/// The manifest of a template, which is not copied into the crate.
const MANIFEST: &str = "tesser-template.toml";

static CHASE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/chase");
static TWAP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/twap");
static ICEBERG: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/iceberg");
static VWAP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/vwap");
static POV: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pov");
static PEGGED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pegged");
static SNIPER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sniper");
static TRAILING_STOP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/trailing-stop");
static ARRIVAL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/arrival");
static BLANK_KIT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/blank-kit");
static BLANK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/blank");
/// Files of every template.
/// The workflow for GitHub that every template has.
pub const WORKFLOW: &str = include_str!("../shared/.github/workflows/plugin.yml");

static SHARED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/shared");
/// The texts that rendered files include.
static PARTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/parts");

/// One template.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Its name for `--template`.
    pub name: &'static str,
    dir: &'static Dir<'static>,
}

/// One file of a template.
#[derive(Clone, Debug)]
pub struct File {
    /// Path below the new folder, with `/` as the separator.
    pub path: &'static str,
    /// The contents.
    pub contents: Cow<'static, [u8]>,
}

/// All templates; the first one is the default.
pub const ALL: [Template; 11] = [
    Template { name: "chase", dir: &CHASE },
    Template { name: "twap", dir: &TWAP },
    Template { name: "vwap", dir: &VWAP },
    Template { name: "pov", dir: &POV },
    Template { name: "arrival", dir: &ARRIVAL },
    Template { name: "iceberg", dir: &ICEBERG },
    Template { name: "pegged", dir: &PEGGED },
    Template { name: "sniper", dir: &SNIPER },
    Template { name: "trailing-stop", dir: &TRAILING_STOP },
    Template { name: "blank-kit", dir: &BLANK_KIT },
    Template { name: "blank", dir: &BLANK },
];

impl Template {
    /// TOML with the template's description.
    pub fn manifest(&self) -> &'static str {
        self.dir.get_file(MANIFEST).and_then(|file| file.contents_utf8()).unwrap_or_default()
    }

    /// All files except the manifest, in no particular order.
    pub fn files(&self) -> Vec<File> {
        let mut files = Vec::new();
        collect(self.dir, &mut files);
        collect(&SHARED, &mut files);
        files
    }
}

fn collect(dir: &'static Dir<'static>, files: &mut Vec<File>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => collect(dir, files),
            DirEntry::File(file) => {
                if let Some(path) = file.path().to_str().filter(|path| *path != MANIFEST) {
                    let is_rendered =
                        file.path().extension().is_some_and(|ending| ending == "tera");
                    let contents = file.contents_utf8().filter(|_| is_rendered).map(included);
                    let contents = contents.unwrap_or(Cow::Borrowed(file.contents()));
                    files.push(File { path, contents });
                }
            }
        }
    }
}

/// Inserts the included parts into a text. A part that does not exist stays a comment of the template language.
fn included(text: &str) -> Cow<'static, [u8]> {
    let mut whole = String::new();
    for line in text.split_inclusive('\n') {
        let name =
            line.trim_end().strip_prefix("{# include ").and_then(|rest| rest.strip_suffix(" #}"));
        let part = name.and_then(|name| PARTS.get_file(name)?.contents_utf8());
        whole.push_str(part.unwrap_or(line));
    }
    Cow::Owned(whole.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workflow_installs_the_tool_of_this_version() {
        let version = concat!("CARGO_TESSER_VERSION: ", env!("CARGO_PKG_VERSION"), "\n");
        assert!(WORKFLOW.contains(version));
    }

    #[test]
    fn every_template_is_described_and_is_a_crate() {
        for template in ALL {
            assert!(template.manifest().starts_with("description = \""), "{}", template.name);
            let paths: Vec<_> = template.files().iter().map(|file| file.path).collect();
            assert!(paths.contains(&"Cargo.toml.tera"), "{}: {paths:?}", template.name);
            assert!(paths.iter().any(|path| path.starts_with("src/lib.rs")), "{}", template.name);
        }
    }

    #[test]
    fn no_file_stands_in_two_templates() {
        let mut seen: Vec<(&str, &[u8])> = Vec::new();
        for template in ALL {
            let mut files = Vec::new();
            collect(template.dir, &mut files);
            // Two algorithms may place the same orders in the recorded session.
            for file in files.iter().filter(|file| !file.path.ends_with(".orders.jsonl")) {
                let own =
                    template.dir.get_file(file.path).map(include_dir::File::contents).unwrap();
                let other = seen.iter().find(|(_, contents)| *contents == own);
                assert!(other.is_none(), "{}/{}", template.name, file.path);
                seen.push((file.path, own));
            }
        }
    }

    #[test]
    fn every_part_that_is_named_exists_and_is_used() {
        let texts: Vec<_> = ALL
            .iter()
            .flat_map(Template::files)
            .map(|file| String::from_utf8_lossy(&file.contents).into_owned())
            .collect();
        assert!(!texts.iter().any(|text| text.contains("{# include")), "a part is missing");
        for part in PARTS.files() {
            let part = part.contents_utf8().unwrap();
            assert!(texts.iter().any(|text| text.contains(part)), "{part}");
        }
    }
}
