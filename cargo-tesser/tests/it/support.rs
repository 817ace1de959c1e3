//! A folder to work in, a command line with a scrubbed environment, and plugins that are built once.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use snapbox::cmd::Command;

/// What a child may see of our environment; the rest could change what the tests say.
const KEPT: [&str; 8] = [
    "PATH",
    "HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "TMPDIR",
    "SystemRoot",
    "USERPROFILE",
];

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All plugins of all tests share one target folder, so that their dependencies compile once.
pub fn plugin_target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugins")
}

/// The core module that cargo has made of a plugin.
pub fn core_module(profile: &str, file: &str) -> PathBuf {
    plugin_target().join("tesser/cargo/wasm32-wasip1").join(profile).join(file)
}

/// An empty folder that disappears, and commands that run in it.
pub struct Sandbox {
    dir: tempfile::TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    pub fn write(&self, below: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(below);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, contents).unwrap();
        path
    }

    /// Replaces text in a file that must hold it.
    pub fn edit(&self, below: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(below)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {below}:\n{text}");
        self.write(below, text.replace(from, to));
    }

    pub fn copy(&self, from: &Path, below: &str) {
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = format!("{below}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().unwrap().is_dir() {
                self.copy(&entry.path(), &to);
            } else {
                self.write(&to, std::fs::read(entry.path()).unwrap());
            }
        }
    }

    /// `cargo tesser` with these words, in a folder below the sandbox.
    pub fn tesser(&self, dir: &str, words: &[&str]) -> Run {
        self.tesser_with(dir, words, &[])
    }

    /// The same, with variables set.
    pub fn tesser_with(&self, dir: &str, words: &[&str], vars: &[(&str, &str)]) -> Run {
        let mut command = scrubbed(env!("CARGO_BIN_EXE_cargo-tesser"))
            .arg("tesser")
            .args(words)
            .current_dir(self.path(dir));
        for (key, value) in vars {
            command = command.env(key, value);
        }
        self.run(command)
    }

    pub fn run(&self, command: Command) -> Run {
        Run::new(command.output().unwrap(), self.dir.path())
    }
}

/// A command that sees nothing of our environment but what it needs to find the compilers.
pub fn scrubbed(program: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::from_std(process(program))
}

/// The tool, for tests that do more with its process than wait for its end.
pub fn tool() -> std::process::Command {
    process(env!("CARGO_BIN_EXE_cargo-tesser"))
}

pub fn process(program: impl AsRef<std::ffi::OsStr>) -> std::process::Command {
    let mut command = std::process::Command::new(program);
    command
        .env_clear()
        .envs(KEPT.iter().filter_map(|key| Some((*key, std::env::var_os(key)?))))
        // What the workspace has downloaded is all that plugins need.
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TARGET_DIR", plugin_target())
        // Nor what a developer has configured.
        .env("XDG_CONFIG_HOME", plugin_target().join("no-configuration"))
        .env("CARGO_TERM_PROGRESS_WHEN", "never");
    command
}

/// What a command did.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    fn new(output: Output, dir: &Path) -> Self {
        let text = |bytes: Vec<u8>| tidy(&String::from_utf8(bytes).unwrap(), dir);
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Fails with everything that was said, unless the exit code is this one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The lines of stderr from the first that starts with `error` on.
    pub fn error(&self) -> &str {
        let start = self.stderr.find("error: ").unwrap_or(0);
        self.stderr[start..].trim_end()
    }
}

/// Replaces what differs between machines and runs.
fn tidy(text: &str, dir: &Path) -> String {
    let mut text = text.replace("\r\n", "\n");
    let canonical = dir.canonicalize().unwrap();
    for (path, name) in [
        (canonical.as_path(), "[DIR]"),
        (dir, "[DIR]"),
        (plugin_target().as_path(), "[TARGET]"),
        (root().as_path(), "[ROOT]"),
    ] {
        text = text.replace(&path.display().to_string(), name);
    }
    text.split('\n').map(tidy_line).collect::<Vec<_>>().join("\n")
}

/// Sizes and hashes of plugins differ from compiler to compiler.
fn tidy_line(line: &str) -> String {
    let Some((before, after)) = line.split_once(" bytes, sha256 ") else { return line.to_owned() };
    let before = before.trim_end_matches(|c: char| c.is_ascii_digit());
    let after = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    format!("{before}[SIZE] bytes, sha256 [HASH]{after}")
}

/// The chase plugin as `new` and `build --release` make it, but with the text of panics; built once for all tests.
pub fn chase() -> &'static Path {
    static CHASE: OnceLock<PathBuf> = OnceLock::new();
    CHASE.get_or_init(|| {
        let sandbox = Sandbox::new();
        sandbox.tesser("", &["new", "it-chase"]).expect(0);
        sandbox.edit("it-chase/Cargo.toml", "panic = \"trap\"", "panic = \"text\"");
        sandbox.tesser("it-chase", &["build", "--release"]).expect(0);
        plugin_target().join("tesser/release/it_chase.wasm")
    })
}

/// Names of everything in a folder, dot files included, sorted.
pub fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
