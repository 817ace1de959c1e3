//! One interface to text and `Value` as sources of tokens.

use std::borrow::Cow;

use super::text_reader::Reader;
use super::token::Token;
use super::{Error, Json};

/// The source of tokens.
pub(crate) enum Input<'de> {
    Text(Reader<'de>),
    Tree(Box<dyn Tokens<'de> + 'de>),
}

/// The tokens of a `Value`. Behind a pointer, so that a plugin that reads none has no code for it.
pub(crate) trait Tokens<'de> {
    fn token(&mut self) -> Token<'de>;
    /// Whether `null` comes next.
    fn is_null(&self) -> bool;
    /// Whether another element follows; leaves the array or object when none does.
    fn more(&mut self) -> bool;
    fn key(&self) -> &'de str;
    fn skip(&mut self);
}

impl<'de> Input<'de> {
    #[inline(never)]
    pub(super) fn token(&mut self) -> Result<Token<'de>, Error> {
        match self {
            Self::Text(reader) => reader.token(),
            Self::Tree(walker) => Ok(walker.token()),
        }
    }

    /// Whether `null` comes next; it is not consumed.
    pub(super) fn is_null(&mut self) -> bool {
        match self {
            // No other value begins with it.
            Self::Text(reader) => reader.peek() == Some(b'n'),
            Self::Tree(walker) => walker.is_null(),
        }
    }

    /// Whether another element of an array (`]`) or object (`}`) follows. If not, the closing bracket is consumed.
    #[inline(never)]
    pub(super) fn more(&mut self, first: bool, close: u8) -> Result<bool, Error> {
        match self {
            Self::Text(reader) => reader.more(first, close),
            Self::Tree(walker) => Ok(walker.more()),
        }
    }

    /// The key of the next value of an object.
    #[inline(never)]
    pub(super) fn key(&mut self) -> Result<Cow<'de, str>, Error> {
        match self {
            Self::Text(reader) => reader.key(),
            Self::Tree(walker) => Ok(Cow::Borrowed(walker.key())),
        }
    }

    #[inline(never)]
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        match self {
            Self::Text(reader) => reader.skip(),
            Self::Tree(walker) => {
                walker.skip();
                Ok(())
            }
        }
    }

    /// The text of a value, which a tree does not have.
    pub(super) fn raw(&mut self) -> Result<Json<'de>, Error> {
        match self {
            Self::Text(reader) => reader.raw().map(Json::of_value),
            Self::Tree(_) => Err(Error::new("expected text")),
        }
    }

    /// Fails when there is something after the value.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        match self {
            Self::Text(reader) => reader.finish(),
            Self::Tree(_) => Ok(()),
        }
    }

    pub(super) fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Text(reader) => Some(reader.position()),
            Self::Tree(_) => None,
        }
    }
}
