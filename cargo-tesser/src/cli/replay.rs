//! `cargo tesser replay`.

use std::path::PathBuf;

use clap::ValueEnum;
use rust_decimal::Decimal;
use serde_json::Value;
use tesser_wasm::PluginSide;

use super::Outcome;
use crate::error::{DONE, REJECTED};
use crate::replay;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a component that `cargo tesser build` wrote
    #[arg(value_name = "FILE")]
    plugin: PathBuf,
    /// Recorded trades as CSV (Binance's files as they are) or Parquet, or events as JSON lines; gzip and zstd
    /// are unpacked
    #[arg(long, value_name = "FILE")]
    tape: PathBuf,
    /// Columns of the tape that have other names than usual, such as `price=px,quantity=sz,time=ts,side=taker`
    #[arg(long, value_name = "NAMES")]
    columns: Option<replay::Names>,
    /// Leave out rows that cannot be read, and count them
    #[arg(long)]
    skip_bad_rows: bool,
    /// Quantity to work, in base currency
    #[arg(long, value_parser = positive, allow_hyphen_values = true)]
    quantity: Decimal,
    /// Side of the signal
    #[arg(long, value_enum, default_value = "buy")]
    side: Side,
    /// Symbol of the signal, and of trades whose tape names none
    #[arg(long, default_value = "BTCUSDT")]
    symbol: String,
    /// The plugin's parameters, as JSON
    #[arg(long, value_name = "JSON", default_value = "null", value_parser = json)]
    params: Value,
    /// Restart the host after this many rows of the tape: a new instance gets the persisted state
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    restart_after: Option<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Side {
    Buy,
    Sell,
}

fn positive(text: &str) -> Result<Decimal, String> {
    let value: Decimal = text.parse().map_err(|error| format!("not a number: {error}"))?;
    if value > Decimal::ZERO { Ok(value) } else { Err("it must be greater than 0".into()) }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let options = replay::Options {
        plugin: args.plugin.clone(),
        tape: args.tape.clone(),
        reading: replay::Reading {
            names: args.columns.clone().unwrap_or_default(),
            skip_bad_rows: args.skip_bad_rows,
        },
        symbol: args.symbol.clone(),
        side: match args.side {
            Side::Buy => PluginSide::Buy,
            Side::Sell => PluginSide::Sell,
        },
        quantity: args.quantity,
        params: args.params.clone(),
        restart_after: args.restart_after,
    };
    let ledger = replay::replay(&options, shell)?;
    shell.data(&replay::show(&ledger))?;
    Ok(if ledger.ok() { DONE } else { REJECTED })
}
