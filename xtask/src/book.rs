//! `cargo xtask book`: the documentation as a site, in `<target>/book`.
//!
//! Links are checked in the sources, since GitHub shows these pages too: a checker of sites would need the site first, and would not see
//! a link that only works there.

mod pages;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::run::{self, show};
use crate::tools;
use pages::Page;

const MDBOOK: &str = "0.5.4";

/// Pages that are not in the site, but whose links are checked as well.
const OTHERS: [&str; 6] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "tesser-wasm/README.md",
];

#[derive(clap::Args)]
pub struct Options {
    /// Only check that links lead somewhere and that the site has every page
    #[arg(long)]
    check: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let linked = check()?;
    if options.check {
        return Ok(());
    }
    let site = run::target_dir()?.join("book");
    let mut build = Command::new(tools::install("mdbook", MDBOOK, &[])?);
    show(build.args(["build", "docs", "--dest-dir"]).arg(&site).current_dir(run::root()))?;
    check_anchors(&site, &linked)?;
    eprintln!("\nThe site: {}", site.join("index.html").display());
    Ok(())
}

/// A heading that a link leads to: page and anchor.
type Anchor = (PathBuf, String);

/// Checks all pages. Returns the headings of the site to which links lead.
pub fn check() -> anyhow::Result<BTreeSet<Anchor>> {
    let mut paths = OTHERS.map(PathBuf::from).to_vec();
    markdown_files(Path::new("docs"), &mut paths)?;
    let mut wrong = not_in_summary(&paths)?;
    let mut linked = BTreeSet::new();
    for path in &paths {
        for link in Page::read(path)?.links {
            match target(path, &link) {
                Ok(Some(anchor)) => drop(linked.insert(anchor)),
                Ok(None) => {}
                Err(why) => wrong.push(format!("{}: `{link}` {why}", path.display())),
            }
        }
    }
    if !wrong.is_empty() {
        bail!("the documentation is not complete:\n  {}", wrong.join("\n  "));
    }
    linked.retain(|(page, _)| page.starts_with("docs"));
    Ok(linked)
}

/// All pages below a folder.
fn markdown_files(dir: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = fs::read_dir(run::root().join(dir)).context(dir.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let path = dir.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            markdown_files(&path, paths)?;
        } else if path.extension().is_some_and(|ending| ending == "md") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(())
}

/// The pages of `docs/` that `docs/SUMMARY.md` does not name, and which the site would therefore not have.
fn not_in_summary(paths: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let summary = Path::new("docs/SUMMARY.md");
    let named: Vec<_> =
        Page::read(summary)?.links.iter().map(|link| Path::new("docs").join(link)).collect();
    let missing = paths
        .iter()
        .filter(|path| path.starts_with("docs") && *path != summary && !named.contains(path));
    Ok(missing.map(|path| format!("docs/SUMMARY.md does not name `{}`", path.display())).collect())
}

/// Where a link leads: a heading, if it names one.
///
/// # Errors
/// It leads nowhere, or out of the site.
fn target(from: &Path, link: &str) -> Result<Option<Anchor>, String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(None);
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let path = if file.is_empty() { from.to_owned() } else { beside(from, file) };
    if from.starts_with("docs") && !path.starts_with("docs") {
        return Err(
            "leads out of `docs/`, where the site has nothing; link to the repository".into()
        );
    }
    if !run::root().join(&path).exists() {
        return Err("leads to a file that does not exist".into());
    }
    if anchor.is_empty() {
        return Ok(None);
    }
    let page = Page::read(&path).map_err(|error| format!("cannot be read: {error:#}"))?;
    if !page.anchors.iter().any(|known| known == anchor) {
        return Err(format!("leads to a heading that `{}` does not have", path.display()));
    }
    Ok(Some((path, anchor.to_owned())))
}

/// A path relative to the folder of a page, without `..`.
fn beside(page: &Path, file: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(file).components() {
        match component {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

/// mdBook names headings by rules of its own.
fn check_anchors(site: &Path, linked: &BTreeSet<Anchor>) -> anyhow::Result<()> {
    for (page, anchor) in linked {
        let page = page.strip_prefix("docs")?.with_extension("html");
        let is_readme = page.file_stem().is_some_and(|stem| stem == "README");
        let page = site.join(if is_readme { page.with_file_name("index.html") } else { page });
        let html = fs::read_to_string(&page).with_context(|| page.display().to_string())?;
        if !html.contains(&format!("id=\"{anchor}\"")) {
            bail!("{} has no heading `{anchor}`, which GitHub's page has", page.display());
        }
    }
    Ok(())
}
