//! Messages as JSON lines, as Bybit and OKX publish them and as their WebSocket streams send them. In: text. Out: messages.
//!
//! ```text
//! {"topic": "orderbook.500.BTCUSDT", "type": "snapshot", "ts": 1672304484978, "data": {"s": "BTCUSDT", "b": [["16493.5", "0.006"]], "a": [], "u": 1}, "cts": 1672304484976}
//! {"instId": "BTC-USDT", "action": "update", "ts": "1758326400015", "asks": [["115717.8", "0.182", "6"]], "bids": []}
//! {"arg": {"channel": "books", "instId": "BTC-USDT"}, "action": "update", "data": [{"asks": [], "bids": [], "ts": "1758326400015", "seqId": 2, "prevSeqId": 1}]}
//! ```

use std::fmt;
use std::path::Path;

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use tesser_wasm::decimal;

use super::super::lines::Lines;
use super::super::times::MILLISECONDS;
use super::cell::level;
use super::message::{Kind, Message, Numbers};
use super::{Bad, Error, Messages};
use crate::simulator::order_book::{Level, Levels};

/// Whose messages they are.
#[derive(Clone, Copy)]
enum Format {
    Bybit,
    OkxFile,
    OkxStream,
}

#[derive(serde::Deserialize)]
struct Bybit {
    #[serde(rename = "type")]
    kind: Word,
    ts: Whole,
    /// The time of the matching engine, which trades have, too. Older files have none.
    cts: Option<Whole>,
    data: BybitBook,
}

#[derive(serde::Deserialize)]
struct BybitBook {
    s: String,
    #[serde(default)]
    b: Vec<Pair>,
    #[serde(default)]
    a: Vec<Pair>,
    u: Option<i64>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct OkxFile {
    inst_id: String,
    action: Word,
    ts: Whole,
    asks: Vec<Pair>,
    bids: Vec<Pair>,
}

#[derive(serde::Deserialize)]
struct OkxStream {
    arg: OkxChannel,
    action: Word,
    data: [OkxBook; 1],
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct OkxChannel {
    inst_id: String,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct OkxBook {
    ts: Whole,
    asks: Vec<Pair>,
    bids: Vec<Pair>,
    seq_id: Option<i64>,
    prev_seq_id: Option<i64>,
}

#[derive(Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Snapshot,
    #[serde(alias = "update")]
    Delta,
}

impl From<Word> for Kind {
    fn from(word: Word) -> Self {
        match word {
            Word::Snapshot => Self::Snapshot,
            Word::Delta => Self::Update,
        }
    }
}

/// A whole number, or its text.
#[derive(Clone, Copy, serde::Deserialize)]
struct Whole(#[serde(with = "decimal")] Decimal);

impl Whole {
    fn number(self) -> Result<i64, String> {
        let number = Some(self.0).filter(|number| number.fract().is_zero());
        let number = number.and_then(|number| i64::try_from(number).ok());
        let number = number.filter(|number| MILLISECONDS.contains(number));
        number.ok_or_else(|| format!("not a time in milliseconds: `{}`", self.0))
    }
}

/// Price and quantity. OKX adds how many orders there are.
struct Pair(Decimal, Decimal);

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Number(#[serde(with = "decimal")] Decimal);

        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Pair;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a price and a quantity")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Pair, A::Error> {
                let missing = |at| serde::de::Error::invalid_length(at, &self);
                let Number(price) = fields.next_element()?.ok_or_else(|| missing(0))?;
                let Number(quantity) = fields.next_element()?.ok_or_else(|| missing(1))?;
                while fields.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Pair(price, quantity))
            }
        }
        deserializer.deserialize_seq(Fields)
    }
}

/// All messages of a file, which are in one format.
pub(super) fn messages(path: &Path, mut lines: Lines) -> Result<Messages, Error> {
    let damaged =
        |error: std::io::Error| Error::Damaged { path: path.to_owned(), reason: error.to_string() };
    if !lines.advance().map_err(damaged)? {
        return Err(Error::NoOrderBook { path: path.to_owned(), left_out: 0 });
    }
    let first = lines.text().unwrap_or_default();
    let formats = [Format::Bybit, Format::OkxFile, Format::OkxStream];
    let format =
        formats.into_iter().find(|format| format.read(first).is_ok()).ok_or_else(|| {
            let reason = "its first line is a message neither of Bybit nor of OKX".to_owned();
            Error::NotAnOrderBook { path: path.to_owned(), reason }
        })?;
    let mut state = Some(true);
    Ok(Box::new(std::iter::from_fn(move || {
        let is_first = state.replace(false)?;
        match if is_first { Ok(true) } else { lines.advance() } {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => {
                state = None;
                return Some((0, Err(Bad::file(&error))));
            }
        }
        let text = lines.text().ok_or_else(|| "the row is not UTF-8".to_owned());
        Some((lines.number, text.and_then(|text| format.read(text)).map_err(Bad::row)))
    })))
}

impl Format {
    fn read(self, text: &str) -> Result<Message, String> {
        fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
            serde_json::from_str(text).map_err(|error| error.to_string())
        }
        match self {
            Self::Bybit => {
                let Bybit { kind, ts, cts, data } = parsed(text)?;
                let ts = ts.number()?;
                let time_ms = cts.map_or(Ok(ts), Whole::number)?;
                let numbers =
                    Numbers { last: data.u, previous: data.u.map(|u| u.saturating_sub(1)) };
                let levels = levels(data.b, data.a)?;
                let message = message(data.s, time_ms, kind, numbers, levels);
                Ok(Message { received: Some(ts), ..message })
            }
            Self::OkxFile => {
                let OkxFile { inst_id, action, ts, asks, bids } = parsed(text)?;
                let book = OkxBook { ts, asks, bids, seq_id: None, prev_seq_id: None };
                book.message(inst_id, action)
            }
            Self::OkxStream => {
                let OkxStream { arg, action, data: [book] } = parsed(text)?;
                book.message(arg.inst_id, action)
            }
        }
    }
}

impl OkxBook {
    fn message(self, symbol: String, action: Word) -> Result<Message, String> {
        let numbers = Numbers { last: self.seq_id, previous: self.prev_seq_id };
        let levels = levels(self.bids, self.asks)?;
        Ok(message(symbol, self.ts.number()?, action, numbers, levels))
    }
}

fn message(symbol: String, time_ms: i64, kind: Word, numbers: Numbers, levels: Levels) -> Message {
    Message {
        symbol: Some(symbol),
        time_ms,
        received: None,
        kind: kind.into(),
        is_marked: false,
        is_whole: true,
        numbers,
        levels,
        path: None,
    }
}

fn levels(bids: Vec<Pair>, asks: Vec<Pair>) -> Result<Levels, String> {
    let all = |side: Vec<Pair>| -> Result<Vec<Level>, String> {
        side.into_iter().map(|Pair(price, quantity)| level(price, quantity)).collect()
    };
    Ok(Levels { bids: all(bids)?, asks: all(asks)? })
}
