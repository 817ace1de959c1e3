//! Two function types -> every place where they differ, in reading order. Parameter names do not count, since
//! the host does not compare them.

use super::{FuncType, Type};

/// One place where a type is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, for example the field `price` of parameter 1.
    pub place: String,
    /// What the ABI says.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl FuncType {
    /// Every difference of `found` from this type, in reading order.
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
            let names = |fields: &[(String, Type)]| -> Vec<String> {
                fields.iter().map(|(name, _)| name.clone()).collect()
            };
            if names(expected) == names(found) {
                for ((name, expected), (_, found)) in expected.iter().zip(found) {
                    compare(&format!("{place}, field `{name}`"), expected, found, out);
                }
            } else {
                out.push(Difference {
                    place: format!("{place}, its fields"),
                    expected: names(expected).join(", "),
                    found: names(found).join(", "),
                });
            }
        }
        (Type::Enum(expected), Type::Enum(found)) if expected != found => out.push(Difference {
            place: format!("{place}, its cases"),
            expected: expected.join(", "),
            found: found.join(", "),
        }),
        (Type::Of("result", expected), Type::Of("result", found)) => {
            for (side, (expected, found)) in ["ok", "err"].iter().zip(expected.iter().zip(found)) {
                let place = format!("{place}, its `{side}` case");
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
