//! The columns of the tables. Names are those of the JSON document, with `_` for the steps of a path; a time has no `_ms`,
//! and an order is `order_number`, since SQL means something else by `order`.

use super::super::run_settings::RunSettings;
use super::super::show::state;
use super::super::{Error, RunSummary};
use super::parquet::{Field, count, decimal, flag, text, time};
use crate::simulator::{Amendment, FillRow, Order, Quality};

/// The column that joins the tables, and the first one in each.
pub(super) const RUN_ID: &str = "run_id";

/// A run; of one that could not be made, only what it was to be.
pub(super) struct RunRow<'a> {
    pub(super) settings: &'a RunSettings,
    pub(super) result: Result<&'a RunSummary, &'a Error>,
}

pub(super) struct OrderRow<'a> {
    pub(super) id: &'a str,
    pub(super) order: &'a Order,
}

pub(super) struct AmendmentRow<'a> {
    pub(super) id: &'a str,
    pub(super) order: u64,
    pub(super) number: u64,
    pub(super) amendment: &'a Amendment,
}

pub(super) struct FillOf<'a> {
    pub(super) id: &'a str,
    pub(super) fill: &'a FillRow,
}

impl<'a> RunRow<'a> {
    fn summary(&self) -> Option<&'a RunSummary> {
        self.result.ok()
    }

    fn quality(&self) -> Option<&'a Quality> {
        self.summary()?.quality.as_ref()
    }

    fn errors(&self) -> Option<String> {
        let lines: Vec<_> = match self.result {
            Ok(summary) => summary.violations().shown().collect(),
            Err(error) => vec![error.to_string()],
        };
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn markout(&self, seconds: i64) -> Option<rust_decimal::Decimal> {
        let markouts = &self.quality()?.markouts;
        markouts.iter().find(|markout| markout.seconds == seconds)?.cost_bps
    }
}

#[expect(clippy::cast_possible_wrap, reason = "nobody counts that far")]
fn whole(number: u64) -> i64 {
    number as i64
}

pub(super) fn runs<'a>() -> Vec<Field<RunRow<'a>>> {
    let mut fields = settings();
    fields.extend(counts());
    fields.extend(prices());
    fields.extend(costs());
    fields
}

fn settings<'a>() -> Vec<Field<RunRow<'a>>> {
    vec![
        text(RUN_ID, |run| Some(run.settings.id.clone())),
        text("tool", |run| Some(run.settings.tool.clone())),
        text("plugin", |run| Some(run.settings.plugin.name.clone())),
        text("plugin_version", |run| {
            run.settings.plugin.metadata.as_ref().map(|plugin| plugin.version.clone())
        }),
        text("plugin_sha256", |run| Some(run.settings.plugin.sha256.clone())),
        text("params", |run| Some(run.settings.params.to_string())),
        text("tape", |run| Some(run.settings.tape.path.clone())),
        text("tape_sha256", |run| run.settings.tape.sha256.clone()),
        text("host", |run| Some(run.settings.host.profile.clone())),
        text("settings", |run| serde_json::to_string(run.settings).ok()),
        text("symbol", |run| Some(run.settings.signal.symbol.clone())),
        text("side", |run| Some(run.settings.signal.side.to_string())),
        decimal("target", |run| Some(run.settings.signal.quantity)),
        flag("ok", |run| Some(run.summary().is_some_and(RunSummary::ok))),
        text("ending", |run| Some(state(&run.summary()?.ending).0.to_string())),
        text("ending_reason", |run| state(&run.summary()?.ending).1.map(str::to_owned)),
        text("errors", RunRow::errors),
    ]
}

fn counts<'a>() -> Vec<Field<RunRow<'a>>> {
    vec![
        count("tape_rows", |run| Some(whole(run.summary()?.trades))),
        count("skipped_rows", |run| Some(whole(run.summary()?.skipped_rows))),
        count("calls", |run| Some(whole(run.summary()?.calls))),
        count("restarts", |run| Some(whole(run.summary()?.restarts))),
        count("orders", |run| Some(whole(run.summary()?.orders))),
        count("amendments", |run| Some(whole(run.summary()?.amended))),
        count("fills", |run| Some(whole(run.summary()?.fills))),
        count("not_sent", |run| Some(whole(run.summary()?.not_sent))),
        count("stale_orders", |run| Some(whole(run.summary()?.stale))),
        decimal("placed", |run| Some(run.summary()?.placed)),
        decimal("filled", |run| Some(run.summary()?.filled)),
        decimal("expired", |run| Some(run.summary()?.expired)),
        decimal("refused", |run| Some(run.summary()?.refused)),
        decimal("cancelled", |run| Some(run.summary()?.cancelled)),
        decimal("still_open", |run| Some(run.summary()?.outstanding)),
        decimal("spread", |run| run.summary()?.spread),
    ]
}

fn prices<'a>() -> Vec<Field<RunRow<'a>>> {
    vec![
        time("start", |run| Some(run.quality()?.start_ms)),
        count("interval_ms", |run| Some(run.quality()?.interval_ms)),
        decimal("arrival_price", |run| Some(run.quality()?.arrival_price)),
        decimal("last_price", |run| Some(run.quality()?.last_price)),
        decimal("crossing_price", |run| Some(run.quality()?.crossing_price)),
        decimal("vwap", |run| Some(run.quality()?.vwap)),
        decimal("twap", |run| Some(run.quality()?.twap)),
        decimal("mean_price", |run| run.quality()?.mean_price),
        decimal("traded", |run| Some(run.quality()?.traded)),
        decimal("participation", |run| Some(run.quality()?.participation)),
        decimal("maker_share", |run| run.quality()?.maker_share),
        decimal("fees", |run| Some(run.quality()?.fees)),
        decimal("unfilled", |run| Some(run.quality()?.unfilled)),
        count("first_fill_ms", |run| run.quality()?.first_fill_ms),
        count("half_filled_ms", |run| run.quality()?.half_filled_ms),
        count("filled_ms", |run| run.quality()?.filled_ms),
    ]
}

fn costs<'a>() -> Vec<Field<RunRow<'a>>> {
    vec![
        decimal("cost_to_arrival_bps", |run| run.quality()?.cost_to_arrival_bps),
        decimal("cost_to_vwap_bps", |run| run.quality()?.cost_to_vwap_bps),
        decimal("cost_to_twap_bps", |run| run.quality()?.cost_to_twap_bps),
        decimal("shortfall_delay_bps", |run| Some(run.quality()?.shortfall.delay_bps)),
        decimal("shortfall_trading_bps", |run| Some(run.quality()?.shortfall.trading_bps)),
        decimal("shortfall_opportunity_bps", |run| Some(run.quality()?.shortfall.opportunity_bps)),
        decimal("shortfall_opportunity_crossing_bps", |run| {
            Some(run.quality()?.shortfall.opportunity_crossing_bps)
        }),
        decimal("shortfall_fees_bps", |run| Some(run.quality()?.shortfall.fees_bps)),
        decimal("shortfall_total_bps", |run| Some(run.quality()?.shortfall.total_bps)),
        decimal("shortfall_total_crossing_bps", |run| {
            Some(run.quality()?.shortfall.total_crossing_bps)
        }),
        decimal("markout_1s_bps", |run| run.markout(1)),
        decimal("markout_10s_bps", |run| run.markout(10)),
        decimal("markout_60s_bps", |run| run.markout(60)),
        decimal("schedule_behind_mean", |run| Some(run.quality()?.schedule.behind_mean)),
        decimal("schedule_behind_most", |run| Some(run.quality()?.schedule.behind_most)),
    ]
}

pub(super) fn orders<'a>() -> Vec<Field<OrderRow<'a>>> {
    vec![
        text(RUN_ID, |row| Some(row.id.to_string())),
        count("order_number", |row| Some(whole(row.order.number))),
        time("time", |row| Some(row.order.time_ms)),
        text("symbol", |row| Some(row.order.symbol.clone())),
        text("side", |row| Some(row.order.side.to_string())),
        text("type", |row| Some(row.order.kind.to_string())),
        text("time_in_force", |row| row.order.time_in_force.map(|word| word.to_string())),
        decimal("market_price", |row| row.order.market_price),
        decimal("first_price", |row| row.order.first_price),
        decimal("first_quantity", |row| Some(row.order.first_quantity)),
        decimal("price", |row| row.order.price),
        decimal("quantity", |row| Some(row.order.quantity)),
        decimal("filled", |row| Some(row.order.filled)),
        decimal("mean_price", |row| row.order.mean_price),
        count("amended", |row| Some(whole(row.order.amended))),
        text("state", |row| Some(row.order.state.word().to_string())),
        time("ended", |row| row.order.ended_ms),
    ]
}

pub(super) fn amendments<'a>() -> Vec<Field<AmendmentRow<'a>>> {
    vec![
        text(RUN_ID, |row| Some(row.id.to_string())),
        count("order_number", |row| Some(whole(row.order))),
        count("amendment", |row| Some(whole(row.number))),
        time("time", |row| Some(row.amendment.time_ms)),
        decimal("price", |row| row.amendment.price),
        decimal("quantity", |row| Some(row.amendment.quantity)),
    ]
}

pub(super) fn fills<'a>() -> Vec<Field<FillOf<'a>>> {
    vec![
        text(RUN_ID, |row| Some(row.id.to_string())),
        count("order_number", |row| Some(whole(row.fill.order))),
        time("time", |row| Some(row.fill.time_ms)),
        decimal("price", |row| Some(row.fill.price)),
        decimal("quantity", |row| Some(row.fill.quantity)),
        decimal("fee", |row| row.fill.fee),
        text("liquidity", |row| row.fill.liquidity.map(|liquidity| liquidity.word().to_owned())),
    ]
}
