//! Which column holds what, and what it means. In: the names of columns, and names that the user gives. Out: a layout, which is all
//! that a reader of rows has to know. Nothing is detected row by row.

use tesser_wasm::PluginSide;

use super::names::{Names, Role, with_unit};
use super::times::{TimeFormat, Unit};

/// Where the fields of a trade are, and what they mean.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) price: usize,
    pub(super) quantity: usize,
    pub(super) time: usize,
    pub(super) times: TimeFormat,
    pub(super) side: Side,
    pub(super) symbol: Option<usize>,
    /// How many columns there are.
    pub(super) width: usize,
    /// Whether rows may have more fields than that.
    pub(super) more: bool,
}

/// What tells the taker's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A column of the taker's side.
    Taker(usize),
    /// A column of the maker's side.
    Maker(usize),
    /// A column that says whether the buyer was the maker.
    BuyerIsMaker(usize),
    /// The change of the price.
    Inferred,
}

impl Side {
    /// The taker's side of what the column says.
    pub(super) fn taker(self, side: PluginSide) -> PluginSide {
        match (self, side) {
            (Self::Maker(_), PluginSide::Buy) => PluginSide::Sell,
            (Self::Maker(_), PluginSide::Sell) => PluginSide::Buy,
            _ => side,
        }
    }
}

/// Why columns are not those of trades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// One is missing.
    Column(String),
    /// None of them tells a side.
    NoSide,
    /// Nobody knows whose side it is.
    WhoseSide,
    /// They have no names, and are not known without.
    NoHeader,
    /// They are of something else.
    Other(OtherTable),
}

/// A table that is not one of trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherTable {
    /// Prices of a time.
    Candles,
    /// Levels of an order book.
    OrderBook,
    /// Best bids and asks.
    Quotes,
}

/// Names that the files of exchanges and of the host's recorder have, as [`plain`] makes them. The first one that is there counts.
fn usual_names(role: Role) -> &'static [&'static str] {
    match role {
        Role::Price => &["price", "p", "px", "lastprice", "tradeprice"],
        Role::Quantity => &["qty", "quantity", "size", "amount", "volume", "q", "sz", "vol"],
        Role::Time => &[
            "transacttime",
            "tradetime",
            "exchangetimestamp",
            "timestamp",
            "timestampms",
            "time",
            "createdtime",
            "createdat",
            "ts",
            "t",
            "datetime",
            "date",
        ],
        Role::Side => &["side", "takerside", "aggressor", "aggressorside"],
        Role::MakerSide => &["makerside"],
        // Of a taker who sold, the buyer is the maker.
        Role::BuyerIsMaker => &["isbuyermaker", "buyermaker", "m", "takersidesell"],
        Role::Symbol => {
            &["symbol", "instrument", "instrumentname", "instid", "market", "productid"]
        }
    }
}

/// A name without case, spaces, `_` and `-`, and without the translation that OKX puts behind a slash.
pub(super) fn plain(name: &str) -> String {
    let name = name.split('/').next().unwrap_or(name);
    name.replace([' ', '_', '-'], "").to_lowercase()
}

impl Layout {
    /// Finds the columns by their names.
    pub(super) fn find(header: &[String], names: &Names) -> Result<Self, Unfit> {
        let columns = Columns { plain: header.iter().map(|name| plain(name)).collect(), header };
        if names.is_empty() && columns.are_of_order_book() {
            return Err(Unfit::Other(OtherTable::OrderBook));
        }
        columns.layout(names).map_err(|unfit| {
            columns.other().filter(|_| names.is_empty()).map_or(unfit, Unfit::Other)
        })
    }

    /// Takes the format of times from the first one that is one, unless it is known.
    pub(super) fn with_times<'a>(mut self, mut times: impl Iterator<Item = &'a str>) -> Self {
        if self.times == TimeFormat::Unknown {
            self.times = times.find_map(TimeFormat::of).unwrap_or(TimeFormat::Unknown);
        }
        self
    }

    /// What it takes for granted, in words.
    pub(super) fn assumptions(&self) -> Vec<&'static str> {
        let no_zone = self.times == TimeFormat::Text { has_zone: false };
        let zone = no_zone.then_some(super::NO_ZONE);
        let inferred = (self.side == Side::Inferred)
            .then_some("the tape has no sides; they were inferred from price changes (tick rule)");
        zone.into_iter().chain(inferred).collect()
    }
}

/// Columns by their names.
struct Columns<'a> {
    header: &'a [String],
    plain: Vec<String>,
}

impl Columns<'_> {
    fn layout(&self, names: &Names) -> Result<Layout, Unfit> {
        // A name that was given must be there; it is not replaced by a usual one.
        let find = |role: Role, missing: &str| match names.given(role) {
            Some(name) => self.named(name),
            None => self.usual(role).ok_or_else(|| Unfit::Column(missing.to_owned())),
        };
        let (price, quantity) = (find(Role::Price, "price")?, find(Role::Quantity, "qty")?);
        let (time, times) = match names.given(Role::Time) {
            Some(name) => self.named_time(name)?,
            None => (find(Role::Time, "time")?, TimeFormat::Unknown),
        };
        Ok(Layout {
            price,
            quantity,
            time,
            times,
            side: self.side(names)?,
            symbol: match names.given(Role::Symbol) {
                Some("") => None,
                Some(name) => Some(self.named(name)?),
                None => self.usual(Role::Symbol),
            },
            width: self.header.len(),
            more: false,
        })
    }

    fn side(&self, names: &Names) -> Result<Side, Unfit> {
        let of = |role: Role, index: usize| match role {
            Role::BuyerIsMaker => Side::BuyerIsMaker(index),
            Role::MakerSide => Side::Maker(index),
            _ => Side::Taker(index),
        };
        match names.side() {
            Some((Role::Side, "")) => Ok(Side::Inferred),
            Some((role, name)) => Ok(of(role, self.named(name)?)),
            None => {
                let mut roles = Role::SIDES.into_iter();
                let found = roles.find_map(|role| Some(of(role, self.usual(role)?)));
                match found.ok_or(Unfit::NoSide)? {
                    Side::Taker(_) if self.are_of_coinbase() => Err(Unfit::WhoseSide),
                    side => Ok(side),
                }
            }
        }
    }

    fn named(&self, name: &str) -> Result<usize, Unfit> {
        let position = self.header.iter().position(|known| known.trim() == name);
        position.ok_or_else(|| Unfit::Column(name.to_owned()))
    }

    /// The column of `ts`, or that of `ts:s` and its unit.
    fn named_time(&self, name: &str) -> Result<(usize, TimeFormat), Unfit> {
        match (self.named(name), with_unit(name)) {
            (Err(_), Some((name, unit))) => {
                Ok((self.named(name)?, TimeFormat::Number(Unit::given(unit))))
            }
            (found, _) => Ok((found?, TimeFormat::Unknown)),
        }
    }

    fn usual(&self, role: Role) -> Option<usize> {
        // Binance's streams have the number of a trade in `t` and its time in `T`.
        let capital = self.header.iter().position(|name| role == Role::Time && name == "T");
        capital.or_else(|| {
            let mut usual = usual_names(role).iter();
            usual.find_map(|name| self.plain.iter().position(|known| known == name))
        })
    }

    fn has(&self, name: &str) -> bool {
        self.plain.iter().any(|known| known == name)
    }

    /// Coinbase's side is that of the maker, and its name does not say so.
    fn are_of_coinbase(&self) -> bool {
        let plain = ["tradeid", "time", "price", "size", "side"];
        let only_these = self.plain.len() == plain.len() && plain.iter().all(|name| self.has(name));
        only_these || self.has("productid") || self.has("makerorderid")
    }

    fn are_of_order_book(&self) -> bool {
        let names = ["issnapshot", "updatetype", "bidsprice", "bids[0].price", "asks[0].price"];
        names.iter().any(|name| self.has(name))
    }

    /// What else they are of.
    fn other(&self) -> Option<OtherTable> {
        let has_any = |names: &[&str]| names.iter().any(|name| self.has(name));
        if ["open", "high", "low", "close"].iter().all(|name| self.has(name)) {
            Some(OtherTable::Candles)
        } else if has_any(&["bidprice", "bestbidprice", "bid"])
            && has_any(&["askprice", "bestaskprice", "ask"])
        {
            Some(OtherTable::Quotes)
        } else {
            None
        }
    }
}
