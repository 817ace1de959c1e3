//! Joins the results of the buy and the sell side into one case.
//!
//! In: a case for each side. Out: one case, in which equal results are listed once.

use tesser_wasm::PluginSide;

use super::report::Case;

/// Joins the cases of the sides. There is at least one.
pub(super) fn joined(cases: Vec<(PluginSide, Case)>) -> Option<Case> {
    let mut cases = cases.into_iter();
    let (first, mut joined) = cases.next()?;
    for (side, case) in cases {
        if joined.line != case.line {
            joined.line = format!("{first}: {}; {side}: {}", joined.line, case.line);
        }
        let of_both: Vec<_> =
            joined.wrong.iter().filter(|wrong| case.wrong.contains(wrong)).cloned().collect();
        let of_one = |side: PluginSide, wrong: Vec<String>| {
            let wrong = wrong.into_iter().filter(|wrong| !of_both.contains(wrong));
            wrong.map(|wrong| format!("{side}: {wrong}")).collect::<Vec<_>>()
        };
        let (one, two) = (of_one(first, joined.wrong), of_one(side, case.wrong));
        joined.wrong = [of_both, alternating(one, two)].concat();
        let more = case.output.into_iter().filter(|line| !joined.output.contains(line));
        joined.output.extend(more.collect::<Vec<_>>());
        joined.time += case.time;
    }
    Some(joined)
}

/// Alternates between the sides, since only the beginning of a long list is shown.
fn alternating(one: Vec<String>, two: Vec<String>) -> Vec<String> {
    let (mut one, mut two) = (one.into_iter(), two.into_iter());
    let pairs = std::iter::from_fn(|| {
        let pair = [one.next(), two.next()];
        pair.iter().any(Option::is_some).then_some(pair)
    });
    pairs.flatten().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::super::case;
    use super::*;

    fn both(buy: (&str, &[&str]), sell: (&str, &[&str])) -> (String, Vec<String>) {
        let one = |(line, wrong): (&str, &[&str])| {
            let wrong = wrong.iter().map(|wrong| (*wrong).to_owned()).collect();
            case("a", line.to_owned()).fails(wrong)
        };
        let cases = vec![(PluginSide::Buy, one(buy)), (PluginSide::Sell, one(sell))];
        let joined = joined(cases).unwrap();
        (joined.line, joined.wrong)
    }

    #[test]
    fn what_is_the_same_on_both_sides_is_said_once() {
        assert_eq!(both(("1", &["w"]), ("1", &["w"])), ("1".to_owned(), vec!["w".to_owned()]));
        let (line, wrong) = both(("1", &[]), ("2", &["w"]));
        assert_eq!(line, "buy: 1; sell: 2");
        assert_eq!(wrong, ["sell: w"]);
        let (_, wrong) = both(("1", &["a", "w", "b"]), ("1", &["c", "w"]));
        assert_eq!(wrong, ["w", "buy: a", "sell: c", "buy: b"]);
    }
}
