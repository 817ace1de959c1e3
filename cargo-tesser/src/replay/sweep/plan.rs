//! The parts of a sweep: runs that follow each other, and are written together. In: the number of runs. Out: which runs a part
//! has, and which parts a shard makes. It does not depend on the number of shards, so that any can finish what others began.

use std::ops::Range;
use std::str::FromStr;

/// Number of parts of a large sweep, if a part has room for so many runs.
const PARTS: usize = 1_000;

/// Maximum number of runs of a part: their results are in memory until it is written.
const MOST_RUNS: usize = 250;

/// Some of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    number: usize,
    shards: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, shards)| {
            Some(Self { number: number.parse().ok()?, shards: shards.parse().ok()? })
        });
        let is_one = |shard: &Self| (1..=shard.shards).contains(&shard.number);
        numbers.filter(is_one).ok_or_else(|| {
            "it must be K/N, such as `3/64`: K from 1 to N, the number of shards".into()
        })
    }
}

/// The parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    runs: usize,
    /// Runs of each part; the last one may have less.
    pub(super) runs_of_a_part: usize,
}

impl Plan {
    pub(super) fn new(runs: usize) -> Self {
        Self { runs, runs_of_a_part: runs.div_ceil(PARTS).clamp(1, MOST_RUNS) }
    }

    /// The number of parts.
    pub(super) fn parts(self) -> usize {
        self.runs.div_ceil(self.runs_of_a_part)
    }

    /// The numbers of a part's runs.
    pub(super) fn runs(self, part: usize) -> Range<usize> {
        let start = part * self.runs_of_a_part;
        start..self.runs.min(start + self.runs_of_a_part)
    }

    /// The parts that a shard makes; without one it is all of them.
    pub(super) fn of_shard(self, shard: Option<Shard>) -> Vec<usize> {
        let Shard { number, shards } = shard.unwrap_or(Shard { number: 1, shards: 1 });
        (number - 1..self.parts()).step_by(shards).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_is_in_one_part_and_each_part_in_one_shard() {
        for runs in [1, 2, 999, 1_001, 100_000, 1_234_567] {
            let plan = Plan::new(runs);
            let all: usize = (0..plan.parts()).map(|part| plan.runs(part).len()).sum();
            assert_eq!(all, runs);
            assert_eq!(plan.runs(plan.parts() - 1).end, runs);
            for shards in [1, 3, 64, 5_000] {
                let shard = |number| Shard { number, shards };
                let mut parts: Vec<_> =
                    (1..=shards).flat_map(|number| plan.of_shard(Some(shard(number)))).collect();
                parts.sort_unstable();
                assert_eq!(parts, (0..plan.parts()).collect::<Vec<_>>());
            }
        }
        assert_eq!(Plan::new(100_000).runs_of_a_part, 100);
        assert_eq!(Plan::new(640).parts(), 640);
    }

    #[test]
    fn a_shard_is_one_of_so_many() {
        assert_eq!("3/64".parse(), Ok(Shard { number: 3, shards: 64 }));
        for text in ["0/4", "5/4", "3", "/", "a/b", "-1/2", "1/0"] {
            text.parse::<Shard>().unwrap_err();
        }
    }
}
