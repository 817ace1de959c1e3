//! What a plugin may ask of the host, as far as its package says so.
//!
//! In: the capabilities of a package. Out: the adapter module that answers preview1 calls: sealed, or with just these
//! functions handed on to the host's WASI 0.2.0. What is answered here is the host's own answer, never made up.

use wit_component::StringEncoding;
use wit_parser::Resolve;

use super::settings::Capability;

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
pub(super) fn adapter(capabilities: &[Capability]) -> Result<Vec<u8>, String> {
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
