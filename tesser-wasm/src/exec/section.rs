//! The schema as bytes, made at compile time.
//!
//! In: the text of [`params!`](crate::params). Out: compact JSON for a custom section.

#![allow(missing_docs, reason = "called by macros, hidden from the docs")]

use crate::ParamKind;
use crate::exec::{Algorithm, AtEnd, OrderType, Params};

/// A part of the schema.
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    /// JSON that is copied verbatim, without a comma.
    Json(&'static str),
    /// A parameter begins: its name and type.
    Begin(&'static str, ParamKind),
    /// A text field; the value may be a literal of the macro.
    Field(&'static str, &'static str),
    Choices(&'static [&'static str]),
    Required(bool),
    /// Lines of a doc comment; they end the parameter.
    Doc(&'static [&'static str]),
}

/// Counts bytes and stores them if there is room: the first pass measures, the second one writes.
struct Sink<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Sink<N> {
    const fn byte(&mut self, byte: u8) {
        if self.length < N {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
    }

    const fn raw(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            self.byte(bytes[at]);
            at += 1;
        }
    }

    /// Appends text within a JSON string.
    const fn escaped(&mut self, text: &str, without_space: bool) {
        let bytes = text.as_bytes();
        let mut at = if without_space && !bytes.is_empty() && bytes[0] == b' ' { 1 } else { 0 };
        while at < bytes.len() {
            match bytes[at] {
                b'"' | b'\\' => {
                    self.byte(b'\\');
                    self.byte(bytes[at]);
                }
                0..32 => self.byte(b' '),
                byte => self.byte(byte),
            }
            at += 1;
        }
    }

    /// Appends a literal as text: without quotes, or without the `_` of a number.
    const fn literal(&mut self, token: &str) {
        let bytes = token.as_bytes();
        let is_quoted = !bytes.is_empty() && bytes[0] == b'"';
        let is_number = !bytes.is_empty() && (bytes[0].is_ascii_digit() || bytes[0] == b'-');
        let mut at = if is_quoted { 1 } else { 0 };
        let end = if is_quoted { bytes.len() - 1 } else { bytes.len() };
        while at < end {
            if !(is_number && bytes[at] == b'_') {
                self.byte(bytes[at]);
            }
            at += 1;
        }
    }

    const fn piece(&mut self, piece: &Piece, first: bool) {
        match piece {
            Piece::Json(json) => self.raw(json),
            Piece::Begin(name, kind) => {
                if !first {
                    self.byte(b',');
                }
                self.raw("{\"name\":\"");
                self.raw(name);
                self.raw("\",\"type\":\"");
                self.raw(kind.name());
                self.byte(b'"');
            }
            Piece::Field(name, value) => {
                self.raw(",\"");
                self.raw(name);
                self.raw("\":\"");
                self.literal(value);
                self.byte(b'"');
            }
            Piece::Choices(words) => {
                let mut at = 0;
                while at < words.len() {
                    self.raw(if at == 0 { ",\"choices\":[\"" } else { "\",\"" });
                    self.escaped(words[at], false);
                    at += 1;
                }
                if at > 0 {
                    self.raw("\"]");
                }
            }
            Piece::Required(required) => {
                if *required {
                    self.raw(",\"required\":true");
                }
            }
            Piece::Doc(lines) => {
                self.raw(",\"doc\":\"");
                let mut at = 0;
                while at < lines.len() {
                    // The text of a doc comment begins with a space, which separates lines.
                    self.escaped(lines[at], at == 0);
                    at += 1;
                }
                self.raw("\"}");
            }
        }
    }
}

const fn write<const N: usize>(pieces: &[Piece]) -> Sink<N> {
    let mut sink = Sink { bytes: [0; N], length: 0 };
    let mut at = 0;
    while at < pieces.len() {
        sink.piece(&pieces[at], at == 0);
        at += 1;
    }
    sink
}

pub const fn length(pieces: &[Piece]) -> usize {
    write::<0>(pieces).length
}

/// # Panics
/// At compile time, if `N` is not [`length`].
pub const fn bytes<const N: usize>(pieces: &[Piece]) -> [u8; N] {
    let sink = write::<N>(pieces);
    assert!(sink.length == N);
    sink.bytes
}

pub const fn text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => "",
    }
}

/// The whole schema of an algorithm: common parameters first.
pub const fn pieces<A: Algorithm>() -> [Piece; 15] {
    let own = <A::Params as Params>::SCHEMA;
    [
        Piece::Json("{\"format\":1,\"params\":["),
        Piece::Json(<super::MarketRules as Params>::SCHEMA),
        Piece::Begin("order_type", ParamKind::Choice),
        Piece::Field("default", A::ORDER_TYPES[0].name()),
        Piece::Choices(OrderType::names(A::ORDER_TYPES)),
        Piece::Doc(&[
            " Type of every order. `limit` rests in the order book, `ioc` takes what it finds within its limit, `market` takes any price.",
        ]),
        Piece::Json(","),
        Piece::Json(<super::policy::Common as Params>::SCHEMA),
        Piece::Begin("at_end", ParamKind::Choice),
        Piece::Field("default", A::AT_END.name()),
        Piece::Choices(AtEnd::WORDS),
        Piece::Doc(&[
            " What happens to the remaining quantity at the end. `leave` gives it up, `ioc` takes what is near the last price, `market` takes any price up to `limit_price`.",
        ]),
        Piece::Json(if own.is_empty() { "" } else { "," }),
        Piece::Json(own),
        Piece::Json("]}"),
    ]
}

/// The schema as text, for native tests and tools.
#[must_use]
pub fn schema<A: Algorithm>() -> String {
    let pieces = pieces::<A>();
    let sink = write::<65_536>(&pieces);
    let bytes = sink.bytes.get(..sink.length).unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}
