//! docs/replay.md against the tool: the example's numbers, and the names of all fields and columns.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde_json::Value;

use super::book;
use crate::support::{Sandbox, chase, root};

fn page() -> String {
    fs::read_to_string(root().join("docs/replay.md")).unwrap()
}

/// The blocks of a language below a heading.
fn blocks(page: &str, heading: &str, language: &str) -> Vec<String> {
    let (_, below) = page.split_once(&format!("\n{heading}\n")).unwrap();
    let below = below.split("\n### ").next().unwrap();
    let fence = format!("```{language}\n");
    let blocks = below.split(&fence).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_examples_numbers_are_those_of_the_tool() {
    let sandbox = Sandbox::new();
    let page = page();
    sandbox.write("trades.csv", &blocks(&page, "### An example", "csv")[0]);
    let words = ["replay", chase().to_str().unwrap(), "--tape", "trades.csv", "--quantity", "2"];
    let params = r#"{"venue":"bybit_linear","clip_size":"1"}"#;
    let flags = "--half-spread 5 --maker-fee 1 --horizon 15".split(' ').collect::<Vec<_>>();
    // As the page has them, over two lines.
    let said = format!("--quantity 2 --params '{params}' {}", flags.join(" "));
    let one_line = page.replace('\n', " ");
    assert!(one_line.contains(&said), "{said}");
    let run = [&words[..], &flags, &["--params", params]].concat();
    let plain = sandbox.tesser("", &run).expect(0).stdout;
    let figures = &blocks(&page, "### An example", "text")[0];
    assert!(plain.contains(figures.as_str()), "{plain}");
    let expected = "--expect completed --min-filled 0.75 --max-shortfall-bps 40";
    assert!(page.contains(expected));
    let run = [&run[..], &expected.split(' ').collect::<Vec<_>>()].concat();
    let judged = sandbox.tesser("", &run).expect(1).stdout;
    let errors = &blocks(&page, "### Expectations", "text")[0];
    assert!(judged.contains(errors.as_str()), "{judged}");
}

/// Names of all fields of a document. Parameters, rules and metadata are not the page's business.
fn fields(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                if !["params", "rules", "metadata"].contains(&name.as_str()) {
                    fields(value, names);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, names)),
        _ => {}
    }
}

#[test]
fn every_field_and_every_column_is_on_the_page() {
    let sandbox = Sandbox::new();
    sandbox.write("trades.csv", book::trades());
    sandbox.write("book.csv", book::order_book("BTCUSDT"));
    let words = ["replay", chase().to_str().unwrap(), "--tape", "trades.csv", "--book", "book.csv"];
    let more = ["--params", super::VENUE, "--quantity", "1", "--format", "json", "--out", "out"];
    let run = sandbox.tesser("", &[&words[..], &more].concat()).expect(0).stdout;
    let mut names = BTreeSet::new();
    fields(&serde_json::from_str(&run).unwrap(), &mut names);
    for table in ["runs", "orders", "amendments", "fills"] {
        let file = File::open(sandbox.path(&format!("out/{table}.parquet"))).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let schema = reader.metadata().file_metadata().schema().clone();
        names.extend(schema.get_fields().iter().map(|field| field.name().to_owned()));
    }
    let page = page();
    let (_, below) = page.split_once("\n### JSON\n").unwrap();
    names.retain(|name| !below.contains(&format!("`{name}`")));
    assert!(names.is_empty(), "not in docs/replay.md: {names:?}");
}
