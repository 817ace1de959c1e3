//! `--verify`: whether another build produces the same bytes.
//!
//! In: the names of environment variables; or a plugin and a file that should be identical. Out: warnings about
//! variables that make builds differ; or the first difference of the two.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wasmparser::{Parser, Payload};

use crate::build::advice::Advice;
use crate::build::compile::source_commit::{Checkout, Revision};
use crate::build::compile::{self, Compilation};
use crate::build::error::Error;
use crate::build::options::Options;
use crate::build::package::{self, CommitSource, Finished};
use crate::build::plan::Plan;
use crate::digest::sha256;
use crate::fs;
use crate::plugin::PluginMetadata;
use crate::report::escape_untrusted;
use crate::shell::Shell;

/// Builds one plugin again and compares it with a file.
///
/// # Errors
/// If the file differs or cannot be read, or the build fails.
pub fn verify(
    options: &Options,
    path: &Path,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    let held = fs::read(path)?;
    if !Parser::is_component(&held) {
        return Err(Error::VerifyOther { path: path.to_owned() });
    }
    let (plan, workspace) = Plan::make(options, shell)?;
    // Uses nothing that was compiled before, and leaves nothing behind.
    let target_dir = fs::scratch(&plan.target_dir)?;
    let mut options = options.clone();
    options.cargo.compile_in(target_dir.path(), &workspace);
    let (plan, _) = Plan::make(&options, shell)?;
    super::warn(&plan, &options, shell);
    if plan.plugins.len() != 1 {
        return Err(Error::VerifyOne { count: plan.plugins.len() });
    }
    let Compilation { plan, modules, checkout } =
        compile::compile(plan, &options, shell, pass_through)?;
    let named = PluginMetadata::read(&held).and_then(|words| words.revision);
    for (plugin, compiled) in plan.plugins.iter().zip(&modules) {
        let (sources, sdk) = (&compiled.sources, plugin.sdk_dir());
        let warning = other_sources(&checkout, sources, sdk, named.as_deref());
        if let Some(warning) = warning {
            shell.warn(warning);
        }
    }
    let finished = package::package(&plan, &modules, &CommitSource::AsIn(named), &options, shell)?;
    for Finished { plugin, made, .. } in &finished {
        compare(&plugin.name, &made.component.0, path, &held)?;
        shell.status(
            "Verified",
            format_args!(
                "{} is identical to the build of `{}` (sha256 {})",
                path.display(),
                plugin.name,
                made.sha256
            ),
        );
    }
    Ok(())
}

/// Returns a warning about variables that change the compiler's output but are not in a file of the project.
pub(super) fn warning(names: impl Iterator<Item = String>) -> Option<Advice> {
    let decides = |name: &String| {
        let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"];
        flags.contains(&name.as_str())
            || name.starts_with("CARGO_PROFILE_")
            || (name.starts_with("CARGO_TARGET_WASM32_") && name.ends_with("_RUSTFLAGS"))
    };
    let mut names: Vec<_> = names.filter(decides).map(|name| format!("`{name}`")).collect();
    names.sort();
    (!names.is_empty()).then(|| {
        let (verb, them) = if names.len() == 1 { ("changes", "it") } else { ("change", "them") };
        let names = names.join(", ");
        Advice {
            fact: format!("{names} {verb} what is built, so nobody else can build the same plugin"),
            remedy: format!("set {them} in Cargo.toml or .cargo/config.toml instead"),
        }
    })
}

/// Returns a warning if the sources are not those of the commit that a file names.
pub(super) fn other_sources(
    checkout: &Checkout,
    sources: &BTreeSet<PathBuf>,
    sdk: Option<&Path>,
    named: Option<&str>,
) -> Option<String> {
    match (checkout.revision(sources, sdk, None), named) {
        (Err(reason), _) => Some(format!(
            "the sources do not belong to a commit: {reason}; another checkout builds a different plugin"
        )),
        (Ok(Some(Revision { commit, .. })), Some(named)) if commit != named => Some(format!(
            "the file names the commit {}, but these sources are of {commit}",
            escape_untrusted(named)
        )),
        _ => None,
    }
}

/// Compares the built plugin with a file.
pub(super) fn compare(package: &str, built: &[u8], path: &Path, held: &[u8]) -> Result<(), Error> {
    if built == held {
        return Ok(());
    }
    let short = |bytes| sha256(bytes).chars().take(12).collect::<String>();
    let difference = format!(
        "sha256 {} instead of {}, and the first difference is {}",
        short(held),
        short(built),
        first_difference(built, held)
    );
    let words = differing_words(built, held);
    let revision = PluginMetadata::read(held).and_then(|words| words.revision);
    let (package, path) = (package.to_owned(), path.to_owned());
    Err(Error::Differs { package, path, difference, words, revision })
}

/// Returns the metadata in which the two differ.
fn differing_words(built: &[u8], held: &[u8]) -> Vec<String> {
    let words =
        |bytes| PluginMetadata::read(bytes).and_then(|words| serde_json::to_value(words).ok());
    let (Some(Value::Object(built)), Some(Value::Object(held))) = (words(built), words(held))
    else {
        return Vec::new();
    };
    let differ = built.iter().filter(|(name, value)| held.get(*name) != Some(value));
    differ
        .map(|(name, value)| format!("{name}: built {value}, the file has {}", held[name]))
        .collect()
}

/// Returns the first section that differs, and the position in it.
fn first_difference(built: &[u8], held: &[u8]) -> String {
    let (ours, theirs) = (sections(built), sections(held));
    for (index, (name, range)) in ours.iter().enumerate() {
        let Some((other, other_range)) = theirs.get(index) else {
            return format!("the file ends before the section `{name}`");
        };
        if name != other {
            return format!("section {index} is `{name}`, and `{other}` in the file");
        }
        let (a, b) = (&built[range.clone()], &held[other_range.clone()]);
        if a != b {
            let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
            return format!(
                "the section `{name}` at byte {at} of it ({} bytes, and {} in the file)",
                a.len(),
                b.len()
            );
        }
    }
    match theirs.get(ours.len()) {
        Some((name, _)) => format!("the file has one more section, `{name}`"),
        None => "the bytes between the sections".into(),
    }
}

/// Returns the names and positions of all sections, in components and the modules in them, as far as they can be read.
fn sections(bytes: &[u8]) -> Vec<(String, Range<usize>)> {
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        let name = match &payload {
            // Their own sections follow.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => continue,
            Payload::CustomSection(section) => section.name().to_owned(),
            Payload::CodeSectionStart { .. } => "code".into(),
            Payload::DataSection(_) => "data".into(),
            other => match other.as_section() {
                Some((id, _)) => format!("number {id}"),
                None => continue,
            },
        };
        let Some((_, range)) = payload.as_section() else { continue };
        if let (Ok(start), Ok(end)) = (usize::try_from(range.start), usize::try_from(range.end)) {
            sections.push((name, start..end));
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_decide_are_named_and_others_are_not() {
        let names = |names: &[&str]| {
            warning(names.iter().map(ToString::to_string)).map(|advice| advice.to_string())
        };
        assert_eq!(names(&["PATH", "RUSTC_WRAPPER", "CARGO_HOME", "CARGO_TARGET_DIR"]), None);
        let said = names(&["RUSTFLAGS", "CARGO_PROFILE_RELEASE_LTO"]).unwrap();
        assert!(said.starts_with("`CARGO_PROFILE_RELEASE_LTO`, `RUSTFLAGS` change"), "{said}");
    }

    #[test]
    fn the_first_difference_is_named_by_its_section() {
        let wat = |text: &str| wat::parse_str(format!("(component {text})")).unwrap();
        let module =
            |data: &str| wat(&format!("(core module (memory 1) (data (i32.const 0) \"{data}\"))"));
        assert_eq!(
            first_difference(&module("one"), &module("two")),
            "the section `data` at byte 6 of it (9 bytes, and 9 in the file)"
        );
        let more =
            wat("(core module (memory 1) (data (i32.const 0) \"one\")) (@custom \"x\" \"y\")");
        assert_eq!(first_difference(&module("one"), &more), "the file has one more section, `x`");
        assert_eq!(first_difference(&more, &module("one")), "the file ends before the section `x`");
    }
}
