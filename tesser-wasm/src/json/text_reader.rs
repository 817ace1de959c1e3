//! JSON text -> tokens. Nothing here is generic, so it is compiled once.

use std::borrow::Cow;

use super::Error;
use super::token::{Number, Token};

/// Maximum nesting of arrays and objects, the same as in `serde_json`: a recursive type would
/// overflow the stack.
const MAX_DEPTH: u8 = 128;

/// A position in a text.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: u8,
}

impl<'de> Reader<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Behind the bracket that a text begins with.
    pub(super) fn inside(text: &'de str) -> Self {
        Self { text, at: 1, depth: 1 }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space; it is not consumed.
    #[inline(never)]
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    /// Reads the next value; of an array or object only the opening bracket.
    #[inline(never)]
    pub(super) fn token(&mut self) -> Result<Token<'de>, Error> {
        Ok(match self.peek() {
            Some(b'"') => Token::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Token::Number(Number::Text(self.number()?)),
            Some(b'{') => {
                self.enter()?;
                Token::Object
            }
            Some(b'[') => {
                self.enter()?;
                Token::Array
            }
            Some(b'n') => self.word("null", Token::Null)?,
            Some(b't') => self.word("true", Token::Bool(true))?,
            Some(b'f') => self.word("false", Token::Bool(false))?,
            Some(_) => return Err(Error::new("expected value")),
            None => return Err(Error::new("EOF while parsing a value")),
        })
    }

    fn word(&mut self, word: &str, token: Token<'de>) -> Result<Token<'de>, Error> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(Error::new("expected ident"));
        }
        self.at += word.len();
        Ok(token)
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.at += 1;
        self.depth += 1;
        if self.depth == MAX_DEPTH {
            return Err(Error::new("recursion limit exceeded"));
        }
        Ok(())
    }

    /// Whether another element follows; consumes the comma or the closing bracket.
    #[inline(never)]
    pub(super) fn more(&mut self, first: bool, close: u8) -> Result<bool, Error> {
        let more = self.separated(first, close)?;
        if !more {
            self.depth -= 1;
        }
        Ok(more)
    }

    fn separated(&mut self, first: bool, close: u8) -> Result<bool, Error> {
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                if self.peek() == Some(close) {
                    return Err(Error::new("trailing comma"));
                }
                Ok(true)
            }
            Some(_) => Err(Error::new("expected `,` or the closing bracket")),
            None => Err(Error::new("EOF while parsing an array or object")),
        }
    }

    /// Reads a key and its colon.
    #[inline(never)]
    pub(super) fn key(&mut self) -> Result<Cow<'de, str>, Error> {
        self.quote()?;
        let key = self.string()?;
        self.colon()?;
        Ok(key)
    }

    fn quote(&mut self) -> Result<(), Error> {
        if self.peek() == Some(b'"') { Ok(()) } else { Err(Error::new("key must be a string")) }
    }

    fn colon(&mut self) -> Result<(), Error> {
        if self.peek() != Some(b':') {
            return Err(Error::new("expected `:`"));
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<Cow<'de, str>, Error> {
        self.at += 1;
        let mut unescaped = String::new();
        let mut start = self.at;
        loop {
            let byte = self.byte();
            // Both ends are next to ASCII bytes, so the slice always exists.
            let run = || self.text.get(start..self.at).unwrap_or_default();
            match byte {
                Some(b'"') => {
                    let run = run();
                    self.at += 1;
                    if unescaped.is_empty() {
                        return Ok(Cow::Borrowed(run));
                    }
                    unescaped.push_str(run);
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => {
                    unescaped.push_str(run());
                    self.at += 1;
                    unescaped.push(self.escape()?);
                    start = self.at;
                }
                other => self.in_string(other)?,
            }
        }
    }

    #[inline]
    fn in_string(&mut self, byte: Option<u8>) -> Result<(), Error> {
        match byte {
            None => Err(Error::new("EOF while parsing a string")),
            Some(0..0x20) => Err(Error::new("control character while parsing a string")),
            Some(_) => {
                self.at += 1;
                Ok(())
            }
        }
    }

    fn take(&mut self) -> Result<u8, Error> {
        let byte = self.byte().ok_or_else(|| Error::new("EOF while parsing a string"))?;
        self.at += 1;
        Ok(byte)
    }

    fn escape(&mut self) -> Result<char, Error> {
        Ok(match self.take()? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'u' => return self.unicode(),
            _ => return Err(Error::new("invalid escape")),
        })
    }

    fn unicode(&mut self) -> Result<char, Error> {
        let mut code = self.hex()?;
        if let 0xD800..=0xDBFF = code {
            if self.take()? != b'\\' || self.take()? != b'u' {
                return Err(Error::new("lone surrogate in an escape"));
            }
            // If this is not a low surrogate, the resulting code is not a character.
            let second = self.hex()?.wrapping_sub(0xDC00);
            code = if second < 0x400 { 0x10000 + ((code - 0xD800) << 10) + second } else { 0xD800 };
        }
        char::from_u32(code).ok_or_else(|| Error::new("lone surrogate in an escape"))
    }

    fn hex(&mut self) -> Result<u32, Error> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.take()?).to_digit(16);
            code = code * 16 + digit.ok_or_else(|| Error::new("invalid escape"))?;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<&'de str, Error> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
            if let Some(b'0'..=b'9') = self.byte() {
                return Err(Error::new("invalid number"));
            }
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if start == self.at { Err(Error::new("invalid number")) } else { Ok(()) }
    }

    /// Skips a value of any depth, without recursion.
    #[inline(never)]
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        let mut open = Vec::new();
        loop {
            let mut first = true;
            match self.peek() {
                Some(b'{') => open.push(b'}'),
                Some(b'[') => open.push(b']'),
                Some(b'"') => {
                    self.skip_string()?;
                    first = false;
                }
                _ => {
                    self.token()?;
                    first = false;
                }
            }
            self.at += usize::from(first);
            // Closes the arrays and objects that end here, and stops before the next value.
            loop {
                let Some(&close) = open.last() else { return Ok(()) };
                if self.separated(first, close)? {
                    if close == b'}' {
                        self.quote()?;
                        self.skip_string()?;
                        self.colon()?;
                    }
                    break;
                }
                open.pop();
                first = false;
            }
        }
    }

    /// Takes a value; returns its text.
    #[inline(never)]
    pub(super) fn raw(&mut self) -> Result<&'de str, Error> {
        self.peek();
        let start = self.at;
        self.skip()?;
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Like `serde_json`, does not mind surrogates here.
    fn skip_string(&mut self) -> Result<(), Error> {
        self.at += 1;
        loop {
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    if self.byte() == Some(b'u') {
                        self.at += 1;
                        self.hex()?;
                    } else {
                        self.escape()?;
                    }
                }
                other => self.in_string(other)?,
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Fails if anything except white space is left.
    #[inline(never)]
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        if self.peek().is_some() { Err(Error::new("trailing characters")) } else { Ok(()) }
    }

    /// Line and column, from 1.
    #[cold]
    #[inline(never)]
    pub(super) fn position(&self) -> (usize, usize) {
        let (mut line, mut column) = (1, 1);
        for &byte in self.text.as_bytes().iter().take(self.at) {
            column += 1;
            if byte == b'\n' {
                line += 1;
                column = 1;
            }
        }
        (line, column)
    }
}
