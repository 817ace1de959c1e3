//! `cargo tesser check-hint`.

use std::path::PathBuf;

use clap::ValueEnum;
use rust_decimal::Decimal;

use super::Outcome;
use super::numbers::{not_negative, positive};
use super::session::{HostFiles, Session};
use crate::check_hint::{self, Options};
use crate::exit::{DONE, REJECTED};
use crate::shell::Shell;
use crate::simulator::SignalKind;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File with the hint: JSON, or a strategy's TOML; every `Plugin = { name, params }` in it is checked
    #[arg(value_name = "HINT")]
    file: PathBuf,
    /// The host's plugins folder
    #[arg(value_name = "PLUGINS_DIR")]
    plugins_dir: PathBuf,
    /// Kind of the signal, if the file does not say it
    #[arg(long, default_value = "enter_long", value_parser = kind)]
    kind: SignalKind,
    /// Quantity of the signal in base currency, if the file does not say it
    #[arg(long, default_value = "1", value_parser = positive, allow_hyphen_values = true)]
    quantity: Decimal,
    /// Last price that the host knows at the signal; 0 means unknown
    #[arg(long, default_value = "40000", value_parser = not_negative)]
    price: Decimal,
    /// Format of the report
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    session: Session,
    #[command(flatten)]
    files: HostFiles,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

fn kind(text: &str) -> Result<SignalKind, String> {
    let known = || SignalKind::ALL.map(SignalKind::word).join(", ");
    SignalKind::of(text).ok_or_else(|| format!("known: {}", known()))
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let options = Options {
        file: args.file.clone(),
        plugins_dir: args.plugins_dir.clone(),
        host: args.session.host.clone(),
        world: args.session.world(None, &args.files)?,
        kind: args.kind,
        quantity: args.quantity,
        price: args.price,
        markets: args.files.markets.clone(),
    };
    let reports = check_hint::check(&options)?;
    match args.format {
        Format::Human => shell.report(&check_hint::human(&reports)),
        Format::Json => shell.data(&format!("{:#}\n", check_hint::document(&reports)))?,
    }
    Ok(if reports.iter().any(check_hint::HintReport::is_lost) { REJECTED } else { DONE })
}
