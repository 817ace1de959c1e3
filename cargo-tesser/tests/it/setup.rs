//! `cargo tesser setup`, and the compilers that `build` finds or does not find.

use snapbox::{assert_data_eq, str};

use crate::build::{plugin, source};
use crate::support::Sandbox;

#[test]
fn a_target_that_is_there_is_all_it_takes() {
    let run = Sandbox::new().tesser("", &["setup"]).expect(0);
    assert!(run.stderr.contains("Ready rustc 1."), "{}", run.stderr);
    assert!(run.stderr.contains("for wasm32-wasip1"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn no_compiler_at_all_is_said_so() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-no-cargo", &source(""));
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let path = sandbox.path("empty").display().to_string();
    let vars = [("PATH", path.as_str()), ("HOME", path.as_str()), ("CARGO_TESSER_CACHE", &path)];
    let run = sandbox.tesser_with("it-no-cargo", &["build"], &vars);
    if std::path::Path::new("/usr/bin/rustc").exists() {
        return eprintln!("skipped: the distribution's compiler is found without PATH");
    }
    let run = run.expect(101);
    let first = run.stderr.lines().next().unwrap_or_default().to_owned();
    assert_data_eq!(first, str![[r#"error: no Rust compiler: `rustc` was not found"#]]);
    assert!(run.stderr.contains("hint: "), "{}", run.stderr);
}

/// A `rustup` that cannot download, and rustup's own compiler without the target.
#[cfg(unix)]
mod without_rustup {
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::support::{Run, scrubbed};

    struct Machine {
        sandbox: Sandbox,
        path: String,
        cache: PathBuf,
    }

    impl Machine {
        fn new() -> Self {
            let sandbox = Sandbox::new();
            let script = "#!/bin/sh\necho 'error: could not download: no network' >&2\nexit 1\n";
            let rustup = sandbox.write("bin/rustup", script);
            std::fs::set_permissions(rustup, PermissionsExt::from_mode(0o755)).unwrap();
            // A compiler like the ordinary one, but for a target folder that is not there.
            let script = "#!/bin/sh\ncase \"$*\" in\n\
                *target-libdir*) \"$REAL_RUSTC\" \"$@\" | sed s/wasm32-wasip1/missing/ ;;\n\
                *) exec \"$REAL_RUSTC\" \"$@\" ;;\nesac\n";
            let rustc = sandbox.write("bin/rustc", script);
            std::fs::set_permissions(rustc, PermissionsExt::from_mode(0o755)).unwrap();
            let bin = sandbox.path("bin").display().to_string();
            let path = format!("{bin}:{}", std::env::var("PATH").unwrap());
            let cache = sandbox.path("cache");
            Self { sandbox, path, cache }
        }

        fn tesser(&self, dir: &str, words: &[&str]) -> Run {
            let real = scrubbed("rustc").args(["--print", "sysroot"]).output().unwrap();
            let real = String::from_utf8(real.stdout).unwrap();
            let real = Path::new(real.trim()).join("bin/rustc").display().to_string();
            let target = self.sandbox.path("target").display().to_string();
            let vars = [
                ("PATH", self.path.as_str()),
                ("REAL_RUSTC", &real),
                ("CARGO_TESSER_CACHE", self.cache.to_str().unwrap()),
                ("CARGO_TARGET_DIR", &target),
            ];
            self.sandbox.tesser_with(dir, words, &vars)
        }
    }

    #[test]
    fn build_says_to_run_setup() {
        let machine = Machine::new();
        plugin(&machine.sandbox, "it-missing", &source(""));
        let run = machine.tesser("it-missing", &["build"]);
        if run.code == Some(0) {
            return eprintln!("skipped: the distribution's compiler has the target");
        }
        let run = run.expect(101);
        assert!(run.stderr.contains("error: no compiler for `wasm32-wasip1`: "), "{}", run.stderr);
        assert!(run.stderr.contains("hint: run `cargo tesser setup`"), "{}", run.stderr);
    }

    #[test]
    fn setup_builds_the_standard_library_and_build_uses_it() {
        let root = scrubbed("id").arg("-u").output().unwrap().stdout == b"0\n";
        if !root || !Path::new("/usr/bin/apt-get").exists() {
            return eprintln!("skipped: needs root and apt-get");
        }
        let machine = Machine::new();
        let run = machine.tesser("", &["setup", "--yes"]).expect(0);
        assert!(run.stderr.contains("Building the standard library of rustc"), "{}", run.stderr);
        let again = machine.tesser("", &["setup"]).expect(0);
        assert!(!again.stderr.contains("Building"), "{}", again.stderr);
        assert!(again.stderr.contains("sysroot [DIR]/cache/cargo-tesser"), "{}", again.stderr);

        plugin(&machine.sandbox, "it-sysroot", &source(""));
        let checked = "[profile.release]\noverflow-checks = true\n\n[lib]\n";
        machine.sandbox.edit("it-sysroot/Cargo.toml", "[lib]\n", checked);
        machine.tesser("it-sysroot", &["build", "--release"]).expect(0);
        machine.tesser("", &["validate", "target/tesser/release/it_sysroot.wasm"]).expect(0);
    }
}
