//! A comparison as one JSON document. In: a comparison. Out: text; docs/compare.md describes each field.

use serde_json::{Value, json};

use super::bootstrap::{GENERATOR, METHOD, NoInterval, SEED};
use super::figures::{DECISIVE, Figure};
use super::first_difference::{FirstDifference, Missing};
use super::pair::{Divergence, Pair, Ran};
use super::paired::Paired;
use super::{Clusters, Comparison, Version};

/// Version of the document.
const SCHEMA: u32 = 1;

impl Comparison {
    /// For programs.
    pub fn json(&self) -> String {
        let settings = &self.settings;
        let document = json!({
            "schema": SCHEMA,
            "ok": self.ok(),
            "verdict": {
                "state": self.judgement.verdict.word(),
                "reason": self.judgement.reason,
                "figure": DECISIVE.name(),
            },
            "errors": self.judgement.objections,
            "bounds": {
                "identical": self.bounds.identical,
                "max_regression_bps": self.bounds.max_regression_bps.map(|bps| bps.to_string()),
            },
            "old": self.old.document(),
            "new": self.new.document(),
            "tool": settings.tool,
            "symbol": settings.signal.symbol,
            "target": settings.signal.quantity.to_string(),
            "host": settings.host,
            "exchange": settings.exchange,
            "statistics": {
                "method": METHOD,
                "generator": GENERATOR,
                "seed": SEED,
                "resamples": self.bootstrap.resamples,
                "confidence": self.bootstrap.confidence,
                "cluster": match self.clusters {
                    Clusters::Day => "day",
                    Clusters::Start => "start",
                },
                "clusters": self.clusters.count(&self.pairs),
            },
            "identical_pairs": self.pairs.iter().filter(|pair| pair.is_same()).count(),
            "figures": self.figures.iter().map(Paired::document).collect::<Vec<_>>(),
            "pairs": (1..).zip(&self.pairs).map(|(number, pair)| pair.document(number)).collect::<Vec<_>>(),
        });
        format!("{document:#}\n")
    }
}

impl Version {
    fn document(&self) -> Value {
        json!({ "plugin": self.plugin, "params": self.params })
    }
}

impl Paired {
    fn document(&self) -> Value {
        let interval = self.interval.as_ref().ok();
        json!({
            "name": self.figure.name(),
            "pairs": self.pairs,
            "old_mean": self.means.map(|means| means.old.to_string()),
            "new_mean": self.means.map(|means| means.new.to_string()),
            "difference": self.means.map(|means| means.difference.to_string()),
            "interval": interval.map(|(low, high)| json!({ "low": low.to_string(), "high": high.to_string() })),
            "no_interval": self.interval.as_ref().err().map(|why| match why {
                NoInterval::FewClusters { .. } => "few-clusters",
                NoInterval::ManyEqual => "many-equal",
            }),
            "better": self.better,
            "worse": self.worse,
            "equal": self.equal,
        })
    }
}

impl Pair {
    fn document(&self, number: u64) -> Value {
        let (start_ms, interval_ms) = self.measured.unzip();
        json!({
            "pair": number,
            "tape": self.tape.to_string_lossy(),
            "tape_sha256": self.tape_sha256,
            "side": self.side,
            "interval": self.interval,
            "start_ms": start_ms,
            "interval_ms": interval_ms,
            "identical": self.is_same(),
            "first_difference": match &self.divergence {
                Divergence::AtOrder(difference) => Some(difference.document()),
                _ => None,
            },
            "old": self.old.document(),
            "new": self.new.document(),
        })
    }
}

impl Ran {
    fn document(&self) -> Value {
        let mut document = json!({
            "run_id": self.id,
            "ending": self.made().map(|made| &made.ending),
            "failure": self.failure(),
        });
        for figure in Figure::ALL {
            document[figure.name()] = json!(self.value(figure).map(|value| value.to_string()));
        }
        document
    }
}

impl FirstDifference {
    fn document(&self) -> Value {
        let fields = self.fields.iter().filter(|field| field.differs());
        let field = |text: &String| (!text.is_empty()).then(|| text.clone());
        json!({
            "order": self.order,
            "time_ms": self.time_ms,
            "missing": self.is_missing.map(|missing| match missing {
                Missing::Old => "old",
                Missing::New => "new",
            }),
            "fields": fields
                .map(|differing| json!({
                    "name": differing.name,
                    "old": field(&differing.old),
                    "new": field(&differing.new),
                }))
                .collect::<Vec<_>>(),
        })
    }
}
