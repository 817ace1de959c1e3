//! The host's empty WASI, as far as the results are simple: no arguments, no environment, no folders, a time, some
//! number. A session keeps what is written to stdout and stderr, which the host discards. All other functions are stubs that trap.
//!
//! In: an empty linker, and a component whose imports have been compared with the host's. Out: the linker.

use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::component::types::{ComponentInstance, ComponentItem};
use wasmtime::component::{
    Component, ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType,
};
use wasmtime::{Engine, StoreContextMut};

use super::output::Output;

/// Seconds and nanoseconds.
#[derive(Clone, Copy, ComponentType, Lift, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

/// The error of a call of `exit`; on the host it traps.
#[derive(Debug, thiserror::Error)]
#[error("it calls `exit`")]
struct Exit;

/// The error of a function that is not implemented here.
#[derive(Clone, Debug, thiserror::Error)]
#[error("it calls `{0}`, which the local host does not have")]
pub(super) struct Stub(String);

/// The error of a read or a write.
#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<()>),
    #[component(name = "closed")]
    Closed,
}

/// Defines everything that the component imports. Without an output, streams are stubs.
pub(super) fn define<T: 'static>(
    linker: &mut Linker<T>,
    component: &Component,
    output: Option<&Output>,
) -> wasmtime::Result<()> {
    let engine = linker.engine().clone();
    for (import, item) in component.component_type().imports(&engine) {
        if let ComponentItem::ComponentInstance(interface) = item {
            let name = import.split_once('@').map_or(import, |(name, _)| name);
            define_interface(linker.instance(import)?, name, &interface, &engine, output)?;
        }
    }
    Ok(())
}

fn define_interface<T: 'static>(
    mut linker: LinkerInstance<'_, T>,
    interface: &str,
    items: &ComponentInstance,
    engine: &Engine,
    output: Option<&Output>,
) -> wasmtime::Result<()> {
    for (name, item) in items.exports(engine) {
        match item {
            ComponentItem::ComponentFunc(_) => {
                let is_defined = match output {
                    Some(output) => define_for_session(&mut linker, interface, name, output)?,
                    None => false,
                };
                if !is_defined {
                    define_function(&mut linker, interface, name)?;
                }
            }
            ComponentItem::Resource(_) => {
                linker.resource(name, ResourceType::host::<()>(), |_, _| Ok(()))?;
            }
            ComponentItem::ComponentInstance(items) => {
                define_interface(linker.instance(name)?, name, &items, engine, output)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Defines the functions that only sessions have: an empty stdin, stdout, stderr, and no folders.
fn define_for_session<T: 'static>(
    linker: &mut LinkerInstance<'_, T>,
    interface: &str,
    function: &str,
    output: &Output,
) -> wasmtime::Result<bool> {
    const ROOM: u64 = 1 << 16;
    type Done = (Result<(), StreamError>,);
    match (interface, function) {
        ("wasi:cli/stdin", "get-stdin")
        | ("wasi:cli/stdout", "get-stdout")
        | ("wasi:cli/stderr", "get-stderr") => {
            linker.func_wrap(function, |_, ()| Ok((Resource::<()>::new_own(0),)))?;
        }
        ("wasi:filesystem/preopens", "get-directories") => {
            linker.func_wrap(function, |_, ()| Ok((Vec::<(Resource<()>, String)>::new(),)))?;
        }
        ("wasi:cli/terminal-stdin", "get-terminal-stdin")
        | ("wasi:cli/terminal-stdout", "get-terminal-stdout")
        | ("wasi:cli/terminal-stderr", "get-terminal-stderr") => {
            linker.func_wrap(function, |_, ()| Ok((None::<Resource<()>>,)))?;
        }
        ("wasi:io/streams", "[method]input-stream.read" | "[method]input-stream.blocking-read") => {
            linker.func_wrap(function, |_, _: (Resource<()>, u64)| {
                Ok((Err::<Vec<u8>, _>(StreamError::Closed),))
            })?;
        }
        ("wasi:io/streams", "[method]output-stream.check-write") => {
            linker
                .func_wrap(function, |_, _: (Resource<()>,)| Ok((Ok::<_, StreamError>(ROOM),)))?;
        }
        (
            "wasi:io/streams",
            "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush",
        ) => {
            let output = output.clone();
            let write = move |_: StoreContextMut<'_, T>, (_, bytes): (Resource<()>, Vec<u8>)| {
                output.add(&String::from_utf8_lossy(&bytes));
                Ok::<Done, _>((Ok(()),))
            };
            linker.func_wrap(function, write)?;
        }
        (
            "wasi:io/streams",
            "[method]output-stream.flush" | "[method]output-stream.blocking-flush",
        ) => {
            linker.func_wrap(function, |_, _: (Resource<()>,)| Ok::<Done, _>((Ok(()),)))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn define_function<T: 'static>(
    linker: &mut LinkerInstance<'_, T>,
    interface: &str,
    function: &str,
) -> wasmtime::Result<()> {
    let tick = Datetime { seconds: 0, nanoseconds: 1 };
    match (interface, function) {
        ("wasi:cli/environment", "get-environment") => {
            linker.func_wrap(function, |_, ()| Ok((Vec::<(String, String)>::new(),)))
        }
        ("wasi:cli/environment", "get-arguments") => {
            linker.func_wrap(function, |_, ()| Ok((Vec::<String>::new(),)))
        }
        ("wasi:cli/environment", "initial-cwd") => {
            linker.func_wrap(function, |_, ()| Ok((None::<String>,)))
        }
        ("wasi:cli/exit", "exit") => linker
            .func_wrap(function, |_, _: (Result<(), ()>,)| -> wasmtime::Result<()> {
                Err(Exit.into())
            }),
        ("wasi:clocks/monotonic-clock", "resolution") => {
            linker.func_wrap(function, |_, ()| Ok((1_u64,)))
        }
        ("wasi:clocks/wall-clock", "now") => linker.func_wrap(function, |_, ()| {
            // Two calls always return different values, so that a plugin that depends on them is detected.
            Ok((Datetime {
                seconds: 1_700_000_000 + CALLS.fetch_add(1, Ordering::Relaxed),
                nanoseconds: 0,
            },))
        }),
        ("wasi:clocks/wall-clock", "resolution") => {
            linker.func_wrap(function, move |_, ()| Ok((tick,)))
        }
        ("wasi:clocks/monotonic-clock", "now")
        | ("wasi:random/random", "get-random-u64")
        | ("wasi:random/insecure", "get-insecure-random-u64") => {
            linker.func_wrap(function, |_, ()| Ok((number(),)))
        }
        ("wasi:random/insecure-seed", "insecure-seed") => {
            linker.func_wrap(function, |_, ()| Ok(((number(), number()),)))
        }
        _ => {
            let stub = Stub(format!("{interface}#{function}"));
            linker.func_new(function, move |_, _, _| Err(stub.clone().into()))
        }
    }
}

static CALLS: AtomicU64 = AtomicU64::new(1);

/// Returns a different large number for each call; used for times and random numbers.
fn number() -> u64 {
    CALLS.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1
}
