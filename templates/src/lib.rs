//! The templates of `cargo tesser new`, embedded so that the tool is one file.
//!
//! One folder per template. Files that end in `.tera` are rendered and lose that ending, all others are
//! copied as they are. `_gitignore` becomes `.gitignore`, since cargo would otherwise heed it here.
//! `tesser-template.toml` describes the template (docs/templates.md says how) and is not copied. Nothing is rendered
//! in this crate.

use include_dir::{Dir, DirEntry, include_dir};

/// Describes a template; not part of what it generates.
const MANIFEST: &str = "tesser-template.toml";

static CHASE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/chase");
static TWAP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/twap");
static ICEBERG: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/iceberg");
static VWAP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/vwap");
static POV: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pov");
static PEGGED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pegged");
static SNIPER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sniper");
static TRAILING_STOP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/trailing-stop");
static BLANK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/blank");

/// One template.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// What `--template` calls it.
    pub name: &'static str,
    dir: &'static Dir<'static>,
}

/// One file of a template.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Path below the new folder, with `/` between its parts.
    pub path: &'static str,
    /// Its bytes.
    pub contents: &'static [u8],
}

/// All templates; the first one is the default.
pub const ALL: [Template; 9] = [
    Template { name: "chase", dir: &CHASE },
    Template { name: "twap", dir: &TWAP },
    Template { name: "vwap", dir: &VWAP },
    Template { name: "pov", dir: &POV },
    Template { name: "iceberg", dir: &ICEBERG },
    Template { name: "pegged", dir: &PEGGED },
    Template { name: "sniper", dir: &SNIPER },
    Template { name: "trailing-stop", dir: &TRAILING_STOP },
    Template { name: "blank", dir: &BLANK },
];

impl Template {
    /// TOML with the template's description.
    pub fn manifest(&self) -> &'static str {
        self.dir.get_file(MANIFEST).and_then(|file| file.contents_utf8()).unwrap_or_default()
    }

    /// All files but the manifest, in no particular order.
    pub fn files(&self) -> Vec<File> {
        let mut files = Vec::new();
        collect(self.dir, &mut files);
        files
    }
}

fn collect(dir: &'static Dir<'static>, files: &mut Vec<File>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => collect(dir, files),
            DirEntry::File(file) => {
                if let Some(path) = file.path().to_str().filter(|path| *path != MANIFEST) {
                    files.push(File { path, contents: file.contents() });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKFLOW: &str = ".github/workflows/plugin.yml";

    #[test]
    fn the_workflow_installs_the_tool_of_this_version() {
        let version = concat!("CARGO_TESSER_VERSION: ", env!("CARGO_PKG_VERSION"), "\n");
        for template in ALL {
            let workflow =
                template.dir.get_file(WORKFLOW).and_then(include_dir::File::contents_utf8);
            assert!(workflow.unwrap().contains(version), "{}", template.name);
        }
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
    /// A user owns what a template generates, so each stands alone; what several of them hold is one text.
    #[test]
    fn files_that_several_templates_share_do_not_differ() {
        let all = ["chase", "twap", "vwap", "pov", "iceberg", "pegged", "sniper", "trailing-stop"];
        let with_blank: Vec<_> = ALL.iter().map(|template| template.name).collect();
        let stepped = &all[1..];
        let shared = [
            (WORKFLOW, with_blank.as_slice()),
            ("Cargo.toml.tera", &all),
            ("tapes/synthetic.csv", &with_blank),
            ("tapes/session.jsonl", &with_blank),
            ("src/orders.rs", &all),
            ("src/state.rs", &all),
            ("src/tests/host.rs", &all),
            ("src/steps.rs", stepped),
            ("src/tests/properties.rs", stepped),
            ("src/tests/safety.rs", stepped),
            ("src/sending.rs", stepped),
            ("src/settle.rs", stepped),
            ("src/ticket.rs", stepped),
            ("src/tests/sending.rs", stepped),
            ("src/tests/words.rs", stepped),
            ("src/clip.rs", &["pov", "iceberg", "pegged", "sniper", "trailing-stop"]),
            ("src/clock.rs", &["twap", "vwap", "pov"]),
        ];
        for (path, templates) in shared {
            let texts = ALL
                .iter()
                .filter(|template| templates.contains(&template.name))
                .map(|template| template.dir.get_file(path).map(include_dir::File::contents));
            // What the plugin is tested with is its own.
            let own = b"\n[package.metadata.tesser.test]";
            let shared = |text: &'static [u8]| {
                let end = text.windows(own.len()).position(|window| window == own);
                &text[..end.filter(|_| path == "Cargo.toml.tera").unwrap_or(text.len())]
            };
            let texts: Vec<_> = texts.map(|text| text.map(shared)).collect();
            assert_eq!(texts.len(), templates.len(), "{path}");
            assert!(texts[0].is_some(), "{path}");
            assert!(
                texts.windows(2).all(|pair| pair[0] == pair[1]),
                "{path} differs in {templates:?}"
            );
        }
    }
}
