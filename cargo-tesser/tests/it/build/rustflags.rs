//! A plugin gets the flags that plain cargo would give it, from wherever cargo reads them, and ours behind them.

use super::{manifest, plugin, source};
use crate::support::{Run, Sandbox, scrubbed};

/// A crate whose build script notes the flags for the target that cargo tells it.
struct Probe {
    sandbox: Sandbox,
}

impl Probe {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        sandbox
            .write("probe/Cargo.toml", manifest("probe").split("[dependencies]").next().unwrap());
        sandbox.write("probe/src/lib.rs", "");
        let script = "fn main() { std::fs::write(\"flags\", std::env::var(\"CARGO_ENCODED_RUSTFLAGS\").unwrap()).unwrap() }";
        sandbox.write("probe/build.rs", script);
        Self { sandbox }
    }

    /// The flags under plain cargo, and under ours without those that hide paths.
    fn both(&self, words: &[&str], vars: &[(&str, &str)]) -> [Vec<String>; 2] {
        let flags = |run: Run| {
            run.expect(0);
            let flags = std::fs::read_to_string(self.sandbox.path("probe/flags")).unwrap();
            let flags = flags.split('\x1f').filter(|flag| !flag.is_empty());
            flags.filter(|flag| !flag.starts_with("--remap")).map(str::to_owned).collect()
        };
        let plain = ["check", "--target", "wasm32-wasip1", "--target-dir", "plain"];
        let command = scrubbed("cargo").args(plain).args(words);
        let command = vars.iter().fold(command, |command, (name, value)| command.env(name, value));
        // The script runs again, even where cargo sees no reason.
        self.sandbox
            .write("probe/build.rs", std::fs::read(self.sandbox.path("probe/build.rs")).unwrap());
        let plain = flags(self.sandbox.run(command.current_dir(self.sandbox.path("probe"))));
        let ours = [&["build", "--target-dir", "ours"], words].concat();
        // It has no plugin in it; what cargo was told is all that matters.
        let run = self.sandbox.tesser_with("probe", &ours, vars);
        assert!(run.error().starts_with("error: `probe` exports no plugin"), "{}", run.stderr);
        let ours = flags(Run { code: Some(0), ..run });
        [plain, ours]
    }

    #[track_caller]
    fn same(&self, words: &[&str], vars: &[(&str, &str)], expected: &[&str]) {
        let [plain, ours] = self.both(words, vars);
        assert_eq!(plain, expected, "plain cargo: {words:?} {vars:?}");
        assert_eq!(ours, plain, "{words:?} {vars:?}");
    }
}

const BUILD: &str = "[build]\nrustflags = [\"--cfg\", \"of_build\"]\n";
const TARGET: &str = "[target.wasm32-wasip1]\nrustflags = \"--cfg  of_target\"\n";
const ELSEWHERE: &str = "[target.'cfg(windows)']\nrustflags = [\"--cfg\", \"elsewhere\"]\n";
const WASM: &str =
    "[target.'cfg(target_family = \"wasm\")']\nrustflags = [\"--cfg\", \"of_wasm\"]\n";

#[test]
fn flags_of_every_place_are_those_of_plain_cargo() {
    let probe = Probe::new();
    let config = |text: &str| drop(probe.sandbox.write("probe/.cargo/config.toml", text));
    probe.same(&[], &[], &[]);
    config(BUILD);
    probe.same(&[], &[], &["--cfg", "of_build"]);
    // A table that does not fit hides nothing.
    config(&format!("{BUILD}{ELSEWHERE}"));
    probe.same(&[], &[], &["--cfg", "of_build"]);
    config(&format!(
        "{BUILD}[target.x86_64-unknown-linux-gnu]\nrustflags = [\"--cfg\", \"host\"]\n"
    ));
    probe.same(&[], &[], &["--cfg", "of_build"]);
    config(&format!("{BUILD}{TARGET}{WASM}"));
    probe.same(&[], &[], &["--cfg", "of_target", "--cfg", "of_wasm"]);
    config(&format!("{BUILD}[target.'cfg(not(unix))']\nrustflags = [\"--cfg\", \"not_unix\"]\n"));
    probe.same(&[], &[], &["--cfg", "not_unix"]);
    // An empty list counts as not set.
    config(&format!("{BUILD}[target.wasm32-wasip1]\nrustflags = []\n"));
    probe.same(&[], &[], &["--cfg", "of_build"]);
    // A flag that makes a table fit.
    let feature = "[target.wasm32-wasip1]\nrustflags = [\"-Ctarget-feature=+simd128\"]\n\
                   [target.'cfg(target_feature = \"simd128\")']\nrustflags = [\"--cfg\", \"of_simd\"]\n";
    config(feature);
    probe.same(&[], &[], &["-Ctarget-feature=+simd128", "--cfg", "of_simd"]);
    config("[target.'cfg(not(set))']\nrustflags = [\"--cfg\", \"set\"]\n");
    probe.same(&[], &[], &["--cfg", "set"]);
}

#[test]
fn flags_of_folders_above_files_and_the_command_line_are_joined_as_plain_cargo_joins_them() {
    let probe = Probe::new();
    let config = |text: &str| drop(probe.sandbox.write("probe/.cargo/config.toml", text));
    config(BUILD);
    probe.sandbox.write(".cargo/config.toml", BUILD.replace("of_build", "above"));
    probe.same(&[], &[], &["--cfg", "above", "--cfg", "of_build"]);
    let words = ["--config", "build.rustflags=['--cfg', 'given']"];
    probe.same(&words, &[], &["--cfg", "above", "--cfg", "of_build", "--cfg", "given"]);
    probe.sandbox.write("probe/more.toml", WASM);
    probe.same(&["--config", "more.toml"], &[], &["--cfg", "of_wasm"]);
    let words = ["--config", "target.wasm32-wasip1.rustflags='--cfg given'"];
    probe.same(&words, &[], &["--cfg", "given"]);
}

#[test]
fn flags_of_an_included_file_are_those_of_plain_cargo() {
    let probe = Probe::new();
    probe
        .sandbox
        .write("probe/.cargo/config.toml", format!("include = [\"more.toml\"]\n{ELSEWHERE}"));
    probe.sandbox.write("probe/.cargo/more.toml", BUILD);
    // Cargos before 1.94 leave such a line alone.
    let [plain, ours] = probe.both(&[], &[]);
    assert_eq!(ours, plain);
}

#[test]
fn flags_of_variables_are_those_of_plain_cargo() {
    let probe = Probe::new();
    let config = |text: &str| drop(probe.sandbox.write("probe/.cargo/config.toml", text));
    let of_build = ("CARGO_BUILD_RUSTFLAGS", "--cfg by_build");
    let of_target = ("CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS", "--cfg by_target");
    let plain = ("RUSTFLAGS", " --cfg  plain ");
    let encoded = ("CARGO_ENCODED_RUSTFLAGS", "--cfg\x1fencoded=\"a b\"");
    probe.same(&[], &[of_build], &["--cfg", "by_build"]);
    config(BUILD);
    probe.same(&[], &[of_build], &["--cfg", "of_build", "--cfg", "by_build"]);
    probe.same(&[], &[of_build, of_target], &["--cfg", "by_target"]);
    config(&format!("{TARGET}{WASM}"));
    let all = ["--cfg", "of_target", "--cfg", "by_target", "--cfg", "of_wasm"];
    probe.same(&[], &[of_build, of_target], &all);
    probe.same(&[], &[of_target, plain], &["--cfg", "plain"]);
    probe.same(&[], &[plain, encoded], &["--cfg", "encoded=\"a b\""]);
    // Set and empty: no flags.
    probe.same(&[], &[("RUSTFLAGS", ""), of_target], &[]);
    probe.same(&[], &[("CARGO_ENCODED_RUSTFLAGS", ""), plain], &[]);
}

/// `[host]` is unstable, and what it has is for build scripts.
#[test]
fn flags_of_the_host_are_no_flags_of_the_plugin() {
    let probe = Probe::new();
    let host = "[host]\nrustflags = [\"--cfg\", \"host\"]\n";
    probe.sandbox.write("probe/.cargo/config.toml", format!("{BUILD}{host}"));
    probe.same(&[], &[], &["--cfg", "of_build"]);
    let unstable = ["-Z", "host-config", "-Z", "target-applies-to-host"];
    let words = [&unstable[..], &["--config", "target-applies-to-host=false"]].concat();
    probe.same(&words, &[("RUSTC_BOOTSTRAP", "1")], &["--cfg", "of_build"]);
}

#[test]
fn a_flag_reaches_the_plugin_and_no_build_script() {
    let sandbox = Sandbox::new();
    let guard = "#[cfg(not(mine))]\ncompile_error!(\"the flag is lost\");\n";
    plugin(&sandbox, "it-flags", &format!("{guard}{}", source("")));
    sandbox.write("it-flags/build.rs", "fn main() { assert!(!cfg!(mine)) }\n");
    // A folder of its own: other flags compile all that lies in it again.
    let words = &["build", "--no-opt", "--target-dir", "../target"];
    sandbox.tesser("it-flags", words).expect(101);
    let flags = "[build]\nrustflags = [\"--cfg\", \"mine\"]\n";
    sandbox.write("it-flags/.cargo/config.toml", format!("{flags}{ELSEWHERE}"));
    sandbox.tesser("it-flags", words).expect(0);
}
