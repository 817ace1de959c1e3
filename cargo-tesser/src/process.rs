//! The only place that starts processes.
//!
//! In: a program, arguments, variables. Out: its exit status, its output, or an error that begins with the program's own
//! message. It never uses a shell and does not decide what a failure means.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether this process itself has received a signal. The end of a child may show the same signal earlier.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether a question is being asked: then no work is in progress, and nothing would interrupt the read.
static ASKING: AtomicBool = AtomicBool::new(false);

/// Children that may run for a long time.
static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// Receives each command line.
static TOLD: OnceLock<fn(&str)> = OnceLock::new();

/// Sets a function that receives each command line before it is run.
pub fn tell(tell: fn(&str)) {
    let _ = TOLD.set(tell);
}

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Child {
    id: u32,
    /// Whether it leads a process group, with its own children in it.
    leads: bool,
}

/// Records that the user wants to stop, so that the work ends between two steps and cleans up; running children are
/// terminated, a `cargo build` with all its children.
pub fn interrupt() {
    let again = ASKED.swap(true, Ordering::SeqCst);
    INTERRUPTED.store(true, Ordering::SeqCst);
    for child in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        child.end();
    }
    if again || ASKING.load(Ordering::SeqCst) {
        // A user who interrupts twice does not want to wait for the current step.
        leave();
    }
}

/// Reads an answer; an interrupt during that ends the process at once.
pub fn while_asking<T>(read: impl FnOnce() -> T) -> T {
    ASKING.store(true, Ordering::SeqCst);
    if is_interrupted() {
        // The interrupt came before the question.
        leave();
    }
    let answer = read();
    ASKING.store(false, Ordering::SeqCst);
    answer
}

/// Ends the process at once; only for when there is nothing to clean up.
pub fn leave() {
    std::process::exit(i32::from(crate::exit::INTERRUPTED));
}

/// Whether the user wants to stop.
pub fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Returns an error if the user wants to stop; called between two steps.
///
/// # Errors
/// [`Error::Interrupted`], if so.
pub fn check_interrupted() -> Result<(), Error> {
    if is_interrupted() { Err(Error::Interrupted) } else { Ok(()) }
}

/// A command that could not be started, or that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is not on `PATH`.
    #[error("`{program}` was not found")]
    NotFound {
        /// The program that was looked for.
        program: String,
    },
    /// The operating system refused to start it, or its output could not be read.
    #[error("cannot run `{command}`")]
    Io {
        /// The program and what it was to do.
        command: String,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// The user stopped the work.
    #[error("interrupted")]
    Interrupted,
    /// It exited with a failure status.
    #[error("{}", said(.stderr).unwrap_or_else(|| format!("`{command}` failed ({status})")))]
    Failed {
        /// The program and what it was to do.
        command: String,
        /// Its exit status.
        status: ExitStatus,
        /// What it wrote to stderr, if that was captured.
        stderr: String,
    },
}

/// Returns a program's own message about its failure, from the first line that begins with `error` or `fatal`; earlier lines
/// would hide it. The prefix is removed, since our own error adds one.
fn said(stderr: &str) -> Option<String> {
    let text = stderr.trim();
    let is_error = |line: &str| ["error", "fatal"].iter().any(|word| line.starts_with(word));
    let lines: Vec<_> = text.lines().collect();
    let first = lines.iter().position(|line| is_error(line)).unwrap_or(0);
    let text = lines.get(first..)?.join("\n");
    let own = ["error: ", "fatal: "].iter().find_map(|word| text.strip_prefix(word));
    Some(own.unwrap_or(&text).to_owned()).filter(|text| !text.is_empty())
}

/// A command line, built step by step.
#[derive(Debug)]
pub struct Cmd {
    command: Command,
}

impl Cmd {
    /// Creates a command without arguments and with stdin closed.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self { command }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item: AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets one variable for the child.
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Sets variables for the child.
    #[must_use]
    pub fn envs<'a>(mut self, vars: impl IntoIterator<Item = &'a (OsString, OsString)>) -> Self {
        for (key, value) in vars {
            self.command.env(key, value);
        }
        self
    }

    /// Removes a variable from the child's environment.
    #[must_use]
    pub fn env_remove(mut self, key: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(key);
        self
    }

    /// Sets the child's working directory.
    #[must_use]
    pub fn current_dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Returns the command line as a person would type it.
    pub fn line(&self) -> String {
        let mut line = quoted(self.command.get_program());
        for arg in self.command.get_args() {
            line.push(' ');
            line.push_str(&quoted(arg));
        }
        line
    }

    /// Returns the program and its subcommand, if it has one.
    fn name(&self) -> String {
        let program = Path::new(self.command.get_program());
        let program = program.file_name().unwrap_or(program.as_os_str());
        let word = self.command.get_args().next();
        let word = word.filter(|word| !word.as_encoded_bytes().starts_with(b"-"));
        std::iter::once(program).chain(word).map(quoted).collect::<Vec<_>>().join(" ")
    }

    /// Reports the command line; returns the command's name.
    fn begin(&self) -> String {
        if let Some(tell) = TOLD.get() {
            tell(&self.line());
        }
        self.name()
    }

    /// Returns the command line with the variables that are set for it.
    pub fn line_with_variables(&self) -> String {
        let set = self.command.get_envs().filter_map(|(name, value)| {
            Some(format!("{}={} ", name.to_string_lossy(), quoted(value?)))
        });
        set.collect::<String>() + &self.line()
    }

    /// Runs the command with the terminal as its output.
    ///
    /// # Errors
    /// It could not be started, or did not exit with 0.
    pub fn run(mut self) -> Result<(), Error> {
        let name = self.begin();
        let status = self.command.status().map_err(|error| self.not_started(error))?;
        succeeded(name, status, String::new())
    }

    /// Runs the command and returns its stdout, trimmed.
    ///
    /// # Errors
    /// If it cannot be started, or does not exit with 0; the error then contains its stderr.
    pub fn read(mut self) -> Result<String, Error> {
        let name = self.begin();
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = self.command.spawn().map_err(|error| self.not_started(error))?;
        // Not in its own process group: git may ask for a password on the terminal.
        let running = Running::new(Child { id: child.id(), leads: false });
        let output = child.wait_with_output().map_err(|error| self.not_started(error))?;
        drop(running);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        succeeded(name, output.status, stderr)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs the command and passes on each line of stdout as it comes; stderr goes to the terminal.
    ///
    /// # Errors
    /// It could not be started, or did not exit with 0.
    pub fn each_line(mut self, mut take: impl FnMut(&str)) -> Result<(), Error> {
        let name = self.begin();
        self.command.stdout(Stdio::piped());
        // A signal may reach only this process, and a remaining compiler would run for minutes.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut self.command, 0);
        let mut child = self.command.spawn().map_err(|error| self.not_started(error))?;
        let _running = Running::new(Child { id: child.id(), leads: true });
        let stdout = child.stdout.take().into_iter().flat_map(|pipe| BufReader::new(pipe).lines());
        for text in stdout {
            match text {
                Ok(text) => take(&text),
                Err(source) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(Error::Io { command: name, source });
                }
            }
        }
        let status = child.wait().map_err(|error| self.not_started(error))?;
        succeeded(name, status, String::new())
    }

    fn not_started(&self, source: io::Error) -> Error {
        match source.kind() {
            io::ErrorKind::NotFound => {
                Error::NotFound { program: quoted(self.command.get_program()) }
            }
            _ => Error::Io { command: self.name(), source },
        }
    }
}

/// Converts a command that a library has built.
impl From<Command> for Cmd {
    fn from(mut command: Command) -> Self {
        command.stdin(Stdio::null());
        Self { command }
    }
}

impl Child {
    #[cfg(unix)]
    fn end(self) {
        use rustix::process::{Pid, Signal, kill_process, kill_process_group};
        let Some(pid) = i32::try_from(self.id).ok().and_then(Pid::from_raw) else { return };
        let kill = if self.leads { kill_process_group } else { kill_process };
        let _ = kill(pid, Signal::TERM);
    }

    /// The console sends the signal to all of its processes.
    #[cfg(not(unix))]
    fn end(self) {}
}

/// A child that is terminated with this process, as long as this value exists.
struct Running(Child);

impl Running {
    fn new(child: Child) -> Self {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(child);
        if is_interrupted() {
            // The signal came while the child was being started.
            child.end();
        }
        Self(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|child| *child != self.0);
    }
}

fn succeeded(command: String, status: ExitStatus, stderr: String) -> Result<(), Error> {
    if ended_by_the_user(status) {
        // The child may end before our own handler has run.
        INTERRUPTED.store(true, Ordering::SeqCst);
    }
    check_interrupted()?;
    if status.success() { Ok(()) } else { Err(Error::Failed { command, status, stderr }) }
}

/// Whether the status is an end by SIGHUP, SIGINT or SIGTERM.
#[cfg(unix)]
fn ended_by_the_user(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    matches!(status.signal(), Some(1 | 2 | 15))
}

#[cfg(not(unix))]
fn ended_by_the_user(_status: ExitStatus) -> bool {
    false
}

/// Returns a word of a command line, quoted if necessary, so that the line can be pasted.
pub fn quoted(word: &OsStr) -> String {
    let Some(word) = word.to_str().filter(|word| !word.chars().any(char::is_control)) else {
        return escaped(word);
    };
    let plain = |c: char| c.is_alphanumeric() || "-_./=+:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Escapes unprintable bytes in the form that bash, zsh and ksh read.
fn escaped(word: &OsStr) -> String {
    let byte = |byte: &u8| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02X}"),
    };
    let text: String = word.as_encoded_bytes().iter().map(byte).collect();
    format!("$'{text}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_can_be_pasted() {
        let cmd = Cmd::new("cargo").args(["build", "--target-dir", "my files/it's", ""]);
        assert_eq!(cmd.line(), r"cargo build --target-dir 'my files/it'\''s' ''");
    }

    #[cfg(unix)]
    #[test]
    fn a_word_that_no_terminal_can_show_is_escaped() {
        use std::os::unix::ffi::OsStrExt as _;
        assert_eq!(quoted(OsStr::from_bytes(b"it's\xff\x1b[1m")), r"$'it\'s\xFF\x1B[1m'");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = Cmd::new("no-such-program-here").arg("-V").read().unwrap_err();
        assert_eq!(error.to_string(), "`no-such-program-here` was not found");
    }

    #[test]
    fn what_a_program_says_of_its_failure_comes_first() {
        let said = |text: &str| said(text).unwrap_or_default();
        assert_eq!(
            said("    Updating index\nerror: no such thing\n\nCaused by:\n  x\n"),
            "no such thing\n\nCaused by:\n  x"
        );
        assert_eq!(said("fatal: not a git repository"), "not a git repository");
        assert_eq!(said("error[E0463]: can't find crate"), "error[E0463]: can't find crate");
        assert_eq!(said("it is broken\n"), "it is broken");
        assert_eq!(said(" \n"), "");
    }

    #[test]
    fn a_command_is_named_by_what_it_was_to_do() {
        assert_eq!(Cmd::new("/usr/bin/git").args(["-C", "a b", "status"]).name(), "git");
        assert_eq!(Cmd::new("cargo").args(["metadata", "--locked"]).name(), "cargo metadata");
    }
}
