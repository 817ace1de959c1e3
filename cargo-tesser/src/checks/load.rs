//! Whether an instance can be made. In: a component that passed the static checks. Out: a finding, or
//! none. No function of the plugin is called.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::engine::{self, Engine};
use crate::facts::Used;
use crate::report::{Code, Finding, escape_untrusted};

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

/// What components are compiled by.
#[derive(Debug)]
pub struct Engines {
    /// Compiles in a tenth of the time, where it knows the machine.
    quick: Option<Engine>,
    /// Counts what a start takes, and knows all that the host does.
    thorough: Engine,
}

impl Engines {
    /// Engines in which what the host has off is off.
    ///
    /// # Errors
    /// wasmtime does not support this machine.
    pub fn new(is_on: impl Fn(&str) -> bool) -> Result<Self, engine::Error> {
        Ok(Self { quick: Engine::for_quick_trials().ok(), thorough: Engine::for_trials(is_on)? })
    }

    /// Whether the quick compiler makes an instance. It is asked only where nothing of the file runs then, and its no is
    /// no verdict.
    fn load_quickly(&self, bytes: &[u8], used: &Used) -> bool {
        let engine = self.quick.as_ref();
        let engine = engine.filter(|_| !used.start && used.largest_function <= USUAL_FUNCTION);
        let outcome = engine.map(|engine| tried(bytes.to_vec(), engine.clone(), DEADLINE));
        matches!(outcome, Some(Outcome::Loaded))
    }
}

/// Compiles the component and makes an instance, in which imports are stubs.
pub fn check(bytes: &[u8], used: &Used, engines: &Engines) -> Option<Finding> {
    // Without a start, only segments that do not fit could keep an instance from being made.
    let unknown = if used.start { Code::UntriedStart } else { Code::NotLoaded };
    let not_loaded = |message: String| Some(Finding::new(unknown, message));
    if used.code > MOST_CODE {
        return not_loaded(format!("not tried: it has {} bytes of code", used.code));
    }
    if used.instances.all > MOST_INSTANCES {
        return not_loaded(format!("not tried: it unfolds to {} instances", used.instances.all));
    }
    if engines.load_quickly(bytes, used) {
        return None;
    }
    let deadline = if used.largest_function <= USUAL_FUNCTION { PATIENCE } else { DEADLINE };
    match tried(bytes.to_vec(), engines.thorough.clone(), deadline) {
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
            Some(Finding::new(code, escape_untrusted(&error.to_string())))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::host_profile::{self, HOST};

    #[test]
    fn only_what_runs_nothing_at_the_start_is_left_to_the_quick_compiler() {
        let proposals = host_profile::find(HOST).unwrap().proposals;
        let engines = Engines::new(|name| proposals.has(name)).unwrap();
        let quickly = |module: &str| {
            let text =
                format!("(component (core module $m {module}) (core instance (instantiate $m)))");
            let bytes = wat::parse_str(text).unwrap();
            let used = Facts::read(&bytes, &proposals).used;
            assert!(check(&bytes, &used, &engines).is_none(), "{module}");
            engines.load_quickly(&bytes, &used)
        };
        assert_eq!(quickly("(func)"), engines.quick.is_some());
        assert!(!quickly("(func $f) (start $f)"));
        // What the quick compiler does not know is for the other one.
        assert!(!quickly(
            "(func (param v128) (result v128) local.get 0 local.get 0 i8x16.relaxed_swizzle)"
        ));
    }
}
