//! One case of what was found on the buy and on the sell side. In: a case for each side. Out: one, in which what is the same on
//! both sides is said once.

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
        if joined.wrong != case.wrong {
            let named = |side: PluginSide, wrong: Vec<String>| {
                wrong.into_iter().map(move |wrong| format!("{side}: {wrong}"))
            };
            joined.wrong = named(first, joined.wrong).chain(named(side, case.wrong)).collect();
        }
        joined.time += case.time;
    }
    Some(joined)
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
    }
}
