//! The headline figures at the top of the page. In: a summary. Out: HTML with rounded numbers.

use rust_decimal::Decimal;

use super::html::escaped;
use crate::simulator::{Quality, RunSummary};

/// One figure with its name and an explanation.
pub(super) struct Tile {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) more: String,
    pub(super) is_bad: bool,
}

impl Tile {
    pub(super) fn new(name: impl Into<String>, value: String, more: String) -> Self {
        Self { name: name.into(), value, more, is_bad: false }
    }

    pub(super) fn bad_if(self, is_bad: bool) -> Self {
        Self { is_bad, ..self }
    }
}

/// A row of tiles.
pub(super) fn row(tiles: &[Tile]) -> String {
    let tile = |tile: &Tile| {
        let class = if tile.is_bad { "tile bad" } else { "tile" };
        format!(
            "<div class=\"{class}\"><h2>{}</h2><p class=\"value\">{}</p><p class=\"more\">{}</p></div>\n",
            tile.name,
            escaped(&tile.value),
            escaped(&tile.more)
        )
    };
    format!(
        "<div class=\"tiles\">\n{}</div>\n<p class=\"note\">Basis points (bps): positive is a cost, negative a gain, for \
        buying and selling alike.</p>\n",
        tiles.iter().map(tile).collect::<String>()
    )
}

/// Basis points with two decimals; the tables have all digits.
pub(super) fn bps(bps: Decimal) -> String {
    format!("{:.2} bps", bps.round_dp(2))
}

pub(super) fn percent(share: Decimal) -> String {
    format!("{} %", share.saturating_mul(Decimal::ONE_HUNDRED).round_dp(2).normalize())
}

/// The tiles of a run.
pub(super) fn tiles(summary: &RunSummary) -> String {
    let quality = summary.quality.as_ref();
    row(&[
        filled(summary),
        shortfall(quality),
        vwap(quality),
        participation(quality),
        time(summary, quality),
        violations(summary),
    ])
}

fn filled(summary: &RunSummary) -> Tile {
    let share = summary.filled.checked_div(summary.target).unwrap_or_default();
    let (filled, target) = (summary.filled.normalize(), summary.target.normalize());
    let more = match summary.mean_price() {
        Some(price) => format!("{filled} of {target} at {}", price.round_dp(4).normalize()),
        None => format!("nothing of {target}"),
    };
    Tile::new("Filled", percent(share), more).bad_if(summary.filled > summary.target)
}

fn shortfall(quality: Option<&Quality>) -> Tile {
    let Some(quality) = quality else { return unknown("Shortfall with fees") };
    let cost = &quality.shortfall;
    let more = if quality.unfilled.is_zero() {
        format!("fees {}", bps(cost.fees_bps))
    } else {
        format!("the rest taken at {}", quality.crossing_price.normalize())
    };
    Tile::new("Shortfall with fees", bps(cost.total_crossing_bps), more)
}

fn vwap(quality: Option<&Quality>) -> Tile {
    let Some(quality) = quality else { return unknown("Against VWAP") };
    let value = quality.cost_to_vwap_bps.map_or_else(|| "no fills".to_owned(), bps);
    Tile::new("Against VWAP", value, format!("VWAP {}", quality.vwap.round_dp(4).normalize()))
}

fn participation(quality: Option<&Quality>) -> Tile {
    let Some(quality) = quality else { return unknown("Participation") };
    let is_more = quality.participation > Decimal::ONE;
    let why = if is_more { ": orders that rested were traded through" } else { "" };
    let more = format!("of {} traded{why}", quality.traded.normalize());
    Tile::new("Participation", percent(quality.participation), more).bad_if(is_more)
}

fn time(summary: &RunSummary, quality: Option<&Quality>) -> Tile {
    let Some(quality) = quality else { return unknown("Time to fill") };
    let first = quality.first_fill_ms.map(|ms| format!("first fill after {}", duration(ms)));
    let first = first.unwrap_or_else(|| format!("in {}", duration(quality.interval_ms)));
    match quality.filled_ms {
        Some(ms) => Tile::new("Time to fill", duration(ms), first),
        None if summary.fill_rows.is_empty() => Tile::new("Time to fill", "no fills".into(), first),
        None => Tile::new("Time to fill", "not filled".into(), first),
    }
}

fn violations(summary: &RunSummary) -> Tile {
    let number = summary.violations().count();
    let more = match number {
        0 if summary.ok() => "none",
        0 => "but the run failed",
        _ => "see below",
    };
    Tile::new("Violations", number.to_string(), more.into()).bad_if(!summary.ok())
}

fn unknown(name: &'static str) -> Tile {
    Tile::new(name, "unknown".into(), "the tape has no trades of the symbol".into())
}

/// A duration for people.
pub(super) fn duration(ms: i64) -> String {
    let (seconds, rest) = (ms / 1_000, ms % 1_000);
    match seconds {
        0..60 => format!("{} s", Decimal::new(ms, 3).normalize()),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60 + i64::from(rest >= 500)),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
