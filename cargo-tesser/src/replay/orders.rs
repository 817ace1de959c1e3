//! Records of child orders and their fills, as the exchange knows them. In: what happens to an order. Out: rows.

use rust_decimal::Decimal;
use serde::Serialize;
use tesser_wasm::{PluginOrderRequest, PluginOrderType, PluginSide, decimal};

/// What has become of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It may still fill.
    Open,
    /// All of it is filled.
    Filled,
    /// It was `ioc` or `fok`, and a rest was left.
    Expired,
    /// The exchange did not take it.
    Refused,
}

impl State {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Filled => "filled",
            Self::Expired => "expired",
            Self::Refused => "refused",
        }
    }
}

/// One child order. Quantities are in base currency, prices in quote currency.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Its number, from 1, as the plugin placed them.
    pub number: u64,
    /// When the plugin placed it.
    pub time_ms: i64,
    /// Its symbol.
    pub symbol: String,
    /// Its side.
    pub side: PluginSide,
    /// Market or limit.
    #[serde(rename = "type")]
    pub kind: PluginOrderType,
    /// Its limit, after amendments.
    #[serde(with = "decimal::option")]
    pub price: Option<Decimal>,
    /// Its quantity, after amendments.
    #[serde(with = "decimal")]
    pub quantity: Decimal,
    /// What is filled of it.
    #[serde(with = "decimal")]
    pub filled: Decimal,
    #[serde(skip)]
    notional: Decimal,
    /// Mean price of its fills.
    #[serde(with = "decimal::option")]
    pub mean_price: Option<Decimal>,
    /// Number of amendments.
    pub amended: u64,
    /// What has become of it.
    pub state: State,
}

impl Order {
    pub(super) fn new(number: u64, time_ms: i64, order: &PluginOrderRequest) -> Self {
        Self {
            number,
            time_ms,
            symbol: order.symbol.clone(),
            side: order.side,
            kind: order.order_type,
            price: order.price,
            quantity: order.quantity,
            filled: Decimal::ZERO,
            notional: Decimal::ZERO,
            mean_price: None,
            amended: 0,
            state: State::Open,
        }
    }

    pub(super) fn add_fill(&mut self, price: Decimal, quantity: Decimal) {
        self.filled = self.filled.saturating_add(quantity);
        self.notional = self.notional.saturating_add(price.saturating_mul(quantity));
        self.mean_price = self.notional.checked_div(self.filled).map(|mean| mean.round_dp(8));
        if self.filled >= self.quantity {
            self.state = State::Filled;
        }
    }
}

/// One fill.
#[derive(Clone, Debug, Serialize)]
pub struct FillRow {
    /// Number of its order.
    pub order: u64,
    /// When it happened.
    pub time_ms: i64,
    /// In quote currency.
    #[serde(with = "decimal")]
    pub price: Decimal,
    /// In base currency.
    #[serde(with = "decimal")]
    pub quantity: Decimal,
    /// In quote currency; negative is a rebate.
    #[serde(with = "decimal::option")]
    pub fee: Option<Decimal>,
}
