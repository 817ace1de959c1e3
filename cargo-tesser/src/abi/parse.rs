//! The text of a type -> its structure.
//!
//! In: types as [`Type`] writes them, such as `result<string, list<u8>>`, and what other names mean. Out: a
//! [`Type`] or a [`FuncType`] with every name resolved.

use super::{Error, FuncType, Type};

/// Type constructors that take arguments.
const OF: [&str; 6] = ["list", "option", "result", "tuple", "own", "borrow"];
const PRIMITIVES: [&str; 13] =
    ["bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "char", "string"];

/// Resolves a name that is not built into WIT.
type Named<'a> = &'a dyn Fn(&str) -> Result<Type, Error>;

impl Type {
    /// Reads the text of a type.
    ///
    /// # Errors
    /// If it is not the text of a type, or `named` does not know one of its names.
    pub fn parse(text: &str, named: Named<'_>) -> Result<Self, Error> {
        let mut reader = Reader { text, rest: text, named };
        let ty = reader.ty()?;
        reader.end()?;
        Ok(ty)
    }
}

impl FuncType {
    /// Reads the text of a function type, such as `func(string) -> u8`.
    ///
    /// # Errors
    /// The same as [`Type::parse`].
    pub fn parse(text: &str, named: Named<'_>) -> Result<Self, Error> {
        let mut reader = Reader { text, rest: text, named };
        if !(reader.eat("func") && reader.eat("(")) {
            return Err(reader.error());
        }
        let params = reader.list(")", Reader::ty)?;
        let result = if reader.eat("->") { Some(reader.ty()?) } else { None };
        reader.end()?;
        Ok(Self { params, result })
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    named: Named<'a>,
}

impl<'a> Reader<'a> {
    fn ty(&mut self) -> Result<Type, Error> {
        let word = self.word()?;
        if PRIMITIVES.contains(&word) {
            return Ok(Type::Primitive(word.to_owned()));
        }
        if let Some(name) = OF.iter().find(|name| **name == word) {
            let arguments =
                if self.eat("<") { self.list(">", Self::optional)? } else { Vec::new() };
            // A bare `result` has two empty cases.
            let missing =
                if *name == "result" { 2_usize.saturating_sub(arguments.len()) } else { 0 };
            return Ok(Type::Of(name, [arguments, vec![None; missing]].concat()));
        }
        if matches!(word, "record" | "variant" | "enum" | "flags") && !self.eat("{") {
            return Err(self.error());
        }
        match word {
            "record" => Ok(Type::Record(self.list("}", |this| {
                let name = this.word()?.strip_suffix(':').ok_or_else(|| this.error())?;
                Ok((name.to_owned(), this.ty()?))
            })?)),
            "variant" => Ok(Type::Variant(self.list("}", |this| {
                let name = this.word()?.to_owned();
                let payload = if this.eat("(") { Some(this.ty()?) } else { None };
                if payload.is_some() && !this.eat(")") {
                    return Err(this.error());
                }
                Ok((name, payload))
            })?)),
            "enum" => Ok(Type::Enum(self.list("}", Self::name)?)),
            "flags" => Ok(Type::Flags(self.list("}", Self::name)?)),
            name => (self.named)(name),
        }
    }

    fn optional(&mut self) -> Result<Option<Type>, Error> {
        if self.eat("_") { Ok(None) } else { self.ty().map(Some) }
    }

    fn name(&mut self) -> Result<String, Error> {
        self.word().map(ToOwned::to_owned)
    }

    /// Reads items separated by commas, up to the closing token.
    fn list<T>(
        &mut self,
        close: &str,
        item: impl Fn(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        while !self.eat(close) {
            if !items.is_empty() && !self.eat(",") {
                return Err(self.error());
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn word(&mut self) -> Result<&'a str, Error> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| c.is_whitespace() || "<>(){},".contains(c));
        let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = rest;
        if word.is_empty() { Err(self.error()) } else { Ok(word) }
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn end(&self) -> Result<(), Error> {
        if self.rest.trim().is_empty() { Ok(()) } else { Err(self.error()) }
    }

    fn error(&self) -> Error {
        Error::Type { text: self.text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(name: &str) -> Result<Type, Error> {
        Err(Error::UnknownType { name: name.to_owned() })
    }

    #[test]
    fn what_is_written_is_what_was_read() {
        for text in [
            "func()",
            "func(string, u64) -> list<tuple<string, option<char>>>",
            "func(borrow<u8>) -> result<_, enum { a, b }>",
            "func(record { x: f32, y: flags { on } }) -> variant { none, some(list<u8>) }",
            "func(result)",
            "func(result<string, _>)",
        ] {
            assert_eq!(FuncType::parse(text, &unknown).unwrap().to_string(), text);
        }
    }

    #[test]
    fn text_that_is_no_type_is_an_error_that_shows_it() {
        for text in
            ["", "func", "func(", "func(u8", "func(u8 u8)", "func() u8", "func(record { a })"]
        {
            let error = FuncType::parse(text, &unknown).unwrap_err();
            assert!(matches!(error, Error::Type { .. }), "{text}: {error}");
        }
        let error = FuncType::parse("func(thing)", &unknown).unwrap_err();
        assert!(matches!(error, Error::UnknownType { .. }), "{error}");
    }
}
