//! What is told of a build: before it, after it, in the plugin, and when another should have made the same.

use super::{installed, plugin, source};
use crate::support::{Run, Sandbox, names, root, scrubbed};

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
    assert!(lines[0].contains("' cargo build --target wasm32-wasip1 --profile=dev"), "{lines:#?}");
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
    assert!(line.contains("it_summary: first build, "), "{line}");
    let exports = "init, on-tick, on-fill, on-timer, snapshot, restore";
    let end = format!(" bytes with gzip; exports {exports}; imports nothing");
    assert!(line.ends_with(&end), "{line}");
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
    assert!(line.contains("bytes since the previous build, "), "{line}");
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
        run.stderr.contains("Verified [TARGET]/tesser/debug/it_verified.wasm is identical"),
        "{}",
        run.stderr
    );
    let other = sandbox.path("other.wasm");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(b"\0\x03\x01xy");
    std::fs::write(&other, &bytes).unwrap();
    let run = verify(&other).expect(1);
    assert!(run.error().contains("the file has one more section, `x`"), "{}", run.stderr);
    assert!(run.error().contains("hint: the file names no commit"), "{}", run.stderr);
    // Made in another way, which the plugin itself tells.
    sandbox.tesser("it-verified", &["build", "--no-opt", "--out-dir", "out"]).expect(0);
    let run = verify(&sandbox.path("it-verified/out/it_verified.wasm")).expect(1);
    let hint = "wasm-opt: built \"wasm-opt version 116 -Oz --const-hoisting --reorder-functions\", the file has \"none\"";
    assert!(run.error().contains(hint), "{}", run.stderr);
    sandbox.write("garbage.wasm", "garbage");
    let run = verify(&sandbox.path("garbage.wasm")).expect(1);
    assert!(
        run.error().contains("garbage.wasm` is not a plugin: its first bytes"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("Compiling"), "{}", run.stderr);
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
    let warning = "warning: `CARGO_PROFILE_RELEASE_OPT_LEVEL` changes what is built";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
}

#[test]
fn what_a_plugin_prints_is_lost_and_a_warning_says_how_to_log() {
    let sandbox = Sandbox::new();
    let members = ["it-prints", "it-debugs", "it-silent-one"];
    sandbox.write("Cargo.toml", format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"));
    plugin(&sandbox, "it-prints", &source("println!(\"{}\", ctx.plugin);"));
    plugin(&sandbox, "it-debugs", &source("dbg!(&ctx.plugin);"));
    // A panic is written to stderr, too, and is no print.
    plugin(
        &sandbox,
        "it-silent-one",
        &source("assert!(ctx.plugin.len() > 1, \"{}\", ctx.plugin);"),
    );
    for profile in ["dev", "release"] {
        let run = sandbox.tesser("", &["build", "--no-opt", "--profile", profile]).expect(0);
        let warnings: Vec<_> =
            run.stderr.lines().filter(|line| line.contains("println!")).collect();
        let expected = "warning: `println!`, `eprintln!` or `dbg!` in `it-debugs`, `it-prints`: no host shows what a plugin prints, and the code for it is about 10 KB; `PluginResult::new().with_log(\"..\")` adds a line to the host's log";
        assert_eq!(warnings, [expected], "{profile}");
    }
}

#[test]
fn cargos_own_words_come_first_and_command_lines_only_with_verbose() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-words", &source(""));
    let run = |words: &[&str]| {
        let run = sandbox.tesser("it-words", &[&["build", "--dry-run"], words].concat());
        run.expect(101).stderr
    };
    assert_eq!(run(&["--profile", "nope"]), "error: profile `nope` is not defined\n");
    let said = run(&["--features", "nope"]);
    let feature = "error: the package 'it-words' does not contain this feature: nope\n";
    assert!(said.starts_with(feature), "{said}");
    let said = run(&["--features", "nope", "-v"]);
    let line = "     Running `cargo metadata --format-version 1 --filter-platform=wasm32-wasip1 --features nope`\n";
    assert!(said.contains(&format!("{line}{feature}")), "{said}");
    sandbox.write("it-words/Cargo.toml", "nonsense");
    assert!(run(&[]).starts_with("error: key with no value"));
}

/// A repository of one plugin.
struct Repository<'a> {
    sandbox: &'a Sandbox,
    dir: &'a str,
}

impl<'a> Repository<'a> {
    /// With nothing in it yet but the plugin's files.
    fn new(sandbox: &'a Sandbox, dir: &'a str) -> Self {
        plugin(sandbox, dir, &source(""));
        sandbox.write(&format!("{dir}/.gitignore"), "/out\n");
        let manifest = std::fs::read_to_string(sandbox.path(dir).join("Cargo.toml")).unwrap();
        // Compiled as fast as `dev`, and not it.
        let profile = "\n[profile.checked]\ninherits = \"dev\"\n";
        sandbox.write(&format!("{dir}/Cargo.toml"), manifest + profile);
        for profile in ["debug", "checked"] {
            // Of an earlier run of the test.
            let file = format!("{}.wasm", dir.replace('-', "_"));
            std::fs::remove_file(installed(profile, &file)).ok();
        }
        let repository = Self { sandbox, dir };
        repository.git(&["init", "--quiet"]);
        repository
    }

    fn git(&self, words: &[&str]) -> Run {
        let command = scrubbed("git").args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
        let command = command.args(words).current_dir(self.sandbox.path(self.dir));
        self.sandbox.run(command).expect(0)
    }

    /// Commits all that is there; returns the commit.
    fn commit(&self) -> String {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "-m", "something"]);
        self.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned()
    }

    /// Builds; returns the line of the plugin, and what was said.
    fn build(&self) -> (serde_json::Value, String) {
        let words = ["build", "--no-opt", "--profile", "checked", "--message-format", "json"];
        let run = self.sandbox.tesser(self.dir, &words).expect(0);
        (artifact(&run), run.stderr)
    }
}

#[test]
fn a_plugin_names_the_commit_of_its_sources() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox, "it-commit");
    let write = |name: &str, text: &str| sandbox.write(&format!("it-commit/{name}"), text);
    let (built, said) = repository.build();
    assert!(built["revision"].is_null() && !said.contains("warning"), "{said}");
    let first = repository.commit();
    // It lacked the commit, so it is made again.
    let (built, said) = repository.build();
    assert_eq!((&built["revision"], &built["fresh"]), (&first.as_str().into(), &false.into()));
    assert!(said.contains(&format!("imports nothing; commit {first:.12}\n")), "{said}");
    let bytes = std::fs::read(installed("checked", "it_commit.wasm")).unwrap();
    assert_eq!(section(&bytes, "revision"), first);

    // What is no source of it has nothing to do with it: neither a file nor a commit.
    write("README.md", "what it does");
    let (built, said) = repository.build();
    assert_eq!((&built["revision"], &built["fresh"]), (&first.as_str().into(), &true.into()));
    assert!(!said.contains("warning"), "{said}");
    repository.commit();
    let (built, _) = repository.build();
    assert_eq!((&built["revision"], &built["fresh"]), (&first.as_str().into(), &true.into()));

    // As long as the same comes of it, an edit makes nothing new; its commit does.
    write("src/lib.rs", &(source("") + "// The end.\n"));
    let (built, said) = repository.build();
    assert_eq!((&built["revision"], &built["fresh"]), (&first.as_str().into(), &true.into()));
    assert!(!said.contains("warning"), "{said}");
    let second = repository.commit();
    let (built, _) = repository.build();
    assert_eq!((&built["revision"], &built["fresh"]), (&second.as_str().into(), &false.into()));

    // What is in no commit names none.
    write("src/lib.rs", &source("if ctx.plugin == \"x\" { panic!(\"a text\") }"));
    let (built, said) = repository.build();
    assert!(built["revision"].is_null(), "{built}");
    let warning =
        "note: `it-commit` names no commit of the sources: `src/lib.rs` is not committed\n";
    assert!(said.contains(warning), "{said}");
    write(
        "src/lib.rs",
        &source("more::more(&ctx);").replace("struct Mine", "struct Mine;\nmod more"),
    );
    write("src/more.rs", "pub fn more(_: &tesser_wasm::PluginInitContext) {}");
    repository.git(&["add", "src/lib.rs"]);
    repository.git(&["commit", "--quiet", "-m", "without the new file"]);
    let (built, said) = repository.build();
    assert!(built["revision"].is_null(), "{built}");
    assert!(said.contains(": `src/more.rs` is not committed"), "{said}");
    write(".gitignore", "/out\nmore.rs\n");
    repository.git(&["commit", "--quiet", "-am", "and without it for good"]);
    let (built, said) = repository.build();
    assert!(built["revision"].is_null(), "{built}");
    assert!(said.contains("names no commit of the sources: git ignores `src/more.rs`"), "{said}");
    write(
        "src/more.rs",
        "pub fn more(_: &tesser_wasm::PluginInitContext) { include_str!(\"../../x\"); }",
    );
    sandbox.write("x", "elsewhere");
    repository.git(&["add", "--force", "src/more.rs"]);
    repository.commit();
    let (built, said) = repository.build();
    assert!(built["revision"].is_null(), "{built}");
    let outside = "sources: `[DIR]/x` lies outside of the repository";
    assert!(said.contains(outside), "{said}");
    // A crate in a folder that is ignored as a whole is not this repository's.
    write(".gitignore", "*\n");
    repository.git(&["rm", "--quiet", "--cached", "-r", "src", "Cargo.toml"]);
    repository.git(&["commit", "--quiet", "-am", "nothing"]);
    let (built, said) = repository.build();
    assert!(built["revision"].is_null() && !said.contains("warning"), "{said}");
}

#[test]
fn plugins_without_a_commit_are_one_note_of_build_and_files_that_are_not_there_are_in_none() {
    let sandbox = Sandbox::new();
    let members = ["it-noted", "it-noted-too"];
    let profile = "[profile.checked]\ninherits = \"dev\"\n";
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n{profile}");
    sandbox.write("Cargo.toml", manifest);
    for member in members {
        plugin(&sandbox, member, &source(""));
        // In a folder that git ignores as a whole, nothing else is there.
        sandbox.write(&format!("{member}/made/lib.rs"), "// made\n");
        sandbox
            .write(&format!("{member}/src/lib.rs"), source("") + "include!(\"../made/lib.rs\");\n");
    }
    sandbox.write(".gitignore", "made/\n");
    let git = |words: &[&str]| {
        let command = scrubbed("git").args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
        sandbox.run(command.args(words).current_dir(sandbox.path(""))).expect(0)
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "first"]);
    let run = sandbox.tesser("", &["build", "--no-opt", "--profile", "checked"]).expect(0);
    let notes: Vec<_> = run.stderr.lines().filter(|line| line.contains("no commit")).collect();
    let [note] = notes[..] else { panic!("{}", run.stderr) };
    // Cargo.lock was made by this build.
    let expected = "note: `it-noted`, `it-noted-too` name no commit of the sources: `Cargo.lock` is not committed";
    assert_eq!(note, expected);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "second"]);
    let run = sandbox.tesser("", &["build", "--no-opt", "--profile", "checked"]).expect(0);
    assert!(run.stderr.contains("git ignores `it-noted/made/lib.rs`"), "{}", run.stderr);
    assert!(!run.stderr.contains(".cargo"), "{}", run.stderr);
}

/// As `cargo xtask demo` does: the repository has the SDK, and git ignores the folder of the crate.
#[test]
fn a_crate_in_an_ignored_folder_beside_the_sdk_belongs_to_no_commit_and_nothing_is_said_about_it() {
    let sandbox = Sandbox::new();
    sandbox.copy(&root().join("tesser-wasm"), "sdk");
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, package) = workspace.split_once("[workspace.package]").unwrap();
    let members = "[workspace]\nmembers = [\"sdk\"]\nexclude = [\"target\"]\n[workspace.package]";
    sandbox.write("Cargo.toml", format!("{members}{}", package.split("[profile").next().unwrap()));
    sandbox.write(".gitignore", "target/\n");
    plugin(&sandbox, "target/it-ignored", &source(""));
    let sdk = root().join("tesser-wasm").display().to_string();
    sandbox.edit("target/it-ignored/Cargo.toml", "\"target/", "\"");
    sandbox.edit("target/it-ignored/Cargo.toml", &sdk, "../../sdk");
    sandbox.edit(
        "target/it-ignored/Cargo.toml",
        "[lib]",
        "[workspace]\n[profile.checked]\ninherits = \"dev\"\n[lib]",
    );
    let git = |words: &[&str]| {
        let command = scrubbed("git").args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
        sandbox.run(command.args(words).current_dir(sandbox.path(""))).expect(0)
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "first"]);
    let words = ["build", "--no-opt", "--profile", "checked"];
    let run = sandbox.tesser("target/it-ignored", &words).expect(0);
    assert!(!run.stderr.contains("no commit"), "{}", run.stderr);
}

/// What a build script writes to the target directory is no source.
#[test]
fn a_plugin_with_a_build_script_names_its_commit() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox, "it-script");
    let script = "fn main() {\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    std::fs::write(out + \"/made.rs\", \"\").unwrap();\n}\n";
    sandbox.write("it-script/build.rs", script);
    let made = "include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\n";
    sandbox.write("it-script/src/lib.rs", source("") + made);
    sandbox.write("it-script/.gitignore", "/t\n");
    let words = ["build", "--no-opt", "--target-dir", "t", "--message-format", "json"];
    sandbox.tesser("it-script", &words).expect(0);
    let first = repository.commit();
    let run = sandbox.tesser("it-script", &words).expect(0);
    assert_eq!(artifact(&run)["revision"], first);
    sandbox.write("it-script/build.rs", format!("{script}// The end.\n"));
    let second = repository.commit();
    let run = sandbox.tesser("it-script", &words).expect(0);
    assert_eq!(artifact(&run)["revision"], second);
}

/// A clone without its history seems to have made all files in the oldest commit that it has.
#[test]
fn a_shallow_clone_names_a_commit_only_if_it_has_it() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox, "it-shallow");
    repository.sandbox.tesser("it-shallow", &["build", "--dry-run"]).expect(0);
    repository.commit();
    sandbox.write("it-shallow/README.md", "what it does");
    repository.commit();
    let url = format!("file://{}", sandbox.path("it-shallow").display());
    let clone = |depth: &str| {
        let _ = std::fs::remove_dir_all(sandbox.path("clone"));
        let words = ["clone", "--quiet", "--depth", depth, &url, "../clone"];
        repository.git(&words);
        Repository { sandbox: &sandbox, dir: "clone" }.build()
    };
    let (built, said) = clone("1");
    assert!(built["revision"].is_null(), "{built}");
    assert!(said.contains("names no commit of the sources: this clone is shallow"), "{said}");
    // The commit is the oldest here, too: whether it is the one, nobody can tell.
    assert!(clone("2").0["revision"].is_null());
    repository.sandbox.write("it-shallow/src/lib.rs", source("let _ = &ctx.params;"));
    let last = repository.commit();
    assert_eq!(clone("2").0["revision"], last);
}

/// A build of what is not committed cannot be made again from the commit.
#[test]
fn a_file_of_other_sources_is_verified_with_a_warning() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox, "it-dirty");
    let file = sandbox.path("it-dirty/out/it_dirty.wasm");
    let build = ["build", "--no-opt", "--out-dir", "out"];
    let verify = || {
        let words = ["build", "--no-opt", "--verify", file.to_str().unwrap()];
        sandbox.tesser("it-dirty", &words).expect(0).stderr
    };
    sandbox.tesser("it-dirty", &build).expect(0);
    let first = repository.commit();
    // Made before the commit, it names none, and is what the commit makes but for that.
    let said = verify();
    assert!(said.contains("Verified") && !said.contains("warning"), "{said}");
    sandbox.tesser("it-dirty", &build).expect(0);
    sandbox.write("it-dirty/NOTES.md", "new");
    let said = verify();
    assert!(said.contains("Verified") && !said.contains("warning"), "{said}");
    sandbox.write("it-dirty/src/lib.rs", source("") + "// The end.\n");
    let warning =
        "warning: the sources do not belong to a commit: `src/lib.rs` is not committed; another";
    let said = verify();
    assert!(said.contains(warning) && said.contains("Verified"), "{said}");
    let second = repository.commit();
    let said = verify();
    let warning =
        format!("warning: the file names the commit {first}, but these sources are of {second}\n");
    assert!(said.contains(&warning) && said.contains("Verified"), "{said}");
}
