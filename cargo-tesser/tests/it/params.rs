//! Parameters as a contract: the schema in a plugin's file, and every command that goes by it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_tesser::plugin::TestSettings as Settings;
use cargo_tesser::test::{self, Report};
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};
use tesser_wasm::ParamSchema;

use crate::support::{Sandbox, chase, root};
use crate::validate::plugin;

const SCHEMA: &str = r#"{"format":1,"params":[
    {"name":"venue","type":"text","required":true,"doc":"Venue that orders are sent to."},
    {"name":"clip_size","type":"decimal","default":"0.5","min":"0.1","max":"10","unit":"base currency","doc":"Most that one order asks for."},
    {"name":"at_end","type":"choice","default":"leave","choices":["leave","market"],"doc":"What happens to the rest."},
    {"name":"secs","type":"integer","min":"1","max":"60","unit":"s"}]}"#;

/// A component with this schema.
fn with_schema(schema: &str) -> Vec<u8> {
    plugin(&format!(
        r#"(@custom "tesser:params" "{}")"#,
        schema.replace('"', "\\\"").replace('\n', " ")
    ))
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("mine.wasm", with_schema(SCHEMA));
    sandbox.write("plain.wasm", plugin(""));
    sandbox
}

#[test]
fn the_schema_survives_a_release_build() {
    let bytes = std::fs::read(chase()).unwrap();
    let schema = ParamSchema::from_component(&bytes).unwrap().unwrap();
    assert_eq!(schema.params[0].name, "venue");
    assert!(schema.get("clip_size").is_some());
    // Once, and not in a data segment, too.
    assert_eq!(memchr::memmem::find_iter(&bytes, "\"clip_size\"").count(), 1);
}

#[test]
fn inspect_prints_the_parameters() {
    let sandbox = sandbox();
    let run = sandbox.tesser("", &["inspect", "--params", "mine.wasm"]).expect(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
mine.wasm: 4 parameters

  name       type     default   allowed        unit
  venue      text     required
      Venue that orders are sent to.
  clip_size  decimal  0.5       0.1 to 10      base currency
      Most that one order asks for.
  at_end     choice   leave     leave, market
      What happens to the rest.
  secs       integer  unset     1 to 60        s

"#]]
    );
    let run = sandbox.tesser("", &["inspect", "--params", "plain.wasm"]).expect(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
plain.wasm: no parameter schema
  plugins built on the execution kit have one (`params!`); for others, see the source of their `init`

"#]]
    );
}

#[test]
fn inspect_prints_a_json_schema() {
    let words = ["inspect", "--params", "--format", "json", "mine.wasm"];
    let run = sandbox().tesser("", &words).expect(0);
    let schema: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(schema["properties"]["clip_size"]["x-unit"], "base currency");
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&json!({ "venue": "v", "clip_size": "0.25", "secs": 60 })));
    for wrong in [
        json!({}),
        json!({ "venue": "v", "clip": 1 }),
        json!({ "venue": "v", "secs": 61 }),
        json!({ "venue": "v", "at_end": "stay" }),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
    let words = ["inspect", "--params", "--format", "json", "plain.wasm"];
    assert_eq!(sandbox().tesser("", &words).expect(0).stdout, "null\n");
}

#[test]
fn a_schema_that_cannot_be_read_is_told_and_cannot_steer_a_terminal() {
    let sandbox = Sandbox::new();
    sandbox.write("mine.wasm", with_schema(r#"{"format":2,"params":[]}"#));
    let run = sandbox.tesser("", &["inspect", "--params", "mine.wasm"]).expect(101);
    assert_data_eq!(
        run.error(),
        str![[r#"
error: cannot read the parameter schema of `mine.wasm`

Caused by:
  the schema has format 2; this version reads format 1
hint: run `cargo tesser validate mine.wasm` for details
"#]]
    );
    let run = sandbox.tesser("", &["validate", "--params", "{}", "mine.wasm"]).expect(0);
    assert!(run.stderr.contains(
        "warning[no-param-schema]: the parameters were not checked: the schema has format 2"
    ));
    sandbox.write("text.wasm", "no plugin");
    sandbox.tesser("", &["inspect", "--params", "text.wasm"]).expect(101);
    let escapes =
        r#"{"format":1,"params":[{"name":"a\\u001b[31m","type":"text","doc":"b\\u202ec"}]}"#;
    sandbox.write("mine.wasm", with_schema(escapes));
    for format in ["human", "json"] {
        let words = ["inspect", "--params", "--format", format, "mine.wasm"];
        let said = sandbox.tesser("", &words).expect(0).stdout;
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said}");
    }
}

#[test]
fn validate_checks_parameters() {
    let sandbox = sandbox();
    let params = r#"{"clip_sise": "1", "at_end": "markt", "secs": 61}"#;
    let words = ["validate", "--allow", "no-metadata", "mine.wasm", "--params"];
    let run = sandbox.tesser("", &[&words[..], &[params]].concat()).expect(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error[invalid-params]: params: `clip_sise`: unknown parameter; did you mean `clip_size`?
  --> mine.wasm, params.clip_sise
  help: `cargo tesser inspect mine.wasm --params` lists what the plugin takes

error[invalid-params]: params: `venue`: missing: Tesser sends an order only if its symbol names the venue, and a signal names none; write the venue into the execution hint, for example `params = { venue = "bybit_linear" }`
  --> mine.wasm, params.venue
  help: `cargo tesser inspect mine.wasm --params` lists what the plugin takes

error[invalid-params]: params: `at_end`: `markt` is not one of leave, market; did you mean `market`?
  --> mine.wasm, params.at_end
  help: `cargo tesser inspect mine.wasm --params` lists what the plugin takes

error[invalid-params]: params: `secs`: 61 is out of range; allowed: from 1 to 60
  --> mine.wasm, params.secs
  help: `cargo tesser inspect mine.wasm --params` lists what the plugin takes

mine.wasm: rejected for tesser@0.9
  [SIZE] bytes, sha256 [HASH]

"#]]
    );
    sandbox.write("good.json", r#"{"venue": "v", "clip_size": "0.1"}"#);
    sandbox.write("good.toml", "venue = \"v\"\nsecs = 60\n");
    for good in [r#"{"venue": "v"}"#, "good.json", "good.toml"] {
        sandbox.tesser("", &[&words[..], &[good]].concat()).expect(0);
    }
    for bad in ["{", "none.json", "mine.wasm"] {
        let run = sandbox.tesser("", &[&words[..], &[bad]].concat()).expect(2);
        assert!(run.stderr.contains("for '--params <JSON|FILE>'"), "{}", run.stderr);
    }
}

#[test]
fn validate_says_that_it_cannot_check_without_a_schema() {
    let words = ["validate", "--allow", "no-metadata", "plain.wasm", "--params", "{}"];
    let run = sandbox().tesser("", &words).expect(0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
warning[no-param-schema]: the parameters were not checked: the file has no parameter schema
  --> plain.wasm
  help: define the parameters with `tesser_wasm::params!`, or try them with `cargo tesser check-hint`

plain.wasm: ok for tesser@0.9
  [SIZE] bytes, sha256 [HASH], needs nothing from the host

"#]]
    );
}

/// `replay` of the chase plugin.
fn replay(sandbox: &Sandbox, words: &[&str], code: i32) -> crate::support::Run {
    let all = [&["replay", chase().to_str().unwrap(), "--quantity", "1"], words].concat();
    sandbox.tesser("", &all).expect(code)
}

fn tape() -> String {
    root().join("templates/shared/tapes/synthetic.csv").display().to_string()
}

#[test]
fn replay_refuses_wrong_parameters_before_it_runs() {
    let sandbox = Sandbox::new();
    // The tape is not even opened.
    let params = r#"{"venue": "bybit_linear", "clip_sise": "1", "reprice_bps": "-1"}"#;
    let run = replay(&sandbox, &["--tape", "none.csv", "--params", params], 2);
    assert_data_eq!(
        run.error(),
        str![[r#"
error: `[TARGET]/tesser/release/it_chase.wasm` does not accept these parameters

Caused by:
  params: `clip_sise`: unknown parameter; did you mean `clip_size`?
  params: `reprice_bps`: -1 is out of range; allowed: from 0 to 10000
hint: `cargo tesser inspect [TARGET]/tesser/release/it_chase.wasm --params` lists the parameters that it accepts
"#]]
    );
    sandbox.write("good.toml", "venue = \"bybit_linear\"\nclip_size = \"0.5\"\n");
    replay(&sandbox, &["--tape", &tape(), "--params", "good.toml"], 0);
}

#[test]
fn a_sweep_runs_every_value_of_a_range() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "runs.toml",
        "[[params]]\nclip_size = { from = \"0.1\", to = \"0.3\", step = \"0.1\" }\nreprice_bps = { from = 5, to = 10, step = 5 }\n\
         [[params]]\nclip_size = \"1\"\n",
    );
    let tape = tape();
    let base = r#"{"venue": "bybit_linear"}"#;
    let words = ["--tape", &tape, "--params", base, "--sweep", "runs.toml", "--format", "json"];
    let run = replay(&sandbox, &words, 0);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let sets: Vec<_> =
        document["runs"].as_array().unwrap().iter().map(|run| &run["params"]).collect();
    let set = |clip: &str, bps: u32| json!({ "venue": "bybit_linear", "clip_size": clip, "reprice_bps": bps });
    let mut expected: Vec<_> =
        ["0.1", "0.2", "0.3"].into_iter().flat_map(|clip| [set(clip, 5), set(clip, 10)]).collect();
    expected.push(json!({ "venue": "bybit_linear", "clip_size": "1" }));
    assert_eq!(json!(sets), json!(expected));
}

#[test]
fn a_sweep_with_a_wrong_set_or_range_runs_nothing() {
    let sandbox = Sandbox::new();
    let tape = tape();
    let base = r#"{"venue": "bybit_linear"}"#;
    let words = ["--tape", &tape, "--params", base, "--sweep", "runs.toml"];
    sandbox.write(
        "runs.toml",
        "[[params]]\nreprice_bps = 5\n[[params]]\nreprice_bps = { from = 9_990, to = 10_010, step = 10 }\n",
    );
    let run = replay(&sandbox, &words, 2);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    let cause = "params: `reprice_bps`: 10010 is out of range; allowed: from 0 to 10000\nhint: ";
    assert!(run.stderr.contains(cause), "{}", run.stderr);
    for (range, reason) in [
        ("{ from = 1, to = 2, step = 0 }", "`step` of the range is 0; it must be greater than 0"),
        ("{ from = 2, to = 1, step = 1 }", "`to` of the range (1) is less than `from` (2)"),
        ("{ from = 0, to = 1, step = \"0.00000001\" }", "more than 10000000 runs"),
        ("{ from = 0, to = 1 }", "the range has no `step`"),
    ] {
        sandbox.write("runs.toml", format!("[[params]]\nreprice_bps = {range}\n"));
        let run = replay(&sandbox, &words, 101);
        assert!(run.stderr.contains(reason), "{}", run.stderr);
    }
}

#[test]
fn check_hint_names_the_nearest_parameter_once() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("plugins")).unwrap();
    std::fs::copy(chase(), sandbox.path("plugins/chase.wasm")).unwrap();
    let hint = r#"{"name": "chase", "params": {"venue": "bybit_linear", "clip_sise": "1"}}"#;
    sandbox.write("hint.json", hint);
    let run = sandbox.tesser("", &["check-hint", "hint.json", "plugins"]).expect(1);
    let said = "error: `init` refuses the signal: params: `clip_sise`: unknown parameter; did you mean `clip_size`?";
    assert_eq!(run.stderr.matches("clip_sise").count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

/// A plugin whose `init` takes anything, though its schema says otherwise.
const CARELESS: &str = include_str!("params/careless.rs");

/// The component, built once.
fn careless() -> &'static Path {
    static CARELESS_FILE: OnceLock<PathBuf> = OnceLock::new();
    CARELESS_FILE.get_or_init(|| {
        let sandbox = Sandbox::new();
        crate::build::plugin(&sandbox, "it-careless", CARELESS);
        let manifest = std::fs::read_to_string(sandbox.path("it-careless/Cargo.toml")).unwrap();
        let more = "rust_decimal = { version = \"1\", default-features = false, features = [\"std\"] }\n\n\
             [profile.release]\nopt-level = 1\npanic = \"abort\"\noverflow-checks = true\nstrip = true\n";
        sandbox.write("it-careless/Cargo.toml", manifest + more);
        sandbox.tesser("it-careless", &["build", "--release", "--no-opt"]).expect(0);
        crate::build::installed("release", "it_careless.wasm")
    })
}

fn tested(component: &Path, params: Value) -> Report {
    let quantity = rust_decimal::Decimal::new(3, 1);
    let side = Some(tesser_wasm::PluginSide::Buy);
    let settings = Settings { side, quantity, params, ..Settings::default() };
    test::check(component, &settings, Sandbox::new().path("").as_path(), &["params/".into()])
        .unwrap()
}

#[test]
fn test_finds_what_goes_wrong_at_the_edges_of_a_range() {
    let report = tested(careless(), json!({}));
    let edges = report.failed().find(|case| case.name == "params/edges").unwrap();
    let found = |part: &str| edges.wrong.iter().any(|wrong| wrong.contains(part));
    assert!(found("`factor` = 3: at one time 0.9 was filled or working"), "{:#?}", edges.wrong);
    assert!(
        found("`mode` = \"silent\": `init` refuses it without naming a parameter: no"),
        "{:#?}",
        edges.wrong
    );
    assert!(found("`mode` = \"traps\": call "), "{:#?}", edges.wrong);
    assert!(!found("`factor` = 1:") && !found("`mode` = \"good\":"), "{:#?}", edges.wrong);
    let refused = report.failed().find(|case| case.name == "params/refused").unwrap();
    let wrong = |value: &str| format!("`init` accepts {value}");
    for value in ["`no_such_parameter` = 1", "`factor` = 0", "`factor` = \"1\"", "`mode` = 1"] {
        assert!(refused.wrong.contains(&wrong(value)), "{value}: {:#?}", refused.wrong);
    }
    // The host loses the text of a panic, so it is no refusal that names the parameter.
    let trap = "`factor` = 4: `init` trapped: panicked at src/lib.rs:";
    assert!(refused.wrong.iter().any(|wrong| wrong.starts_with(trap)), "{:#?}", refused.wrong);
}

#[test]
fn test_passes_a_plugin_of_the_kit() {
    let report = tested(chase(), json!({ "venue": "bybit_linear" }));
    assert_eq!(report.failed().count(), 0, "{}", test::human(&report));
    let text = test::human(&report);
    assert!(text.contains("sessions with values of 17 parameters; `init` refused "), "{text}");
    assert!(text.contains(" wrong values, each refused by name"), "{text}");
    let report = tested(chase(), json!({}));
    let wrong = &report.failed().next().unwrap().wrong[0];
    assert!(wrong.starts_with("`init` refused the signal: params: `venue`: missing"), "{wrong}");
}
