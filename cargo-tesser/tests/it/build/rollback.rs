//! Earlier versions are kept where no host finds them, and come back so that it does.

use std::path::Path;
use std::time::SystemTime;

use snapbox::{assert_data_eq, str};

use super::{plugin, source};
use crate::support::{Run, Sandbox, names};

/// Builds a version that differs from the others, and returns its bytes.
fn build(sandbox: &Sandbox, number: u32) -> Vec<u8> {
    let init = format!("if ctx.plugin == \"x\" {{ panic!(\"version {number}\") }}");
    plugin(sandbox, "it-kept-back", &source(&init));
    let words = ["build", "--no-opt", "--out-dir", "../plugins", "--keep", "2"];
    sandbox.tesser("it-kept-back", &words).expect(0);
    installed(sandbox)
}

fn installed(sandbox: &Sandbox) -> Vec<u8> {
    std::fs::read(sandbox.path("plugins/it_kept_back.wasm")).unwrap()
}

fn modified(sandbox: &Sandbox) -> SystemTime {
    let metadata = std::fs::metadata(sandbox.path("plugins/it_kept_back.wasm"));
    metadata.unwrap().modified().unwrap()
}

fn rollback(sandbox: &Sandbox, words: &[&str]) -> Run {
    sandbox.tesser("plugins", &[&["rollback", "it-kept-back"], words].concat())
}

/// Every file below, with what it ends in.
fn ends(dir: &Path) -> Vec<String> {
    let below = |name: &String| {
        let path = dir.join(name);
        if path.is_dir() { ends(&path) } else { vec![name.rsplit('.').next().unwrap().into()] }
    };
    names(dir).iter().flat_map(below).collect()
}

#[test]
fn earlier_versions_come_back_one_by_one_and_the_host_sees_them() {
    let sandbox = Sandbox::new();
    let versions = [1, 2, 3].map(|number| build(&sandbox, number));
    let wasm = ends(&sandbox.path("plugins")).into_iter().filter(|end| end == "wasm").count();
    assert_eq!(wasm, 1, "a copy has a name that the host could be asked for");
    let list = rollback(&sandbox, &["--list"]).expect(0).stdout;
    let ends: Vec<_> = list.lines().filter_map(|line| line.split(" bytes  ").nth(1)).collect();
    assert_eq!(ends, ["installed", "kept", "kept"]);
    let words: Vec<_> = list.lines().next().unwrap().split_whitespace().collect();
    assert_eq!((words[0].len(), words[1], words[2]), (12, "0.1.0", "-"), "{list}");
    assert!(words[3].starts_with("20") && words[4].ends_with('Z'), "{list}");
    let mut before = modified(&sandbox);
    for older in [&versions[1], &versions[0]] {
        let run = rollback(&sandbox, &[]).expect(0);
        assert!(run.stderr.contains("Installed ./it_kept_back.wasm"), "{}", run.stderr);
        assert!(&installed(&sandbox) == older);
        assert!(modified(&sandbox) > before);
        before = modified(&sandbox);
    }
    let run = rollback(&sandbox, &[]).expect(101);
    assert!(
        run.error().starts_with(
            "error: no kept version of `./it_kept_back.wasm` is earlier than the one that is there\nhint: the kept versions are `"
        ),
        "{}",
        run.stderr
    );
    // A rollback can be undone by name.
    let list = rollback(&sandbox, &["--list"]).expect(0).stdout;
    let mut lines = list.lines().skip(1);
    assert!(lines.clone().all(|line| line.ends_with("rolled back")), "{list}");
    let third = lines.nth(1).unwrap()[..8].to_owned();
    rollback(&sandbox, &["--to", &third]).expect(0);
    let run =
        sandbox.tesser("", &["rollback", "other", "--out-dir", "plugins", "--list"]).expect(0);
    assert_eq!(run.stderr, "note: no version of `other` is kept in `plugins`\n");
    // A script's variable that is not set must not stand for just any version.
    let run = rollback(&sandbox, &["--to", ""]).expect(2);
    assert!(run.error().contains("a value is required for '--to <HASH>'"), "{}", run.stderr);
    assert!(installed(&sandbox) == versions[2]);
    sandbox.tesser("", &["validate", "plugins"]).expect(0);
}

#[test]
fn a_kept_version_that_the_host_would_refuse_stays_where_it_is() {
    let sandbox = Sandbox::new();
    let place = "plugins/it_kept_back.wasm";
    sandbox.write(place, "(component)");
    let now = build(&sandbox, 1);
    let run = rollback(&sandbox, &[]).expect(1);
    assert!(
        run.error().contains("did not pass its check, so it was not installed"),
        "{}",
        run.stderr
    );
    assert!(installed(&sandbox) == now);

    let kept = sandbox.path("plugins/.kept/it_kept_back");
    let name = names(&kept).into_iter().find(|name| name.starts_with("000001-")).unwrap();
    std::fs::write(kept.join(name), "something else").unwrap();
    let run = rollback(&sandbox, &[]).expect(101);
    assert!(run.error().contains("does not have the hash that it is named for"), "{}", run.stderr);
    assert!(installed(&sandbox) == now);
}

#[test]
fn a_rollback_to_nothing_says_how_to_have_something() {
    let sandbox = Sandbox::new();
    sandbox.write("plugins/x", "");
    assert_data_eq!(
        rollback(&sandbox, &[]).expect(101).error(),
        str![[r#"
error: no earlier version of `./it_kept_back.wasm` is kept
hint: `--out-dir` names the folder; `cargo tesser build --out-dir <DIR> --keep <N>` keeps what it replaces
"#]]
    );
    assert_eq!(names(&sandbox.path("plugins")), ["x"]);
    let run = sandbox.tesser("", &["rollback", "../chase"]).expect(2);
    assert!(run.error().contains("`../chase` is not the name of a plugin"), "{}", run.stderr);
}
