//! What is told of a build: before it, after it, in the plugin, and when another should have made the same.

use super::{installed, plugin, source};
use crate::support::{Run, Sandbox, names, scrubbed};

/// The line of the one plugin.
fn artifact(run: &Run) -> serde_json::Value {
    let lines = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut lines = lines.filter(|line: &serde_json::Value| line["reason"] == "tesser-artifact");
    lines.next().unwrap()
}

#[test]
fn a_dry_run_prints_what_would_be_done_and_does_nothing() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-dry", &source(""));
    let words = ["build", "--dry-run", "--target-dir", "t", "--out-dir", "out", "--locked"];
    let run = sandbox.tesser("it-dry", &words);
    // Without Cargo.lock it is cargo's to refuse.
    assert_eq!(run.code, Some(101));
    sandbox.tesser("it-dry", &words[..6]).expect(0);
    let run = sandbox.tesser("it-dry", &words).expect(0);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("cargo build --target wasm32-wasip1 --profile=dev"), "{lines:#?}");
    assert!(lines[0].contains("--locked"), "{lines:#?}");
    assert!(
        lines[1].starts_with("# it-dry: optimize (wasm-opt version 116 -Oz --const-hoisting --reorder-functions), seal"),
        "{lines:#?}"
    );
    assert_eq!(lines[2], "# install [DIR]/it-dry/t/tesser/debug/it_dry.wasm");
    assert_eq!(lines[3], "# install out/it_dry.wasm");
    let left = names(&sandbox.path("it-dry"));
    assert!(!left.contains(&"out".into()), "{left:?}");
    assert!(!sandbox.path("it-dry/t/wasm32-wasip1").exists());
}

#[test]
fn a_summary_says_what_a_plugin_is_and_how_it_has_changed() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-summary", &source(""));
    let manifest = sandbox.path("it-summary/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let more = "authors = [\"A desk\"]\nlicense = \"MIT\"\nrepository = \"https://example.com/x\"\n\n[lib]";
    sandbox.write("it-summary/Cargo.toml", manifest.replacen("\n[lib]", more, 1));
    let words = ["build", "--no-opt", "--target-dir", "t"];
    let json = [&words[..], &["--message-format", "json"]].concat();
    let run = sandbox.tesser("it-summary", &words).expect(0);
    let line = run.stderr.lines().find(|line| line.contains("Sealed")).unwrap();
    assert!(line.contains("it_summary: the first, "), "{line}");
    assert!(line.contains("bytes with gzip; exports "), "{line}");
    assert!(line.ends_with("snapshot; imports nothing") || line.contains("on-tick"), "{line}");
    let file = sandbox.path("it-summary/t/tesser/debug/it_summary.wasm");
    let bytes = std::fs::read(&file).unwrap();
    let first = artifact(&sandbox.tesser("it-summary", &json).expect(0));
    assert_eq!(first["size"], bytes.len());
    assert_eq!(first["exports"].as_array().unwrap().len(), 6);
    assert_eq!(first["imports"].as_array().unwrap().len(), 0);
    let packed = first["gzip_size"].as_u64().unwrap();
    assert!(packed > 1_000 && packed < bytes.len() as u64);
    assert_eq!(section(&bytes, "authors"), "A desk");
    assert_eq!(section(&bytes, "licenses"), "MIT");
    assert_eq!(section(&bytes, "source"), "https://example.com/x");
    assert_eq!(section(&bytes, "version"), "0.1.0");

    let panic = "if ctx.plugin == \"x\" { panic!(\"a text that makes it larger than it was\") }";
    plugin(&sandbox, "it-summary", &source(panic));
    let run = sandbox.tesser("it-summary", &words).expect(0);
    let line = run.stderr.lines().find(|line| line.contains("Sealed")).unwrap();
    assert!(line.contains("bytes since the last, "), "{line}");
}

/// The text of a custom section of the component.
fn section(bytes: &[u8], name: &str) -> String {
    let payloads = wasmparser::Parser::new(0).parse_all(bytes).map_while(Result::ok);
    let mut found = payloads.filter_map(|payload| match payload {
        wasmparser::Payload::CustomSection(section) if section.name() == name => {
            Some(section.data())
        }
        _ => None,
    });
    String::from_utf8(found.next().unwrap_or_default().to_vec()).unwrap()
}

#[test]
fn a_file_is_verified_by_building_it_again() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-verified", &source(""));
    let file = installed("debug", "it_verified.wasm");
    let verify = |file: &std::path::Path| {
        sandbox.tesser("it-verified", &["build", "--verify", file.to_str().unwrap()])
    };
    sandbox.tesser("it-verified", &["build"]).expect(0);
    let run = verify(&file).expect(0);
    assert!(
        run.stderr.contains("Verified [TARGET]/tesser/debug/it_verified.wasm is what"),
        "{}",
        run.stderr
    );
    let other = sandbox.path("other.wasm");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(b"\0\x03\x01xy");
    std::fs::write(&other, &bytes).unwrap();
    let run = verify(&other).expect(1);
    assert!(run.error().contains("the file has one more section, `x`"), "{}", run.stderr);
    assert!(
        run.error().contains("hint: build the commit that the file was made from"),
        "{}",
        run.stderr
    );
    // Made in another way, which the plugin itself tells.
    sandbox.tesser("it-verified", &["build", "--no-opt", "--out-dir", "out"]).expect(0);
    let run = verify(&sandbox.path("it-verified/out/it_verified.wasm")).expect(1);
    let hint = "wasm-opt: built \"wasm-opt version 116 -Oz --const-hoisting --reorder-functions\", the file has \"none\"";
    assert!(run.error().contains(hint), "{}", run.stderr);
    let run = verify(&sandbox.path("none.wasm")).expect(101);
    assert!(run.error().contains("cannot read `[DIR]/none.wasm`"), "{}", run.stderr);
}

#[test]
fn an_environment_that_decides_is_named() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-decided", &source(""));
    sandbox.write("it-decided/more.toml", "");
    let manifest = std::fs::read_to_string(sandbox.path("it-decided/Cargo.toml")).unwrap();
    let profile = "\n[profile.release]\noverflow-checks = true\n";
    sandbox.write("it-decided/Cargo.toml", manifest + profile);
    let vars = [("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")];
    let words = ["build", "--release", "--dry-run"];
    let run = sandbox.tesser_with("it-decided", &words, &vars).expect(0);
    let warning = "warning: `CARGO_PROFILE_RELEASE_OPT_LEVEL` decides what is built";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
}

/// A build of what is not committed cannot be made again from the commit.
#[test]
fn uncommitted_changes_are_named() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-dirty", &source(""));
    let git = |words: &[&str]| {
        let command = scrubbed("git").args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
        sandbox.run(command.args(words).current_dir(sandbox.path("it-dirty"))).expect(0);
    };
    sandbox.write("it-dirty/.gitignore", "/out\n");
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "a plugin"]);
    sandbox.tesser("it-dirty", &["build", "--no-opt"]).expect(0);
    let file = installed("debug", "it_dirty.wasm");
    let verify = || {
        let words = ["build", "--no-opt", "--verify", file.to_str().unwrap()];
        sandbox.tesser("it-dirty", &words).expect(0).stderr
    };
    // Cargo.lock is one of the sources.
    assert!(verify().contains("warning: the sources are those of no commit: `?? Cargo.lock`; "));
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "versions"]);
    assert!(!verify().contains("no commit"), "{}", verify());
    sandbox.write("it-dirty/README.md", "new");
    sandbox.write("it-dirty/NOTES.md", "new");
    let warning = "no commit: `?? NOTES.md` and 1 more; another checkout makes another plugin";
    assert!(verify().contains(warning), "{}", verify());
}
