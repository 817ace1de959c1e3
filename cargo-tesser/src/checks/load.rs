//! The load check: whether an instance can be created.
//!
//! In: a component that passed the static checks. Out: a finding, if it cannot. No function of the plugin is called.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::engine::{self, Engine};
use crate::facts::Used;
use crate::report::{Code, Finding, escape_untrusted};

/// Maximum bytes of code to try. A plugin has about 150 KB; compiling takes about a second per MB.
const MOST_CODE: usize = 2 << 20;
/// Maximum number of instances to try, counting nested instantiations.
const MOST_INSTANCES: u64 = 1_000;
/// Size of a function in bytes up to which its compile time grows linearly.
const USUAL_FUNCTION: usize = 64 << 10;
/// Time limit of compiling.
const DEADLINE: Duration = Duration::from_secs(5);
/// Time limit for code of the usual size, which must also be tried on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time after the deadline at which a start that does not react is abandoned.
const GRACE: Duration = Duration::from_secs(1);
/// Stack size in bytes. The compiler handles nested types by recursion.
const STACK: usize = 64 << 20;

/// The engines that compile components.
#[derive(Debug)]
pub struct Engines {
    quick: QuickCompiler,
    /// Counts the instructions of a start, and supports everything that the host does.
    thorough: Engine,
}

impl Engines {
    /// Creates engines with the host's set of WebAssembly features.
    ///
    /// # Errors
    /// If wasmtime does not support this machine.
    pub fn new(is_on: impl Fn(&str) -> bool) -> Result<Self, engine::Error> {
        Ok(Self { quick: QuickCompiler::new(), thorough: Engine::for_trials(is_on)? })
    }

    /// Whether the quick compiler loads an untrusted component. It is only tried without start code, whose instructions it
    /// does not count.
    fn load_quickly(&self, bytes: &[u8], used: &Used) -> bool {
        !used.start && used.largest_function <= USUAL_FUNCTION && self.quick.loads(bytes)
    }
}

/// Compiles in a tenth of the time of the thorough engine, with fewer proposals than the host. `None` if it does not support
/// this machine.
#[derive(Debug)]
pub(crate) struct QuickCompiler(Option<Engine>);

impl QuickCompiler {
    pub(crate) fn new() -> Self {
        Self(Engine::for_quick_trials().ok())
    }

    /// Whether it can create an instance. A failure is not a verdict: the thorough engine decides then.
    pub(crate) fn loads(&self, bytes: &[u8]) -> bool {
        let outcome = |engine: &Engine| tried(bytes.to_vec(), engine.clone(), DEADLINE);
        self.0.as_ref().is_some_and(|engine| matches!(outcome(engine), Outcome::Loaded))
    }
}

/// Compiles the component and creates an instance in which imports are stubs.
pub fn check(bytes: &[u8], used: &Used, engines: &Engines) -> Option<Finding> {
    // Without start code, only data or element segments that do not fit could prevent an instance.
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
                // The static checks passed, so the cause is the local engine and not the host.
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
            let message = "the start code waits and did not finish in time";
            Some(Finding::new(Code::LoadTrap, message))
        }
        Outcome::Lost => not_loaded("the local engine failed during the load check".into()),
    }
}

/// How a trial ended, or its state at the deadline.
enum Outcome {
    Loaded,
    Failed(engine::Error),
    Compiling,
    /// In an atomic wait, which neither fuel nor epochs interrupt.
    Waiting,
    Lost,
}

/// Runs the trial in another thread. A trial that does not end is abandoned; it ends with the process.
fn tried(bytes: Vec<u8>, engine: Engine, deadline: Duration) -> Outcome {
    let (news, heard) = mpsc::channel();
    let trial = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let trial = engine.compile(&bytes).and_then(|compiled| {
            // The receiver may be gone.
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
        assert_eq!(quickly("(func)"), engines.quick.0.is_some());
        assert!(!quickly("(func $f) (start $f)"));
        // What the quick compiler does not know is for the other one.
        assert!(!quickly(
            "(func (param v128) (result v128) local.get 0 local.get 0 i8x16.relaxed_swizzle)"
        ));
    }
}
