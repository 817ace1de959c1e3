//! Which column holds what, and what a trade's fields mean.
//!
//! In: the names of columns, and fields as text or numbers. Out: a trade.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use tesser_wasm::PluginSide;

use super::Trade;
use crate::report::escape_untrusted;

/// What a trade needs of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Price,
    Quantity,
    Time,
    /// `buy` or `sell`, of the taker.
    Side,
    /// Whether the buyer was the maker: the taker sold.
    BuyerIsMaker,
    Symbol,
}

impl Role {
    const ALL: [Self; 6] =
        [Self::Price, Self::Quantity, Self::Time, Self::Side, Self::BuyerIsMaker, Self::Symbol];

    /// The word for it in [`Names`].
    fn word(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Quantity => "quantity",
            Self::Time => "time",
            Self::Side => "side",
            Self::BuyerIsMaker => "is_buyer_maker",
            Self::Symbol => "symbol",
        }
    }
}

/// Names that the files of exchanges and of the host's recorder have, without case, spaces, `_` and `-`.
const USUAL: [(Role, &[&str]); 6] = [
    (Role::Price, &["price", "p", "px", "lastprice", "tradeprice"]),
    (Role::Quantity, &["qty", "quantity", "size", "amount", "volume", "q", "sz"]),
    (
        Role::Time,
        &[
            "time",
            "timestamp",
            "timestampms",
            "ts",
            "t",
            "tradetime",
            "transacttime",
            "exchangetimestamp",
        ],
    ),
    (Role::Side, &["side", "takerside", "aggressor"]),
    (Role::BuyerIsMaker, &["isbuyermaker", "buyermaker", "m"]),
    (Role::Symbol, &["symbol", "instrument", "market"]),
];

/// Names of columns that are not the usual ones. A symbol whose column has an empty name is not read.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<(Role, String)>);

impl std::str::FromStr for Names {
    type Err = String;

    /// `price=px,quantity=size`.
    fn from_str(text: &str) -> Result<Self, String> {
        let pair = |pair: &str| {
            let (role, name) = pair.split_once('=').ok_or("not `<what>=<name of the column>`")?;
            let role = Role::ALL.into_iter().find(|known| known.word() == role.trim()).ok_or(
                "there are `price`, `quantity`, `time`, `side`, `is_buyer_maker` and `symbol`",
            )?;
            let name = name.trim();
            if name.is_empty() && role != Role::Symbol {
                return Err("only `symbol=` may name no column");
            }
            Ok((role, name.to_owned()))
        };
        text.split(',').map(pair).collect::<Result<_, _>>().map(Self).map_err(str::to_owned)
    }
}

impl fmt::Display for Names {
    /// As it is read.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (role, name)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{}={name}", role.word())?;
        }
        Ok(())
    }
}

impl Serialize for Names {
    /// The same text; null where all names are the usual ones.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() { serializer.serialize_none() } else { serializer.collect_str(self) }
    }
}

impl Names {
    /// Whether symbols are not read, so that everything is taken for the session's.
    pub(crate) fn without_symbols(&self) -> bool {
        self.given(Role::Symbol) == Some("")
    }

    fn given(&self, role: Role) -> Option<&str> {
        self.0.iter().find(|(given, _)| *given == role).map(|(_, name)| name.as_str())
    }
}

/// Where the fields of a trade are.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) price: usize,
    pub(super) quantity: usize,
    pub(super) time: usize,
    /// Of [`Role::Side`] or [`Role::BuyerIsMaker`].
    pub(super) side: usize,
    pub(super) symbol: Option<usize>,
    /// How many columns there are.
    pub(super) width: usize,
    /// Whether rows may have more fields than that.
    pub(super) more: bool,
    unit: Unit,
}

/// The unit of a column of times: milliseconds, microseconds or nanoseconds. Known from the first row on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// So many of them are a millisecond.
    per_ms: Option<i64>,
}

impl Unit {
    pub(super) const UNKNOWN: Self = Self { per_ms: None };

    /// A time in whatever unit the first row has: they are a thousand times apart, and nobody traded in 1973.
    pub(super) fn ms(&mut self, time: i64) -> i64 {
        let per_ms = *self.per_ms.get_or_insert(match time {
            100_000_000_000_000_000.. => 1_000_000,
            100_000_000_000_000.. => 1_000,
            _ => 1,
        });
        time.div_euclid(per_ms)
    }
}

impl Columns {
    /// Of Binance's files without a header.
    pub(super) const BINANCE: Self = Self {
        price: 1,
        quantity: 2,
        time: 4,
        side: 5,
        symbol: None,
        width: 6,
        more: true,
        unit: Unit::UNKNOWN,
    };

    /// Finds the columns; an error is the name of what is missing.
    pub(super) fn find<'a>(
        header: &(impl Iterator<Item = &'a str> + Clone),
        names: &Names,
    ) -> Result<Self, String> {
        let position = |name: &str| {
            header.clone().position(|known| known.trim() == name).ok_or_else(|| name.to_owned())
        };
        let usual = |role: Role| {
            let usual = USUAL.iter().find(|(usual, _)| *usual == role).map_or(&[][..], |(_, n)| n);
            header.clone().position(|name| {
                let plain = name.replace([' ', '_', '-'], "").to_lowercase();
                usual.contains(&plain.as_str())
            })
        };
        // A name that was given must be there; it is not replaced by a usual one.
        let find = |role: Role, missing: &str| match names.given(role) {
            Some(name) => position(name),
            None => usual(role).ok_or_else(|| missing.to_owned()),
        };
        let (price, quantity) = (find(Role::Price, "price")?, find(Role::Quantity, "qty")?);
        let time = find(Role::Time, "time")?;
        let side = match (names.given(Role::BuyerIsMaker), names.given(Role::Side)) {
            (Some(name), _) | (None, Some(name)) => position(name)?,
            (None, None) => {
                let found = usual(Role::BuyerIsMaker).or_else(|| usual(Role::Side));
                found.ok_or("is_buyer_maker")?
            }
        };
        Ok(Self {
            price,
            quantity,
            time,
            side,
            symbol: match names.given(Role::Symbol) {
                Some("") => None,
                Some(name) => Some(position(name)?),
                None => usual(Role::Symbol),
            },
            width: header.clone().count(),
            more: false,
            unit: Unit::UNKNOWN,
        })
    }

    /// A time in the unit of the column.
    pub(super) fn time_ms(&mut self, time: i64) -> i64 {
        self.unit.ms(time)
    }

    /// The trade of a row of text.
    pub(super) fn trade<'a>(&mut self, field: impl Fn(usize) -> &'a str) -> Result<Trade, String> {
        let bad = |name: &str, index: usize, wanted: &str| {
            format!("column `{name}` is not {wanted}: `{}`", escape_untrusted(field(index)))
        };
        let decimal = |name: &str, index: usize| {
            let has_comma = field(index).contains(',');
            let wanted = if has_comma { "a number with a decimal point" } else { "a number" };
            decimal(field(index)).ok_or_else(|| bad(name, index, wanted))
        };
        let (price, quantity) = (decimal("price", self.price)?, decimal("qty", self.quantity)?);
        let time: i64 =
            field(self.time).parse().map_err(|_| bad("time", self.time, "a whole number"))?;
        let side = side(field(self.side))
            .ok_or_else(|| bad("side", self.side, "one of true, false, buy, sell"))?;
        let symbol = self.symbol.map(|index| field(index).to_owned());
        Ok(Trade { symbol, price, quantity, time_ms: self.time_ms(time), side })
    }
}

/// A plain number, or one in scientific notation.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// The taker's side, of whether the buyer was the maker, or of a word.
pub(super) fn side(text: &str) -> Option<PluginSide> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("sell") || is("s") {
        Some(PluginSide::Sell)
    } else if is("false") || is("buy") || is("b") {
        Some(PluginSide::Buy)
    } else {
        None
    }
}
