//! The machine, broken on purpose.

use super::{doctor, found};
use crate::support::Sandbox;

#[test]
fn variables_folders_and_host_profiles_that_are_wrong() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("file", "").display().to_string();
    let run = doctor(&sandbox, "", &[("CARGO_TESSER_CACHE", &file)]).expect(0);
    let cache = found(&run, "cache");
    assert!(cache[0].starts_with("warning: cannot create a file in `[DIR]/file"), "{cache:?}");
    assert!(cache[0].contains("-> set `CARGO_TESSER_CACHE` to a folder"), "{cache:?}");

    let none = sandbox.path("none").display().to_string();
    let run = doctor(&sandbox, "", &[("TMPDIR", &none), ("TMP", &none)]).expect(1);
    let folder = found(&run, "temporary-folder");
    assert!(folder[0].starts_with("error: cannot create a file in `[DIR]/none`"), "{folder:?}");

    sandbox.write("config/cargo-tesser/hosts/mine.toml", "name = 1\n");
    let config = sandbox.path("config").display().to_string();
    if cfg!(target_os = "linux") {
        let run = doctor(&sandbox, "", &[("XDG_CONFIG_HOME", &config)]).expect(1);
        let host = found(&run, "host");
        let wanted =
            "error: cannot use the host profile `[DIR]/config/cargo-tesser/hosts/mine.toml`";
        assert!(host[0].starts_with(wanted), "{host:?}");
    }
}

#[test]
fn a_target_folder_that_is_a_file_is_an_error() {
    let sandbox = super::workspace(super::GOOD, &["it-target"]);
    let file = sandbox.write("file", "").display().to_string();
    let run = doctor(&sandbox, "", &[("CARGO_TARGET_DIR", &file)]).expect(1);
    let folder = found(&run, "target-folder");
    assert!(folder[0].starts_with("error: cannot create a file in `[DIR]/file`"), "{folder:?}");
    assert!(folder[0].contains("`CARGO_TARGET_DIR`"), "{folder:?}");
}

#[test]
fn a_cache_folder_that_is_missing_is_created_with_fix() {
    let sandbox = Sandbox::new();
    let cache = sandbox.path("cache").display().to_string();
    let vars = [("CARGO_TESSER_CACHE", cache.as_str())];
    let run = doctor(&sandbox, "", &vars).expect(0);
    let dir = "`[DIR]/cache/cargo-tesser/sysroot`";
    let wanted = format!("ok: {dir} does not exist yet; it is created when it is needed");
    assert_eq!(found(&run, "cache"), [wanted]);
    assert!(!sandbox.path("cache").exists());
    let run = sandbox.tesser_with("", &["doctor", "--fix"], &vars).expect(0);
    assert!(run.stderr.contains(&format!("fixed: created the folder {dir}\n")), "{}", run.stderr);
    let run = doctor(&sandbox, "", &vars).expect(0);
    assert_eq!(found(&run, "cache"), [format!("ok: {dir}, 0 bytes")]);
}

#[cfg(unix)]
mod programs {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    use super::*;
    use crate::support::{Run, scrubbed};

    /// A folder for `PATH` with nothing in it but what is put there.
    struct Machine {
        sandbox: Sandbox,
    }

    impl Machine {
        fn new() -> Self {
            let sandbox = Sandbox::new();
            std::fs::create_dir(sandbox.path("bin")).unwrap();
            Self { sandbox }
        }

        fn script(&self, name: &str, lines: &str) {
            let path = self.sandbox.write(&format!("bin/{name}"), format!("#!/bin/sh\n{lines}\n"));
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        }

        fn link(&self, name: &str, to: &Path) {
            symlink(to, self.sandbox.path(&format!("bin/{name}"))).unwrap();
        }

        /// The compiler itself, without rustup's proxies.
        fn with_compiler(self) -> Self {
            for name in ["rustc", "cargo"] {
                self.link(name, &real("bin").join(name));
            }
            self
        }

        fn with_git(self) -> Self {
            let found = scrubbed("sh").args(["-c", "command -v git"]).output().unwrap();
            self.link("git", Path::new(String::from_utf8(found.stdout).unwrap().trim()));
            self
        }

        fn doctor(&self, words: &[&str]) -> Run {
            let words = [&["doctor", "--format", "json"], words].concat();
            let path = self.sandbox.path("bin").display().to_string();
            let cache = self.sandbox.path("cache").display().to_string();
            let vars = [("PATH", path.as_str()), ("CARGO_TESSER_CACHE", &cache)];
            self.sandbox.tesser_with("", &words, &vars)
        }
    }

    /// A folder of the compiler in use.
    fn real(below: &str) -> std::path::PathBuf {
        let sysroot = scrubbed("rustc").args(["--print", "sysroot"]).output().unwrap();
        Path::new(String::from_utf8(sysroot.stdout).unwrap().trim()).join(below)
    }

    #[test]
    fn a_machine_without_rustup_is_fine() {
        let run = Machine::new().with_compiler().with_git().doctor(&[]).expect(0);
        assert_eq!(found(&run, "rustup"), ["ok: not found, and not needed: the target is there"]);
        assert!(found(&run, "target")[0].starts_with("ok: rustc 1."));
    }

    #[test]
    fn a_machine_without_git_is_warned() {
        let run = Machine::new().with_compiler().doctor(&[]).expect(0);
        assert_eq!(
            found(&run, "git"),
            [
                "warning: `git` was not found -> install git: without it, plugins name no commit and `new` creates no repository"
            ]
        );
    }

    #[test]
    fn a_machine_without_a_compiler_has_one_error_about_it() {
        let machine = Machine::new().with_git();
        machine.sandbox.write("Cargo.toml", "[workspace]\n");
        let run = machine.doctor(&[]).expect(1);
        let errors: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(errors["summary"]["errors"], 1, "{}", run.stdout);
        assert!(found(&run, "resolver")[0].starts_with("warning: "), "{}", run.stdout);
        let compiler = found(&run, "compiler");
        let wanted = "error: no Rust compiler: `rustc` was not found -> ";
        assert!(compiler[0].starts_with(wanted), "{compiler:?}");
        assert!(found(&run, "cargo").is_empty());
    }

    #[test]
    fn a_compiler_without_a_cargo_is_an_error() {
        let machine = Machine::new().with_git();
        // It claims to be at home where there is no cargo.
        let rustc = real("bin/rustc").display().to_string();
        machine.script("rustc", &format!("exec {rustc} \"$@\""));
        let run = machine.doctor(&[]);
        let cargo = found(&run, "cargo");
        assert!(cargo[0].starts_with("ok: cargo 1."), "the one beside the compiler: {cargo:?}");
        machine.script("cargo", "echo 'error: broken' >&2; exit 1");
        let run = machine.doctor(&[]).expect(1);
        assert_eq!(
            found(&run, "cargo"),
            ["error: broken -> install cargo beside the compiler, or unset `CARGO`"]
        );
    }

    #[test]
    fn a_compiler_that_miscompiles_is_an_error() {
        let machine = Machine::new().with_compiler().with_git();
        std::fs::remove_file(machine.sandbox.path("bin/rustc")).unwrap();
        let rustc = real("bin/rustc").display().to_string();
        let old = "printf 'rustc 1.91.0 (x)\\ncommit-hash: unknown\\nhost: x86_64-unknown-linux-gnu\\nrelease: 1.91.0\\n'";
        machine.script(
            "rustc",
            &format!("case \"$*\" in -vV) {old} ;; *) exec {rustc} \"$@\" ;; esac"),
        );
        let run = machine.doctor(&[]).expect(1);
        let compiler = found(&run, "compiler");
        assert!(
            compiler[0].starts_with("error: `rustc 1.91.0` cannot build plugins: "),
            "{compiler:?}"
        );
        assert!(compiler[0].contains("-> install another with `rustup update`"), "{compiler:?}");
    }

    #[test]
    fn a_missing_target_is_an_error_and_fix_installs_it() {
        if Path::new("/usr/bin/rustc").exists() {
            return eprintln!("skipped: the distribution's compiler may have the target");
        }
        let machine = Machine::new().with_git();
        machine.link("cargo", &real("bin/cargo"));
        machine.link("sed", Path::new("/bin/sed"));
        machine.link("touch", Path::new("/bin/touch"));
        let (rustc, marker) = (real("bin/rustc"), machine.sandbox.path("added"));
        let (rustc, marker) = (rustc.display(), marker.display());
        machine.script(
            "rustc",
            &format!(
                "case \"$*\" in *target-libdir*) test -e {marker} || {{ {rustc} \"$@\" | sed s/wasm32-wasip1/missing/; exit; }} ;; esac\n\
                 exec {rustc} \"$@\""
            ),
        );
        let run = machine.doctor(&[]).expect(1);
        let target = found(&run, "target");
        assert!(target[0].starts_with("error: no compiler for `wasm32-wasip1`: "), "{target:?}");
        assert!(target[0].ends_with("-> run `cargo tesser setup`"), "{target:?}");
        let rustup = found(&run, "rustup");
        assert_eq!(rustup, ["ok: not found; `cargo tesser setup` can do without it"]);

        machine.script("rustup", &format!("touch {marker}"));
        let run = machine.doctor(&["--fix"]);
        if !found(&run, "rustup")[0].contains("toolchain `") {
            return eprintln!("skipped: rustup did not install the compiler");
        }
        let run = run.expect(0);
        assert!(found(&run, "target")[0].starts_with("ok: rustc 1."), "{}", run.stdout);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let fixed = report["fixed"][0].as_str().unwrap();
        assert!(fixed.starts_with("installed rustc 1."), "{fixed}");
        assert!(run.stderr.contains("Adding wasm32-wasip1 to "), "{}", run.stderr);
    }
}
