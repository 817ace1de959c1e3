;; The preview1 calls that Rust's std always links, with empty results: no arguments, no environment, no
;; files, and a closed stdin, stdout and stderr, as in the empty WASI context of the real host. Only calls
;; whose result carries no information belong here: a plugin would rely on a fake clock or random number.
(module
  (import "env" "memory" (memory 0))

  ;; Both write a count and a size of zero: there are no strings.
  (func $none (param $count i32) (param $size i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $size) (i32.const 0))
    (i32.const 0))
  (func $nothing-to-copy (param i32 i32) (result i32) (i32.const 0))
  (export "args_sizes_get" (func $none))
  (export "args_get" (func $nothing-to-copy))
  (export "environ_sizes_get" (func $none))
  (export "environ_get" (func $nothing-to-copy))

  ;; 8 is `badf`, no such descriptor. std takes it for a closed stream and continues silently.
  (func (export "fd_close") (param i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 8))

  ;; stdout and stderr are closed, too, but text written there is kept in a page of memory, which the local engine reads
  ;; after a panic. The page begins with `tesser:stderr`, zeros up to byte 16, and the length of the text. It is allocated at
  ;; the first write. If a text does not fit, it replaces the earlier ones: the last text matters most.
  (global $page (mut i32) (i32.const 0))
  (func $keep (param $text i32) (param $length i32)
    (local $used i32)
    (if (i32.eqz (global.get $page))
      (then
        (global.set $page (i32.shl (memory.grow (i32.const 1)) (i32.const 16)))
        (if (i32.eq (global.get $page) (i32.const -65536))
          (then (global.set $page (i32.const 0)) (return)))
        (i64.store (global.get $page) (i64.const 0x733a726573736574))
        (i64.store offset=8 (global.get $page) (i64.const 0x0000007272656474))))
    (local.set $used (i32.load offset=16 (global.get $page)))
    (if (i32.gt_u (local.get $length) (i32.const 65516)) (then (return)))
    (if (i32.gt_u (i32.add (local.get $used) (local.get $length)) (i32.const 65516))
      (then (local.set $used (i32.const 0))))
    (memory.copy
      (i32.add (i32.add (global.get $page) (i32.const 20)) (local.get $used))
      (local.get $text)
      (local.get $length))
    (i32.store offset=16 (global.get $page) (i32.add (local.get $used) (local.get $length))))
  (func (export "fd_write") (param $fd i32) (param $pieces i32) (param $count i32) (param i32) (result i32)
    (if (i32.le_u (i32.sub (local.get $fd) (i32.const 1)) (i32.const 1))
      (then
        (loop $next
          (if (local.get $count)
            (then
              (call $keep (i32.load (local.get $pieces)) (i32.load offset=4 (local.get $pieces)))
              (local.set $pieces (i32.add (local.get $pieces) (i32.const 8)))
              (local.set $count (i32.sub (local.get $count) (i32.const 1)))
              (br $next))))))
    (i32.const 8))

  (func (export "sched_yield") (result i32) (i32.const 0))

  ;; There is no process to exit, so the instance traps.
  (func (export "proc_exit") (param i32) unreachable))
