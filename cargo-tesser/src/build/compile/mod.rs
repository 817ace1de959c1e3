//! Plugins -> core modules, by `cargo build`.
//!
//! In: the plan and cargo's flags. Out: for each plugin a core module, found in cargo's JSON messages and never by
//! guessing a path, and its list of sources beside it. Cargo's own files are only read.

mod prints;
pub(super) mod source_commit;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{Message, PackageId};

use crate::build::doubtful_plugins;
use crate::build::error::Error;
use crate::build::options::Options;
use crate::build::plan::{Plan, cache, cargo_build, path_remapping};
use crate::fs;
use crate::plugin::CoreModule;
use crate::process::{self, Cmd};
use crate::shell::Shell;

use source_commit::Checkout;

/// The result of compiling one plugin.
pub(in crate::build) struct Compiled {
    pub module: CoreModule,
    /// The files that it was compiled from: those of the workspace and of local packages, without files that build scripts have
    /// written.
    pub sources: BTreeSet<PathBuf>,
    /// Whether cargo had nothing to compile.
    pub fresh: bool,
}

/// The result of the compile stage.
pub(in crate::build) struct Compilation {
    /// The plan that was used.
    pub plan: Plan,
    /// One module for each plugin, in the plan's order.
    pub modules: Vec<Compiled>,
    /// State of the sources in git.
    pub checkout: Checkout,
}

/// Compiles the plugins, and asks git about their sources.
pub(in crate::build) fn compile(
    plan: Plan,
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Compilation, Error> {
    let folders = plan.sources.clone();
    // At the same time, so that a build with nothing to do takes hardly longer.
    let (compiled, checkout) = std::thread::scope(|scope| {
        let checkout = scope.spawn(|| Checkout::of(&folders));
        let compiled = compile_hidden(plan, options, shell, pass_through);
        (compiled, checkout.join().unwrap_or(Checkout::None))
    });
    let (plan, modules) = compiled?;
    // Sources that were compiled just now may be newer than git's reply.
    let is_old = modules.iter().any(|module| !module.fresh);
    let checkout = if is_old { Checkout::of(&folders) } else { checkout };
    Ok(Compilation { plan, modules, checkout })
}

/// Compiles; a second time if a plugin contains the path of its workspace.
fn compile_hidden(
    mut plan: Plan,
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<(Plan, Vec<Compiled>), Error> {
    let mut modules = run_cargo(&plan, options, shell, pass_through)?;
    let root = plan.root.to_string_lossy().into_owned();
    let shows_root = |compiled: &Compiled| path_remapping::shows(&compiled.module, &root);
    if !plan.hides_root && modules.iter().any(shows_root) {
        shell.detail("Compiling", "again: a plugin would contain the path of its workspace");
        plan = plan.with_hidden_root();
        cache::replace(options, &plan);
        modules = run_cargo(&plan, options, shell, pass_through)?;
    }
    let named = plan.plugins.iter().map(|plugin| &*plugin.name);
    if let Some(warning) = prints::warning(named.zip(modules.iter().map(|it| &it.module))) {
        shell.warn(warning);
    }
    for (plugin, compiled) in plan.plugins.iter().zip(&modules) {
        if let Some(path) = path_remapping::shown(&compiled.module, &plan.rustflags.ours) {
            let name = &plugin.name;
            shell.warn(format_args!(
                "`{name}` holds the path `{path}` of this machine, and is another plugin where that is another; the \
                 likely source is `env!(\"CARGO_MANIFEST_DIR\")`, or a macro that uses it"
            ));
        }
    }
    Ok((plan, modules))
}

/// Compiles the plugins and returns the results in their order.
fn run_cargo(
    plan: &Plan,
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Vec<Compiled>, Error> {
    let cmd = command(plan, options);
    // Another build may use other features, but its modules have the same names.
    let lock = plan.folder(&options.cargo).join(".lock");
    let _lock =
        fs::lock(&lock, || shell.status("Blocking", "waiting for another `cargo tesser build`"));
    let mut artifacts: BTreeMap<(PackageId, Option<String>), (PathBuf, bool)> = BTreeMap::new();
    cmd.each_line(|line| {
        if let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) {
            let wasm = artifact.filenames.iter().find(|file| file.extension() == Some("wasm"));
            if let Some(file) = wasm {
                let example = artifact.target.is_example().then_some(artifact.target.name);
                let made = (file.clone().into(), artifact.fresh);
                artifacts.insert((artifact.package_id, example), made);
            }
        }
        pass_through(line);
    })
    .map_err(|error| match error {
        process::Error::Failed { status, .. } => {
            Error::Compile { status, doubtful: doubtful_plugins::doubtful(&plan.plugins) }
        }
        other => other.into(),
    })?;
    plan.plugins
        .iter()
        .map(|plugin| match artifacts.get(&(plugin.id.clone(), plugin.example.clone())) {
            Some((path, fresh)) => compiled(path, *fresh, plan),
            None => Err(Error::NoArtifact { package: plugin.name.clone() }),
        })
        .collect()
}

/// Returns `cargo build` for the plan's plugins, with messages as JSON.
pub(in crate::build) fn command(plan: &Plan, options: &Options) -> Cmd {
    let flags = &options.cargo;
    let format = if options.json { "json" } else { "json-render-diagnostics" };
    let mut cmd = cargo_build::command(flags, &plan.toolchain, &plan.plugins)
        .args(&plan.settings)
        .arg("--target-dir")
        .arg(&plan.cargo_dir)
        .arg(format!("--message-format={format}"))
        .args(&flags.other);
    if let Some(jobs) = &flags.jobs {
        cmd = cmd.args(["--jobs", jobs]);
    }
    if plan.toolchain.rustc != *"rustc" {
        cmd = cmd.env("RUSTC", &plan.toolchain.rustc);
    }
    if let Some(linker) = &plan.toolchain.linker {
        cmd = cmd.env(plan.toolchain.variable("LINKER"), linker);
    }
    plan.rustflags.add(cmd)
}

/// Reads a module while cargo cannot write it: cargo locks this file in the folder of a profile.
fn compiled(path: &Path, fresh: bool, plan: &Plan) -> Result<Compiled, Error> {
    let lock = path.ancestors().map(|dir| dir.join(".cargo-lock")).find(|lock| fs::is_there(lock));
    let _lock = lock.and_then(|lock| fs::lock_shared(&lock));
    let module = CoreModule(fs::read(path)?).without_debug_info();
    // If the list cannot be read it is empty, and the plugin names no commit.
    let list = fs::read_text(&path.with_extension("d")).unwrap_or_default();
    let mut sources = source_commit::sources(&list);
    sources.retain(|source| !plan.made_in.iter().any(|dir| source.starts_with(dir)));
    Ok(Compiled { module, sources, fresh })
}
