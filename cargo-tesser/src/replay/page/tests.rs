//! Content of the pages, without a browser.

use std::path::PathBuf;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::{PluginOrderType, PluginSide};

use super::super::record::Record;
use super::super::{Expected, Interval, Options, RunSettings};
use super::packed::{hash, unpacked};
use super::sweep::{Common, Row, extremes, sweep_page};
use super::{Shown, Watched, page_of, watch_script};
use crate::simulator::execution_quality::{Asked, Executed};
use crate::simulator::symbol::Symbol;
use crate::simulator::trade::Trade;
use crate::simulator::{
    Amendment, ExchangeModel, FillRow, Liquidity, Order, OrderStatus, RunSummary, SessionRules,
    TapeOptions, World,
};

const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";

fn settings(plugin: &str, tape: &str, params: Value) -> RunSettings {
    let options = Options {
        plugin: PathBuf::from(plugin),
        tape: PathBuf::from(tape),
        book: None,
        tape_options: TapeOptions::default(),
        world: World::live("tesser@0.9", &SessionRules::tesser_0_9(), "v:S"),
        side: PluginSide::Buy,
        quantity: Decimal::TEN,
        params,
        restart_after: None,
        model: ExchangeModel::default(),
        interval: Interval::default(),
        expected: Expected::default(),
    };
    RunSettings::new(&options, "0123", None)
}

fn usual(params: Value) -> RunSettings {
    settings("folder/chase.wasm", "tapes/monday.csv", params)
}

fn plain() -> Shown {
    Shown::new(1_704_067_200_007)
}

fn summary(symbol: &str) -> RunSummary {
    RunSummary::new(&Symbol::parse(symbol), PluginSide::Buy, Decimal::TEN)
}

/// The content of the element with this id.
fn element<'a>(page: &'a str, id: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("id=\"{id}\">")).unwrap();
    rest.split_once("</").unwrap().0
}

fn data(page: &str) -> Value {
    serde_json::from_str(&unpacked(element(page, "data"))).unwrap()
}

/// The scripts that the content security policy allows.
fn allowed(page: &str) -> &str {
    let (_, rest) = page.split_once("script-src ").unwrap();
    rest.split_once(';').unwrap().0
}

/// What a browser would run of a page.
fn own_script(page: &str) -> &str {
    let (_, rest) = page.split_once("<script>").unwrap();
    rest.split_once("</script>").unwrap().0
}

fn is_closed(page: &str) {
    let own = hash(own_script(page));
    let library = hash(&unpacked(element(page, "library")));
    assert_eq!(allowed(page), format!("'{own}' '{library}'"));
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x"));
    // The data, the library and what draws.
    assert_eq!(page.matches("</script>").count(), 3);
}

#[test]
fn text_from_a_plugin_is_escaped() {
    let mut summary = summary(HOSTILE);
    for log in [&mut summary.logs, &mut summary.errors, &mut summary.notes, &mut summary.output] {
        log.add(HOSTILE.into());
    }
    summary.frames.push(HOSTILE.into());
    let hostile = settings(HOSTILE, HOSTILE, json!({ "name": HOSTILE }));
    let page_of_run = page_of(&hostile, &summary, &plain());
    is_closed(&page_of_run);
    assert!(page_of_run.contains("&lt;img src=x onerror=alert(2)&gt;"));
    let watched = plain().watched(Watched { file: format!("\"{HOSTILE}"), run: 1 });
    let watched = page_of(&hostile, &summary, &watched);
    assert!(
        !watched.contains("<script>alert") && watched.contains("data-file=\"&quot;&lt;/script")
    );
    let other = settings("other.wasm", "other.csv", json!({ HOSTILE: HOSTILE }));
    let rows =
        [row(&hostile, Ok(&summary), None), row(&other, Err(HOSTILE.into()), Some(HOSTILE.into()))];
    is_closed(&sweep_page(&rows, None, &plain()));
    let script = watch_script(1, HOSTILE, true);
    assert_eq!(script.lines().count(), 1);
    assert!(script.starts_with("tesserWatch({\"failed\":true,"), "{script}");
}

/// Only a watched page may load a script, and only from its own folder.
#[test]
fn a_watched_page_polls_a_script_beside_it() {
    let watched = Watched { file: "report.html.watch.js".into(), run: 7 };
    let page = page_of(&usual(json!({})), &summary("v:S"), &plain().watched(watched));
    assert!(page.contains("data-file=\"report.html.watch.js\" data-run=\"7\""));
    assert!(allowed(&page).ends_with("' 'self' file:"), "{}", allowed(&page));
    assert_eq!(
        watch_script(7, "told", false),
        "tesserWatch({\"failed\":false,\"note\":\"told\",\"run\":7});\n"
    );
}

fn order(number: u64, symbol: &str) -> Order {
    use crate::simulator::order::OrderRequest;

    let request = OrderRequest {
        symbol: Symbol::parse(symbol),
        symbol_text: symbol.into(),
        side: PluginSide::Buy,
        order_type: PluginOrderType::Limit,
        quantity: Decimal::ONE,
        price: Some(Decimal::new(3_999_278_123, 5)),
        trigger_price: None,
        time_in_force: None,
        wanted_post_only: false,
        client_order_id: None,
        take_profit: None,
        stop_loss: None,
        display_quantity: None,
    };
    let time_ms = 1_704_067_200_000 + i64::try_from(number).unwrap() * 7_919;
    Order::new(number, time_ms, request)
}

fn row(settings: &RunSettings, result: Result<&RunSummary, String>, link: Option<String>) -> Row {
    Row { record: Record::of(settings, result), link }
}

fn fill(order: &Order) -> FillRow {
    FillRow {
        order: order.number,
        time_ms: order.time_ms + 1_013,
        price: Decimal::new(3_999_278_123 + order.time_ms % 99_991, 5),
        quantity: Decimal::new(order.time_ms % 999_983, 8),
        fee: Some(Decimal::new(order.time_ms % 999_999_937, 9)),
        liquidity: Some(Liquidity::Maker),
    }
}

#[test]
fn orders_are_drawn_from_sending_to_end_and_table_numbers_are_exact() {
    let mut summary = summary("v:S");
    let mut amended = order(1, "v:S");
    // A mean price is a quotient, with zeros at its end.
    amended.mean_price = Some("40000.50000000000000000000000".parse().unwrap());
    let (time_ms, quantity) = (amended.time_ms + 500, Decimal::TWO);
    amended.amendments = vec![
        Amendment { time_ms, price: Some(40_000.into()), quantity },
        Amendment { time_ms: time_ms + 1, price: None, quantity },
    ];
    amended.price = Some(40_000.into());
    amended.amended = 2;
    amended.state = OrderStatus::Filled;
    amended.ended_ms = Some(time_ms + 2);
    summary.fill_rows = vec![fill(&amended)];
    // Its prices are of another market.
    summary.rows = vec![amended, order(2, "v:OTHER")];
    let data = data(&page_of(&usual(json!({ "limit_price": "40010.50" })), &summary, &plain()));
    assert_eq!(
        data["orders"],
        json!([[0, 39992.78123, [[time_ms, 40000.0], [time_ms + 1, 40000.0]]]])
    );
    assert_eq!(
        data["levels"],
        json!([{ "name": "limit", "label": "limit", "price": "40010.5", "value": 40010.5 }])
    );
    let orders = &data["tables"]["orders"];
    let row = |at: usize| orders["rows"][at].as_array().unwrap();
    assert_eq!(orders["columns"].as_array().unwrap().len(), row(0).len());
    assert_eq!(
        row(0)[4..9],
        [json!(null), json!("1"), json!("39992.78123"), json!("40000"), json!(2)]
    );
    assert_eq!(row(0)[10], json!("40000.5"));
    assert_eq!(row(0)[11..14], [json!("filled"), json!(time_ms + 2), json!("v:S")]);
    assert_eq!(row(1)[11..14], [json!("open"), json!(null), json!("v:OTHER")]);
    let fills = &data["tables"]["fills"];
    assert_eq!(
        fills["columns"].as_array().unwrap().len(),
        fills["rows"][0].as_array().unwrap().len()
    );
    assert_eq!(fills["rows"][0][3], json!(summary.fill_rows[0].price.to_string()));
    assert_eq!(fills["rows"][0][7], json!("maker"));
}

#[test]
fn the_largest_page_is_smaller_than_two_megabytes() {
    let mut summary = summary("v:S");
    summary.rows = (1..=3_000).map(|number| order(number, "v:S")).collect();
    summary.fill_rows = summary.rows.iter().map(fill).collect();
    let mut noise = 12_345_u64;
    for time in 0..500_000_i64 {
        noise =
            noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = i64::try_from(noise >> 44).unwrap();
        summary.market.prices.add(
            time * 137,
            Decimal::new(3_990_000 + random % 20_000, 2),
            Decimal::new(random % 50_000, 6),
        );
    }
    for line in 0..200 {
        summary.logs.add(format!("{line} {}", "x".repeat(100_000)));
    }
    let page = page_of(&usual(json!({})), &summary, &plain());
    assert!(page.contains("and 150 more lines</pre>"));
    assert!(page.len() < 2_000_000, "{}", page.len());
    assert!(page.contains("and 1000 more rows, which `--format csv` has"));
    assert!(page.contains("and 1000 more rows, which `--format fills-csv` has"));
}

#[test]
fn what_failed_is_red_and_counted() {
    let mut summary = summary("v:S");
    for _ in 0..3 {
        summary.errors.add("a mistake".into());
    }
    let page = page_of(&usual(json!({})), &summary, &plain());
    let tile = "<div class=\"tile bad\"><h2>Violations</h2><p class=\"value\">3</p>";
    assert!(page.contains(tile) && page.contains("<li>a mistake (3 times)</li>"));
    assert!(page.contains("<h1>Buy 10 v:S</h1>") && page.contains("chase.wasm over monday.csv"));
    assert!(page.contains("<td>2024-01-01 00:00:00.007</td>"), "when it was written");
}

/// A run without fills, while the price rose from 10000 to this one: the cost in basis points is the difference.
fn missed(last: i64) -> RunSummary {
    let mut summary = summary("v:S");
    for (time_ms, price) in [(1_000, 10_000), (2_000, last)] {
        let (price, quantity) = (price.into(), Decimal::ONE);
        let side = PluginSide::Buy;
        summary.market.add(&Trade { symbol: None, price, quantity, time_ms, side });
    }
    measure(&mut summary);
    summary
}

fn measure(summary: &mut RunSummary) {
    let asked = Asked { side: PluginSide::Buy, target: Decimal::TEN };
    let executed = Executed { orders: &[], fills: &summary.fill_rows, crossing: None };
    summary.quality = summary.market.clone().quality(asked, executed);
}

#[test]
fn a_sweep_ranks_runs_and_sets_of_parameters_by_shortfall() {
    let tapes = ["a/monday.csv", "a/tuesday.csv"];
    // The most expensive run has an error. On average over both days, 10 is better than 9; 11 has no run on the second day.
    let mut runs = [10_005, 10_030, 10_010, 10_020, 10_006].map(missed);
    runs[1].errors.add("a mistake".into());
    let clips = ["9", "9", "10", "10", "11"].into_iter().enumerate();
    let all: Vec<_> = clips
        .map(|(run, clip)| {
            settings("a.wasm", tapes[run % 2], json!({ "clip": clip, "venue": "v" }))
        })
        .collect();
    let rows: Vec<_> = (0..5)
        .map(|run| row(&all[run], Ok(&runs[run]), (run < 2).then(|| format!("run-{run}.html"))))
        .collect();
    assert_eq!(extremes(&rows), Some((0, 1)));
    let page = sweep_page(&rows, None, &plain());
    assert!(page.contains("<h1>5 runs: buy 10 v:S</h1>") && page.contains("id=\"heat\""));
    assert!(page.contains(
        "<a href=\"run-0.html\">run with the lowest shortfall</a>, \
         <a href=\"run-1.html\">run with the highest shortfall</a> (with errors)"
    ));
    assert!(page.contains(
        "Highest shortfall</h2><p class=\"value\">30.00 bps</p><p class=\"more\">tape tuesday.csv, clip 9 (with errors)<"
    ));
    assert!(page.contains("Median shortfall</h2><p class=\"value\">10.00 bps</p>"));
    assert!(page.contains("Lowest mean over tapes</h2><p class=\"value\">15.00 bps</p>"));
    assert!(
        page.contains("<div class=\"tile bad\"><h2>Runs with errors</h2><p class=\"value\">1</p>")
    );
    let data = data(&page);
    assert_eq!(
        data["dimensions"],
        json!([
            { "name": "tape", "values": ["monday.csv", "tuesday.csv"] },
            { "name": "clip", "values": ["9", "10", "11"] },
        ])
    );
    assert_eq!(data["runs"][2]["at"], json!([0, 1]));
    assert_eq!(data["runs"][3]["metrics"][0], json!(20.0));
    assert_eq!(
        data["tables"]["sets-table"]["rows"],
        json!([
            ["15", 2, 0, "10", "20", "0"],
            ["17.5", 2, 1, "9", "30", "0"],
            ["6", 1, 0, "11", "6", "0"],
        ])
    );
    let table = &data["tables"]["runs-table"];
    for row in table["rows"].as_array().unwrap() {
        assert_eq!(row.as_array().unwrap().len(), table["columns"].as_array().unwrap().len());
    }
    assert_eq!(
        table["rows"][1].as_array().unwrap()[..7],
        json!([2, "run-1.html", "30", 1, "a mistake", "tuesday.csv", "9"]).as_array().unwrap()[..]
    );
}

#[test]
fn price_and_schedule_extend_to_the_end_of_the_interval() {
    let mut summary = missed(10_010);
    summary.market.ends(7_000);
    let mut late = fill(&order(1, "v:S"));
    late.time_ms = 9_000;
    summary.fill_rows = vec![late];
    measure(&mut summary);
    let data = data(&page_of(&usual(json!({})), &summary, &plain()));
    assert_eq!((&data["interval"], &data["end"]), (&json!([1_000, 7_000]), &json!(9_000)));
    // Times are differences: the last trade is at 2000.
    assert_eq!(data["price"]["times"], json!([1_000, 1_000, 5_000]));
    assert_eq!(data["price"]["prices"], json!([10_000.0, 10_010.0, 10_010.0]));
}

#[test]
fn a_participation_above_100_percent_is_red_with_an_explanation() {
    let mut summary = missed(10_010);
    let mut large = fill(&order(1, "v:S"));
    (large.time_ms, large.quantity) = (1_500, Decimal::from(3));
    summary.fill_rows = vec![large];
    measure(&mut summary);
    let page = page_of(&usual(json!({})), &summary, &plain());
    let tile = "<div class=\"tile bad\"><h2>Participation</h2><p class=\"value\">150 %</p>\
        <p class=\"more\">of 2 traded: orders that rested were traded through</p>";
    assert!(page.contains(tile));
}

#[test]
fn both_pages_show_the_requested_interval_and_the_expectations() {
    let summary = missed(10_010);
    let mut asked = usual(json!({}));
    let says = |asked: &RunSettings, interval: &str, expected: &str| {
        let row = row(asked, Ok(&summary), None);
        for page in [
            page_of(asked, &summary, &plain()),
            sweep_page(&[row], Some(&Common::of(asked, Some(&summary))), &plain()),
        ] {
            for (name, value) in [("interval", interval), ("expected", expected)] {
                let fact = format!("<th scope=\"row\">{name}</th><td>{value}</td>");
                assert!(page.contains(&fact), "{fact}");
            }
        }
    };
    says(&asked, "the whole tape", "nothing");
    asked.interval = Interval {
        from_ms: Some(1_704_067_200_007),
        to_ms: Some(1_704_067_260_000),
        horizon_ms: Some(90_500),
    };
    asked.expected = Expected {
        completed: true,
        max_shortfall_bps: Some(Decimal::TEN),
        min_filled: Some(Decimal::new(95, 2)),
    };
    says(
        &asked,
        "from 2024-01-01 00:00:00.007 UTC, to 2024-01-01 00:01:00.000 UTC, a horizon of 90.5 s",
        "completed, a shortfall of at most 10 bps, at least 95 % filled",
    );
}

#[test]
fn a_heat_map_shows_two_parameters_or_one_and_the_tape() {
    let runs = [10_005, 10_030, 10_010, 10_020].map(missed);
    let of = |run: usize| json!({ "clip": run / 2, "offset": run / 2 + 3 });
    let heat = |tapes: [&str; 2], params: fn(Value) -> Value| {
        let all = [0, 1, 2, 3].map(|run| settings("a.wasm", tapes[run % 2], params(of(run))));
        let rows: Vec<_> = std::iter::zip(&all, &runs)
            .map(|(settings, summary)| row(settings, Ok(summary), None))
            .collect();
        data(&sweep_page(&rows, None, &plain()))["heat"].clone()
    };
    assert_eq!(heat(["a.csv", "b.csv"], |params| params), json!([1, 2]));
    assert_eq!(heat(["a.csv", "a.csv"], |params| params), json!([0, 1]));
    let one = |params: Value| json!({ "clip": params["clip"] });
    assert_eq!(heat(["a.csv", "b.csv"], one), json!([0, 1]));
    assert_eq!(heat(["a.csv", "a.csv"], one), json!(null));
}
