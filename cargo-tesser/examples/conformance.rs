//! Holds the simulator to recordings of the real host: `cargo xtask conformance DIR` runs it.
//!
//! Arguments: the folder of the recordings, then the components that they were recorded with.

use std::path::PathBuf;
use std::process::ExitCode;

use cargo_tesser::simulator::conformance::{self, Components, Error};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(dir) = arguments.next() else {
        eprintln!("error: give the folder of the recordings");
        return ExitCode::from(2);
    };
    let files: Vec<_> = arguments.collect();
    match compare(&dir, &files) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(101)
        }
    }
}

fn compare(dir: &std::path::Path, files: &[PathBuf]) -> Result<bool, Error> {
    let verdicts = conformance::run(dir, &Components::load(files)?)?;
    let differing: Vec<_> = verdicts.iter().filter(|verdict| verdict.difference.is_some()).collect();
    for verdict in &differing {
        println!("{}: {}", verdict.name, verdict.difference.as_deref().unwrap_or_default());
    }
    println!("{} agree, {} differ", verdicts.len() - differing.len(), differing.len());
    Ok(differing.is_empty())
}
