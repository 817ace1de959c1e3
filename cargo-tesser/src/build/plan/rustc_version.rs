//! Which rustc versions are rejected?
//!
//! In: a compiler's version. Out: an error with the reason, if it is rejected.

use semver::Version;

use crate::build::error::Error;
use crate::toolchain::RustcVersion;

/// The oldest compiler that the SDK supports.
const OLDEST: Version = Version::new(1, 85, 0);

/// Versions that miscompile for wasm.
const BAD: [(Version, &str); 1] = [(
    Version::new(1, 91, 0),
    "on wasm it mixes up functions with the same name that are imported from different modules (fixed in 1.91.1)",
)];

/// Refuses a compiler that is too old, or known to miscompile for wasm.
pub(in crate::build) fn check(rustc: &RustcVersion) -> Result<(), Error> {
    // A nightly or beta has the faults of its version.
    let version = Version::new(rustc.release.major, rustc.release.minor, rustc.release.patch);
    let refused = |reason: String| Err(Error::Compiler { rustc: rustc.to_string(), reason });
    if version < OLDEST {
        return refused(format!("`tesser-wasm` needs {OLDEST} or later"));
    }
    match BAD.iter().find(|(bad, _)| *bad == version) {
        Some((_, reason)) => refused((*reason).to_owned()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_release(release: &str) -> Result<(), String> {
        let rustc = RustcVersion {
            line: format!("rustc {release}"),
            release: release.parse().unwrap(),
            commit: None,
            host: "x86_64-unknown-linux-gnu".into(),
        };
        check(&rustc).map_err(|error| error.to_string())
    }

    #[test]
    fn a_compiler_that_is_too_old_or_miscompiles_is_refused_with_the_reason() {
        assert_eq!(
            check_release("1.84.1"),
            Err("`rustc 1.84.1` cannot build plugins: `tesser-wasm` needs 1.85.0 or later".into())
        );
        for bad in ["1.91.0", "1.91.0-nightly"] {
            let error = check_release(bad).unwrap_err();
            assert!(error.contains("imported from different modules"), "{error}");
        }
        for good in ["1.85.0", "1.90.0", "1.91.1", "1.97.0-nightly"] {
            assert_eq!(check_release(good), Ok(()));
        }
    }
}
