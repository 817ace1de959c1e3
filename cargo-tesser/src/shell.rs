//! The output of the tool: status lines in cargo's style, warnings, errors, reports and a progress bar on
//! stderr, data on stdout.
//!
//! In: text. Out: lines. Text from files and command lines is made safe for terminals, and secrets in URLs are
//! removed. This module only decides how much is shown.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};

use crate::report;

const STATUS: Style = AnsiColor::Green.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Only errors.
    Quiet,
    /// Status lines and warnings.
    #[default]
    Normal,
    /// Also the commands that are run.
    Verbose,
}

/// The user's terminal, or what stdout and stderr are redirected to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shell {
    verbosity: Verbosity,
    /// Whether a progress bar may be drawn.
    progress: bool,
}

impl Shell {
    /// Creates a shell that prints as much as `verbosity` allows.
    pub fn new(verbosity: Verbosity, progress: bool) -> Self {
        Self { verbosity, progress }
    }

    /// How much is said.
    pub fn verbosity(self) -> Verbosity {
        self.verbosity
    }

    /// Prints a status line: a verb in the margin and its object.
    pub fn status(self, verb: &str, what: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            say(format_args!("{STATUS}{verb:>12}{STATUS:#} {}", shown(&what.to_string())));
        }
    }

    /// Prints a status line only with `--verbose`.
    pub fn detail(self, verb: &str, what: impl Display) {
        if self.verbosity >= Verbosity::Verbose {
            say(format_args!("{STATUS}{verb:>12}{STATUS:#} {}", shown(&what.to_string())));
        }
    }

    /// Prints text without a margin, such as what to do next.
    pub fn text(self, text: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            say(format_args!("{}", shown(&text.to_string())));
        }
    }

    /// Prints a warning, which does not stop the work.
    pub fn warn(self, message: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            say(format_args!("{WARNING}warning{WARNING:#}: {}", cut(&message.to_string())));
        }
    }

    /// Prints a note.
    pub fn note(self, message: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            say(format_args!("{NOTE}note{NOTE:#}: {}", cut(&message.to_string())));
        }
    }

    /// Prints a report for people, whose parts are already escaped.
    pub fn report(self, text: &str) {
        let _ = write!(anstream::stderr(), "{text}");
    }

    /// Prints data to stdout. A closed pipe is not an error.
    ///
    /// # Errors
    /// If it cannot be written, for example because the disk is full.
    pub fn data(self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Asks a question on the terminal and waits for the answer; anything except yes means no.
    pub fn ask(self, question: impl Display) -> bool {
        let question = format!("{NOTE}{}{NOTE:#} [y/N] ", shown(&question.to_string()));
        let answer = read_answer(&question).unwrap_or_default();
        matches!(answer.to_lowercase().as_str(), "y" | "yes")
    }

    /// Asks for a value on the terminal; `None` at the end of input.
    pub fn prompt(self, question: impl Display) -> Option<String> {
        read_answer(&format!("{NOTE}{}{NOTE:#} ", shown(&question.to_string())))
    }

    /// Whether there is a terminal to ask on.
    pub fn can_ask(self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Prints the error that ended the work, its causes, and what to do next.
    pub fn error(self, error: &dyn std::error::Error, hint: Option<&str>) {
        say(format_args!("{ERROR}error{ERROR:#}: {}", cut(&error.to_string())));
        let mut cause = error.source();
        if cause.is_some() {
            say(format_args!("\nCaused by:"));
        }
        while let Some(error) = cause {
            // A program's own message may have several lines.
            for line in cut(&error.to_string()).lines() {
                let indent = if line.is_empty() { "" } else { "  " };
                say(format_args!("{indent}{line}"));
            }
            cause = error.source();
        }
        if let Some(hint) = hint {
            say(format_args!("{NOTE}hint{NOTE:#}: {}", shown(hint)));
        }
    }

    /// Returns a spinner with a message; it draws nothing without a terminal.
    pub fn progress(self, verb: &str, what: impl Display) -> Progress {
        let bar = self.bar(verb, ProgressBar::new_spinner(), "{msg} {spinner} {elapsed}");
        Progress { bar: bar.map(|bar| bar.with_message(shown(&what.to_string()))) }
    }

    /// Returns a progress bar with a step ([`Progress::step`]) for each item; it draws nothing without a terminal.
    pub fn count(self, verb: &str, total: usize) -> Progress {
        Progress {
            bar: self.bar(
                verb,
                ProgressBar::new(total as u64),
                "{pos}/{len} {bar:30} {elapsed}, {eta} left",
            ),
        }
    }

    fn bar(self, verb: &str, bar: ProgressBar, form: &str) -> Option<ProgressBar> {
        if self.verbosity == Verbosity::Quiet || !self.progress || !io::stderr().is_terminal() {
            return None;
        }
        if let Ok(style) = ProgressStyle::with_template(&format!("{{prefix:>12.cyan.bold}} {form}"))
        {
            bar.set_style(style);
        }
        bar.set_prefix(verb.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Some(bar)
    }
}

/// A spinner or bar that disappears when it is dropped.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Whether anything is drawn, which other lines would disturb.
    pub fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// Advances the bar by one step.
    pub fn step(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Reads a line of stdin, trimmed.
fn read_answer(question: &str) -> Option<String> {
    let _ = write!(anstream::stderr(), "{question}");
    let mut answer = String::new();
    let read = crate::process::while_asking(|| io::stdin().read_line(&mut answer));
    match read {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(answer.trim().to_owned()),
    }
}

/// Returns text that is safe to print.
fn shown(text: &str) -> String {
    report::visible(&report::without_secrets(text))
}

/// Returns a message that is safe to print, with long lines shortened.
fn cut(text: &str) -> String {
    report::cut(&shown(text))
}

/// Prints a line; a closed stderr is not an error.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
