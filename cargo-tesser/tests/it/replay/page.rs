//! The pages, in a real browser where there is one.

use std::path::Path;

use super::{VENUE, synthetic};
use crate::support::{Sandbox, chase, names};

/// A page that was drawn, by a real browser.
pub(crate) fn drawn(page: &Path) -> Option<String> {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let words = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=10000",
        "--dump-dom",
    ];
    let dump = |name: &&str| std::process::Command::new(name).args(words).arg(page).output().ok();
    let output = browsers.iter().find_map(dump);
    if output.is_none() {
        eprintln!("SKIPPED: no browser is there to draw the page");
    }
    Some(String::from_utf8_lossy(&output?.stdout).into_owned())
}

/// The page with a script in it that its policy would not let run, and what that has said.
fn driven(sandbox: &Sandbox, page: &str, script: &str) -> String {
    let (start, rest) = page.split_once("script-src ").unwrap();
    let (_, rest) = rest.split_once(';').unwrap();
    let page = format!("{start}script-src 'unsafe-inline';{rest}");
    let page = page
        .replace("</body></html>", &format!("<script>{WHEN_DRAWN}{script}</script></body></html>"));
    let dom = drawn(&sandbox.write("driven.html", page)).unwrap();
    // The script is in the document, too.
    let (_, said) = dom.split_once(" data-said=\"").expect("the script came to its end");
    said.split_once('"').unwrap().0.to_owned()
}

fn report(sandbox: &Sandbox, more: &[&str]) -> String {
    let tape = synthetic();
    let words = ["replay", chase().to_str().unwrap(), "--tape", &tape, "--report", "report.html"];
    sandbox.tesser("", &[&words[..], more].concat()).expect(0);
    std::fs::read_to_string(sandbox.path("report.html")).unwrap()
}

fn stands_alone(page: &str) {
    assert!(page.starts_with("<!doctype html>"));
    for outside in ["<script src", "<link ", "<img ", "http://", "https://"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.len() < 2_000_000, "{}", page.len());
}

#[test]
fn the_page_of_a_run_stands_alone_and_a_browser_draws_it() {
    let sandbox = Sandbox::new();
    let params = r#"{"venue":"bybit_linear","clip_size":"0.25","limit_price":"40050"}"#;
    let page = report(&sandbox, &["--quantity", "1", "--params", params]);
    stands_alone(&page);
    let Some(dom) = drawn(&sandbox.path("report.html")) else { return };
    assert!(dom.contains("data-drawn=\"run\""), "not drawn");
    // What the library has made of empty elements: lines, volume bars, and where the cost comes from.
    for layer in ["main-svg", "scatterlayer", "barlayer", "waterfalllayer"] {
        assert!(dom.contains(&format!("class=\"{layer}")), "{layer}");
    }
    for line in [
        "arrival 39992.78",
        "VWAP ",
        "limit 40050",
        "order, filled",
        "fill, maker",
        "even schedule",
    ] {
        assert!(dom.contains(&format!("data-unformatted=\"{line}")), "{line}");
    }
    assert!(dom.contains("<td>2024-01-01 00:00:01.201</td>"), "no time for people");
    assert_eq!(driven(&sandbox, &page, DRAG), "half, nothing fetched");
    assert_eq!(driven(&sandbox, &page, TABLE), "4 rows; 4 is first; 1 of 4 rows; 2 is left");
}

#[test]
fn the_page_of_a_sweep_shows_parameters_and_links_its_best_and_its_worst_run() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "runs.toml",
        "[[params]]\nclip_size = { from = \"0.5\", to = \"1\", step = \"0.5\" }\n\
         offset_bps = { from = \"0\", to = \"4\", step = \"2\" }\n",
    );
    let page = report(
        &sandbox,
        &["--quantity", "1", "--params", VENUE, "--sweep", "runs.toml", "--horizon", "40"],
    );
    stands_alone(&page);
    let pages: Vec<_> = names(&sandbox.path(""))
        .into_iter()
        .filter(|name| name.starts_with("report-run-"))
        .collect();
    assert_eq!(pages.len(), 2, "{pages:?}");
    for name in pages {
        assert!(page.contains(&format!("<a href=\"{name}\">")), "{name}");
        stands_alone(&std::fs::read_to_string(sandbox.path(&name)).unwrap());
    }
    let Some(dom) = drawn(&sandbox.path("report.html")) else { return };
    assert!(dom.contains("data-drawn=\"sweep\""), "not drawn");
    assert!(dom.contains("class=\"heatmaplayer"), "no heat map");
    for panel in ["clip_size: shortfall with fees, bps", "offset_bps: shortfall with fees, bps"] {
        assert!(dom.contains(panel), "{panel}");
    }
    assert_eq!(driven(&sandbox, &page, CHOOSE), "middle 0; Filled, %, middle none");
}

/// A bar of nothing is a line on the axis, and its number must not lie over the bar's name below it. The tape is over before
/// the horizon is.
#[test]
fn numbers_are_above_their_bars_and_lines_go_to_the_horizon() {
    let sandbox = Sandbox::new();
    let page = report(&sandbox, &["--quantity", "1", "--params", VENUE, "--horizon", "600"]);
    if drawn(&sandbox.path("report.html")).is_none() {
        return;
    }
    assert_eq!(driven(&sandbox, &page, NUMBERS), "5 numbers, all above 5 names");
    assert_eq!(driven(&sandbox, &page, ENDS), "price 00:10:00.201, even schedule 00:10:00.201");
}

#[test]
fn a_sweep_whose_page_has_no_folder_does_not_run() {
    let sandbox = Sandbox::new();
    let words = ["replay", "none.wasm", "--quantity", "1", "--sweep", "none.toml"];
    let run = sandbox.tesser("", &[&words[..], &["--report", "none/page.html"]].concat());
    let error = "error: cannot write `none/page.html`: there is no folder `none`";
    let run = run.expect(101);
    assert!(run.stderr.contains(error), "{}", run.stderr);
}

/// Runs `hand` when all is drawn, and writes down what it says.
const WHEN_DRAWN: &str = r#"
const whenDrawn = (hand) => {
    const wait = setInterval(async () => {
        if (!document.body.dataset.drawn) return;
        clearInterval(wait);
        document.body.dataset.said = await hand();
    }, 50);
};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
"#;

/// Drags the pointer over the middle half of the chart, and says what has become of its axis.
const DRAG: &str = r#"whenDrawn(async () => {
    const plot = document.getElementById("course");
    const width = () => {
        const [from, to] = plot._fullLayout.xaxis.range.map((time) => Date.parse(String(time).replace(" ", "T") + "Z"));
        return to - from;
    };
    const before = width();
    const area = plot.querySelector(".nsewdrag");
    const box = area.getBoundingClientRect();
    const send = (to, type, share) => to.dispatchEvent(new MouseEvent(type, {
        bubbles: true, cancelable: true, view: window, button: 0, buttons: 1,
        clientX: box.x + box.width * share, clientY: box.y + box.height * share,
    }));
    send(area, "mousedown", 0.25);
    const cover = document.querySelector(".dragcover") || document;
    for (const share of [0.5, 0.75]) send(cover, "mousemove", share);
    send(cover, "mouseup", 0.75);
    await pause(500);
    const share = width() / before;
    const fetched = performance.getEntriesByType("resource").length;
    return `${share > 0.49 && share < 0.51 ? "half" : share}, ${fetched || "nothing"} fetched`;
});"#;

/// Sorts the orders by their numbers, downwards, then leaves those of a limit.
const TABLE: &str = r#"whenDrawn(() => {
    const orders = document.querySelector("[data-table=orders]");
    const count = () => orders.querySelector("[role=status]").textContent;
    const first = () => orders.querySelector("tbody td").textContent;
    const words = [count()];
    orders.querySelector("thead button").click();
    orders.querySelector("thead button").click();
    words.push(`${first()} is first`);
    const filter = orders.querySelector("input");
    filter.value = "BUY 00:00:02.201";
    filter.dispatchEvent(new Event("input"));
    return [...words, count(), `${first()} is left`].join("; ");
});"#;

/// Chooses another number.
const CHOOSE: &str = r#"whenDrawn(async () => {
    const middle = () => `middle ${document.getElementById("heat").data[0].zmid ?? "none"}`;
    const costs = middle();
    const which = document.getElementById("which");
    which.value = "2";
    which.dispatchEvent(new Event("change"));
    await pause(500);
    const heading = document.getElementById("heat").layout.annotations[0].text.replaceAll(/<[^>]*>/g, "");
    return `${costs}; ${heading}, ${middle()}`;
});"#;

/// Looks where the numbers of the bars are, and the names below the axis.
const NUMBERS: &str = r#"whenDrawn(() => {
    const boxes = (what) => [...document.querySelectorAll(`#parts ${what}`)].map((found) => found.getBoundingClientRect());
    const [, ...numbers] = boxes(".annotation-text");
    const names = boxes(".xtick text");
    const top = Math.min(...names.map((name) => name.top));
    const above = numbers.filter((number) => number.bottom <= top).length;
    return `${numbers.length} numbers, ${above === numbers.length ? "all" : above} above ${names.length} names`;
});"#;

/// Where lines end.
const ENDS: &str = r#"whenDrawn(() => {
    const traces = document.getElementById("course").data;
    const end = (name) => `${name} ${clock(traces.find((trace) => trace.name === name).x.at(-1))}`;
    return [end("price"), end("even schedule")].join(", ");
});"#;
