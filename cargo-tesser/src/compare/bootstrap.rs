//! The bootstrap interval of the mean of paired differences.
//!
//! In: differences of a figure, in clusters that are independent of each other. Out: their mean and an interval for it. Clusters are
//! resampled, not pairs, since the pairs of a cluster see the same market. The interval is studentized (bootstrap-t); docs/design/compare.md
//! says why.

use crate::random::SplitMix64;
use crate::report::counted;

/// Minimum number of clusters for an interval.
pub const FEWEST_CLUSTERS: usize = 6;

/// Seed of the generator, always the same: each interval can be reproduced.
pub const SEED: u64 = 1;

/// Name of the generator.
pub const GENERATOR: &str = "SplitMix64";

/// Name of the method.
pub const METHOD: &str = "studentized cluster bootstrap";

/// How intervals are computed.
#[derive(Clone, Copy, Debug)]
pub struct Bootstrap {
    /// Number of resamples, at least 1,000.
    pub resamples: usize,
    /// Confidence level, from 0.5 to 0.99.
    pub confidence: f64,
}

/// The differences of one cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cluster {
    /// Their sum.
    pub(super) sum: f64,
    /// Their number.
    pub(super) pairs: f64,
}

/// Why there is no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoInterval {
    /// There are too few clusters.
    FewClusters {
        /// Their number.
        clusters: usize,
    },
    /// So many clusters are equal that many resamples consist only of these.
    ManyEqual,
}

impl NoInterval {
    /// As a sentence, with the noun of a cluster.
    pub(super) fn words(self, noun: &str) -> String {
        match self {
            Self::FewClusters { clusters } => format!(
                "{} {} too few for an interval: at least {FEWEST_CLUSTERS} are needed",
                counted(clusters as u64, noun),
                if clusters == 1 { "is" } else { "are" }
            ),
            Self::ManyEqual => format!("too many {noun}s are equal for an interval"),
        }
    }
}

/// The mean over all pairs; none without pairs.
pub(super) fn mean(clusters: &[Cluster]) -> Option<f64> {
    let pairs: f64 = clusters.iter().map(|cluster| cluster.pairs).sum();
    let sum: f64 = clusters.iter().map(|cluster| cluster.sum).sum();
    (pairs > 0.0).then(|| sum / pairs)
}

impl Bootstrap {
    /// The interval of the mean over all pairs.
    pub(super) fn interval(self, clusters: &[Cluster]) -> Result<(f64, f64), NoInterval> {
        let few = NoInterval::FewClusters { clusters: clusters.len() };
        let mean = mean(clusters).filter(|_| clusters.len() >= FEWEST_CLUSTERS).ok_or(few)?;
        // The sum of each cluster minus what its pairs would have at the mean.
        let excess = |cluster: &Cluster| {
            let sum = cluster.sum - cluster.pairs * mean;
            // Figures have at most 6 decimal places: anything smaller is a rounding error.
            Cluster { sum: if sum.abs() < 1e-9 { 0.0 } else { sum }, pairs: cluster.pairs }
        };
        let excesses: Vec<_> = clusters.iter().map(excess).collect();
        let all = Sums::of(excesses.iter());
        let error = all.standard_error();
        if error == 0.0 {
            return Ok((mean, mean));
        }
        let mut random = SplitMix64(SEED);
        let mut ratios: Vec<f64> = (0..self.resamples)
            .map(|_| {
                let drawn =
                    (0..excesses.len()).map(|_| &excesses[below(&mut random, excesses.len())]);
                Sums::of(drawn).studentized()
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        let rank = self.tail_rank();
        let (low, high) = (ratios[rank], ratios[ratios.len() - 1 - rank]);
        if low.is_finite() && high.is_finite() {
            // If resamples lie far above the mean, the mean may lie as far above the true one: the upper tail gives the lower end.
            Ok((mean - high * error, mean - low * error))
        } else {
            Err(NoInterval::ManyEqual)
        }
    }

    /// Index of the last ratio of the lower tail.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is small and positive"
    )]
    #[expect(clippy::cast_precision_loss, reason = "resamples are fewer than 2^52")]
    fn tail_rank(self) -> usize {
        let tail = (1.0 - self.confidence) / 2.0 * (self.resamples as f64 + 1.0);
        // The product can be a little below a whole number.
        ((tail + 1e-6) as usize).saturating_sub(1).min(self.resamples.saturating_sub(1) / 2)
    }
}

/// Sums over clusters, of which `sum` is the excess over a mean.
#[derive(Default)]
struct Sums {
    clusters: f64,
    sum: f64,
    pairs: f64,
    sum_squared: f64,
    sum_times_pairs: f64,
    pairs_squared: f64,
}

impl Sums {
    fn of<'a>(clusters: impl Iterator<Item = &'a Cluster>) -> Self {
        let mut all = Self::default();
        for Cluster { sum, pairs } in clusters {
            all.clusters += 1.0;
            all.sum += sum;
            all.pairs += pairs;
            all.sum_squared += sum * sum;
            all.sum_times_pairs += sum * pairs;
            all.pairs_squared += pairs * pairs;
        }
        all
    }

    /// Standard error of the mean over all pairs, from the spread between clusters.
    fn standard_error(&self) -> f64 {
        let mean = self.sum / self.pairs;
        let squares =
            self.sum_squared - 2.0 * mean * self.sum_times_pairs + mean * mean * self.pairs_squared;
        // If all clusters are equal, only a rounding error is left.
        if squares <= self.sum_squared * 1e-12 {
            return 0.0;
        }
        (squares * self.clusters / (self.clusters - 1.0)).sqrt() / self.pairs
    }

    /// The mean excess in standard errors; infinite if all clusters are equal and it is not 0.
    fn studentized(&self) -> f64 {
        let mean = self.sum / self.pairs;
        if mean == 0.0 { 0.0 } else { mean / self.standard_error() }
    }
}

/// Returns a number below `end`; the bias for ends below 2^32 is less than 2^-32.
#[expect(clippy::cast_possible_truncation, reason = "the product's upper half is below `end`")]
fn below(random: &mut SplitMix64, end: usize) -> usize {
    ((u128::from(random.next()) * end as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Bootstrap = Bootstrap { resamples: 10_000, confidence: 0.95 };

    fn single(differences: &[f64]) -> Vec<Cluster> {
        differences.iter().map(|sum| Cluster { sum: *sum, pairs: 1.0 }).collect()
    }

    #[test]
    fn clusters_are_drawn_equally_often() {
        let mut random = SplitMix64(1_234_567);
        let mut seen = [0; 7];
        (0..7_000).for_each(|_| seen[below(&mut random, 7)] += 1);
        assert!(seen.iter().all(|times| (900..1_100).contains(times)), "{seen:?}");
    }

    #[test]
    fn a_tail_of_ten_thousand_has_250_ratios() {
        assert_eq!(USUAL.tail_rank(), 249);
        assert_eq!(Bootstrap { resamples: 9_999, ..USUAL }.tail_rank(), 249);
        assert_eq!(Bootstrap { resamples: 1_000, confidence: 0.99 }.tail_rank(), 4);
    }

    #[test]
    fn few_clusters_claim_no_interval() {
        let few = USUAL.interval(&single(&[1.0; 5]));
        assert_eq!(few, Err(NoInterval::FewClusters { clusters: 5 }));
        assert_eq!(USUAL.interval(&[]), Err(NoInterval::FewClusters { clusters: 0 }));
    }

    #[test]
    fn equal_differences_have_an_interval_of_no_width() {
        assert_eq!(USUAL.interval(&single(&[0.0; 6])), Ok((0.0, 0.0)));
        assert_eq!(USUAL.interval(&single(&[0.25; 6])), Ok((0.25, 0.25)));
    }

    #[test]
    fn one_cluster_that_differs_is_no_evidence() {
        let one = single(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -3.0]);
        assert_eq!(USUAL.interval(&one), Err(NoInterval::ManyEqual));
    }

    #[test]
    fn a_cluster_counts_by_its_pairs_and_is_drawn_as_a_whole() {
        let mut clusters = single(&[1.0, 2.0, 3.0, 1.0, 2.0]);
        clusters.push(Cluster { sum: -10.0, pairs: 5.0 });
        assert_eq!(mean(&clusters), Some(-0.1));
        let (low, high) = USUAL.interval(&clusters).unwrap();
        // As twenty lines of numpy with the same generator have it.
        assert!((low + 13.427_249_153_520).abs() < 1e-9 && (high - 3.147_956_689_869).abs() < 1e-9);
        let apart = single(&[1.0, 2.0, 3.0, 1.0, 2.0, -2.0, -2.0, -2.0, -2.0, -2.0]);
        let (low_apart, high_apart) = USUAL.interval(&apart).unwrap();
        assert!(low < low_apart && high > high_apart, "{low} {high} {low_apart} {high_apart}");
    }

    /// How many of 400 intervals contain the true mean, which is 0.
    fn covered(clusters: usize, mut draw: impl FnMut(&mut SplitMix64) -> f64) -> usize {
        let mut random = SplitMix64(99);
        let quick = Bootstrap { resamples: 1_000, confidence: 0.95 };
        (0..400)
            .filter(|_| {
                let drawn: Vec<_> = (0..clusters).map(|_| draw(&mut random)).collect();
                let interval = quick.interval(&single(&drawn));
                interval.is_ok_and(|(low, high)| low <= 0.0 && high >= 0.0)
            })
            .count()
    }

    #[expect(clippy::cast_precision_loss, reason = "the upper 53 bits")]
    fn uniform(random: &mut SplitMix64) -> f64 {
        (random.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(random: &mut SplitMix64) -> f64 {
        (0..12).map(|_| uniform(random)).sum::<f64>() - 6.0
    }

    #[test]
    fn intervals_contain_the_true_mean_about_as_often_as_they_claim() {
        for clusters in [6, 12, 30] {
            let covered = covered(clusters, normal);
            // 95 % of 400 are 380.
            assert!((364..=396).contains(&covered), "{covered} of 400 with {clusters} clusters");
        }
    }

    #[test]
    fn skewed_differences_are_covered_too() {
        // Exponential, with its mean taken off: a percentile interval contains it in 85 % with 8 clusters.
        let covered = covered(8, |random| -uniform(random).max(1e-300).ln() - 1.0);
        assert!((364..=396).contains(&covered), "{covered} of 400");
    }
}
