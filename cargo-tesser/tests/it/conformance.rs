//! The simulated host against recordings of the real one.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_tesser::simulator::conformance::{Components, Verdict, run};

use crate::support::Sandbox;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/conformance")
}

/// The plugins that the recordings were made with.
fn components(sandbox: &Sandbox) -> Components {
    let manifest = fixtures().join("plugins/Cargo.toml");
    let manifest = manifest.to_str().unwrap();
    let build = |version: &str, package: &[&str], vars: &[(&str, &str)]| {
        let words =
            ["build", "--release", "--locked", "--manifest-path", manifest, "--out-dir", version];
        sandbox.write(&format!("{version}/.keep"), "");
        sandbox.tesser_with(".", &[&words[..], package].concat(), vars).expect(0);
        sandbox.path(version)
    };
    let (first, second) =
        (build("v1", &[], &[]), build("v2", &["--package", "probe"], &[("PROBE_VERSION", "2")]));
    std::fs::copy(second.join("probe.wasm"), first.join("probe-v2.wasm")).unwrap();
    let files = ["probe", "probe-v2", "raw"].map(|name| first.join(format!("{name}.wasm")));
    Components::load(&files).unwrap()
}

/// The scripted plugin, for runs of other tests.
pub fn probe() -> &'static Path {
    static PROBE: OnceLock<PathBuf> = OnceLock::new();
    PROBE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe");
        std::fs::create_dir_all(&folder).unwrap();
        let manifest = fixtures().join("plugins/Cargo.toml");
        let words = ["build", "--release", "--locked", "--package", "probe", "--manifest-path"];
        let paths = [manifest.to_str().unwrap(), "--out-dir", folder.to_str().unwrap()];
        Sandbox::new().tesser("", &[&words[..], &paths].concat()).expect(0);
        folder.join("probe.wasm")
    })
}

/// How each recording compares, found out once.
pub fn verdicts() -> &'static [Verdict] {
    static VERDICTS: OnceLock<Vec<Verdict>> = OnceLock::new();
    VERDICTS.get_or_init(|| run(&fixtures(), &components(&Sandbox::new())).unwrap())
}

#[test]
fn the_simulated_host_does_what_the_real_one_did() {
    let verdicts = verdicts();
    let differing: Vec<_> =
        verdicts.iter().filter(|verdict| verdict.difference.is_some()).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!(verdicts.len(), 170);
}

#[test]
fn a_recording_of_another_host_differs_and_says_where() {
    let sandbox = Sandbox::new();
    let case = fixtures().join("cases/init-error.json");
    let text = std::fs::read_to_string(case).unwrap();
    for (name, text, difference) in [
        (
            "other-words",
            text.replace("\"fails\": \"not today\"", "\"fails\": \"another day\""),
            "event 0 `\"signal\"`, step 3: recorded `{\"fails\":\"another day\"}`, found `{\"fails\":\"not today\"}`",
        ),
        ("cut", text[..text.len() / 2].to_owned(), "not a case: "),
        (
            "unknown-field",
            text.replace("\"about\"", "\"weather\": 1, \"about\""),
            "not a case: unknown field `weather`",
        ),
    ] {
        sandbox.write(&format!("{name}/case.json"), text);
        let verdicts = run(&sandbox.path(name), &Components::default()).unwrap();
        let found = verdicts[0].difference.as_deref().unwrap_or("agrees");
        assert!(found.starts_with(difference), "{name}: {found}");
    }
    sandbox.write("empty/README.md", "");
    let error = run(&sandbox.path("empty"), &Components::default()).unwrap_err();
    assert!(error.to_string().contains("empty"), "{error}");
}
