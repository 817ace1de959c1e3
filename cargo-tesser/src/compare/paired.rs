//! Paired differences of each figure, over all pairs. In: pairs. Out: means, an interval for the difference, and how many pairs are better.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::bootstrap::{Bootstrap, Cluster, NoInterval, mean};
use super::figures::Figure;
use super::pair::Pair;

const DAY_MS: i64 = 86_400_000;

/// Which pairs form a cluster: they see the same market, and count as one observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clusters {
    /// Pairs over one tape whose signals come on the same UTC day.
    Day,
    /// Pairs over one tape whose signals come at the same time, such as those of both sides.
    Start,
}

impl Clusters {
    /// What a cluster is called.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Day => "tape day",
            Self::Start => "start",
        }
    }

    fn key(self, pair: &Pair) -> (&str, i64) {
        let (start_ms, _) = pair.measured.unwrap_or_default();
        let part = match self {
            Self::Day => start_ms.div_euclid(DAY_MS),
            Self::Start => start_ms,
        };
        // Two files with equal bytes are one tape.
        (pair.tape_sha256.as_deref().unwrap_or_default(), part)
    }

    /// The number of clusters.
    pub(super) fn count(self, pairs: &[Pair]) -> usize {
        pairs
            .iter()
            .filter(|pair| !pair.is_not_made())
            .map(|pair| self.key(pair))
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// Whether runs with different starts overlap, so that they are not independent.
    pub(super) fn overlap(self, pairs: &[Pair]) -> bool {
        if self == Self::Day {
            return false;
        }
        let mut spans: Vec<_> = pairs
            .iter()
            .filter_map(|pair| Some((pair.tape_sha256.as_deref()?, pair.measured?)))
            .collect();
        spans.sort_unstable();
        spans.windows(2).any(|two| {
            let [(tape, (start_ms, length_ms)), (other, (next_ms, _))] = two else { return false };
            tape == other && next_ms > start_ms && *next_ms < start_ms.saturating_add(*length_ms)
        })
    }
}

/// A figure over all pairs that have it in both runs.
#[derive(Clone, Debug)]
pub(super) struct Paired {
    pub(super) figure: Figure,
    pub(super) pairs: usize,
    /// Means, and the mean difference; none without pairs.
    pub(super) means: Option<Means>,
    pub(super) interval: Result<(Decimal, Decimal), NoInterval>,
    /// Pairs in which NEW is less, which is better, more, and the same.
    pub(super) better: usize,
    pub(super) worse: usize,
    pub(super) equal: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Means {
    pub(super) old: Decimal,
    pub(super) new: Decimal,
    /// NEW less OLD.
    pub(super) difference: Decimal,
}

impl Paired {
    pub(super) fn of(
        figure: Figure,
        pairs: &[Pair],
        clusters: Clusters,
        bootstrap: Bootstrap,
    ) -> Self {
        let mut grouped: BTreeMap<_, Cluster> = BTreeMap::new();
        let (mut old, mut new) = (Cluster::default(), Cluster::default());
        let (mut better, mut worse, mut equal) = (0, 0, 0);
        for pair in pairs {
            let Some(difference) = pair.difference(figure) else { continue };
            let values = pair.old.value(figure).zip(pair.new.value(figure));
            let (then, now) = values.unwrap_or_default();
            old.add(then);
            new.add(now);
            grouped.entry(clusters.key(pair)).or_default().add(difference);
            match difference.cmp(&Decimal::ZERO) {
                std::cmp::Ordering::Less => better += 1,
                std::cmp::Ordering::Greater => worse += 1,
                std::cmp::Ordering::Equal => equal += 1,
            }
        }
        let grouped: Vec<_> = grouped.into_values().collect();
        let means = mean(&[old]).zip(mean(&[new])).zip(mean(&grouped));
        Self {
            figure,
            pairs: better + worse + equal,
            means: means.map(|((old, new), difference)| Means {
                old: rounded(old),
                new: rounded(new),
                difference: rounded(difference),
            }),
            interval: bootstrap.interval(&grouped).map(|(low, high)| (rounded(low), rounded(high))),
            better,
            worse,
            equal,
        }
    }
}

impl Cluster {
    fn add(&mut self, value: Decimal) {
        self.sum += value.to_f64().unwrap_or_default();
        self.pairs += 1.0;
    }
}

/// Rounds to 4 decimal places, as costs are.
fn rounded(value: f64) -> Decimal {
    Decimal::from_f64_retain(value).unwrap_or_default().round_dp(4).normalize()
}
