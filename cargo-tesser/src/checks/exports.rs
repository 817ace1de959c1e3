//! Checks the exports of a component against the ABI.

use crate::abi::{Abi, Difference};
use crate::facts::{Export, Item};
use crate::report::{Code, Finding, escape_untrusted};

/// Every export that is missing or has another type.
pub(super) fn check(exports: &[Export], abi: &Abi, findings: &mut Vec<Finding>) {
    for expected in &abi.exports {
        let name = &expected.name;
        let Some(found) = exports.iter().find(|export| export.name == *name) else {
            findings.push(Finding::new(
                Code::MissingExport,
                format!("there is no export `{name}`, which should be `{}`", expected.ty),
            ));
            continue;
        };
        let place = format!("export `{name}`");
        let Item::Func(found) = &found.item else {
            let message = format!("`{name}` is not a function; it should be `{}`", expected.ty);
            findings.push(Finding::new(Code::ExportType, message).at(place));
            continue;
        };
        for difference in expected.ty.differences(found) {
            let message = format!("`{name}`: {}", sentence(&difference));
            findings.push(Finding::new(Code::ExportType, message).at(place.clone()));
        }
    }
}

/// Returns a difference as a sentence.
pub(super) fn sentence(difference: &Difference) -> String {
    let Difference { place, expected, found } = difference;
    format!(
        "{} should be `{expected}` and is `{}`",
        escape_untrusted(place),
        escape_untrusted(found)
    )
}
