//! `cargo tesser build`.

use std::path::PathBuf;

use clap::ValueEnum;
use clap_complete::ArgValueCandidates;
use serde_json::json;

use super::{Outcome, Terminal, complete};
use crate::build::{self, Artifact, CargoFlags, Optimizer};
use crate::error::Error;
use crate::exit::DONE;
use crate::report::{Report, human};
use crate::shell::Shell;
use crate::toolchain;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    cargo: Cargo,
    /// Also install the plugins into this folder
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    /// Keep this many earlier versions in that folder, for `cargo tesser rollback`
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        requires = "out_dir",
        hide_default_value = true
    )]
    keep: usize,
    /// Print the commands and the files that would be installed, without running or installing anything
    #[arg(long)]
    dry_run: bool,
    /// Build again and compare with this file, instead of installing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out_dir", "dry_run"])]
    verify: Option<PathBuf>,
    /// Skip wasm-opt; the plugin is larger and slower
    #[arg(long, conflicts_with = "wasm_opt")]
    no_opt: bool,
    /// Use this wasm-opt instead of the built-in one
    #[arg(long, value_name = "PATH")]
    wasm_opt: Option<PathBuf>,
    /// Messages for people, or cargo's JSON lines and one `tesser-artifact` line for each plugin
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    message_format: Format,
    /// Whether this is a build of `watch`.
    #[arg(skip)]
    pub(super) is_repeated: bool,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Package selection, as for cargo build")]
pub(super) struct Selection {
    /// Build these packages
    #[arg(short, long, value_name = "SPEC", add = ArgValueCandidates::new(complete::packages))]
    package: Vec<String>,
    /// Build all plugins of the workspace
    #[arg(long, alias = "all")]
    workspace: bool,
    /// Exclude these packages
    #[arg(long, value_name = "SPEC", requires = "workspace", add = ArgValueCandidates::new(complete::packages))]
    exclude: Vec<String>,
    /// Build these examples as plugins, instead of libraries
    #[arg(long, value_name = "NAME", num_args = 1)]
    example: Vec<String>,
    /// Build all examples that are plugins
    #[arg(long, conflicts_with = "example")]
    examples: bool,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Compilation, as for cargo build")]
#[expect(clippy::struct_excessive_bools, reason = "they are cargo's switches, one to one")]
pub(super) struct Cargo {
    /// Build with optimizations
    #[arg(short, long, conflicts_with = "profile")]
    release: bool,
    /// Build with this profile
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(complete::profiles))]
    profile: Option<String>,
    /// Features to enable
    #[arg(short = 'F', long, value_name = "FEATURES")]
    features: Vec<String>,
    /// Enable all features
    #[arg(long)]
    all_features: bool,
    /// Disable the default features
    #[arg(long)]
    no_default_features: bool,
    /// wasm32-wasip1, or its old name wasm32-wasi
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Directory for all artifacts
    #[arg(long, value_name = "DIR")]
    target_dir: Option<PathBuf>,
    /// Path of a Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub(super) manifest_path: Option<PathBuf>,
    /// Number of parallel jobs
    #[arg(short, long, value_name = "N", allow_hyphen_values = true)]
    jobs: Option<String>,
    /// Require that Cargo.lock is up to date
    #[arg(long)]
    locked: bool,
    /// Do not access the network
    #[arg(long)]
    offline: bool,
    /// Equivalent to both --locked and --offline
    #[arg(long)]
    frozen: bool,
    /// Continue with other packages after one has failed
    #[arg(long)]
    keep_going: bool,
    /// Write cargo's report of compile times
    #[arg(long)]
    timings: bool,
    /// Ignore the `rust-version` of packages
    #[arg(long)]
    ignore_rust_version: bool,
    /// Override a configuration value
    #[arg(long, value_name = "KEY=VALUE|PATH")]
    config: Vec<String>,
    /// Unstable flag for cargo
    #[arg(short = 'Z', value_name = "FLAG")]
    unstable: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    make(args, terminal, shell)?;
    Ok(DONE)
}

/// Does what was asked for; returns the plugins that are in their places now.
pub(super) fn make(args: &Args, terminal: &Terminal, shell: Shell) -> Result<Vec<Artifact>, Error> {
    if let Some(target) = &args.cargo.target {
        toolchain::check_target(target)?;
    }
    let json = args.message_format == Format::Json;
    let options = args.options(terminal);
    if args.dry_run {
        for line in build::dry_run(&options, shell)? {
            shell.data(&format!("{line}\n"))?;
        }
        return Ok(Vec::new());
    }
    let mut written = Ok(());
    let mut pass_through = |line: &str| {
        if json && written.is_ok() {
            written = shell.data(&format!("{line}\n"));
        }
    };
    if let Some(file) = &args.verify {
        build::verify(&options, file, shell, &mut pass_through)
            .inspect_err(|error| show_report(error, shell))?;
        written?;
        return Ok(Vec::new());
    }
    let artifacts = build::build(&options, shell, &mut pass_through)
        .inspect_err(|error| show_report(error, shell))?;
    written?;
    for artifact in &artifacts {
        if json {
            shell.data(&format!("{}\n", artifact_line(artifact)))?;
        }
        tell(artifact, shell);
    }
    Ok(artifacts)
}

impl Args {
    /// Selects the profile `release`, unless another one was given.
    pub(super) fn release_by_default(&mut self) {
        self.cargo.release |= self.cargo.profile.is_none();
    }

    /// Whether plugins are installed only into the target directory.
    pub(super) fn has_no_place(&self) -> bool {
        self.out_dir.is_none()
    }

    pub(super) fn options(&self, terminal: &Terminal) -> build::Options {
        build::Options {
            cargo: self.cargo.flags(&self.selection, terminal),
            out_dir: self.out_dir.clone(),
            keep: self.keep,
            one: false,
            optimizer: match (&self.wasm_opt, self.no_opt) {
                (Some(path), _) => Optimizer::Path(path.clone()),
                (None, true) => Optimizer::Off,
                (None, false) => Optimizer::BuiltIn,
            },
            json: self.message_format == Format::Json,
            notes_commit: !self.is_repeated,
        }
    }
}

impl Selection {
    fn examples(&self) -> Vec<String> {
        if self.examples { vec!["*".into()] } else { self.example.clone() }
    }
}

impl Cargo {
    pub(super) fn flags(&self, selection: &Selection, terminal: &Terminal) -> CargoFlags {
        CargoFlags {
            packages: selection.package.clone(),
            workspace: selection.workspace,
            exclude: selection.exclude.clone(),
            examples: selection.examples(),
            profile: if self.release { Some("release".into()) } else { self.profile.clone() },
            features: self.features.clone(),
            all_features: self.all_features,
            no_default_features: self.no_default_features,
            manifest_path: self.manifest_path.clone(),
            target_dir: self.target_dir.clone(),
            jobs: self.jobs.clone(),
            locked: self.locked,
            offline: self.offline,
            frozen: self.frozen,
            config: self.config.clone(),
            unstable: self.unstable.clone(),
            other: self.other(terminal),
        }
    }

    /// Flags that are passed on unchanged.
    fn other(&self, terminal: &Terminal) -> Vec<String> {
        let flags = [
            (self.keep_going, "--keep-going"),
            (self.timings, "--timings"),
            (self.ignore_rust_version, "--ignore-rust-version"),
        ];
        let set = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag.into());
        terminal.cargo_flags().into_iter().chain(set).collect()
    }
}

/// Prints the findings before the error that they caused.
pub(super) fn show_report(error: &build::Error, shell: Shell) {
    if let build::Error::Rejected { report, host, .. } = error {
        let files = vec![(**report).clone()];
        let report = Report { host: host.clone(), files, deny_warnings: false };
        shell.report(&human(&report));
    }
}

fn artifact_line(artifact: &Artifact) -> serde_json::Value {
    let installed: Vec<_> = artifact
        .places
        .iter()
        .map(|place| json!({ "path": place.path, "fresh": place.fresh }))
        .collect();
    json!({
        "reason": "tesser-artifact",
        // Its version changes when a field is removed or changes its meaning.
        "schema": 1,
        "package_id": artifact.package_id,
        "name": artifact.name,
        "path": artifact.places.first().map(|place| &place.path),
        "sha256": artifact.sha256,
        "size": artifact.size,
        "core_size": artifact.core_size,
        "previous_size": artifact.previous_size,
        "gzip_size": artifact.summary.gzip,
        "exports": artifact.summary.exports,
        "imports": artifact.summary.imports,
        "revision": artifact.summary.revision,
        "fresh": artifact.places.iter().all(|place| place.fresh),
        "installed": installed,
    })
}

fn tell(artifact: &Artifact, shell: Shell) {
    if artifact.places.iter().any(|place| !place.fresh) {
        tell_more(artifact, shell);
    }
    for place in &artifact.places {
        let verb = if place.fresh { "Fresh" } else { "Installed" };
        shell.status(
            verb,
            format_args!(
                "{} ({} -> {} bytes, sha256 {})",
                place.path.display(),
                artifact.core_size,
                artifact.size,
                &artifact.sha256[..12]
            ),
        );
    }
}

/// Prints facts about a new plugin, and how it differs from the previous one.
fn tell_more(artifact: &Artifact, shell: Shell) {
    let Artifact { name, size, previous_size, summary, .. } = artifact;
    let list = |names: &[String]| match names {
        [] => "nothing".to_owned(),
        // Only names: the check has compared the types with the ABI.
        names => {
            names.iter().filter_map(|name| name.split(':').next()).collect::<Vec<_>>().join(", ")
        }
    };
    let imports =
        if summary.imports.is_empty() { "nothing".into() } else { summary.imports.join(", ") };
    let change = match previous_size.map(|before| i128::from(*size) - i128::from(before)) {
        None => "first build".into(),
        Some(0) => "same size as the previous build".into(),
        Some(change) => format!("{change:+} bytes since the previous build"),
    };
    let commit = summary.revision.as_ref().map(|commit| format!("; commit {commit:.12}"));
    shell.status(
        "Sealed",
        format_args!(
            "{name}: {change}, {} bytes with gzip; exports {}; imports {imports}{}",
            summary.gzip,
            list(&summary.exports),
            commit.unwrap_or_default()
        ),
    );
}
