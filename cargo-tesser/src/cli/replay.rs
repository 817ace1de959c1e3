//! `cargo tesser replay`.

use std::path::PathBuf;

use clap::ValueEnum;
use rust_decimal::Decimal;
use serde_json::Value;
use tesser_wasm::PluginSide;

use super::Outcome;
use crate::error::{DONE, Error, REJECTED};
use crate::fs;
use crate::replay;
use crate::shell::Shell;
use crate::simulator::host_config;
use crate::validate;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a component that `cargo tesser build` wrote
    #[arg(value_name = "FILE")]
    plugin: PathBuf,
    /// Recorded trades as CSV (Binance's files as they are) or Parquet, or events as JSON lines; gzip and zstd
    /// are unpacked
    #[arg(long, value_name = "FILE|DIR", required_unless_present_any = ["sweep", "recorded"])]
    tape: Option<PathBuf>,
    /// A session that the host's flight recorder has recorded: its signals, fills and restarts, compared with the orders of
    /// then
    #[arg(long = "session", id = "recorded", value_name = "DIR", conflicts_with_all = ["tape", "sweep", "report", "restart_after"])]
    recorded: Option<PathBuf>,
    /// Columns of the tape that have other names than usual, such as `price=px,quantity=sz,time=ts,side=taker`
    #[arg(long, value_name = "NAMES")]
    columns: Option<replay::Names>,
    /// Leave out rows that cannot be read, and count them
    #[arg(long)]
    skip_bad_rows: bool,
    /// Quantity to work, in base currency
    #[arg(long, value_parser = positive, allow_hyphen_values = true, required_unless_present = "recorded")]
    quantity: Option<Decimal>,
    /// Side of the signal
    #[arg(long, value_enum, default_value = "buy")]
    side: Side,
    /// The plugin's parameters, as JSON
    #[arg(long, value_name = "JSON", default_value = "null", value_parser = json)]
    params: Value,
    /// Restart the host after this many rows of the tape: a new instance gets the persisted state
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    restart_after: Option<u64>,
    /// How the result is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write a page with a chart of price, orders and fills, which needs no network
    #[arg(long, value_name = "FILE", conflicts_with = "sweep")]
    report: Option<PathBuf>,
    /// Many runs on all cores: a TOML file with `tapes = [..]`, with `[[params]]` for each set of parameters,
    /// or with both
    #[arg(long, value_name = "FILE")]
    sweep: Option<PathBuf>,
    #[command(flatten)]
    session: Session,
    #[command(flatten)]
    exchange: Exchange,
}

/// The session that the host is taken to run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Host session")]
struct Session {
    /// Host profile, by name or as a file
    #[arg(long, value_name = "NAME|FILE", default_value = validate::HOST)]
    host: String,
    /// Symbol of the session, as `BTCUSDT` or `bybit_linear:BTCUSDT`; also of trades whose tape names none
    #[arg(long, default_value = "BTCUSDT", value_parser = not_empty)]
    symbol: String,
    /// Venue of a symbol that names none [default: the host profile's, `bybit_linear`]
    #[arg(long, value_parser = not_empty)]
    venue: Option<String>,
    /// Forward trades to `on-tick`, as Tesser 0.9 does not in a live session
    #[arg(long)]
    ticks: bool,
    /// What amendments must have, by the host's connector [default: by the venue's name]
    #[arg(long, value_enum, value_name = "NAME")]
    exchange: Option<Connector>,
    /// Largest quantity of one order that the host sends; 0 is any [default: 1, as the host's]
    #[arg(long, value_name = "QUANTITY", value_parser = not_negative)]
    max_order: Option<Decimal>,
    /// Largest position that an order may lead to; 0 is any [default: 2, as the host's]
    #[arg(long, value_name = "QUANTITY", value_parser = not_negative)]
    max_position: Option<Decimal>,
    /// Equity and free balance of the account [default: 100000000]
    #[arg(long, value_name = "AMOUNT", value_parser = not_negative)]
    balance: Option<Decimal>,
    /// The host's configuration, for its limits
    #[arg(long, value_name = "default.toml")]
    config: Option<PathBuf>,
    /// The host's instruments, for the kind of the symbol's
    #[arg(long, value_name = "markets.toml")]
    markets: Option<PathBuf>,
    /// Milliseconds from the signal to the first timer
    #[arg(long, value_name = "MS", default_value = "1000", value_parser = clap::value_parser!(i64).range(0..=1_000))]
    timer_phase: i64,
    /// Seconds that the host is down at a restart: what fills meanwhile is not told
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = clap::value_parser!(i64).range(0..=86_400))]
    down: i64,
    /// Connect the private stream anew after so many seconds: all executions are told again
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(0..=31_536_000))]
    reconnect_after: Option<i64>,
}

/// Rules of the host's connectors.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Connector {
    /// A price or a quantity
    Bybit,
    /// A price and a quantity
    Binance,
    /// Nothing in particular
    Any,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Exchange model")]
struct Exchange {
    /// Quantity that rests ahead of a limit order at its price and trades first
    #[arg(long, value_name = "QUANTITY", default_value = "0", value_parser = not_negative)]
    queue: Decimal,
    /// Share of each trade that orders get at most, such as 0.25 [default: limit orders all of it, market
    /// orders fill whole]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    participation: Option<Decimal>,
    /// Milliseconds of the tape until an order or an amendment is at the exchange
    #[arg(long, value_name = "MS", default_value = "0", value_parser = clap::value_parser!(i64).range(0..86_400_000))]
    latency_ms: i64,
    /// Fee of limit orders that rest, in basis points; negative is a rebate
    #[arg(long, value_name = "BPS", default_value = "0", allow_hyphen_values = true, value_parser = bps)]
    maker_fee: Decimal,
    /// Fee of market, ioc and fok orders, in basis points
    #[arg(long, value_name = "BPS", default_value = "0", allow_hyphen_values = true, value_parser = bps)]
    taker_fee: Decimal,
    /// Currency of the fees, as fills name it to the plugin
    #[arg(long, value_name = "NAME")]
    fee_asset: Option<String>,
    /// Numbers of the orders, from 1, that the exchange refuses; as on the host, the plugin is not told
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..))]
    reject: Vec<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One document with everything
    Json,
    /// The orders, or the runs of a sweep
    Csv,
    /// The fills
    FillsCsv,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Side {
    Buy,
    Sell,
}

fn positive(text: &str) -> Result<Decimal, String> {
    let value = number(text)?;
    if value > Decimal::ZERO { Ok(value) } else { Err("it must be greater than 0".into()) }
}

fn number(text: &str) -> Result<Decimal, String> {
    text.parse().map_err(|error| format!("not a number: {error}"))
}

fn not_negative(text: &str) -> Result<Decimal, String> {
    let value = number(text)?;
    if value >= Decimal::ZERO { Ok(value) } else { Err("it must not be negative".into()) }
}

fn share(text: &str) -> Result<Decimal, String> {
    let value = positive(text)?;
    if value <= Decimal::ONE { Ok(value) } else { Err("it must not be more than 1".into()) }
}

fn bps(text: &str) -> Result<Decimal, String> {
    let value = number(text)?;
    let most = Decimal::from(10_000);
    if value.abs() <= most { Ok(value) } else { Err("it must be between -10000 and 10000".into()) }
}

fn not_empty(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("it is empty".into()) } else { Ok(text.to_owned()) }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let options = options(args)?;
    if let Some(dir) = &args.recorded {
        let report = replay::replay_session(&options, dir, shell)?;
        shell.data(&match args.format {
            Format::Json => report.json(),
            Format::Table | Format::Csv | Format::FillsCsv => report.table(),
        })?;
        return Ok(if report.ok() { DONE } else { REJECTED });
    }
    if let Some(file) = &args.sweep {
        let sweep = replay::sweep(&options, file, shell)?;
        shell.data(&match args.format {
            Format::Table => sweep.table(),
            Format::Json => sweep.json(),
            Format::Csv | Format::FillsCsv => sweep.csv(),
        })?;
        return Ok(if sweep.ok() { DONE } else { REJECTED });
    }
    let summary = replay::replay(&options, shell)?;
    if let Some(file) = &args.report {
        fs::write_atomic(file, replay::page(&summary).as_bytes()).map_err(replay::Error::from)?;
        shell.status("Wrote", file.display());
    }
    shell.data(&match args.format {
        Format::Table => replay::table(&summary),
        Format::Json => replay::json(&summary),
        Format::Csv => replay::orders_csv(&summary),
        Format::FillsCsv => replay::fills_csv(&summary),
    })?;
    Ok(if summary.ok() { DONE } else { REJECTED })
}

fn options(args: &Args) -> Result<replay::Options, Error> {
    Ok(replay::Options {
        plugin: args.plugin.clone(),
        tape: args.tape.clone().unwrap_or_default(),
        tape_options: replay::TapeOptions {
            names: args.columns.clone().unwrap_or_default(),
            skip_bad_rows: args.skip_bad_rows,
        },
        world: world(&args.session)?,
        side: match args.side {
            Side::Buy => PluginSide::Buy,
            Side::Sell => PluginSide::Sell,
        },
        quantity: args.quantity.unwrap_or(Decimal::ONE),
        params: args.params.clone(),
        restart_after: args.restart_after,
        model: model(&args.exchange),
    })
}

/// The profile says what is usual, the host's files what is so here, and flags come before both.
fn world(args: &Session) -> Result<replay::World, Error> {
    let profile = validate::host_profile(&args.host)?;
    let rules = &profile.session;
    let symbol = match &args.venue {
        Some(venue) => format!("{venue}:{}", code(&args.symbol)),
        None => args.symbol.clone(),
    };
    let mut world = replay::World::live(&profile.name, rules, &symbol);
    if let Some(path) = &args.config {
        world.limits = host_config::limits(path, rules.limits()).map_err(replay::Error::from)?;
    }
    if let Some(path) = &args.markets {
        let market = host_config::market(path, &world.symbol).map_err(replay::Error::from)?;
        world.kind = market.kind.unwrap_or(world.kind);
    }
    let limits = &mut world.limits;
    limits.max_order_quantity = args.max_order.unwrap_or(limits.max_order_quantity);
    limits.max_position_quantity = args.max_position.unwrap_or(limits.max_position_quantity);
    world.ticks |= args.ticks;
    world.balance = args.balance.unwrap_or(world.balance);
    world.timer_phase_ms = args.timer_phase;
    world.down_ms = args.down * 1_000;
    world.reconnect_after_ms = args.reconnect_after.map(|seconds| seconds * 1_000);
    if let Some(connector) = args.exchange {
        world.amend_rule = match connector {
            Connector::Bybit => replay::AmendRule::PriceOrQuantity,
            Connector::Binance => replay::AmendRule::PriceAndQuantity,
            Connector::Any => replay::AmendRule::Any,
        };
    }
    Ok(world)
}

/// A symbol without its venue.
fn code(symbol: &str) -> &str {
    symbol.rsplit_once(':').map_or(symbol, |(_, code)| code)
}

fn model(args: &Exchange) -> replay::ExchangeModel {
    replay::ExchangeModel {
        queue: args.queue,
        participation: args.participation,
        latency_ms: args.latency_ms,
        maker_bps: args.maker_fee,
        taker_bps: args.taker_fee,
        fee_asset: args.fee_asset.clone(),
        rejects: args.reject.clone(),
    }
}
