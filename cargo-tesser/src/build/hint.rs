//! What to do about a plugin that was not built.

use super::error::Error;
use super::wasi_calls;
use crate::fs;
use crate::plugin::Capability;
use crate::process::quoted;

impl Error {
    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Toolchain(error) => error.hint(),
            Self::Fs(error) => error.hint(),
            Self::UnknownPackage { known, .. } => Some(format!("the workspace has {known}")),
            Self::Compile { doubtful, .. } if !doubtful.is_empty() => {
                let names: Vec<_> = doubtful.iter().map(|name| format!("`{name}`")).collect();
                Some(format!(
                    "no `export_plugin!` was found in {}; {}",
                    names.join(", "),
                    leave_out(doubtful)
                ))
            }
            Self::NotCdylib { manifest, has_sdk: true, .. } => Some(format!(
                "add this to `{}`:\n\n[lib]\ncrate-type = [\"cdylib\"]\n",
                manifest.display()
            )),
            Self::NotCdylib { plugins, manifest, .. } => {
                let dir = quoted(fs::parent(manifest).as_os_str());
                let init = format!("`cargo tesser init {dir}` makes this package a plugin");
                Some(if plugins.is_empty() {
                    init
                } else {
                    format!("the plugins of the workspace are {plugins}: name one with `-p`; {init}")
                })
            }
            Self::ExampleNotCdylib { example, manifest } => Some(format!(
                "add this to `{}`:\n\n[[example]]\nname = \"{example}\"\ncrate-type = [\"cdylib\"]\n",
                manifest.display()
            )),
            Self::Settings { .. } => Some(
                "it may have `capabilities`, a list of \"clock\" and \"random\", `max-size`, a number of bytes, `panic`, \"text\" or \"trap\", `test`, what it is tested with, and `validate`, rules of the check".into(),
            ),
            Self::Compiler { .. } => Some("install another with `rustup update`, or choose one: `cargo +<version> tesser build`".into()),
            Self::OverflowChecks { profile, .. } => Some(format!(
                "remove `overflow-checks = false` from `[profile.{profile}]`, its tables of packages, the profile that it \
                 inherits from, or the variables `CARGO_PROFILE_*`"
            )),
            Self::TooLarge { .. } => Some(
                "find out what has grown, or raise `max-size` in `[package.metadata.tesser]`; the previous plugin is still installed".into(),
            ),
            Self::NoPlugin { .. } => Some(
                "`cargo tesser init <FOLDER>` makes a package a plugin: a `cdylib` that depends on `tesser-wasm`"
                    .into(),
            ),
            Self::SameFile { .. } => {
                Some("give one of them another `[lib] name`, or build them one at a time with `-p`".into())
            }
            Self::NotExported { package, is_named } => {
                let first = if *is_named {
                    String::new()
                } else {
                    leave_out(std::slice::from_ref(package)) + "; otherwise, "
                };
                Some(format!(
                    "{first}implement `ExecutionPlugin` and put this into src/lib.rs:\n\n\
                     tesser_wasm::export_plugin!(YourPlugin);\n"
                ))
            }
            Self::Ambient { imports, ambient_crates, .. } => Some(ambient_hint(imports, ambient_crates)),
            Self::ForeignImport { .. } => {
                Some("look for an `extern` block, or a crate meant for the browser (`wasm-bindgen`, `js-sys`)".into())
            }
            Self::OldSdk { .. } | Self::OtherAbi { .. } => Some(format!(
                "depend on `tesser-wasm` {}, which comes with this tool",
                env!("CARGO_PKG_VERSION")
            )),
            Self::Differs { words, .. } if !words.is_empty() => {
                Some(format!("they were built differently:\n{}", words.join("\n")))
            }
            Self::Differs { revision: None, .. } => Some(
                "the file names no commit, so nobody can know its sources for certain; build with the same profile, features and Cargo.lock (`--locked`)".into(),
            ),
            Self::Differs { .. } => Some(
                "check out the commit that the file was built from, and build with the same profile, features and Cargo.lock (`--locked`)".into(),
            ),
            Self::VerifyOne { .. } | Self::SeveralPlugins { .. } => Some("name one with `-p`".into()),
            Self::BadName { .. } => Some("give the name of its file, without folder and `.wasm`".into()),
            Self::NothingKept { .. } => Some(
                "`--out-dir` names the folder; `cargo tesser build --out-dir <DIR> --keep <N>` keeps what it replaces".into(),
            ),
            Self::NoVersion { known, .. } => Some(format!("the kept versions are {known}; choose one with `--to`")),
            Self::Damaged { .. } => Some("remove the file, and roll back to another version with `--to`".into()),
            Self::NoOptimizer => {
                Some("name one with `--wasm-opt <PATH>`, or skip the step with `--no-opt`".into())
            }
            Self::OptimizerOutput { .. } => Some(
                "free some space there, or name another folder for temporary files with `TMPDIR`; `--no-opt` skips the step".into(),
            ),
            Self::Optimize { .. } => Some("`--no-opt` skips the step; the plugin is then larger and slower".into()),
            _ => None,
        }
    }
}

/// Returns where the imports most likely come from, and how to declare a capability.
fn ambient_hint(imports: &[String], ambient_crates: &[String]) -> String {
    let mut sources: Vec<_> = imports.iter().map(|import| wasi_calls::describe(import).1).collect();
    sources.dedup();
    let from = format!("it most likely comes from {}", sources.join("; or from "));
    let crates: Vec<_> = ambient_crates.iter().map(|name| format!("`{name}`")).collect();
    let look = if crates.is_empty() {
        String::new()
    } else {
        format!("; of the crates that it depends on, look at {}", crates.join(", "))
    };
    let mut capabilities: Vec<_> =
        imports.iter().filter_map(|import| Capability::of(import)).collect();
    capabilities.dedup();
    let declare = if capabilities.is_empty() {
        String::new()
    } else {
        format!(
            "; if the plugin needs it, declare the capability (its runs are then no longer reproducible):\n\n\
             [package.metadata.tesser]\ncapabilities = {capabilities:?}\n"
        )
    };
    from + &look + &declare
}

/// Returns how to exclude packages that are not plugins.
fn leave_out(packages: &[String]) -> String {
    let names = packages.join(" --exclude ");
    format!(
        "exclude packages that are not plugins: `cargo tesser build --workspace --exclude {names}`"
    )
}
