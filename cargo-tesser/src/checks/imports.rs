//! Checks the imports of a component against those that the host's linker offers, by name and type.

use super::exports::sentence;
use crate::abi;
use crate::facts::{Import, Item};
use crate::host_profile::HostProfile;
use crate::host_profile::wasi::{Offer, Wasi};
use crate::report::{Code, Finding, escape_untrusted};

/// Every import that the host does not satisfy.
pub(super) fn check(
    imports: &[Import],
    host: &HostProfile,
    findings: &mut Vec<Finding>,
) -> Result<(), abi::Error> {
    for import in imports {
        let (interface, version) = import.name.split_once('@').unwrap_or((&import.name, ""));
        let offered = version == host.wasi.version && host.wasi.has(interface);
        // A resource that is only re-declared has to be the host's resource of that name.
        if !offered && !import.item.needs_host() {
            continue;
        }
        let name = escape_untrusted(&import.name);
        let place = format!("import `{name}`");
        let found = if !host.wasi.has(interface) {
            let message = format!("imports `{name}`, which {} does not offer", host.name);
            vec![Finding::new(Code::UnknownImport, message)]
        } else if version != host.wasi.version {
            vec![other_version(&name, version, host)]
        } else if let Item::Instance { items } = &import.item {
            check_items(interface, items, host)?
        } else if import.item.needs_host() {
            let message = format!("imports `{name}`, but not as an interface");
            vec![Finding::new(Code::UnknownImport, message)]
        } else {
            Vec::new()
        };
        findings.extend(found.into_iter().map(|finding| finding.at(place.clone())));
    }
    Ok(())
}

fn other_version(name: &str, version: &str, host: &HostProfile) -> Finding {
    let Wasi { version: offered, adapters, .. } = &host.wasi;
    let adapter = adapters.get(version).map_or_else(String::new, |adapter| {
        format!("; it comes from the preview1 adapter {adapter}")
    });
    let message =
        format!("imports `{name}`, which {} offers only in version {offered}{adapter}", host.name);
    Finding::new(Code::WasiVersion, message)
}

/// Checks the items of an interface that the host offers.
fn check_items(
    interface: &str,
    items: &[(String, Item)],
    host: &HostProfile,
) -> Result<Vec<Finding>, abi::Error> {
    let mut findings = Vec::new();
    for (name, item) in items {
        let shown = format!("`{}` of `{interface}`", escape_untrusted(name));
        let offer = host.wasi.offer(interface, name)?;
        match (item, offer) {
            (Item::Func(found), Some(Offer::Func(expected))) => {
                let differences = expected.differences(found);
                findings.extend(differences.iter().map(|difference| {
                    let message =
                        format!("imports {shown} with another type: {}", sentence(difference));
                    Finding::new(Code::ImportType, message)
                }));
            }
            (Item::Resource { introduced: true, .. }, Some(Offer::Resource)) => {}
            (Item::Resource { name: known, introduced: false }, Some(Offer::Resource))
                if *known != format!("{interface}/{name}") =>
            {
                let message = format!(
                    "imports the resource {shown} as a different one, `{}`",
                    escape_untrusted(known)
                );
                findings.push(Finding::new(Code::ImportType, message));
            }
            // An interface without required imports is not a function either.
            (item, Some(_)) if item.needs_host() || matches!(item, Item::Instance { .. }) => {
                let message =
                    format!("imports {shown} with a different kind than in {}", host.name);
                findings.push(Finding::new(Code::ImportType, message));
            }
            (item, None) if item.needs_host() => {
                let message = format!("imports {shown}, which {} does not offer", host.name);
                findings.push(Finding::new(Code::UnknownImport, message));
            }
            _ => {}
        }
    }
    Ok(findings)
}
