//! `cargo tesser validate`: the formats of its report, and which files it reads and how.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox, chase, scrubbed};

/// One good plugin, one with a warning and one that is rejected.
fn three() -> Sandbox {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    sandbox.write("plugins/a.wasm", &good);
    sandbox.write("plugins/b.old.wasm", &good);
    sandbox.write("plugins/c, 100%.wasm", b"");
    sandbox
}

/// What the specification's own schema, which comes with a crate, objects to.
pub fn sarif_errors(report: &Value) -> Vec<String> {
    // Dependencies of other systems were never downloaded.
    let rustc = std::process::Command::new("rustc").arg("-vV").output().unwrap();
    let rustc = String::from_utf8(rustc.stdout).unwrap();
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .other_options(["--locked", "--filter-platform", host].map(str::to_owned))
        .exec()
        .unwrap();
    let package = metadata.packages.iter().find(|package| package.name == "serde-sarif").unwrap();
    let schema = package.manifest_path.with_file_name("src").join("schema.json");
    // Its pattern for languages has a bare bracket, which JavaScript takes for what it is.
    let schema = std::fs::read_to_string(schema).unwrap().replace("{2}]?$", "{2}\\\\]?$");
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    validator
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[track_caller]
fn assert_sarif(text: &str) -> Value {
    let report = serde_json::from_str(text).unwrap();
    let errors = sarif_errors(&report);
    assert!(errors.is_empty(), "{errors:#?}");
    report
}

fn sarif(sandbox: &Sandbox, words: &[&str], code: i32) -> Value {
    let run =
        sandbox.tesser("", &[&["validate", "--format", "sarif"], words].concat()).expect(code);
    assert_sarif(&run.stdout)
}

#[test]
fn several_files_end_with_a_summary() {
    let run = three().tesser("", &["validate", "plugins"]).expect(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
plugins/a.wasm: ok for tesser@0.9
  [SIZE] bytes, sha256 [HASH], needs nothing from the host
warning[unreachable-name]: no plugin name leads to this file: `b.old` has a dot
  --> plugins/b.old.wasm
  help: rename the file; dashes and underscores are fine

plugins/b.old.wasm: ok for tesser@0.9
  [SIZE] bytes, sha256 [HASH], needs nothing from the host
error[empty-file]: the file is empty
  --> plugins/c, 100%.wasm
  help: build the plugin again with `cargo tesser build --release`

plugins/c, 100%.wasm: rejected for tesser@0.9
  [SIZE] bytes, sha256 [HASH]
3 plugins: 2 ok, 1 rejected

"#]]
    );
}

#[test]
fn github_gets_an_annotation_for_each_finding_and_a_line_for_each_file() {
    let run = three().tesser("", &["validate", "--format", "github", "plugins"]).expect(1);
    assert_data_eq!(
        without_hashes(&run.stdout),
        str![[r#"
ok for tesser@0.9: plugins/a.wasm, sha256 [HASH]
::warning file=plugins/b.old.wasm,title=unreachable-name::no plugin name leads to this file: `b.old` has a dot%0Ahelp: rename the file; dashes and underscores are fine
ok for tesser@0.9: plugins/b.old.wasm, sha256 [HASH]
::error file=plugins/c%2C 100%25.wasm,title=empty-file::the file is empty%0Ahelp: build the plugin again with `cargo tesser build --release`
rejected for tesser@0.9: plugins/c, 100%.wasm, sha256 [HASH]
3 plugins: 2 ok, 1 rejected

"#]]
    );
    assert_eq!(run.stderr, "");
}

/// Hashes of plugins differ from compiler to compiler.
fn without_hashes(text: &str) -> String {
    let hash = |word: &str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let lines = text.lines().map(|line| {
        let words = line.split(' ').map(|word| if hash(word) { "[HASH]" } else { word });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.map(|line| line + "\n").collect()
}

#[test]
fn sarif_obeys_its_schema_and_tells_the_same() {
    let sandbox = three();
    let report = sarif(&sandbox, &["plugins"], 1);
    let run = &report["runs"][0];
    let results = run["results"].as_array().unwrap();
    let told: Vec<_> = results
        .iter()
        .map(|result| {
            let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
            let index = usize::try_from(location["index"].as_u64().unwrap()).unwrap();
            assert_eq!(run["artifacts"][index]["location"]["uri"], location["uri"]);
            let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
            format!("{} {} {}", result["level"], result["ruleId"], location["uri"])
        })
        .collect();
    assert_eq!(
        told,
        [
            r#""warning" "unreachable-name" "plugins/b.old.wasm""#,
            r#""error" "empty-file" "plugins/c%2C%20100%25.wasm""#
        ]
    );
    let mut broken = report.clone();
    broken["runs"][0]["results"][0]["level"] = "grave".into();
    assert_eq!(sarif_errors(&broken).len(), 1);
    let json = sandbox.tesser("", &["validate", "--format", "json", "plugins"]).expect(1).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    for (index, file) in json["files"].as_array().unwrap().iter().enumerate() {
        assert_eq!(run["artifacts"][index]["hashes"]["sha-256"], file["sha256"]);
        let bytes = std::fs::read(sandbox.path(file["path"].as_str().unwrap())).unwrap();
        assert_eq!(file["sha256"], cargo_tesser::digest::sha256(&bytes));
    }
}

/// Names that steer a terminal, break a line, end a command, make a link, or are no text.
#[cfg(unix)]
#[test]
fn hostile_names_of_files_are_harmless_in_every_format() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    let names: [&[u8]; 6] = [
        b"\x1b[31mred.wasm",
        b"two\nlines\r.wasm",
        "\u{202e}msaw.wasm".as_bytes(),
        b"\xff\xfe.wasm",
        b"::error::no.wasm",
        b"##[error][x](http:).wasm",
    ];
    for name in names {
        let path = sandbox.path("").join(std::ffi::OsStr::from_bytes(name));
        std::fs::write(path, b"").unwrap();
    }
    for format in ["human", "json", "github", "sarif"] {
        let run = sandbox.tesser("", &["validate", "--format", format, "."]).expect(1);
        let told = run.stdout + &run.stderr;
        let odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}' || c == '\u{fffd}';
        assert!(!told.contains(odd), "{format}: {told:?}");
        match format {
            "sarif" => drop(assert_sarif(&told)),
            "json" => {
                let report: Value = serde_json::from_str(&told).unwrap();
                let paths = report["files"].as_array().unwrap().iter().map(|file| &file["path"]);
                assert!(paths.clone().any(|path| path == "./\\xFF\\xFE.wasm"), "{told}");
                assert!(paths.clone().any(|path| path == "./two\\nlines\\u{d}.wasm"), "{told}");
            }
            "github" => {
                let lines = told.lines().filter(|line| !line.starts_with("::"));
                assert_eq!(lines.clone().count(), names.len() + 1, "{told}");
                assert!(!lines.clone().any(|line| line.contains("##[")), "{told}");
            }
            _ => {}
        }
    }
}

#[test]
fn hostile_names_in_a_file_are_harmless_in_every_format() {
    let sandbox = Sandbox::new();
    // The validator quotes what it does not like.
    let name = format!("\\1b[31m\\u{{202e}}\\0a::error::{}", "x".repeat(300));
    let text = format!("(component (import \"{name}\" (func)))");
    sandbox.write("hostile.wasm", wat::parse_str(text).unwrap());
    for format in ["human", "json", "github", "sarif"] {
        let run = sandbox.tesser("", &["validate", "--format", format, "hostile.wasm"]).expect(1);
        let told = run.stdout + &run.stderr;
        assert!(!told.contains(['\x1b', '\u{202e}']), "{format}: {told:?}");
        assert!(told.contains("[31m") && !told.contains(&"x".repeat(200)), "{format}: {told}");
        let commands = told.lines().filter(|line| line.starts_with("::"));
        assert_eq!(commands.count(), usize::from(format == "github"), "{told}");
    }
}

#[test]
fn a_file_is_checked_once_however_often_it_is_given() {
    let sandbox = three();
    let words = ["validate", "--format", "json", "plugins/a.wasm", "plugins", "plugins/./a.wasm"];
    let report: Value = serde_json::from_str(&sandbox.tesser("", &words).expect(1).stdout).unwrap();
    let paths: Vec<_> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["plugins/a.wasm", "plugins/b.old.wasm", "plugins/c, 100%.wasm"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_named_for_what_it_is() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("in/folder.wasm")).unwrap();
    sandbox.run(scrubbed("mkfifo").arg(sandbox.path("in/pipe.wasm"))).expect(0);
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.path("in/socket.wasm")).unwrap();
    symlink("/dev/zero", sandbox.path("in/zero.wasm")).unwrap();
    symlink("gone.wasm", sandbox.path("in/dangling.wasm")).unwrap();
    symlink("loop.wasm", sandbox.path("in/loop.wasm")).unwrap();
    symlink(chase(), sandbox.path("in/linked.wasm")).unwrap();
    let giant = std::fs::File::create(sandbox.path("in/giant.wasm")).unwrap();
    giant.set_len(1 << 40).unwrap();
    let run = sandbox.tesser("", &["validate", "in"]).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error[not-read]: not read, so there is no verdict: this is a symbolic link to `gone.wasm`, which does not exist
  --> in/dangling.wasm
  help: replace the link with the file itself, or fix the link

in/dangling.wasm: no verdict for tesser@0.9
error[not-read]: not read, so there is no verdict: this is a folder, not a file
  --> in/folder.wasm
  help: run `cargo tesser validate` on the folder to check the `.wasm` files in it

in/folder.wasm: no verdict for tesser@0.9
error[not-read]: not read, so there is no verdict: the file has more than 64 MiB
  --> in/giant.wasm
  help: a plugin has a few hundred KB; check whether this is a plugin, and whether it was built with `--release`

in/giant.wasm: no verdict for tesser@0.9
in/linked.wasm: ok for tesser@0.9
  [SIZE] bytes, sha256 [HASH], needs nothing from the host
error[not-read]: not read, so there is no verdict: this is a symbolic link that leads back to itself
  --> in/loop.wasm
  help: replace the link with the file itself, or fix the link

in/loop.wasm: no verdict for tesser@0.9
error[not-read]: not read, so there is no verdict: this is a named pipe, not a file
  --> in/pipe.wasm
  help: give `-` and redirect the pipe to stdin

in/pipe.wasm: no verdict for tesser@0.9
error[not-read]: not read, so there is no verdict: this is a socket, not a file
  --> in/socket.wasm
  help: give the path of a plugin that `cargo tesser build` wrote

in/socket.wasm: no verdict for tesser@0.9
error[not-read]: not read, so there is no verdict: this is a device, not a file
  --> in/zero.wasm
  help: give the path of a plugin that `cargo tesser build` wrote

in/zero.wasm: no verdict for tesser@0.9
8 plugins: 1 ok, 0 rejected, 7 without a verdict

"#]]
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    let path = sandbox.write("private.wasm", b"");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    let run = sandbox.tesser("", &["validate", "private.wasm"]);
    // root may read everything, and then the file is empty.
    let told = if std::fs::read(&path).is_ok() { "the file is empty" } else { "may not read it" };
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn stdin_has_the_same_limit() {
    let sandbox = Sandbox::new();
    let command = scrubbed(env!("CARGO_BIN_EXE_cargo-tesser"))
        .args(["tesser", "validate", "-"])
        .stdin(vec![0_u8; (64 << 20) + 1]);
    let run = sandbox.run(command).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error[not-read]: not read, so there is no verdict: the file has more than 64 MiB
  --> -
  help: a plugin has a few hundred KB; check whether this is a plugin, and whether it was built with `--release`

-: no verdict for tesser@0.9

"#]]
    );
}

#[test]
fn a_thousand_plugins_are_reported_in_order_without_a_progress_bar_in_a_pipe() {
    let sandbox = Sandbox::new();
    let mut expected = String::new();
    for index in 0..1000 {
        let (name, bytes): (_, &[u8]) = if index % 3 == 0 {
            (format!("p{index:04}.wasm"), b"\0asm\x01\0\0\0")
        } else {
            (format!("p{index:04}.wasm"), b"")
        };
        let code = if index % 3 == 0 { "core-module" } else { "empty-file" };
        let _ = writeln!(expected, "{name} {code}");
        sandbox.write(&name, bytes);
    }
    let always = [("CARGO_TERM_PROGRESS_WHEN", "always")];
    let Run { code, stdout, stderr } =
        sandbox.tesser_with("", &["validate", "--format", "json", "."], &always);
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let mut told = String::new();
    for file in report["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap().trim_start_matches("./");
        let _ = writeln!(told, "{path} {}", file["findings"][0]["code"].as_str().unwrap());
    }
    assert_eq!(told, expected);
    assert_eq!(report["summary"], serde_json::json!({"ok": 0, "rejected": 1000}));
}

#[test]
fn a_verdict_is_told_before_the_next_file_is_read() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;
    let sandbox = three();
    for (format, said) in
        [("human", "plugins/a.wasm: ok"), ("github", "ok for tesser@0.9: plugins/a.wasm")]
    {
        let mut command = crate::support::tool();
        command.args(["tesser", "validate", "plugins/a.wasm", "-", "--format", format]);
        command.current_dir(sandbox.path("")).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Nothing has come through stdin yet.
        let stdin = child.stdin.take().unwrap();
        let mut first = String::new();
        if format == "human" {
            BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut first).unwrap();
        } else {
            BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        }
        assert!(first.starts_with(said), "{first}");
        drop(stdin);
        assert_eq!(child.wait().unwrap().code(), Some(1));
    }
}

#[test]
fn the_same_bytes_have_the_same_verdict_under_every_name() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    for name in ["a.wasm", "b.old.wasm", "c.wasm"] {
        sandbox.write(name, &good);
    }
    let run = sandbox.tesser("", &["validate", "--format", "json", "."]).expect(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut codes = Vec::new();
    for file in report["files"].as_array().unwrap() {
        assert_eq!(file["loaded"], true, "{file:#}");
        assert_eq!(file["sha256"], report["files"][0]["sha256"]);
        codes.push((file["path"].as_str().unwrap(), file["findings"][0]["code"].as_str()));
    }
    let expected =
        [("./a.wasm", None), ("./b.old.wasm", Some("unreachable-name")), ("./c.wasm", None)];
    assert_eq!(codes, expected);
}
