//! Whether an instance can be made. In: a component that passed the static checks. Out: a finding, or
//! none. No function of the plugin is called.

use crate::engine::{self, Engine};
use crate::report::{Code, Finding, harmless};

/// Compiles the component and makes an instance, with nothing but the host's WASI to import.
pub fn check(bytes: &[u8], engine: &Engine) -> Option<Finding> {
    let error = engine.compile(bytes).and_then(|compiled| compiled.instantiate()).err()?;
    let code = match &error {
        // The static checks passed, so this is about the local engine and not about the host.
        engine::Error::Compile { .. } | engine::Error::TooMuchMemory => Code::NotLoaded,
        _ => Code::LoadTrap,
    };
    Some(Finding::new(code, harmless(&error.to_string())))
}
