//! Plugins that print.
//!
//! In: core modules. Out: one warning for all that use `println!` or similar. A sealed plugin has no standard streams,
//! so its output is lost, and the code for it takes 10 KB.

use crate::plugin::CoreModule;

/// The message of std when it cannot print; nothing else links it, not even a panic.
const FAILURE: &[u8] = b"failed printing to ";

/// Returns a warning that names the plugins that print.
pub(super) fn warning<'a>(
    plugins: impl Iterator<Item = (&'a str, &'a CoreModule)>,
) -> Option<String> {
    let prints = |module: &CoreModule| memchr::memmem::find(&module.0, FAILURE).is_some();
    let names: Vec<_> =
        plugins.filter(|(_, it)| prints(it)).map(|(name, _)| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| {
        format!(
            "`println!`, `eprintln!` or `dbg!` in {}: no host shows what a plugin prints, and the code for it is about \
             10 KB; `PluginResult::new().with_log(\"..\")` adds a line to the host's log",
            names.join(", ")
        )
    })
}
