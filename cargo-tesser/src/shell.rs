//! What the user sees: status lines in cargo's style, warnings, errors, reports and a progress bar on
//! stderr, data on stdout.
//!
//! In: words. Out: lines. What comes from files and command lines is made harmless for terminals, and
//! secrets in URLs are left out.
//! Nothing is decided here but how much is shown.

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
    /// The commands that are run, too.
    Verbose,
}

/// The terminal, or what stands in for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shell {
    verbosity: Verbosity,
    /// Whether a progress bar may be drawn.
    progress: bool,
}

impl Shell {
    /// A shell that says as much as `verbosity` allows.
    pub fn new(verbosity: Verbosity, progress: bool) -> Self {
        Self { verbosity, progress }
    }

    /// How much is said.
    pub fn verbosity(self) -> Verbosity {
        self.verbosity
    }

    /// A status line: a verb in the margin and what it is done to.
    pub fn status(self, verb: &str, what: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            say(format_args!("{STATUS}{verb:>12}{STATUS:#} {}", shown(&what.to_string())));
        }
    }

    /// A status line for `--verbose`.
    pub fn detail(self, verb: &str, what: impl Display) {
        if self.verbosity >= Verbosity::Verbose {
            say(format_args!("{STATUS}{verb:>12}{STATUS:#} {}", shown(&what.to_string())));
        }
    }

    /// Text without a margin, such as what to do next.
    pub fn text(self, text: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            say(format_args!("{}", shown(&text.to_string())));
        }
    }

    /// Something that does not stop the work.
    pub fn warn(self, message: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            say(format_args!("{WARNING}warning{WARNING:#}: {}", cut(&message.to_string())));
        }
    }

    /// Something worth knowing.
    pub fn note(self, message: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            say(format_args!("{NOTE}note{NOTE:#}: {}", cut(&message.to_string())));
        }
    }

    /// A report for people, whose parts were made harmless when it was put together.
    pub fn report(self, text: &str) {
        let _ = write!(anstream::stderr(), "{text}");
    }

    /// Data for stdout. A reader that has gone away does not want more of it.
    ///
    /// # Errors
    /// It could not be written, for example because the disk is full.
    pub fn data(self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Asks a question on the terminal and waits for the answer; anything but yes is no.
    pub fn ask(self, question: impl Display) -> bool {
        let question = format!("{NOTE}{}{NOTE:#} [y/N] ", shown(&question.to_string()));
        let answer = read_answer(&question).unwrap_or_default();
        matches!(answer.to_lowercase().as_str(), "y" | "yes")
    }

    /// Asks for a value on the terminal; `None` when there is no more input.
    pub fn prompt(self, question: impl Display) -> Option<String> {
        read_answer(&format!("{NOTE}{}{NOTE:#} ", shown(&question.to_string())))
    }

    /// Whether there is somebody to ask.
    pub fn can_ask(self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// The error that ended the work, its causes, and what to do next.
    pub fn error(self, error: &dyn std::error::Error, hint: Option<&str>) {
        say(format_args!("{ERROR}error{ERROR:#}: {}", cut(&error.to_string())));
        let mut cause = error.source();
        if cause.is_some() {
            say(format_args!("\nCaused by:"));
        }
        while let Some(error) = cause {
            // A program's own words may have more than one line.
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

    /// A spinner with a message while something takes its time; nothing where there is no terminal.
    pub fn progress(self, verb: &str, what: impl Display) -> Progress {
        let bar = self.bar(verb, ProgressBar::new_spinner(), "{msg} {spinner} {elapsed}");
        Progress { bar: bar.map(|bar| bar.with_message(shown(&what.to_string()))) }
    }

    /// A bar for a number of things to do, each a [`Progress::step`]; nothing where there is no terminal.
    pub fn count(self, verb: &str, total: usize) -> Progress {
        Progress {
            bar: self.bar(verb, ProgressBar::new(total as u64), "{pos}/{len} {bar:30} {elapsed}"),
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
    /// Whether anything is drawn, which lines between would disturb.
    pub fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// One more is done.
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

/// A line of stdin, trimmed.
fn read_answer(question: &str) -> Option<String> {
    let _ = write!(anstream::stderr(), "{question}");
    let mut answer = String::new();
    let read = crate::process::while_asking(|| io::stdin().read_line(&mut answer));
    match read {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(answer.trim().to_owned()),
    }
}

/// Text that may be shown to anybody.
fn shown(text: &str) -> String {
    report::visible(&report::without_secrets(text))
}

/// The same of a message, whose lines may hold values of any length.
fn cut(text: &str) -> String {
    report::cut(&shown(text))
}

/// A closed stderr is no reason to fail.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
