//! Component -> report that says whether the host accepts it.
//!
//! In: a component before its installation. Out: its report, with every check of `validate`. The quick compiler tries to
//! load it while the static checks run; what it cannot load is tried again by the engine of `validate`, whose word
//! counts. This module installs nothing.

use std::path::Path;
use std::thread;

use crate::abi::Abi;
use crate::build::error::Error;
use crate::checks::{Checker, Policy, QuickCompiler};
use crate::host_profile::HOST;
use crate::plugin::Component;
use crate::report::FileReport;

/// Checks several plugins, on several threads.
pub(crate) struct Preflight {
    checks: Checker,
    quick: QuickCompiler,
}

impl Preflight {
    pub(crate) fn new() -> Result<Self, Error> {
        let checks = Checker::new(Abi::built_in()?, HOST, false)?;
        Ok(Self { checks, quick: QuickCompiler::new() })
    }

    /// Returns the report on a component under its project's rules, and its size after gzip; `path` is only for display.
    pub(crate) fn check(
        &self,
        policy: &Policy,
        path: &Path,
        component: &Component,
    ) -> Result<(FileReport, u64), Error> {
        let (report, gzip, loads) = thread::scope(|scope| {
            let quick = scope.spawn(|| self.quick.loads(&component.0));
            let report = self.checks.check_under(policy, path, &component.0);
            // Meanwhile, since gzip takes milliseconds and the compiler is not done yet.
            (report, gzip(&component.0), quick.join().unwrap_or(false))
        });
        if loads {
            return Ok((report?, gzip));
        }
        let checks = Checker::new(Abi::built_in()?, HOST, true)?;
        Ok((checks.check_under(policy, path, &component.0)?, gzip))
    }
}

/// Size after gzip, as in a transfer or in an artifact repository.
fn gzip(bytes: &[u8]) -> u64 {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = packed.write_all(bytes).and_then(|()| packed.finish());
    written.map_or(0, |packed| packed.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Rules;
    use crate::engine::Engine;
    use crate::report::Code;

    fn component(body: &str) -> Component {
        let text = format!(
            "(component (core module $m (func (result v128) {body})) (core instance (instantiate $m)))"
        );
        Component(wat::parse_str(text).unwrap())
    }

    /// Codes of the report that are about loading.
    fn loading(preflight: &Preflight, component: &Component) -> Vec<Code> {
        let policy = Policy::new(&[&Rules::default()]).unwrap();
        let (report, _) = preflight.check(&policy, Path::new("a.wasm"), component).unwrap();
        let about_loading = [Code::LoadTrap, Code::SlowStart, Code::UntriedStart, Code::NotLoaded];
        let codes = report.findings.iter().map(|finding| finding.code);
        codes.filter(|code| about_loading.contains(code)).collect()
    }

    #[test]
    fn what_the_quick_compiler_does_not_know_is_tried_by_the_other() {
        let preflight = Preflight::new().unwrap();
        let plain = component("v128.const i64x2 1 2");
        assert_eq!(preflight.quick.loads(&plain.0), Engine::for_quick_trials().is_ok());
        let unknown = component("v128.const i64x2 1 2 v128.const i64x2 1 2 i8x16.relaxed_swizzle");
        assert!(!preflight.quick.loads(&unknown.0));
        for component in [plain, unknown] {
            assert_eq!(loading(&preflight, &component), []);
        }
    }
}
