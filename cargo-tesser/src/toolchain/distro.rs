//! Finds out the distribution, and how to get the target there.
//!
//! In: `/etc/os-release`, and for Debian and its derivatives the output of `apt-cache policy`. Out: commands for the user,
//! or the packages to install. This module runs and installs nothing.

use crate::fs;

use super::ingredients::Ingredient;

/// The oldest compiler that the SDK supports.
const MINIMUM: (u64, u64) = (1, 85);

/// A platform, and the commands to get a compiler that has the target.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Distro {
    /// `ID` or a word of `ID_LIKE` in os-release.
    ids: &'static [&'static str],
    /// Whether `apt-get` installs packages here.
    pub apt: bool,
    /// The commands, in order.
    commands: &'static [&'static str],
}

/// The first row that matches is used.
const DISTROS: &[Distro] = &[
    Distro {
        ids: &["debian", "ubuntu"],
        apt: true,
        // The packages depend on the release: see `packages`.
        commands: &[],
    },
    Distro {
        ids: &["fedora", "rhel", "centos", "amzn"],
        apt: false,
        commands: &["sudo dnf install rust cargo rust-std-static-wasm32-wasip1 lld"],
    },
    Distro {
        ids: &["arch"],
        apt: false,
        commands: &["sudo pacman -S --needed rust rust-wasm lld"],
    },
    Distro {
        ids: &["nixos"],
        apt: false,
        commands: &[
            "nix-shell -p rustup",
            "rustup toolchain install stable --target wasm32-wasip1",
        ],
    },
    Distro {
        ids: &["alpine"],
        apt: false,
        commands: &["apk add rustup gcc musl-dev", "rustup-init --target wasm32-wasip1"],
    },
    Distro {
        ids: &["suse", "opensuse"],
        apt: false,
        commands: &[
            "sudo zypper install rustup",
            "rustup toolchain install stable --target wasm32-wasip1",
        ],
    },
    Distro {
        ids: &["macos"],
        apt: false,
        commands: &[
            "brew install rustup",
            "export PATH=\"$(brew --prefix rustup)/bin:$PATH\"",
            "rustup toolchain install stable --target wasm32-wasip1",
        ],
    },
    Distro {
        ids: &["windows"],
        apt: false,
        commands: &[
            "winget install Rustlang.Rustup",
            "rustup toolchain install stable --target wasm32-wasip1",
        ],
    },
];

/// Any other platform: rustup works everywhere.
const OTHER: Distro = Distro { ids: &[], apt: false, commands: &[] };

/// Returns the current platform.
pub(super) fn here() -> &'static Distro {
    if cfg!(any(target_os = "macos", windows)) {
        return named([std::env::consts::OS]);
    }
    let text = ["/etc/os-release", "/usr/lib/os-release"]
        .iter()
        .find_map(|path| fs::read_text(path.as_ref()).ok());
    named(ids(&text.unwrap_or_default()).iter().map(String::as_str))
}

fn named<'a>(ids: impl IntoIterator<Item = &'a str>) -> &'static Distro {
    ids.into_iter()
        .find_map(|id| DISTROS.iter().find(|distro| distro.ids.contains(&id)))
        .unwrap_or(&OTHER)
}

/// Returns `ID` and then `ID_LIKE` of os-release.
fn ids(os_release: &str) -> Vec<String> {
    let field = |name: &str| {
        os_release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or("")
    };
    [field("ID"), field("ID_LIKE")]
        .iter()
        .flat_map(|value| value.trim().trim_matches(['"', '\'']).split_whitespace())
        .map(str::to_lowercase)
        .collect()
}

impl Distro {
    /// Returns as a sentence what to run to get a compiler that has the target.
    pub fn advice(&self, has_rustup: bool) -> String {
        let by_rustup = self.commands.iter().any(|command| command.contains("rustup"));
        match self.commands {
            commands if has_rustup && (by_rustup || commands.is_empty()) => {
                "run `rustup target add wasm32-wasip1` with network access".to_owned()
            }
            [] => "install Rust from https://rustup.rs, then run `rustup target add wasm32-wasip1`"
                .to_owned(),
            commands => format!("run `{}`", commands.join("`, then `")),
        }
    }
}

/// A way to get a compiler from Debian or its derivatives.
struct Recipe {
    packages: &'static [&'static str],
    /// The package whose version must be new enough.
    decisive: &'static str,
    /// Whether it contains the target, so that nothing needs to be built.
    ready: bool,
}

/// The best one first. The `-web` packages are newer compilers in stable releases, for building browsers.
const RECIPES: &[Recipe] = &[
    Recipe {
        packages: &["rustc", "cargo", "libstd-rust-dev-wasm32"],
        decisive: "libstd-rust-dev-wasm32",
        ready: true,
    },
    Recipe {
        packages: &["rustc-web", "cargo-web", "rust-web-src"],
        decisive: "rust-web-src",
        ready: false,
    },
    Recipe { packages: &["rustc", "cargo", "rust-src"], decisive: "rust-src", ready: false },
];

const LIBC: &str = "wasi-libc";

/// Unversioned `lld` is too old in stable releases, so it comes last.
const LINKERS: &[&str] = &["lld-19", "lld"];

/// Returns all packages whose candidate version `packages` needs.
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    RECIPES.iter().map(|recipe| recipe.decisive).chain([LIBC]).chain(LINKERS.iter().copied())
}

/// Returns the packages that provide what is missing, given the output of `apt-cache policy` for `known`; `None` if this
/// release has no
/// such packages.
pub(super) fn packages(missing: &[Ingredient], policy: &str) -> Option<Vec<&'static str>> {
    let lacks = |ingredient| missing.contains(&ingredient);
    let mut packages = Vec::new();
    let mut ready = false;
    if lacks(Ingredient::Sources) {
        let new_enough = |recipe: &&Recipe| candidate(policy, recipe.decisive) >= Some(MINIMUM);
        let recipe = RECIPES.iter().find(new_enough)?;
        packages.extend(recipe.packages);
        ready = recipe.ready;
    }
    if lacks(Ingredient::Libc) && !ready {
        candidate(policy, LIBC)?;
        packages.push(LIBC);
    }
    if lacks(Ingredient::Linker) {
        packages.push(LINKERS.iter().find(|name| candidate(policy, name).is_some())?);
    }
    Some(packages)
}

/// Returns the candidate version of a package as major and minor.
fn candidate(policy: &str, package: &str) -> Option<(u64, u64)> {
    let entry = policy.lines().skip_while(|line| line.strip_suffix(':') != Some(package)).skip(1);
    let version = entry
        .take_while(|line| line.starts_with(' '))
        .find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    let upstream = version.split_once(':').map_or(version, |(_epoch, rest)| rest);
    let mut numbers = upstream.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOKWORM: &str = "\
libstd-rust-dev-wasm32:
  Installed: (none)
  Candidate: 1.63.0+dfsg1-2
  Version table:
     1.63.0+dfsg1-2 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
rust-web-src:
  Installed: (none)
  Candidate: 1.96.0+dfsg1-1~deb12u2
rust-src:
  Installed: 1.63.0+dfsg1-2
  Candidate: 1.63.0+dfsg1-2
wasi-libc:
  Installed: (none)
  Candidate: 0.0~git20220510.9886d3d-2
lld-19:
  Installed: (none)
  Candidate: 1:19.1.7-3~deb12u1
lld:
  Installed: (none)
  Candidate: 1:14.0-55.7~deb12u1
";

    fn at(os_release: &str) -> &'static Distro {
        named(ids(os_release).iter().map(String::as_str))
    }

    #[test]
    fn a_distribution_is_known_by_its_name_or_its_kin() {
        assert!(at("PRETTY_NAME=\"Debian GNU/Linux 12\"\nVERSION_ID=\"12\"\nID=debian\n").apt);
        assert!(at("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n").apt);
        assert_eq!(at("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"").ids[0], "fedora");
        assert_eq!(at("ID=manjaro\nID_LIKE=arch").ids, ["arch"]);
        assert_eq!(at("ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"").ids[0], "suse");
        assert_eq!(at("ID=alpine").ids, ["alpine"]);
        assert_eq!(at("ID=nixos").ids, ["nixos"]);
        assert_eq!(at("ID=plan9"), &OTHER);
        assert_eq!(at(""), &OTHER);
    }

    #[test]
    fn every_distribution_has_commands_to_run() {
        for distro in DISTROS.iter().chain([&OTHER]) {
            let advice = distro.advice(false);
            assert!(advice.starts_with("run `") || advice.starts_with("install "), "{advice}");
            assert!(advice.contains("wasm"), "{advice}");
        }
        let fedora = "run `sudo dnf install rust cargo rust-std-static-wasm32-wasip1 lld`";
        assert_eq!(at("ID=fedora").advice(true), fedora);
    }

    #[test]
    fn who_has_rustup_is_not_told_to_install_it() {
        for distro in [&OTHER, at("ID=alpine"), named(["windows"])] {
            assert!(distro.advice(true).starts_with("run `rustup target add wasm32-wasip1`"));
        }
    }

    #[test]
    fn an_old_release_has_its_compiler_from_the_web_packages() {
        let packages = packages(Ingredient::ALL, BOOKWORM).unwrap();
        assert_eq!(packages, ["rustc-web", "cargo-web", "rust-web-src", "wasi-libc", "lld-19"]);
    }

    #[test]
    fn a_release_that_packages_the_target_needs_no_sources() {
        let trixie = "libstd-rust-dev-wasm32:\n  Installed: (none)\n  Candidate: 1.85.0+dfsg3-1\n\
                      lld:\n  Installed: (none)\n  Candidate: 1:19.0-63\n";
        let packages = packages(Ingredient::ALL, trixie).unwrap();
        assert_eq!(packages, ["rustc", "cargo", "libstd-rust-dev-wasm32", "lld"]);
    }

    #[test]
    fn only_what_is_missing_is_installed() {
        let libc = packages(&[Ingredient::Libc], BOOKWORM);
        assert_eq!(libc.unwrap(), ["wasi-libc"]);
        let linker = packages(&[Ingredient::Linker], BOOKWORM);
        assert_eq!(linker.unwrap(), ["lld-19"]);
    }

    #[test]
    fn a_release_without_a_new_enough_compiler_has_no_packages() {
        assert_eq!(packages(Ingredient::ALL, ""), None);
        assert_eq!(packages(Ingredient::ALL, &BOOKWORM.replace("1.96.0", "1.78.0")), None);
        let unavailable = BOOKWORM.replace("0.0~git20220510.9886d3d-2", "(none)");
        assert_eq!(packages(Ingredient::ALL, &unavailable), None);
    }

    #[test]
    fn versions_are_read_past_their_epoch() {
        assert_eq!(candidate(BOOKWORM, "lld-19"), Some((19, 1)));
        assert_eq!(candidate(BOOKWORM, "lld"), Some((14, 0)));
        assert_eq!(candidate(BOOKWORM, "rust-web-src"), Some((1, 96)));
        assert_eq!(candidate(BOOKWORM, "wasi-libc"), Some((0, 0)));
        assert_eq!(candidate(BOOKWORM, "clang"), None);
    }
}
