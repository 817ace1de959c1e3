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
  new          Create a plugin crate from a template
  init         Turn an existing crate into a plugin: add what it lacks
  build        Compile, optimize, seal, check and install plugins
  watch        Build again after every change, until ctrl-c
  rollback     Restore an earlier version of a plugin
  validate     Check whether the host accepts a file, by default the crate's plugin
  inspect      Show the contents of a file, by default the crate's plugin: ABI, exports, imports,
               metadata, sizes
  test         Build plugins and test each one in simulated sessions: fills and rejects, restarts,
               budgets, golden tapes
  replay       Run a plugin over recorded trades, as the host would
  sweep        Check and merge the parts of a sweep, and report its runs
  compare      Compare two plugins, or two sets of parameters, over the same tapes: orders, costs
               with intervals, a verdict
  check-hint   Check a strategy's hint against the host's files: name, parameters, and the resulting
               orders
  explain      Explain a diagnostic, or list all of them
  doctor       Check this machine and the workspace: compiler, target, folders, versions, settings
               that cargo ignores
  setup        Make the wasm32-wasip1 target available
  abi          Print the ABI that plugins implement
  completions  Print the script that completes commands, flags and values in a shell
  help         Print this message or the help of the given subcommand(s)

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
        "compare",
        "check-hint",
        "explain",
        "doctor",
        "setup",
        "abi",
        "completions",
    ];
    let help = commands.map(|command| {
        let help = sandbox.tesser("", &[command, "--help"]).expect(0).stdout;
        format!("$ cargo tesser {command} --help\n{help}\n")
    });
    let help = help.concat();
    assert_data_eq!(help, snapbox::file!["cli/help.txt"]);
}

#[test]
fn without_arguments_tasks_are_shown() {
    let run = Sandbox::new().tesser("", &[]).expect(2);
    assert_data_eq!(run.stdout, "");
    assert_data_eq!(
        run.stderr,
        str![[r#"
Plugins for the Tesser trading runtime

Start a plugin:
  cargo tesser setup                               make the compiler's target available
  cargo tesser new my-algo --template twap         create a crate; new --list shows the templates
  cargo tesser init                                turn an existing crate into a plugin

Write and test it:
  cargo tesser watch --test                        build and test after every change
  cargo tesser test                                run it through fills, rejects, crashes and restarts
  cargo tesser replay --tape trades.csv            run it over recorded trades, as the host would
  cargo tesser compare OLD.wasm --tape trades.csv  compare its orders and costs with an older one's
  cargo tesser sweep report results                show the runs of a sweep, which replay --sweep makes

Ship it:
  cargo tesser build --release --out-dir DIR       build, check and install it
  cargo tesser validate FILE                       check whether the host accepts a file
  cargo tesser check-hint strategy.toml DIR        check a strategy's hint before the host sees it
  cargo tesser rollback NAME --out-dir DIR         restore an earlier version

Find out:
  cargo tesser doctor                              check this machine and the workspace
  cargo tesser inspect FILE                        show what is in a file
  cargo tesser explain CODE                        explain a diagnostic
  cargo tesser abi                                 print the interface that plugins implement
  cargo tesser completions bash                    complete commands and values in a shell

cargo tesser help COMMAND shows flags and examples; cargo tesser --help lists all commands

"#]]
    );
}

#[test]
fn help_of_a_command_is_its_front_page() {
    let sandbox = Sandbox::new();
    for command in ["new", "build", "doctor"] {
        let help = sandbox.tesser("", &["help", command]).expect(0).stdout;
        assert_eq!(help, sandbox.tesser("", &[command, "--help"]).expect(0).stdout);
        assert!(help.contains("\nExamples:\n  cargo tesser "), "{help}");
    }
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
