//! `-V`, `--version`, and the commit that a build finds.

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, root, scrubbed};

#[test]
fn a_line_for_people_and_a_block_for_bug_reports() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["-V"]).expect(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
cargo tesser 0.10.0[..] for tesser@0.9

"#]]
    );
    let run = sandbox.tesser("", &["--version"]).expect(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
cargo tesser 0.10.0[..]
commit: [..]
host: tesser@0.9 (wasmtime 18.0.4, WASI 0.2.0)
abi: 0.9
sdk: tesser-wasm 0.10.0
wasm-opt: 116
wasmtime: 36.0.20
wasmparser: 0.262.0
wasmparser of the host: 0.121.2
platform: [..]

"#]]
    );
}

/// A package with the tool's build script, compiled.
struct Package {
    sandbox: Sandbox,
    script: String,
}

impl Package {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let script = root().join("cargo-tesser/build.rs");
        let command = scrubbed("rustc").args(["--edition", "2024", "-o"]);
        sandbox.run(command.arg(sandbox.path("script")).arg(script)).expect(0);
        for dir in ["cargo-tesser", "other/cargo-tesser"] {
            sandbox.write(&format!("{dir}/src/main.rs"), "");
        }
        let script = sandbox.path("script").display().to_string();
        Self { sandbox, script }
    }

    fn git(&self, words: &[&str]) -> String {
        let command = scrubbed("git").args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
        let command = command.args(words).current_dir(self.sandbox.path(""));
        self.sandbox.run(command).expect(0).stdout.trim().to_owned()
    }

    /// The commit that the script finds.
    fn commit(&self, dir: &str, vars: &[(&str, &str)]) -> String {
        let command = scrubbed(&self.script).current_dir(self.sandbox.path(dir));
        let command = vars.iter().fold(command, |command, (name, value)| command.env(name, value));
        let run = self.sandbox.run(command).expect(0);
        let found = "cargo::rustc-env=CARGO_TESSER_BUILT_FROM=";
        run.stdout.lines().find_map(|line| line.strip_prefix(found)).unwrap().to_owned()
    }
}

const RELEASE: (&str, &str) = ("PROFILE", "release");

#[test]
fn the_commit_is_found_where_it_is_certain() {
    let package = Package::new();
    let commit = |vars: &[(&str, &str)]| package.commit("cargo-tesser", vars);
    // No repository, or none that is asked.
    assert_eq!(commit(&[RELEASE]), "");
    package.git(&["init", "--quiet"]);
    package.git(&["add", "cargo-tesser", "other"]);
    package.git(&["commit", "--quiet", "-m", "first"]);
    assert_eq!(commit(&[("PROFILE", "debug")]), "");
    let head = package.git(&["rev-parse", "HEAD"]);
    assert_eq!(commit(&[RELEASE]), head);
    // A repository that has the tool somewhere else is not the tool's.
    assert_eq!(package.commit("other/cargo-tesser", &[RELEASE]), "");
    package.sandbox.write("cargo-tesser/src/main.rs", "fn main() {}");
    assert_eq!(commit(&[RELEASE]), format!("{head}+modified"));
    // What `cargo publish` has packed is not in a repository of its own.
    let packed = "0123456789abcdef0123456789abcdef01234567";
    let text = format!(
        "{{\n  \"git\": {{\n    \"sha1\": \"{packed}\"\n  }},\n  \"path_in_vcs\": \"cargo-tesser\"\n}}"
    );
    package.sandbox.write("cargo-tesser/.cargo_vcs_info.json", text);
    assert_eq!(commit(&[RELEASE]), packed);
    // A packager knows best, but it must be a commit.
    let given = "fedcba9876543210fedcba9876543210fedcba98";
    assert_eq!(commit(&[("CARGO_TESSER_COMMIT", given)]), given);
    assert_eq!(commit(&[("CARGO_TESSER_COMMIT", "v1")]), packed);
}
