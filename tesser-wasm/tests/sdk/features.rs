//! The golden JSON does not change with what other crates switch on in `serde_json` and `rust_decimal`.
//!
//! Each combination is a build of its own, of the crate in `tests/features`.

use std::path::Path;
use std::process::Command;

const COMBINATIONS: [&str; 5] = [
    "arbitrary-precision,preserve-order,float-roundtrip",
    "decimal-float",
    "decimal-str",
    "decimal-arbitrary-precision",
    "arbitrary-precision,preserve-order,float-roundtrip,decimal-float,decimal-str,decimal-arbitrary-precision",
];

#[test]
fn json_does_not_change_with_the_features_of_other_crates() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = here.join("tests/features");
    // The workspace's versions: they are on this machine already, so no network is needed.
    std::fs::copy(here.join("../Cargo.lock"), fixture.join("Cargo.lock")).unwrap();
    for features in COMBINATIONS {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["test", "--quiet", "--offline", "--lib", "--features", features])
            .arg("--manifest-path")
            .arg(fixture.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("features"))
            // Coverage and the like are not wanted here.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "with {features}:\n{}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
        assert!(!text(&output.stdout).contains("running 0 tests"));
    }
}
