//! Core module -> core module that stops where it would have panicked.
//!
//! In: a module as it is linked, with what the linker knew of it ([`linked`](super::linked)). Out: the same module, in
//! which the way to a panic is the instruction `unreachable`, and what only panics need is gone: functions are
//! `unreachable`, data is zeros. wasm-opt removes both. A sealed plugin has nowhere to write a panic to; in a plugin it is
//! just this instruction, after 12 KB of code that puts a text together which nobody gets.
//!
//! Nothing moves: bytes are replaced by as many others. What cannot be read is left as it is, and is only larger.

use std::collections::BTreeSet;
use std::ops::Range;

use wasmparser::Operator;

use super::linked::{Function, Linked, Symbol, is_plain};
use crate::plugin::CoreModule;

const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;
const END: u8 = 0x0b;

/// The module without its panics.
pub(super) fn remove(module: &CoreModule) -> CoreModule {
    Linked::read(module)
        .and_then(|linked| changed(&module.0, &linked))
        .map_or_else(|| module.clone(), CoreModule)
}

/// Whether this function of the standard library does nothing but panic. Others only tell another one where, so that the
/// rest follows from these; a name that is missing here costs some bytes.
fn panics(symbol: &str) -> bool {
    const STARTS: [&str; 12] = [
        "core::panicking::",
        "core::option::unwrap_failed",
        "core::option::expect_failed",
        "core::result::unwrap_failed",
        "core::slice::index::slice_",
        "core::slice::copy_from_slice_impl::len_mismatch_fail",
        "core::str::slice_error_fail",
        "core::cell::panic_already_",
        "alloc::raw_vec::handle_error",
        "alloc::raw_vec::capacity_overflow",
        "alloc::alloc::handle_alloc_error",
        "std::panicking::panic_with_hook",
    ];
    let name = format!("{:#}", rustc_demangle::demangle(symbol));
    let is_slice = name.starts_with("core::slice::index::slice_");
    (STARTS.iter().any(|start| name.starts_with(start)) && (!is_slice || name.contains("_fail")))
        || (name.contains("alloc::vec::Vec<") && name.ends_with("::assert_failed"))
        || name.starts_with("std::panicking::rust_panic_with_hook")
}

/// What a function does, as far as it matters here.
#[derive(Default)]
struct Body {
    calls: BTreeSet<Function>,
    /// Instructions that are followed by a panic, with the call of it: nobody sees what they do.
    doomed: Vec<Range<usize>>,
}

impl Body {
    fn read(
        body: &wasmparser::FunctionBody<'_>,
        linked: &Linked<'_>,
        panicking: &BTreeSet<Function>,
    ) -> Option<Self> {
        let mut read = Self::default();
        let mut operators = body.get_operators_reader().ok()?;
        let position = |position: u64| usize::try_from(position).ok();
        let mut start = position(operators.original_position())?;
        while !operators.eof() {
            let operator = operators.read().ok()?;
            let end = position(operators.original_position())?;
            match operator {
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    match linked.defined(function_index) {
                        Some(it) if panicking.contains(&it) => read.doomed.push(start..end),
                        called => read.calls.extend(called),
                    }
                }
                Operator::RefFunc { function_index } => {
                    read.calls.extend(linked.defined(function_index));
                }
                _ => {}
            }
            if !is_plain(&operator) {
                start = end;
            }
        }
        Some(read)
    }
}

/// What can still be reached.
struct Live {
    functions: Vec<bool>,
    data: Vec<bool>,
}

impl Live {
    fn of(linked: &Linked<'_>, bodies: &[Body], panicking: &BTreeSet<Function>) -> Option<Self> {
        let mut live =
            Self { functions: vec![false; bodies.len()], data: vec![false; linked.symbols.len()] };
        let mut functions = linked.roots.clone();
        while let Some(function) = functions.pop() {
            let is_known = std::mem::replace(live.functions.get_mut(function)?, true);
            if is_known || panicking.contains(&function) {
                continue;
            }
            functions.extend(&bodies[function].calls);
            let doomed = &bodies[function].doomed;
            let mut parts = vec![range(&linked.bodies[function])?];
            while let Some(part) = parts.pop() {
                for reference in linked.references_in(&part) {
                    if doomed.iter().any(|doomed| doomed.contains(&reference.at)) {
                        continue;
                    }
                    match linked.symbols.get(reference.symbol)? {
                        Symbol::Function(function, _) => functions.push(*function),
                        Symbol::Data(data) => {
                            if !std::mem::replace(&mut live.data[reference.symbol], true) {
                                parts.push(data.clone());
                            }
                        }
                        Symbol::Other => {}
                    }
                }
            }
        }
        Some(live)
    }
}

fn changed(module: &[u8], linked: &Linked<'_>) -> Option<Vec<u8>> {
    let panicking: BTreeSet<Function> = linked
        .symbols
        .iter()
        .filter_map(|symbol| match symbol {
            Symbol::Function(function, name) if panics(name) => Some(*function),
            _ => None,
        })
        .collect();
    let bodies = linked.bodies.iter().map(|body| Body::read(body, linked, &panicking));
    let bodies: Vec<Body> = bodies.collect::<Option<_>>()?;
    let live = Live::of(linked, &bodies, &panicking)?;
    let mut bytes = module.to_vec();
    for (number, body) in bodies.iter().enumerate() {
        for doomed in &body.doomed {
            bytes[doomed.clone()].fill(NOP);
            bytes[doomed.start] = UNREACHABLE;
        }
        if !live.functions[number] || panicking.contains(&number) {
            stop(&mut bytes[range(&linked.bodies[number])?]);
        }
    }
    clear_data(&mut bytes, module, linked, &live);
    Some(bytes)
}

/// Replaces a function's body.
fn stop(body: &mut [u8]) {
    const LOCALS: u8 = 0;
    if let [locals, first, rest @ .., end] = body {
        (*locals, *first, *end) = (LOCALS, UNREACHABLE, END);
        rest.fill(NOP);
    }
}

/// Zeros in place of what nothing refers to. Two symbols can share bytes; those of a live one come back.
fn clear_data(bytes: &mut [u8], module: &[u8], linked: &Linked<'_>, live: &Live) {
    for keep in [false, true] {
        for (symbol, is_live) in linked.symbols.iter().zip(&live.data) {
            if let (Symbol::Data(place), true) = (symbol, *is_live == keep) {
                if keep {
                    bytes[place.clone()].copy_from_slice(&module[place.clone()]);
                } else {
                    bytes[place.clone()].fill(0);
                }
            }
        }
    }
}

fn range(body: &wasmparser::FunctionBody<'_>) -> Option<Range<usize>> {
    let range = body.range();
    Some(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CustomSection, DataSymbolDefinition, Encode as _, LinkingSection, Section as _, SymbolTable,
    };
    use wasmparser::{Parser, Payload};

    use super::*;

    const PANIC: &str = "_ZN4core9panicking5panic17h0123456789abcdefE";

    /// A plugin that panics if it is asked for 1. Only the panic needs the function `$text` and the first text.
    const PLUGIN: &str = r#"(module
        (memory (export "memory") 1)
        (table 2 funcref)
        (elem (i32.const 1) $text)
        (func $panic (param i32 i32) (i32.store (i32.const 0) (i32.const 1001)) (unreachable))
        (func (export "f") (param i32) (result i32)
            (if (i32.eq (local.get 0) (i32.const 1))
                (then (call $panic (i32.const 1002) (i32.const 1003)) (unreachable)))
            (i32.const 1004))
        (func $text (result i32) (i32.const 1005))
        (data (i32.const 2000) "only a panic kept"))"#;

    /// Where a constant stands.
    fn constant(module: &[u8], number: i32) -> Option<usize> {
        const CONST: u8 = 0x41;
        let mut bytes = vec![CONST];
        number.encode(&mut bytes);
        memchr::memmem::find(module, &bytes).map(|at| at + 1)
    }

    fn start_of_code(module: &[u8]) -> usize {
        let code = Parser::new(0).parse_all(module).find_map(|payload| match payload.unwrap() {
            Payload::CodeSectionStart { unchecked_range, .. } => Some(unchecked_range.start),
            _ => None,
        });
        usize::try_from(code.unwrap()).unwrap()
    }

    /// The plugin with what a linker would note of it.
    fn linked() -> CoreModule {
        let mut module = wat::parse_str(PLUGIN).unwrap();
        let mut symbols = SymbolTable::new();
        symbols.function(0, 0, Some(PANIC));
        symbols.function(0, 2, Some("text"));
        let data = |offset, size| DataSymbolDefinition { index: 0, offset, size };
        symbols.data(0, "of the panic", Some(data(0, 13)));
        symbols.data(0, "kept", Some(data(13, 4)));
        // Type, position, symbol, and what is added to an address.
        let references = [(4, 1002, 2), (1, 1003, 1), (4, 1004, 3)];
        let mut notes = vec![3];
        references.len().encode(&mut notes);
        for (kind, number, symbol) in references {
            notes.push(kind);
            (constant(&module, number).unwrap() - start_of_code(&module)).encode(&mut notes);
            notes.push(symbol);
            notes.extend((kind == 4).then_some(0));
        }
        LinkingSection::new().symbol_table(&symbols).append_to(&mut module);
        CustomSection { name: "reloc.CODE".into(), data: notes.into() }.append_to(&mut module);
        CoreModule(module)
    }

    #[test]
    fn what_only_a_panic_needs_is_gone_and_the_rest_does_the_same() {
        let removed = remove(&linked()).without_linking();
        let has = |text: &str| memchr::memmem::find(&removed.0, text.as_bytes()).is_some();
        assert!(!has("only a panic") && has("kept"));
        let gone = [1001, 1002, 1003, 1005];
        assert!(gone.iter().all(|number| constant(&removed.0, *number).is_none()));
        let engine = wasmtime::Engine::default();
        let module = wasmtime::Module::new(&engine, &removed.0).unwrap();
        let mut store = wasmtime::Store::new(&engine, ());
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).unwrap();
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        assert_eq!(f.call(&mut store, 0).unwrap(), 1004);
        let trap = f.call(&mut store, 1).unwrap_err();
        assert_eq!(trap.downcast_ref(), Some(&wasmtime::Trap::UnreachableCodeReached));
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        assert_eq!(memory.data(&store)[0], 0, "the panic has run");
    }

    #[test]
    fn a_module_without_the_linkers_notes_stays_as_it_is() {
        let module = linked().without_linking();
        assert_eq!(remove(&module).0, module.0);
    }

    #[test]
    fn only_functions_that_do_nothing_but_panic_are_taken_for_such() {
        assert!(panics(PANIC));
        assert!(panics("_RNvNtNtCsdHhIpgkcIfN_4core5slice5index16slice_index_fail"));
        assert!(panics("_RNvNvMs_NtCsi9YzqDQQz2q_5alloc3vecINtB6_3VecppE6remove13assert_failed"));
        assert!(!panics(
            "_ZN4core5slice5index74_$LT$impl$u20$core..ops..index..Index$LT$I$GT$$u20$for$u20$$u5b$T$u5d$$GT$5index17h0123456789abcdefE"
        ));
        assert!(!panics("_ZN3std9panicking11panic_count17is_zero_slow_path17h0123456789abcdefE"));
        assert!(!panics("_ZN4mine9panicking5panic17h0123456789abcdefE"));
    }
}
