//! `cargo tesser watch`: a change is built and installed, a mistake changes nothing, and ctrl-c ends it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::{plugin, source};
use crate::replay::page::drawn;
use crate::support::{Sandbox, names, root, tool};

/// Ends with the test.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(dir: &Path, more: &[&str]) -> Self {
        let mut child = tool()
            .args(["tesser", "watch", "--no-opt", "--out-dir", "plugins"])
            .args(more)
            .current_dir(dir)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (told, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = told.send(line);
            }
        });
        Self { child, lines }
    }

    /// All lines up to the one that has this text.
    #[track_caller]
    fn until(&self, text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(180)) {
            seen.push(line);
            if seen.last().is_some_and(|line| line.contains(text)) {
                return seen;
            }
        }
        panic!("no `{text}` in {seen:#?}")
    }

    /// Ctrl-c; all that it has still said.
    fn stop(&mut self) -> Vec<String> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(130));
        self.lines.iter().collect()
    }

    fn is_quiet(&self) -> bool {
        self.lines.recv_timeout(Duration::from_secs(2)).is_err()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_change_is_installed_and_a_mistake_keeps_the_last_good_plugin() {
    let sandbox = Sandbox::new();
    let version = |text: &str| source(&format!("if ctx.plugin == \"x\" {{ panic!(\"{text}\") }}"));
    plugin(&sandbox, "it-watched", &version("the first"));
    let mut watch = Watch::start(&sandbox.path("it-watched"), &[]);
    let place = sandbox.path("it-watched/plugins/it_watched.wasm");
    let holds =
        |text: &str| String::from_utf8_lossy(&std::fs::read(&place).unwrap()).contains(text);
    watch.until("Watching");
    assert!(holds("the first"));
    // It writes Cargo.lock, plugins and more, none of which starts a build that has something to do.
    while !watch.is_quiet() {}

    sandbox.write("it-watched/src/lib.rs", version("the second"));
    let lines = watch.until("Watching");
    assert!(lines[0].contains("Changed") && lines[0].contains("src/lib.rs"), "{lines:#?}");
    assert!(holds("the second"));
    assert!(watch.is_quiet(), "it builds in a loop");

    sandbox.write("it-watched/src/lib.rs", "not rust");
    let lines = watch.until("Watching").join("\n");
    assert!(lines.contains("error: `cargo build` failed"), "{lines}");
    assert!(lines.contains("the previous plugin is still installed"), "{lines}");
    assert!(holds("the second"));

    // Even the manifest may be broken for a while.
    let manifest = std::fs::read(sandbox.path("it-watched/Cargo.toml")).unwrap();
    sandbox.write("it-watched/Cargo.toml", "[");
    watch.until("Watching");
    sandbox.write("it-watched/src/lib.rs", version("the third"));
    watch.until("Watching");
    sandbox.write("it-watched/Cargo.toml", manifest);
    watch.until("Installed");
    watch.until("Watching");
    assert!(holds("the third"));

    // It has no other end.
    assert_eq!(watch.stop(), [""; 0]);
    assert_eq!(names(place.parent().unwrap()), ["it_watched.wasm"]);
}

/// An open page asks the script beside it which run is the last one.
#[test]
fn a_replay_follows_each_build_and_an_open_page_learns_of_it() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-replayed", &source(""));
    let tape = root().join("templates/shared/tapes/synthetic.csv").display().to_string();
    let dir = sandbox.path("it-replayed");
    let flags = ["--replay", &tape, "--quantity", "1", "--report", "page.html"];
    let mut watch = Watch::start(&dir, &flags);
    watch.until("Watching");
    while !watch.is_quiet() {}
    let page = || std::fs::read_to_string(dir.join("page.html")).unwrap();
    let script = || std::fs::read_to_string(dir.join("page.html.watch.js")).unwrap();
    let run = |page: &str| {
        let (_, rest) = page.split_once("data-run=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let first = page();
    assert!(script().contains("\"failed\":false"), "{}", script());
    assert!(script().contains(&format!("\"run\":{}", run(&first))), "{}", script());
    if let Some(dom) = drawn(&dir.join("page.html")) {
        assert!(dom.contains("cargo tesser watch is running"), "the page did not ask");
    }

    sandbox.write("it-replayed/src/lib.rs", "not rust");
    let lines = watch.until("Watching").join("\n");
    assert!(lines.contains("note: `page.html` still shows the run before"), "{lines}");
    assert!(page() == first);
    assert!(script().contains("\"failed\":true"), "{}", script());
    assert!(script().contains("This is the run before: `cargo build` failed"), "{}", script());

    sandbox.write("it-replayed/src/lib.rs", source("let _ = 1;"));
    let lines = watch.until("Watching").join("\n");
    assert!(lines.contains("Wrote page.html"), "{lines}");
    assert!(watch.is_quiet(), "it builds in a loop");
    let second = run(&page());
    assert!(second != run(&first));
    assert!(script().contains(&format!("\"run\":{second}")), "{}", script());

    // What is left waits for nothing.
    assert_eq!(watch.stop(), [""; 0]);
    assert!(!page().contains("data-run=") && page().contains("What was run"));
    assert!(!dir.join("page.html.watch.js").exists());
}

#[test]
fn flags_of_a_replay_need_one() {
    let sandbox = Sandbox::new();
    for flags in [["--quantity", "1"], ["--half-spread", "1"], ["--report", "page.html"]] {
        let run = sandbox.tesser("", &[&["watch"], &flags[..]].concat()).expect(2);
        assert!(run.stderr.contains("--replay <TAPE>"), "{}", run.stderr);
    }
    let words = ["watch", "--replay", "tape.csv", "--report", "none/page.html"];
    let run = sandbox.tesser("", &words).expect(101);
    assert!(run.error().contains("there is no folder `none`"), "{}", run.stderr);
}

/// A target directory elsewhere, a build script that writes what is there already, and a folder for what lies in between.
#[test]
fn what_builds_write_starts_no_build() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-quiet", &(source("") + "include!(\"made.rs\");\n"));
    std::fs::create_dir(sandbox.path("elsewhere")).unwrap();
    let target = sandbox.path("it-quiet/target");
    std::os::unix::fs::symlink(sandbox.path("elsewhere"), &target).unwrap();
    let script = "fn main() { std::fs::write(\"src/made.rs\", \"// made\\n\").unwrap(); }\n";
    sandbox.write("it-quiet/build.rs", script);
    sandbox.write("it-quiet/src/made.rs", "// made\n");
    sandbox.write("it-quiet/.cargo/config.toml", "[build]\nbuild-dir = \"between\"\n");
    let mut watch = Watch::start(&sandbox.path("it-quiet"), &["--target-dir", "target"]);
    let lines = watch.until("Watching");
    // Each folder once.
    let folders = lines.last().unwrap().matches("it-quiet").count();
    assert_eq!(folders, 1, "{lines:#?}");
    // `Cargo.lock` is new.
    while !watch.is_quiet() {}
    sandbox.write("it-quiet/src/lib.rs", source("let _ = 1;") + "include!(\"made.rs\");\n");
    watch.until("Watching");
    assert!(watch.is_quiet(), "it builds in a loop");
    assert_eq!(watch.stop(), [""; 0]);
}

#[test]
fn where_nothing_can_become_a_plugin_it_ends() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["watch"]).expect(101);
    assert!(run.error().contains("could not find `Cargo.toml`"), "{}", run.stderr);
    assert!(!run.stderr.contains("in place"), "{}", run.stderr);
    plugin(&sandbox, "it-misnamed", &source(""));
    let run = sandbox.tesser("it-misnamed", &["watch", "-p", "it-misname"]).expect(2);
    assert!(run.error().contains("there is no package `it-misname`"), "{}", run.stderr);
}

#[test]
fn what_fails_a_test_is_not_installed() {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["new", "it-tested", "--template", "blank"]).expect(0);
    let good = std::fs::read_to_string(sandbox.path("it-tested/src/lib.rs")).unwrap();
    let timer = "fn on_timer(&mut self) -> Result<PluginResult, PluginError> {";
    sandbox.edit("it-tested/src/lib.rs", timer, &format!("{timer} if true {{ panic!(\"no\") }}"));
    let place = sandbox.path("it-tested/plugins/it_tested.wasm");
    let mut watch = Watch::start(&sandbox.path("it-tested"), &["--test"]);
    let lines = watch.until("Watching").join("\n");
    assert!(lines.contains("FAILED"), "{lines}");
    assert!(lines.contains("note: a test failed, so nothing was installed"), "{lines}");
    assert!(!place.exists());
    while !watch.is_quiet() {}
    sandbox.write("it-tested/src/lib.rs", good);
    watch.until("Installed plugins/it_tested.wasm");
    watch.stop();
    assert!(place.exists());
}
