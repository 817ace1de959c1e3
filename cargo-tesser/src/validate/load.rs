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
/// How long compiling and starting may take together.
const DEADLINE: Duration = Duration::from_millis(1_500);

/// Compiles the component and makes an instance, in which imports are stubs.
pub fn check(bytes: &[u8], used: &Used, engine: &Engine) -> Option<Finding> {
    let not_loaded = |message: String| Some(Finding::new(Code::NotLoaded, message));
    if used.code > MOST_CODE {
        return not_loaded(format!("not tried: it has {} bytes of code", used.code));
    }
    if used.instances.all > MOST_INSTANCES {
        return not_loaded(format!("not tried: it unfolds to {} instances", used.instances.all));
    }
    match tried(bytes.to_vec(), engine.clone()) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            let code = match &error {
                // The static checks passed, so this is about the local engine and not about the host.
                engine::Error::Compile { .. }
                | engine::Error::Imported { .. }
                | engine::Error::TooMuchMemory => Code::NotLoaded,
                _ => Code::LoadTrap,
            };
            Some(Finding::new(code, harmless(&error.to_string())))
        }
        Err(RecvTimeoutError::Timeout) => {
            not_loaded(format!("compiling it took longer than {} ms", DEADLINE.as_millis()))
        }
        Err(RecvTimeoutError::Disconnected) => {
            not_loaded("the local engine failed while it tried".into())
        }
    }
}

/// Runs the trial beside us. One that compiles without end is left to itself; it ends with the process.
fn tried(bytes: Vec<u8>, engine: Engine) -> Result<Result<(), engine::Error>, RecvTimeoutError> {
    let (answer, answers) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody waits for an answer that comes too late.
        let _ = answer.send(engine.compile(&bytes).and_then(|compiled| compiled.trial()));
    });
    answers.recv_timeout(DEADLINE)
}
