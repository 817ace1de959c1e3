//! One instance of a plugin, and calls of its exports.

use std::sync::Arc;

use wasmtime::component::{TypedFunc, WasmStr};
use wasmtime::{AsContext as _, Store, Trap, WasmCoreDump};

use super::limits::{Limits, MEMORY};
use super::tick::Tick;
use super::trap::{self, TrapReport};
use super::{Error, FUEL, Output};

/// One instance of a plugin.
pub struct Plugin {
    pub(super) store: Store<Limits>,
    pub(super) output: Output,
    /// Whether the output is reported.
    pub(super) tells_output: bool,
    /// Whether a call has trapped.
    pub(super) is_lost: bool,
    pub(super) init: TypedFunc<(String,), (Result<String, String>,)>,
    pub(super) on_tick: TypedFunc<(Arc<Tick>,), (WasmStr,)>,
    pub(super) on_fill: TypedFunc<(String,), (WasmStr,)>,
    pub(super) on_timer: TypedFunc<(), (WasmStr,)>,
    pub(super) snapshot: TypedFunc<(), (WasmStr,)>,
    pub(super) restore: TypedFunc<(String,), ()>,
}

/// Resources that a call uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Instructions, in wasmtime's fuel.
    pub fuel: u64,
    /// Size of all memories in bytes.
    pub memory: usize,
}

macro_rules! call {
    ($plugin:ident . $export:ident ( $params:expr ), $name:literal) => {{
        let refueled = $plugin.store.set_fuel(FUEL);
        refueled.map_err(|error| $plugin.trapped($name, &error))?;
        let called = $plugin.$export.call(&mut $plugin.store, $params);
        called.map_err(|error| $plugin.trapped($name, &error))?
    }};
}

macro_rules! post_return {
    ($plugin:ident . $export:ident, $name:literal) => {{
        let returned = $plugin.$export.post_return(&mut $plugin.store);
        returned.map_err(|error| $plugin.trapped($name, &error))?;
    }};
}

/// A call that returns a text, which is copied from the plugin's memory into the place of another one: each callback returns
/// one, and a buffer for it need not be allocated each time.
macro_rules! call_for_text {
    ($plugin:ident . $export:ident ( $params:expr ), $name:literal, $answer:ident) => {{
        let (text,) = call!($plugin.$export($params), $name);
        let copied = text.to_str(&$plugin.store).map(|text| {
            $answer.clear();
            $answer.push_str(&text);
        });
        copied.map_err(|error| $plugin.trapped($name, &error))?;
        post_return!($plugin.$export, $name);
        Ok(())
    }};
}

impl Plugin {
    /// Returns the fuel of the last call, and the memory that the instance has now.
    pub fn usage(&self) -> Usage {
        let fuel = FUEL.saturating_sub(self.store.get_fuel().unwrap_or(FUEL));
        Usage { fuel, memory: self.store.data().memory }
    }

    fn trapped(&mut self, name: &'static str, error: &wasmtime::Error) -> Error {
        self.is_lost = true;
        let printed = printed(error, &self.store).unwrap_or_default();
        let (printed, panic) = trap::split_panic(&printed);
        self.output.add(printed);
        // A plugin that is not sealed writes to the host's streams.
        let panic = panic.or_else(|| self.output.take_panic());
        if let Some(Trap::OutOfFuel) = error.downcast_ref() {
            let frames = TrapReport::new(error, None).frames;
            return Error::Endless { name, fuel: FUEL, frames };
        }
        let mut report = TrapReport::new(error, panic);
        if self.store.data().refused {
            report.reason = format!("it needs more than {} MiB of memory", MEMORY >> 20);
        }
        Error::Trap { name, report }
    }
}

/// The page with the printed text can only be read from a core dump, which needs a trap: a last call without fuel causes it.
impl Drop for Plugin {
    fn drop(&mut self) {
        let is_wanted = self.tells_output && !self.is_lost && !self.output.is_full();
        if !is_wanted || self.store.set_fuel(0).is_err() {
            return;
        }
        if let Err(error) = self.snapshot.call(&mut self.store, ()) {
            self.output.add(&printed(&error, &self.store).unwrap_or_default());
        }
    }
}

#[expect(clippy::missing_errors_doc, reason = "each returns `Error::Trap` or `Error::Endless`")]
impl Plugin {
    /// Calls `init`; the inner result is the plugin's own.
    pub fn init(&mut self, config_json: &str) -> Result<Result<String, String>, Error> {
        let (answer,) = call!(self.init((config_json.to_owned(),)), "init");
        post_return!(self.init, "init");
        Ok(answer)
    }

    /// Calls `on-tick`.
    pub fn on_tick(&mut self, tick: &Arc<Tick>) -> Result<String, Error> {
        let mut answer = String::new();
        self.on_tick_into(tick, &mut answer).map(|()| answer)
    }

    /// Calls `on-tick`, and puts its result into `answer`.
    pub(crate) fn on_tick_into(
        &mut self,
        tick: &Arc<Tick>,
        answer: &mut String,
    ) -> Result<(), Error> {
        call_for_text!(self.on_tick((Arc::clone(tick),)), "on-tick", answer)
    }

    /// Calls `on-fill`.
    pub fn on_fill(&mut self, fill_json: &str) -> Result<String, Error> {
        let mut answer = String::new();
        self.on_fill_into(fill_json, &mut answer).map(|()| answer)
    }

    /// Calls `on-fill`, and puts its result into `answer`.
    pub(crate) fn on_fill_into(
        &mut self,
        fill_json: &str,
        answer: &mut String,
    ) -> Result<(), Error> {
        call_for_text!(self.on_fill((fill_json.to_owned(),)), "on-fill", answer)
    }

    /// Calls `on-timer`.
    pub fn on_timer(&mut self) -> Result<String, Error> {
        let mut answer = String::new();
        self.on_timer_into(&mut answer).map(|()| answer)
    }

    /// Calls `on-timer`, and puts its result into `answer`.
    pub(crate) fn on_timer_into(&mut self, answer: &mut String) -> Result<(), Error> {
        call_for_text!(self.on_timer(()), "on-timer", answer)
    }

    /// Calls `snapshot`.
    pub fn snapshot(&mut self) -> Result<String, Error> {
        let mut answer = String::new();
        self.snapshot_into(&mut answer).map(|()| answer)
    }

    /// Calls `snapshot`, and puts its result into `answer`.
    pub(crate) fn snapshot_into(&mut self, answer: &mut String) -> Result<(), Error> {
        call_for_text!(self.snapshot(()), "snapshot", answer)
    }

    /// Calls `restore`.
    pub fn restore(&mut self, state_json: &str) -> Result<(), Error> {
        call!(self.restore((state_json.to_owned(),)), "restore");
        post_return!(self.restore, "restore");
        Ok(())
    }
}

/// Returns what the plugin wrote to stdout and stderr: `build/package/seal.wat` keeps it in a page of the plugin's memory.
fn printed(error: &wasmtime::Error, store: &Store<Limits>) -> Option<String> {
    const MAGIC: &[u8; 16] = b"tesser:stderr\0\0\0";
    const PAGE: usize = 1 << 16;
    let memories = error.downcast_ref::<WasmCoreDump>()?.memories();
    let mut pages = memories.iter().flat_map(|memory| memory.data(store.as_context()).chunks(PAGE));
    let page = pages.find(|page| page.starts_with(MAGIC))?;
    let (length, text) = page.get(MAGIC.len()..)?.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    Some(String::from_utf8_lossy(text.get(..length)?).into_owned())
}
