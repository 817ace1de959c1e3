//! What the host's empty WASI answers to a start, where the answer is plain: no arguments, no environment, no
//! folders, a time, some number. Functions with resources stay stubs.
//!
//! In: a linker with stubs, and a component whose imports have been compared with the host's. Out: the linker.

use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentNamedList, ComponentType, Lift, Linker, Lower};

/// Seconds and nanoseconds.
#[derive(Clone, Copy, ComponentType, Lift, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

/// A start that ends the process; on the host a trap.
#[derive(Debug, thiserror::Error)]
#[error("it calls `exit`")]
struct Exit;

/// Defines what the component imports of it.
pub(super) fn define<T: 'static>(
    linker: &mut Linker<T>,
    component: &Component,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let engine = linker.engine().clone();
    for (import, item) in component.component_type().imports(&engine) {
        let ComponentItem::ComponentInstance(interface) = item else { continue };
        let short = import.split_once('@').map_or(import, |(name, _)| name);
        for (function, item) in interface.exports(&engine) {
            if let ComponentItem::ComponentFunc(_) = item {
                define_one(linker, import, short, function)?;
            }
        }
    }
    Ok(())
}

fn define_one<T: 'static>(
    linker: &mut Linker<T>,
    import: &str,
    interface: &str,
    function: &str,
) -> wasmtime::Result<()> {
    let now = Datetime { seconds: 1_700_000_000, nanoseconds: 0 };
    let tick = Datetime { seconds: 0, nanoseconds: 1 };
    let mut to = To { linker, import, function };
    match (interface, function) {
        ("wasi:cli/environment", "get-environment") => {
            to.answer(|| (Vec::<(String, String)>::new(),))
        }
        ("wasi:cli/environment", "get-arguments") => to.answer(|| (Vec::<String>::new(),)),
        ("wasi:cli/environment", "initial-cwd") => to.answer(|| (None::<String>,)),
        ("wasi:cli/exit", "exit") => to.linker.instance(import)?.func_wrap(
            function,
            |_, _: (Result<(), ()>,)| -> wasmtime::Result<()> { Err(Exit.into()) },
        ),
        ("wasi:clocks/monotonic-clock", "now") => to.answer(|| (number(),)),
        ("wasi:clocks/monotonic-clock", "resolution") => to.answer(|| (1_u64,)),
        ("wasi:clocks/wall-clock", "now") => to.answer(move || (now,)),
        ("wasi:clocks/wall-clock", "resolution") => to.answer(move || (tick,)),
        ("wasi:random/random", "get-random-u64")
        | ("wasi:random/insecure", "get-insecure-random-u64") => to.answer(|| (number(),)),
        ("wasi:random/insecure-seed", "insecure-seed") => to.answer(|| ((number(), number()),)),
        _ => Ok(()),
    }
}

/// Where an answer goes to.
struct To<'a, T: 'static> {
    linker: &'a mut Linker<T>,
    import: &'a str,
    function: &'a str,
}

impl<T: 'static> To<'_, T> {
    fn answer<R>(&mut self, answer: impl Fn() -> R + Send + Sync + 'static) -> wasmtime::Result<()>
    where
        R: ComponentNamedList + Lower + 'static,
    {
        self.linker.instance(self.import)?.func_wrap(self.function, move |_, ()| Ok(answer()))
    }
}

/// Another one for each call, and none of them small: it stands for times and random numbers.
fn number() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(1);
    CALLS.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1
}
