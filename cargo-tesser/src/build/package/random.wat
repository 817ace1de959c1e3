;; The capability `random`: `random_get` of preview1 with the host's random numbers.
(module
  (import "wasi:random/random@0.2.0" "get-random-u64" (func $random (result i64)))

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
    (i32.const 0)))
