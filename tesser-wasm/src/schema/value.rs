//! One parameter's JSON value -> its checked value. Plugins and hosts use the same code, so they accept the same.

use rust_decimal::Decimal;

use super::{ParamError, ParamKind};
use crate::decimal;
use crate::json::{Json, Number, Token, decimal_of};

/// Description of a parameter, for reading its value. Numbers as text may contain `_`, as in Rust.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
#[allow(missing_docs, reason = "filled in by macros")]
pub struct Spec<'a> {
    pub name: &'a str,
    pub kind: ParamKind,
    pub default: Option<&'a str>,
    pub min: Option<&'a str>,
    pub max: Option<&'a str>,
    pub choices: &'a [&'a str],
    pub required: bool,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
#[doc(hidden)]
#[allow(missing_docs, reason = "read by macros")]
#[cfg_attr(not(feature = "exec"), allow(dead_code, reason = "hosts only check"))]
pub enum Scalar {
    Absent,
    Number(Decimal),
    Flag(bool),
    /// Index of the choice.
    Choice(usize),
    Text(String),
    List(Vec<Decimal>),
}

/// The text of a literal in the macro: without quotes, or without the `_` of a number.
#[inline(never)]
pub(super) fn plain(token: &str) -> String {
    if let Some(text) = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return text.to_owned();
    }
    token.bytes().filter(|byte| *byte != b'_').map(char::from).collect()
}

/// Reads and checks a value; the default if there is none.
#[inline(never)]
pub(crate) fn read(spec: &Spec<'_>, value: Option<Json<'_>>) -> Result<Scalar, ParamError> {
    match (value, spec.default) {
        (Some(value), _) if !value.is_null() => scalar(spec, value),
        (_, Some(default)) => of_default(spec, default),
        (_, None) if spec.required => Err(ParamError::new(spec.name, missing(spec))),
        (_, None) => Ok(Scalar::Absent),
    }
}

/// The default, from a literal of the macro or from a schema.
#[inline(never)]
fn of_default(spec: &Spec<'_>, default: &str) -> Result<Scalar, ParamError> {
    let text = default.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(default);
    match spec.kind {
        ParamKind::Boolean => Ok(Scalar::Flag(default == "true")),
        ParamKind::Integer => number(spec, &Token::Number(Number::Text(text))).map(Scalar::Number),
        _ => of_token(spec, Token::String(text.into())),
    }
}

#[cold]
fn missing(spec: &Spec<'_>) -> String {
    if spec.name != "venue" {
        return "missing; it has no default".to_owned();
    }
    "missing: Tesser sends an order only if its symbol names the venue, and a signal names none; \
     write the venue into the execution hint, for example `params = { venue = \"bybit_linear\" }`"
        .to_owned()
}

fn scalar(spec: &Spec<'_>, value: Json<'_>) -> Result<Scalar, ParamError> {
    match (spec.kind, value.elements()) {
        (ParamKind::Decimals, Some(values)) => {
            let mut numbers = Vec::new();
            for value in values {
                numbers.push(number(spec, &value.token())?);
            }
            Ok(Scalar::List(numbers))
        }
        _ => of_token(spec, value.token()),
    }
}

#[inline(never)]
fn of_token(spec: &Spec<'_>, token: Token<'_>) -> Result<Scalar, ParamError> {
    match (spec.kind, token) {
        (ParamKind::Integer, token @ Token::Number(_))
        | (ParamKind::Decimal, token @ (Token::Number(_) | Token::String(_))) => {
            number(spec, &token).map(Scalar::Number)
        }
        (ParamKind::Boolean, Token::Bool(flag)) => Ok(Scalar::Flag(flag)),
        (ParamKind::Choice, Token::String(word)) => {
            let index = spec.choices.iter().position(|choice| *choice == word);
            index.map(Scalar::Choice).ok_or_else(|| not_a_choice(spec, &word))
        }
        (ParamKind::Text, Token::String(text)) if !text.is_empty() => {
            Ok(Scalar::Text(text.into_owned()))
        }
        (_, token) => Err(wrong_type(spec, &token)),
    }
}

#[inline(never)]
fn number(spec: &Spec<'_>, token: &Token<'_>) -> Result<Decimal, ParamError> {
    let number = decimal_of(token).ok_or_else(|| wrong_type(spec, token))?;
    if spec.kind == ParamKind::Integer && number.normalize().scale() > 0 {
        return Err(wrong_type(spec, token));
    }
    let bound = |token: Option<&str>| token.and_then(decimal::parse);
    let (min, max) = (bound(spec.min), bound(spec.max));
    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
        return Err(out_of_range(spec, number));
    }
    Ok(number)
}

#[cold]
#[inline(never)]
fn out_of_range(spec: &Spec<'_>, number: Decimal) -> ParamError {
    let (min, max) = (spec.min.map(plain), spec.max.map(plain));
    let (from, to) = match (&min, &max) {
        (Some(_), Some(_)) => ("from ", " to "),
        (Some(_), None) => ("at least ", ""),
        (None, _) => ("", "at most "),
    };
    let (min, max) = (min.unwrap_or_default(), max.unwrap_or_default());
    let number = decimal::to_string(number);
    let message = [&number, " is out of range; allowed: ", from, &min, to, &max].concat();
    ParamError::new(spec.name, message)
}

#[cold]
#[inline(never)]
fn wrong_type(spec: &Spec<'_>, found: &Token<'_>) -> ParamError {
    let (quote, found) = match found {
        Token::String(text) => ("`", text.get(..64).unwrap_or(text)),
        Token::Null => ("`", "null"),
        Token::Bool(_) => ("", "a boolean"),
        Token::Number(_) => ("", "this number"),
        Token::Array => ("", "a list"),
        Token::Object => ("", "an object"),
    };
    let wanted = match spec.kind {
        ParamKind::Integer => "a whole number",
        ParamKind::Decimal => "a decimal, for example \"0.25\"",
        ParamKind::Boolean => "true or false",
        ParamKind::Choice => "one of its words as a string",
        ParamKind::Text => "a non-empty string",
        ParamKind::Decimals => "a list of decimals",
    };
    ParamError::new(spec.name, [quote, found, quote, " is not ", wanted].concat())
}

#[cold]
#[inline(never)]
fn not_a_choice(spec: &Spec<'_>, word: &str) -> ParamError {
    let nearest = nearest(word, spec.choices.iter().copied());
    let (hint, nearest, end) =
        nearest.map_or(("", "", ""), |name| ("; did you mean `", name, "`?"));
    let word = word.get(..64).unwrap_or(word);
    let choices = spec.choices.join(", ");
    let message = ["`", word, "` is not one of ", &choices, hint, nearest, end].concat();
    ParamError::new(spec.name, message)
}

/// The known name with the smallest edit distance, if that is small enough for a typing error.
#[cold]
#[inline(never)]
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let distance = distance(name.as_bytes(), candidate.as_bytes());
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.filter(|(distance, candidate)| distance * 3 <= candidate.len()).map(|(_, name)| name)
}

/// Edit distance: how many bytes have to be inserted, deleted or replaced.
fn distance(a: &[u8], b: &[u8]) -> usize {
    // A longer word is not a typing error, and the time grows with the square of the length.
    if a.len() > 64 {
        return usize::MAX / 4;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = replaced.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_a_different_word_is_not() {
        let known = ["duration_secs", "interval_secs", "venue"];
        let near = |name| nearest(name, known.into_iter());
        assert_eq!(near("duraton_secs"), Some("duration_secs"));
        assert_eq!(near("interval_sec"), Some("interval_secs"));
        assert_eq!(near("venu"), Some("venue"));
        assert_eq!(near("clip_size"), None);
        assert_eq!(near(&"x".repeat(100_000)), None);
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (a, b, expected) in
            [("", "", 0), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }
}
