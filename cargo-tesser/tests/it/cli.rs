//! Usage, help, exit codes.

use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

#[test]
fn help_lists_the_commands() {
    let run = Sandbox::new().tesser("", &["--help"]).expect(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
Plugins for the Tesser trading runtime: scaffold, build, check

Usage: cargo tesser [OPTIONS] <COMMAND>

Commands:
  new         Create a plugin crate from a template
  init        Turn an existing crate into a plugin: add what it lacks
  build       Compile, optimize, seal, check and install plugins
  watch       Build again after every change, until ctrl-c
  rollback    Restore an earlier version of a plugin
  validate    Check whether the host accepts a file, by default the crate's plugin
  inspect     Show the contents of a file, by default the crate's plugin: ABI, exports, imports,
              metadata, sizes
  test        Build plugins and test each one in simulated sessions: fills and rejects, restarts,
              budgets, golden tapes
  replay      Run a plugin over recorded trades, as the host would
  sweep       Check and merge the parts of a sweep, and report its runs
  check-hint  Check a strategy's hint against the host's files: name, parameters, and the resulting
              orders
  explain     Explain a diagnostic, or list all of them
  setup       Make the wasm32-wasip1 target available
  abi         Print the ABI that plugins implement
  help        Print this message or the help of the given subcommand(s)

Options:
  -q, --quiet         Print only errors
  -v, --verbose...    Print the commands that are run
      --color <WHEN>  When to use colours [default: auto] [possible values: auto, always, never]
  -h, --help          Print help
  -V, --version       Print version

"#]]
    );
}

#[test]
fn the_help_of_every_command_is_stable() {
    let sandbox = Sandbox::new();
    let commands = [
        "new",
        "init",
        "build",
        "watch",
        "rollback",
        "validate",
        "inspect",
        "test",
        "replay",
        "check-hint",
        "explain",
        "setup",
        "abi",
    ];
    let help = commands.map(|command| {
        let help = sandbox.tesser("", &[command, "--help"]).expect(0).stdout;
        format!("$ cargo tesser {command} --help\n{help}\n")
    });
    let help = help.concat();
    assert_data_eq!(help, snapbox::file!["cli/help.txt"]);
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["biuld"]).expect(2);
    sandbox.tesser("", &[]).expect(2);
    sandbox.tesser("", &["validate"]).expect(2);
    sandbox.tesser("", &["build", "--release", "--profile", "dev"]).expect(2);
}

#[test]
fn explain_says_what_why_and_what_to_do() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["explain", "core-module"]).expect(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
error[core-module]

The file is a core WebAssembly module, which is what plain `cargo build` writes. The host loads components and refuses it ("attempted to parse a wasm module with a component parser").

What to do: build with `cargo tesser build`, which makes a component, and use the file below `target/tesser/`.

"#]]
    );
    let run = sandbox.tesser("", &["explain", "nonsense"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: there is no diagnostic `nonsense`
hint: `cargo tesser explain` without a code lists all of them

"#]]
    );
}

#[test]
fn abi_prints_the_contract_in_three_forms() {
    let sandbox = Sandbox::new();
    let toml = sandbox.tesser("", &["abi"]).expect(0).stdout;
    assert!(toml.contains("name = \"on-tick\""), "{toml}");
    let json = sandbox.tesser("", &["abi", "--format", "json"]).expect(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["export"][1]["core-results"][0], "i32");
    let wit = sandbox.tesser("", &["abi", "--format", "wit"]).expect(0).stdout;
    assert!(wit.contains("export on-tick: func(tick: tick) -> string;"), "{wit}");
}
