//! Files of a template + the manifest's rules -> files of the new crate, before rendering. Pure.
//!
//! Files that end in `.tera` are rendered and lose that extension; all others are copied unchanged, so that text that looks
//! like a variable, as in a CI workflow, is kept. `_gitignore` becomes `.gitignore`.

use std::collections::BTreeMap;

use glob::{MatchOptions, Pattern};

use super::manifest::Rules;

/// A file of the template.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    /// Path below the template, with `/` between its parts.
    pub(super) path: String,
    pub(super) contents: Vec<u8>,
    pub(super) executable: bool,
}

/// The source of a file of the new crate.
#[derive(Clone, Debug)]
pub(in crate::new) struct Source {
    /// Path below the new folder, with `/` between its parts.
    pub(in crate::new) path: String,
    pub(in crate::new) contents: Vec<u8>,
    pub(in crate::new) executable: bool,
    /// Whether variables are replaced.
    pub(in crate::new) rendered: bool,
    /// The file is only created if all these expressions are true.
    pub(in crate::new) when: Vec<String>,
}

/// Whether a pattern of the manifest matches this path or a folder above it.
pub(super) fn is_meant(pattern: &Pattern, path: &str) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    ends.into_iter().any(|end| pattern.matches_with(&path[..end], options))
}

/// Parses the patterns of the manifest.
pub(super) fn patterns(texts: &[String]) -> Result<Vec<Pattern>, String> {
    texts.iter().map(|text| pattern(text)).collect()
}

fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::new(text.trim_end_matches('/'))
        .map_err(|error| format!("its pattern `{text}`: {error}"))
}

/// Applies the rules to the files.
pub(super) fn sources(raw: Vec<Raw>, rules: &Rules) -> Result<Vec<Source>, String> {
    let [render, verbatim, skip] =
        [patterns(&rules.render)?, patterns(&rules.verbatim)?, patterns(&rules.skip)?];
    let when = rules.when.iter().map(|(text, expression)| Ok((pattern(text)?, expression)));
    let when: Vec<_> = when.collect::<Result<_, String>>()?;
    let mut sources: BTreeMap<String, Source> = BTreeMap::new();
    for file in raw {
        let any = |patterns: &[Pattern]| patterns.iter().any(|it| is_meant(it, &file.path));
        if any(&skip) {
            continue;
        }
        let is_verbatim = any(&verbatim);
        let stem = file.path.strip_suffix(".tera").filter(|_| !is_verbatim);
        let rendered = stem.is_some() || (any(&render) && !is_verbatim);
        let path = with_its_dot(stem.unwrap_or(&file.path));
        check_path(&path)?;
        let conditions = when.iter().filter(|(pattern, _)| is_meant(pattern, &file.path));
        let source = Source {
            when: conditions.map(|(_, expression)| (*expression).clone()).collect(),
            path: path.clone(),
            contents: file.contents,
            executable: file.executable,
            rendered,
        };
        // Some file systems ignore case.
        if let Some(first) = sources.insert(path.to_lowercase(), source) {
            return Err(format!("two of its files would become `{}`", first.path));
        }
    }
    if !sources.contains_key("cargo.toml") {
        return Err("it does not create a `Cargo.toml`".into());
    }
    Ok(sources.into_values().collect())
}

/// `_gitignore` gets its dot only in the generated crate: in the template, git and cargo would apply it.
fn with_its_dot(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, "_gitignore")) => format!("{folder}/.gitignore"),
        None if path == "_gitignore" => ".gitignore".into(),
        _ => path.to_owned(),
    }
}

/// Checks that a path stays in the new folder on every system, and does not write into its repository.
pub(in crate::new) fn check_path(path: &str) -> Result<(), String> {
    for part in path.split('/') {
        let plain = part.trim_end_matches(['.', ' ']).to_lowercase();
        if plain.is_empty() || part.contains(['\\', ':']) || part.chars().any(char::is_control) {
            return Err(format!("its file `{path}` has a name that is not valid on every system"));
        }
        if plain == ".git" || plain == "git~1" {
            return Err(format!(
                "its file `{path}` would be written into a git repository's own files"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(raw: &[&str], rules: &str) -> Result<Vec<String>, String> {
        let raw = raw.iter().chain(&["Cargo.toml"]).map(|path| Raw {
            path: (*path).to_owned(),
            contents: Vec::new(),
            executable: false,
        });
        let manifest = format!("description = \"x\"\n[files]\n{rules}");
        let rules = manifest.parse::<super::super::Manifest>().unwrap().files;
        let shown = |source: Source| {
            let rendered = if source.rendered { " rendered" } else { "" };
            let when = source.when.iter().fold(String::new(), |all, it| all + " when " + it);
            (source.path != "Cargo.toml").then(|| format!("{}{rendered}{when}", source.path))
        };
        Ok(sources(raw.collect(), &rules)?.into_iter().filter_map(shown).collect())
    }

    #[test]
    fn only_listed_files_and_those_with_the_ending_are_rendered() {
        let ci = ".github/workflows/ci.yml";
        assert_eq!(paths(&["a.md.tera", ci], "").unwrap(), [ci, "a.md rendered"]);
        assert_eq!(
            paths(
                &["README.md", "book/a.tera", ci],
                "render = [\"*.md\", \"book\"]\nverbatim = [\"book/**\"]"
            )
            .unwrap(),
            [ci, "book/a.tera", "README.md rendered"]
        );
    }

    #[test]
    fn files_are_left_out_and_depend_on_expressions_by_pattern() {
        let rules = "skip = [\"docs\"]\nwhen = { \".github/**\" = \"ci\" }";
        assert_eq!(
            paths(&["docs/a/b.md", ".github/w/ci.yml", "_gitignore"], rules).unwrap(),
            [".github/w/ci.yml when ci", ".gitignore"]
        );
    }

    #[test]
    fn a_path_that_leads_out_or_plants_a_hook_is_refused() {
        for path in ["../x", "a/../x", "...tera", "a/.tera", "/x", "c:x", "a\\..\\x", "a./.. /x"] {
            let error = paths(&[path], "").unwrap_err();
            assert!(error.contains("not valid on every system"), "{path}: {error}");
        }
        for path in [".git/hooks/x", "a/.GIT/config", "GIT~1/x", ".git./x"] {
            let error = paths(&[path], "").unwrap_err();
            assert!(error.contains("git repository's own files"), "{path}: {error}");
        }
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        let error = paths(&["a", "a.tera"], "").unwrap_err();
        assert_eq!(error, "two of its files would become `a`");
        assert_eq!(paths(&["A", "a"], "").unwrap_err(), "two of its files would become `A`");
    }
}
