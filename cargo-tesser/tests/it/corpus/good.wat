;; A sealed plugin that answers constants, in the shape that `cargo tesser build` gives to components. Every
;; case of the corpus differs from it in one way.
(component
  ;; types
  (type $primitives (instance
    (type $decimal' (record (field "value" string)))
    (export "decimal-value" (type $decimal (eq $decimal')))
    (type $side' (enum "buy" "sell"))
    (export "side" (type $side (eq $side')))
    (type $tick' (record
      (field "symbol" string) (field "price" $decimal) (field "size" $decimal)
      (field "side" $side) (field "timestamp-ms" s64)))
    (export "tick" (type (eq $tick')))
  ))
  (import "tesser:execution/primitives" (instance $types (type $primitives)))
  (alias export $types "tick" (type $tick))
  ;; imports
  (core module $m
    ;; module types
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))
    (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32)
      (result i32)
      (global.set $next (i32.add (global.get $next) (local.get $size)))
      (i32.sub (global.get $next) (local.get $size)))
    (func (export "init") (param i32 i32) (result i32) (i32.const 16))
    (func (export "on-tick") (param i32 i32 i32 i32 i32 i32 i32 i64) (result i32) (i32.const 32))
    (func (export "on-fill") (param i32 i32) (result i32) (i32.const 32))
    (func (export "on-timer") (result i32) (i32.const 32))
    (func (export "snapshot") (result i32) (i32.const 40))
    (func (export "restore") (param i32 i32))
    ;; The result `ok("{}")`, the string `{}`, the string `null`.
    (data (i32.const 16) "\00\00\00\00\40\00\00\00\02\00\00\00")
    (data (i32.const 32) "\40\00\00\00\02\00\00\00\44\00\00\00\04\00\00\00")
    (data (i32.const 64) "{}  null")
    ;; module
  )
  (core instance $i (instantiate $m (; arguments ;)))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "cabi_realloc" (core func $realloc))
  (func $init (param "config-json" string) (result (result string (error string)))
    (canon lift (core func $i "init") (memory $memory) (realloc $realloc)))
  (export "init" (func $init))
  (func $on-tick (param "tick" $tick) (result string)
    (canon lift (core func $i "on-tick") (memory $memory) (realloc $realloc)))
  (export "on-tick" (func $on-tick))
  (func $on-fill (param "fill-json" string) (result string)
    (canon lift (core func $i "on-fill") (memory $memory) (realloc $realloc)))
  (export "on-fill" (func $on-fill))
  (func $on-timer (result string)
    (canon lift (core func $i "on-timer") (memory $memory) (realloc $realloc)))
  (export "on-timer" (func $on-timer))
  (func $snapshot (result string)
    (canon lift (core func $i "snapshot") (memory $memory) (realloc $realloc)))
  (export "snapshot" (func $snapshot))
  (func $restore (param "state-json" string)
    (canon lift (core func $i "restore") (memory $memory) (realloc $realloc)))
  (export "restore" (func $restore))
  ;; end
)
