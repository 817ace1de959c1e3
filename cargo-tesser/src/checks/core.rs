//! A core module, which the host refuses: whether it would become a plugin.

use crate::abi::Abi;
use crate::facts::Core;
use crate::report::{Code, Finding, escape_untrusted};

/// Tells a plugin's core module from any other, and what it lacks.
pub(super) fn check(core: &Core, abi: &Abi, findings: &mut Vec<Finding>) {
    let export = |name: &str| core.exports.iter().find(|(found, _)| found == name);
    let is_plugin = abi.exports.iter().any(|expected| export(&expected.name).is_some());
    if !is_plugin {
        let message =
            "this is a core module, and none of a plugin: it does not export the ABI's functions";
        let help = "write a plugin with `cargo tesser new`, build it with `cargo tesser build`";
        findings.push(Finding::new(Code::CoreModule, message).help(help));
        return;
    }
    let mut message = "this is the core module of a plugin, not the component".to_owned();
    if !core.component_type {
        message += "; it has no `component-type` section, without which no tool can make one of it";
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
