//! Golden tapes: `tapes/NAME.jsonl`, events as for `replay`, and the orders that they lead to in `tapes/NAME.orders.jsonl`.
//!
//! In: a plugin and its tapes. Out: whether the orders are those that were written down.

use std::path::{Path, PathBuf};

use serde_json::json;
use tesser_wasm::{PluginOrderRequest, PluginOrderUpdateRequest, PluginTimeInForce};

use super::error::Error;
use super::report::Case;
use super::run::Run;
use super::{PluginUnderTest, case, first_mismatch};
use crate::fs;
use crate::simulator::answer::Action;
use crate::simulator::tape::{Tape, TapeOptions};

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

pub(super) fn run(subject: &PluginUnderTest, name: &str, bless: bool) -> Result<Case, Error> {
    let path = |ending: &str| -> PathBuf { subject.dir.join(format!("tapes/{name}{ending}")) };
    let (tape, expected) = (path(TAPE), path(ORDERS));
    let mut run = Run::start(subject.live());
    let mut events = 0;
    for event in Tape::open(&tape, &TapeOptions::default())? {
        run.step(event?);
        events += 1;
    }
    let calls = run.recording().calls.iter().enumerate();
    let orders: Vec<_> = calls
        .flat_map(|(index, call)| call.actions.iter().map(move |action| (index, call, action)))
        .map(|(index, call, action)| {
            json!({ "call": index, "export": call.export.name(), "action": written(action) })
                .to_string()
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
    let wrong = first_mismatch(&before, &orders, |before, now| before == now).map(|at| {
        let line = |line: Option<&str>| line.map_or("nothing".into(), |line| format!("`{line}`"));
        let (expected, found) =
            (line(before.get(at).copied()), line(orders.get(at).map(String::as_str)));
        format!("line {} of `tapes/{name}{ORDERS}`: expected {expected}, found {found}; `--bless` accepts it", at + 1)
    });
    Ok(case.fails(wrong.into_iter().collect()))
}

/// An action as the SDK writes it, so that the files are what a plugin's author knows.
fn written(action: &Action) -> serde_json::Value {
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
