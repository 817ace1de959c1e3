//! Functions of the C library that a plugin defines itself, since it has no environment and no working directory.
//!
//! std calls them when it prints a panic. The functions of the library itself link its environment and, with that,
//! its allocator into every plugin: 9 KB for results that are known in advance.

use std::ffi::c_char;
use std::ptr;

/// Returns null: no variable is set.
#[unsafe(no_mangle)]
extern "C" fn getenv(_name: *const c_char) -> *mut c_char {
    ptr::null_mut()
}

/// Fails, so that `std::env::current_dir` returns an error.
#[unsafe(no_mangle)]
extern "C" fn getcwd(_buffer: *mut c_char, _size: usize) -> *mut c_char {
    ptr::null_mut()
}

/// The library's variable for the working directory, which it defines in the same object file as `getcwd`: without this
/// definition, a plugin that opens files, or is not optimized, would link both `getcwd`s and fail.
#[unsafe(no_mangle)]
static mut __wasilibc_cwd: *const c_char = c"/".as_ptr();
