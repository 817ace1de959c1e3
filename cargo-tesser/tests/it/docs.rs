//! The documentation against the tool: pages that a reader can follow, and JSON schemas.

pub mod page;
pub mod schemas;

use crate::support::{Sandbox, names, root};
use page::Reader;

#[test]
fn the_tutorial_can_be_followed() {
    let reader = Reader::follow("docs/tutorial.md");
    assert!(reader.path("plugins/dip_buyer.wasm").is_file());
    assert!(reader.path("report.html").is_file());
}

#[test]
fn an_algorithm_is_written_as_the_page_says() {
    Reader::follow("docs/howto-algorithm.md");
}

#[test]
fn a_refusal_is_found_as_the_page_says() {
    Reader::follow("docs/howto-refusal.md");
}

#[test]
fn plugins_share_a_workspace_as_the_page_says() {
    let reader = Reader::follow("docs/howto-monorepo.md");
    assert!(reader.path("dist/desk_pov.wasm").is_file());
}

#[test]
fn a_plugin_is_verified_and_rolled_back_as_the_page_says() {
    Reader::follow("docs/howto-verify.md");
}

/// In blocks for shells and CI systems; the help is asked for, so that nothing runs.
#[test]
fn every_command_line_is_one_that_the_tool_knows() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        for line in command_lines(&page) {
            count += 1;
            let sandbox = Sandbox::new();
            let mut words = page::words(&line);
            // Files with parameters are read with the command line.
            for file in words.iter().filter(|word| word.ends_with("json") && word.contains('.')) {
                sandbox.write(file, "{}");
            }
            words.push("--help".into());
            let run = sandbox.tesser("", &words.iter().map(String::as_str).collect::<Vec<_>>());
            if run.code != Some(0) {
                wrong.push(format!("{page}: cargo tesser {line}\n{}", run.stderr));
            }
        }
    }
    assert!(count > 50, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn pages() -> Vec<String> {
    let docs = names(&root().join("docs")).into_iter();
    let docs = docs.filter_map(|name| Some(format!("docs/{}.md", name.strip_suffix(".md")?)));
    ["README.md".to_owned(), "tesser-wasm/README.md".to_owned()].into_iter().chain(docs).collect()
}

/// What follows `cargo tesser` in the blocks for shells and CI systems.
fn command_lines(path: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for block in page::blocks(path) {
        if !["console", "sh", "yaml"].contains(&block.language()) {
            continue;
        }
        let text = block.text.replace("\\\n", " ");
        for line in text.lines().filter_map(|line| line.split_once("cargo tesser ")) {
            // Up to the end of the command.
            let ends = [" > ", " || ", " | ", "; ", " # ", " && "];
            let end = ends.iter().filter_map(|end| line.1.find(end)).min();
            lines.push(line.1[..end.unwrap_or(line.1.len())].trim().to_owned());
        }
    }
    lines
}
