//! The runs of a comparison: tapes x starts x sides. In: options that all runs share. Out: the options of each run.

use std::path::{Path, PathBuf};

use tesser_wasm::PluginSide;

use super::run_list::{RunList, tapes};
use super::{Error, Options};
use crate::fs;
use crate::simulator::tape::{Event, Tape, is_stream, recorder};

/// Maximum number of runs of one list.
const MOST: usize = 200_000;

/// Which runs to make.
#[derive(Clone, Debug)]
pub enum Runs {
    /// Those over tapes.
    Tapes {
        /// Paths, and patterns of paths.
        tapes: Vec<String>,
        /// Time between starts; the first run of a tape starts with its first trade. One run for each tape without it.
        every_ms: Option<i64>,
        /// Whether to run each start on both sides, or only on that of the options.
        both_sides: bool,
    },
    /// Those of a sweep's file.
    Sweep(PathBuf),
}

/// The options of each run, in an order that depends only on the arguments and the tapes.
///
/// # Errors
/// A pattern has no match, the file cannot be read, or a tape can be read only once.
pub fn runs(options: &Options, runs: &Runs) -> Result<Vec<Options>, Error> {
    let (paths, every_ms, both_sides) = match runs {
        Runs::Sweep(file) => {
            let list = RunList::read(options, file)?;
            check_count(list.len())?;
            check_streams(list.tapes().chain(list.book()))?;
            return Ok((0..list.len()).map(|number| list.get(number)).collect());
        }
        Runs::Tapes { tapes: patterns, every_ms, both_sides } => {
            (tapes(Path::new(""), patterns).map_err(Error::Tapes)?, *every_ms, *both_sides)
        }
    };
    check_streams(paths.iter().chain(&options.book).map(PathBuf::as_path))?;
    if options.book.is_some() && paths.len() > 1 {
        let tapes = paths.len();
        return Err(Error::Tapes(format!(
            "`--book` is of the time of one tape, and there are {tapes}"
        )));
    }
    let sides =
        if both_sides { vec![PluginSide::Buy, PluginSide::Sell] } else { vec![options.side] };
    let mut all = Vec::new();
    for path in paths.into_iter().map(files).collect::<Result<Vec<_>, _>>()?.concat() {
        let options = Options { tape: path, ..options.clone() };
        let starts = every_ms.map_or_else(|| vec![None], |every_ms| starts(&options, every_ms));
        check_count(all.len() + starts.len() * sides.len())?;
        for from_ms in starts {
            for side in &sides {
                let mut run = Options { side: *side, ..options.clone() };
                run.interval.from_ms = from_ms.or(run.interval.from_ms);
                all.push(run);
            }
        }
    }
    Ok(all)
}

/// At least two runs read each tape.
fn check_streams<'a>(mut paths: impl Iterator<Item = &'a Path>) -> Result<(), Error> {
    let stream = paths.find(|path| is_stream(path));
    stream.map_or(Ok(()), |path| Err(Error::Stream { path: path.to_owned() }))
}

fn check_count(count: usize) -> Result<(), Error> {
    if count <= MOST {
        return Ok(());
    }
    Err(Error::Tapes(format!(
        "these are more than {MOST} runs; name fewer tapes, or start them less often"
    )))
}

/// A folder of the host's recorder is one tape; of another folder, each file is one.
fn files(path: PathBuf) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() || !recorder::files(&path, "ticks")?.is_empty() {
        return Ok(vec![path]);
    }
    let mut files = fs::entries(&path)?;
    files.retain(|file| file.is_file());
    Ok(if files.is_empty() { vec![path] } else { files })
}

/// Start times, as long as the rest of the tape is as long as a run. A shorter tape, or one that cannot be read, has one run, which
/// reports the problem.
fn starts(options: &Options, every_ms: i64) -> Vec<Option<i64>> {
    let Some((first_ms, last_ms)) = span(options) else { return vec![None] };
    let last_ms = options.interval.to_ms.map_or(last_ms, |to_ms| last_ms.min(to_ms));
    let last_ms = last_ms.saturating_sub(options.interval.horizon_ms.unwrap_or_default());
    let mut starts = vec![Some(first_ms)];
    let mut next_ms = first_ms.saturating_add(every_ms);
    while next_ms <= last_ms && starts.len() <= MOST {
        starts.push(Some(next_ms));
        next_ms = next_ms.saturating_add(every_ms);
    }
    starts
}

/// Times of the first trade and of the last, from the start of the options' interval on.
fn span(options: &Options) -> Option<(i64, i64)> {
    let tape = Tape::open(&options.tape, &options.tape_options).ok()?;
    let from_ms = options.interval.from_ms.unwrap_or(i64::MIN);
    let times = tape.map_while(Result::ok).filter_map(|event| match event {
        Event::Trade(trade) => Some(trade.time_ms),
        _ => None,
    });
    let mut times = times.filter(|time_ms| *time_ms >= from_ms);
    let first_ms = times.next()?;
    Some((first_ms, times.last().unwrap_or(first_ms)))
}
