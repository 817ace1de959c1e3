//! Tests that every algorithm should pass, as functions for [`safety_tests!`](crate::safety_tests).

#![expect(clippy::missing_panics_doc, reason = "a test that cannot go on fails")]
#![expect(clippy::cast_possible_truncation, reason = "any number is right")]

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Drift, Market, Setup};
use crate::exec::clock::random;
use crate::exec::{Algorithm, arithmetic::LIMIT};
use crate::{PluginFill, PluginSide};

const DRIFTS: [Drift; 3] = [Drift::Up, Drift::Flat, Drift::Down];
/// Length of the longest run: six hours.
const SECS: u32 = 21_600;

/// Whatever the market does, the algorithm completes; if the target is not filled, the log says that it gave up.
pub fn completes_or_says_why_not<A: Algorithm>(params: &Value, ticks: bool) {
    for drift in DRIFTS {
        for sell in [false, true] {
            let setup = Setup::new(params.clone());
            let mut host = if sell { setup.sell() } else { setup }.start::<A>();
            let filled = host.run(SECS, &Market { drift, ticks, ..Market::default() });
            let case = format!(
                "{drift:?}, ticks {ticks}, sell {sell}: filled {filled}, {:?}",
                host.logs().last()
            );
            assert!(host.is_completed(), "it never completes: {case}");
            assert!(
                filled == host.target() || host.has_logged("gave up"),
                "it completes in silence: {case}"
            );
        }
    }
}

/// Restarts, repeated fills, and small orders at the exchange never lead beyond the target.
pub fn never_fills_more_than_the_target<A: Algorithm>(params: &Value) {
    for case in 0..24_usize {
        let seed = case as u64;
        let market = Market {
            drift: DRIFTS[case % 3],
            ticks: seed % 2 == 0,
            seed,
            restart_every: [0, 20, 200][case / 8],
            repeats_fills: seed % 4 < 2,
            max_quantity: [Decimal::ONE, Decimal::new(2, 1)][case % 5 % 2],
        };
        let setup = Setup::new(params.clone()).id(&format!("signal-{seed}"));
        let mut host = if seed % 3 == 1 { setup.sell() } else { setup }.start::<A>();
        // Fails on the first fill beyond the target.
        host.run(4_000, &market);
    }
}

/// A signal without a venue is refused, and the error says what to add to the hint.
pub fn needs_a_venue<A: Algorithm>(params: &Value) {
    let mut without = params.clone();
    if let Some(params) = without.as_object_mut() {
        params.remove("venue");
    }
    let error = Setup::new(without).try_start::<A>().err().unwrap_or_default();
    assert!(
        error.contains("`venue`: missing") && error.contains("venue = \"bybit_linear\""),
        "{error}"
    );
}

/// A misspelt parameter is refused, and the error suggests the right name.
pub fn refuses_a_misspelt_parameter<A: Algorithm>(params: &Value) {
    let mut misspelt = params.clone();
    misspelt["lot_sise"] = json!("1");
    let error = Setup::new(misspelt).try_start::<A>().err().unwrap_or_default();
    assert!(error.contains("did you mean `lot_size`?"), "{error}");
}

/// The schema accepts the parameters of the tests, and documents each of them.
pub fn schema_takes_the_parameters<A: Algorithm>(params: &Value) {
    let schema = super::schema::<A>();
    assert_eq!(schema.check(params), Ok(()));
    for param in &schema.params {
        assert!(!param.doc.is_empty(), "`{}` is not documented", param.name);
    }
}

/// A state without a version, of another version, another signal, or malformed is refused.
pub fn refuses_a_wrong_state<A: Algorithm>(params: &Value) {
    let mut host = Setup::new(params.clone()).start::<A>();
    host.timers(3);
    let state: Value = serde_json::from_str(&host.state()).unwrap_or_default();
    let changed = |path: &[&str], value: Value| {
        let mut state = state.clone();
        if let Some(place) = path.iter().try_fold(&mut state, |at, name| at.get_mut(*name)) {
            *place = value;
        }
        state.to_string()
    };
    for (wrong, expected) in [
        ("{}".to_owned(), "no version"),
        ("null".to_owned(), "no version"),
        ("nonsense".to_owned(), ""),
        (changed(&["version"], json!(99)), "version 99"),
        (changed(&["work", "signal"], json!("other")), "another signal"),
        (changed(&["work", "target"], json!("7")), "another target"),
        (changed(&["work", "orders", "filled"], json!("-1")), "out of range"),
        (changed(&["work", "orders"], json!(7)), "malformed state"),
        (changed(&["clock"], json!([1, 2])), "malformed state"),
        (changed(&["prices"], json!(["-1", "0", 0])), "malformed state"),
    ] {
        let error = host.restart_from(&wrong).err().unwrap_or_default();
        assert!(!error.is_empty() && error.contains(expected), "{wrong}: {error}");
    }
    host.restart_from(&state.to_string()).unwrap_or_else(|error| panic!("{error}"));
}

/// Neither a tick nor a fill with odd numbers makes it panic or return an error.
pub fn takes_any_number<A: Algorithm>(params: &Value) {
    let odd = [
        Decimal::ZERO,
        Decimal::NEGATIVE_ONE,
        Decimal::MAX,
        Decimal::MIN,
        Decimal::new(1, 28),
        Decimal::from(LIMIT),
        Decimal::from(40_000),
        Decimal::new(1, 1),
    ];
    for seed in 0..16 {
        let mut host = Setup::new(params.clone()).start::<A>();
        for step in 0..300 {
            let choice = random(seed, step);
            let pick = |shift: u32| odd[usize::from((choice >> shift) as u8) % odd.len()];
            match choice % 4 {
                0 => drop(host.timer()),
                1 => drop(host.trade(pick(8), pick(16), PluginSide::Buy)),
                _ => {
                    let side = if choice % 3 == 0 { PluginSide::Sell } else { PluginSide::Buy };
                    let id = format!("order-{}", choice % 7);
                    let fill = PluginFill::new(id, "BTCUSDT", side, pick(8), pick(24));
                    let timestamp_ms = i64::from_ne_bytes(random(seed, step + 7).to_ne_bytes());
                    host.send_fill(&PluginFill { timestamp_ms, ..fill });
                }
            }
        }
        host.restart();
    }
}

/// A state that a released version has saved is restored, and the algorithm continues.
pub fn restores_a_released_state<A: Algorithm>(params: &Value, state: &str) {
    let mut host = Setup::new(params.clone()).start::<A>();
    host.restart_from(state).unwrap_or_else(|error| panic!("{error}"));
    host.timers(200);
}

/// Adds the tests that every algorithm should pass: in a live session of Tesser 0.9 it completes or says why not, it never fills
/// more than its target, and wrong parameters and states are refused.
///
/// Use it in a test module of the plugin, with the algorithm and its parameters. `states` are states that released versions of
/// the plugin have saved; each newer version has to restore them. `readme` checks the table of parameters in the crate's
/// `README.md`, see [`check_readme`](crate::exec::testing::check_readme).
///
/// ```
/// # const _: &str = r#"
/// safety_tests!(Twap, json!({ "venue": "bybit_linear" }), states = [include_str!("state-1.json")], readme);
/// # "#;
/// ```
///
/// ```
/// # use tesser_wasm::exec::{Algorithm, Clip, ParentOrder};
/// # struct Once;
/// # impl Algorithm for Once {
/// #     type Params = (); type State = ();
/// #     fn new(_: (), _: &ParentOrder) -> Result<Self, tesser_wasm::ParamError> { Ok(Self) }
/// #     fn initial_state(&self, _: &ParentOrder) {}
/// #     fn on_timer(&self, _: &mut (), parent: &mut ParentOrder) { parent.place(Clip::remaining()); }
/// # }
/// tesser_wasm::safety_tests!(Once, serde_json::json!({ "venue": "bybit_linear" }));
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! safety_tests {
    ($algorithm:ty, $params:expr $(,)?) => {
        mod safety {
            use super::*;

            $crate::__safety_tests! { $algorithm, $params;
                completes_without_ticks_or_says_why_not = completes_or_says_why_not(false);
                completes_with_ticks_or_says_why_not = completes_or_says_why_not(true);
                never_fills_more_than_the_target = never_fills_more_than_the_target();
                needs_a_venue = needs_a_venue();
                refuses_a_misspelt_parameter = refuses_a_misspelt_parameter();
                schema_takes_the_parameters = schema_takes_the_parameters();
                refuses_a_wrong_state = refuses_a_wrong_state();
                takes_any_number = takes_any_number();
            }
        }
    };
    ($algorithm:ty, $params:expr, states = [$($state:expr),* $(,)?] $(,)?) => {
        $crate::safety_tests!($algorithm, $params);

        #[test]
        fn states_of_released_versions_are_restored() {
            $($crate::exec::testing::safety::restores_a_released_state::<$algorithm>(&$params, $state);)*
        }
    };
    ($algorithm:ty, $params:expr, states = [$($state:expr),* $(,)?], readme $(,)?) => {
        $crate::safety_tests!($algorithm, $params, states = [$($state),*]);

        #[test]
        fn the_readme_lists_the_parameters() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
            $crate::exec::testing::check_readme::<$algorithm>(path);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __safety_tests {
    ($algorithm:ty, $params:expr; $($name:ident = $function:ident($($argument:expr)?);)*) => {
        $(#[test]
        fn $name() {
            $crate::exec::testing::safety::$function::<$algorithm>(&$params $(, $argument)?);
        })*
    };
}
