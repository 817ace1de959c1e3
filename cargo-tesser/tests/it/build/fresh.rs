//! A build that has nothing to do does nothing, and one that has something to do notices.

use std::path::Path;
use std::time::SystemTime;

use super::{installed, plugin, source};
use crate::support::{Run, Sandbox, names};

/// Name and time of all that lies in a folder.
fn times(dir: &Path) -> Vec<(String, SystemTime)> {
    let time = |name: &String| std::fs::metadata(dir.join(name)).unwrap().modified().unwrap();
    names(dir).into_iter().map(|name| (name.clone(), time(&name))).collect()
}

/// `fresh` of each plugin, by name.
fn fresh(run: &Run) -> Vec<(String, bool)> {
    let lines = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|line: &serde_json::Value| line["reason"] == "tesser-artifact")
        .map(|line| (line["name"].as_str().unwrap().into(), line["fresh"].as_bool().unwrap()))
        .collect()
}

const JSON: [&str; 3] = ["build", "--message-format", "json"];

#[test]
fn a_build_with_nothing_to_do_writes_nothing() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-noop", &source(""));
    let words = ["build", "--message-format", "json", "--out-dir", "out"];
    let run = sandbox.tesser("it-noop", &words).expect(0);
    assert_eq!(fresh(&run), [("it_noop".into(), false)]);
    let folders = [installed("debug", ""), sandbox.path("it-noop/out")];
    let before = folders.clone().map(|dir| times(&dir));
    let run = sandbox.tesser("it-noop", &words).expect(0);
    assert_eq!(fresh(&run), [("it_noop".into(), true)]);
    let kept = |times: &[(String, SystemTime)]| -> Vec<_> {
        times.iter().filter(|(name, _)| name.contains("it_noop")).cloned().collect()
    };
    let after = folders.map(|dir| times(&dir));
    assert_eq!(before.map(|times| kept(&times)), after.map(|times| kept(&times)));
}

#[cfg(unix)]
#[test]
fn wasm_opt_runs_only_when_something_has_changed() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-once", &source(""));
    let wasm_opt = |version: &str| {
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo {version}; exit; fi\n\
             echo run >> log\nwhile [ \"$2\" != -o ]; do shift; done\ncp \"$1\" \"$3\"\n"
        );
        let path = sandbox.write("it-once/opt", script);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let runs = || {
        sandbox.tesser("it-once", &["build", "--wasm-opt", "./opt"]).expect(0);
        std::fs::read_to_string(sandbox.path("it-once/log")).unwrap().lines().count()
    };
    wasm_opt("version one");
    assert_eq!((runs(), runs()), (1, 1));
    // Another time of the source, the same bytes of the module.
    sandbox.write("it-once/src/lib.rs", source(""));
    assert_eq!(runs(), 1);
    sandbox.write("it-once/src/lib.rs", source("if ctx.plugin.len() == 77 { panic!() }"));
    assert_eq!((runs(), runs()), (2, 2));
    wasm_opt("version two");
    assert_eq!((runs(), runs()), (3, 3));
    sandbox.edit("it-once/Cargo.toml", "0.1.0", "0.1.1");
    assert_eq!((runs(), runs()), (4, 4));
}

#[test]
fn a_plugin_that_somebody_changed_or_removed_is_built_again() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-touched", &source(""));
    sandbox.tesser("it-touched", &["build"]).expect(0);
    let file = installed("debug", "it_touched.wasm");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, b"something else").unwrap();
    let run = sandbox.tesser("it-touched", &JSON).expect(0);
    assert_eq!(fresh(&run), [("it_touched".into(), false)]);
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    std::fs::remove_file(&file).unwrap();
    let run = sandbox.tesser("it-touched", &JSON).expect(0);
    assert_eq!(fresh(&run), [("it_touched".into(), false)]);
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[test]
fn what_is_remembered_is_asked_again_when_a_source_of_it_changes() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"plugins/*\"]\n");
    plugin(&sandbox, "plugins/it-first", &source(""));
    sandbox.edit("plugins/it-first/Cargo.toml", "plugins/", "");
    let built = |vars: &[(&str, &str)]| {
        let run = sandbox.tesser_with("", &JSON, vars).expect(0);
        fresh(&run).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(built(&[]), ["it_first"]);
    plugin(&sandbox, "plugins/it-second", &source(""));
    sandbox.edit("plugins/it-second/Cargo.toml", "plugins/", "");
    assert_eq!(built(&[]), ["it_first", "it_second"]);
    sandbox.edit("plugins/it-second/Cargo.toml", "[lib]\n", "[lib]\nname = \"renamed\"\n");
    assert_eq!(built(&[]), ["it_first", "renamed"]);
    // A profile from the environment, and one from a configuration that was not there before.
    let off = [("CARGO_PROFILE_DEV_OVERFLOW_CHECKS", "false")];
    sandbox.tesser_with("", &["build"], &off).expect(1);
    assert_eq!(built(&[]), ["it_first", "renamed"]);
    sandbox.write(".cargo/config.toml", "[profile.dev]\noverflow-checks = false\n");
    sandbox.tesser("", &JSON).expect(1);
}

#[test]
fn all_stale_plugins_are_made_and_the_rest_is_left() {
    let sandbox = Sandbox::new();
    let members = ["it-many-a", "it-many-b", "it-many-c", "it-many-d"];
    sandbox.write("Cargo.toml", format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"));
    for member in members {
        plugin(&sandbox, member, &source(""));
    }
    sandbox.tesser("", &["build"]).expect(0);
    sandbox.write("it-many-c/src/lib.rs", source("if ctx.plugin.len() == 77 { panic!() }"));
    let run = sandbox.tesser("", &JSON).expect(0);
    let expected = [("a", true), ("b", true), ("c", false), ("d", true)];
    assert_eq!(fresh(&run), expected.map(|(name, fresh)| (format!("it_many_{name}"), fresh)));
}
