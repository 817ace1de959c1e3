//! `cargo tesser abi`.

use clap::ValueEnum;

use super::Outcome;
use crate::abi;
use crate::exit::DONE;
use crate::shell::Shell;

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

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let text = match args.format {
        Format::Toml => tesser_wasm::ABI_MANIFEST.to_owned(),
        Format::Json => format!("{:#}\n", abi::manifest_json(tesser_wasm::ABI_MANIFEST)?),
        Format::Wit => tesser_wasm::WIT.to_owned(),
    };
    shell.data(&text)?;
    Ok(DONE)
}
