//! Names of columns, as the user gives them. In: `price=px,time=ts:s`. Out: which column holds what.

use std::fmt;

use serde::{Serialize, Serializer};

use super::times::UnitName;

/// What a trade needs of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Price,
    Quantity,
    Time,
    /// `buy` or `sell`, of the taker.
    Side,
    /// The same, of the maker.
    MakerSide,
    /// Whether the buyer was the maker: the taker sold.
    BuyerIsMaker,
    Symbol,
}

impl Role {
    const ALL: [Self; 7] = [
        Self::Price,
        Self::Quantity,
        Self::Time,
        Self::Side,
        Self::MakerSide,
        Self::BuyerIsMaker,
        Self::Symbol,
    ];

    /// Of which one is enough.
    pub(super) const SIDES: [Self; 3] = [Self::BuyerIsMaker, Self::Side, Self::MakerSide];

    /// The word for it in [`Names`].
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Quantity => "quantity",
            Self::Time => "time",
            Self::Side => "side",
            Self::MakerSide => "maker_side",
            Self::BuyerIsMaker => "is_buyer_maker",
            Self::Symbol => "symbol",
        }
    }
}

/// Names of columns that are not the usual ones. A symbol whose column has an empty name is not read, and a side is
/// inferred.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<(Role, String)>);

impl std::str::FromStr for Names {
    type Err = String;

    /// `price=px,quantity=size`.
    fn from_str(text: &str) -> Result<Self, String> {
        let pair = |pair: &str| {
            let (role, name) = pair.split_once('=').ok_or("not `<what>=<name of the column>`")?;
            let role = Role::ALL.into_iter().find(|known| known.word() == role.trim()).ok_or(
                "there are `price`, `quantity`, `time`, `side`, `maker_side`, `is_buyer_maker` and `symbol`",
            )?;
            let name = name.trim();
            if name.is_empty() && !matches!(role, Role::Symbol | Role::Side) {
                return Err("only `symbol=` and `side=` may name no column");
            }
            Ok((role, name.to_owned()))
        };
        let names: Vec<_> = text.split(',').map(pair).collect::<Result<_, _>>()?;
        let kind = |role: Role| if Role::SIDES.contains(&role) { Role::Side } else { role };
        for (index, (role, _)) in names.iter().enumerate() {
            if let Some((other, _)) =
                names.iter().take(index).find(|(other, _)| kind(*other) == kind(*role))
            {
                return Err(if other == role {
                    format!("`{}` is named twice", role.word())
                } else {
                    format!("`{}` and `{}` both say the side", other.word(), role.word())
                });
            }
        }
        Ok(Self(names))
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

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn given(&self, role: Role) -> Option<&str> {
        self.0.iter().find(|(given, _)| *given == role).map(|(_, name)| name.as_str())
    }

    /// The column of the side, and what it says.
    pub(super) fn side(&self) -> Option<(Role, &str)> {
        Role::SIDES.into_iter().find_map(|role| Some((role, self.given(role)?)))
    }
}

/// `ts` and seconds of `ts:s`.
pub(super) fn with_unit(name: &str) -> Option<(&str, UnitName)> {
    let (name, unit) = name.rsplit_once(':')?;
    Some((name, UnitName::ALL.into_iter().find(|known| known.word() == unit)?))
}
