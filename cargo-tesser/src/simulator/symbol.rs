//! How the host parses a symbol. In: text. Out: an optional venue, and a code.
//!
//! The host sends an order only if its symbol has a risk context, so `BTCUSDT` and `bybit_linear:BTCUSDT` are two different
//! symbols, although both have the code `BTCUSDT`.

use std::fmt;

/// A symbol as the host parses it, ignoring case and spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Symbol {
    /// In lower case; `None` if the text has no venue.
    venue: Option<String>,
    /// In upper case.
    code: String,
}

impl Symbol {
    /// Parses a text. The host accepts any text: if it is not `venue:CODE`, it is a code without a venue.
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some((venue, code)) = text.split_once(':') {
            let (venue, code) = (venue.trim(), code.trim());
            if !venue.is_empty() && !code.is_empty() {
                return Self { venue: Some(venue.to_ascii_lowercase()), code: code.to_uppercase() };
            }
        }
        let code = if text.is_empty() { "UNKNOWN".to_owned() } else { text.to_uppercase() };
        Self { venue: None, code }
    }

    /// Whether a text on a tape is this symbol, with or without the venue.
    pub(crate) fn is_meant_by(&self, text: &str) -> bool {
        if text == self.code {
            return true;
        }
        // Most rows of a tape of many symbols: whatever the venue, the text ends with another code.
        let (text, code) = (text.trim(), self.code.as_bytes());
        let end = text.len().checked_sub(code.len()).and_then(|start| text.as_bytes().get(start..));
        if text.is_ascii()
            && !text.is_empty()
            && !end.is_some_and(|end| end.eq_ignore_ascii_case(code))
        {
            return false;
        }
        let symbol = Self::parse(text);
        symbol == *self || symbol.venue().is_none() && symbol.code == self.code
    }

    /// The venue, if the text named one.
    pub(crate) fn venue(&self) -> Option<&str> {
        self.venue.as_deref()
    }

    /// The code without the venue: what a plugin sees in signals, fills and ticks.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }
}

/// `venue:CODE`, as in the host's messages.
impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.venue().unwrap_or("unspecified"), self.code)
    }
}

/// The currency of a fee as the host names it to a plugin: `bybit_linear:USDT`.
pub(crate) fn asset(text: &str) -> String {
    Symbol::parse(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tape_means_a_symbol_in_any_case_with_or_without_its_venue() {
        let symbol = Symbol::parse("v:BTCUSDT");
        for (text, is_meant) in [
            ("BTCUSDT", true),
            (" btcusdt ", true),
            ("V : btcUSDT", true),
            ("other:BTCUSDT", false),
            ("XBTCUSDT", false),
            ("USDT", false),
            ("ETHUSDT", false),
            ("", false),
        ] {
            assert_eq!(symbol.is_meant_by(text), is_meant, "{text:?}");
        }
        assert!(Symbol::parse("").is_meant_by(" "));
        assert!(Symbol::parse("straße").is_meant_by("STRASSE"));
    }

    #[test]
    fn a_symbol_is_parsed_without_regard_to_case_and_spaces() {
        for (text, shown) in [
            ("bybit_linear:BTCUSDT", "bybit_linear:BTCUSDT"),
            (" Bybit_Linear : btcusdt ", "bybit_linear:BTCUSDT"),
            ("BTCUSDT", "unspecified:BTCUSDT"),
            ("", "unspecified:UNKNOWN"),
            ("  ", "unspecified:UNKNOWN"),
            (":BTCUSDT", "unspecified::BTCUSDT"),
            ("bybit_linear:", "unspecified:BYBIT_LINEAR:"),
            ("a:b:c", "a:B:C"),
            ("bybit_linear/BTCUSDT", "unspecified:BYBIT_LINEAR/BTCUSDT"),
        ] {
            assert_eq!(Symbol::parse(text).to_string(), shown, "{text:?}");
        }
    }

    #[test]
    fn a_code_with_and_without_venue_are_different_symbols() {
        let (bare, qualified) = (Symbol::parse("BTCUSDT"), Symbol::parse("bybit_linear:BTCUSDT"));
        assert_ne!(bare, qualified);
        assert_eq!(bare.code(), qualified.code());
    }
}
