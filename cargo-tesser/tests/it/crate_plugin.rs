//! `validate`, `inspect` and `replay` without a file: the plugin of the crate, which is built first.

use crate::support::{Sandbox, plugin_target, root};

const TAPE: &str = "tapes/synthetic.csv";

/// A crate with its own file in the target folder that all tests share.
fn a_crate(name: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["new", name, "--vcs", "none"]).expect(0);
    sandbox
}

fn two_plugins() -> Sandbox {
    let sandbox = a_crate("it-own-one");
    sandbox.tesser("", &["new", "it-own-two", "--vcs", "none"]).expect(0);
    let members = "[workspace]\nmembers = [\"it-own-*\"]\nresolver = \"3\"\n[profile.release]\noverflow-checks = true\n";
    sandbox.write("Cargo.toml", members);
    sandbox
}

#[test]
fn without_a_file_the_plugin_of_the_crate_is_meant() {
    let sandbox = a_crate("it-own-here");
    let file = plugin_target().join("tesser/release/it_own_here.wasm");
    let _ = std::fs::remove_file(&file);
    // From a folder below it, too.
    let run = sandbox.tesser("it-own-here/src", &["validate"]).expect(0);
    assert!(
        run.stderr.contains("tesser/release/it_own_here.wasm: ok for tesser@0.9"),
        "{}",
        run.stderr
    );
    assert!(file.exists());
    let run = sandbox.tesser("it-own-here", &["inspect", "--params"]).expect(0);
    assert!(run.stdout.contains("clip_size"), "{}", run.stdout);
    let run = sandbox.tesser("it-own-here", &["replay", "--tape", TAPE]).expect(0);
    assert!(run.stdout.contains("filled  1.0 in 10 fills"), "{}", run.stdout);
}

#[test]
fn a_replay_has_its_defaults_from_the_settings_of_the_test() {
    let sandbox = a_crate("it-own-settings");
    let manifest = "it-own-settings/Cargo.toml";
    sandbox.edit(
        manifest,
        "quantity = \"1\"\nparams = { venue = \"bybit_linear\" }",
        "quantity = \"0.4\"\nside = \"sell\"\nsymbol = \"binance_spot:ETHUSDT\"\nmax-order = \"0.3\"\n\
         params = { venue = \"binance_spot\", clip_size = \"0.2\" }",
    );
    let replay = |more: &[&str], code: i32| {
        let words = [&["replay", "--tape", TAPE, "--format", "json"][..], more].concat();
        let run = sandbox.tesser("it-own-settings", &words).expect(code);
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let text = |key: &str| document[key].as_str().unwrap().to_owned();
        (
            text("target"),
            text("side"),
            text("symbol"),
            document["orders"][0]["quantity"].to_string(),
        )
    };
    let expected = ["0.4", "sell", "binance_spot:ETHUSDT", "\"0.2\""].map(str::to_owned);
    assert_eq!(<[String; 4]>::from(replay(&[], 0)), expected);
    // Flags come before them.
    sandbox.write("it-own-settings/p.json", r#"{"venue": "bybit_linear", "clip_size": "0.1"}"#);
    for params in ["@p.json", "p.json"] {
        let flags = [
            "--quantity",
            "0.5",
            "--side",
            "buy",
            "--symbol",
            "bybit_linear:BTCUSDT",
            "--params",
            params,
        ];
        let expected = ["0.5", "buy", "bybit_linear:BTCUSDT", "\"0.1\""].map(str::to_owned);
        assert_eq!(<[String; 4]>::from(replay(&flags, 0)), expected);
    }
    let params = r#"{"venue":"binance_spot","clip_size":"0.4"}"#;
    let words = ["replay", "--tape", TAPE, "--params", params];
    let run = sandbox.tesser("it-own-settings", &words).expect(1);
    assert!(run.stdout.contains("at most 0.3 an order"), "{}", run.stdout);
    assert!(run.stdout.contains("not sent"), "{}", run.stdout);
}

#[test]
fn after_a_failed_build_nothing_old_is_looked_at() {
    let sandbox = a_crate("it-own-broken");
    sandbox.tesser("it-own-broken", &["build", "--release"]).expect(0);
    let source = std::fs::read_to_string(sandbox.path("it-own-broken/src/lib.rs")).unwrap();
    sandbox.write("it-own-broken/src/lib.rs", source + "\nbroken");
    for words in [&["replay", "--tape", TAPE][..], &["validate"], &["inspect"]] {
        let run = sandbox.tesser("it-own-broken", words).expect(101);
        assert_eq!(run.stdout, "", "{words:?}");
        assert!(!run.stderr.contains("sha256"), "{}", run.stderr);
    }
}

#[test]
fn of_several_plugins_one_is_named_and_validate_means_all() {
    let sandbox = two_plugins();
    for words in [&["replay", "--tape", "t.csv"][..], &["inspect"]] {
        let run = sandbox.tesser("", words).expect(2);
        snapbox::assert_data_eq!(
            run.error(),
            snapbox::str![[r#"
error: this command needs one plugin, but there are `it-own-one`, `it-own-two`
hint: name one with `-p`
"#]]
        );
    }
    let run = sandbox.tesser("", &["validate"]).expect(0);
    assert!(run.stderr.contains("2 plugins: 2 ok, 0 rejected"), "{}", run.stderr);
    let tape = root().join("templates/shared/tapes/synthetic.csv").display().to_string();
    let run = sandbox.tesser("", &["replay", "-p", "it-own-two", "--tape", &tape]).expect(0);
    assert!(run.stdout.contains("ending  completed"), "{}", run.stdout);
    let run = sandbox.tesser("it-own-one", &["inspect", "-p", "it-own-two"]).expect(0);
    assert!(run.stdout.contains("it_own_two.wasm: component"), "{}", run.stdout);
}

#[test]
fn without_a_file_and_a_crate_the_command_line_is_wrong() {
    let sandbox = Sandbox::new();
    for words in [&["replay", "--tape", "t.csv"][..], &["inspect"], &["validate"]] {
        let run = sandbox.tesser("", words).expect(2);
        let said = "error: no FILE is given, and this folder is not in a crate that could be built instead";
        assert!(run.stderr.starts_with(said), "{}", run.stderr);
    }
    let run = sandbox.tesser("", &["replay", "x.wasm", "--tape", "t.csv"]).expect(2);
    assert!(run.stderr.starts_with("error: `--quantity` is missing"), "{}", run.stderr);
    // Flags of a build do not go with a file.
    for words in [&["validate", "x.wasm", "-p", "a"][..], &["inspect", "x.wasm", "--locked"]] {
        sandbox.tesser("", words).expect(2);
    }
    sandbox.write("no.json", "{");
    let run = sandbox.tesser("", &["replay", "--params", "@none.json", "--tape", "t"]).expect(2);
    assert!(run.stderr.contains("cannot read `none.json`"), "{}", run.stderr);
}
