//! The recipes of `docs/examples/sweep`, on the engines: a Ray cluster of two nodes, a Slurm cluster of one, and the schema of
//! Kubernetes. `cargo xtask test --full` sets up what it can; the rest is skipped, and says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{WORDS, folder, sweep, tables};
use crate::support::{Sandbox, process, root};

fn recipe(name: &str) -> PathBuf {
    root().join("docs/examples/sweep").join(name)
}

/// A Python with these modules; `cargo xtask test --full` sets one up.
fn python(modules: &str) -> Option<PathBuf> {
    let python = PathBuf::from(std::env::var_os("TESSER_ENGINES_PYTHON")?);
    let imports = ["-c".to_owned(), format!("import {modules}")];
    let has_all = process(&python).args(imports).output().is_ok_and(|run| run.status.success());
    has_all.then_some(python)
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    out + &err
}

/// Whether a script of the tests may run: it needs root, for a network of its own.
fn has(programs: &[&str]) -> bool {
    let script = format!(
        "for program in {}; do command -v $program || exit 1; done; test \"$(id -u)\" = 0 && unshare -n true",
        programs.join(" ")
    );
    process("sh").args(["-c", &script]).output().is_ok_and(|run| run.status.success())
}

/// The sweep's command with the tool's own path, as a script gets it.
fn command(dir: &str) -> Vec<String> {
    let tool = [env!("CARGO_BIN_EXE_cargo-tesser"), "tesser"].into_iter();
    tool.chain(WORDS).chain(["--out", dir]).map(str::to_owned).collect()
}

/// Runs a script of the tests in the sandbox, in a network without other machines.
fn script(sandbox: &Sandbox, name: &str, words: &[String]) -> String {
    let script = root().join("cargo-tesser/tests/it/sweep").join(name);
    let mut shell: Command = process("unshare");
    shell.args(["-n", "sh"]).arg(script).args(words).current_dir(sandbox.path(""));
    succeeds(&shell.output().unwrap())
}

/// A sweep that was killed, and what it is when nothing stops it.
fn begun() -> (Sandbox, [Vec<u8>; 4]) {
    let sandbox = folder();
    sweep(&sandbox, &["--out", "one"], 0);
    let one = tables(&sandbox.path("one"));
    super::stopped::stop(&sandbox, 10, "-KILL");
    (sandbox, one)
}

#[test]
#[ignore = "starts a Ray cluster; `cargo xtask test --full` runs it"]
fn ray_finishes_a_sweep_that_was_killed_with_the_tables_of_one_machine() {
    let Some(python) = python("ray").filter(|_| has(&["ip"])) else {
        return eprintln!(
            "SKIPPED: there is no Python with Ray, or no root for a network of its own"
        );
    };
    let (sandbox, one) = begun();
    let words = [python.display().to_string(), recipe("ray_sweep.py").display().to_string()];
    let said = script(&sandbox, "ray.sh", &[&words[..], &command("out")].concat());
    assert!(said.contains("2 nodes made 8 of 8 shards"), "{said}");
    assert!(tables(&sandbox.path("out")) == one, "{said}");
}

#[test]
#[ignore = "starts a Slurm cluster; `cargo xtask test --full` runs it"]
fn slurm_finishes_a_sweep_that_was_killed_with_the_tables_of_one_machine() {
    if !has(&["ip", "munged", "slurmctld", "slurmd", "sbatch"]) {
        return eprintln!("SKIPPED: there is no Slurm, or no root for a network of its own");
    }
    let (sandbox, one) = begun();
    let words = [recipe("slurm_sweep.sh").display().to_string()];
    let said = script(&sandbox, "slurm.sh", &[&words[..], &command("out")].concat());
    assert!(tables(&sandbox.path("out")) == one, "{said}");
}

#[test]
#[ignore = "needs a Python package; `cargo xtask test --full` runs it"]
fn the_job_of_kubernetes_is_one_by_its_schema_and_its_command_makes_all_shards() {
    let text = fs::read_to_string(recipe("kubernetes-sweep.yaml")).unwrap();
    let (_, args) = text.split_once("exec cargo tesser ").unwrap();
    let line: Vec<_> = args.lines().take(2).map(str::trim).collect();
    let line = format!("\"$TOOL\" tesser {}", line.join(" "))
        .replace("--quantity 2", "--quantity 1 --horizon 30 --params \"$VENUE\"");
    let (sandbox, one) = begun();
    for index in 0..3 {
        let mut shell = process("sh");
        shell.args(["-c", &line]).current_dir(sandbox.path(""));
        shell.envs([("TOOL", env!("CARGO_BIN_EXE_cargo-tesser")), ("VENUE", super::VENUE)]);
        shell.env("JOB_COMPLETION_INDEX", index.to_string()).env("SHARDS", "3");
        succeeds(&shell.output().unwrap());
    }
    sandbox.tesser("", &["sweep", "merge", "results"]).expect(0);
    assert!(tables(&sandbox.path("results")) == one);
    let Some(python) = python("kubernetes_validate") else {
        return eprintln!("SKIPPED: there is no Python with kubernetes-validate");
    };
    let words = ["-m", "kubernetes_validate", "--strict"];
    let mut check = process(python);
    succeeds(&check.args(words).arg(Path::new(&recipe("kubernetes-sweep.yaml"))).output().unwrap());
}
