//! Where a plugin is built is not in it, and does not make its dependencies compile again.

use std::path::Path;

use super::{manifest, plugin, source};
use crate::support::{Run, Sandbox, scrubbed};

fn compiled(run: &Run) -> Vec<&str> {
    let lines = run.stderr.lines().filter_map(|line| line.trim().strip_prefix("Compiling "));
    lines.filter_map(|line| line.split(' ').next()).collect()
}

fn holds(file: &Path, text: &str) -> bool {
    String::from_utf8_lossy(&std::fs::read(file).unwrap()).contains(text)
}

#[test]
fn plugins_in_two_folders_share_what_they_depend_on() {
    let sandbox = Sandbox::new();
    let words = ["build", "--no-opt", "--target-dir", "../target"];
    plugin(&sandbox, "it-first", &source(""));
    plugin(&sandbox, "it-second", &source(""));
    let run = sandbox.tesser("it-first", &words).expect(0);
    assert!(compiled(&run).contains(&"serde_json"), "{}", run.stderr);
    let run = sandbox.tesser("it-second", &words).expect(0);
    assert_eq!(compiled(&run), ["it-second"]);
}

/// Ours have other flags, for which each would compile everything again.
#[test]
fn plain_cargo_in_between_makes_nothing_compile_again() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-turns", &source(""));
    let ours = || sandbox.tesser("it-turns", &["build", "--no-opt", "--target-dir", "../target"]);
    let plain = || {
        let command = scrubbed("cargo").args(["build", "--target", "wasm32-wasip1"]);
        let command = command.args(["--target-dir", "../target"]);
        sandbox.run(command.current_dir(sandbox.path("it-turns")))
    };
    assert!(compiled(&ours().expect(0)).contains(&"it-turns"));
    assert!(compiled(&plain().expect(0)).contains(&"it-turns"));
    for run in [ours(), plain(), ours()] {
        assert_eq!(compiled(&run.expect(0)), [""; 0]);
    }
}

#[test]
fn a_source_with_an_absolute_path_does_not_tell_where_it_lies() {
    let sandbox = Sandbox::new();
    let include = "include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/src/more.rs\"));\n";
    plugin(&sandbox, "it-paths", &format!("{include}{}", source("more(&ctx);")));
    let more = "fn more(ctx: &PluginInitContext) { if ctx.plugin == \"no\" { panic!(\"no\") } }\n";
    sandbox.write("it-paths/src/more.rs", more);
    let words = ["build", "--no-opt", "--target-dir", "../target", "-v"];
    let run = sandbox.tesser("it-paths", &words).expect(0);
    assert!(run.stderr.contains("Compiling again"), "{}", run.stderr);
    let file = sandbox.path("target/tesser/debug/it_paths.wasm");
    assert!(holds(&file, "/workspace/src/more.rs"));
    let dir = sandbox.path("");
    assert!(!holds(&file, dir.to_str().unwrap()));
    // It is remembered: the next build does not begin without the flag.
    let run = sandbox.tesser("it-paths", &words).expect(0);
    assert!(
        !run.stderr.contains("once more") && run.stderr.contains("Fresh [DIR]"),
        "{}",
        run.stderr
    );

    let show = "let _ = std::hint::black_box(env!(\"CARGO_MANIFEST_DIR\"));";
    plugin(&sandbox, "it-paths", &source(show));
    let run = sandbox.tesser("it-paths", &words).expect(0);
    let warning = "warning: `it-paths` holds the path `[DIR]/it-paths` of this machine";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn two_checkouts_in_different_folders_and_homes_make_the_same_bytes() {
    let sandbox = Sandbox::new();
    let home = std::env::var("CARGO_HOME").map(Into::into);
    let home = home.unwrap_or_else(|_| Path::new(&std::env::var("HOME").unwrap()).join(".cargo"));
    let bytes = |dir: &str| {
        // A library of the workspace, which has panics of its own, and a home of another name.
        let library = "pub fn half(n: u64) -> u64 { assert!(n != 7, \"seven\"); n / 2 }\n";
        let init = "let n = it_library::half(ctx.plugin.len() as u64); assert!(n < 100);";
        let members =
            "[workspace]\nresolver = \"3\"\nmembers = [\"it-same-bytes\", \"it-library\"]\n";
        sandbox.write(&format!("{dir}/Cargo.toml"), members);
        plugin(&sandbox, &format!("{dir}/it-same-bytes"), &source(init));
        let needs = "it-library = { path = \"../it-library\" }\n";
        let text = manifest("it-same-bytes") + needs;
        sandbox.write(&format!("{dir}/it-same-bytes/Cargo.toml"), text);
        sandbox.write(&format!("{dir}/it-library/src/lib.rs"), library);
        let text = "[package]\nname = \"it-library\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        sandbox.write(&format!("{dir}/it-library/Cargo.toml"), text);
        let own = sandbox.path(&format!("{dir}/home"));
        std::fs::create_dir(&own).unwrap();
        std::os::unix::fs::symlink(home.join("registry"), own.join("registry")).unwrap();
        let vars = [("CARGO_HOME", own.to_str().unwrap()), ("CARGO_TARGET_DIR", "target")];
        sandbox.tesser_with(dir, &["build", "-p", "it-same-bytes"], &vars).expect(0);
        std::fs::read(sandbox.path(dir).join("target/tesser/debug/it_same_bytes.wasm")).unwrap()
    };
    assert!(bytes("one") == bytes("another/and/deeper"));
}
