//! A process that is killed leaves nothing or a whole project.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Sandbox, names, tool};

/// How many times it is killed after it was done, so that the last kills before were close to its end.
const DONE: u32 = 10;

fn start(sandbox: &Sandbox, path: &str) -> Child {
    tool()
        .args(["new", path, "--template", "blank", "--name", "mine"])
        .current_dir(sandbox.path(""))
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs it over and over, kills it a little later each time, and hands over whether anything is left.
fn killed(sandbox: &Sandbox, path: &str, mut check: impl FnMut(bool)) {
    let begin = Instant::now();
    start(sandbox, path).wait().unwrap();
    let whole = begin.elapsed();
    check(true);
    let there = Path::new(path).components().next().unwrap();
    let top = sandbox.path(there.as_os_str().to_str().unwrap());
    let [mut early, mut done] = [0, 0];
    while done < DONE {
        std::fs::remove_dir_all(&top).unwrap_or_default();
        let mut child = start(sandbox, path);
        std::thread::sleep(whole * (early + done) / 25);
        child.kill().unwrap_or_default();
        child.wait().unwrap();
        if top.exists() {
            let files = names(&sandbox.path(path));
            assert_eq!(
                files,
                [".git", ".github", ".gitignore", "Cargo.toml", "README.md", "src", "tapes"]
            );
            assert!(std::fs::metadata(sandbox.path(path).join("src/lib.rs")).unwrap().len() > 1000);
        }
        *(if top.exists() { &mut done } else { &mut early }) += 1;
        assert!(early < 1000, "it is never done");
        check(top.exists());
    }
    assert!(early > 5, "it was never killed before it was done");
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

/// `init` changes up to three files; a second run does what a killed one did not.
#[test]
fn an_init_that_was_killed_is_completed_by_the_next() {
    let run = |sandbox: &Sandbox| {
        let init = ["init", "mine"];
        tool().args(init).current_dir(sandbox.path("")).stderr(Stdio::null()).spawn().unwrap()
    };
    let made = |sandbox: &Sandbox| {
        let read = |path| std::fs::read_to_string(sandbox.path(path)).unwrap();
        ["Cargo.toml", "mine/Cargo.toml", "mine/src/lib.rs"].map(read)
    };
    let start = || {
        let sandbox = Sandbox::new();
        sandbox.write("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n");
        sandbox.write("mine/Cargo.toml", "[package]\nname = \"mine\"\n");
        sandbox
    };
    let whole = start();
    let begin = Instant::now();
    run(&whole).wait().unwrap();
    let took = begin.elapsed();
    for kill in 0..30 {
        let sandbox = start();
        let mut child = run(&sandbox);
        std::thread::sleep(took * kill / 20);
        child.kill().unwrap_or_default();
        child.wait().unwrap();
        run(&sandbox).wait().unwrap();
        assert_eq!(made(&sandbox), made(&whole));
    }
}

/// As Ctrl-C in a terminal does it: all processes are told.
#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_at_all() {
    use rustix::process::{Pid, Signal, kill_process_group};
    use std::os::unix::process::CommandExt as _;
    let sandbox = Sandbox::new();
    let git = sandbox.write("bin/git", "#!/bin/sh\n: > \"$STARTED\"\nexec sleep 60\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&git, mode).unwrap();
    let path = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap());
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut child = tool()
            .args(["new", "deep/mine"])
            .current_dir(sandbox.path(""))
            .env("PATH", &path)
            .env("STARTED", sandbox.path("bin/started"))
            .process_group(0)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !sandbox.path("bin/started").exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::fs::remove_file(sandbox.path("bin/started")).unwrap();
        let group = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process_group(group, signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal:?}");
        assert_eq!(names(&sandbox.path("")), ["bin"], "{signal:?}");
    }
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
