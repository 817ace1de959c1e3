//! The text below the flags in `--help`: examples and exit status; the formatting of all help; and the page of all commands.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::builder::{Resettable, StyledStr};
use clap::error::{Error, ErrorKind};

use super::Outcome;
use crate::exit::DONE;
use crate::shell::Shell;

/// Returns the same error, with plain text if it is the requested help. Other runs do not pay for this.
pub(super) fn plain(error: Error, command: clap::Command, args: &[OsString]) -> Error {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            without_markup(command).try_get_matches_from(args).err().unwrap_or(error)
        }
        _ => error,
    }
}

/// Makes the help plain text: the doc comments that it is made of mark code with backticks.
pub(super) fn without_markup(command: clap::Command) -> clap::Command {
    let plain = |text: Option<&StyledStr>| {
        Resettable::from(text.map(|text| StyledStr::from(text.to_string().replace('`', ""))))
    };
    let (about, after) = (plain(command.get_about()), plain(command.get_after_help()));
    let command = command.about(about).after_help(after).mut_args(move |arg| {
        let (short, long) = (plain(arg.get_help()), plain(arg.get_long_help()));
        arg.help(short).long_help(long)
    });
    command.mut_subcommands(without_markup)
}

/// `cargo tesser commands`: the page with the help of all commands.
pub(super) fn run(command: clap::Command, shell: Shell) -> Outcome {
    // The width does not depend on the terminal.
    let mut command = without_markup(command.term_width(100));
    command.build();
    let mut page = String::from(
        "<!-- Generated from the tool's own help by `cargo xtask codegen`. Do not edit. -->\n\n\
         # Commands\n\n\
         `cargo tesser help COMMAND` prints what this page says. [Exit codes](exit-codes.md) are the same for all commands.\n\n\
         | command | does |\n| --- | --- |\n",
    );
    for (name, about, _) in visible_commands(&mut command) {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| [`{name}`](#{}) | {about} |", name.replace(' ', "-"));
    }
    for (name, _, help) in visible_commands(&mut command) {
        let _ = write!(page, "\n## {name}\n\n```text\n{help}```\n");
    }
    shell.data(&page)?;
    Ok(DONE)
}

/// Name, purpose and help of each command, and of the commands below it.
fn visible_commands(command: &mut clap::Command) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for below in command.get_subcommands_mut() {
        if below.is_hide_set() || below.get_name() == "help" {
            continue;
        }
        let name = below.get_name().to_owned();
        let about = below.get_about().map(ToString::to_string).unwrap_or_default();
        let help = below.render_long_help().to_string();
        let lines = help.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
        all.push((name.clone(), about, lines));
        let nested = visible_commands(below).into_iter();
        all.extend(nested.map(|(child, about, help)| (format!("{name} {child}"), about, help)));
    }
    all
}

/// The text below a command's flags; the codes are those of `exit`.
macro_rules! below {
    ($($example:literal),+; $done:literal $(, 1 = $rejected:literal)?) => {
        concat!(
            "Examples:\n",
            $("  cargo tesser ", $example, "\n",)+
            "\nExit status:\n",
            "  0    ", $done, "\n",
            $("  1    ", $rejected, "\n",)?
            "  2    the command line is wrong\n",
            "  101  the job could not be done\n",
            "  130  interrupted by ctrl-c",
        )
    };
}

pub(super) const NEW: &str = below!(
    "new my-chase",
    "new my-algo --template blank-kit",
    "new my-algo --template path:../templates/ours --set venue=bybit_linear",
    "new --list";
    "the crate was created"
);
pub(super) const INIT: &str = below!(
    "init",
    "init crates/my-algo --dry-run";
    "the crate is a plugin now, or already was one"
);
pub(super) const BUILD: &str = below!(
    "build --release",
    "build --release -p chase --out-dir ../plugins --keep 3",
    "build --release --verify ../plugins/chase.wasm",
    "build --release --dry-run";
    "all plugins are built, checked and installed",
    1 = "a plugin was rejected; nothing was installed"
);
pub(super) const WATCH: &str = below!(
    "watch --release --out-dir ../plugins",
    "watch -p chase",
    "watch --replay trades.csv --quantity 2";
    "the command line was checked (`--dry-run`)"
);
pub(super) const ROLLBACK: &str = below!(
    "rollback chase --out-dir ../plugins --list",
    "rollback chase --out-dir ../plugins",
    "rollback chase --out-dir ../plugins --to 3fa1";
    "the earlier version is installed, or the versions are listed",
    1 = "the host would reject the earlier version"
);
pub(super) const VALIDATE: &str = below!(
    "validate",
    "validate target/tesser/release/chase.wasm",
    "validate ../plugins --format github --deny-warnings",
    "validate chase.wasm --params '{\"venue\":\"bybit_linear\"}'",
    "validate chase.wasm --against ../plugins/chase.wasm";
    "the host accepts every file",
    1 = "a file is rejected"
);
pub(super) const INSPECT: &str = below!(
    "inspect",
    "inspect target/tesser/release/chase.wasm",
    "inspect chase.wasm --params",
    "inspect chase.wasm --format json";
    "the file was read; `validate` says whether a host accepts it"
);
pub(super) const TEST: &str = below!(
    "test",
    "test restart over-fills",
    "test golden --bless",
    "test --from ../plugins/chase.wasm --junit report.xml";
    "all cases passed",
    1 = "a case failed, or a plugin was rejected"
);
pub(super) const REPLAY: &str = below!(
    "replay --tape trades.csv",
    "replay chase.wasm --tape trades.csv --quantity 2 --params '{\"venue\":\"bybit_linear\"}'",
    "replay chase.wasm --tape trades.csv.gz --quantity 2 --ticks --report page.html",
    "replay --tape trades.csv --horizon 600 --expect completed --max-shortfall-bps 5",
    "replay chase.wasm --sweep runs.toml --quantity 2 --horizon 600 --out results",
    "replay chase.wasm --sweep runs.toml --quantity 2 --horizon 600 --out results --shard 3/64",
    "replay chase.wasm --session recordings/2026-11-02";
    "something was filled, the host would object to nothing, and expectations are met",
    1 = "an order would be lost, nothing was filled, an expectation is not met, or a run failed"
);
pub(super) const SWEEP: &str = below!(
    "replay chase.wasm --sweep runs.toml --quantity 2 --horizon 600 --out results --shard 3/64",
    "sweep status results",
    "sweep merge results",
    "sweep report results --format csv",
    "sweep report results --report sweep.html";
    "all parts are there, the tables are written, or no run failed",
    1 = "`status`: a part is missing or damaged; `report`: a run failed"
);
pub(super) const COMPARE: &str = below!(
    "compare ../plugins/chase.wasm --tape 'tapes/2024-*.csv'",
    "compare old.wasm new.wasm --tape tapes/*.csv --quantity 2 --horizon 600 --every 1h --both-sides",
    "compare chase.wasm --params '{\"venue\":\"bybit_linear\"}' --new-params '{\"venue\":\"bybit_linear\",\"clip_size\":\"2\"}' --tape a.csv --quantity 8",
    "compare old.wasm new.wasm --tape a.csv --quantity 2 --expect-identical",
    "compare old.wasm new.wasm --sweep runs.toml --quantity 2 --max-regression-bps 0.5 --format json";
    "NEW is not shown to be worse, and expectations are met",
    1 = "NEW costs more, or fails where OLD does not, an expectation is not met, or a run could not be made"
);
pub(super) const CHECK_HINT: &str = below!(
    "check-hint strategy.toml ../plugins",
    "check-hint hint.json ../plugins --symbol bybit_linear:BTCUSDT --format json";
    "the host would start the plugin, and its orders reach the exchange",
    1 = "a signal or an order would be lost"
);
pub(super) const EXPLAIN: &str = below!(
    "explain missing-export",
    "explain";
    "the diagnostic is explained, or all are listed"
);
pub(super) const DOCTOR: &str = below!(
    "doctor",
    "doctor --fix",
    "doctor --format json";
    "there are no errors; there may be warnings",
    1 = "a check is an error"
);
pub(super) const SETUP: &str = below!("setup"; "the target is available");
pub(super) const COMPLETIONS: &str = below!(
    "completions bash",
    "completions zsh",
    "completions fish",
    "completions powershell";
    "the script is printed"
);
pub(super) const ABI: &str = below!("abi", "abi --format json"; "the ABI is printed");
