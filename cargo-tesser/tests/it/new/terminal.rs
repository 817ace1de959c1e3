//! Questions on a terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::variables::{template, values};
use crate::support::{Sandbox, tool};

/// `new` on a terminal of its own, and the other end of that terminal.
struct Terminal {
    child: Child,
    ours: File,
    seen: String,
}

impl Terminal {
    fn start(sandbox: &Sandbox, words: &[&str]) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let child = tool()
            .args(["new", "mine", "--template", "./desk", "--vcs", "none"])
            .args(words)
            .env("NO_COLOR", "1")
            .current_dir(sandbox.path(""))
            .stdin(theirs.try_clone().unwrap())
            .stderr(theirs)
            .spawn()
            .unwrap();
        Self { child, ours: File::from(ours), seen: String::new() }
    }

    /// Waits for a text, and types an answer.
    fn answer(&mut self, question: &str, answer: &str) {
        let mut buffer = [0; 1024];
        while !self.seen.contains(question) {
            let read = self.ours.read(&mut buffer).unwrap();
            self.seen += &String::from_utf8_lossy(&buffer[..read]);
        }
        self.seen.clear();
        writeln!(self.ours, "{answer}").unwrap();
    }

    fn end(mut self) -> ExitStatus {
        let start = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if start.elapsed() > Duration::from_secs(60) {
                self.child.kill().unwrap();
                panic!("it waits for another answer");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.child.wait().unwrap()
    }
}

#[test]
fn what_is_not_given_is_asked_for_and_a_wrong_answer_is_asked_for_again() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    let mut terminal = Terminal::start(&sandbox, &["--set", "retries=1"]);
    let question = "clip: size of one clip, in base currency (a decimal number) [0.25]:";
    terminal.answer(question, "");
    terminal.answer("venue: where it trades (one of `lit`, `dark`):", "grey");
    terminal.answer("`venue` is `grey`, not one of `lit`, `dark`", "");
    terminal.answer("`venue` is ``, not one of", "dark");
    terminal.answer("desk (a line of text like `[A-Z]{2,4}`) [FX]:", "EQ");
    terminal.answer("ci (`true` or `false`) [false]:", "");
    assert!(terminal.end().success());
    assert_eq!(values(&sandbox, "mine"), "0.25 dark EQ 2 false\n");
}

#[test]
fn defaults_are_taken_unasked_where_that_is_wanted() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    let terminal = Terminal::start(&sandbox, &["--set", "venue=lit", "--defaults"]);
    assert!(terminal.end().success());
    assert_eq!(values(&sandbox, "mine"), "0.25 lit FX 4 false\n");
}

#[test]
fn an_interrupt_at_a_question_ends_it_at_once_with_nothing_written() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    let mut terminal = Terminal::start(&sandbox, &[]);
    terminal.answer("[0.25]:", "1");
    let pid = i32::try_from(terminal.child.id()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(terminal.end().code(), Some(130));
    assert!(!sandbox.path("mine").exists());
}

#[test]
fn the_end_of_input_is_no_answer() {
    let sandbox = Sandbox::new();
    template(&sandbox);
    let mut terminal = Terminal::start(&sandbox, &[]);
    terminal.answer("[0.25]:", "1\n\u{4}\u{4}\u{4}\u{4}\u{4}\u{4}");
    assert_eq!(terminal.end().code(), Some(2));
    assert!(!sandbox.path("mine").exists());
}
