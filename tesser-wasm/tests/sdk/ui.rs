//! What a compiler says about uses of `export_plugin!`: right ones compile without a warning,
//! wrong ones are explained in words that a person can act on.
//!
//! `TRYBUILD=overwrite cargo test -p tesser-wasm --features guest --test sdk ui` blesses new text.

use std::process::Command;

/// Compilers word the same error differently; the `.stderr` files are this one's.
const RUSTC: &str = "rustc 1.95.";

#[test]
fn export_plugin_accepts_any_type_that_is_a_plugin() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

#[test]
fn export_plugin_explains_what_is_wrong() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().unwrap();
    let version = String::from_utf8_lossy(&output.stdout);
    if !version.starts_with(RUSTC) {
        eprintln!("skipped: the expected errors are those of {RUSTC}*, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}
