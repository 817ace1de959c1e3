//! Everything that the README tells its reader to run.

use std::path::Path;

use crate::docs::page::{Block, blocks, words};
use crate::support::{Sandbox, root, scrubbed};

/// The commands of the README's `console` blocks, in order.
fn commands() -> Vec<String> {
    let blocks = blocks("README.md");
    let blocks = blocks.iter().filter(|block| block.language() == "console");
    blocks.flat_map(Block::commands).map(str::to_owned).collect()
}

fn run(sandbox: &Sandbox, dir: &Path, command: &str) {
    let words = words(command);
    let program = match &words[..] {
        [cargo, tesser, ..] if cargo == "cargo" && tesser == "tesser" => {
            env!("CARGO_BIN_EXE_cargo-tesser")
        }
        [cargo, ..] if cargo == "cargo" => "cargo",
        _ => panic!("the README runs `{command}`, which this test does not know"),
    };
    // The README's paths are those of cargo's ordinary target folder.
    let command =
        scrubbed(program).env_remove("CARGO_TARGET_DIR").args(&words[1..]).current_dir(dir);
    sandbox.run(command).expect(0);
}

#[test]
fn the_quick_start_and_the_ci_commands_work() {
    let sandbox = Sandbox::new();
    let mut dir = sandbox.path("");
    let mut ran = 0;
    for command in commands() {
        if command == "cargo xtask demo" {
            continue;
        }
        match command.strip_prefix("cd ") {
            Some(folder) => dir.push(folder),
            None => run(&sandbox, &dir, &command),
        }
        ran += 1;
    }
    assert!(ran > 8, "the README lost its commands");
    assert!(dir.join("plugins/my_chase.wasm").is_file());
}

#[test]
fn the_demo_builds_and_runs_a_plugin() {
    assert!(commands().contains(&"cargo xtask demo".to_owned()));
    // The artifacts of this very test run, so that nothing is compiled twice.
    let target = Path::new(env!("CARGO_BIN_EXE_cargo-tesser")).ancestors().nth(2).unwrap();
    let sandbox = Sandbox::new();
    let command = scrubbed("cargo")
        .env("CARGO_TARGET_DIR", target)
        .env("TESSER_TAPES", "no-such-folder")
        .args(["xtask", "demo"])
        .current_dir(root());
    let run = sandbox.run(command).expect(0);
    assert!(run.stdout.contains("ending  completed"), "{}", run.stdout);
    assert!(run.stdout.contains("1 restart"), "{}", run.stdout);
    assert!(run.stderr.contains("Skipped recorded trades: there is no folder"), "{}", run.stderr);
    assert!(run.stderr.contains("The plugin: "), "{}", run.stderr);
    // Whether or not git ignores the target directory.
    for word in ["warning: ", "note: "] {
        assert!(!run.stderr.contains(word), "{}", run.stderr);
    }
}

/// In the dev profile, whose dependencies are there: a release build would compile Binaryen once more.
#[cfg(unix)]
#[test]
fn the_tool_installs_from_a_clone() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("`cargo install cargo-tesser --locked`"));
    let target = Path::new(env!("CARGO_BIN_EXE_cargo-tesser")).ancestors().nth(2).unwrap();
    let sandbox = Sandbox::new();
    let install = scrubbed("cargo")
        .args(["install", "--path", "cargo-tesser", "--locked", "--debug", "--root"])
        .arg(sandbox.path("installed"))
        .env("CARGO_TARGET_DIR", target)
        .current_dir(root());
    sandbox.run(install).expect(0);
    let bin = sandbox.path("installed/bin");
    // As cargo finds it: a subcommand on PATH.
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let command = scrubbed("cargo").env("PATH", path).args(["tesser", "--version"]);
    let run = sandbox.run(command).expect(0);
    assert_eq!(
        run.stdout.lines().next(),
        Some(concat!("cargo tesser ", env!("CARGO_PKG_VERSION")))
    );
}
