//! Records of child orders and their fills: the one place that knows what has become of an order. In: what happens to it at
//! the exchange. Out: rows.

use rust_decimal::Decimal;
use serde::Serialize;
use tesser_wasm::{PluginOrderType, PluginSide, decimal};

use super::order::{AmendRequest, OrderRequest, OrderStatus};

/// One child order. Quantities are in base currency, prices in quote currency.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Its number, from 1, in the order in which they reached the exchange.
    pub number: u64,
    /// When the host sent it.
    pub time_ms: i64,
    /// Its symbol, as the host sent it.
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
    /// Mean price of its fills.
    #[serde(with = "decimal::option")]
    pub mean_price: Option<Decimal>,
    /// Number of amendments that the exchange took.
    pub amended: u64,
    /// What has become of it.
    pub state: OrderStatus,
    #[serde(skip)]
    notional: Decimal,
    #[serde(skip)]
    pub(crate) request: OrderRequest,
}

impl Order {
    pub(crate) fn new(number: u64, time_ms: i64, request: OrderRequest) -> Self {
        Self {
            number,
            time_ms,
            symbol: request.symbol.to_string(),
            side: request.side,
            kind: request.order_type,
            price: request.price,
            quantity: request.quantity,
            filled: Decimal::ZERO,
            notional: Decimal::ZERO,
            mean_price: None,
            amended: 0,
            state: OrderStatus::Open,
            request,
        }
    }

    /// The exchange's id of it.
    pub(crate) fn id(&self) -> String {
        format!("order-{}", self.number)
    }

    /// What may still fill.
    pub(crate) fn rest(&self) -> Decimal {
        if self.state.is_working() {
            self.quantity.saturating_sub(self.filled).max(Decimal::ZERO)
        } else {
            Decimal::ZERO
        }
    }

    /// What is filled or may still fill. An exchange that fills more than was asked for is not the plugin's doing.
    pub(crate) fn committed(&self) -> Decimal {
        match self.state {
            OrderStatus::Open | OrderStatus::PartiallyFilled | OrderStatus::Filled => self.quantity,
            OrderStatus::Expired | OrderStatus::Canceled | OrderStatus::Rejected => self.filled,
        }
    }

    /// A fill counts whatever the order's state says: an exchange can fill what it was told to cancel.
    pub(crate) fn add_fill(&mut self, price: Decimal, quantity: Decimal) {
        self.filled = self.filled.saturating_add(quantity);
        self.notional = self.notional.saturating_add(price.saturating_mul(quantity));
        self.mean_price = self.notional.checked_div(self.filled).map(|mean| mean.round_dp(8));
        if self.filled >= self.quantity {
            self.state = OrderStatus::Filled;
        } else if self.state.is_working() {
            self.state = OrderStatus::PartiallyFilled;
        }
    }

    /// What is absent from the amendment stays.
    pub(crate) fn amend(&mut self, request: &AmendRequest) {
        self.price = request.new_price.or(self.price);
        self.quantity = request.new_quantity.unwrap_or(self.quantity);
        self.amended += 1;
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

/// An execution as the exchange tells it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fill {
    pub(crate) order_id: String,
    pub(crate) symbol: super::symbol::Symbol,
    pub(crate) side: PluginSide,
    pub(crate) price: Decimal,
    pub(crate) quantity: Decimal,
    pub(crate) fee: Option<Decimal>,
    /// As the host names it: `bybit_linear:USDT`.
    pub(crate) fee_asset: Option<String>,
    pub(crate) time_ms: i64,
}
