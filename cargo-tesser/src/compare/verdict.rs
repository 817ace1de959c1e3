//! The verdict and the exit code. In: pairs and their figures. Out: the verdict with its reason, and bounds that are not met.

use std::fmt;

use rust_decimal::Decimal;

use super::figures::Figure;
use super::pair::Pair;
use super::paired::{Clusters, Paired};
use crate::report::counted;

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All pairs have the same orders, fills and endings.
    Identical,
    /// NEW costs less.
    Better,
    /// NEW costs more, or fails where OLD does not.
    Worse,
    /// The interval contains 0.
    NoDifferenceShown,
    /// There is no interval.
    Undecided,
    /// Runs could not be made.
    Incomplete,
}

impl Verdict {
    /// In JSON.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NoDifferenceShown => "no-difference-shown",
            Self::Undecided => "undecided",
            Self::Incomplete => "incomplete",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.word().replace('-', " "))
    }
}

/// Conditions for the exit code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// Maximum of the upper end of the interval, in basis points, 0 or more.
    pub max_regression_bps: Option<Decimal>,
    /// All pairs must be identical.
    pub identical: bool,
}

/// The verdict with its reason.
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// The reason, in words.
    pub(super) reason: String,
    /// Bounds that are not met, in words.
    pub(super) objections: Vec<String>,
}

impl Judgement {
    pub(super) fn new(
        pairs: &[Pair],
        figures: &[Paired],
        clusters: Clusters,
        confidence: f64,
        bounds: Bounds,
    ) -> Self {
        let words = Words { pairs, figures, clusters, confidence };
        let (verdict, reason) = words.verdict();
        let mut objections = Vec::new();
        let differ = pairs.iter().filter(|pair| !pair.is_same() && !pair.is_not_made()).count();
        if bounds.identical && differ > 0 {
            objections.push(format!(
                "expected: identical; {differ} of {} differ{}",
                counted(pairs.len(), "pair"),
                if differ == 1 { "s" } else { "" }
            ));
        }
        if let Some(most) = bounds.max_regression_bps.filter(|_| verdict != Verdict::Identical) {
            let high = words.decisive().and_then(|paired| paired.interval.as_ref().ok());
            let most = most.normalize();
            match high.map(|(_, high)| *high) {
                Some(high) if high <= most => {}
                Some(high) => objections.push(format!(
                    "expected: at most {most} bps more; the interval ends at {high} bps"
                )),
                None => objections
                    .push(format!("expected: at most {most} bps more; there is no interval")),
            }
        }
        Self { verdict, reason, objections }
    }

    /// Whether the exit code is 0.
    pub(super) fn ok(&self, pairs: &[Pair], bounds: Bounds) -> bool {
        let is_bad = match self.verdict {
            Verdict::Incomplete => true,
            // A cost that is shown can still be within the bound.
            Verdict::Worse => {
                bounds.max_regression_bps.is_none()
                    || pairs.iter().any(Pair::breaks)
                    || nothing_filled(pairs)
            }
            _ => false,
        };
        !is_bad && self.objections.is_empty()
    }
}

/// Whether NEW fills nothing in any pair, and OLD does in some.
fn nothing_filled(pairs: &[Pair]) -> bool {
    let mut made = pairs.iter().filter_map(|pair| Some((pair.old.made()?, pair.new.made()?)));
    let any_old = made.clone().any(|(old, _)| !old.fills_nothing);
    any_old && made.all(|(_, new)| new.fills_nothing)
}

struct Words<'a> {
    pairs: &'a [Pair],
    figures: &'a [Paired],
    clusters: Clusters,
    confidence: f64,
}

impl Words<'_> {
    fn of(&self, figure: Figure) -> Option<&Paired> {
        self.figures.iter().find(|paired| paired.figure == figure)
    }

    fn decisive(&self) -> Option<&Paired> {
        self.of(super::figures::DECISIVE)
    }

    fn verdict(&self) -> (Verdict, String) {
        let count = |which: fn(&Pair) -> bool| self.pairs.iter().filter(|pair| which(pair)).count();
        let all = counted(self.pairs.len(), "pair");
        let (broken, missing) = (count(Pair::breaks), count(Pair::is_not_made));
        if broken > 0 {
            let reason = format!("NEW fails in {broken} of {all}, and OLD does not");
            return (Verdict::Worse, reason);
        }
        if missing > 0 {
            return (Verdict::Incomplete, format!("{missing} of {all} could not be run"));
        }
        let failed = count(|pair| pair.new.failure().is_some());
        if self.pairs.iter().all(Pair::is_same) {
            let failing = match failed {
                0 => String::new(),
                1 => ", of which 1 fails in both".to_owned(),
                failed => format!(", of which {failed} fail in both"),
            };
            return (
                Verdict::Identical,
                format!("orders, fills and endings of {all} are the same{failing}"),
            );
        }
        if nothing_filled(self.pairs) {
            return (Verdict::Worse, format!("NEW fills nothing in any of {all}"));
        }
        self.by_figure(failed)
    }

    /// The verdict by the decisive figure. If NEW fails or is shown to fill less, it is never better.
    fn by_figure(&self, failed: usize) -> (Verdict, String) {
        let Some(paired) = self.decisive() else {
            return (Verdict::Undecided, String::new());
        };
        let clusters = self.clusters.count(self.pairs);
        let noun = self.clusters.noun();
        let Some(means) = paired.means else {
            return (Verdict::Undecided, "no pair has a shortfall".into());
        };
        let pairs = counted(paired.pairs, "pair");
        let less = if means.difference < Decimal::ZERO { "less" } else { "more" };
        let by = format!("NEW costs {} bps {less}", means.difference.abs());
        let (low, high) = match &paired.interval {
            Ok(interval) => *interval,
            Err(why) => {
                return (Verdict::Undecided, format!("{by} in {pairs}; {}", why.words(noun)));
            }
        };
        let percent = percent(self.confidence);
        let reason = format!(
            "{by}, {percent} % interval {low} to {high}, {pairs} in {}",
            counted(clusters, noun)
        );
        let fills_less = self.of(Figure::Unfilled).is_some_and(|unfilled| {
            let is_more = unfilled.means.is_some_and(|means| means.difference > Decimal::ZERO);
            is_more && unfilled.interval.as_ref().map_or(true, |(low, _)| *low > Decimal::ZERO)
        });
        match (low > Decimal::ZERO, high < Decimal::ZERO) {
            (true, _) => (Verdict::Worse, reason),
            (_, true) if failed > 0 => (
                Verdict::NoDifferenceShown,
                format!("{reason}; but it fails in {}", counted(failed, "pair")),
            ),
            (_, true) if fills_less => {
                (Verdict::NoDifferenceShown, format!("{reason}; but it fills less"))
            }
            (_, true) => (Verdict::Better, reason),
            _ => (Verdict::NoDifferenceShown, reason),
        }
    }
}

/// A share as people write it: 95.
pub(super) fn percent(share: f64) -> String {
    let percent = (share * 1e4).round() / 1e2;
    percent.to_string()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tesser_wasm::PluginSide;

    use super::super::bootstrap::Bootstrap;
    use super::super::figures::Values;
    use super::super::pair::{Divergence, Made, Outcome, Ran};
    use super::*;
    use crate::replay::Interval;

    /// A run by its cost, what it leaves unfilled, and whether it fails.
    fn ran(cost: i64, unfilled: i64, fails: bool) -> Ran {
        let mut values: Values = [None; Figure::ALL.len()];
        for (value, figure) in values.iter_mut().zip(Figure::ALL) {
            *value = match figure {
                Figure::ShortfallCrossing => Some(Decimal::new(cost, 2)),
                Figure::Unfilled => Some(unfilled.into()),
                _ => None,
            };
        }
        let failure = fails.then(|| "it trapped".to_owned());
        let fills_nothing = unfilled == 100;
        let ending = "completed".into();
        let made = Made { ending, failure, fills_nothing, values };
        Ran { id: String::new(), outcome: Outcome::Made(Box::new(made)) }
    }

    fn pair(day: i64, old: Ran, new: Ran) -> Pair {
        Pair {
            tape: PathBuf::from("a.csv"),
            tape_sha256: Some("a".into()),
            side: PluginSide::Buy,
            interval: Interval::default(),
            measured: Some((day * 86_400_000, 60_000)),
            old,
            new,
            divergence: Divergence::AtEnd,
        }
    }

    /// Ten days; OLD costs 5 bps each day, and NEW what is given for the day.
    fn pairs(new: impl Fn(i64) -> Ran) -> Vec<Pair> {
        (0..10).map(|day| pair(day, ran(500, 0, false), new(day))).collect()
    }

    fn judged(pairs: &[Pair], bounds: Bounds) -> (Judgement, bool) {
        let bootstrap = Bootstrap { resamples: 1_000, confidence: 0.95 };
        let of = |figure| Paired::of(figure, pairs, Clusters::Day, bootstrap);
        let figures: Vec<_> = Figure::ALL.into_iter().map(of).collect();
        let judgement = Judgement::new(pairs, &figures, Clusters::Day, 0.95, bounds);
        let ok = judgement.ok(pairs, bounds);
        (judgement, ok)
    }

    #[track_caller]
    fn says(pairs: &[Pair], verdict: Verdict, is_ok: bool, reason: &str) {
        let (judgement, ok) = judged(pairs, Bounds::default());
        assert_eq!((judgement.verdict, ok), (verdict, is_ok), "{}", judgement.reason);
        assert!(judgement.reason.contains(reason), "{}", judgement.reason);
    }

    #[test]
    fn the_interval_of_the_cost_decides() {
        says(
            &pairs(|day| ran(400 + day, 0, false)),
            Verdict::Better,
            true,
            "NEW costs 0.955 bps less, 95 % interval -0.9",
        );
        says(
            &pairs(|day| ran(600 + day, 0, false)),
            Verdict::Worse,
            false,
            "NEW costs 1.045 bps more, 95 % interval 1.0",
        );
        let mixed = pairs(|day| ran(500 + (day - 5) * 20, 0, false));
        says(&mixed, Verdict::NoDifferenceShown, true, "10 pairs in 10 tape days");
    }

    #[test]
    fn few_days_are_no_verdict() {
        let few: Vec<_> = pairs(|day| ran(400 + day, 0, false)).into_iter().take(5).collect();
        let reason = "5 tape days are too few for an interval: at least 6 are needed";
        says(&few, Verdict::Undecided, true, reason);
        let one: Vec<_> = few.into_iter().take(1).collect();
        says(&one, Verdict::Undecided, true, "1 tape day is too few for an interval");
    }

    #[test]
    fn what_fails_is_never_better() {
        let breaks = pairs(|day| ran(400 + day, 0, day == 3));
        says(&breaks, Verdict::Worse, false, "NEW fails in 1 of 10 pairs, and OLD does not");
        let mut both = pairs(|day| ran(400 + day, 0, false));
        both[0].old = ran(500, 0, true);
        says(&both, Verdict::Better, true, "");
        both[0].new = ran(400, 0, true);
        says(&both, Verdict::NoDifferenceShown, true, "but it fails in 1 pair");
    }

    #[test]
    fn what_fills_less_is_never_better() {
        let less = pairs(|day| ran(400 + day, 30 + day, false));
        says(&less, Verdict::NoDifferenceShown, true, "but it fills less");
        // One day is no interval, and no excuse.
        let once = pairs(|day| ran(400 + day, if day == 0 { 50 } else { 0 }, false));
        says(&once, Verdict::NoDifferenceShown, true, "but it fills less");
        let nothing = pairs(|day| ran(400 + day, 100, false));
        says(&nothing, Verdict::Worse, false, "NEW fills nothing in any of 10 pairs");
    }

    #[test]
    fn equal_runs_are_identical_even_if_they_fail() {
        let mut same = pairs(|_| ran(500, 0, false));
        for pair in &mut same {
            pair.divergence = Divergence::None;
        }
        says(&same, Verdict::Identical, true, "orders, fills and endings of 10 pairs are the same");
        same[0].old = ran(500, 0, true);
        same[0].new = ran(500, 0, true);
        says(&same, Verdict::Identical, true, "are the same, of which 1 fails in both");
    }

    #[test]
    fn runs_that_could_not_be_made_leave_the_comparison_incomplete() {
        let mut missing = pairs(|day| ran(400 + day, 0, false));
        let not_made = || Outcome::NotMade("no such file".into());
        missing[0].old.outcome = not_made();
        missing[0].new.outcome = not_made();
        missing[0].divergence = Divergence::Unknown;
        says(&missing, Verdict::Incomplete, false, "1 of 10 pairs could not be run");
    }

    #[test]
    fn a_bound_is_met_by_the_upper_end_of_the_interval() {
        let bound =
            |bps: i64| Bounds { max_regression_bps: Some(Decimal::new(bps, 2)), identical: false };
        let dearer = pairs(|day| ran(600 + day, 0, false));
        let (judgement, ok) = judged(&dearer, bound(110));
        assert!(ok && judgement.verdict == Verdict::Worse);
        let (judgement, ok) = judged(&dearer, bound(100));
        assert!(!ok);
        let [objection] = &judgement.objections[..] else { panic!("{:?}", judgement.objections) };
        assert!(
            objection.starts_with("expected: at most 1 bps more; the interval ends at 1.0"),
            "{objection}"
        );
        let few: Vec<_> = dearer.into_iter().take(3).collect();
        let (judgement, ok) = judged(&few, bound(1_000));
        assert!(!ok);
        assert_eq!(judgement.objections, ["expected: at most 10 bps more; there is no interval"]);
        // A bound excuses no failure.
        let (_, ok) = judged(&pairs(|day| ran(400 + day, 0, day == 3)), bound(1_000));
        assert!(!ok);
    }

    #[test]
    fn runs_that_differ_are_not_identical() {
        let identical = Bounds { identical: true, max_regression_bps: None };
        let (judgement, ok) = judged(&pairs(|day| ran(400 + day, 0, false)), identical);
        assert!(!ok);
        assert_eq!(judgement.objections, ["expected: identical; 10 of 10 pairs differ"]);
    }
}
