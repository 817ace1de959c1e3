//! Scenarios: what an exchange, a market and the host can do to an algorithm. Each is one run with one line about the target.
//!
//! In: a plugin. Out: a case for each scenario. All use the live host: no ticks, limits apply, orders without a fill are cancelled
//! after a minute. The filled quantity comes from the exchange, never from the plugin.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::report::Case;
use super::run::{Fills, Run, SECONDS, Start, Trades};
use super::{PluginUnderTest, case};
use crate::engine::{DecimalValue, Plugin, Side, Tick};
use crate::report::counted;
use crate::simulator::answer::Action;
use crate::simulator::tape::Event;

/// Time in seconds within which an algorithm must end if every order is filled at once.
const LONGEST: i64 = 4 * 3_600;
/// Seconds without a fill; the host cancels orders after 60 to 75.
const UNFILLED: i64 = 180;

pub(super) type Scenario = fn(&PluginUnderTest) -> Outcome;

/// Result of a scenario: a line, and the faults.
pub(super) struct Outcome {
    line: String,
    wrong: Vec<String>,
}

/// All scenarios by name.
pub(super) const ALL: [(&str, Scenario); 19] = [
    ("live/no-ticks", no_ticks),
    ("live/order-fields", order_fields),
    ("live/unfilled-orders", unfilled_orders),
    ("live/refused-orders", refused_orders),
    ("live/fills-while-down", fills_while_down),
    ("live/crash-before-store", crash_before_store),
    ("live/timer-burst", timer_burst),
    ("live/two-instances", two_instances),
    ("scenarios/whole-fills", whole_fills),
    ("scenarios/partial-fills", partial_fills),
    ("scenarios/duplicate-fills", duplicate_fills),
    ("scenarios/over-fills", over_fills),
    ("scenarios/rejects", rejects),
    ("scenarios/ticks", ticks),
    ("scenarios/price-gaps", price_gaps),
    ("scenarios/unusual-decimals", unusual_decimals),
    ("scenarios/huge-quantity", huge_quantity),
    ("scenarios/foreign-symbols", foreign_symbols),
    ("scenarios/malformed-input", malformed),
];

/// Runs a scenario.
pub(super) fn run(subject: &PluginUnderTest, name: &str, scenario: Scenario) -> Case {
    let Outcome { line, wrong } = scenario(subject);
    case(name, line).fails(wrong)
}

/// Returns a run's line and all its faults.
fn outcome(run: &Run<'_>) -> Outcome {
    Outcome { line: run.line(), wrong: run.violations() }
}

fn played(subject: &PluginUnderTest, ticks: bool, trades: Trades, fills: Fills) -> Run<'_> {
    let mut run = Run::start(Start { ticks, ..subject.live() });
    run.seconds(SECONDS, trades, fills);
    run
}

/// Checks that an order is sent, and that the algorithm ends: with its target filled, or with a log that says why not.
fn to_the_end(mut run: Run<'_>) -> Outcome {
    run.seconds(LONGEST, Trades::Plain, Fills::Whole);
    let mut outcome = outcome(&run);
    if !outcome.wrong.is_empty() {
        return outcome;
    }
    let (filled, target) = (run.filled(), run.target);
    let recording = run.recording();
    let last_log = recording.last_log.as_deref();
    if let Some(error) = recording.not_sent.first() {
        outcome.wrong.push(format!("the host does not send its orders: {error}"));
    } else if filled < target && (run.is_completed() || run.orders().is_empty()) {
        match last_log {
            Some(log) => outcome.line = format!("{}; its log: {log}", outcome.line),
            None if run.is_completed() => {
                let words = format!("it completes with {filled} of {target} filled, and no log says why");
                outcome.wrong.push(words);
            }
            None => outcome.wrong.push(
                "no order is sent, and no log says why: in a live session there are timers and fills, but no ticks".into(),
            ),
        }
    } else if !run.is_completed() {
        let hours = LONGEST / 3_600;
        outcome.wrong.push(format!(
            "not completed after {hours} hours in which each order was filled within a second: {filled} of {target}"
        ));
    }
    outcome
}

fn no_ticks(subject: &PluginUnderTest) -> Outcome {
    to_the_end(Run::start(subject.live()))
}

/// Checks fields that the host drops, above all a trigger price, since the order executes at once.
fn order_fields(subject: &PluginUnderTest) -> Outcome {
    let run = played(subject, true, Trades::Plain, Fills::Parts);
    let mut fields = run.recording().not_honoured.clone();
    fields.sort_unstable();
    fields.dedup();
    let wrong = fields.iter().map(|field| match *field {
        "trigger_price" => {
            "orders have a trigger price, which is sent to no venue: they execute at once".into()
        }
        field => format!("orders have `{field}`, which reaches no venue"),
    });
    let wrong: Vec<_> = run.faults().into_iter().chain(wrong).collect();
    Outcome { line: "all fields of the orders reach the venue".into(), wrong }
}

/// Fills nothing for minutes, so that the host cancels orders; their quantity has to be worked again.
fn unfilled_orders(subject: &PluginUnderTest) -> Outcome {
    let mut run = Run::start(subject.live());
    run.seconds(UNFILLED, Trades::Plain, Fills::None);
    let died = run.recording().stale;
    let mut outcome = to_the_end(run);
    outcome.line = format!("{}; {} cancelled without a fill", outcome.line, counted(died, "order"));
    outcome
}

/// The host refuses every order without telling the plugin.
fn refused_orders(subject: &PluginUnderTest) -> Outcome {
    let mut run = Run::start(subject.live());
    run.session.host.forbid_orders();
    run.seconds(UNFILLED, Trades::Plain, Fills::Whole);
    outcome(&run)
}

/// Fills an order while the host is down, which is never reported. Only its quantity may be worked again.
fn fills_while_down(subject: &PluginUnderTest) -> Outcome {
    let mut run = Run::start(subject.live());
    let mut lost = Decimal::ZERO;
    for second in 0..LONGEST {
        if run.is_over() {
            break;
        }
        let fills = if second < 5 { Fills::None } else { Fills::Whole };
        run.second(Trades::Plain, fills);
        if second == 4 {
            let working: Vec<_> =
                run.orders().iter().filter(|order| order.state.is_working()).cloned().collect();
            for order in working {
                let price = order.price.unwrap_or_else(|| run.price(Trades::Plain));
                let fill = run.fill_of(order.number, price, order.rest());
                lost += order.rest();
                run.step(Event::FillUnseen(Box::new(fill)));
            }
            run.step(Event::Restart { lists_orders: true });
            run.step(Event::Reconnect);
        }
    }
    bounded(&run, lost, "filled while the host was down, which is never reported")
}

/// Crashes the host after it has sent orders and before it stores the state, so that it sends them again after the restart.
fn crash_before_store(subject: &PluginUnderTest) -> Outcome {
    let mut run = Run::start(subject.live());
    let mut twice = Decimal::ZERO;
    for _ in 0..LONGEST {
        if run.is_over() {
            break;
        }
        run.market(Trades::Plain, Fills::Whole);
        let before = run.orders().len();
        run.session.host.store_fails(twice.is_zero());
        run.step(Event::Timer);
        let sent = &run.orders()[before..];
        if twice.is_zero() && !sent.is_empty() {
            twice = sent.iter().fold(Decimal::ZERO, |sum, order| sum + order.quantity);
            run.session.host.store_fails(false);
            run.step(Event::Restart { lists_orders: true });
        }
    }
    bounded(&run, twice, "sent before the crash, and not stored")
}

/// Checks a run that may exceed its target by the quantity that the host itself has lost.
fn bounded(run: &Run<'_>, lost: Decimal, what: &str) -> Outcome {
    let mut wrong = run.faults();
    let (peak, target) = (run.session.host.exchange.peak(), run.target);
    let beyond = peak.saturating_sub(target).max(Decimal::ZERO).normalize();
    let lost = lost.normalize();
    if beyond > lost {
        wrong.push(format!(
            "{beyond} beyond the target of {target}, although only {lost} was {what}"
        ));
    }
    Outcome { line: format!("{}; {lost} {what}: {beyond} beyond the target", run.line()), wrong }
}

/// Calls a minute of timers at once, as after a request that hung.
fn timer_burst(subject: &PluginUnderTest) -> Outcome {
    let mut run = Run::start(subject.live());
    run.seconds(3, Trades::Plain, Fills::Parts);
    run.step(Event::Advance { ms: 60_000 });
    for _ in 0..60 {
        run.step(Event::Timer);
    }
    run.seconds(SECONDS, Trades::Plain, Fills::Parts);
    outcome(&run)
}

/// Sends two signals to the same plugin; each must work its own target.
fn two_instances(subject: &PluginUnderTest) -> Outcome {
    let mut run = Run::start(Start { limits: false, ..subject.live() });
    run.signal(2);
    run.target = run.target.saturating_mul(Decimal::TWO);
    run.seconds(SECONDS, Trades::Plain, Fills::Parts);
    outcome(&run)
}

fn whole_fills(subject: &PluginUnderTest) -> Outcome {
    outcome(&played(subject, false, Trades::Plain, Fills::Whole))
}

fn partial_fills(subject: &PluginUnderTest) -> Outcome {
    outcome(&played(subject, false, Trades::Plain, Fills::Parts))
}

/// Forwards trades, as a later host may do.
fn ticks(subject: &PluginUnderTest) -> Outcome {
    outcome(&played(subject, true, Trades::Plain, Fills::Parts))
}

/// Reconnects the private stream every ten seconds, so that all executions are reported again.
fn duplicate_fills(subject: &PluginUnderTest) -> Outcome {
    let mut run = Run::start(subject.live());
    for second in 0..LONGEST {
        if run.is_over() {
            break;
        }
        run.second(Trades::Plain, Fills::Parts);
        if second % 10 == 9 {
            run.step(Event::Reconnect);
        }
    }
    to_the_end(run)
}

fn over_fills(subject: &PluginUnderTest) -> Outcome {
    outcome(&played(subject, false, Trades::Plain, Fills::Over))
}

/// The exchange refuses every order, and the plugin is not told.
fn rejects(subject: &PluginUnderTest) -> Outcome {
    let mut run = Run::start(Start { rejects: true, ..subject.live() });
    run.seconds(UNFILLED, Trades::Plain, Fills::Whole);
    outcome(&run)
}

fn price_gaps(subject: &PluginUnderTest) -> Outcome {
    outcome(&played(subject, true, Trades::Gaps, Fills::Parts))
}

fn unusual_decimals(subject: &PluginUnderTest) -> Outcome {
    outcome(&played(subject, true, Trades::Odd, Fills::Parts))
}

/// Uses a huge target without limits. A target that cannot be worked may be refused, which is the best result.
fn huge_quantity(subject: &PluginUnderTest) -> Outcome {
    let start = Start { target: Decimal::MAX, limits: false, ..subject.live() };
    let mut run = Run::start(start);
    if let Some(reason) = &run.recording().refused {
        return Outcome { line: format!("refused: {reason}"), wrong: Vec::new() };
    }
    run.seconds(SECONDS, Trades::Plain, Fills::Whole);
    outcome(&run)
}

/// Sends trades of another symbol, which must change nothing.
fn foreign_symbols(subject: &PluginUnderTest) -> Outcome {
    let run = |trades| played(subject, true, trades, Fills::Parts);
    let (alone, mixed) = (run(Trades::Plain), run(Trades::Foreign));
    let mut outcome = outcome(&mixed);
    let own = subject.settings.code();
    let (expected, found) = (orders(&alone, &own), orders(&mixed, &own));
    if let Some(different) = super::first_difference(&expected, &found, |(_, action)| action) {
        outcome.wrong.push(format!("trades of another symbol change its orders: {different}"));
    }
    outcome
}

/// Returns the orders, each with the number of earlier callbacks that concerned the symbol.
fn orders(run: &Run<'_>, own: &str) -> Vec<(usize, Action)> {
    let calls = run.events.iter().filter_map(|event| match event {
        Event::Tick(trade) => Some(trade.symbol.as_deref() == Some(own)),
        Event::Timer | Event::Fill(_) => Some(true),
        _ => None,
    });
    let mut orders = Vec::new();
    let mut count = 0;
    for (is_own, call) in calls.zip(run.recording().calls.iter().skip(1)) {
        count += usize::from(is_own);
        orders.extend(call.actions.iter().map(|action| (count, action.clone())));
    }
    orders
}

/// Sends input that no host sends; the plugin must return an error, and neither trap nor order.
fn malformed(subject: &PluginUnderTest) -> Outcome {
    let line = "no malformed input causes a trap or an order".to_owned();
    let wrong = malformed_inputs(subject).unwrap_or_else(|error| vec![error.to_string()]);
    Outcome { line, wrong }
}

fn malformed_inputs(subject: &PluginUnderTest) -> Result<Vec<String>, crate::engine::Error> {
    let settings = &subject.settings;
    let mut wrong = Vec::new();
    let mut plugin = subject.compiled.instantiate()?;
    match plugin.init("{") {
        Ok(Err(_)) => {}
        Ok(Ok(_)) => wrong.push("`init` accepts `{`".into()),
        Err(error) => wrong.push(format!("`init` of `{{`: {error}")),
    }
    let context = settings.context(subject.side);
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
                wrong.extend(
                    has_orders(&answer).then(|| format!("`on-fill` of `{json}` returns orders")),
                );
            }
            Err(error) => {
                wrong.push(format!("`on-fill` of `{json}`: {error}"));
                plugin = start()?;
            }
        }
    }
    for price in ["", "abc", "1e400", "NaN"] {
        let value = |text: &str| DecimalValue { value: text.into() };
        let (symbol, size) = (settings.code().into(), value("1"));
        let tick = Tick { symbol, price: value(price), size, side: Side::Buy, timestamp_ms: 0 };
        match plugin.on_tick(&Arc::new(tick)) {
            Ok(answer) => {
                wrong.extend(
                    has_orders(&answer).then(|| format!("`on-tick` at `{price}` returns orders")),
                );
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
            "`restore` accepts `{`: it must trap, or the algorithm would trade on a wrong state"
                .into(),
        );
    }
    Ok(wrong)
}

fn has_orders(answer: &str) -> bool {
    serde_json::from_str::<tesser_wasm::PluginResult>(answer)
        .is_ok_and(|result| !result.orders.is_empty())
}
