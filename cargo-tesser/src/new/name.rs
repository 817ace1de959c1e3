//! The package name and what is derived from it.
//!
//! In: the user's input. Out: a name that cargo, rustc, every file system and the host accept, or the rule that it
//! breaks and a name that would be accepted.

use std::path::Path;

use super::error::Error;
use crate::workspace;

/// Maximum length of a name; file names have at most 255 bytes, and cargo adds its own parts.
const LONGEST: usize = 64;

/// Words that cannot name a crate: Rust's keywords, including reserved ones.
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Crates that every plugin depends on; a second one with that name is ambiguous or a cycle.
const CRATES: [&str; 10] = [
    "alloc",
    "core",
    "proptest",
    "proc-macro",
    "std",
    "test",
    "tesser-wasm",
    "rust-decimal",
    "serde",
    "serde-json",
];

/// Device names of Windows, which cannot be file names there.
const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];

/// A package name that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PackageName(String);

impl PackageName {
    /// Returns the given name, or by default the folder's.
    pub(super) fn choose(given: Option<&str>, path: &Path) -> Result<Self, Error> {
        let name = match (given, path.file_name()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(name)) => name.to_string_lossy().into_owned(),
            (None, None) => return Err(Error::NoName { path: path.to_owned() }),
        };
        match broken_rule(&name) {
            None => Ok(Self(name)),
            Some(rule) => Err(Error::BadName { suggestion: suggest(&name), name, rule }),
        }
    }

    /// Refuses the name of another package of the workspace, with which cargo could not read the workspace. `-` and `_` are the
    /// same on the host.
    pub(super) fn check_free(&self, packages: &[String]) -> Result<(), Error> {
        let is_taken = |name: &str| packages.iter().any(|it| it.replace('-', "_") == name);
        if !is_taken(&self.library()) {
            return Ok(());
        }
        let numbered = (2..100).map(|number| format!("{}-{number}", self.0));
        let suggestion = numbered.into_iter().find(|name| !is_taken(&name.replace('-', "_")));
        Err(Error::BadName {
            name: self.0.clone(),
            rule: "the workspace has a package with that name, or one that differs only in `-` and `_`",
            suggestion: suggestion.unwrap_or_else(|| suggest(&self.0)),
        })
    }

    /// Returns the name of an existing package, without checking it.
    pub(super) fn existing(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the name as in Cargo.toml: `my-chase`.
    pub(super) fn package(&self) -> &str {
        &self.0
    }

    /// Returns the name as in Rust and in the host's file name: `my_chase`.
    pub(super) fn library(&self) -> String {
        self.0.replace('-', "_")
    }
}

/// Refuses a path in which cargo cannot work, even if a folder above the crate is the reason.
pub(super) fn check_path(path: &Path) -> Result<(), Error> {
    let refused = |rule| Err(workspace::Error::BadPath { path: path.to_owned(), rule }.into());
    let Some(text) = path.to_str() else {
        return refused("cargo does not support a path that is not UTF-8");
    };
    let separator = if cfg!(windows) { ';' } else { ':' };
    if text.contains(separator) {
        return refused("cargo cannot run tests in a path that contains the separator of `PATH`");
    }
    if text.chars().any(char::is_control) {
        return refused("control characters are not allowed in a path");
    }
    Ok(())
}

fn broken_rule(name: &str) -> Option<&'static str> {
    let kebab = name.replace('_', "-");
    let is_port = |stem: &str| {
        kebab
            .strip_prefix(stem)
            .is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > LONGEST {
        Some("it is longer than 64 characters")
    } else if name.contains('.') {
        Some("the host never finds a plugin whose name has a dot")
    } else if !name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
    {
        Some("only lowercase letters a to z, digits, `-` and `_` are allowed")
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        Some("it must start with a letter")
    } else if KEYWORDS.contains(&name) {
        Some("it is a Rust keyword")
    } else if CRATES.contains(&kebab.as_str()) {
        Some("it is the name of a crate that every plugin depends on")
    } else if matches!(name, "build" | "deps" | "examples" | "incremental") {
        Some("cargo uses a folder with that name for its artifacts")
    } else if DEVICES.contains(&name) || is_port("com") || is_port("lpt") {
        Some("it is a device name on Windows")
    } else {
        None
    }
}

/// Returns a similar name that is accepted.
fn suggest(name: &str) -> String {
    let mut suggestion = String::new();
    let mut previous_is_lower = false;
    for c in name.chars().flat_map(plain) {
        if c.is_ascii_uppercase() && previous_is_lower {
            suggestion.push('-');
        }
        previous_is_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        if c.is_ascii_alphanumeric() {
            suggestion.push(c.to_ascii_lowercase());
        } else if !suggestion.ends_with('-') {
            suggestion.push('-');
        }
    }
    let mut suggestion = suggestion.trim_matches('-').to_owned();
    suggestion.truncate(LONGEST - "plugin--plugin".len());
    if !suggestion.is_empty() && !suggestion.starts_with(|c: char| c.is_ascii_lowercase()) {
        suggestion.insert_str(0, "plugin-");
    }
    if broken_rule(&suggestion).is_some() {
        suggestion.push_str("-plugin");
    }
    // Nothing may be left of a name in another script.
    if broken_rule(&suggestion).is_none() { suggestion } else { "my-plugin".into() }
}

/// Converts letters of European languages to their form without diacritics; other characters stay.
fn plain(c: char) -> impl Iterator<Item = char> {
    let text = match c {
        'ä' | 'æ' => "ae",
        'ö' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'à'..='å' => "a",
        'ç' => "c",
        'è'..='ë' => "e",
        'ì'..='ï' => "i",
        'ñ' => "n",
        'ò'..='ø' => "o",
        'ù'..='û' => "u",
        _ => "",
    };
    let itself = text.is_empty().then_some(c);
    text.chars().chain(itself)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(name: &str) -> Result<PackageName, String> {
        PackageName::choose(Some(name), Path::new("/x"))
            .map_err(|error| format!("{error}; {}", error.hint().unwrap_or_default()))
    }

    #[test]
    fn names_are_derived() {
        let name = choose("my-twap_2").unwrap();
        assert_eq!(name.package(), "my-twap_2");
        assert_eq!(name.library(), "my_twap_2");
    }

    #[test]
    fn the_folder_names_the_package() {
        assert_eq!(PackageName::choose(None, Path::new("/a/chase")).unwrap().package(), "chase");
        assert!(matches!(PackageName::choose(None, Path::new("/")), Err(Error::NoName { .. })));
    }

    #[test]
    fn every_suggestion_is_accepted() {
        for name in ["", "..", "9", "Con", "fn", "MATCH", "Ünïcode", "--", "a/b", "取引", "x y"]
        {
            assert_eq!(broken_rule(&suggest(name)), None, "{name}");
        }
        for name in ["9x", "con", "Xx"].map(|start| start.repeat(60)) {
            assert_eq!(broken_rule(&suggest(&name)), None, "{name}");
        }
    }

    #[test]
    fn every_refusal_says_the_rule_and_a_way_out() {
        let cases = [
            ("", "it is empty; try `--name my-plugin`"),
            (
                "my.chase",
                "the host never finds a plugin whose name has a dot; try `--name my-chase`",
            ),
            (
                "MyChase",
                "only lowercase letters a to z, digits, `-` and `_` are allowed; try `--name my-chase`",
            ),
            (
                "größe",
                "only lowercase letters a to z, digits, `-` and `_` are allowed; try `--name groesse`",
            ),
            (
                "取引",
                "only lowercase letters a to z, digits, `-` and `_` are allowed; try `--name my-plugin`",
            ),
            ("a\u{202e}b", "try `--name a-b`"),
            ("-x", "it must start with a letter; try `--name x`"),
            ("2fast", "it must start with a letter; try `--name plugin-2fast`"),
            ("match", "it is a Rust keyword; try `--name match-plugin`"),
            (
                "std",
                "it is the name of a crate that every plugin depends on; try `--name std-plugin`",
            ),
            ("rust_decimal", "it is the name of a crate that every plugin depends on"),
            ("con", "it is a device name on Windows; try `--name con-plugin`"),
            ("com1", "it is a device name on Windows"),
            ("lpt0", "it is a device name on Windows; try `--name lpt0-plugin`"),
            ("test", "it is the name of a crate that every plugin depends on"),
            ("tesser_wasm", "it is the name of a crate that every plugin depends on"),
            ("..", "has a dot; try `--name my-plugin`"),
            ("a.B.wasm", "has a dot; try `--name a-b-wasm`"),
            ("deps", "cargo uses a folder with that name"),
        ];
        for (name, expected) in cases {
            let message = choose(name).unwrap_err();
            assert!(message.contains(expected), "{name}: {message}");
        }
        let long = choose(&"x".repeat(65)).unwrap_err();
        assert!(long.contains("longer than 64 characters; try `--name xxx"), "{long}");
    }
}
