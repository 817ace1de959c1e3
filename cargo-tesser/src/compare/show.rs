//! A comparison as text for people. In: a comparison. Out: text: the versions, the order that differs first, figures, the pairs with the
//! largest differences, failures, and in the last line the verdict.

use std::fmt::Write as _;

use super::bootstrap::{FEWEST_CLUSTERS, NoInterval};
use super::first_difference::{FirstDifference, Missing};
use super::pair::{Divergence, Pair, Ran};
use super::paired::Paired;
use super::verdict::percent;
use super::{Comparison, Version};
use crate::replay::aligned;
use crate::report::{counted, cut, escape_untrusted, path};
use crate::simulator::tape::times;

/// Pairs in the table of the largest differences.
const MOST_PAIRS: usize = 10;

/// Failures that are named.
const MOST_FAILURES: usize = 10;

/// The widest that a tape's name is in a table.
const WIDEST: usize = 32;

/// Digits of a hash: enough to tell plugins apart.
const DIGITS: usize = 12;

impl Comparison {
    /// For people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        row(&mut text, "old", &self.old.line());
        row(&mut text, "new", &self.new.line());
        let signal = &self.settings.signal;
        row(&mut text, "signal", &format!("{} of {}", signal.quantity.normalize(), signal.symbol));
        let clusters = self.clusters.count(&self.pairs);
        let noun = self.clusters.noun();
        row(&mut text, "pairs", &format!("{} in {}", self.pairs.len(), counted(clusters, noun)));
        let same = self.pairs.iter().filter(|pair| pair.is_same()).count();
        row(&mut text, "identical", &same.to_string());
        let failed = |of: fn(&Pair) -> &Ran| {
            self.pairs.iter().filter(|pair| of(pair).failure().is_some()).count()
        };
        let (old, new) = (failed(|pair| &pair.old), failed(|pair| &pair.new));
        if old + new > 0 {
            row(&mut text, "failed", &format!("{old} of OLD, {new} of NEW"));
        }
        self.first_difference(&mut text);
        self.figures(&mut text);
        self.largest(&mut text);
        self.failures(&mut text);
        text.push('\n');
        for objection in &self.judgement.objections {
            row(&mut text, "error", objection);
        }
        if let Some(most) = self.bounds.max_regression_bps.filter(|_| self.ok()) {
            row(&mut text, "bound", &format!("at most {} bps more: met", most.normalize()));
        }
        let judgement = &self.judgement;
        row(&mut text, "verdict", &format!("{}: {}", judgement.verdict, judgement.reason));
        text
    }

    /// The first pair whose orders differ.
    fn first_difference(&self, text: &mut String) {
        let mut pairs = (1..).zip(&self.pairs);
        let diverging = pairs.find_map(|(number, pair)| match &pair.divergence {
            Divergence::AtOrder(difference) => Some((number, pair, difference)),
            _ => None,
        });
        let Some((number, pair, difference)) = diverging else { return };
        let FirstDifference { order, time_ms, fields, .. } = difference;
        let after = pair.measured.map(|(start_ms, _)| seconds(time_ms.saturating_sub(start_ms)));
        let after = after.map_or_else(String::new, |after| format!(", {after} after the signal"));
        let _ = writeln!(
            text,
            "\nThe first difference is order {order} of pair {number} ({}, {}{after}):\n",
            path(&pair.tape),
            pair.side,
        );
        let mut rows = vec![["", "", "OLD", "NEW"].map(str::to_owned)];
        for field in fields.iter().filter(|field| field.differs() || !field.old.is_empty()) {
            let mark = if field.differs() { "*" } else { "" };
            let value = |value: &String| {
                if value.is_empty() { "-".to_owned() } else { escape_untrusted(value) }
            };
            let row =
                [mark.to_owned(), field.name.to_owned(), value(&field.old), value(&field.new)];
            rows.push(row);
        }
        aligned(text, &rows);
    }

    fn figures(&self, text: &mut String) {
        if self.pairs.iter().all(Pair::is_same) {
            return;
        }
        let interval = format!("{} % interval", percent(self.bootstrap.confidence));
        let heads =
            ["", "pairs", "OLD", "NEW", "difference", &interval, "better", "worse", "equal"];
        let mut rows = vec![heads.map(str::to_owned)];
        let shown = self.figures.iter().filter(|paired| paired.pairs > 0);
        rows.extend(shown.clone().map(Paired::row));
        text.push_str("\nMeans over pairs. Less is better in each row, and a positive difference is a cost:\n\n");
        aligned(text, &rows);
        if shown.clone().any(|paired| paired.interval.is_err()) {
            let _ = writeln!(
                text,
                "\n  -  no interval: fewer than {FEWEST_CLUSTERS} {noun}s, or too many equal ones",
                noun = self.clusters.noun()
            );
        }
    }

    /// The pairs that contribute most to the mean.
    fn largest(&self, text: &mut String) {
        let mut pairs: Vec<_> = (1..)
            .zip(&self.pairs)
            .filter_map(|(number, pair)| Some((number, pair, pair.cost()?)))
            .filter(|(_, _, cost)| !cost.is_zero())
            .collect();
        if pairs.is_empty() {
            return;
        }
        let differ = pairs.len();
        // Stable: of equal ones the first comes first.
        pairs.sort_by_key(|(_, _, cost)| std::cmp::Reverse(cost.abs()));
        let heads =
            ["pair", "tape", "side", "start", "OLD", "NEW", "difference", "first difference"];
        let mut rows = vec![heads.map(str::to_owned)];
        rows.extend(pairs.iter().take(MOST_PAIRS).map(|(number, pair, _)| pair.row(*number)));
        let _ = writeln!(
            text,
            "\nLargest differences of the shortfall with the rest taken, in bps ({} of {differ}):\n",
            differ.min(MOST_PAIRS)
        );
        aligned(text, &rows);
    }

    /// The failed runs, with their reasons.
    fn failures(&self, text: &mut String) {
        let mut lines = Vec::new();
        for (number, pair) in (1..).zip(&self.pairs) {
            let named = |which: &str, reason: &str| {
                format!(
                    "pair {number} ({}, {}): {which}: {}",
                    path(&pair.tape),
                    pair.side,
                    cut(reason)
                )
            };
            let (old, new) = (pair.old.failure(), pair.new.failure());
            match (old, new) {
                (Some(old), Some(new)) if old == new => lines.push(named("both fail", old)),
                (old, new) => {
                    lines.extend(new.map(|reason| named("NEW fails", reason)));
                    lines.extend(old.map(|reason| named("OLD fails", reason)));
                }
            }
        }
        if lines.is_empty() {
            return;
        }
        text.push('\n');
        let more = lines.len().saturating_sub(MOST_FAILURES);
        for line in lines.iter().take(MOST_FAILURES) {
            row(text, "failed", line);
        }
        if more > 0 {
            row(text, "", &format!("and {more} more, which `--format json` names"));
        }
    }
}

fn row(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:>12}  {value}");
}

fn seconds(ms: i64) -> String {
    format!("{} s", rust_decimal::Decimal::new(ms, 3).normalize())
}

impl Version {
    fn line(&self) -> String {
        let version =
            self.plugin.metadata.as_ref().map(|metadata| format!(" {}", metadata.version));
        let sha256: String = self.plugin.sha256.chars().take(DIGITS).collect();
        let params = match &self.params {
            serde_json::Value::Null => String::new(),
            params => format!(" with {}", escape_untrusted(&params.to_string())),
        };
        format!(
            "{}{}, sha256 {sha256}{params}",
            escape_untrusted(&self.plugin.path),
            escape_untrusted(&version.unwrap_or_default())
        )
    }
}

impl Paired {
    fn row(&self) -> [String; 9] {
        let mean = |of: fn(&super::paired::Means) -> rust_decimal::Decimal| {
            self.means.as_ref().map_or_else(String::new, |means| of(means).to_string())
        };
        let interval = match self.interval {
            Ok((low, high)) => format!("{low} to {high}"),
            Err(NoInterval::FewClusters { .. } | NoInterval::ManyEqual) => "-".into(),
        };
        [
            self.figure.label().to_owned(),
            self.pairs.to_string(),
            mean(|means| means.old),
            mean(|means| means.new),
            mean(|means| means.difference),
            interval,
            self.better.to_string(),
            self.worse.to_string(),
            self.equal.to_string(),
        ]
    }
}

impl Pair {
    fn row(&self, number: u64) -> [String; 8] {
        let value = |value: Option<rust_decimal::Decimal>| {
            value.map_or_else(String::new, |value| value.normalize().to_string())
        };
        let tape = path(&self.tape);
        let cut = tape.chars().count().saturating_sub(WIDEST);
        let tape = match cut {
            0 => tape,
            cut => "…".chars().chain(tape.chars().skip(cut + 1)).collect(),
        };
        let divergence = match &self.divergence {
            Divergence::AtOrder(FirstDifference { order, is_missing: None, .. }) => {
                format!("order {order}")
            }
            Divergence::AtOrder(FirstDifference {
                order, is_missing: Some(Missing::Old), ..
            }) => {
                format!("order {order}, only NEW has it")
            }
            Divergence::AtOrder(FirstDifference {
                order, is_missing: Some(Missing::New), ..
            }) => {
                format!("order {order}, only OLD has it")
            }
            Divergence::AtEnd => "the ending".into(),
            Divergence::None | Divergence::Unknown => String::new(),
        };
        [
            number.to_string(),
            tape,
            self.side.to_string(),
            self.measured.map_or_else(String::new, |(start_ms, _)| times::shown(start_ms)),
            value(self.old.value(super::figures::DECISIVE)),
            value(self.new.value(super::figures::DECISIVE)),
            value(self.cost()),
            divergence,
        ]
    }
}
