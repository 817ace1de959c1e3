//! docs/compare.md against the tool: the example's numbers, and the names of all fields.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::{OLD, tidy};
use crate::support::{Sandbox, chase, root};

fn page() -> String {
    fs::read_to_string(root().join("docs/compare.md")).unwrap()
}

/// The blocks of a language below a heading.
fn blocks<'a>(page: &'a str, heading: &str, language: &str) -> Vec<&'a str> {
    let (_, below) = page.split_once(&format!("\n{heading}\n")).unwrap();
    let below = below.split("\n## ").next().unwrap();
    let fence = format!("```{language}\n");
    below.split(fence.as_str()).skip(1).map(|block| block.split("```").next().unwrap()).collect()
}

#[test]
fn the_examples_numbers_are_those_of_the_tool() {
    let page = page();
    let sandbox = Sandbox::new();
    sandbox.write("week.csv", blocks(&page, "## An example", "csv")[0]);
    sandbox.write("a.json", OLD);
    sandbox.write("b.json", super::NEW);
    let command = blocks(&page, "## An example", "console")[0].trim().replace("\\\n", "");
    let words = command.strip_prefix("$ cargo tesser compare chase.wasm ").unwrap();
    let words = words.split_whitespace();
    let words: Vec<_> = ["compare", chase().to_str().unwrap()].into_iter().chain(words).collect();
    let run = sandbox.tesser("", &words).expect(0);
    let said = tidy(&run).replace("[CHASE]", "chase.wasm");
    let shown = blocks(&page, "## An example", "text")[0];
    assert_eq!(said.replace("[HASH]", ""), shown.replace("…", ""), "{said}");
}

/// Names of all fields of a document. Metadata and rules are described elsewhere.
fn fields(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                if !["params", "host", "exchange", "plugin", "interval"].contains(&name.as_str())
                    || value["low"].is_string()
                {
                    fields(value, names);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, names)),
        _ => {}
    }
}

#[test]
fn every_field_is_on_the_page() {
    let sandbox = super::days(6);
    let run = super::compare(&sandbox, super::NEW, &["--format", "json"]).expect(0);
    crate::docs::schemas::assert_describes("compare", &super::json(&run));
    let mut names = BTreeSet::new();
    fields(&super::json(&run), &mut names);
    let page = page();
    let (_, below) = page.split_once("\n## JSON\n").unwrap();
    names.retain(|name| !below.contains(&format!("`{name}`")));
    assert!(names.is_empty(), "not in docs/compare.md: {names:?}");
}
