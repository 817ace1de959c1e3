//! `workspace.members`: whether a crate is listed, and how it gets listed. Pure.
//!
//! The list keeps its form: one line or many, comments in place, sorted if it was.

use std::path::Path;

use glob::{MatchOptions, Pattern};
use toml_edit::{Array, DocumentMut, Item, Value};

fn list<'a>(document: &'a DocumentMut, key: &str) -> impl Iterator<Item = &'a str> {
    let array = document.get("workspace").and_then(|it| it.get(key)).and_then(Item::as_array);
    array.into_iter().flatten().filter_map(Value::as_str)
}

/// Whether the workspace excludes a crate there, by cargo's rules: without patterns, and `members` overrides `exclude`.
pub(super) fn is_excluded(document: &DocumentMut, below: &str) -> bool {
    let under = |key| list(document, key).any(|dir| Path::new(below).starts_with(plain(dir)));
    under("exclude") && !under("members")
}

/// Whether the workspace has no crate yet.
pub(super) fn has_none(document: &DocumentMut) -> bool {
    document.get("package").is_none() && list(document, "members").next().is_none()
}

fn plain(entry: &str) -> &str {
    entry.trim_start_matches("./").trim_end_matches('/')
}

fn is_listed(document: &DocumentMut, below: &str) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
    list(document, "members").any(|entry| {
        let fits = |pattern: Pattern| pattern.matches_with(below, options);
        plain(entry) == below || Pattern::new(plain(entry)).is_ok_and(fits)
    })
}

/// Lists the crate, unless it is already listed; returns whether there is a new entry.
pub(super) fn add(document: &mut DocumentMut, below: &str) -> Result<bool, String> {
    if is_listed(document, below) {
        return Ok(false);
    }
    let not_a_list = || "its `workspace.members` is not a list".to_owned();
    let workspace = document.get_mut("workspace").and_then(Item::as_table_like_mut);
    let workspace = workspace.ok_or_else(not_a_list)?;
    let members = workspace.entry("members").or_insert_with(|| Array::new().into());
    insert(members.as_array_mut().ok_or_else(not_a_list)?, below);
    Ok(true)
}

fn insert(members: &mut Array, below: &str) {
    let texts: Vec<_> = members.iter().map(|value| value.as_str().unwrap_or_default()).collect();
    let place = if texts.len() > 1 && texts.is_sorted() {
        texts.partition_point(|text| *text < below)
    } else {
        texts.len()
    };
    let indent = indent(members);
    let gap = gap(members, place);
    let Some(indent) = indent else {
        // On one line.
        let prefix = if place == 0 { gap.as_str() } else { " " };
        members.insert_formatted(place, Value::from(below).decorated(prefix, ""));
        if place == 0 && members.len() > 1 {
            set_gap(members, 1, " ");
        } else {
            set_gap(members, place + 1, if place == 0 { "" } else { &gap });
        }
        return;
    };
    // A comment after the previous entry stays there.
    let (behind, rest) = gap.split_once('\n').unwrap_or(("", ""));
    let prefix = format!("{behind}\n{indent}");
    members.insert_formatted(place, Value::from(below).decorated(prefix, ""));
    set_gap(members, place + 1, &format!("\n{rest}"));
    if place + 1 == members.len() {
        members.set_trailing_comma(true);
    }
}

/// Returns the indentation of a list with several lines.
fn indent(members: &Array) -> Option<String> {
    let prefix = |value: &Value| {
        let prefix = value.decor().prefix()?.as_str()?.to_owned();
        Some(prefix.rsplit_once('\n')?.1.to_owned())
    };
    let trailing = members.trailing().as_str().unwrap_or_default();
    let empty = || trailing.contains('\n').then(|| "    ".to_owned());
    members.iter().find_map(prefix).or_else(empty)
}

/// Returns the spaces and comments before an entry, or before the end.
fn gap(members: &mut Array, place: usize) -> String {
    if let Some(value) = members.get(place) {
        return value.decor().prefix().and_then(|it| it.as_str()).unwrap_or_default().to_owned();
    }
    let trailing = members.trailing().as_str().unwrap_or_default().to_owned();
    // Without a trailing comma, they belong to the last entry.
    let suffix = place.checked_sub(1).and_then(|last| members.get_mut(last)).map(|last| {
        let suffix =
            last.decor().suffix().and_then(|it| it.as_str()).unwrap_or_default().to_owned();
        last.decor_mut().set_suffix("");
        suffix
    });
    format!("{}{trailing}", suffix.unwrap_or_default())
}

fn set_gap(members: &mut Array, place: usize, gap: &str) {
    match members.get_mut(place) {
        Some(value) => value.decor_mut().set_prefix(gap),
        None => members.set_trailing(gap),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(members: &str, below: &str) -> String {
        let mut document: DocumentMut = format!("[workspace]\n{members}").parse().unwrap();
        add(&mut document, below).unwrap();
        let after = document.to_string();
        // What was written must be read again.
        let read: DocumentMut = after.parse().unwrap();
        assert!(is_listed(&read, below), "{after}");
        after.strip_prefix("[workspace]\n").unwrap().to_owned()
    }

    #[test]
    fn a_list_stays_as_it_is_written() {
        let cases = [
            ("members = []\n", "members = [\"m\"]\n"),
            ("members = [\"b\", \"a\"]\n", "members = [\"b\", \"a\", \"m\"]\n"),
            ("members = [ \"b\", \"a\" ]\n", "members = [ \"b\", \"a\", \"m\" ]\n"),
            ("members = [\"a\", \"x\"]\n", "members = [\"a\", \"m\", \"x\"]\n"),
            ("members = [\"n\", \"x\"]\n", "members = [\"m\", \"n\", \"x\"]\n"),
            ("members = [\"x\",]\n", "members = [\"x\", \"m\",]\n"),
            ("members = [\n]\n", "members = [\n    \"m\",\n]\n"),
            ("members = [\n  \"x\",\n]\n", "members = [\n  \"x\",\n  \"m\",\n]\n"),
            ("members = [\n  \"x\"\n]\n", "members = [\n  \"x\",\n  \"m\",\n]\n"),
            ("resolver = \"3\"\n", "resolver = \"3\"\nmembers = [\"m\"]\n"),
        ];
        for (before, after) in cases {
            assert_eq!(added(before, "m"), after);
        }
    }

    #[test]
    fn comments_stay_with_what_they_are_about() {
        assert_eq!(
            added("members = [\n  # one\n  \"x\", # of x\n  # \"old\",\n]\n", "m"),
            "members = [\n  # one\n  \"x\", # of x\n  \"m\",\n  # \"old\",\n]\n"
        );
        assert_eq!(
            added("members = [\n  \"x\" # of x\n]\n", "m"),
            "members = [\n  \"x\", # of x\n  \"m\",\n]\n"
        );
        assert_eq!(
            added("members = [\n  \"a\", # of a\n  # of z\n  \"z\", # end\n]\n", "m"),
            "members = [\n  \"a\", # of a\n  \"m\",\n  # of z\n  \"z\", # end\n]\n"
        );
    }

    #[test]
    fn what_a_pattern_lists_is_not_listed_twice() {
        for members in ["[\"p/*\"]", "[\"./p/a/\"]", "[\"**\"]", "[\"p/a\"]"] {
            let members = format!("members = {members}\n");
            assert_eq!(added(&members, "p/a"), members);
        }
        assert_eq!(added("members = [\"p/*\"]\n", "p/a/b"), "members = [\"p/*\", \"p/a/b\"]\n");
    }

    #[test]
    fn an_excluded_folder_is_no_member_unless_it_is_listed() {
        let is_excluded = |lists: &str, below| {
            is_excluded(&format!("[workspace]\n{lists}").parse().unwrap(), below)
        };
        assert!(is_excluded("exclude = [\"x\"]", "x/y"));
        assert!(!is_excluded("exclude = [\"x\"]", "xy"));
        assert!(!is_excluded("exclude = [\"x\"]\nmembers = [\"x/y\"]", "x/y"));
    }

    #[test]
    fn members_that_are_no_list_are_refused() {
        let mut document = "[workspace]\nmembers = \"a\"\n".parse().unwrap();
        assert_eq!(add(&mut document, "m").unwrap_err(), "its `workspace.members` is not a list");
    }
}
