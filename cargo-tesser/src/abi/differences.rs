//! Two function types -> every place where they differ, in reading order. Parameter names are ignored, since the
//! host does not compare them.

use super::{FuncType, Type};

/// One place where a type differs from the expected one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, for example the field `price` of parameter 1.
    pub place: String,
    /// The expected type or number.
    pub expected: String,
    /// The type or number that was found.
    pub found: String,
}

impl FuncType {
    /// Returns every difference of `found` from this type, in reading order.
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        if self.params.len() != found.params.len() {
            differences.push(Difference {
                place: "the number of parameters".into(),
                expected: self.params.len().to_string(),
                found: found.params.len().to_string(),
            });
        }
        for (index, (expected, found)) in self.params.iter().zip(&found.params).enumerate() {
            compare(&format!("parameter {}", index + 1), expected, found, &mut differences);
        }
        compare_optional(
            "the result",
            self.result.as_ref(),
            found.result.as_ref(),
            &mut differences,
        );
        differences
    }
}

fn compare_optional(
    place: &str,
    expected: Option<&Type>,
    found: Option<&Type>,
    out: &mut Vec<Difference>,
) {
    match (expected, found) {
        (Some(expected), Some(found)) => compare(place, expected, found, out),
        (None, None) => {}
        (expected, found) => out.push(Difference {
            place: place.to_owned(),
            expected: expected.map_or("nothing".into(), ToString::to_string),
            found: found.map_or("nothing".into(), ToString::to_string),
        }),
    }
}

fn compare(place: &str, expected: &Type, found: &Type, out: &mut Vec<Difference>) {
    match (expected, found) {
        (Type::Record(expected), Type::Record(found)) => {
            if !names_differ(&format!("{place}, its fields"), &names(expected), &names(found), out)
            {
                for ((name, expected), (_, found)) in expected.iter().zip(found) {
                    compare(&format!("{place}, field `{name}`"), expected, found, out);
                }
            }
        }
        (Type::Variant(expected), Type::Variant(found)) => {
            if !names_differ(&format!("{place}, its cases"), &names(expected), &names(found), out) {
                for ((name, expected), (_, found)) in expected.iter().zip(found) {
                    let place = format!("{place}, case `{name}`");
                    compare_optional(&place, expected.as_ref(), found.as_ref(), out);
                }
            }
        }
        (Type::Enum(expected), Type::Enum(found)) => {
            names_differ(&format!("{place}, its cases"), expected, found, out);
        }
        (Type::Flags(expected), Type::Flags(found)) => {
            names_differ(&format!("{place}, its flags"), expected, found, out);
        }
        (Type::Of(constructor, expected), Type::Of(other, found))
            if constructor == other && expected.len() == found.len() =>
        {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                let place = format!("{place}, {}", argument(constructor, index));
                compare_optional(&place, expected.as_ref(), found.as_ref(), out);
            }
        }
        (expected, found) if expected == found && *found != Type::Endless => {}
        (expected, found) => out.push(Difference {
            place: place.to_owned(),
            expected: expected.to_string(),
            found: found.to_string(),
        }),
    }
}

/// Describes an argument of a type constructor, for messages.
fn argument(constructor: &str, index: usize) -> String {
    match (constructor, index) {
        ("result", 0) => "its `ok` case".to_owned(),
        ("result", _) => "its `err` case".to_owned(),
        ("tuple" | "results", index) => format!("item {}", index + 1),
        ("own" | "borrow", _) => "its resource".to_owned(),
        _ => "its element".to_owned(),
    }
}

fn names<T>(items: &[(String, T)]) -> Vec<String> {
    items.iter().map(|(name, _)| name.clone()).collect()
}

/// Whether the names or their order differ; if so, adds the difference to `out`.
fn names_differ(
    place: &str,
    expected: &[String],
    found: &[String],
    out: &mut Vec<Difference>,
) -> bool {
    let differ = expected != found;
    if differ {
        out.push(Difference {
            place: place.to_owned(),
            expected: expected.join(", "),
            found: found.join(", "),
        });
    }
    differ
}
