//! Records of child orders and their fills. In: events at the exchange. Out: rows.

use rust_decimal::Decimal;
use serde::Serialize;
use tesser_wasm::{PluginOrderType, PluginSide, PluginTimeInForce, decimal};

use super::order::{AmendRequest, OrderRequest, OrderStatus};

/// One child order. Quantities are in base currency, prices in quote currency.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Its number, from 1, in the order in which they reached the exchange.
    pub number: u64,
    /// When the host sent it.
    pub time_ms: i64,
    /// Price of the last trade at that time.
    #[serde(with = "decimal::option")]
    pub market_price: Option<Decimal>,
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
    /// Filled quantity.
    #[serde(with = "decimal")]
    pub filled: Decimal,
    /// Mean price of its fills.
    #[serde(with = "decimal::option")]
    pub mean_price: Option<Decimal>,
    /// Time in force; none means until it is cancelled.
    pub time_in_force: Option<PluginTimeInForce>,
    /// Its limit when it was placed.
    #[serde(with = "decimal::option")]
    pub first_price: Option<Decimal>,
    /// Its quantity when it was placed.
    #[serde(with = "decimal")]
    pub first_quantity: Decimal,
    /// Number of amendments that the exchange accepted.
    pub amended: u64,
    /// Those amendments.
    pub amendments: Vec<Amendment>,
    /// Its status.
    pub state: OrderStatus,
    /// When it ended; none while it is working.
    pub ended_ms: Option<i64>,
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
            market_price: None,
            symbol: request.symbol.to_string(),
            side: request.side,
            kind: request.order_type,
            price: request.price,
            quantity: request.quantity,
            filled: Decimal::ZERO,
            notional: Decimal::ZERO,
            mean_price: None,
            time_in_force: request.time_in_force,
            first_price: request.price,
            first_quantity: request.quantity,
            amended: 0,
            amendments: Vec::new(),
            state: OrderStatus::Open,
            ended_ms: None,
            request,
        }
    }

    /// The exchange's order id.
    pub(crate) fn id(&self) -> String {
        format!("order-{}", self.number)
    }

    /// Its limit price; none for a market order.
    pub(crate) fn limit(&self) -> Option<Decimal> {
        self.price.filter(|_| self.kind != PluginOrderType::Market)
    }

    /// Remaining quantity.
    pub(crate) fn rest(&self) -> Decimal {
        if self.state.is_working() {
            self.quantity.saturating_sub(self.filled).max(Decimal::ZERO)
        } else {
            Decimal::ZERO
        }
    }

    /// Quantity that is filled or may still fill. Overfills by the exchange do not count: the plugin did not cause them.
    pub(crate) fn committed(&self) -> Decimal {
        match self.state {
            OrderStatus::Open | OrderStatus::PartiallyFilled | OrderStatus::Filled => self.quantity,
            OrderStatus::Expired | OrderStatus::Canceled | OrderStatus::Rejected => self.filled,
        }
    }

    /// Adds a fill, whatever the order's status: an exchange can fill an order that is being cancelled.
    pub(crate) fn add_fill(&mut self, price: Decimal, quantity: Decimal, now_ms: i64) {
        self.filled = self.filled.saturating_add(quantity);
        self.notional = self.notional.saturating_add(price.saturating_mul(quantity));
        self.mean_price = self.notional.checked_div(self.filled).map(|mean| mean.round_dp(8));
        if self.filled >= self.quantity {
            self.end(OrderStatus::Filled, now_ms);
        } else if self.state.is_working() {
            self.state = OrderStatus::PartiallyFilled;
        }
    }

    /// Applies an amendment; absent fields stay unchanged.
    pub(crate) fn amend(&mut self, request: &AmendRequest, time_ms: i64) {
        self.price = request.new_price.or(self.price);
        self.quantity = request.new_quantity.unwrap_or(self.quantity);
        self.amended += 1;
        let (price, quantity) = (self.price, self.quantity);
        self.amendments.push(Amendment { time_ms, price, quantity });
    }

    /// Sets the final status.
    pub(crate) fn end(&mut self, state: OrderStatus, now_ms: i64) {
        self.state = state;
        self.ended_ms = (!state.is_working()).then_some(now_ms);
    }
}

/// An amendment that the exchange has accepted.
#[derive(Clone, Debug, Serialize)]
pub struct Amendment {
    /// When it reached the exchange.
    pub time_ms: i64,
    /// The new limit price.
    #[serde(with = "decimal::option")]
    pub price: Option<Decimal>,
    /// The new quantity.
    #[serde(with = "decimal")]
    pub quantity: Decimal,
}

/// Whether a fill made or took liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Liquidity {
    /// The order rested.
    Maker,
    /// The order took liquidity.
    Taker,
}

impl Liquidity {
    /// The word for it in tables.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Maker => "maker",
            Self::Taker => "taker",
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
    /// Maker or taker; none for a script.
    pub liquidity: Option<Liquidity>,
}

/// An execution as the exchange reports it.
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
