//! `cargo tesser abi`.

use clap::ValueEnum;

use super::{Outcome, print};
use crate::abi;
use crate::error::DONE;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The manifest as TOML or JSON, or the WIT that it is generated from
    #[arg(long, value_enum, default_value = "toml")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Toml,
    Json,
    Wit,
}

pub(super) fn run(args: &Args) -> Outcome {
    match args.format {
        Format::Toml => print(tesser_wasm::ABI_MANIFEST),
        Format::Json => print(&format!("{:#}\n", abi::manifest_json(tesser_wasm::ABI_MANIFEST)?)),
        Format::Wit => print(tesser_wasm::WIT),
    }
    Ok(DONE)
}
