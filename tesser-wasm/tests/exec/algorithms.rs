//! Small algorithms to test the kit with.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::exec::testing::Setup;
use tesser_wasm::exec::{Algorithm, Clip, IntervalClock, ParentOrder};
use tesser_wasm::{ParamError, PluginTick, params, safety_tests};

params! {
    pub struct ClipParams {
        /// Most that one order asks for.
        clip_size: Decimal = 1, in 0..=1_000_000, unit "base currency";
        /// After how long its time is over.
        end_secs: u32 = 3_600, in 1..=100_000, unit "s";
    }
}

/// Asks for a clip at every timer.
pub struct Greedy(ClipParams);

impl Algorithm for Greedy {
    type Params = ClipParams;
    type State = ();

    fn new(params: ClipParams, _parent: &ParentOrder) -> Result<Self, ParamError> {
        Ok(Self(params))
    }

    fn initial_state(&self, _parent: &ParentOrder) {}

    fn end_secs(&self) -> Option<u32> {
        Some(self.0.end_secs)
    }

    fn on_timer(&self, _state: &mut (), parent: &mut ParentOrder) {
        parent.place(Clip::remaining().at_most(self.0.clip_size));
    }
}

/// Places a tenth of the target every ten seconds, and what is due at once.
pub struct Slices;

impl Algorithm for Slices {
    type Params = ();
    type State = IntervalClock;

    fn new(_params: (), _parent: &ParentOrder) -> Result<Self, ParamError> {
        Ok(Self)
    }

    fn initial_state(&self, _parent: &ParentOrder) -> IntervalClock {
        IntervalClock::default()
    }

    fn end_secs(&self) -> Option<u32> {
        Some(1_000)
    }

    fn on_timer(&self, clock: &mut IntervalClock, parent: &mut ParentOrder) {
        if let Some(slice) = clock.begun(parent, 10, 0) {
            if parent.place(Clip::up_to(parent.fraction(slice, 10))) {
                clock.done(slice);
            }
        }
    }
}

/// Takes all when a confirmed price is at 39000 or below.
pub struct Dip;

impl Algorithm for Dip {
    type Params = ();
    type State = ();

    fn new(_params: (), _parent: &ParentOrder) -> Result<Self, ParamError> {
        Ok(Self)
    }

    fn initial_state(&self, _parent: &ParentOrder) {}

    fn on_trade(&self, _state: &mut (), parent: &mut ParentOrder, _tick: &PluginTick) {
        if parent.confirmed_price().is_some_and(|price| price <= Decimal::from(39_000)) {
            parent.place(Clip::remaining());
        }
    }
}

/// Asks for what cannot be.
pub struct Impossible;

impl Algorithm for Impossible {
    type Params = ();
    type State = ();

    fn new(_params: (), _parent: &ParentOrder) -> Result<Self, ParamError> {
        Ok(Self)
    }

    fn initial_state(&self, _parent: &ParentOrder) {}

    fn end_secs(&self) -> Option<u32> {
        Some(60)
    }

    fn on_timer(&self, _state: &mut (), parent: &mut ParentOrder) {
        assert!(!parent.place(Clip::of(Decimal::NEGATIVE_ONE)));
        assert!(!parent.place(Clip::of(Decimal::ONE).at(Decimal::ZERO)));
        assert!(!parent.place(Clip::of(Decimal::ONE).from_market(Decimal::MIN)));
        // More than the target is the target.
        parent.place(Clip::of(Decimal::MAX));
    }
}

/// A target of `quantity`, with these parameters beside the venue.
pub fn setup(quantity: &str, params: &Value) -> Setup {
    let mut all = json!({ "venue": "bybit_linear" });
    for (name, value) in params.as_object().unwrap() {
        all[name] = value.clone();
    }
    Setup::new(all).quantity(quantity)
}

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

mod greedy {
    use super::*;

    safety_tests!(Greedy, json!({ "venue": "bybit_linear", "clip_size": "0.3" }));
}

mod greedy_ioc {
    use super::*;

    safety_tests!(
        Greedy,
        json!({ "venue": "bybit_linear", "order_type": "ioc", "clip_size": "0.2" })
    );
}

mod greedy_within_a_limit {
    use super::*;

    safety_tests!(
        Greedy,
        json!({ "venue": "bybit_linear", "limit_price": "40010", "at_end": "ioc" })
    );
}

mod slices {
    use super::*;

    safety_tests!(Slices, json!({ "venue": "bybit_linear" }));
}
