//! Installs missing parts from the distribution's packages, if the user allows it.
//!
//! In: the missing ingredients, and whether the user can be asked. Out: installed packages, or an error whose hint has
//! the commands. Nothing is ever removed, and nothing is installed without permission.

use crate::process::{self, Cmd};
use crate::shell::Shell;

use super::distro;
use super::env::Env;
use super::error::unless_interrupted;
use super::ingredients::Ingredient;
use super::{Error, Setup};

/// Recommended packages are documentation and debuggers. A conflicting package, such as another compiler, must be
/// removed by the user.
const INSTALL: &[&str] = &["install", "--no-install-recommends", "--no-remove"];

/// Installs packages that provide the missing ingredients. If there is no `apt-get`, or installing is not allowed or not
/// possible, the error says what to do.
///
/// # Errors
/// If nothing was installed.
pub(super) fn install(
    missing: &[Ingredient],
    options: &Setup,
    env: &Env,
    shell: Shell,
) -> Result<(), Error> {
    let unavailable = |more: &str| unavailable(env, missing, more);
    if !distro::here().apt {
        return Err(unavailable(""));
    }
    let sudo = sudo(env).ok_or_else(|| unavailable(", and `sudo` to install them"))?;
    let found = distro::packages(missing, &policy());
    let what = found.as_deref().map_or_else(|| listed(missing), quoted);
    let question = format!("Install {what} with `apt-get`?");
    let allowed = options.yes || options.interactive && shell.ask(question);
    if !allowed {
        return Err(not_allowed(env, missing));
    }
    if options.interactive && !sudo.is_empty() {
        // Asks for the password on the terminal now, before a spinner is drawn. `apt-get` reports a wrong one.
        let _ = Cmd::new("sudo").arg("--validate").run();
    }
    shell.status("Updating", "the package lists");
    let apt = Apt { sudo, shell };
    if let Err(error) = apt.run(&["update"]) {
        unless_interrupted()?;
        shell.note(format_args!("continuing with the current package lists: {error}"));
    }
    let packages = found
        .or_else(|| distro::packages(missing, &policy()))
        .ok_or_else(|| unavailable(", and this release does not package them"))?;
    shell.status("Installing", packages.join(", "));
    let failed = |source| Error::Packages {
        packages: quoted(&packages),
        advice: advice(env, missing),
        source,
    };
    // Waits for another installation, instead of failing.
    apt.run(&[&["-o", "DPkg::Lock::Timeout=600", "--yes"], INSTALL, &packages].concat())
        .map_err(failed)
}

/// Creates the error for installed packages that did not provide what is missing.
pub(super) fn still_missing(env: &Env, missing: &[Ingredient]) -> Error {
    unavailable(env, missing, ", although its packages were installed")
}

fn unavailable(env: &Env, missing: &[Ingredient], more: &str) -> Error {
    Error::Unavailable { what: lacks(missing) + more, advice: advice(env, missing) }
}

fn not_allowed(env: &Env, missing: &[Ingredient]) -> Error {
    let advice = advice(env, missing);
    let advice = format!("{advice}; or `cargo tesser setup --yes`, which installs packages");
    Error::Unavailable { what: lacks(missing), advice }
}

fn lacks(missing: &[Ingredient]) -> String {
    format!("to build it, this machine lacks {}", listed(missing))
}

/// Returns the commands that provide the missing ingredients on this machine, as a sentence.
pub(super) fn advice(env: &Env, missing: &[Ingredient]) -> String {
    let distro = distro::here();
    let packages = if distro.apt { distro::packages(missing, &policy()) } else { None };
    let advice = packages.map_or_else(
        || distro.advice(env.program("rustup").is_some()),
        |packages| format!("run `{}`, then `cargo tesser setup`", by_hand(&packages)),
    );
    // As root, sudo may not be installed.
    if is_root() { advice.replace("`sudo ", "`") } else { advice }
}

struct Apt {
    sudo: &'static [&'static str],
    shell: Shell,
}

impl Apt {
    fn run(&self, args: &[&str]) -> Result<(), process::Error> {
        // With `env`, because sudo drops variables.
        let program = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
        let mut words = self.sudo.iter().chain(&program).chain(args);
        let cmd = Cmd::new(words.next().unwrap_or(&"env")).args(words);
        self.shell.detail("Running", cmd.line());
        let _spinner = self.shell.progress("Running", "apt-get");
        cmd.read().map(drop)
    }
}

/// Returns the prefix for a command that only root may run; `None` if there is no way to run it.
fn sudo(env: &Env) -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    env.program("sudo").map(|_| &["sudo", "--non-interactive"][..])
}

fn is_root() -> bool {
    Cmd::new("id").arg("-u").read().is_ok_and(|id| id == "0")
}

fn policy() -> String {
    let cmd = Cmd::new("apt-cache").env("LC_ALL", "C").arg("policy").args(distro::known());
    cmd.read().unwrap_or_default()
}

fn by_hand(packages: &[&str]) -> String {
    ["sudo", "apt-get"].iter().chain(INSTALL).chain(packages).copied().collect::<Vec<_>>().join(" ")
}

fn quoted(packages: &[&str]) -> String {
    format!("`{}`", packages.join("`, `"))
}

fn listed(missing: &[Ingredient]) -> String {
    let words: Vec<_> = missing.iter().map(ToString::to_string).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_reads_as_a_sentence() {
        assert_eq!(listed(&[Ingredient::Libc]), "the C library `wasi-libc`");
        assert_eq!(
            listed(Ingredient::ALL),
            "a compiler with the sources of its standard library, the C library `wasi-libc` and \
             the linker `wasm-ld`"
        );
    }

    #[test]
    fn the_command_by_hand_can_be_pasted() {
        assert_eq!(
            by_hand(&["wasi-libc", "lld-19"]),
            "sudo apt-get install --no-install-recommends --no-remove wasi-libc lld-19"
        );
    }
}
