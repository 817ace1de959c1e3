//! `cargo tesser inspect`: what is in a file, be it broken.

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, chase, core_module, root};

fn inspect(sandbox: &Sandbox, bytes: impl AsRef<[u8]>) -> String {
    sandbox.write("file.wasm", bytes);
    sandbox.tesser("", &["inspect", "file.wasm"]).expect(0).stdout
}

fn inspect_json(sandbox: &Sandbox, bytes: impl AsRef<[u8]>) -> Value {
    sandbox.write("file.wasm", bytes);
    let run = sandbox.tesser("", &["inspect", "--format", "json", "file.wasm"]).expect(0);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Sizes and compilers differ from machine to machine, offsets with the SDK.
fn without_sizes(text: &str) -> String {
    let line = |line: &str| {
        if let Some((before, _)) = line.split_once("(offset ") {
            return format!("{before}(offset [AT])");
        }
        let tail = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        match tail.strip_prefix("  ") {
            Some(name) => format!("  [SIZE]  {name}"),
            None => line.split("rustc ").next().unwrap_or_default().trim_end().to_owned(),
        }
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn a_plugin_says_what_it_is() {
    let run = Sandbox::new().tesser("", &["inspect", chase().to_str().unwrap()]).expect(0);
    assert!(run.stdout.lines().all(|line| line.trim_end() == line), "{}", run.stdout);
    assert!(run.stdout.contains("  processed-by: rustc 1."), "{}", run.stdout);
    assert_data_eq!(
        without_sizes(&run.stdout),
        str![[r#"
[TARGET]/tesser/release/it_chase.wasm: component
  [SIZE] bytes, sha256 [HASH]

ABI: matches 0.9, built for 0.9
capabilities: none, the plugin is sealed

metadata:
  name: it-chase
  version: 0.1.0
  processed-by: wit-component 0.262.0
  processed-by:
  processed-by: cargo-tesser 0.10.0
  language: Rust
  sdk: tesser-wasm 0.10.0
  built from: it-chase 0.1.0
  built by: cargo-tesser 0.10.0,
  built for: wasm32-wasip1, profile release
  built with: tesser-wasm 0.10.0, wasm-opt version 116 -Oz --const-hoisting --reorder-functions

WIT:
  package root:component;

  world root {
    import tesser:execution/primitives;
    use tesser:execution/primitives.{tick};

    export init: func(config-json: string) -> result<string, string>;
    export on-tick: func(tick: tick) -> string;
    export on-fill: func(fill-json: string) -> string;
    export on-timer: func() -> string;
    export snapshot: func() -> string;
    export restore: func(state-json: string);
  }
  package tesser:execution {
    interface primitives {
      record decimal-value {
        value: string,
      }

      enum side {
        buy,
        sell,
      }

      record tick {
        symbol: string,
        price: decimal-value,
        size: decimal-value,
        side: side,
        timestamp-ms: s64,
      }
    }
  }

bytes by section:
  [SIZE]  headers
  [SIZE]  types
  [SIZE]  imports
  [SIZE]  functions, tables, instances and the like
  [SIZE]  module 0: headers
  [SIZE]  module 0: types
  [SIZE]  module 0: imports
  [SIZE]  module 0: functions, tables, instances and the like
  [SIZE]  module 0: exports
  [SIZE]  module 0: elements
  [SIZE]  module 0: code
  [SIZE]  module 0: data
  [SIZE]  module 0: custom `tesser:params`
  [SIZE]  module 1: headers
  [SIZE]  module 1: types
  [SIZE]  module 1: imports
  [SIZE]  module 1: functions, tables, instances and the like
  [SIZE]  module 1: exports
  [SIZE]  module 1: code
  [SIZE]  module 2: headers
  [SIZE]  module 2: types
  [SIZE]  module 2: functions, tables, instances and the like
  [SIZE]  module 2: exports
  [SIZE]  module 2: code
  [SIZE]  module 3: headers
  [SIZE]  module 3: types
  [SIZE]  module 3: imports
  [SIZE]  module 3: elements
  [SIZE]  exports
  [SIZE]  custom `producers`
  [SIZE]  custom `component-name`
  [SIZE]  custom `version`
  [SIZE]  custom `tesser:plugin`

bytes of code by crate:
  unknown: the functions have no names, as in every stripped file

"#]]
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn the_sections_together_are_the_file() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    let core = std::fs::read(core_module("release", "it_chase.wasm")).unwrap();
    for bytes in [&good[..], &core, &good[..good.len() / 2], &good[..9], b"\0asm", b"text", b""] {
        let told = inspect_json(&sandbox, bytes);
        let rows = told["sections"].as_array().unwrap().iter();
        let sum: u64 = rows.map(|row| row["bytes"].as_u64().unwrap()).sum();
        assert_eq!(sum, bytes.len() as u64);
        assert_eq!(told["size"], bytes.len());
    }
}

#[test]
fn a_core_module_shows_its_names_and_what_it_asks_for() {
    let text = r#"(module $mine
        (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
        (func $_ZN4mine5start17h0123456789abcdefE (export "init") nop nop)
        (func $main nop)
        (func nop)
        (memory (export "memory") 1))"#;
    let told = inspect(&Sandbox::new(), wat::parse_str(text).unwrap());
    assert_data_eq!(
        told,
        str![[r#"
file.wasm: core module
  [SIZE] bytes, sha256 [HASH]

ABI: does not match 0.9
  there is no export `on-tick`
  there is no export `on-fill`
  there is no export `on-timer`
  there is no export `snapshot`
  there is no export `restore`
capabilities: wasi_snapshot_preview1

metadata:
  name: mine
  nothing from `cargo tesser build`

imports:
  wasi_snapshot_preview1 clock_time_get

exports:
  init: func
  memory: memory

bytes by section:
          8  headers
         13  types
         43  imports
         11  functions, tables, instances and the like
         19  exports
         16  code
         59  custom `name`

bytes of code by crate:
          4  mine
          3  exports, libc and other plain names
          3  functions without a name

"#]]
    );
}

#[test]
fn a_component_says_what_it_needs_and_where_it_differs() {
    let text = r#"(component
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64)))))
        (import "wasi:clocks/wall-clock@0.2.0" (instance (export "resolution" (func (result u64)))))
        (import "f" (func $f (result string)))
        (export "snapshot" (func $f)) (export "init" (func $f)))"#;
    let told = inspect(&Sandbox::new(), wat::parse_str(text).unwrap());
    assert_data_eq!(
        told,
        str![[r#"
file.wasm: component
  [SIZE] bytes, sha256 [HASH]

ABI: does not match 0.9
  `init`: the number of parameters should be `1` and is `0`
  `init`: the result should be `result<string, string>` and is `string`
  there is no export `on-tick`, which should be `func(record { symbol: string, price: record { value: string }, size: record { value: string }, side: enum { buy, sell }, timestamp-ms: s64 }) -> string`
  there is no export `on-fill`, which should be `func(string) -> string`
  there is no export `on-timer`, which should be `func() -> string`
  there is no export `restore`, which should be `func(string)`
capabilities: f, wasi:clocks

metadata:
  nothing from `cargo tesser build`

WIT:
  package root:component;

  world root {
    import wasi:clocks/monotonic-clock@0.2.0;
    import wasi:clocks/wall-clock@0.2.0;
    import f: func() -> string;

    export snapshot: func() -> string;
    export init: func() -> string;
  }
  package wasi:clocks@0.2.0 {
    interface monotonic-clock {
      now: func() -> u64;
    }
    interface wall-clock {
      resolution: func() -> u64;
    }
  }

bytes by section:
          8  headers
         50  types
         83  imports
         25  exports
         24  custom `component-name`

bytes of code by crate:
  unknown: the functions have no names, as in every stripped file

"#]]
    );
}

#[test]
fn a_broken_file_tells_what_it_can() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    assert_data_eq!(
        without_sizes(&inspect(&sandbox, &good[..2000])),
        str![[r#"
file.wasm: component
  [SIZE] bytes, sha256 [HASH]
  broken: unexpected end-of-file (offset [AT])
capabilities: unknown, since the file is damaged

metadata:
  nothing from `cargo tesser build`

imports:
  tesser:execution/primitives
  tick

bytes by section:
  [SIZE]  headers
  [SIZE]  types
  [SIZE]  imports
  [SIZE]  functions, tables, instances and the like
  [SIZE]  module 0: headers
  [SIZE]  module 0: types
  [SIZE]  module 0: imports
  [SIZE]  module 0: functions, tables, instances and the like
  [SIZE]  module 0: exports
  [SIZE]  module 0: elements
  [SIZE]  module 0: code
  [SIZE]  not parsed

bytes of code by crate:
  unknown: the functions have no names, as in every stripped file

"#]]
    );
    assert_data_eq!(
        inspect(&sandbox, "(component)"),
        str![[r#"
file.wasm: not WebAssembly
  [SIZE] bytes, sha256 [HASH]

"#]]
    );
}

/// Whether something is sealed is not known of what cannot be read.
#[test]
fn capabilities_that_are_not_known_are_not_none() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    let capabilities = |bytes: &[u8]| inspect_json(&sandbox, bytes)["capabilities"].clone();
    assert_eq!(capabilities(&good), serde_json::json!([]));
    assert!(capabilities(&good[..1000]).is_null());
    assert!(capabilities(b"garbage").is_null());
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let run = Sandbox::new().tesser("", &["inspect", "."]).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: cannot read `.`

Caused by:
  this is a folder, not a file
hint: run `cargo tesser validate` on the folder to check the `.wasm` files in it

"#]]
    );
}

#[test]
fn names_in_a_file_are_harmless() {
    let sandbox = Sandbox::new();
    let name = format!("\\1b[31m\\u{{202e}}\\0a{}", "x".repeat(300));
    let text = format!(
        "(module ${name:?} (import {name:?} {name:?} (func)) (func (export {name:?})) (@custom {name:?} \"\"))"
    );
    let text = text.replace("\\\\", "\\").replace("$\"", "(@name \"").replacen(
        "\" (import",
        "\") (import",
        1,
    );
    let bytes = wat::parse_str(text).unwrap();
    for told in [inspect(&sandbox, &bytes), inspect_json(&sandbox, &bytes).to_string()] {
        assert!(!told.contains(['\x1b', '\u{202e}']) && !told.contains(&"x".repeat(201)), "{told}");
        assert!(told.matches("[31m").count() >= 4, "{told}");
    }
}

#[test]
fn components_within_components_have_an_end() {
    let mut bytes = wat::parse_str("(component)").unwrap();
    for _ in 0..1000 {
        let mut outer = wasm_encoder::Component::new();
        outer.section(&wasm_encoder::RawSection { id: 4, data: &bytes });
        bytes = outer.finish();
    }
    let told = inspect(&Sandbox::new(), bytes);
    assert!(told.contains("nested too deep") && told.len() < 100_000, "{}", told.len());
}

#[test]
fn mutated_plugins_never_make_it_panic() {
    let good = std::fs::read(chase()).unwrap();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % limit as u64).unwrap()
    };
    // The code is most of a plugin and the least of what is read here.
    let outside: Vec<usize> = (0..2000).chain(good.len() - 6000..good.len()).collect();
    let mut valid = 0;
    for _ in 0..300 {
        let mut bytes = good.clone();
        for _ in 0..=below(3) {
            let at = outside[below(outside.len())];
            bytes[at] = u8::try_from(below(256)).unwrap();
        }
        bytes.truncate(good.len() - below(4) * below(good.len() / 4));
        let told = cargo_tesser::inspect::inspect_bytes(std::path::Path::new("x"), &bytes).unwrap();
        valid += u32::from(told.problem.is_none());
        let sum: u64 = told.sections.iter().map(|row| row.bytes).sum();
        assert_eq!(sum, bytes.len() as u64);
    }
    assert!(valid > 0, "no mutant was valid, so little was tried");
}

/// `cargo xtask bench size` says where the bytes are, and writes the baseline anew.
#[test]
fn the_chase_plugin_is_at_most_two_percent_above_its_baseline() {
    let path = root().join("xtask/src/bench/size-baseline.toml");
    let baseline = std::fs::read_to_string(path).unwrap();
    let baseline: u64 = baseline.rsplit("= ").next().unwrap().trim().parse().unwrap();
    let size = std::fs::metadata(chase()).unwrap().len();
    assert!(size * 100 <= baseline * 102, "{size} bytes, and the baseline is {baseline}");
}
