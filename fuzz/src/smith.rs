//! Writes the modules and components that the ordinary test suite mutates: valid ones of any kind, made by wasm-smith
//! from numbers without a pattern, the same in every run.
//!
//! They are kept as a file because wasm-smith would change the features with which everything else is compiled.

use std::error::Error;
use std::path::Path;

use arbitrary::Unstructured;
use wasm_smith::{Component, Config, Module};

const COUNT: usize = 200;
/// Larger ones hold more of the same.
const LARGEST: usize = 2_048;

fn main() -> Result<(), Box<dyn Error>> {
    let mut state = 0x007e_55e4_u64;
    let mut number = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let (mut all, mut count) = (Vec::new(), 0);
    while count < COUNT {
        let words = 32 + number() % 512;
        let seed: Vec<u8> = (0..words).flat_map(|_| number().to_le_bytes()).collect();
        let mut source = Unstructured::new(&seed);
        let made = if count % 2 == 0 {
            Component::new(Config::default(), &mut source)?.to_bytes()
        } else {
            Module::new(Config::default(), &mut source)?.to_bytes()
        };
        if (64..LARGEST).contains(&made.len()) {
            all.extend(u32::try_from(made.len())?.to_le_bytes());
            all.extend(made);
            count += 1;
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cargo-tesser/tests/it/smith.bin");
    std::fs::write(&path, all)?;
    println!("{}", path.display());
    Ok(())
}
