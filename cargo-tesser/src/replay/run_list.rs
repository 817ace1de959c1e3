//! The runs of a sweep, as a list that nobody writes out: tapes x sets of parameters x starts x sides.
//!
//! In: a sweep's file and the options that all runs share. Out: how many runs there are, and the options of each by its number,
//! which are the same on every machine. The side varies fastest, the tape slowest.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tesser_wasm::PluginSide;

use super::ranges::{Combinations, MAX_RUNS, too_many};
use super::starts::{self, Starts};
use super::{Error, Options};
use crate::fs;
use crate::report::escape_untrusted;
use crate::simulator::tape::{Event, Tape, is_stream};

/// What a sweep's file has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tapes: Vec<String>,
    #[serde(default)]
    params: Vec<Map<String, Value>>,
    starts: Option<starts::Written>,
    sides: Option<Vec<Side>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Buy,
    Sell,
}

/// The runs.
#[derive(Clone, Debug)]
pub(super) struct RunList {
    /// What holds where the list says nothing else.
    shared: Options,
    tapes: Vec<ListedTape>,
    sets: Vec<Combinations>,
    starts: Starts,
    sides: Vec<PluginSide>,
}

/// A tape, and what runs over it need to know before they start.
#[derive(Clone, Debug)]
struct ListedTape {
    path: PathBuf,
    /// Of its first trade, where starts count from it.
    first_ms: Option<i64>,
}

impl RunList {
    /// Reads a sweep's file. Its tapes are relative to it; a pattern stands for the files that match, sorted by their names.
    ///
    /// # Errors
    /// It cannot be read, or says what cannot be run.
    pub(super) fn read(options: &Options, path: &Path) -> Result<Self, Error> {
        let bad = |reason: String| Error::Sweep { path: path.to_owned(), reason };
        let file: File = toml_edit::de::from_str(&fs::read_text(path)?)
            .map_err(|error| bad(escape_untrusted(error.message())))?;
        let has_nothing = file.tapes.is_empty() && file.params.is_empty();
        if has_nothing && file.starts.is_none() && file.sides.is_none() {
            return Err(bad("it names neither tapes nor parameters, starts or sides".into()));
        }
        let tapes = match &file.tapes[..] {
            [] if options.tape.as_os_str().is_empty() => {
                return Err(bad("it names no tapes, and there is no `--tape`".into()));
            }
            [] => vec![options.tape.clone()],
            patterns => tapes(fs::parent(path), patterns).map_err(bad)?,
        };
        let sets: Result<Vec<_>, _> = file.params.iter().map(Combinations::of).collect();
        let starts = file.starts.as_ref().map(Starts::of).transpose().map_err(bad)?;
        let sides = file.sides.map(|sides| {
            let side = |side| match side {
                Side::Buy => PluginSide::Buy,
                Side::Sell => PluginSide::Sell,
            };
            sides.into_iter().map(side).collect()
        });
        let list = Self {
            shared: options.clone(),
            tapes: tapes.into_iter().map(|path| ListedTape { path, first_ms: None }).collect(),
            sets: sets.map_err(bad)?,
            starts: starts.unwrap_or_default(),
            sides: sides.unwrap_or_else(|| vec![options.side]),
        };
        list.completed().map_err(|error| match error {
            Refused::List(reason) => bad(reason),
            Refused::Other(error) => *error,
        })
    }

    /// With what is known only from the tapes.
    fn completed(mut self) -> Result<Self, Refused> {
        if self.sets.is_empty() {
            self.sets.push(Combinations::of(&Map::new())?);
        }
        let sets = self.sets.iter().map(Combinations::len);
        let sets = sets.fold(0_usize, usize::saturating_add);
        let each = sets.saturating_mul(self.starts.len()).saturating_mul(self.sides.len());
        match self.tapes.len().saturating_mul(each) {
            0 => return Err(Refused::List("it has no runs: one of its lists is empty".into())),
            runs if runs > MAX_RUNS => return Err(Refused::List(too_many())),
            _ => {}
        }
        if self.shared.book.is_some() && self.tapes.len() > 1 {
            let tapes = self.tapes.len();
            let reason = format!("`--book` is of the time of one tape, and there are {tapes}");
            return Err(Refused::List(reason));
        }
        let paths = self.tapes.iter().map(|tape| &tape.path);
        let mut streams = paths.chain(&self.shared.book).filter(|tape| is_stream(tape));
        let is_read_twice = each > 1 || self.starts.are_of_the_tape();
        if let Some(stream) = streams.next().filter(|_| is_read_twice || streams.next().is_some()) {
            return Err(Error::Stream { path: stream.clone() }.into());
        }
        if self.starts.are_of_the_tape() {
            for tape in &mut self.tapes {
                tape.first_ms = first_trade_ms(&tape.path, &self.shared);
            }
        }
        Ok(self)
    }

    /// How many runs there are.
    pub(super) fn len(&self) -> usize {
        self.tapes.len() * self.runs_of_a_tape()
    }

    fn sets(&self) -> usize {
        self.sets.iter().map(Combinations::len).sum()
    }

    fn runs_of_a_tape(&self) -> usize {
        self.sets() * self.starts.len() * self.sides.len()
    }

    /// The options of a run by its number, from 0 to [`len`](Self::len).
    pub(super) fn get(&self, number: usize) -> Options {
        let (number, side) = (number / self.sides.len(), number % self.sides.len());
        let (number, start) = (number / self.starts.len(), number % self.starts.len());
        let (tape, set) = (number / self.sets(), number % self.sets());
        let ListedTape { path, first_ms } = &self.tapes[tape];
        let mut options = Options {
            tape: path.clone(),
            side: self.sides[side],
            params: self.with_params(self.set(set)),
            ..self.shared.clone()
        };
        if let Some(start_ms) = self.starts.get(start, *first_ms) {
            options.interval.from_ms = Some(start_ms);
        }
        options
    }

    fn set(&self, number: usize) -> Map<String, Value> {
        let mut rest = number;
        for set in &self.sets {
            if rest < set.len() {
                return set.get(rest);
            }
            rest -= set.len();
        }
        Map::new()
    }

    /// The parameters of all runs with those of a set.
    fn with_params(&self, set: Map<String, Value>) -> Value {
        match &self.shared.params {
            Value::Object(params) => {
                let mut params = params.clone();
                params.extend(set);
                Value::Object(params)
            }
            params if set.is_empty() => params.clone(),
            _ => Value::Object(set),
        }
    }

    /// Sets of parameters in which each value of each parameter occurs, to check them before the first run.
    pub(super) fn each_param(&self) -> impl Iterator<Item = Value> {
        self.sets.iter().flat_map(|set| set.each_value().map(|set| self.with_params(set)))
    }

    /// What the list adds to the options, for an id. The tapes are not in it.
    pub(super) fn identity(&self) -> Value {
        json!([self.sets, self.starts, self.sides])
    }

    /// The number of the tape that a run reads.
    pub(super) fn tape_of(&self, number: usize) -> usize {
        number / self.runs_of_a_tape()
    }

    /// A tape that can be read only once.
    pub(super) fn stream(&self) -> Option<&Path> {
        self.tapes().chain(self.book()).find(|tape| is_stream(tape))
    }

    /// The tapes, in the list's order.
    pub(super) fn tapes(&self) -> impl Iterator<Item = &Path> {
        self.tapes.iter().map(|tape| tape.path.as_path())
    }

    /// The order book, which is that of all runs.
    pub(super) fn book(&self) -> Option<&Path> {
        self.shared.book.as_deref()
    }
}

/// Why there is no list.
enum Refused {
    /// What is wrong with the file.
    List(String),
    Other(Box<Error>),
}

impl From<String> for Refused {
    fn from(reason: String) -> Self {
        Self::List(reason)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Other(Box::new(error))
    }
}

/// The files that paths and patterns name, each once.
pub(super) fn tapes(dir: &Path, patterns: &[String]) -> Result<Vec<PathBuf>, String> {
    let mut tapes = Vec::new();
    for pattern in patterns {
        let path = dir.join(pattern);
        if fs::is_there(&path) || !fs::is_pattern(pattern) {
            tapes.push(path);
            continue;
        }
        let found = fs::matching(dir, pattern).map_err(|error| format!("`{pattern}`: {error}"))?;
        if found.is_empty() {
            return Err(format!("no tape matches `{pattern}`"));
        }
        let is_new = |path: &PathBuf| !tapes.contains(path);
        let found: Vec<_> = found.into_iter().filter(is_new).collect();
        tapes.extend(found);
    }
    Ok(tapes)
}

/// The time of a tape's first trade; a tape that cannot be read says so when it is run.
fn first_trade_ms(path: &Path, options: &Options) -> Option<i64> {
    let tape = Tape::open(path, &options.tape_options).ok()?;
    tape.map_while(Result::ok).find_map(|event| match event {
        Event::Trade(trade) => Some(trade.time_ms),
        _ => None,
    })
}
