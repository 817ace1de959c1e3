//! A command line, and how it is run.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use super::interrupt::{Child, Running, check_interrupted, note_end};
use super::{Error, quoted};

/// Receives each command line.
static TOLD: OnceLock<fn(&str)> = OnceLock::new();

/// Sets a function that receives each command line before it is run.
pub fn tell(tell: fn(&str)) {
    let _ = TOLD.set(tell);
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
    /// If it cannot be started, or does not exit with 0.
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
    /// If it cannot be started, or does not exit with 0.
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

fn succeeded(command: String, status: ExitStatus, stderr: String) -> Result<(), Error> {
    note_end(status);
    check_interrupted()?;
    if status.success() { Ok(()) } else { Err(Error::Failed { command, status, stderr }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_can_be_pasted() {
        let cmd = Cmd::new("cargo").args(["build", "--target-dir", "my files/it's", ""]);
        assert_eq!(cmd.line(), r"cargo build --target-dir 'my files/it'\''s' ''");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = Cmd::new("no-such-program-here").arg("-V").read().unwrap_err();
        assert_eq!(error.to_string(), "`no-such-program-here` was not found");
    }

    #[test]
    fn a_command_is_named_by_what_it_was_to_do() {
        assert_eq!(Cmd::new("/usr/bin/git").args(["-C", "a b", "status"]).name(), "git");
        assert_eq!(Cmd::new("cargo").args(["metadata", "--locked"]).name(), "cargo metadata");
    }
}
