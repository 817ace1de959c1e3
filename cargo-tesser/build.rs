//! Finds the commit that the tool is built from, for `--version`.
//!
//! A build without git is the same as one before: the commit is then in the variable that a packager sets, in the file that
//! `cargo publish` adds to the package, or unknown. Only release builds ask git; otherwise each commit would compile the tool
//! again.

use std::path::Path;
use std::process::Command;

/// For packagers who build from an archive of the repository.
const GIVEN: &str = "CARGO_TESSER_COMMIT";

/// What `cargo publish` writes.
const PACKAGED: &str = ".cargo_vcs_info.json";

fn main() {
    println!("cargo::rerun-if-env-changed={GIVEN}");
    println!("cargo::rerun-if-changed=build.rs");
    let given = std::env::var(GIVEN).ok();
    let is_commit = |text: &String| text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let commit = given.filter(is_commit).or_else(packaged).or_else(git);
    println!("cargo::rustc-env=CARGO_TESSER_BUILT_FROM={}", commit.unwrap_or_default());
}

fn packaged() -> Option<String> {
    if !Path::new(PACKAGED).exists() {
        return None;
    }
    println!("cargo::rerun-if-changed={PACKAGED}");
    let text = std::fs::read_to_string(PACKAGED).ok()?;
    let (_, commit) = text.split_once("\"sha1\"")?;
    Some(commit.split('"').nth(1)?.to_owned())
}

/// The commit of the checkout, with `+modified` if a source differs from it.
fn git() -> Option<String> {
    if std::env::var("PROFILE").as_deref() != Ok("release") {
        return None;
    }
    // The repository around it may be somebody else's, who has vendored it.
    if ask(&["rev-parse", "--show-prefix"])? != "cargo-tesser/" {
        return None;
    }
    for path in ["../Cargo.lock", "../Cargo.toml", "../templates", "../tesser-wasm", "hosts", "src"]
    {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-changed={}", ask(&["rev-parse", "--git-path", "logs/HEAD"])?);
    let commit = ask(&["rev-parse", "HEAD"])?;
    let changes = ask(&["status", "--porcelain", "--untracked-files=no", "--", ".."])?;
    Some(if changes.is_empty() { commit } else { commit + "+modified" })
}

fn ask(words: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("--no-optional-locks").args(words).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
