//! `docs/schemas/*.json` against what the tool writes.

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use crate::support::{Run, Sandbox, chase, root};

fn schema(name: &str) -> Value {
    let path = root().join(format!("docs/schemas/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Refuses fields that the schema does not describe. Users' copies accept those of later versions.
fn strict(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(object) => {
            for value in object.values_mut() {
                *value = strict(value.take());
            }
            if object.get("properties").is_some_and(Value::is_object) {
                object.entry("additionalProperties").or_insert(false.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = strict(item.take())),
        _ => {}
    }
    schema
}

/// A validator; other schemas of the folder are found beside it.
fn validator(name: &str, change: fn(Value) -> Value) -> Validator {
    let base = |name: &str| format!("file:///schemas/{name}.json");
    let registry = Registry::new().add(base("replay"), change(schema("replay"))).unwrap();
    let registry = registry.prepare().unwrap();
    let options = jsonschema::options().with_registry(&registry).with_base_uri(base(name));
    options.build(&change(schema(name))).unwrap()
}

/// The schema describes every field of a real document, and refuses another version and a document without one of its fields.
#[track_caller]
pub fn assert_describes(name: &str, document: &Value) {
    let errors: Vec<_> = validator(name, strict)
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "docs/schemas/{name}.json: {errors:#?}\n{document:#}");
    let lenient = validator(name, |schema| schema);
    let is_valid = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut changed = document.clone();
        change(changed.as_object_mut().unwrap());
        lenient.is_valid(&changed)
    };
    let version = if name == "abi" { "abi-version" } else { "schema" };
    assert!(is_valid(&|object| drop(object.insert("later".into(), json!(1)))));
    assert!(!is_valid(&|object| drop(object.insert(version.into(), json!(2)))), "{name}");
    for field in document.as_object().unwrap().keys() {
        assert!(!is_valid(&|object| drop(object.remove(field))), "{name} without {field}");
    }
}

fn stdout(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn each_schema_is_one_and_describes_each_field() {
    fn undescribed(value: &Value, path: &str, missing: &mut Vec<String>) {
        let Value::Object(object) = value else { return };
        for (name, value) in object {
            let path = format!("{path}/{name}");
            if let ("properties", Value::Object(fields)) = (name.as_str(), value) {
                let of = fields.iter().filter(|(_, field)| !field["description"].is_string());
                missing.extend(of.map(|(field, _)| format!("{path}/{field}")));
            }
            undescribed(value, &path, missing);
        }
    }
    let page = std::fs::read_to_string(root().join("docs/schemas.md")).unwrap();
    for file in crate::support::names(&root().join("docs/schemas")) {
        let schema = schema(file.strip_suffix(".json").unwrap());
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        let mut missing = Vec::new();
        undescribed(&schema, &file, &mut missing);
        assert!(missing.is_empty(), "{missing:?}");
        assert!(page.contains(&format!("(schemas/{file})")), "docs/schemas.md lacks {file}");
    }
}

/// A command with JSON that the page does not name has no schema either.
#[test]
fn the_page_names_every_command_that_writes_json() {
    let page = std::fs::read_to_string(root().join("docs/schemas.md")).unwrap();
    let commands = std::fs::read_to_string(root().join("docs/commands.md")).unwrap();
    let mut found = 0;
    for section in commands.split("\n## ").skip(1) {
        let (name, help) = section.split_once('\n').unwrap();
        // `watch` takes the flags of `build`.
        if name != "watch" && help.contains("possible values: ") && help.contains("json") {
            found += 1;
            assert!(page.contains(&format!("`cargo tesser {name} ")), "{name}");
        }
    }
    assert!(found > 5, "{found}");
}

#[test]
fn validate() {
    let sandbox = Sandbox::new();
    sandbox.write("a.wasm", std::fs::read(chase()).unwrap());
    sandbox.write("b.wasm", b"");
    let words = ["validate", "a.wasm", "b.wasm", "none.wasm", "--format", "json", "--against"];
    let run = sandbox.tesser("", &[&words[..], &["a.wasm"]].concat());
    assert_describes("validate", &stdout(&run));
}

#[test]
fn inspect() {
    let sandbox = Sandbox::new();
    for bytes in [&std::fs::read(chase()).unwrap()[..], b"", b"\0asm\x01\0\0\0"] {
        sandbox.write("a.wasm", bytes);
        let run = sandbox.tesser("", &["inspect", "a.wasm", "--format", "json"]).expect(0);
        assert_describes("inspect", &stdout(&run));
    }
}

#[test]
fn build_and_test() {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["new", "it-schema"]).expect(0);
    let words = ["build", "--release", "--message-format", "json", "--out-dir", "plugins"];
    let run = sandbox.tesser("it-schema", &words).expect(0);
    assert_describes(
        "build-message",
        &serde_json::from_str(run.stdout.lines().last().unwrap()).unwrap(),
    );
    sandbox.write("it-schema/tapes/start.jsonl", "\"timer\"\n");
    let run = sandbox.tesser("it-schema", &["test", "golden", "--format", "json"]).expect(1);
    assert_describes("test", &stdout(&run));
}

#[test]
fn check_hint() {
    let sandbox = Sandbox::new();
    sandbox.write("plugins/chase.wasm", std::fs::read(chase()).unwrap());
    let hint =
        |name: &str| format!("Plugin = {{ name = \"{name}\", params = {{ venue = \"v\" }} }}\n");
    sandbox.write("a.toml", format!("[a]\n{}[b]\n{}", hint("chase"), hint("none")));
    let run = sandbox.tesser("", &["check-hint", "a.toml", "plugins", "--format", "json"]);
    assert_describes("check-hint", &stdout(&run.expect(1)));
}

#[test]
fn abi() {
    let run = Sandbox::new().tesser("", &["abi", "--format", "json"]).expect(0);
    assert_describes("abi", &stdout(&run));
}

#[test]
fn replay_and_sweep() {
    let sandbox = Sandbox::new();
    sandbox.write("trades.csv", crate::replay::book::trades());
    sandbox.write("book.csv", crate::replay::book::order_book("BTCUSDT"));
    sandbox.write("script.jsonl", "\"timer\"\n");
    let plugin = chase().to_str().unwrap();
    let words = |words: &[&str], code: i32| {
        let shared = ["replay", plugin, "--quantity", "1", "--format", "json", "--params"];
        let run = [&shared[..], &[r#"{"venue":"bybit_linear","reprice_bps":0}"#], words].concat();
        stdout(&sandbox.tesser("", &run).expect(code))
    };
    let more = ["--maker-fee", "1", "--half-spread", "2", "--depth", "3", "--participation", "0.5"];
    let trades = ["--tape", "trades.csv"];
    for run in [
        words(&[&trades[..], &["--book", "book.csv"]].concat(), 0),
        words(&[&trades[..], &more, &["--horizon", "20", "--min-filled", "1"]].concat(), 1),
        words(&["--tape", "script.jsonl"], 0),
    ] {
        assert_describes("replay", &run);
    }
    sandbox.write(
        "runs.toml",
        "tapes = [\"trades.csv\", \"none.csv\"]\n[[params]]\nclip_size = \"0.5\"\n",
    );
    let sweep = words(&["--sweep", "runs.toml"], 1);
    assert_describes("replay-sweep", &sweep);
    assert!(sweep["runs"][0]["ledger"].is_object() && sweep["runs"][1]["error"].is_string());
    words(&["--sweep", "runs.toml", "--out", "results"], 1);
    let report = ["sweep", "report", "results", "--format", "json"];
    assert_describes("sweep-report", &stdout(&sandbox.tesser("", &report).expect(1)));
}
