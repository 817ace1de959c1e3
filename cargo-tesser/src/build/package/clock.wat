;; The capability `clock`: `clock_time_get` of preview1 with the host's clocks.
(module
  (import "__main_module__" "cabi_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
  (import "wasi:clocks/wall-clock@0.2.0" "now" (func $wall-clock (param i32)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $monotonic-clock (result i64)))

  ;; Seconds and nanoseconds: 16 bytes of the plugin's memory, allocated once.
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
    (i32.const 0)))
