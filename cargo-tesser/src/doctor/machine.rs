//! This machine: the tool, the compiler and its target, rustup, git, folders, variables.

use std::path::Path;

use super::check::{Check, Subject, Tool};
use crate::build::Survey;
use crate::git::git;
use crate::host_profile::{self, HOST};
use crate::process::Cmd;
use crate::toolchain::{self, Machine};
use crate::{fs, report};

pub(super) fn checks(machine: &Machine, tool: &Tool) -> Vec<Check> {
    let tool_check = Check::ok(Subject::Tool, format!("cargo-tesser {}", tool.version));
    let mut checks = vec![tool_check, host(), wasm_opt(tool), compiler(machine)];
    checks.extend(cargo(machine));
    // Without a compiler it would be the same error a second time.
    let toolchain = machine.toolchain.as_ref();
    let toolchain = toolchain.filter(|found| found.is_ok() || machine.compiler.is_ok());
    checks.extend(toolchain.map(target));
    checks.push(rustup(machine));
    checks.push(git_program());
    checks.push(cache(machine));
    checks.push(temporary_folder());
    checks.push(match Survey::variables() {
        Some(advice) => Check::advice(Subject::Variables, advice),
        None => Check::ok(Subject::Variables, "no variable changes what is built"),
    });
    checks
}

fn host() -> Check {
    let hosts = match host_profile::hosts() {
        Ok(hosts) => hosts,
        Err(error) => return Check::error(Subject::Host, &error, error.hint()),
    };
    let named = hosts.iter().map(|(profile, path)| match path {
        Some(path) => format!("`{}` from `{}`", profile.name, path.display()),
        None => format!("`{}`, built in", profile.name),
    });
    let named = named.collect::<Vec<_>>().join("; ");
    Check::ok(Subject::Host, format!("{named}; the default is `{HOST}`"))
}

fn wasm_opt(tool: &Tool) -> Check {
    match tool.wasm_opt {
        Some(version) => Check::ok(Subject::WasmOpt, format!("version {version}, built in")),
        None => Check::warning(
            Subject::WasmOpt,
            "this `cargo tesser` was built without wasm-opt",
            "name one with `cargo tesser build --wasm-opt <PATH>`",
        ),
    }
}

fn compiler(machine: &Machine) -> Check {
    let compiler = match &machine.compiler {
        Ok(compiler) => compiler,
        Err(error) => return Check::error(Subject::Compiler, error, error.hint()),
    };
    match Survey::check_compiler(&compiler.version) {
        Ok(()) => Check::ok(
            Subject::Compiler,
            format!("{}, `{}`", compiler.version.line, compiler.program.display()),
        ),
        Err(error) => Check::error(Subject::Compiler, &error, error.hint()),
    }
}

/// Without a compiler there is only one thing to say.
fn cargo(machine: &Machine) -> Option<Check> {
    machine.compiler.as_ref().ok()?;
    let cargo = machine.cargo();
    Some(match Cmd::new(&cargo).arg("--version").read() {
        Ok(version) => Check::ok(Subject::Cargo, format!("{version}, `{}`", cargo.display())),
        Err(error) => {
            let remedy = "install cargo beside the compiler, or unset `CARGO`".to_owned();
            Check::error(Subject::Cargo, &error, Some(remedy))
        }
    })
}

fn target(toolchain: &Result<toolchain::Toolchain, toolchain::Error>) -> Check {
    match toolchain {
        Ok(toolchain) => Check::ok(Subject::Target, toolchain.to_string()),
        Err(error) => Check::error(Subject::Target, error, error.hint()),
    }
}

fn rustup(machine: &Machine) -> Check {
    let Some(rustup) = &machine.rustup else {
        let text = match machine.toolchain {
            Some(Ok(_)) => "not found, and not needed: the target is there",
            _ => "not found; `cargo tesser setup` can do without it",
        };
        return Check::ok(Subject::Rustup, text);
    };
    let program = rustup.program.display();
    Check::ok(
        Subject::Rustup,
        match &rustup.toolchain {
            Some(name) => format!("`{program}`, toolchain `{name}`"),
            None if machine.compiler.is_err() => format!("`{program}`"),
            None => format!("`{program}`, which did not install the compiler in use"),
        },
    )
}

fn git_program() -> Check {
    match git().arg("--version").read() {
        Ok(version) => Check::ok(Subject::Git, version),
        Err(error) => Check::mild(
            Subject::Git,
            &error,
            "install git: without it, plugins name no commit and `new` creates no repository",
        ),
    }
}

fn cache(machine: &Machine) -> Check {
    let remedy = "set `CARGO_TESSER_CACHE` to a folder in which you may write; only `cargo tesser setup` without rustup needs it";
    let Some(dir) = &machine.cache else {
        return Check::warning(Subject::Cache, "this platform has no cache folder", remedy);
    };
    match folder(dir) {
        Ok(text) => Check::ok(Subject::Cache, text),
        Err(error) => Check::mild(Subject::Cache, &error, remedy),
    }
}

fn temporary_folder() -> Check {
    let dir = std::env::temp_dir();
    match fs::check_writable(&dir) {
        Ok(()) => Check::ok(Subject::TemporaryFolder, format!("`{}` is writable", dir.display())),
        Err(error) => {
            let remedy = "name another folder with `TMPDIR`".to_owned();
            Check::error(Subject::TemporaryFolder, &error, Some(remedy))
        }
    }
}

/// Returns the size of a folder in which files can be written; a missing one can be created.
pub(super) fn folder(dir: &Path) -> Result<String, fs::Error> {
    let there = dir.ancestors().find(|dir| fs::is_there(dir)).unwrap_or(dir);
    fs::check_writable(there)?;
    Ok(if there == dir {
        format!("`{}`, {}", dir.display(), report::size(fs::size(dir)))
    } else {
        format!("`{}` does not exist yet; it is created when it is needed", dir.display())
    })
}
