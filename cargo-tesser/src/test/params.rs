//! Parameters at the edges of their ranges and beyond them, from the schema in the plugin.
//!
//! In: a plugin. Out: whether sessions with allowed values satisfy the rules of every run, and whether `init` refuses all other
//! values with an error that names the parameter. A plugin without a schema passes, and the report says so.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use tesser_wasm::{Param, ParamKind, ParamSchema};

use super::error::Error;
use super::report::Case;
use super::run::{Fills, Run, SECONDS, Start, Trades};
use super::{PluginUnderTest, Settings, case};
use crate::process;
use crate::random::SplitMix64;
use crate::report::counted;

/// The kind of values to try.
#[derive(Clone, Copy)]
pub(super) enum Values {
    /// Values at the edges of the ranges, and random ones within.
    Allowed,
    /// Values beyond the ranges or of other types, and unknown names.
    Refused,
}

/// The cases by name.
pub(super) const ALL: [(&str, Values); 2] =
    [("params/edges", Values::Allowed), ("params/refused", Values::Refused)];

/// Number of random values of each parameter, with all others as in the settings.
const VALUES: usize = 2;
/// Number of sessions in which about half of the parameters have random values.
const SETS: usize = 16;
/// Maximum number of sets to try for them: `init` refuses sets that do not fit the signal.
const ATTEMPTS: usize = 200;

/// Decimal places of the smallest number in the kit's ranges.
const PLACES: u32 = 12;

/// A set of parameters.
type Set = Map<String, Value>;

/// Runs a case.
pub(super) fn run(subject: &PluginUnderTest, name: &str, values: Values) -> Result<Case, Error> {
    let case = |line: &str| case(name, line.to_owned());
    let schema = match &subject.schema {
        Ok(Some(schema)) => schema,
        Ok(None) => return Ok(case("the plugin has no parameter schema")),
        Err(error) => {
            let wrong = vec![error.to_string()];
            return Ok(case("the parameter schema cannot be read").fails(wrong));
        }
    };
    let base = subject.settings.params.as_object().cloned().unwrap_or_default();
    if let Some(Refusal::Told(reason) | Refusal::Trap(reason)) = refusal(subject, &base)? {
        let wrong = format!(
            "`init` refused the signal: {reason}; set `params` in `[package.metadata.tesser.test]`"
        );
        return Ok(case("no session was started").fails(vec![wrong]));
    }
    let (line, wrong) = match values {
        Values::Allowed => edges(subject, schema, &base)?,
        Values::Refused => refused(subject, schema, &base)?,
    };
    Ok(case(&line).fails(wrong))
}

/// Runs a short session for each allowed value, and for random sets.
fn edges(
    subject: &PluginUnderTest,
    schema: &ParamSchema,
    base: &Set,
) -> Result<(String, Vec<String>), Error> {
    let mut sessions = Sessions { subject, schema, run: 0, refused: 0, wrong: Vec::new() };
    let mut random = Random(SplitMix64(1));
    for param in &schema.params {
        let mut values = edge_values(param);
        values.extend((0..VALUES).filter_map(|_| random.value(param)));
        for value in values {
            let name = format!("`{}` = {value}", param.name);
            sessions.run(&name, &with(base, &param.name, value), true)?;
        }
    }
    let single = sessions.run;
    for _ in 0..ATTEMPTS {
        if sessions.run == single + SETS {
            break;
        }
        let mut set = base.clone();
        for param in &schema.params {
            let value = random.value(param).filter(|_| random.below(2) == 0);
            set.extend(value.map(|value| (param.name.clone(), value)));
        }
        let name = format!("params {}", Value::from(set.clone()));
        sessions.run(&name, &set, random.below(2) == 0)?;
    }
    let Sessions { run, refused, wrong, .. } = sessions;
    let line = format!(
        "{} with values of {}; `init` refused {refused} more that do not fit the signal or each other",
        counted(run, "session"),
        counted(schema.params.len(), "parameter"),
    );
    Ok((line, wrong))
}

/// Sessions and their results.
struct Sessions<'a> {
    subject: &'a PluginUnderTest,
    schema: &'a ParamSchema,
    run: usize,
    refused: usize,
    wrong: Vec<String>,
}

impl Sessions<'_> {
    /// Runs a session. `init` may refuse allowed values that do not fit the signal or each other, if it names one.
    fn run(&mut self, name: &str, set: &Set, ticks: bool) -> Result<(), Error> {
        process::check_interrupted()?;
        let subject = self.subject;
        // The market has the steps in the plugin's parameters.
        let settings = Settings {
            params: set.clone().into(),
            lot_size: None,
            tick_size: None,
            ..subject.settings.clone()
        };
        let start = Start { ticks, ..Start::live(subject, &settings) };
        let mut run = Run::start(start);
        if let Some(reason) = &run.recording().refused {
            self.refused += 1;
            if !self.schema.params.iter().any(|param| reason.contains(&param.name)) {
                let wrong =
                    format!("{name}: `init` refuses it without naming a parameter: {reason}");
                self.wrong.push(wrong);
            }
            return Ok(());
        }
        self.run += 1;
        run.seconds(SECONDS, Trades::Plain, Fills::Parts);
        let wrong = run.violations().into_iter().take(1);
        self.wrong.extend(wrong.map(|wrong| format!("{name}: {wrong}")));
        Ok(())
    }
}

/// Tries values out of range, wrong types, an unknown name, and missing required parameters.
fn refused(
    subject: &PluginUnderTest,
    schema: &ParamSchema,
    base: &Set,
) -> Result<(String, Vec<String>), Error> {
    let mut sets = vec![("no_such_parameter", with(base, "no_such_parameter", json!(1)))];
    for param in &schema.params {
        let bad = bad_values(param).into_iter();
        sets.extend(bad.map(|value| (param.name.as_str(), with(base, &param.name, value))));
        if param.required {
            sets.push((&param.name, with(base, &param.name, Value::Null)));
        }
    }
    let mut wrong = Vec::new();
    for (name, set) in &sets {
        let value = set.get(*name).unwrap_or(&Value::Null);
        match refusal(subject, set)? {
            None => wrong.push(format!("`init` accepts `{name}` = {value}")),
            Some(Refusal::Trap(text)) => wrong.push(format!("`{name}` = {value}: {text}")),
            Some(Refusal::Told(reason)) if !reason.contains(name) => {
                wrong
                    .push(format!("`init` refuses `{name}` = {value} without naming it: {reason}"));
            }
            Some(Refusal::Told(_)) => {}
        }
    }
    Ok((format!("{}, each refused by name", counted(sets.len(), "wrong value")), wrong))
}

/// How `init` refuses a set of parameters.
enum Refusal {
    /// With its own error.
    Told(String),
    /// With a trap, whose text the host loses, so nobody could act on it.
    Trap(String),
}

/// Returns how `init` refuses a set of parameters, if it does.
fn refusal(subject: &PluginUnderTest, params: &Set) -> Result<Option<Refusal>, Error> {
    process::check_interrupted()?;
    let settings = Settings { params: params.clone().into(), ..subject.settings.clone() };
    let context = serde_json::to_string(&settings.context(subject.side)).unwrap_or_default();
    let answer = subject.compiled.instantiate().and_then(|mut plugin| plugin.init(&context));
    Ok(match answer {
        Ok(answer) => answer.err().map(Refusal::Told),
        Err(trap) => Some(Refusal::Trap(trap.to_string())),
    })
}

fn with(base: &Set, name: &str, value: Value) -> Set {
    let mut set = base.clone();
    set.insert(name.to_owned(), value);
    set
}

/// Returns the default, the smallest and the largest value, or all words.
fn edge_values(param: &Param) -> Vec<Value> {
    match param.kind {
        ParamKind::Choice => param.choices.iter().map(|word| json!(word)).collect(),
        ParamKind::Boolean => vec![json!(false), json!(true)],
        ParamKind::Text => Vec::new(),
        ParamKind::Integer | ParamKind::Decimal | ParamKind::Decimals => {
            let texts = [&param.min, &param.max, &param.default].into_iter().flatten();
            texts.filter_map(|text| Some(in_form(param, number(text)?))).collect()
        }
    }
}

/// Returns a value beyond each end of the range, and values of other types.
fn bad_values(param: &Param) -> Vec<Value> {
    let mut bad = match param.kind {
        ParamKind::Integer => vec![json!("1"), json!(true), json!(1.5)],
        ParamKind::Decimal => vec![json!("one"), json!(true), json!(["1"])],
        ParamKind::Boolean => vec![json!("true"), json!(1)],
        ParamKind::Choice => vec![json!("no-such-word"), json!(1)],
        ParamKind::Text => vec![json!(""), json!(1)],
        ParamKind::Decimals => vec![json!("1"), json!(["one"])],
    };
    let unit = match param.kind {
        ParamKind::Integer => Decimal::ONE,
        _ => Decimal::new(1, PLACES),
    };
    let bound = |text: &Option<String>| text.as_deref().and_then(number);
    let beyond = [
        bound(&param.min).and_then(|min| min.checked_sub(unit)),
        bound(&param.max).and_then(|max| max.checked_add(unit)),
    ];
    bad.extend(beyond.into_iter().flatten().map(|value| in_form(param, value)));
    bad
}

fn number(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

/// Returns a number as JSON, in the form of the parameter's type.
fn in_form(param: &Param, value: Decimal) -> Value {
    let text = value.normalize().to_string();
    match param.kind {
        ParamKind::Integer => serde_json::from_str(&text).unwrap_or_default(),
        ParamKind::Decimals => json!([text]),
        _ => json!(text),
    }
}

/// Values of parameters, the same in each run.
struct Random(SplitMix64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.0.next() % u64::from(end.max(1))).unwrap_or_default()
    }

    /// Returns an allowed value of a parameter with a range or with words. In wide ranges, small values are as likely as
    /// large ones.
    fn value(&mut self, param: &Param) -> Option<Value> {
        if param.kind == ParamKind::Choice {
            let count = u32::try_from(param.choices.len()).ok()?;
            return param.choices.get(self.below(count) as usize).map(|word| json!(word));
        }
        if param.kind == ParamKind::Boolean {
            return Some(json!(self.below(2) == 1));
        }
        let [min, max] = [number(param.min.as_deref()?)?, number(param.max.as_deref()?)?];
        let span = max.checked_sub(min).filter(|span| !span.is_sign_negative())?;
        let places = if param.kind == ParamKind::Integer { 0 } else { PLACES };
        let digits = u32::try_from(span.trunc().to_string().len()).ok()? + places;
        let part = Decimal::new(i64::from(self.below(10_000)), 4);
        let scale = Decimal::new(1, self.below(digits.min(28)));
        let value = min.checked_add(span.checked_mul(part)?.checked_mul(scale)?)?;
        Some(in_form(param, value.round_dp(places).clamp(min, max)))
    }
}
