//! Lot size and tick size of a market.
//!
//! In: the settings and the parameters of a session. Out: the faults of an order.

use rust_decimal::Decimal;
use serde_json::Value;
use tesser_wasm::ParamSchema;

use crate::plugin::TestSettings as Settings;
use crate::simulator::answer::Action;

/// The steps that are declared in the settings, in the session's parameters, or in their defaults. They can differ, and an
/// order must fit all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    lot_sizes: Vec<Decimal>,
    tick_sizes: Vec<Decimal>,
}

impl Steps {
    pub(super) fn of(settings: &Settings, schema: Option<&ParamSchema>) -> Self {
        let declared = |setting: Option<Decimal>, name: &str| {
            let param = param(&settings.params, schema, name);
            let steps = setting.into_iter().chain(param);
            steps.filter(|step| *step > Decimal::ZERO).collect()
        };
        Self {
            lot_sizes: declared(settings.lot_size, "lot_size"),
            tick_sizes: declared(settings.tick_size, "tick_size"),
        }
    }

    /// Returns the largest declared lot size, in which the market fills.
    pub(super) fn lot_size(&self) -> Option<Decimal> {
        self.lot_sizes.iter().max().copied()
    }

    /// Returns the quantities and prices of a new order or an amendment that are off a step.
    pub(super) fn violations(&self, action: &Action) -> Vec<String> {
        let (what, symbol, quantity, price) = match action {
            Action::Place(order) => ("an order", &order.symbol, Some(order.quantity), order.price),
            Action::Amend(update) => {
                ("an amendment", &update.symbol, update.new_quantity, update.new_price)
            }
        };
        let off = |value: Option<Decimal>, steps: &[Decimal], field: &str, step_name: &str| {
            let value = value?;
            let step = steps.iter().find(|step| is_off(value, **step))?;
            Some(format!(
                "{what} of {symbol} has the {field} {}, which is not a multiple of the {step_name} {}: the host does not \
                 round it, and the exchange rejects it",
                value.normalize(),
                step.normalize()
            ))
        };
        let quantity = off(quantity, &self.lot_sizes, "quantity", "lot size");
        let price = off(price, &self.tick_sizes, "price", "tick size");
        quantity.into_iter().chain(price).collect()
    }
}

fn is_off(value: Decimal, step: Decimal) -> bool {
    value.checked_rem(step).is_none_or(|rest| !rest.is_zero())
}

/// Returns the value of a parameter, or its default in the plugin's schema.
fn param(params: &Value, schema: Option<&ParamSchema>, name: &str) -> Option<Decimal> {
    match params.get(name) {
        Some(Value::String(text)) => text.parse().ok(),
        // As it is written, since the plugin reads it in the same way.
        Some(Value::Number(number)) => number.to_string().parse().ok(),
        _ => {
            let param = schema?.params.iter().find(|param| param.name == name)?;
            param.default.as_deref()?.parse().ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parameter_and_a_setting_both_declare_a_step() {
        let declared = |lot_size: Option<Decimal>, params: Value| {
            Steps::of(&Settings { params, lot_size, ..Settings::default() }, None).lot_sizes
        };
        let (small, large) = (Decimal::new(1, 3), Decimal::new(1, 1));
        assert_eq!(declared(None, json!(null)), []);
        assert_eq!(declared(Some(large), json!({ "lot_size": "0.001" })), [large, small]);
        assert_eq!(declared(None, json!({ "lot_size": 0.001 })), [small]);
    }

    #[test]
    fn trailing_zeros_are_not_off_a_step() {
        let lot = Decimal::new(1, 4);
        assert!(!is_off("0.075100000000000000".parse().unwrap(), lot));
        assert!(is_off("0.07511".parse().unwrap(), lot));
    }
}
