;; What the host answers to the preview1 calls that Rust's std always links: nothing.
;; No arguments, no environment, no files, and a closed stdin, stdout and stderr, just as in the empty
;; WASI context of the real host. Only calls whose answer carries no information belong here: a made-up
;; clock or random number would be believed.
(module
  (import "env" "memory" (memory 0))

  ;; Both write a count and a size: no strings at all.
  (func $none (param $count i32) (param $size i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $size) (i32.const 0))
    (i32.const 0))
  (func $nothing-to-copy (param i32 i32) (result i32) (i32.const 0))
  (export "args_sizes_get" (func $none))
  (export "args_get" (func $nothing-to-copy))
  (export "environ_sizes_get" (func $none))
  (export "environ_get" (func $nothing-to-copy))

  ;; 8 is `badf`: no such descriptor. std takes it for a closed stream and goes on in silence.
  (func (export "fd_close") (param i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_write") (param i32 i32 i32 i32) (result i32) (i32.const 8))

  (func (export "sched_yield") (result i32) (i32.const 0))

  ;; There is no process to leave, so the instance stops.
  (func (export "proc_exit") (param i32) unreachable)
)
