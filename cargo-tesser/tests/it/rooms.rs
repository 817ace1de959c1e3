//! Which part of the tool may import which. The sources are read for paths that begin with `crate::` or `super::`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms: what they may import, from the lowest on. No room imports a flow.
const ROOMS: [(&str, &[&str]); 18] = [
    ("exit", &[]),
    ("digest", &[]),
    ("parallel", &[]),
    ("random", &[]),
    ("process", &["exit"]),
    ("fs", &["process"]),
    ("git", &["process"]),
    ("report", &["digest"]),
    ("shell", &["process", "report"]),
    ("abi", &[]),
    ("engine", &["report"]),
    ("toolchain", &["exit", "fs", "process", "shell"]),
    ("simulator", &["digest", "engine", "fs", "parallel", "report"]),
    ("plugin", &["simulator"]),
    ("host_profile", &["abi", "exit", "fs", "simulator"]),
    ("facts", &["abi", "digest", "host_profile", "plugin"]),
    ("checks", &["abi", "digest", "engine", "exit", "facts", "host_profile", "report"]),
    ("workspace", &["exit", "fs", "process", "report"]),
];

/// All else are flows: they import rooms, and of flows only these.
const COMPOSED: [(&str, &str); 6] = [
    ("init", "new"),
    ("build", "validate"),
    ("rollback", "build"),
    ("test", "build"),
    ("compare", "replay"),
    ("doctor", "build"),
];

#[test]
fn each_room_stands_on_those_before_it() {
    for (index, (room, allowed)) in ROOMS.iter().enumerate() {
        let is_below = |name: &&str| ROOMS[..index].iter().any(|(below, _)| below == name);
        assert!(allowed.iter().all(is_below), "{room}");
    }
}

#[test]
fn rooms_know_no_flow_and_flows_compose_only_where_it_is_said() {
    let mut wrong = BTreeSet::new();
    for (file, imports) in imports() {
        let from = part(&file);
        for import in imports {
            let to = part(&import);
            if from != to && !may_import(&from, &to) {
                wrong.insert(format!("{from} -> {to}: {file}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not in the table:\n{}", Vec::from_iter(wrong).join("\n"));
}

#[test]
fn no_circle_of_files_spans_two_folders() {
    let imports = imports();
    let reached = |start: &str| {
        let mut reached = BTreeSet::new();
        let mut next = vec![start];
        while let Some(file) = next.pop() {
            for import in imports.get(file).into_iter().flatten() {
                if reached.insert(import.as_str()) {
                    next.push(import);
                }
            }
        }
        reached
    };
    let reached: BTreeMap<_, _> =
        imports.keys().map(|file| (file.as_str(), reached(file))).collect();
    let folder = |file: &str| Path::new(file).parent().map(Path::to_owned);
    let mut circles = BTreeSet::new();
    for (from, to) in &reached {
        for to in to.iter().filter(|to| reached[*to].contains(from)) {
            // A folder's `mod.rs` declares what is in it.
            if folder(from) != folder(to) {
                circles.insert(format!("{from} <-> {to}"));
            }
        }
    }
    assert!(circles.is_empty(), "{}", Vec::from_iter(circles).join("\n"));
}

fn may_import(from: &str, to: &str) -> bool {
    match from {
        "cli" | "main" | "lib" => true,
        // It delegates to all of them.
        "error" => to != "cli",
        _ => {
            let find = |part: &str| ROOMS.iter().find(|(room, _)| *room == part);
            find(from).map_or_else(
                || find(to).is_some() || COMPOSED.contains(&(from, to)),
                |(_, allowed)| allowed.contains(&to),
            )
        }
    }
}

/// The folder or file below `src` that a file is in.
fn part(file: &str) -> String {
    let first = file.split('/').next().unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(first).to_owned()
}

/// Files below `src`, each with the files that it imports.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    list(&root, &mut files);
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
    let modules: BTreeMap<Vec<String>, String> =
        files.iter().map(|path| (module(&name(path)), name(path))).collect();
    let mut all = BTreeMap::new();
    for path in &files {
        let file = name(path);
        let own = module(&file);
        let mut imports = BTreeSet::new();
        for mut path in paths(&code(&fs::read_to_string(path).unwrap()), &own) {
            // The longest beginning that is a file; the rest names an item in it.
            while !path.is_empty() {
                if let Some(import) = modules.get(&path) {
                    if *import != file {
                        imports.insert(import.clone());
                    }
                    break;
                }
                path.pop();
            }
        }
        all.insert(file, imports);
    }
    all
}

fn list(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn module(file: &str) -> Vec<String> {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').filter(|part| !matches!(*part, "lib" | "main")).map(Into::into).collect()
}

/// The source without comments and without its tests, which may look at more.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Modules and items that are named from `crate::` or `super::` on.
fn paths(code: &str, own: &[String]) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (start, root) in [("crate::", &[][..]), ("super::", parent(own))] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let mut rest = &code[at + start.len()..];
            let mut root = root.to_vec();
            while let Some(more) = rest.strip_prefix("super::") {
                root.pop();
                rest = more;
            }
            tree(&mut rest, &root, &mut paths);
        }
    }
    paths
}

fn parent(own: &[String]) -> &[String] {
    own.split_last().map_or(&[], |(_, parent)| parent)
}

/// Reads `a::b::{c, d::e}` and appends each path that it means.
fn tree(rest: &mut &str, root: &[String], paths: &mut Vec<Vec<String>>) {
    let mut path = root.to_vec();
    loop {
        *rest = rest.trim_start();
        if let Some(inner) = rest.strip_prefix('{') {
            *rest = inner;
            while !rest.is_empty() && !rest.starts_with('}') {
                let before = rest.len();
                tree(rest, &path, paths);
                *rest = rest.trim_start().trim_start_matches(',').trim_start();
                if rest.len() == before {
                    return;
                }
            }
            *rest = rest.strip_prefix('}').unwrap_or(rest);
            return;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        *rest = after;
        if name != "self" && !name.is_empty() {
            path.push(name.to_owned());
        }
        match after.strip_prefix("::") {
            Some(after) => *rest = after,
            None => break,
        }
    }
    if let Some(after) = rest.trim_start().strip_prefix("as ") {
        *rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    }
    paths.push(path);
}
