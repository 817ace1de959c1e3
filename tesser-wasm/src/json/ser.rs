//! Any `Serialize` type -> JSON text, byte for byte what `serde_json` writes.
//!
//! The host asks for the state after every callback. `serde_json` writes in pieces of a few bytes through
//! `io::Write`; this writes bytes into a vector that has room.

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::Error;

/// How `serde_json` hands over a number whose text it keeps.
const NUMBER: &str = "$serde_json::private::Number";
const RAW: &str = "$serde_json::private::RawValue";

/// What has been written.
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    #[inline(never)]
    fn plain(&mut self, text: &str) {
        // Not `extend`: for a few bytes a loop is cheaper than `memory.copy`, a call out of the plugin.
        for &byte in text.as_bytes() {
            self.0.push(byte);
        }
    }

    #[inline(never)]
    fn string(&mut self, text: &str) {
        self.0.reserve(text.len() + 2);
        self.0.push(b'"');
        for &byte in text.as_bytes() {
            if byte < b' ' || byte == b'"' || byte == b'\\' {
                self.escape(byte);
            } else {
                self.0.push(byte);
            }
        }
        self.0.push(b'"');
    }

    #[cold]
    #[inline(never)]
    fn escape(&mut self, byte: u8) {
        let hex = |half: u8| if half < 10 { b'0' + half } else { b'a' - 10 + half };
        self.0.push(b'\\');
        match byte {
            b'\n' => self.0.push(b'n'),
            b'\r' => self.0.push(b'r'),
            b'\t' => self.0.push(b't'),
            0x8 => self.0.push(b'b'),
            0xc => self.0.push(b'f'),
            b'"' | b'\\' => self.0.push(byte),
            _ => self.0.extend([b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]),
        }
    }

    #[inline(never)]
    fn integer(&mut self, mut number: u64) {
        let start = self.0.len();
        loop {
            self.0.push(b'0' + (number % 10) as u8);
            number /= 10;
            if number == 0 {
                break;
            }
        }
        if let Some(digits) = self.0.get_mut(start..) {
            digits.reverse();
        }
    }

    fn open(&mut self, text: &str, close: &'static str) -> Compound<'_> {
        self.plain(text);
        Compound { writer: self, first: true, close, number: false }
    }

    /// `{"variant":` and what follows.
    fn variant(&mut self, variant: &str, open: &str, close: &'static str) -> Compound<'_> {
        self.0.push(b'{');
        self.string(variant);
        self.0.push(b':');
        self.open(open, close)
    }

    /// A number, boolean or variant becomes a string; what is nothing of that is no key.
    #[inline(never)]
    fn finish_key(&mut self, start: usize) -> Result<(), Error> {
        match self.0.get(start) {
            Some(b'"') => {}
            Some(b'0'..=b'9' | b'-' | b't' | b'f') => {
                self.0.insert(start, b'"');
                self.0.push(b'"');
            }
            _ => return Err(Error::new("key must be a string")),
        }
        self.0.push(b':');
        Ok(())
    }
}

/// An array or object that is being written.
pub(super) struct Compound<'a> {
    writer: &'a mut Writer,
    first: bool,
    close: &'static str,
    number: bool,
}

impl Compound<'_> {
    fn comma(&mut self) {
        if !self.first {
            self.writer.0.push(b',');
        }
        self.first = false;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.comma();
        value.serialize(&mut *self.writer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Error> {
        if self.number {
            let start = self.writer.0.len();
            value.serialize(&mut *self.writer)?;
            // The digits without the quotes around them.
            self.writer.0.pop();
            self.writer.0.remove(start);
            return Ok(());
        }
        self.name(key);
        value.serialize(&mut *self.writer)
    }

    #[inline(never)]
    fn name(&mut self, key: &str) {
        self.comma();
        self.writer.string(key);
        self.writer.0.push(b':');
    }

    fn done(self) {
        self.writer.plain(self.close);
    }
}

macro_rules! simple {
    ($($method:ident($ty:ty) = |$writer:ident, $value:ident| $write:expr;)*) => {
        $(fn $method(self, $value: $ty) -> Result<(), Error> {
            let $writer = self;
            $write;
            Ok(())
        })*
    };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    simple! {
        serialize_bool(bool) = |writer, value| writer.plain(if value { "true" } else { "false" });
        serialize_u8(u8) = |writer, value| writer.integer(value.into());
        serialize_u16(u16) = |writer, value| writer.integer(value.into());
        serialize_u32(u32) = |writer, value| writer.integer(value.into());
        serialize_u64(u64) = |writer, value| writer.integer(value);
        serialize_u128(u128) = |writer, value| writer.plain(&value.to_string());
        serialize_i128(i128) = |writer, value| writer.plain(&value.to_string());
        serialize_i64(i64) = |writer, value| {
            if value < 0 {
                writer.0.push(b'-');
            }
            writer.integer(value.unsigned_abs());
        };
        serialize_f32(f32) = |writer, value| writer.plain(&serde_json::to_string(&value).unwrap_or_default());
        serialize_f64(f64) = |writer, value| writer.plain(&serde_json::to_string(&value).unwrap_or_default());
        serialize_char(char) = |writer, value| writer.string(value.encode_utf8(&mut [0; 4]));
        serialize_str(&str) = |writer, value| writer.string(value);
        serialize_unit_struct(&'static str) = |writer, _name| writer.plain("null");
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }
    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }
    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.collect_seq(value)
    }
    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Error> {
        self.plain("null");
        Ok(())
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.string(variant);
        Ok(())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut object = self.open("{", "}");
        object.field(variant, value)?;
        object.done();
        Ok(())
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        Ok(self.open("[", "]"))
    }
    fn serialize_tuple(self, _: usize) -> Result<Compound<'a>, Error> {
        Ok(self.open("[", "]"))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        Ok(self.open("[", "]"))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        Ok(self.variant(variant, "[", "]}"))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        Ok(self.open("{", "}"))
    }
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        match name {
            RAW => Err(Error::custom("a `RawValue` cannot be part of the state")),
            NUMBER => Ok(Compound { writer: self, first: true, close: "", number: true }),
            _ => Ok(self.open("{", "}")),
        }
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        Ok(self.variant(variant, "{", "}}"))
    }
}

macro_rules! compound {
    ($($of:ident::$method:ident($($key:ident)?) = $write:ident;)*) => {
        $(impl $of for Compound<'_> {
            type Ok = ();
            type Error = Error;
            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($key: &'static str,)?
                value: &T,
            ) -> Result<(), Error> {
                self.$write($($key,)? value)
            }
            fn end(self) -> Result<(), Error> {
                self.done();
                Ok(())
            }
        })*
    };
}

compound! {
    SerializeSeq::serialize_element() = element;
    SerializeTuple::serialize_element() = element;
    SerializeTupleStruct::serialize_field() = element;
    SerializeTupleVariant::serialize_field() = element;
    SerializeStruct::serialize_field(key) = field;
    SerializeStructVariant::serialize_field(key) = field;
}

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.comma();
        let start = self.writer.0.len();
        key.serialize(&mut *self.writer)?;
        self.writer.finish_key(start)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Error> {
        self.done();
        Ok(())
    }
}
