//! Checks that a toolchain works, by compiling a plugin of five lines.
//!
//! In: a toolchain. Out: nothing, or the compiler's error. Its output is removed afterwards.

use crate::fs;
use crate::process::Cmd;

use super::{Error, Toolchain};

/// A plugin that allocates and formats, so that the standard library and the C library are really linked.
const PLUGIN: &str = r#"
#[no_mangle]
pub extern "C" fn answer(of: u32) -> usize {
    let words: Vec<String> = (0..of).map(|word| word.to_string()).collect();
    words.join(",").len()
}
"#;

/// Compiles with the settings of a plugin's release build, which also needs the bitcode of the libraries.
///
/// # Errors
/// If it does not compile or link.
pub(super) fn compile(toolchain: &Toolchain) -> Result<(), Error> {
    let dir = fs::scratch_dir()?;
    let (source, module) = (dir.path().join("trial.rs"), dir.path().join("trial.wasm"));
    fs::write_new(&source, PLUGIN.as_bytes())?;
    let mut cmd = Cmd::new(&toolchain.rustc)
        .args(["--edition", "2021", "--crate-type", "cdylib", "--target", &toolchain.target])
        .args(["-Copt-level=3", "-Clto=fat", "-Cpanic=abort", "-o"])
        .arg(&module)
        .arg(&source);
    if let Some(sysroot) = &toolchain.sysroot {
        cmd = cmd.arg("--sysroot").arg(sysroot);
    }
    if let Some(linker) = &toolchain.linker {
        cmd = cmd.arg("-C").arg(format!("linker={}", linker.display()));
    }
    let source = match cmd.read() {
        Ok(_) if fs::read(&module)?.starts_with(b"\0asm") => return Ok(()),
        Ok(_) => None,
        Err(error) => Some(error),
    };
    Err(Error::Trial {
        toolchain: toolchain.to_string(),
        sysroot: toolchain.sysroot.clone(),
        source,
    })
}
