//! What an algorithm needs of the host's init context. The rest is checked for its types, and left where it is.

use rust_decimal::Decimal;

use crate::json::from_host::{AnyNumber, RawValue};
use crate::json::{self, Json, Object};
use crate::schema::params_of;
use crate::wire::from_host;
use crate::{PluginError, PluginRiskContext, PluginSide};

/// An error with this text. `PluginError`'s own conversion goes by `Display`, and thus by `core::fmt`, which is 4 KB.
pub(super) fn said(message: String) -> PluginError {
    PluginError { message }
}

macro_rules! part {
    ($($declaration:tt)+) => {
        $($declaration)+
        from_host! { $($declaration)+ }
    };
}

// Their names are those of the types that an author sees, and stand in errors.
part! {
    pub struct PluginSignal {
        pub id: String,
        pub symbol: String,
        pub side: PluginSide,
        pub kind: String,
        pub confidence: AnyNumber,
        pub target_quantity: Decimal,
        pub note: Option<String>,
        pub group_id: Option<String>,
    }
}

part! {
    pub struct PluginInitContext {
        pub plugin: String,
        pub params: RawValue,
        pub signal: PluginSignal,
        pub risk: PluginRiskContext,
        pub metadata: RawValue,
    }
}

/// The signal, its parameters as JSON, and the last price.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) id: String,
    pub(super) symbol: String,
    pub(super) side: PluginSide,
    pub(super) target_quantity: Decimal,
    pub(super) last_price: Decimal,
    pub(super) params: String,
}

impl Start {
    pub(super) fn read(context_json: &str) -> Result<Self, PluginError> {
        let PluginInitContext { params, signal, risk, .. } =
            json::from_host(context_json).map_err(|error| said(error.of_what("init context")))?;
        Ok(Self {
            id: signal.id,
            symbol: signal.symbol,
            side: signal.side,
            target_quantity: signal.target_quantity,
            last_price: risk.last_price,
            params: params.0,
        })
    }

    /// The parameters that were given.
    pub(super) fn params(&self) -> Option<Object<'_>> {
        // Left out, they are none.
        let text = if self.params.is_empty() { "null" } else { &self.params };
        Json::new(text).ok().and_then(params_of)
    }
}

impl From<crate::PluginInitContext> for Start {
    fn from(context: crate::PluginInitContext) -> Self {
        let crate::PluginInitContext { params, signal, risk, .. } = context;
        Self {
            id: signal.id,
            symbol: signal.symbol,
            side: signal.side,
            target_quantity: signal.target_quantity,
            last_price: risk.last_price,
            params: params.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: &str = r#"{"plugin":"p","params":{"a":[1,{}]},"signal":{"id":"s","symbol":"X","side":"sell","kind":"k",
        "confidence":0.8,"target_quantity":"1e2","note":null},"risk":{"last_price":"1","portfolio_equity":2,
        "exchange_equity":"3","signed_position_qty":"-4","base_available":"5","quote_available":6.5,
        "settlement_available":"7"},"metadata":[1e3]}"#;

    fn error(json: &str) -> String {
        Start::read(json).unwrap_err().message
    }

    #[test]
    fn it_takes_the_contexts_that_a_plugin_without_the_kit_takes() {
        let theirs: Start =
            serde_json::from_str::<crate::PluginInitContext>(CONTEXT).unwrap().into();
        let ours = Start::read(CONTEXT).unwrap();
        assert_eq!(ours.params, r#"{"a":[1,{}]}"#);
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        let without = CONTEXT.replace(r#""params":{"a":[1,{}]},"#, "");
        assert!(Start::read(&without).unwrap().params().unwrap().keys().next().is_none());
        assert!(Start::read(&CONTEXT.replace(r#"{"a":[1,{}]}"#, "[]")).unwrap().params().is_none());
    }

    #[test]
    fn what_is_wrong_with_a_context_is_said_in_the_same_words() {
        let changes = [
            ("0.8", "\"much\""),
            ("\"sell\"", "\"hold\""),
            ("\"id\":\"s\",", ""),
            ("\"1e2\"", "\"many\""),
            ("\"risk\":{", "\"risk\":{\"last_price\":1,"),
            ("6.5", "[]"),
            ("[1e3]", "[1e3"),
            ("{\"a\":[1,{}]}", "{\"a\" 1}"),
            ("\"plugin\":\"p\"", "\"plugin\":7"),
        ];
        for (from, to) in changes {
            let json = CONTEXT.replacen(from, to, 1);
            let theirs = json::from_host::<crate::PluginInitContext>(&json).unwrap_err();
            assert_eq!(error(&json), theirs.of_what("init context"), "{json}");
        }
    }
}
