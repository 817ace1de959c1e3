use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest, PluginResult,
    PluginSide, export_plugin, order_symbol, persist,
};

/// From the execution hint. The host sends an order only if its symbol names the venue; the symbol of a signal does not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    venue: String,
}

/// Maximum quantity of one order, in base currency.
const CLIP: Decimal = Decimal::from_parts(25, 0, 0, false, 2);

/// Works a signal with one limit order at a time. The whole struct is the state that a restart needs.
#[derive(Default, Serialize, Deserialize)]
struct Slicer {
    /// The symbol in fills: `BTCUSDT`.
    code: String,
    /// The symbol in orders: `bybit_linear:BTCUSDT`.
    symbol: String,
    side: PluginSide,
    #[serde(with = "tesser_wasm::decimal")]
    price: Decimal,
    #[serde(with = "tesser_wasm::decimal")]
    target: Decimal,
    #[serde(with = "tesser_wasm::decimal")]
    placed: Decimal,
    #[serde(with = "tesser_wasm::decimal")]
    filled: Decimal,
}

impl ExecutionPlugin for Slicer {
    // Places nothing: after a restart `init` runs again, and the host discards its orders.
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        if ctx.signal.target_quantity <= Decimal::ZERO {
            return Err("target_quantity is not positive".into());
        }
        let Params { venue } = ctx.params()?;
        *self = Self {
            symbol: order_symbol(&venue, &ctx.signal.symbol),
            code: ctx.signal.symbol,
            side: ctx.signal.side,
            price: ctx.risk.last_price,
            target: ctx.signal.target_quantity,
            ..Self::default()
        };
        Ok(PluginResult::new())
    }

    // Called every second.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        if self.filled >= self.target {
            return Ok(PluginResult::new().completed());
        }
        let clip = CLIP.min(self.target - self.placed);
        if self.placed > self.filled || clip <= Decimal::ZERO {
            return Ok(PluginResult::new());
        }
        self.placed += clip;
        Ok(PluginOrderRequest::limit(&self.symbol, self.side, clip, self.price).into())
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        if fill.symbol == self.code && fill.side == self.side {
            self.filled = self.filled.saturating_add(fill.fill_quantity);
        }
        Ok(PluginResult::new())
    }

    // Implements `snapshot` and `restore`: the state that the host stores for a restart.
    persist!(self);
}

export_plugin!(Slicer);

#[cfg(test)]
mod tests {
    use super::*;
    use tesser_wasm::PluginSignal;
    use tesser_wasm::guest::PluginRuntime;

    fn started() -> PluginRuntime<Slicer> {
        let ctx = PluginInitContext {
            params: serde_json::json!({ "venue": "bybit_linear" }),
            ..PluginInitContext::test(PluginSignal::test("BTCUSDT", Decimal::ONE))
        };
        let plugin = PluginRuntime::new();
        plugin.call_init(serde_json::to_string(&ctx).unwrap()).unwrap();
        plugin
    }

    fn orders(result: &str) -> usize {
        serde_json::from_str::<PluginResult>(result).unwrap().orders.len()
    }

    #[test]
    fn a_restart_continues_with_the_stored_state() {
        let plugin = started();
        assert_eq!(orders(&plugin.call_on_timer().unwrap()), 1);
        let state = plugin.call_snapshot().unwrap();

        // A restart is a new instance that gets the same context, then the stored state.
        let plugin = started();
        plugin.call_restore(state).unwrap();
        assert_eq!(orders(&plugin.call_on_timer().unwrap()), 0);

        let fill = PluginFill::new("42", "BTCUSDT", PluginSide::Buy, Decimal::ONE, CLIP);
        plugin.call_on_fill(serde_json::to_string(&fill).unwrap()).unwrap();
        assert_eq!(orders(&plugin.call_on_timer().unwrap()), 1);
    }
}
