//! What a plugin may ask of the host, as far as its package says so.
//!
//! In: the capabilities of a package. Out: the adapter module that implements preview1 calls: sealed, or with just these
//! functions handed on to the host's WASI 0.2.0. What is answered here is the host's own answer, never made up.

use wit_component::StringEncoding;
use wit_parser::Resolve;

use crate::plugin::Capability;

const SEAL: &str = include_str!("seal.wat");

/// One capability's part of the adapter.
struct Part {
    imports: &'static str,
    functions: &'static str,
    /// Imports of the world that the adapter is typed by.
    world: &'static str,
}

const CLOCK: Part = Part {
    imports: r#"
  (import "__main_module__" "cabi_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
  (import "wasi:clocks/wall-clock@0.2.0" "now" (func $wall-clock (param i32)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $monotonic-clock (result i64)))"#,
    functions: r#"
  ;; Seconds and nanoseconds: 16 bytes of the plugin's memory, asked for once.
  (global $datetime (mut i32) (i32.const 0))
  (func (export "clock_time_get") (param $id i32) (param i64) (param $time i32) (result i32)
    (if (i32.eq (local.get $id) (i32.const 1))
      (then
        (i64.store (local.get $time) (call $monotonic-clock))
        (return (i32.const 0))))
    ;; 28 is `inval`: a clock of the process or thread, which the host does not have.
    (if (i32.ne (local.get $id) (i32.const 0)) (then (return (i32.const 28))))
    (if (i32.eqz (global.get $datetime))
      (then
        (global.set $datetime
          (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 16)))))
    (call $wall-clock (global.get $datetime))
    (i64.store (local.get $time)
      (i64.add
        (i64.mul (i64.load (global.get $datetime)) (i64.const 1000000000))
        (i64.load32_u offset=8 (global.get $datetime))))
    (i32.const 0))"#,
    world: "import wasi:clocks/wall-clock@0.2.0;\nimport wasi:clocks/monotonic-clock@0.2.0;\n",
};

const RANDOM: Part = Part {
    imports: r#"
  (import "wasi:random/random@0.2.0" "get-random-u64" (func $random (result i64)))"#,
    functions: r#"
  (func (export "random_get") (param $to i32) (param $length i32) (result i32)
    (local $bytes i64)
    (loop $eight
      (if (i32.ge_u (local.get $length) (i32.const 8))
        (then
          (i64.store (local.get $to) (call $random))
          (local.set $to (i32.add (local.get $to) (i32.const 8)))
          (local.set $length (i32.sub (local.get $length) (i32.const 8)))
          (br $eight))))
    (if (local.get $length) (then (local.set $bytes (call $random))))
    (loop $one
      (if (local.get $length)
        (then
          (i64.store8 (local.get $to) (local.get $bytes))
          (local.set $bytes (i64.shr_u (local.get $bytes) (i64.const 8)))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (local.set $length (i32.sub (local.get $length) (i32.const 1)))
          (br $one))))
    (i32.const 0))"#,
    world: "import wasi:random/random@0.2.0;\n",
};

/// What the adapter uses of WASI; the host has more of each.
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

/// The adapter for these capabilities.
pub(in crate::build) fn adapter(capabilities: &[Capability]) -> Result<Vec<u8>, String> {
    let parts: Vec<_> = capabilities
        .iter()
        .map(|capability| match capability {
            Capability::Clock => CLOCK,
            Capability::Random => RANDOM,
        })
        .collect();
    let all = |text: fn(&Part) -> &'static str| parts.iter().map(text).collect::<String>();
    let text = SEAL
        .replace("  ;; imports of capabilities", &all(|part| part.imports))
        .replace("  ;; functions of capabilities", &all(|part| part.functions));
    let mut adapter = wat::parse_str(text).map_err(|error| error.to_string())?;
    if !parts.is_empty() {
        let failed = |error| format!("{error:#}");
        let world = all(|part| part.world);
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
