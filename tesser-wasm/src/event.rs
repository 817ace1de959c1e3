//! What the host tells a plugin: the order to work, trades, fills.
//!
//! In: the host's JSON, in which an optional field may be absent. Out: values with exact decimals.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::PluginSide;
use crate::wire::wire;

wire! {
    from_host;
    /// The signal that started the algorithm: what to work.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PluginSignal {
        /// Id of the signal, unique in the host.
        pub id: String,
        /// The exchange's code, for example `BTCUSDT`, without the venue. An order needs both: see
        /// [`order_symbol`](crate::order_symbol).
        pub symbol: String,
        /// Side of the child orders that work the signal.
        pub side: PluginSide,
        /// `enter_long`, `exit_long`, `enter_short`, `exit_short` or `flatten`.
        pub kind: String,
        /// The strategy's confidence, between 0 and 1.
        pub confidence: f64,
        /// Quantity to work, in base currency; the sign is in [`side`](Self::side).
        pub target_quantity: Decimal,
        /// Free text from the strategy.
        pub note: Option<String>,
        /// Id that signals which belong together share.
        pub group_id: Option<String>,
    }
}

impl PluginSignal {
    /// A signal to enter long with full confidence, for tests.
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use tesser_wasm::{PluginSide, PluginSignal};
    /// let long = PluginSignal::test("BTCUSDT", Decimal::TWO);
    /// let short = PluginSignal { side: PluginSide::Sell, kind: "enter_short".into(), ..long };
    /// assert_eq!(short.target_quantity, Decimal::TWO);
    /// ```
    #[must_use]
    pub fn test(symbol: impl Into<String>, quantity: Decimal) -> Self {
        Self {
            id: "test-signal".into(),
            symbol: symbol.into(),
            side: PluginSide::Buy,
            kind: "enter_long".into(),
            confidence: 1.0,
            target_quantity: quantity,
            note: None,
            group_id: None,
        }
    }
}

wire! {
    from_host;
    /// What the host knows about the account when the algorithm starts. It is not updated later.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PluginRiskContext {
        /// Last known price of the symbol, in quote currency; 0 when unknown. It may be the last session's.
        pub last_price: Decimal,
        /// Equity of the whole portfolio, in the settlement currency.
        pub portfolio_equity: Decimal,
        /// Equity on the exchange of this symbol, in the settlement currency.
        pub exchange_equity: Decimal,
        /// Position in base currency; negative when short.
        pub signed_position_qty: Decimal,
        /// Free balance of the base currency.
        pub base_available: Decimal,
        /// Free balance of the quote currency.
        pub quote_available: Decimal,
        /// Free balance of the settlement currency.
        pub settlement_available: Decimal,
        /// Kind of instrument: `Spot`, `LinearPerpetual` or `InversePerpetual`.
        pub instrument_kind: Option<String>,
    }
}

impl Default for PluginRiskContext {
    /// Price and equities are 1, position and balances 0.
    fn default() -> Self {
        Self {
            last_price: Decimal::ONE,
            portfolio_equity: Decimal::ONE,
            exchange_equity: Decimal::ONE,
            signed_position_qty: Decimal::ZERO,
            base_available: Decimal::ZERO,
            quote_available: Decimal::ZERO,
            settlement_available: Decimal::ZERO,
            instrument_kind: None,
        }
    }
}

wire! {
    from_host;
    /// Argument of `init`: the signal to work, and how. After a restart of the host `init` gets the
    /// same context again, so the prices and balances in it can be old.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PluginInitContext {
        /// Name of the plugin in the execution hint: its file name without `.wasm`.
        pub plugin: String,
        /// Parameters from the strategy's execution hint; `null` when the hint has none. Read them with
        /// [`params`](Self::params).
        pub params: Value,
        /// The signal to work.
        pub signal: PluginSignal,
        /// The account at the time of the signal.
        pub risk: PluginRiskContext,
        /// Anything else that the host adds; `null` when it adds nothing.
        pub metadata: Value,
    }
}

impl PluginInitContext {
    /// A context for tests: this signal, no parameters, the default [`PluginRiskContext`].
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use serde_json::json;
    /// # use tesser_wasm::{PluginInitContext, PluginSignal};
    /// let ctx = PluginInitContext {
    ///     params: json!({ "clip_size": "0.25" }),
    ///     ..PluginInitContext::test(PluginSignal::test("BTCUSDT", Decimal::ONE))
    /// };
    /// assert_eq!(ctx.risk.last_price, Decimal::ONE);
    /// ```
    #[must_use]
    pub fn test(signal: PluginSignal) -> Self {
        Self {
            plugin: "test".into(),
            params: Value::Null,
            signal,
            risk: PluginRiskContext::default(),
            metadata: Value::Null,
        }
    }
}

wire! {
    from_host;
    /// One fill. Only a fill tells the id of an order, and only a fill shows that the exchange accepted it.
    ///
    /// A fill does not say which placement it belongs to. Check the symbol and the side, expect partial
    /// and repeated fills, and add with `saturating_add`: `+` panics on overflow.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PluginFill {
        /// The exchange's id of the order that was filled.
        pub order_id: String,
        /// The exchange's symbol.
        pub symbol: String,
        /// Side of the order.
        pub side: PluginSide,
        /// Price in quote currency.
        pub fill_price: Decimal,
        /// Quantity of this fill only, in base currency.
        pub fill_quantity: Decimal,
        /// Fee in [`fee_asset`](Self::fee_asset).
        pub fee: Option<Decimal>,
        /// Currency of the fee.
        pub fee_asset: Option<String>,
        /// Milliseconds since the Unix epoch.
        pub timestamp_ms: i64,
    }
}

impl PluginFill {
    /// A fill without a fee, at time 0.
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use tesser_wasm::{PluginFill, PluginSide};
    /// let (price, quantity) = (Decimal::from(40_000), Decimal::new(5, 1));
    /// let fill = PluginFill::new("42", "BTCUSDT", PluginSide::Buy, price, quantity);
    /// let later = PluginFill { timestamp_ms: 1_700_000_000_000, ..fill };
    /// # assert_eq!(later.fee, None);
    /// ```
    #[must_use]
    pub fn new(
        order_id: impl Into<String>,
        symbol: impl Into<String>,
        side: PluginSide,
        fill_price: Decimal,
        fill_quantity: Decimal,
    ) -> Self {
        Self {
            order_id: order_id.into(),
            symbol: symbol.into(),
            side,
            fill_price,
            fill_quantity,
            fee: None,
            fee_asset: None,
            timestamp_ms: 0,
        }
    }
}

wire! {
    /// One public trade. A host that forwards trades forwards those of every symbol, so check
    /// [`symbol`](Self::symbol) first. A host may forward none: Tesser 0.9 does not in a live session.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PluginTick {
        /// The exchange's symbol.
        pub symbol: String,
        /// Price in quote currency.
        pub price: Decimal,
        /// Quantity in base currency.
        pub size: Decimal,
        /// The taker's side.
        pub side: PluginSide,
        /// Milliseconds since the Unix epoch.
        pub timestamp_ms: i64,
    }
}

impl PluginTick {
    /// A tick with these fields; the time is in milliseconds since the Unix epoch.
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use tesser_wasm::{PluginSide, PluginTick};
    /// let price = Decimal::from(40_000);
    /// let tick = PluginTick::new("BTCUSDT", price, Decimal::ONE, PluginSide::Buy, 1_700_000_000_000);
    /// assert_eq!(tick.price, price);
    /// ```
    #[must_use]
    #[expect(clippy::similar_names, reason = "side and size are what a trade has")]
    pub fn new(
        symbol: impl Into<String>,
        price: Decimal,
        size: Decimal,
        side: PluginSide,
        timestamp_ms: i64,
    ) -> Self {
        Self { symbol: symbol.into(), price, size, side, timestamp_ms }
    }
}
