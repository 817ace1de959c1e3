//! Checks a core module, which the host refuses: whether it could become a plugin.

use crate::abi::Abi;
use crate::facts::Core;
use crate::report::{Code, Finding, escape_untrusted};

/// Distinguishes a plugin's core module from others, and reports what it lacks.
pub(super) fn check(core: &Core, abi: &Abi, findings: &mut Vec<Finding>) {
    let export = |name: &str| core.exports.iter().find(|(found, _)| found == name);
    let is_plugin = abi.exports.iter().any(|expected| export(&expected.name).is_some());
    if !is_plugin {
        let message = "this is a core module, but not of a plugin: it does not export the functions of the ABI";
        let help = "write a plugin with `cargo tesser new` and build it with `cargo tesser build`";
        findings.push(Finding::new(Code::CoreModule, message).help(help));
        return;
    }
    let mut message = "this is the core module of a plugin, not the component".to_owned();
    if !core.component_type {
        message += "; it has no `component-type` section, so it cannot be turned into a component";
    }
    findings.push(Finding::new(Code::CoreModule, message));
    for expected in &abi.exports {
        let (name, ty) = (&expected.name, &expected.core);
        match export(name) {
            None => findings.push(Finding::new(
                Code::MissingExport,
                format!("the core module has no export `{name}`, which should be `{ty}`"),
            )),
            Some((_, Some(found))) if found == ty => {}
            Some((_, found)) => {
                let found =
                    found.as_ref().map_or("no function".into(), |found| format!("`{found}`"));
                let message = format!(
                    "`{name}` of the core module should be `{ty}` and is {}",
                    escape_untrusted(&found)
                );
                findings
                    .push(Finding::new(Code::ExportType, message).at(format!("export `{name}`")));
            }
        }
    }
    let missing = abi.core_required.iter().filter(|name| export(name).is_none());
    findings.extend(missing.map(|name| {
        Finding::new(Code::MissingExport, format!("the core module does not export `{name}`"))
    }));
}
