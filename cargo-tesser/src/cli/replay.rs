//! `cargo tesser replay`.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use rust_decimal::Decimal;
use serde_json::Value;
use tesser_wasm::PluginSide;

use super::crate_plugin::{Built, Own};
use super::session::{HostFiles, not_empty};
use super::sweep::{Folder, sweep_into};
use super::{Outcome, Terminal, numbers, params};
use crate::error::Error;
use crate::exit::{DONE, REJECTED};
use crate::fs;
use crate::parallel;
use crate::plugin::TestSettings;
use crate::replay::{self, Shown};
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a component built by `cargo tesser build` [default: build the crate's plugin first]
    #[arg(id = "FILE", value_name = "FILE")]
    plugin: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    output: Printed,
    #[command(flatten)]
    run: Run,
    #[command(flatten)]
    files: HostFiles,
    #[command(flatten)]
    own: Own,
}

/// Flags of a run, other than the plugin and the tape.
#[derive(Debug, clap::Args)]
#[group(id = "run")]
pub(super) struct Run {
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    interval: Interval,
    #[command(flatten)]
    expected: Expected,
    #[command(flatten)]
    exchange: Exchange,
    #[command(flatten)]
    session: super::session::Session,
    #[command(flatten)]
    course: super::session::Course,
    /// Restart the host after this many rows of the tape: a new instance gets the persisted state
    #[arg(long, value_name = "ROWS", value_parser = numbers::rows, allow_hyphen_values = true, help_heading = "Host session")]
    restart_after: Option<u64>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Tape")]
struct Source {
    /// Recorded trades, or a script of events; `-` for stdin
    ///
    /// Trades are CSV (such as Binance's files), Parquet, or a folder of the host's recorder; events are JSON lines. gzip,
    /// zstd and zip are unpacked.
    #[arg(long, value_name = "FILE|DIR", required_unless_present_any = ["sweep", "recorded"])]
    tape: Option<PathBuf>,
    /// Folder of the host's flight recorder with a recorded session, instead of a tape
    ///
    /// Its signals, fills and restarts are replayed, and the plugin's orders are compared with the recorded ones.
    #[arg(long = "session", id = "recorded", value_name = "DIR", conflicts_with_all = ["tape", "sweep", "report", "restart_after"])]
    recorded: Option<PathBuf>,
    /// Run all combinations of tapes, sets of parameters, start times and sides in a TOML file, on all cores
    ///
    /// The file has some of `tapes = ["2024-*.csv"]`, `starts`, `sides`, and `[[params]]` for each set; `{ from = "0.1", to = "0.5",
    /// step = "0.1" }` stands for each value of a range.
    #[arg(long, value_name = "FILE")]
    sweep: Option<PathBuf>,
    /// Run only one shard of a sweep, such as `3/64`: the third of 64
    ///
    /// Shards can run anywhere and in any order, and can be repeated. `cargo tesser sweep merge` merges their parts.
    #[arg(long, value_name = "K/N", requires_all = ["sweep", "out"], conflicts_with = "report")]
    shard: Option<replay::Shard>,
    /// Number of cores for a sweep [default: all that this process may use]
    #[arg(short, long, value_name = "N", requires = "sweep", value_parser = numbers::cores, allow_hyphen_values = true)]
    jobs: Option<usize>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Tape")]
struct Reading {
    /// Order book of the same time as the trades: files of Tardis, Binance, Bybit, OKX or the host
    ///
    /// Takers walk it, and resting orders queue behind the quantity at their price.
    #[arg(long, value_name = "FILE|DIR")]
    book: Option<PathBuf>,
    /// Names of columns, if not recognized, such as `price=px,quantity=sz,time=ts,side=taker`
    ///
    /// `time=ts:s` sets the unit: s, ms, us or ns. `maker_side=` and `is_buyer_maker=` name other columns of the side; `side=`
    /// infers the side from price changes. `symbol=` reads no symbols: all rows are of the session's symbol. Without a
    /// header, columns are numbered from 1.
    #[arg(long, value_name = "NAMES")]
    columns: Option<replay::Names>,
    /// Skip and count rows that cannot be read
    #[arg(long)]
    skip_bad_rows: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Signal")]
struct Target {
    /// Target quantity, in base currency [default for the crate's plugin: from `[package.metadata.tesser.test]`]
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true)]
    quantity: Option<Decimal>,
    /// Side of the signal [default: buy, or for the crate's plugin from `[package.metadata.tesser.test]`]
    #[arg(long, value_enum)]
    side: Option<Side>,
    /// The plugin's parameters: JSON, or a JSON or TOML file (`params.json` or `@params.json`) [default for the crate's plugin: from
    /// `[package.metadata.tesser.test]`]
    #[arg(long, value_name = "JSON|FILE", value_parser = params::parse)]
    params: Option<Value>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Interval")]
struct Interval {
    /// Leave out trades before this time: milliseconds since the Unix epoch, or a time such as `2024-01-31T08:00:00Z`
    #[arg(long, value_name = "TIME", value_parser = numbers::time_of_day, allow_hyphen_values = true)]
    from: Option<i64>,
    /// End the run at this time, and measure VWAP and TWAP up to it
    #[arg(long, value_name = "TIME", value_parser = numbers::time_of_day, allow_hyphen_values = true)]
    to: Option<i64>,
    /// End the run this long after the signal, and measure VWAP and TWAP up to then, so that runs are comparable
    #[arg(long, value_name = "SECONDS", value_parser = numbers::horizon, allow_hyphen_values = true)]
    horizon: Option<i64>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Result")]
struct Printed {
    /// Format of the result
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write runs, orders, amendments and fills as Parquet files to this folder
    #[arg(long, value_name = "DIR", conflicts_with = "recorded")]
    out: Option<PathBuf>,
    /// Write an HTML page with charts and tables that works offline
    ///
    /// For a sweep, the runs with the lowest and the highest shortfall get pages of their own beside it.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Expectations, for the exit code")]
struct Expected {
    /// Required ending of the run
    #[arg(long, value_enum, value_name = "ENDING")]
    expect: Option<Expectation>,
    /// Maximum implementation shortfall, in basis points, with fees and with the unfilled quantity at the crossing price
    #[arg(long, value_name = "BPS", value_parser = numbers::bps, allow_hyphen_values = true)]
    max_shortfall_bps: Option<Decimal>,
    /// Minimum share of the target that must be filled, such as 0.9
    #[arg(long, value_name = "SHARE", value_parser = numbers::target_share, allow_hyphen_values = true)]
    min_filled: Option<Decimal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Expectation {
    /// The plugin reports completion
    Completed,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Exchange model")]
struct Exchange {
    /// Milliseconds until an order or an amendment reaches the exchange
    #[arg(long, value_name = "MS", default_value = "20", value_parser = numbers::latency, allow_hyphen_values = true)]
    latency_ms: i64,
    /// Milliseconds until the host receives a fill
    #[arg(long, value_name = "MS", default_value = "20", value_parser = numbers::latency, allow_hyphen_values = true)]
    fill_latency_ms: i64,
    /// Half of the distance between best bid and best ask, in basis points [default: estimated from the tape]
    ///
    /// The estimate is the median price difference between consecutive trades of opposite takers.
    #[arg(long, value_name = "BPS", value_parser = numbers::not_negative, allow_hyphen_values = true)]
    half_spread: Option<Decimal>,
    /// Quantity that takers find at the best price of a side [default: as traded on the tape]
    ///
    /// The default is the quantity that takers of the side trade within `--depth-ms`, and at least that of their last trade.
    #[arg(long, value_name = "QUANTITY", value_parser = numbers::positive, allow_hyphen_values = true)]
    depth: Option<Decimal>,
    /// Milliseconds until the quantity that an order took is available again
    #[arg(long, value_name = "MS", default_value = "1000", value_parser = numbers::latency, allow_hyphen_values = true)]
    depth_ms: i64,
    /// Quantity ahead of a limit order in the queue at its price
    #[arg(long, value_name = "QUANTITY", default_value = "0", value_parser = numbers::not_negative, allow_hyphen_values = true)]
    queue: Decimal,
    /// With an order book: model for the part of a cancelled quantity that was ahead of an order
    ///
    /// The models are those of hftbacktest: `risk-averse`, `log-prob` and `power-prob:N`.
    #[arg(long, value_name = "MODEL", default_value = "risk-averse")]
    queue_model: replay::QueueModel,
    /// Maximum share of the volume that orders get, such as 0.25: of each trade at their price, and of the depth
    #[arg(long, value_name = "SHARE", value_parser = numbers::share, allow_hyphen_values = true)]
    participation: Option<Decimal>,
    /// Fee of maker fills, in basis points; negative is a rebate
    #[arg(long, value_name = "BPS", default_value = "0", allow_hyphen_values = true, value_parser = numbers::bps)]
    maker_fee: Decimal,
    /// Fee of taker fills, in basis points
    #[arg(long, value_name = "BPS", default_value = "0", allow_hyphen_values = true, value_parser = numbers::bps)]
    taker_fee: Decimal,
    /// Currency of the fees, as reported to the plugin with its fills
    #[arg(long, value_name = "NAME", value_parser = not_empty)]
    fee_asset: Option<String>,
    /// Numbers (from 1) of the orders that the exchange rejects; as on the host, the plugin is not notified
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = numbers::order, allow_hyphen_values = true)]
    reject: Vec<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people
    Table,
    /// One complete document
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

impl Args {
    pub(super) fn builds_first(&self) -> bool {
        self.plugin.is_none()
    }

    pub(super) fn writes_parts(&self) -> bool {
        self.source.sweep.is_some() && self.output.out.is_some()
    }
}

pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    let built = match &args.plugin {
        Some(_) => None,
        None => Some(args.own.build_one(terminal, shell)?),
    };
    let options = options(args, built)?;
    if let Some(cores) = args.source.jobs {
        parallel::use_cores(cores);
    }
    if let Some(dir) = &args.source.recorded {
        let report = replay::replay_session(&options, dir, shell)?;
        shell.data(&match args.output.format {
            Format::Json => report.json(),
            Format::Table | Format::Csv | Format::FillsCsv => report.table(),
        })?;
        return Ok(if report.ok() { DONE } else { REJECTED });
    }
    // Check this before a long run, not after it.
    args.output.report.as_deref().map_or(Ok(()), replay::check_page)?;
    if let Some(dir) = &args.output.out {
        replay::check_folder(dir)?;
    }
    if let (Some(file), Some(dir)) = (&args.source.sweep, &args.output.out)
        && !(matches!(args.output.format, Format::Json) && args.source.shard.is_none())
    {
        let Printed { format, report, .. } = &args.output;
        let folder = Folder {
            file,
            dir,
            shard: args.source.shard,
            format: *format,
            report: report.as_deref(),
        };
        return sweep_into(&options, &folder, shell);
    }
    if let Some(file) = &args.source.sweep {
        let sweep = replay::sweep(&options, file, shell)?;
        for (path, page) in
            args.output.report.iter().flat_map(|report| sweep.pages(report, &Shown::new(now_ms())))
        {
            write_page(&path, &page, shell)?;
        }
        if let Some(dir) = &args.output.out {
            sweep.write_tables(dir)?;
            shell.status("Wrote", dir.display());
        }
        shell.data(&match args.output.format {
            Format::Table => sweep.table(),
            Format::Json => sweep.json(),
            Format::Csv | Format::FillsCsv => sweep.csv(),
        })?;
        return Ok(if sweep.ok() { DONE } else { REJECTED });
    }
    let run = replay::replay(&options, shell)?;
    let summary = &run.summary;
    if let Some(file) = &args.output.report {
        write_page(file, &replay::page(&run, &Shown::new(now_ms())), shell)?;
    }
    if let Some(dir) = &args.output.out {
        replay::write_tables(dir, &run)?;
        shell.status("Wrote", dir.display());
    }
    shell.data(&match args.output.format {
        Format::Table => replay::table(summary),
        Format::Json => replay::json(&run),
        Format::Csv => replay::orders_csv(summary),
        Format::FillsCsv => replay::fills_csv(summary),
    })?;
    Ok(if summary.ok() { DONE } else { REJECTED })
}

pub(super) fn write_page(path: &Path, page: &str, shell: Shell) -> Result<(), Error> {
    fs::write_atomic(path, page.as_bytes()).map_err(replay::Error::from)?;
    shell.status("Wrote", path.display());
    Ok(())
}

/// The time, in milliseconds since the Unix epoch.
pub(super) fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_millis().try_into().unwrap_or(i64::MAX)
}

/// Combines the flags with the settings of the package that was built; flags take precedence.
fn options(args: &Args, built: Option<Built>) -> Result<replay::Options, Error> {
    let plugin = match (&args.plugin, &built) {
        (Some(plugin), _) => plugin.clone(),
        (None, Some(built)) => built.path.clone(),
        (None, None) => return Err(Error::NoFile),
    };
    let settings = built.map(|built| built.test);
    let tape = args.source.tape.clone().unwrap_or_default();
    // The signals of a recorded session have quantities, so it needs no flag.
    let default_quantity = args.source.recorded.as_ref().map(|_| Decimal::ONE);
    args.run.options(plugin, tape, settings.as_ref(), &args.files, default_quantity)
}

impl Run {
    /// Returns the options of a run of a plugin over a tape. Flags take precedence over the settings of its package.
    pub(super) fn options(
        &self,
        plugin: PathBuf,
        tape: PathBuf,
        settings: Option<&TestSettings>,
        files: &HostFiles,
        default_quantity: Option<Decimal>,
    ) -> Result<replay::Options, Error> {
        let Target { quantity, side, params } = &self.target;
        let quantity = quantity.or(settings.map(|settings| settings.quantity));
        let quantity = quantity.or(default_quantity).ok_or(Error::NoQuantity)?;
        let side: Option<PluginSide> = match side {
            Some(Side::Buy) => Some(PluginSide::Buy),
            Some(Side::Sell) => Some(PluginSide::Sell),
            None => settings.and_then(|settings| settings.side),
        };
        let params = params.clone().or(settings.map(|settings| settings.params.clone()));
        let mut world = self.session.world(settings, files)?;
        self.course.apply(&mut world);
        let interval = replay::Interval {
            from_ms: self.interval.from,
            to_ms: self.interval.to,
            horizon_ms: self.interval.horizon.map(|seconds| seconds.saturating_mul(1_000)),
        };
        if interval.from_ms.zip(interval.to_ms).is_some_and(|(from_ms, to_ms)| from_ms >= to_ms) {
            return Err(replay::Error::NoInterval.into());
        }
        Ok(replay::Options {
            plugin,
            tape,
            book: self.reading.book.clone(),
            tape_options: replay::TapeOptions {
                names: self.reading.columns.clone().unwrap_or_default(),
                skip_bad_rows: self.reading.skip_bad_rows,
            },
            world,
            side: side.unwrap_or(PluginSide::Buy),
            quantity,
            params: params.unwrap_or_default(),
            restart_after: self.restart_after,
            model: model(&self.exchange),
            interval,
            expected: replay::Expected {
                completed: self.expected.expect == Some(Expectation::Completed),
                max_shortfall_bps: self.expected.max_shortfall_bps,
                min_filled: self.expected.min_filled,
            },
        })
    }
}

fn model(args: &Exchange) -> replay::ExchangeModel {
    replay::ExchangeModel {
        queue: args.queue,
        participation: args.participation,
        queue_model: args.queue_model,
        latency_ms: args.latency_ms,
        fill_latency_ms: args.fill_latency_ms,
        spread: args.half_spread.map_or(replay::Spread::Estimated, replay::Spread::Half),
        depth: args.depth.map_or(replay::Depth::Traded, replay::Depth::Fixed),
        depth_ms: args.depth_ms,
        maker_bps: args.maker_fee,
        taker_bps: args.taker_fee,
        fee_asset: args.fee_asset.clone(),
        rejects: args.reject.clone(),
    }
}
