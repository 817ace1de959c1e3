//! Core module -> smaller, faster core module, by wasm-opt (Binaryen).
//!
//! In: a core module and which wasm-opt to use. Out: the optimized module, and the text for the plugin's metadata.
//! A failure is an error: the step is never skipped silently.

use std::path::PathBuf;

use crate::build::error::Error;
use crate::build::package::panics;
use crate::fs;
use crate::plugin::{CoreModule, Panic};
use crate::process::Cmd;

/// Which wasm-opt to use.
#[derive(Clone, Debug, Default)]
pub enum Optimizer {
    /// The wasm-opt that is built into the tool.
    #[default]
    BuiltIn,
    /// The user's own binary.
    Path(PathBuf),
    /// No wasm-opt (`--no-opt`).
    Off,
}

/// Features that the compiler may have used and the host has enabled. Otherwise Binaryen would rely on a section that
/// stripping removes.
const FEATURES: [&str; 8] = [
    "bulk-memory",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "relaxed-simd",
    "sign-ext",
    "simd",
];

/// The passes that determine the code; `built_in` sets the same ones. After `-Oz`, constants that a function repeats are moved
/// to a local, and the most called functions get the lowest indices. This saves 1 % of a plugin and does not change the
/// compiled machine code.
const PASSES: [&str; 3] = ["-Oz", "--const-hoisting", "--reorder-functions"];

impl Optimizer {
    /// Returns version and flags for the metadata. It omits the path, which differs between machines.
    pub(in crate::build) fn describe(&self) -> Result<String, Error> {
        Ok(match self {
            Self::BuiltIn => format!("wasm-opt version 116 {}", PASSES.join(" ")),
            Self::Path(program) => {
                format!("{} {}", Cmd::new(program).arg("--version").read()?, PASSES.join(" "))
            }
            Self::Off => "none".into(),
        })
    }

    /// Optimizes, and removes names, producers and other sections that the host does not use.
    pub(in crate::build) fn run(
        &self,
        module: &CoreModule,
        panic: Panic,
        package: &str,
    ) -> Result<CoreModule, Error> {
        if let Self::Off = self {
            return Ok(module.clone().without_linking());
        }
        let module = match panic {
            Panic::Text => module.clone(),
            Panic::Trap => panics::remove(module),
        };
        let module = module.without_linking();
        let dir = fs::scratch_dir()?;
        let input = dir.path().join("in.wasm");
        let output = dir.path().join("out.wasm");
        fs::write_new(&input, &module.0)?;
        match self {
            Self::Path(program) => {
                let features = FEATURES.iter().map(|feature| format!("--enable-{feature}"));
                Cmd::new(program)
                    .args(PASSES)
                    .args(["--strip-debug", "--strip-producers", "--strip-target-features"])
                    .args(features)
                    .arg(&input)
                    .arg("-o")
                    .arg(&output)
                    .read()
                    .map_err(|error| failed(package, &error))?;
            }
            _ => built_in(&input, &output, package)?,
        }
        let optimized = fs::read(&output)?;
        // Binaryen does not check whether its output was written. On a full disk this write fails, too.
        fs::write_new(&dir.path().join("end"), &[0; 4096])?;
        match wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
            .validate_all(&optimized)
        {
            Ok(_) => Ok(CoreModule(optimized)),
            Err(error) => Err(Error::OptimizerOutput {
                package: package.to_owned(),
                path: output,
                reason: error.to_string(),
            }),
        }
    }
}

fn failed(package: &str, reason: &dyn std::fmt::Display) -> Error {
    Error::Optimize { package: package.to_owned(), reason: reason.to_string() }
}

#[cfg(feature = "wasm-opt")]
fn built_in(input: &std::path::Path, output: &std::path::Path, package: &str) -> Result<(), Error> {
    use std::sync::{Mutex, PoisonError};
    use wasm_opt::{Feature, OptimizationOptions, Pass};

    // Binaryen has one thread pool for the whole process, and uses all cores for one module.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    let mut options = OptimizationOptions::new_optimize_for_size_aggressively();
    options
        .add_pass(Pass::ConstHoisting)
        .add_pass(Pass::ReorderFunctions)
        .add_pass(Pass::StripDebug)
        .add_pass(Pass::StripProducers)
        .add_pass(Pass::StripTargetFeatuers);
    for feature in [
        Feature::BulkMemory,
        Feature::Multivalue,
        Feature::MutableGlobals,
        Feature::TruncSat,
        Feature::ReferenceTypes,
        Feature::RelaxedSimd,
        Feature::SignExt,
        Feature::Simd,
    ] {
        options.enable_feature(feature);
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    options.run(input, output).map_err(|error| failed(package, &error))
}

#[cfg(not(feature = "wasm-opt"))]
fn built_in(_: &std::path::Path, _: &std::path::Path, _: &str) -> Result<(), Error> {
    Err(Error::NoOptimizer)
}
