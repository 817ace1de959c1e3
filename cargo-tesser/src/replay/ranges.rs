//! Ranges of a sweep: `clip_size = { from = "0.1", to = "0.5", step = "0.1" }` -> one set of parameters for each value.
//!
//! In: a set of parameters as the file has it. Out: every combination of its values, by number, or what is wrong with a range.
//! Values are computed as decimals, so each is exact.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Serialize;
use serde_json::{Map, Value};

/// Maximum number of runs of one sweep.
pub(super) const MAX_RUNS: usize = 10_000_000;

const KEYS: [&str; 3] = ["from", "to", "step"];

/// A set in which each parameter has one value.
type Set = Map<String, Value>;

/// All combinations of the values of a set; the last name varies fastest. None of them is in memory.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Combinations {
    params: Vec<(String, Values)>,
    len: usize,
}

#[derive(Clone, Debug, Serialize)]
enum Values {
    One(Value),
    Steps {
        from: Decimal,
        step: Decimal,
        len: usize,
        /// Whether `from` is a number, rather than a string.
        as_number: bool,
    },
}

impl Combinations {
    /// Reads a set.
    pub(super) fn of(set: &Set) -> Result<Self, String> {
        let mut combinations = Self { params: Vec::new(), len: 1 };
        for (name, value) in set {
            let values = match range(value) {
                Some(keys) => steps(keys).map_err(|reason| format!("`{name}`: {reason}"))?,
                None => Values::One(value.clone()),
            };
            combinations.len = combinations.len.saturating_mul(values.len());
            if combinations.len > MAX_RUNS {
                return Err(too_many());
            }
            combinations.params.push((name.clone(), values));
        }
        Ok(combinations)
    }

    /// The number of sets.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// A set by its number, from 0.
    pub(super) fn get(&self, number: usize) -> Set {
        let mut rest = number;
        let values = self.params.iter().rev().map(|(name, values)| {
            let at = rest % values.len();
            rest /= values.len();
            (name.clone(), values.get(at))
        });
        let mut values: Vec<_> = values.collect();
        values.reverse();
        values.into_iter().collect()
    }

    /// Sets in which each value of each parameter occurs: enough for checks that look at one parameter at a time.
    pub(super) fn each_value(&self) -> impl Iterator<Item = Set> {
        let first = self.get(0);
        let others = self.params.iter().flat_map(move |(name, values)| {
            let first = first.clone();
            (1..values.len()).map(move |at| {
                let mut set = first.clone();
                set.insert(name.clone(), values.get(at));
                set
            })
        });
        std::iter::once(self.get(0)).chain(others)
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Steps { len, .. } => *len,
        }
    }

    fn get(&self, at: usize) -> Value {
        match self {
            Self::One(value) => value.clone(),
            Self::Steps { from, step, as_number, .. } => {
                shown(from.saturating_add(step.saturating_mul(Decimal::from(at))), *as_number)
            }
        }
    }
}

pub(super) fn too_many() -> String {
    format!("it has more than {MAX_RUNS} runs")
}

/// A table with no other keys than those of a range. No parameter of the kit is a table.
fn range(value: &Value) -> Option<&Set> {
    let table = value.as_object()?;
    let is_range = !table.is_empty() && table.keys().all(|key| KEYS.contains(&key.as_str()));
    is_range.then_some(table)
}

fn steps(keys: &Set) -> Result<Values, String> {
    let bound = |key: &str| {
        let value = keys
            .get(key)
            .ok_or_else(|| format!("the range has no `{key}`; it needs `from`, `to` and `step`"))?;
        number(value).ok_or_else(|| format!("`{key}` of the range is not a number"))
    };
    let [from, to, step] = [bound("from")?, bound("to")?, bound("step")?];
    if step <= Decimal::ZERO {
        return Err(format!("`step` of the range is {step}; it must be greater than 0"));
    }
    if to < from {
        return Err(format!("`to` of the range ({to}) is less than `from` ({from})"));
    }
    let digits = "the range has more digits than a decimal can hold";
    let places = from.scale().max(to.scale()).max(step.scale());
    // All values lie between both ends, and none has more places than those three numbers.
    let is_exact = |mut value: Decimal| {
        value.rescale(places);
        value.scale() == places
    };
    if ![from, to, step].into_iter().all(is_exact) {
        return Err(digits.to_owned());
    }
    let whole = to.checked_sub(from).and_then(|length| length.checked_div(step)).ok_or(digits)?;
    let whole = whole.floor().to_usize().filter(|whole| *whole < MAX_RUNS).ok_or_else(too_many)?;
    let last = from + step * Decimal::from(whole);
    if last != to {
        let next = last + step;
        return Err(format!(
            "steps of {step} from {from} do not end at `to` ({to}); the nearest ends are {last} and {next}"
        ));
    }
    let as_number = keys.get("from").is_some_and(Value::is_number);
    Ok(Values::Steps { from, step, len: whole + 1, as_number })
}

fn number(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// A value in the form that `from` has: a string or a number.
fn shown(value: Decimal, as_number: bool) -> Value {
    let text = value.normalize().to_string();
    let number = || serde_json::from_str(&text).map(Value::Number).ok();
    as_number.then(number).flatten().unwrap_or(Value::String(text.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(set: &Value) -> Result<Vec<Set>, String> {
        let combinations = Combinations::of(set.as_object().unwrap())?;
        Ok((0..combinations.len()).map(|number| combinations.get(number)).collect())
    }

    #[test]
    fn both_ends_are_values_and_every_step_is_exact() {
        let sets =
            of(&json!({ "clip_size": { "from": "0.1", "to": "0.5", "step": "0.1" } })).unwrap();
        let values: Vec<_> = sets.iter().map(|set| set["clip_size"].as_str().unwrap()).collect();
        assert_eq!(values, ["0.1", "0.2", "0.3", "0.4", "0.5"]);
        let sets = of(&json!({ "secs": { "from": 60, "to": 180, "step": 60 } })).unwrap();
        let values: Vec<_> = sets.iter().map(|set| set["secs"].as_u64().unwrap()).collect();
        assert_eq!(values, [60, 120, 180]);
        let sets = of(&json!({ "a": { "from": 0.1, "to": 0.3, "step": 0.1 } })).unwrap();
        assert_eq!(json!(sets), json!([{ "a": 0.1 }, { "a": 0.2 }, { "a": 0.3 }]));
        assert_eq!(of(&json!({ "a": { "from": "7", "to": "7", "step": "1" } })).unwrap().len(), 1);
    }

    #[test]
    fn several_ranges_are_combined_and_other_values_stay() {
        let range = json!({ "from": 1, "to": 3, "step": 1 });
        let set = json!({ "a": range, "b": { "from": "1", "to": "2", "step": "0.5" }, "c": "x" });
        let sets = of(&set).unwrap();
        assert_eq!(sets.len(), 9);
        assert_eq!(json!(sets[1]), json!({ "a": 1, "b": "1.5", "c": "x" }));
        assert_eq!(of(&json!({})).unwrap(), [Set::new()]);
        let table = json!({ "a": { "from": 1, "other": 2 } });
        assert_eq!(json!(of(&table).unwrap()), json!([table]));
        let combinations = Combinations::of(set.as_object().unwrap()).unwrap();
        let values: Vec<_> = combinations.each_value().collect();
        assert_eq!(values.len(), 5, "{values:?}");
        for set in sets {
            assert!(set.iter().all(|(name, value)| values.iter().any(|set| set[name] == *value)));
        }
    }

    #[test]
    fn a_range_that_cannot_be_run_is_refused() {
        let range = |from: &str, to: &str, step: &str| {
            of(&json!({ "a": { "from": from, "to": to, "step": step } })).unwrap_err()
        };
        assert_eq!(
            range("1", "2", "0"),
            "`a`: `step` of the range is 0; it must be greater than 0"
        );
        assert_eq!(
            range("1", "2", "-1"),
            "`a`: `step` of the range is -1; it must be greater than 0"
        );
        assert_eq!(range("2", "1", "1"), "`a`: `to` of the range (1) is less than `from` (2)");
        assert_eq!(range("x", "1", "1"), "`a`: `from` of the range is not a number");
        assert_eq!(
            range("0.1", "0.5", "0.3"),
            "`a`: steps of 0.3 from 0.1 do not end at `to` (0.5); the nearest ends are 0.4 and 0.7"
        );
        assert_eq!(range("0", "1", "0.00000001"), "`a`: it has more than 10000000 runs");
        assert_eq!(
            range("79228162514264337593543950334", "79228162514264337593543950335", "0.5"),
            "`a`: the range has more digits than a decimal can hold"
        );
        let missing = of(&json!({ "a": { "from": 1, "to": 2 } })).unwrap_err();
        assert_eq!(missing, "`a`: the range has no `step`; it needs `from`, `to` and `step`");
        let many = json!({ "from": 1, "to": 10_000, "step": 1 });
        assert_eq!(of(&json!({ "a": many, "b": many })).unwrap_err(), too_many());
    }
}
