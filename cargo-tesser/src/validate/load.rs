//! Whether an instance can be made. In: a component that passed the static checks. Out: a finding, or
//! none. No function of the plugin is called.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::facts::Used;
use crate::engine::{self, Engine};
use crate::report::{Code, Finding, harmless};

/// Bytes of code that are tried. A plugin has about 150 KB; compiling takes about a second for each MB.
const MOST_CODE: usize = 2 << 20;
/// Instances that are tried, as the instantiations unfold.
const MOST_INSTANCES: u64 = 1_000;
/// Bytes of one function up to which the time for compiling it grows with its size, and not faster.
const USUAL_FUNCTION: usize = 64 << 10;
/// How long compiling may take, where that is all that ends it.
const DEADLINE: Duration = Duration::from_secs(5);
/// The same for code of the usual size, which must be tried on a busy machine, too.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long after its deadline a start is given up that does not even notice it.
const GRACE: Duration = Duration::from_secs(1);
/// Bytes of stack for a trial. The compiler reads nested types by recursion.
const STACK: usize = 64 << 20;

/// Compiles the component and makes an instance, in which imports are stubs.
pub fn check(bytes: &[u8], used: &Used, engine: &Engine) -> Option<Finding> {
    // Without a start, only segments that do not fit could keep an instance from being made.
    let unknown = if used.start { Code::UntriedStart } else { Code::NotLoaded };
    let not_loaded = |message: String| Some(Finding::new(unknown, message));
    if used.code > MOST_CODE {
        return not_loaded(format!("not tried: it has {} bytes of code", used.code));
    }
    if used.instances.all > MOST_INSTANCES {
        return not_loaded(format!("not tried: it unfolds to {} instances", used.instances.all));
    }
    let deadline = if used.largest_function <= USUAL_FUNCTION { PATIENCE } else { DEADLINE };
    match tried(bytes.to_vec(), engine.clone(), deadline) {
        Outcome::Loaded => None,
        Outcome::Failed(error) => {
            let code = match &error {
                // The static checks passed, so this is about the local engine and not about the host.
                engine::Error::Compile { .. }
                | engine::Error::Imported { .. }
                | engine::Error::TooMuchMemory => unknown,
                engine::Error::NotImplemented { .. } => Code::NotImplemented,
                engine::Error::Endless { .. } | engine::Error::Late => Code::SlowStart,
                _ => Code::LoadTrap,
            };
            Some(Finding::new(code, harmless(&error.to_string())))
        }
        Outcome::Compiling => {
            not_loaded(format!("compiling it took longer than {} s", deadline.as_secs()))
        }
        Outcome::Waiting => {
            let message = "what runs at the start waits and was not done in time";
            Some(Finding::new(Code::LoadTrap, message))
        }
        Outcome::Lost => not_loaded("the local engine failed while it tried".into()),
    }
}

/// How a trial ended, or where it was when its time was over.
enum Outcome {
    Loaded,
    Failed(engine::Error),
    Compiling,
    /// Neither fuel nor epochs end an atomic wait.
    Waiting,
    Lost,
}

/// Runs the trial beside us. One without an end is left to itself; it ends with the process.
fn tried(bytes: Vec<u8>, engine: Engine, deadline: Duration) -> Outcome {
    let (news, heard) = mpsc::channel();
    let trial = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let trial = engine.compile(&bytes).and_then(|compiled| {
            // Nobody may listen any more.
            let _ = news.send(Ok(()));
            compiled.trial()
        });
        let _ = news.send(trial);
    });
    if trial.is_err() {
        return Outcome::Lost;
    }
    let outcome = |limit, late| match heard.recv_timeout(limit) {
        Ok(Ok(())) => Outcome::Loaded,
        Ok(Err(error)) => Outcome::Failed(error),
        Err(RecvTimeoutError::Timeout) => late,
        Err(RecvTimeoutError::Disconnected) => Outcome::Lost,
    };
    match outcome(deadline, Outcome::Compiling) {
        Outcome::Loaded => outcome(engine::DEADLINE + GRACE, Outcome::Waiting),
        compiling => compiling,
    }
}
