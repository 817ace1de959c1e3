//! `cargo xtask <TASK>`: the project's own tasks. One file per task.

mod bench;
mod book;
mod codegen;
mod conformance;
mod cross;
mod demo;
mod dist;
mod lint;
mod man;
mod python;
mod run;
mod supply_chain;
mod test;
mod tools;
mod zig;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up what is missing, then scaffold, build, validate and run a chase plugin on trades
    Demo(demo::Options),
    /// Set up what is missing and run every test
    Test(test::Options),
    /// Check formatting, lints, generated files, docs, the SDK's MSRV, licences and workflows
    Lint(supply_chain::Options),
    /// Write the archives of a release, with checksums, licences and a bill of materials
    Dist(dist::Options),
    /// Check that the tool compiles for Windows and macOS
    Cross,
    /// Write a manual page for each command of the tool
    Man(man::Options),
    /// Check the links of the documentation and build it as a site
    Book(book::Options),
    /// Measure the cost of plugins; fails above a limit
    Bench(bench::Options),
    /// Compare the simulated host with recordings of the real one
    Conformance(conformance::Options),
    /// Write the files generated from `tesser-wasm/wit` and from the tool's own tables
    Codegen(codegen::Options),
}

fn main() -> anyhow::Result<()> {
    match Xtask::parse().task {
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Lint(options) => lint::run(&options),
        Task::Dist(options) => dist::run(&options),
        Task::Cross => cross::run(),
        Task::Man(options) => man::run(&options),
        Task::Book(options) => book::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Conformance(options) => conformance::run(&options),
        Task::Codegen(options) => codegen::run(&options),
    }
}
