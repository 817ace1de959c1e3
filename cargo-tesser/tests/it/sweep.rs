//! Sweeps: the list of runs, their parts in a folder, shards, and `cargo tesser sweep`.

#[cfg(unix)]
mod engines;
mod list;
mod parts;
#[cfg(unix)]
mod stopped;

use std::fs;
use std::path::Path;

use crate::replay::VENUE;
use crate::support::{Sandbox, chase, root};

const TABLES: [&str; 4] = ["runs", "orders", "amendments", "fills"];

/// What runs the sweep, without `--out`.
const WORDS: [&str; 10] = [
    "replay",
    "chase.wasm",
    "--sweep",
    "runs.toml",
    "--quantity",
    "1",
    "--horizon",
    "30",
    "--params",
    VENUE,
];

/// A folder with a plugin, two tapes and a sweep of 80 runs, of which 16 are there twice.
fn folder() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("chase.wasm", fs::read(chase()).unwrap());
    let tape = fs::read_to_string(root().join("templates/shared/tapes/synthetic.csv")).unwrap();
    sandbox.write("tapes/1.csv", &tape);
    sandbox.write("tapes/2.csv", tape.replace(",17040672", ",17041536"));
    sandbox.write(
        "runs.toml",
        "tapes = [\"tapes/*.csv\"]\nstarts = { every = \"10s\", count = 2 }\nsides = [\"buy\", \"sell\"]\n\
         [[params]]\nclip_size = { from = \"0.05\", to = \"0.4\", step = \"0.05\" }\n\
         [[params]]\nclip_size = { from = \"0.1\", to = \"0.2\", step = \"0.1\" }\n",
    );
    sandbox
}

/// Runs the sweep with more words.
#[track_caller]
fn sweep(sandbox: &Sandbox, more: &[&str], code: i32) -> crate::support::Run {
    sandbox.tesser("", &[&WORDS[..], more].concat()).expect(code)
}

/// The bytes of the tables.
fn tables(dir: &Path) -> [Vec<u8>; 4] {
    TABLES.map(|table| fs::read(dir.join(format!("{table}.parquet"))).unwrap())
}
