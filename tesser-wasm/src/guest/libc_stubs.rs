//! Two functions of C's library that a plugin defines itself: it has no environment and no directory.
//!
//! std asks for both when it prints a panic. The library's own ones bring its environment and, with that,
//! its allocator into every plugin: 9 KB to find out what is known here.

use std::ffi::c_char;
use std::ptr;

/// No variable is set.
#[unsafe(no_mangle)]
extern "C" fn getenv(_name: *const c_char) -> *mut c_char {
    ptr::null_mut()
}

/// Fails, so `std::env::current_dir` returns an error.
#[unsafe(no_mangle)]
extern "C" fn getcwd(_buffer: *mut c_char, _size: usize) -> *mut c_char {
    ptr::null_mut()
}

/// The working directory of the library, which defines it in the same object as `getcwd`: without this one
/// here, a plugin that opens files, or is not optimized, would get both `getcwd`s and not link.
#[unsafe(no_mangle)]
static mut __wasilibc_cwd: *const c_char = c"/".as_ptr();
