//! Golden tapes: `tapes/NAME.jsonl`, events as for `replay`, and the orders that they lead to in `tapes/NAME.orders.jsonl`.
//!
//! In: a plugin and its tapes. Out: whether the orders are those that were written down.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::error::Error;
use super::report::Case;
use super::{Subject, case, parting};
use crate::fs;
use crate::replay::Session;

const TAPE: &str = ".jsonl";
const ORDERS: &str = ".orders.jsonl";

/// The names of the tapes of a package, without their ending.
pub(super) fn names(dir: &Path) -> Result<Vec<String>, Error> {
    let folder = dir.join("tapes");
    if !fs::is_there(&folder) {
        return Ok(Vec::new());
    }
    let files = fs::entries(&folder)?.into_iter();
    let files = files.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    let tapes = files.filter(|file| !file.ends_with(ORDERS));
    Ok(tapes.filter_map(|file| Some(file.strip_suffix(TAPE)?.to_owned())).collect())
}

pub(super) fn run(subject: &Subject, name: &str, bless: bool) -> Result<Case, Error> {
    let path = |ending: &str| -> PathBuf { subject.dir.join(format!("tapes/{name}{ending}")) };
    let (tape, expected) = (path(TAPE), path(ORDERS));
    let settings = &subject.settings;
    let mut session =
        Session::start(&subject.compiled, settings.context("test", settings.quantity));
    let events = session.script(&tape)?;
    let orders: Vec<_> = session
        .calls()
        .iter()
        .enumerate()
        .flat_map(|(index, call)| call.orders.iter().map(move |action| (index, call.name, action)))
        .map(|(call, export, action)| {
            json!({ "call": call, "export": export, "action": action }).to_string()
        })
        .collect();
    let case =
        case(&format!("golden/{name}"), format!("{} events, {} orders", events, orders.len()));
    if bless {
        let text = orders.iter().fold(String::new(), |text, line| text + line + "\n");
        fs::write_atomic(&expected, text.as_bytes())?;
        return Ok(case);
    }
    if !fs::is_there(&expected) {
        let missing = format!("there is no `tapes/{name}{ORDERS}`; `--bless` writes it");
        return Ok(case.fails(vec![missing]));
    }
    let text = fs::read_text(&expected)?;
    let before: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let wrong = parting(&before, &orders, |before, now| before == now).map(|at| {
        let line = |line: Option<&str>| line.map_or("nothing".into(), |line| format!("`{line}`"));
        let (expected, found) =
            (line(before.get(at).copied()), line(orders.get(at).map(String::as_str)));
        format!("line {} of `tapes/{name}{ORDERS}`: expected {expected}, found {found}; `--bless` accepts it", at + 1)
    });
    Ok(case.fails(wrong.into_iter().collect()))
}
