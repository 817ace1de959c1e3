//! The file format of a recorded case. An unknown field is an error, so that nothing in a recording is ignored.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;
use tesser_wasm::decimal;

use crate::simulator::risk::{Assets, InstrumentKind, RiskContext};
use crate::simulator::signal::{Signal, SignalKind};
use crate::simulator::symbol::Symbol;

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    #[serde(rename = "about")]
    _about: String,
    pub(super) plugin: String,
    #[serde(default)]
    pub(super) params: Value,
    pub(super) signal: Fields,
    #[serde(default)]
    pub(super) host: HostFields,
    pub(super) events: Vec<Value>,
    pub(super) expect: Vec<Expected>,
    pub(super) at_the_exchange: Value,
    #[serde(default, rename = "order_free")]
    _order_free: bool,
}

/// The host's recorded steps at an event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    pub(super) event: Value,
    pub(super) steps: Vec<Value>,
    pub(super) algorithms: Value,
}

/// Deviations from the default host.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HostFields {
    pub(super) contexts: Option<Vec<String>>,
    pub(super) venues: Option<Vec<String>>,
    pub(super) exchange: ExchangeKind,
    pub(super) reject: Vec<u64>,
    pub(super) reject_amends: Vec<u64>,
    pub(super) risk: RiskFields,
    pub(super) limits: crate::simulator::RiskLimits,
    #[serde(with = "decimal::option")]
    pub(super) default_quantity: Option<Decimal>,
}

/// The exchange of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ExchangeKind {
    #[default]
    Plain,
    Bybit,
    Binance,
    BybitConnector,
}

/// Deviations from the default risk context.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RiskFields {
    /// Only in an event `context`.
    pub(super) symbol: Option<String>,
    #[serde(with = "decimal::option")]
    last_price: Option<Decimal>,
    #[serde(with = "decimal::option")]
    portfolio_equity: Option<Decimal>,
    #[serde(with = "decimal::option")]
    exchange_equity: Option<Decimal>,
    #[serde(with = "decimal::option")]
    signed_position_qty: Option<Decimal>,
    #[serde(with = "decimal::option")]
    base_available: Option<Decimal>,
    #[serde(with = "decimal::option")]
    quote_available: Option<Decimal>,
    #[serde(with = "decimal::option")]
    settlement_available: Option<Decimal>,
    instrument_kind: Option<InstrumentKind>,
    liquidate_only: Option<bool>,
}

/// Fields of a signal; in an event, those that differ from the first signal.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Fields {
    symbol: Option<String>,
    kind: Option<String>,
    #[serde(deserialize_with = "given")]
    quantity: Option<Value>,
    stop_loss: Option<Value>,
    take_profit: Option<Value>,
    panic_behavior: Option<Value>,
    note: Option<String>,
    group: Option<bool>,
    confidence: Option<f64>,
    pub(super) plugin: Option<String>,
    params: Option<Value>,
    pub(super) risk: Option<RiskFields>,
}

/// A field that is present, even if it is null.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Fields {
    /// These fields, with those of another signal as defaults.
    pub(super) fn over(&self, first: &Self) -> Self {
        macro_rules! either {
            ($($field:ident),*) => {
                Self { $($field: self.$field.clone().or_else(|| first.$field.clone())),* }
            };
        }
        either!(
            symbol,
            kind,
            quantity,
            stop_loss,
            take_profit,
            panic_behavior,
            note,
            group,
            confidence,
            plugin,
            params,
            risk
        )
    }

    /// The signal with this number.
    pub(super) fn signal(&self, case: &Case, number: usize) -> Result<Signal, String> {
        let kind = self.kind.as_deref().unwrap_or_default();
        let quantity = match &self.quantity {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => {
                Some(text.parse().map_err(|_| format!("quantity `{text}`"))?)
            }
            Some(other) => return Err(format!("quantity `{other}`")),
        };
        let panic_behavior = match &self.panic_behavior {
            Some(Value::Object(limit)) => serde_json::json!({ "AggressiveLimit": limit }),
            Some(word) => word.clone(),
            None => Value::Null,
        };
        let value = |value: &Option<Value>| value.clone().unwrap_or_default();
        Ok(Signal {
            id: format!("51000000-0000-4000-8000-{number:012}"),
            symbol: Symbol::parse(self.symbol.as_deref().unwrap_or_default()),
            kind: SignalKind::of(kind)
                .ok_or_else(|| format!("unknown kind of signal: `{kind}`"))?,
            confidence: self.confidence.unwrap_or(1.0),
            quantity,
            note: self.note.clone(),
            group_id: (self.group == Some(true))
                .then(|| format!("61000000-0000-4000-8000-{number:012}")),
            metadata: serde_json::json!({
                "panic_behavior": panic_behavior,
                "stop_loss": value(&self.stop_loss),
                "take_profit": value(&self.take_profit),
            }),
            plugin: self.plugin.clone().unwrap_or_else(|| case.plugin.clone()),
            params: self.params.clone().unwrap_or_else(|| case.params.clone()),
        })
    }
}

impl RiskFields {
    /// The default risk context of a symbol, with these fields.
    pub(super) fn context(&self, symbol: &Symbol) -> RiskContext {
        let million = Decimal::from(1_000_000);
        let or = |value: Option<Decimal>, usual: Decimal| value.unwrap_or(usual);
        RiskContext {
            last_price: or(self.last_price, Decimal::from(40_000)),
            portfolio_equity: or(self.portfolio_equity, million),
            exchange_equity: or(self.exchange_equity, million),
            signed_position_qty: or(self.signed_position_qty, Decimal::ZERO),
            base_available: or(self.base_available, Decimal::ZERO),
            quote_available: or(self.quote_available, Decimal::ZERO),
            settlement_available: or(self.settlement_available, million),
            instrument_kind: self.instrument_kind,
            liquidate_only: self.liquidate_only.unwrap_or_default(),
            assets: Assets::of(symbol),
        }
    }
}
