//! Whether a text is JSON because one that is JSON differs from it only in numbers.
//!
//! After a tick, a state has another price and another time, and is otherwise what it was. To read kilobytes of it as JSON each
//! time was more than half of a replay.

/// The longest number that is compared. With as many digits no float is out of range.
const LONGEST: usize = 64;

/// Returns whether `text` differs from `json`, which is JSON, only in plain numbers. It is then JSON too, and as deeply nested.
/// `false` means only that it must be parsed.
pub(crate) fn same_but_numbers(json: &str, text: &str) -> bool {
    let (mut old, mut new) = (json.as_bytes(), text.as_bytes());
    // Mostly all that follows a number is the same.
    while old != new {
        let same = common_prefix(old, new);
        let start = same - new[..same].iter().rev().take_while(|byte| is_of_number(**byte)).count();
        let before = new[..start].strip_suffix(b"-").unwrap_or(&new[..start]).last();
        let (old_end, new_end) = (end_of_number(old, start), end_of_number(new, start));
        let opens = before.is_some_and(|byte| b":,[\"".contains(byte));
        let closes = new.get(new_end).is_some_and(|byte| b",]}\"".contains(byte));
        let is_same_place = opens && closes && old.get(old_end) == new.get(new_end);
        if !is_same_place || old_end == start || !is_number(&new[start..new_end]) {
            return false;
        }
        (old, new) = (&old[old_end..], &new[new_end..]);
    }
    true
}

/// How many bytes at the start of both are the same.
fn common_prefix(old: &[u8], new: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let (old_blocks, _) = old.as_chunks::<BLOCK>();
    let (new_blocks, _) = new.as_chunks::<BLOCK>();
    let same = old_blocks.iter().zip(new_blocks).take_while(|(old, new)| old == new).count();
    let start = same * BLOCK;
    let rest = old[start..].iter().zip(&new[start..]);
    start + rest.take_while(|(old, new)| old == new).count()
}

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'.'
}

fn end_of_number(text: &[u8], start: usize) -> usize {
    start + text[start..].iter().take_while(|byte| is_of_number(**byte)).count()
}

/// Whether it is a JSON number without sign and exponent. In a string it could be more.
fn is_number(digits: &[u8]) -> bool {
    let point = digits.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = digits.split_at(point.unwrap_or(digits.len()));
    let is_whole = matches!(whole, [b'0'] | [b'1'..=b'9', ..]);
    let is_fraction = fraction.is_empty() || fraction.len() > 1 && !fraction[1..].contains(&b'.');
    is_whole && is_fraction && digits.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::state_text;

    const JSON: &str = r#"{"price":"40056.86","n":10,"at":[-1.5,1704067200137,7],"id":"a1"}"#;

    #[test]
    fn a_state_that_differs_in_numbers_only_is_json_like_the_last() {
        for (state, same) in [
            (JSON, true),
            (r#"{"price":"40057.01","n":10,"at":[-1.5,1704067200137,7],"id":"a1"}"#, true),
            (r#"{"price":"0.5","n":0,"at":[-12,1704067200274,8],"id":"a1"}"#, true),
            // A word, a zero in front, no digits, two points, a name, a place more, an end too early.
            (r#"{"price":"40057.01","n":10,"at":[-1.5,1704067200137,7],"id":"a2"}"#, false),
            (r#"{"price":"40056.86","n":00,"at":[-1.5,1704067200137,7],"id":"a1"}"#, false),
            (r#"{"price":"40056.86","n":,"at":[-1.5,1704067200137,7],"id":"a1"}"#, false),
            (r#"{"price":"40056.86","n":10,"at":[-1.5.5,1704067200137,7],"id":"a1"}"#, false),
            (r#"{"price":"40056.86","m":10,"at":[-1.5,1704067200137,7],"id":"a1"}"#, false),
            (r#"{"price":"40056.86","n":10,"at":[-1.5,1704067200137,7,8],"id":"a1"}"#, false),
            (r#"{"price":"40056.86","n":10,"at":[-1.5,1704067200137,7],"id":"a1""#, false),
            (r#"{"price":"40056"86","n":10,"at":[-1.5,1704067200137,7],"id":"a1"}"#, false),
        ] {
            assert_eq!(same_but_numbers(JSON, state), same, "{state}");
        }
        for (json, state) in [
            (r#"{"n":1e100}"#, r#"{"n":1e999}"#),
            ("[1e308]", "[9e308]"),
            ("5", "6"),
            ("", "5"),
            (r#"["\u00e1"]"#, r#"["\u1"]"#),
        ] {
            assert!(!same_but_numbers(json, state), "{state}");
        }
        assert!(!same_but_numbers("[1]", &format!("[{}]", "9".repeat(400))));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(20_000))]
        #[test]
        fn what_is_taken_for_json_is_json(
            at in 0..JSON.len(),
            removed in 0_usize..4,
            added in "[0-9.,:\"eEu{} \\\\\\[\\]-]{0,4}",
        ) {
            let end = JSON.len().min(at + removed);
            let text = format!("{}{added}{}", &JSON[..at], &JSON[end..]);
            if same_but_numbers(JSON, &text) {
                proptest::prop_assert_eq!(state_text::check(&text).ok(), Some(2), "{}", text);
            }
        }
    }
}
