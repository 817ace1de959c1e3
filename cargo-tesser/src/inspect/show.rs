//! Prints an inspection.
//!
//! In: an [`Inspection`]. Out: text for people, or a JSON document.

use std::fmt::{self, Write as _};

use super::{Inspection, Size};
use crate::report::counted;

/// Version of the JSON document. It changes when a field is removed or changes its meaning.
const SCHEMA: u32 = 1;
/// Maximum number of crates to show; the rest is one row.
const CRATES: usize = 20;

/// Returns the inspection as JSON.
pub fn json(inspection: &Inspection) -> serde_json::Value {
    let mut document = serde_json::json!(inspection);
    document["schema"] = SCHEMA.into();
    document
}

/// Returns the inspection as text for people.
pub fn human(inspection: &Inspection) -> String {
    let mut text = String::new();
    let _ = write(&mut text, inspection);
    text
}

fn write(text: &mut String, of: &Inspection) -> fmt::Result {
    writeln!(text, "{}: {}", of.path, of.kind)?;
    writeln!(text, "  {} bytes, sha256 {}", of.size, of.sha256)?;
    if let Some(problem) = &of.problem {
        writeln!(text, "  broken: {problem}")?;
    }
    if of.sections.len() < 2 {
        return Ok(());
    }
    if let Some(abi) = &of.abi {
        let matches = if abi.matches { "matches" } else { "does not match" };
        let stated =
            abi.stated.as_ref().map(|abi| format!(", built for {abi}")).unwrap_or_default();
        writeln!(text, "\nABI: {matches} {}{stated}", abi.built_in)?;
        for difference in &abi.differences {
            writeln!(text, "  {difference}")?;
        }
    }
    let capabilities = match of.capabilities.as_deref() {
        None => "unknown, since the file is damaged".to_owned(),
        Some([]) => "none, the plugin is sealed".to_owned(),
        Some(capabilities) => capabilities.join(", "),
    };
    writeln!(text, "capabilities: {capabilities}")?;
    write_metadata(text, of)?;
    if let Some(wit) = &of.wit {
        writeln!(text, "\nWIT:")?;
        for line in wit.lines() {
            writeln!(text, "{}", format!("  {line}").trim_end())?;
        }
    } else {
        write_list(text, "imports", &of.imports)?;
        write_list(text, "exports", &of.exports)?;
    }
    writeln!(text, "\nbytes by section:")?;
    write_sizes(text, &of.sections)?;
    writeln!(text, "\nbytes of code by crate:")?;
    match &of.crates {
        None => {
            writeln!(text, "  unknown: the functions have no names, as in every stripped file")
        }
        Some(crates) => {
            let (shown, rest) = crates.split_at(crates.len().min(CRATES));
            write_sizes(text, shown)?;
            match rest.iter().map(|row| row.bytes).sum() {
                0 => Ok(()),
                bytes => write_sizes(text, &[Size { name: counted(rest.len(), "other"), bytes }]),
            }
        }
    }
}

fn write_metadata(text: &mut String, of: &Inspection) -> fmt::Result {
    writeln!(text, "\nmetadata:")?;
    for (name, value) in &of.metadata {
        writeln!(text, "  {name}: {value}")?;
    }
    for producer in &of.producers {
        let line = format!("  {}: {} {}", producer.field, producer.name, producer.version);
        writeln!(text, "{}", line.trim_end())?;
    }
    match &of.built {
        None => writeln!(text, "  nothing from `cargo tesser build`"),
        Some(built) => {
            writeln!(text, "  built from: {} {}", built.name, built.version)?;
            writeln!(text, "  built by: {}, {}", built.tool, built.rustc)?;
            writeln!(text, "  built for: {}, profile {}", built.target, built.profile)?;
            writeln!(text, "  built with: tesser-wasm {}, {}", built.sdk, built.wasm_opt)
        }
    }
}

fn write_list(text: &mut String, title: &str, items: &[String]) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{title}:")?;
    items.iter().try_for_each(|item| writeln!(text, "  {item}"))
}

fn write_sizes(text: &mut String, rows: &[Size]) -> fmt::Result {
    rows.iter().try_for_each(|row| writeln!(text, "  {:>9}  {}", row.bytes, row.name))
}
