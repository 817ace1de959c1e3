//! A process that is killed leaves nothing or a whole project.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Sandbox, names};

/// How many times it is killed, at times spread over what a whole run takes.
const KILLS: u32 = 40;

fn start(sandbox: &Sandbox, path: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_cargo-tesser"))
        .args(["new", path, "--template", "blank", "--name", "mine"])
        .current_dir(sandbox.path(""))
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs it over and over, kills it later each time, and hands over what is left, with whether it was whole.
fn killed(sandbox: &Sandbox, path: &str, mut check: impl FnMut(bool)) {
    let begin = Instant::now();
    start(sandbox, path).wait().unwrap();
    let whole = begin.elapsed();
    check(true);
    let there = Path::new(path).components().next().unwrap();
    let top = sandbox.path(there.as_os_str().to_str().unwrap());
    let mut seen = [false; 2];
    for kill in 0..KILLS {
        std::fs::remove_dir_all(&top).unwrap_or_default();
        let mut child = start(sandbox, path);
        std::thread::sleep(whole * kill / (KILLS * 3 / 4));
        child.kill().unwrap_or_default();
        child.wait().unwrap();
        if top.exists() {
            let files = names(&sandbox.path(path));
            assert_eq!(files, [".git", ".gitignore", "Cargo.toml", "README.md", "src"]);
            assert!(std::fs::metadata(sandbox.path(path).join("src/lib.rs")).unwrap().len() > 1000);
        }
        seen[usize::from(top.exists())] = true;
        check(top.exists());
    }
    assert_eq!(seen, [true, true], "all kills came at one side of the rename");
}

#[test]
fn in_an_ordinary_folder() {
    let sandbox = Sandbox::new();
    killed(&sandbox, "deep/er/mine", |_| {
        let visible = names(&sandbox.path(""));
        let visible: Vec<_> = visible.iter().filter(|name| !name.starts_with(".tesser-")).collect();
        assert!(visible.is_empty() || visible == ["deep"], "{visible:?}");
    });
}

#[test]
fn in_a_workspace_which_stays_readable() {
    let sandbox = Sandbox::new();
    let root = "[workspace]\nmembers = [\"a\"]\n";
    let manifest = sandbox.write("Cargo.toml", root);
    killed(&sandbox, "mine", |is_whole| {
        let text = std::fs::read_to_string(&manifest).unwrap();
        let lists = text.contains("members = [\"a\", \"mine\"]");
        // Never the other way around: cargo could read nothing of such a workspace.
        assert!(if lists { is_whole } else { text == root }, "{text}");
        std::fs::write(&manifest, root).unwrap();
    });
}

#[test]
fn what_was_left_behind_is_swept_by_a_later_run_and_in_nobodys_way() {
    let sandbox = Sandbox::new();
    sandbox.write(".tesser-old/mine/Cargo.toml", "half");
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(7200);
    let old = std::fs::File::open(sandbox.path(".tesser-old")).unwrap();
    old.set_modified(long_ago).unwrap();
    sandbox.write("here/.tesser-new/crate/Cargo.toml", "half");
    sandbox.tesser("here", &["new", ".", "--template", "blank"]).expect(0);
    sandbox.tesser("", &["new", "mine", "--template", "blank"]).expect(0);
    assert_eq!(names(&sandbox.path("")), ["here", "mine"]);
}
