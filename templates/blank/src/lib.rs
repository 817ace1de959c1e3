//! An execution plugin that remembers its signal, counts fills and places nothing yet.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginResult, PluginSide,
    export_plugin, order_symbol, persist,
};

/// The `params` of the execution hint. A misspelt parameter is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// The host's name of the exchange, for example `bybit_linear`. A signal does not contain it.
    venue: String,
}

/// The state that a restart needs. The host asks for it after every callback, so keep it small.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Algorithm {
    signal_id: String,
    /// The symbol in fills: without the venue.
    code: String,
    /// The symbol of orders: `venue:CODE`.
    symbol: String,
    side: PluginSide,
    /// In base currency, like all quantities.
    #[serde(with = "tesser_wasm::decimal")]
    target: Decimal,
    #[serde(with = "tesser_wasm::decimal")]
    filled: Decimal,
}

impl ExecutionPlugin for Algorithm {
    /// Place nothing here: after a restart `init` runs again and the host discards its orders.
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let Params { venue } = ctx.params()?;
        if ctx.signal.target_quantity <= Decimal::ZERO {
            return Err(format!(
                "target_quantity {} is not positive",
                ctx.signal.target_quantity
            )
            .into());
        }
        *self = Self {
            signal_id: ctx.signal.id,
            symbol: order_symbol(&venue, &ctx.signal.symbol),
            code: ctx.signal.symbol,
            side: ctx.signal.side,
            target: ctx.signal.target_quantity,
            filled: Decimal::ZERO,
        };
        // Remove this once `on_timer` places something; until then the log says why nothing is sent.
        Ok(PluginResult::new().with_log("places nothing yet: write on_timer"))
    }

    /// Called every second. An error would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        // Your algorithm goes here: return `PluginOrderRequest::limit(&self.symbol, ..).into()` to place an order.
        // Add what you placed to the state: until an order's first fill, the host reports nothing
        // about it, and after a restart nothing may be placed twice.
        Ok(PluginResult::new())
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        if fill.symbol != self.code || fill.side != self.side {
            return Ok(PluginResult::new());
        }
        // Plain `+` would panic on overflow, and a panic is fatal on the host.
        self.filled = self.filled.saturating_add(fill.fill_quantity);
        if self.filled >= self.target {
            return Ok(PluginResult::new().completed());
        }
        Ok(PluginResult::new())
    }

    // Returns the state after every callback and restores it after a restart.
    persist!(self, check = Self::check_same_signal);
}

impl Algorithm {
    /// An error here stops the plugin, which is better than continuing with a wrong state.
    fn check_same_signal(&self, current: &Self) -> Result<(), String> {
        if self.signal_id == current.signal_id {
            return Ok(());
        }
        Err(format!("the state is of signal `{}`", self.signal_id))
    }
}

export_plugin!(Algorithm);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use tesser_wasm::PluginChildOrderAction;
    use tesser_wasm::guest::PluginRuntime;

    /// What the host sends when it starts the algorithm.
    fn context() -> String {
        json!({
            "plugin": "test",
            "params": { "venue": "bybit_linear" },
            "signal": {
                "id": "signal-1", "symbol": "BTCUSDT", "side": "buy", "kind": "enter_long",
                "confidence": 0.8, "target_quantity": "1",
            },
            "risk": {
                "last_price": "40000", "portfolio_equity": "1000", "exchange_equity": "1000",
                "signed_position_qty": "0", "base_available": "0", "quote_available": "1000",
                "settlement_available": "1000",
            },
        })
        .to_string()
    }

    fn fill(symbol: &str, quantity: Decimal) -> String {
        json!({
            "order_id": "order-1", "symbol": symbol, "side": "buy", "fill_price": "40000",
            "fill_quantity": quantity.to_string(), "timestamp_ms": 0,
        })
        .to_string()
    }

    fn started() -> PluginRuntime<Algorithm> {
        let plugin = PluginRuntime::new();
        plugin.call_init(context()).unwrap();
        plugin
    }

    /// A restart is a new instance that gets the original context, then the stored state.
    fn restarted(plugin: &PluginRuntime<Algorithm>) -> PluginRuntime<Algorithm> {
        let state = plugin.call_snapshot().unwrap();
        let plugin = started();
        plugin.call_restore(state).unwrap();
        plugin
    }

    #[test]
    fn fills_are_counted_across_a_restart() {
        let plugin = started();
        plugin.call_on_timer().unwrap();
        plugin
            .call_on_fill(fill("BTCUSDT", Decimal::new(4, 1)))
            .unwrap();
        let plugin = restarted(&plugin);
        let answer = plugin.call_on_fill(fill("BTCUSDT", Decimal::new(6, 1)));
        let answer: PluginResult = serde_json::from_str(&answer.unwrap()).unwrap();
        assert!(answer.completed);
    }

    /// An event: a timer, or a fill of this many hundredths.
    #[derive(Clone, Debug)]
    enum Event {
        Timer,
        Fill(&'static str, u8),
    }

    fn event() -> impl Strategy<Value = Event> {
        let symbol = prop_oneof![Just("BTCUSDT"), Just("ETHUSDT")];
        let fill =
            (symbol, 1_u8..50).prop_map(|(symbol, hundredths)| Event::Fill(symbol, hundredths));
        prop_oneof![Just(Event::Timer), fill]
    }

    fn send(plugin: &PluginRuntime<Algorithm>, event: &Event) -> String {
        match event {
            Event::Timer => plugin.call_on_timer(),
            Event::Fill(symbol, hundredths) => {
                plugin.call_on_fill(fill(symbol, Decimal::new((*hundredths).into(), 2)))
            }
        }
        .unwrap()
    }

    /// The total quantity that a result places.
    fn placed(answer: &str) -> Decimal {
        let answer: PluginResult = serde_json::from_str(answer).unwrap();
        let actions = answer.orders.into_iter().map(|order| order.action);
        let quantities = actions.filter_map(|action| match action {
            PluginChildOrderAction::Place(order) => Some(order.quantity),
            PluginChildOrderAction::Amend(_) => None,
        });
        quantities.sum()
    }

    proptest! {
        /// Both must still hold when you write the algorithm.
        #[test]
        fn a_restart_changes_no_order_and_no_more_than_the_target_is_placed(
            events in prop::collection::vec(event(), 1..100),
        ) {
            let (steady, mut other) = (started(), started());
            let mut sum = Decimal::ZERO;
            for event in events {
                let answer = send(&steady, &event);
                other = restarted(&other);
                prop_assert_eq!(&send(&other, &event), &answer);
                prop_assert_eq!(other.call_snapshot(), steady.call_snapshot());
                sum += placed(&answer);
                prop_assert!(sum <= Decimal::ONE);
            }
            // One more hour: an algorithm that places small orders takes long to place too much.
            for _ in 0..3_600 {
                sum += placed(&send(&steady, &Event::Timer));
            }
            prop_assert!(sum <= Decimal::ONE);
        }
    }
}
