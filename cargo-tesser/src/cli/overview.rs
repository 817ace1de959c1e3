//! `cargo tesser` without arguments: what one would do next, and the command for it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

const HEADING: Style = AnsiColor::Green.on_default().bold();
const COMMAND: Style = AnsiColor::Cyan.on_default().bold();

/// Tasks, each with a command line and what it does.
pub(super) const TASKS: [(&str, &[(&str, &str)]); 4] = [
    (
        "Start a plugin",
        &[
            ("setup", "make the compiler's target available"),
            ("new my-algo --template twap", "create a crate; `new --list` shows the templates"),
            ("init", "turn an existing crate into a plugin"),
        ],
    ),
    (
        "Write and test it",
        &[
            ("watch --test", "build and test after every change"),
            ("test", "run it through fills, rejects, crashes and restarts"),
            ("replay --tape trades.csv", "run it over recorded trades, as the host would"),
            (
                "compare OLD.wasm --tape trades.csv",
                "compare its orders and costs with an older one's",
            ),
            ("sweep report results", "show the runs of a sweep, which `replay --sweep` makes"),
        ],
    ),
    (
        "Ship it",
        &[
            ("build --release --out-dir DIR", "build, check and install it"),
            ("validate FILE", "check whether the host accepts a file"),
            ("check-hint strategy.toml DIR", "check a strategy's hint before the host sees it"),
            ("rollback NAME --out-dir DIR", "restore an earlier version"),
        ],
    ),
    (
        "Find out",
        &[
            ("doctor", "check this machine and the workspace"),
            ("inspect FILE", "show what is in a file"),
            ("explain CODE", "explain a diagnostic"),
            ("abi", "print the interface that plugins implement"),
            ("completions bash", "complete commands and values in a shell"),
        ],
    ),
];

/// Returns the overview.
pub(super) fn text() -> String {
    let lines = TASKS.iter().flat_map(|(_, commands)| commands.iter());
    let width = lines.map(|(command, _)| command.len()).max().unwrap_or_default();
    let mut text = "Plugins for the Tesser trading runtime\n".to_owned();
    for (task, commands) in TASKS {
        let _ = writeln!(text, "\n{HEADING}{task}:{HEADING:#}");
        for (command, what) in commands {
            let what = what.replace('`', "");
            let _ = writeln!(text, "  {COMMAND}cargo tesser {command:<width$}{COMMAND:#}  {what}");
        }
    }
    text + "\ncargo tesser help COMMAND shows flags and examples; cargo tesser --help lists all commands\n"
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::super::Cli;
    use super::*;

    #[test]
    fn each_line_is_a_command_and_each_command_has_a_line() {
        let lines: Vec<_> =
            TASKS.iter().flat_map(|(_, commands)| commands.iter().map(|(line, _)| *line)).collect();
        for line in &lines {
            let words = ["cargo-tesser"].into_iter().chain(line.split(' '));
            Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let name = command.get_name();
            let is_it = |line: &&str| line.split(' ').next() == Some(name);
            assert!(lines.iter().any(is_it), "{name}");
        }
    }
}
