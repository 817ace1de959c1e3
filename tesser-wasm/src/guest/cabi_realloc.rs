//! What the generated bindings need beside the standard library: memory for the host's arguments, and
//! constructors.

use std::alloc::{Layout, alloc, realloc};
use std::arch::wasm32::unreachable;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

/// The host asks here for memory into which it copies an argument: a new block, or a larger one.
///
/// # Safety
/// By the canonical ABI: a new block has `old_length` 0; else `old` is a block of `old_length` bytes that came
/// from here with the same `align`, a power of two.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_length: usize,
    align: usize,
    new_length: usize,
) -> *mut u8 {
    if old_length == 0 && new_length == 0 {
        return ptr::without_provenance_mut(align);
    }
    // SAFETY: the host keeps to the contract above. A block of no bytes is never asked of the allocator.
    let block = unsafe {
        if old_length == 0 {
            alloc(Layout::from_size_align_unchecked(new_length, align))
        } else {
            realloc(old, Layout::from_size_align_unchecked(old_length, align), new_length)
        }
    };
    if block.is_null() {
        // Without a text: what prints it would be in every plugin.
        unreachable()
    }
    block
}

/// Refers to the function above, so that the linker sees it in time to export it.
pub(super) fn maybe_link_cabi_realloc() {
    #[used]
    static EXPORTED: unsafe extern "C" fn(*mut u8, usize, usize, usize) -> *mut u8 = cabi_realloc;
}

/// Runs the constructors of C libraries, only before the first call.
pub(super) fn run_ctors_once() {
    static DONE: AtomicBool = AtomicBool::new(false);
    unsafe extern "C" {
        /// Made by the linker. Since it is called here, the exports do not call it each time.
        fn __wasm_call_ctors();
    }
    if !DONE.load(Ordering::Relaxed) {
        // SAFETY: the linker's own function takes nothing and is called once.
        unsafe { __wasm_call_ctors() };
        DONE.store(true, Ordering::Relaxed);
    }
}
