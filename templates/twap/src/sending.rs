//! How orders are sent: their kind and their price, and how often an `ioc` order is tried again.
//!
//! In: parameters and a market price. Out: a limit, and the order itself. It counts nothing.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::{PluginOrderRequest, PluginSide, PluginTimeInForce};

use crate::orders::LIMIT;
use crate::steps::{SMALLEST, Steps, in_range};

/// Kind of every order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderType {
    /// Stays in the book until it is filled: the host has no cancel.
    #[default]
    Limit,
    /// Takes what it finds within its limit; what it does not find is tried again later.
    Ioc,
    /// Takes whatever price there is.
    Market,
}

#[derive(Debug, Default, PartialEq)]
pub struct Sending {
    pub order_type: OrderType,
    /// How far beyond the price a limit is, in basis points (hundredths of a percent).
    pub offset_bps: Decimal,
    /// Worst price that an order may have.
    pub limit_price: Option<Decimal>,
    /// How long an `ioc` order may take to report its fills.
    pub settle_secs: u32,
    /// How much of the target `ioc` orders may ask for again, in percent.
    pub resend_percent: u32,
    pub steps: Steps,
}

impl Sending {
    /// Refuses what is out of range, by its name. `last_price` is the one of the start.
    pub fn checked(self, last_price: Decimal) -> Result<Self, String> {
        let thousand = Decimal::ONE_THOUSAND;
        in_range("offset_bps", self.offset_bps, -thousand, thousand)?;
        in_range(
            "settle_secs",
            self.settle_secs.into(),
            Decimal::ONE,
            3_600.into(),
        )?;
        in_range(
            "resend_percent",
            self.resend_percent.into(),
            Decimal::ZERO,
            thousand,
        )?;
        if let Some(price) = self.limit_price {
            in_range("limit_price", price, SMALLEST, Decimal::from(LIMIT))?;
            if self.order_type == OrderType::Market {
                return Err("params: `limit_price`: a market order has none".to_owned());
            }
            self.steps.check_price_step(price)?;
        }
        if self.order_type != OrderType::Market {
            self.steps.check_price_step(last_price)?;
        }
        Ok(self)
    }

    /// What may be asked for again in total.
    pub fn budget(&self, target: Decimal) -> Decimal {
        target * Decimal::from(self.resend_percent) / Decimal::ONE_HUNDRED
    }

    /// The limit of an order while the market is at `market`; `None` means wait.
    pub fn limit(&self, side: PluginSide, market: Option<Decimal>) -> Option<Decimal> {
        if self.order_type == OrderType::Market {
            return Some(worst_price(side));
        }
        let market = market?;
        // An `ioc` order that the market has left behind would only expire.
        let out_of_reach = |limit: &Decimal| match side {
            PluginSide::Buy => market > *limit,
            PluginSide::Sell => market < *limit,
        };
        if self.order_type == OrderType::Ioc && self.limit_price.as_ref().is_some_and(out_of_reach)
        {
            return None;
        }
        self.steps
            .price(side, market, self.offset_bps, self.limit_price)
    }

    /// Change the kind of order here. Leave `client_order_id` alone (the host would lose the order at
    /// a restart), and do not count on `post_only` (the host drops it).
    pub fn request(
        &self,
        symbol: &str,
        side: PluginSide,
        quantity: Decimal,
        limit: Decimal,
    ) -> PluginOrderRequest {
        match self.order_type {
            OrderType::Market => PluginOrderRequest::market(symbol, side, quantity),
            OrderType::Limit => PluginOrderRequest::limit(symbol, side, quantity, limit),
            OrderType::Ioc => PluginOrderRequest::limit(symbol, side, quantity, limit)
                .with_time_in_force(PluginTimeInForce::Ioc),
        }
    }
}

/// A market order can be filled at any price.
fn worst_price(side: PluginSide) -> Decimal {
    match side {
        PluginSide::Buy => Decimal::from(LIMIT),
        PluginSide::Sell => SMALLEST,
    }
}
