//! The sealing adapter, which implements preview1 calls inside of a component.
//!
//! In: the capabilities of a package. Out: the adapter module. The calls in `seal.wat` have empty results; those of a capability
//! (`clock.wat`, `random.wat`) pass to the host's WASI 0.2.0, and their results are the host's own.

use wast::Wat;
use wast::core::{Module, ModuleField, ModuleKind};
use wast::parser::{self, ParseBuffer};
use wast::token::Span;
use wit_component::StringEncoding;
use wit_parser::Resolve;

use crate::plugin::Capability;

const SEAL: &str = include_str!("seal.wat");

/// One capability's part of the adapter.
struct Part {
    /// A module with its imports and functions, which uses the memory of `seal.wat`.
    module: &'static str,
    /// Imports of the world that types the adapter.
    world: &'static str,
}

const CLOCK: Part = Part {
    module: include_str!("clock.wat"),
    world: "import wasi:clocks/wall-clock@0.2.0;\nimport wasi:clocks/monotonic-clock@0.2.0;\n",
};

const RANDOM: Part =
    Part { module: include_str!("random.wat"), world: "import wasi:random/random@0.2.0;\n" };

/// The parts of WASI that the adapter uses; the host has more of each.
const WASI: &str = "
package wasi:clocks@0.2.0 {
  interface wall-clock {
    record datetime { seconds: u64, nanoseconds: u32 }
    now: func() -> datetime;
  }
  interface monotonic-clock { type instant = u64; now: func() -> instant; }
}
package wasi:random@0.2.0 { interface random { get-random-u64: func() -> u64; } }
";

/// Returns the adapter for these capabilities.
pub(in crate::build) fn adapter(capabilities: &[Capability]) -> Result<Vec<u8>, String> {
    let parts: Vec<_> = capabilities
        .iter()
        .map(|capability| match capability {
            Capability::Clock => CLOCK,
            Capability::Random => RANDOM,
        })
        .collect();
    let modules = std::iter::once(SEAL).chain(parts.iter().map(|part| part.module));
    let mut adapter = merged(modules).map_err(|error| error.to_string())?;
    if !parts.is_empty() {
        let failed = |error| format!("{error:#}");
        let world: String = parts.iter().map(|part| part.world).collect();
        let wit = format!("package tesser:capabilities;\nworld capabilities {{\n{world}}}\n{WASI}");
        let mut resolve = Resolve::default();
        let package = resolve.push_str("capabilities.wit", &wit).map_err(failed)?;
        let world = resolve.select_world(&[package], Some("capabilities")).map_err(failed)?;
        wit_component::embed_component_metadata(
            &mut adapter,
            &resolve,
            world,
            StringEncoding::UTF8,
            false,
        )
        .map_err(failed)?;
    }
    Ok(adapter)
}

/// Merges modules in text form into one binary module. They share one space of names, and imports come first.
fn merged<'a>(modules: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, wast::Error> {
    let buffers = modules.map(ParseBuffer::new).collect::<Result<Vec<_>, _>>()?;
    let mut fields = Vec::new();
    for buffer in &buffers {
        if let Wat::Module(Module { kind: ModuleKind::Text(text), .. }) = parser::parse(buffer)? {
            fields.extend(text);
        }
    }
    fields.sort_by_key(|field| !matches!(field, ModuleField::Import(_)));
    let span = Span::from_offset(0);
    Module { span, id: None, name: None, kind: ModuleKind::Text(fields) }.encode()
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Extern, Func, Instance, Memory, MemoryType, Module, Store};

    use super::*;

    /// The adapter with a host that says 7 s and 5 ns, then 9 ns, and a known random number.
    fn adapted(store: &mut Store<()>) -> (Instance, Memory) {
        let bytes = adapter(&[Capability::Clock, Capability::Random]).unwrap();
        let module = Module::new(store.engine(), bytes).unwrap();
        let memory = Memory::new(&mut *store, MemoryType::new(1, None)).unwrap();
        let imports: Vec<Extern> = module
            .imports()
            .map(|import| match (import.module(), import.name()) {
                ("env", "memory") => memory.into(),
                (_, "cabi_realloc") => {
                    Func::wrap(&mut *store, |_: i32, _: i32, _: i32, _: i32| 64).into()
                }
                ("wasi:clocks/wall-clock@0.2.0", "now") => {
                    Func::wrap(&mut *store, move |mut caller: wasmtime::Caller<'_, ()>, to: i32| {
                        let to = usize::try_from(to).unwrap();
                        memory.write(&mut caller, to, &7_u64.to_le_bytes()).unwrap();
                        memory.write(&mut caller, to + 8, &5_u32.to_le_bytes()).unwrap();
                    })
                    .into()
                }
                ("wasi:clocks/monotonic-clock@0.2.0", "now") => {
                    Func::wrap(&mut *store, || 9_i64).into()
                }
                ("wasi:random/random@0.2.0", "get-random-u64") => {
                    Func::wrap(&mut *store, || 0x0807_0605_0403_0201_i64).into()
                }
                other => panic!("{other:?}"),
            })
            .collect();
        (Instance::new(store, &module, &imports).unwrap(), memory)
    }

    #[test]
    fn clocks_and_random_numbers_are_the_hosts() {
        let mut store = Store::new(&Engine::default(), ());
        let (adapter, memory) = adapted(&mut store);
        let clock =
            adapter.get_typed_func::<(i32, i64, i32), i32>(&mut store, "clock_time_get").unwrap();
        let read = |store: &Store<()>| {
            u64::from_le_bytes(memory.data(store)[128..136].try_into().unwrap())
        };
        assert_eq!(clock.call(&mut store, (0, 1, 128)).unwrap(), 0);
        assert_eq!(read(&store), 7_000_000_005);
        assert_eq!(clock.call(&mut store, (1, 1, 128)).unwrap(), 0);
        assert_eq!(read(&store), 9);
        assert_eq!(clock.call(&mut store, (2, 1, 128)).unwrap(), 28);
        assert_eq!(read(&store), 9);
        let random = adapter.get_typed_func::<(i32, i32), i32>(&mut store, "random_get").unwrap();
        for length in [0, 1, 7, 8, 9, 19] {
            memory.data_mut(&mut store)[255..300].fill(0xff);
            assert_eq!(random.call(&mut store, (256, length)).unwrap(), 0);
            let length = usize::try_from(length).unwrap();
            let expected: Vec<u8> = (1..=8).cycle().take(length).collect();
            let bytes = memory.data(&store);
            assert_eq!(bytes[256..256 + length], expected);
            assert_eq!((bytes[255], bytes[256 + length]), (0xff, 0xff), "{length}");
        }
    }

    #[test]
    fn an_adapter_has_only_what_was_asked_for() {
        let imports = |capabilities: &[Capability]| {
            let module = Module::new(&Engine::default(), adapter(capabilities).unwrap()).unwrap();
            let names = module.imports().map(|import| import.module().to_owned());
            names.filter(|name| name.starts_with("wasi:")).collect::<Vec<_>>()
        };
        assert!(imports(&[]).is_empty());
        assert_eq!(imports(&[Capability::Random]), ["wasi:random/random@0.2.0"]);
    }
}
