//! Golden tapes: `tapes/NAME.jsonl`, events as for `replay`, and the expected orders in `tapes/NAME.orders.jsonl`.
//!
//! In: a plugin and its tapes. Out: whether the orders are the expected ones. A run that trapped, or in which the host
//! cancelled the algorithm, fails, and its orders are never accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::iter;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tesser_wasm::{PluginOrderRequest, PluginOrderUpdateRequest, PluginTimeInForce};

use super::error::Error;
use super::report::Case;
use super::run::Run;
use super::{PluginUnderTest, case};
use crate::fs;
use crate::report::counted;
use crate::simulator::answer::Action;
use crate::simulator::tape::{Tape, TapeOptions};

/// Prefix of the names of these cases.
pub(super) const PREFIX: &str = "golden/";

const TAPE: &str = ".jsonl";
const ORDERS: &str = ".orders.jsonl";

/// Returns the names of the tapes of a package, without their extension. Orders without a tape also have a name, so that a
/// renamed tape is noticed.
pub(super) fn names(dir: &Path) -> Result<Vec<String>, Error> {
    let folder = dir.join("tapes");
    if !fs::is_there(&folder) {
        return Ok(Vec::new());
    }
    let files = fs::entries(&folder)?.into_iter();
    let files = files.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    let name = |file: String| {
        let name = file.strip_suffix(ORDERS).or_else(|| file.strip_suffix(TAPE))?;
        Some(name.to_owned())
    };
    Ok(files.filter_map(name).collect::<BTreeSet<_>>().into_iter().collect())
}

pub(super) fn run(subject: &PluginUnderTest, name: &str, bless: bool) -> Result<Case, Error> {
    let path = |ending: &str| -> PathBuf { subject.dir.join(format!("tapes/{name}{ending}")) };
    let (tape, expected) = (path(TAPE), path(ORDERS));
    let case = |line: String| case(&format!("{PREFIX}{name}"), line);
    if !fs::is_there(&tape) {
        let missing = format!("there is no `tapes/{name}{TAPE}` for `tapes/{name}{ORDERS}`");
        return Ok(case("not run".into()).fails(vec![missing]));
    }
    let mut run = Run::start(subject.live());
    let mut events = 0;
    for event in Tape::open(&tape, &TapeOptions::default())? {
        run.step(event?);
        events += 1_usize;
    }
    let orders = orders(&run);
    let mut line = format!("{}, {}", counted(events, "event"), counted(orders.len(), "order"));
    let lost = run.recording().lost_fills;
    if lost > 0 {
        let _ = write!(line, ", {} of orders that do not exist", counted(lost, "fill"));
    }
    let case = case(line);
    let file = format!("`tapes/{name}{ORDERS}`");
    let mut wrong = run.faults();
    if wrong.is_empty() {
        return if bless {
            blessed(case, &expected, &file, &orders)
        } else {
            compared(case, &expected, &file, &orders)
        };
    }
    if bless {
        wrong.push(format!(
            "{file} was not written: the run failed, so its orders cannot become the expected ones"
        ));
    }
    Ok(case.fails(wrong))
}

/// Compares the orders; the case fails for each line that differs.
fn compared(case: Case, path: &Path, file: &str, orders: &[String]) -> Result<Case, Error> {
    if !fs::is_there(path) {
        return Ok(case.fails(vec![format!("there is no {file}; `--bless` writes it")]));
    }
    let changes = changes(&fs::read_text(path)?, orders).into_iter();
    let mut wrong: Vec<_> = changes.map(|change| format!("{file}, {change}")).collect();
    if let Some(first) = wrong.first_mut() {
        first.push_str("; `--bless` accepts it");
    }
    Ok(case.fails(wrong))
}

/// Writes the orders, and reports what has changed.
fn blessed(case: Case, path: &Path, file: &str, orders: &[String]) -> Result<Case, Error> {
    let is_there = fs::is_there(path);
    let before = if is_there { fs::read_text(path)? } else { String::new() };
    let changes = changes(&before, orders);
    if is_there && changes.is_empty() {
        return Ok(case.notes(vec![format!("{file} is unchanged")]));
    }
    let text = orders.iter().fold(String::new(), |text, line| text + line + "\n");
    fs::write_atomic(path, text.as_bytes())?;
    let what = if is_there { "wrote" } else { "wrote the new" };
    let told = iter::once(format!("{what} {file}")).chain(changes);
    Ok(case.notes(told.collect()))
}

/// Returns the orders of a run, a line of JSON for each.
fn orders(run: &Run<'_>) -> Vec<String> {
    let calls = run.recording().calls.iter().enumerate();
    calls
        .flat_map(|(index, call)| call.actions.iter().map(move |action| (index, call, action)))
        .map(|(index, call, action)| {
            json!({ "call": index, "export": call.export.name(), "action": written(action) })
                .to_string()
        })
        .collect()
}

/// Returns the differences, line by line.
fn changes(before: &str, now: &[String]) -> Vec<String> {
    let before: Vec<_> = before.lines().filter(|line| !line.trim().is_empty()).collect();
    let lines = before.len().max(now.len());
    let change = |at: usize| {
        let (before, now) = (before.get(at).copied(), now.get(at).map(String::as_str));
        let what = match (before, now) {
            (Some(before), Some(now)) if before != now => differences(before, now)?,
            (Some(before), None) => format!("is gone: {}", told(before)),
            (None, Some(now)) => format!("is new: {}", told(now)),
            _ => return None,
        };
        let colon = if before.is_some() && now.is_some() { ":" } else { "" };
        Some(format!("line {}{colon} {what}", at + 1))
    };
    (0..lines).filter_map(change).collect()
}

/// Returns `quantity: 0.2 -> 0.25` for each field that differs. Spaces and the order of fields do not matter.
fn differences(before: &str, now: &str) -> Option<String> {
    let (Ok(old), Ok(new)) = (serde_json::from_str(before), serde_json::from_str(now)) else {
        return Some(format!("`{before}` -> `{now}`"));
    };
    let (old, new) = (fields(&old), fields(&new));
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let value = |fields: &BTreeMap<String, String>, name: &String| {
        fields.get(name).map_or_else(|| "none".to_owned(), Clone::clone)
    };
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let changed: Vec<_> = changed
        .map(|name| format!("{name}: {} -> {}", value(&old, name), value(&new, name)))
        .collect();
    (!changed.is_empty()).then(|| changed.join(", "))
}

/// Returns an order in one line, without absent fields.
fn told(line: &str) -> String {
    let Ok(value) = serde_json::from_str(line) else { return format!("`{line}`") };
    let fields = fields(&value).into_iter().map(|(name, value)| format!("{name} {value}"));
    fields.collect::<Vec<_>>().join(", ")
}

/// Returns the fields of all levels by name, without those that are null.
fn fields(value: &Value) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::Object(inner) if name == "action" => {
                for (kind, order) in inner {
                    fields.insert(name.clone(), kind.clone());
                    fields.extend(self::fields(order));
                }
            }
            Value::String(text) => {
                fields.insert(name.clone(), text.clone());
            }
            other => {
                fields.insert(name.clone(), other.to_string());
            }
        }
    }
    fields
}

/// Returns an action as the SDK writes it, so that the files are familiar to a plugin's author.
fn written(action: &Action) -> Value {
    match action {
        Action::Place(order) => json!({ "Place": PluginOrderRequest {
            symbol: order.symbol_text.clone(),
            side: order.side,
            order_type: order.order_type,
            quantity: order.quantity,
            price: order.price,
            trigger_price: order.trigger_price,
            time_in_force: if order.wanted_post_only {
                Some(PluginTimeInForce::PostOnly)
            } else {
                order.time_in_force
            },
            client_order_id: order.client_order_id.clone(),
            take_profit: order.take_profit,
            stop_loss: order.stop_loss,
            display_quantity: order.display_quantity,
        } }),
        Action::Amend(update) => json!({ "Amend": PluginOrderUpdateRequest {
            order_id: update.order_id.clone(),
            symbol: update.symbol_text.clone(),
            side: update.side,
            new_price: update.new_price,
            new_quantity: update.new_quantity,
        } }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_the_fields_that_differ() {
        let order = |quantity: &str, price: Value| {
            let action = json!({ "Place": { "quantity": quantity, "price": price } });
            json!({ "call": 1, "action": action }).to_string()
        };
        let before = order("0.2", json!("1"));
        let changed = |now: &[String]| changes(&before, now);
        assert_eq!(changed(&[order("0.25", json!("1"))]), ["line 1: quantity: 0.2 -> 0.25"]);
        assert_eq!(changed(&[order("0.2", Value::Null)]), ["line 1: price: 1 -> none"]);
        assert_eq!(changed(&[]), ["line 1 is gone: action Place, call 1, price 1, quantity 0.2"]);
        let more = [before.clone(), order("3", json!("1"))];
        assert_eq!(changed(&more), ["line 2 is new: action Place, call 1, price 1, quantity 3"]);
        assert!(changed(&[format!(" {before}")]).is_empty());
        assert_eq!(changes("?", &["1".into()]), ["line 1: `?` -> `1`"]);
    }
}
