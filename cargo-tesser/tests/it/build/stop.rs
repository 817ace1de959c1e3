//! A build that is stopped or killed leaves the old plugin, and nothing else.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{installed, plugin, source};
use crate::support::{Sandbox, names, tool};

/// A build in the sandbox, in a process group of its own.
fn build(sandbox: &Sandbox, dir: &str) -> Command {
    let mut command = tool();
    command.args(["tesser", "build", "--no-opt"]).current_dir(sandbox.path(dir)).process_group(0);
    command
}

/// Starts it where nobody reads what it says.
fn start(sandbox: &Sandbox, dir: &str) -> std::process::Child {
    build(sandbox, dir).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn signal(name: &str, child: &std::process::Child) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

/// Whether any process has this text among its arguments.
fn is_running(text: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .any(|line| String::from_utf8_lossy(&line).contains(text))
}

fn waits(limit: Duration, until: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        if until() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_to_the_tool_alone_ends_cargo_too() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-stopped", &source(""));
    // Compiles for a minute, were it not stopped.
    let name = format!("it-stopped-{}", std::process::id());
    sandbox.edit("it-stopped/Cargo.toml", "\n[lib]", "build = \"build.rs\"\n\n[lib]");
    let marker = format!(
        "fn main() {{ std::process::Command::new(\"sleep\").args([\"60\", \"{name}\"]).status().unwrap(); }}\n"
    );
    sandbox.write(
        "it-stopped/build.rs",
        marker.replace("sleep\").args([\"60\", ", "sh\").args([\"-c\", \"sleep 60; true\", "),
    );
    for name_of_signal in ["-TERM", "-INT"] {
        let mut child = start(&sandbox, "it-stopped");
        assert!(waits(Duration::from_secs(120), || is_running(&name)), "the build script runs");
        signal(name_of_signal, &child);
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(130));
        assert!(waits(Duration::from_secs(5), || !is_running(&name)), "{name_of_signal}");
    }
    assert!(!installed("debug", "it_stopped.wasm").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_leaves_the_terminal_as_it_was() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::Read as _;

    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-terminal", &source(""));
    sandbox.edit("it-terminal/Cargo.toml", "\n[lib]", "build = \"build.rs\"\n\n[lib]");
    let name = format!("it-terminal-{}", std::process::id());
    let script = format!(
        "fn main() {{ std::process::Command::new(\"sh\").args([\"-c\", \"sleep 60; true\", \"{name}\"]).status().unwrap(); }}\n"
    );
    sandbox.write("it-terminal/build.rs", script);

    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let path = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs = std::fs::File::options().read(true).write(true).open(&path).unwrap();
    let modes = || Command::new("stty").args(["--all", "--file", &path]).output().unwrap().stdout;
    let before = modes();
    let mut child = build(&sandbox, "it-terminal")
        .env("TERM", "xterm")
        .stdin(theirs.try_clone().unwrap())
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs.try_clone().unwrap())
        .spawn()
        .unwrap();
    // It is read all the time, so that nobody waits for room.
    let reader = std::thread::spawn(move || {
        let (mut ours, mut seen) = (std::fs::File::from(ours), Vec::new());
        // The end of a terminal is an error on Linux.
        let _ = ours.read_to_end(&mut seen);
        String::from_utf8_lossy(&seen).into_owned()
    });
    assert!(waits(Duration::from_secs(120), || is_running(&name)), "the build script runs");
    // As the terminal does it: to all of them.
    let group = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process_group(group, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(waits(Duration::from_secs(5), || !is_running(&name)));
    assert!(!before.is_empty() && modes() == before);
    drop(theirs);
    let seen = reader.join().unwrap();
    assert!(seen.contains("Compiling"), "{seen:?}");
    assert_eq!(seen.matches("\x1b[?25l").count(), seen.matches("\x1b[?25h").count(), "{seen:?}");
    // The prompt comes on a line of its own.
    let last = seen.rsplit(['\n', '\r']).next().unwrap();
    assert!(last.replace("\x1b[K", "").trim().is_empty(), "{seen:?}");
}

/// Kills builds at any step; a plugin is always there, and always whole.
fn kills(rounds: u32) {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-killed", &source(""));
    sandbox.tesser("it-killed", &["build", "--no-opt"]).expect(0);
    let file = installed("debug", "it_killed.wasm");
    let mut whole = vec![std::fs::read(&file).unwrap()];
    // Each build has something to do: a record that does not hold is one that was lost.
    let record = installed("debug", ".it_killed.fresh");
    for round in 0..rounds {
        std::fs::write(&record, "lost").unwrap();
        std::fs::write(&file, &whole[0][..100]).unwrap();
        let old = std::fs::read(&file).unwrap();
        let mut child = start(&sandbox, "it-killed");
        // Steps of a prime number of milliseconds reach every part of the second that it takes.
        std::thread::sleep(Duration::from_millis(u64::from(round * 37 % 1200)));
        signal(["-KILL", "-TERM", "-INT"][round as usize % 3], &child);
        child.wait().unwrap();
        let now = std::fs::read(&file).unwrap();
        assert!(
            now == old || whole.contains(&now),
            "round {round}: {} bytes, and not {}",
            now.len(),
            whole[0].len()
        );
    }
    sandbox.tesser("it-killed", &["build", "--no-opt"]).expect(0);
    whole.push(std::fs::read(&file).unwrap());
    assert_eq!(whole[0], whole[1]);
    let left = names(&installed("debug", ""));
    // What SIGKILL leaves is swept by a later build; the others leave nothing.
    let temporary = left.iter().filter(|name| name.starts_with(".tesser-")).count();
    assert!(temporary <= rounds as usize / 3, "{left:?}");
}

#[test]
fn a_build_that_is_killed_leaves_the_old_plugin_or_the_new_one() {
    kills(36);
}

#[test]
#[ignore = "takes ten minutes"]
fn five_hundred_builds_that_are_killed_leave_the_old_plugin_or_the_new_one() {
    kills(500);
}
