//! What the host makes of the text of a symbol. In: text. Out: a venue, or none, and a code.
//!
//! An order leaves the host only under a symbol that has a risk context, so that `BTCUSDT` and `bybit_linear:BTCUSDT` are
//! two symbols, though both have the code `BTCUSDT`.

use std::fmt;

/// A symbol as the host reads it: case and spaces do not matter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Symbol {
    /// In lower case; `None` where the text named no venue.
    venue: Option<String>,
    /// In upper case.
    code: String,
}

impl Symbol {
    /// Reads a text. There is no text that the host refuses: what is not `venue:CODE` is a code without a venue.
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

    /// Whether a tape means this symbol by a text; it may leave the venue out.
    pub(crate) fn is_meant_by(&self, text: &str) -> bool {
        if text == self.code {
            return true;
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
    fn a_symbol_is_a_venue_and_a_code_whatever_its_case_and_spaces() {
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
    fn a_bare_code_is_another_symbol_than_a_qualified_one() {
        let (bare, qualified) = (Symbol::parse("BTCUSDT"), Symbol::parse("bybit_linear:BTCUSDT"));
        assert_ne!(bare, qualified);
        assert_eq!(bare.code(), qualified.code());
    }
}
