//! Compares a plugin with an older one: what an update changes for the host.
//!
//! In: the facts of both. Out: findings, in a fixed order.

use super as checks;
use crate::facts::{Export, Facts, Item, Metadata};
use crate::report::{Code, Finding, Same, escape_untrusted};

/// Returns every relevant difference of `new` from `old`.
pub fn check(old: &Facts, new: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |code, message: String| findings.push(Finding::new(code, message));
    if let (Some(before), Some(now)) = (name(old), name(new))
        && before != now
    {
        let (before, now) = (escape_untrusted(before), escape_untrusted(now));
        add(
            Code::OtherPlugin,
            format!("the older file is the plugin `{before}`, but this one is `{now}`"),
        );
    }
    for export in functions_and_more(old) {
        let name = escape_untrusted(&export.name);
        match new.exports.iter().find(|other| other.name == export.name) {
            None => add(Code::ExportRemoved, format!("no longer exports `{name}`")),
            Some(other) => {
                for change in changes(export, other) {
                    add(Code::ExportChanged, format!("`{name}`: {change}"));
                }
            }
        }
    }
    for export in functions_and_more(new) {
        if !old.exports.iter().any(|other| other.name == export.name) {
            add(Code::ExportAdded, format!("also exports `{}`", escape_untrusted(&export.name)));
        }
    }
    for name in missing(new, old) {
        add(Code::ImportAdded, format!("also imports `{name}`"));
    }
    for name in missing(old, new) {
        add(Code::ImportRemoved, format!("no longer imports `{name}`"));
    }
    let before = checks::kinds(&old.imports);
    for (kind, _) in checks::kinds(&new.imports) {
        if !before.iter().any(|(other, _)| *other == kind) {
            add(Code::CapabilityAdded, format!("can also use {kind}"));
        }
    }
    let (old_abi, new_abi) = (abi(old), abi(new));
    if old_abi != new_abi {
        add(Code::AbiChanged, format!("was built for {old_abi} and is now built for {new_abi}"));
    }
    if new.size > old.size + old.size / 10 {
        add(Code::SizeGrown, format!("has {} bytes instead of {}", new.size, old.size));
    }
    findings
}

/// Returns what the two have in common, given the findings.
pub fn same(old: &Facts, new: &Facts, findings: &[Finding]) -> Same {
    if old.sha256 == new.sha256 {
        Same::Bytes
    } else if findings.iter().all(|finding| finding.code == Code::OtherPlugin) {
        Same::Interface
    } else {
        Same::Less
    }
}

/// Returns the exports that a host can use, without plain types, which are only named.
fn functions_and_more(facts: &Facts) -> impl Iterator<Item = &Export> {
    facts.exports.iter().filter(|export| !matches!(export.item, Item::Type))
}

fn changes(old: &Export, new: &Export) -> Vec<String> {
    match (&old.item, &new.item) {
        (Item::Func(old), Item::Func(new)) => {
            let differences = old.differences(new).into_iter();
            let show = |text: &str| escape_untrusted(text);
            differences
                .map(|is| {
                    let (place, found) = (show(&is.place), show(&is.found));
                    format!("{place} was `{}` and is `{found}`", show(&is.expected))
                })
                .collect()
        }
        (old, new) if std::mem::discriminant(old) == std::mem::discriminant(new) => Vec::new(),
        _ => vec!["has a different kind than before".into()],
    }
}

/// Returns the names of imports from the host that `one` has and `other` does not.
fn missing(one: &Facts, other: &Facts) -> Vec<String> {
    let imports = one.imports.iter().filter(|import| import.item.needs_host());
    let is_new = |name: &str| !other.imports.iter().any(|import| import.name == name);
    imports
        .filter(|import| is_new(&import.name))
        .map(|import| escape_untrusted(&import.name))
        .collect()
}

/// Returns the name that `cargo tesser build` recorded.
fn name(facts: &Facts) -> Option<&str> {
    match &facts.metadata {
        Metadata::Of(metadata) => Some(&metadata.name),
        Metadata::None | Metadata::Foreign => None,
    }
}

fn abi(facts: &Facts) -> String {
    match &facts.metadata {
        Metadata::Of(metadata) => format!("ABI {}", escape_untrusted(&metadata.abi)),
        Metadata::None | Metadata::Foreign => "an unknown ABI".into(),
    }
}
