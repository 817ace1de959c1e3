//! What an exchange and a market can do to an order: one run each, and one line of what came of the target.

use rust_decimal::Decimal;
use tesser_wasm::PluginChildOrderAction;

use super::report::Case;
use super::scene::{Fills, Scene, Trades, broken};
use super::{Subject, case};
use crate::engine::{DecimalValue, Plugin, Side, Tick};
use crate::replay::{Ending, Step};

struct Scenario {
    name: &'static str,
    trades: Trades,
    fills: Fills,
    target: Target,
}

enum Target {
    Usual,
    Zero,
    Huge,
}

const fn usual(name: &'static str, trades: Trades, fills: Fills) -> Scenario {
    Scenario { name, trades, fills, target: Target::Usual }
}

const ALL: [Scenario; 10] = [
    usual("whole-fills", Trades::Plain, Fills::Whole),
    usual("partial-fills", Trades::Plain, Fills::Parts),
    usual("duplicate-fills", Trades::Plain, Fills::Twice),
    usual("over-fills", Trades::Plain, Fills::Over),
    usual("rejects", Trades::Plain, Fills::None),
    usual("no-ticks", Trades::None, Fills::Parts),
    usual("price-gaps", Trades::Gaps, Fills::Parts),
    usual("unusual-decimals", Trades::Odd, Fills::Parts),
    Scenario {
        name: "zero-quantity",
        trades: Trades::Plain,
        fills: Fills::Whole,
        target: Target::Zero,
    },
    Scenario {
        name: "huge-quantity",
        trades: Trades::Plain,
        fills: Fills::Whole,
        target: Target::Huge,
    },
];

/// Names of the cases.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|scenario| scenario.name).chain(["foreign-symbols", "malformed-input"])
}

pub(super) fn run(subject: &Subject, name: &str) -> Case {
    match ALL.iter().find(|scenario| scenario.name == name) {
        Some(scenario) => scenario.run(subject),
        None if name == "foreign-symbols" => foreign(subject),
        None => malformed(subject),
    }
}

impl Scenario {
    fn run(&self, subject: &Subject) -> Case {
        let target = match self.target {
            Target::Usual => subject.settings.quantity,
            Target::Zero => Decimal::ZERO,
            Target::Huge => Decimal::MAX,
        };
        let (trades, fills) = (self.trades, self.fills);
        let scene = Scene::played(&subject.compiled, &subject.settings, target, trades, fills);
        let name = format!("scenarios/{}", self.name);
        // A target that cannot be worked may be refused, which is the best answer of all.
        if let (Target::Zero | Target::Huge, Some(Ending::Refused(reason))) =
            (&self.target, scene.session.ending())
        {
            return case(&name, format!("refused: {reason}"));
        }
        let mut wrong = scene.book.wrong.clone();
        wrong.extend(broken(&scene));
        case(&name, scene.book.line()).fails(wrong)
    }
}

/// Trades of another symbol must change nothing.
fn foreign(subject: &Subject) -> Case {
    let Subject { compiled, settings, .. } = subject;
    let run = |trades| Scene::played(compiled, settings, settings.quantity, trades, Fills::Parts);
    let (alone, mixed) = (run(Trades::Plain), run(Trades::Foreign));
    let mut wrong = mixed.book.wrong.clone();
    wrong.extend(broken(&mixed));
    let (expected, found) = (orders(&alone, &settings.symbol), orders(&mixed, &settings.symbol));
    if let Some(different) = super::first_difference(&expected, &found) {
        wrong.push(format!("trades of another symbol change its orders: {different}"));
    }
    case("scenarios/foreign-symbols", mixed.book.line()).fails(wrong)
}

/// The orders, each with the number of callbacks before it that had to do with the symbol.
fn orders(scene: &Scene<'_>, own: &str) -> Vec<(usize, PluginChildOrderAction)> {
    let mut orders = Vec::new();
    let mut count = 0;
    let steps = scene.steps.iter().filter(|step| **step != Step::Expiry);
    for (step, call) in steps.zip(scene.session.calls().iter().skip(1)) {
        let is_foreign = matches!(step, Step::Tick { symbol, .. } if symbol != own);
        count += usize::from(!is_foreign);
        orders.extend(call.orders.iter().map(|order| (count, order.clone())));
    }
    orders
}

/// What no host sends must be answered with an error, and not with a trap or with orders.
fn malformed(subject: &Subject) -> Case {
    let case = case("scenarios/malformed-input", "no malformed input traps or orders".into());
    match malformed_inputs(subject) {
        Ok(wrong) => case.fails(wrong),
        Err(error) => case.fails(vec![error.to_string()]),
    }
}

fn malformed_inputs(subject: &Subject) -> Result<Vec<String>, crate::engine::Error> {
    let settings = &subject.settings;
    let mut wrong = Vec::new();
    let mut plugin = subject.compiled.instantiate()?;
    match plugin.init("{") {
        Ok(Err(_)) => {}
        Ok(Ok(_)) => wrong.push("`init` takes `{`".into()),
        Err(error) => wrong.push(format!("`init` of `{{`: {error}")),
    }
    let context = settings.context("test", settings.quantity);
    let context = serde_json::to_string(&context).unwrap_or_default();
    let start = || -> Result<Plugin, crate::engine::Error> {
        let mut plugin = subject.compiled.instantiate()?;
        plugin.init(&context)?.ok();
        Ok(plugin)
    };
    let mut plugin = start()?;
    for json in ["", "{", "{}", "[]", "null", r#"{"order_id":7}"#] {
        match plugin.on_fill(json) {
            Ok(answer) => {
                wrong.extend(has_orders(&answer).then(|| format!("`on-fill` of `{json}` orders")));
            }
            Err(error) => {
                wrong.push(format!("`on-fill` of `{json}`: {error}"));
                plugin = start()?;
            }
        }
    }
    for price in ["", "abc", "1e400", "NaN"] {
        let value = |text: &str| DecimalValue { value: text.into() };
        let (symbol, size) = (settings.symbol.clone(), value("1"));
        let tick = Tick { symbol, price: value(price), size, side: Side::Buy, timestamp_ms: 0 };
        match plugin.on_tick(tick) {
            Ok(answer) => {
                wrong.extend(has_orders(&answer).then(|| format!("`on-tick` at `{price}` orders")));
            }
            Err(error) => {
                wrong.push(format!("`on-tick` at `{price}`: {error}"));
                plugin = start()?;
            }
        }
    }
    if let Err(error) = plugin.on_timer() {
        wrong.push(format!("after all that, {error}"));
    }
    if start()?.restore("{").is_ok() {
        wrong.push(
            "`restore` takes `{`: it must trap, or the algorithm trades on a wrong state".into(),
        );
    }
    Ok(wrong)
}

fn has_orders(answer: &str) -> bool {
    serde_json::from_str::<tesser_wasm::PluginResult>(answer)
        .is_ok_and(|result| !result.orders.is_empty())
}
