//! Any `Serialize` type -> JSON text, byte for byte as `serde_json` writes it.
//!
//! The host asks for the state after every callback. `serde_json` writes a few bytes at a time through
//! `io::Write`; this module writes into a vector that already has enough capacity.

use std::cell::Cell;

use serde_core::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::Error;
#[cfg(feature = "guest")]
use crate::decimal;
use crate::decimal::LENGTH;
#[cfg(feature = "guest")]
use rust_decimal::Decimal;

/// Name under which `serde_json` passes on a number whose text it keeps.
const NUMBER: &str = "$serde_json::private::Number";
const RAW: &str = "$serde_json::private::RawValue";

/// Newtype name that identifies a `Cached`. Every other serializer ignores the name of a newtype.
pub(crate) const CACHED: &str = "$tesser_wasm::private::Cached";

std::thread_local! {
    /// Set before this writer serializes a `Cached`, which cannot find out which serializer it has.
    static TAKES_JSON: Cell<bool> = const { Cell::new(false) };
}

/// Whether the current serializer accepts text that is already JSON. Resets the flag.
#[cfg(feature = "guest")]
pub(crate) fn takes_json() -> bool {
    TAKES_JSON.take()
}

/// The JSON written so far.
pub(crate) struct Writer {
    bytes: Vec<u8>,
    /// Whether the next text is already JSON.
    written: bool,
    /// Buffer for the digits of numbers. A new one for each number would be zeroed with a call to `memory.fill`.
    digits: [u8; LENGTH],
}

impl Writer {
    pub(crate) fn with_capacity(room: usize) -> Self {
        Self { bytes: Vec::with_capacity(room), written: false, digits: [0; LENGTH] }
    }

    pub(crate) fn finish(self) -> String {
        // SAFETY: only `str`s and ASCII are written.
        #[expect(unsafe_code, reason = "the check would take a third of a snapshot's time")]
        unsafe {
            String::from_utf8_unchecked(self.bytes)
        }
    }

    /// Appends text that needs no escapes.
    #[inline(never)]
    pub(crate) fn plain(&mut self, text: &str) {
        copy(&mut self.bytes, text.as_bytes());
    }

    #[inline(never)]
    pub(crate) fn string(&mut self, text: &str) {
        self.bytes.push(b'"');
        if may_need_escape(text.as_bytes()) {
            self.escaped(text.as_bytes());
        } else {
            copy(&mut self.bytes, text.as_bytes());
        }
        self.bytes.push(b'"');
    }

    #[inline(never)]
    fn escaped(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte < b' ' || byte == b'"' || byte == b'\\' {
                self.escape(byte);
            } else {
                self.bytes.push(byte);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn escape(&mut self, byte: u8) {
        let hex = |half: u8| if half < 10 { b'0' + half } else { b'a' - 10 + half };
        self.bytes.push(b'\\');
        match byte {
            b'\n' => self.bytes.push(b'n'),
            b'\r' => self.bytes.push(b'r'),
            b'\t' => self.bytes.push(b't'),
            0x8 => self.bytes.push(b'b'),
            0xc => self.bytes.push(b'f'),
            b'"' | b'\\' => self.bytes.push(byte),
            _ => self.bytes.extend([b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]),
        }
    }

    #[inline(never)]
    pub(crate) fn integer(&mut self, number: u64) {
        if let Ok(digit @ 0..10) = u8::try_from(number) {
            return self.bytes.push(b'0' + digit);
        }
        let mut at = LENGTH;
        let mut put = |digit: u8| {
            at = at.wrapping_sub(1) % LENGTH;
            self.digits[at] = b'0' + digit;
        };
        // Until the rest fits into 32 bits: the compiler divides those by ten with a multiplication.
        let mut long = number;
        while long > u64::from(u32::MAX) {
            put((long % 10) as u8);
            long /= 10;
        }
        let mut rest = (long & 0xFFFF_FFFF) as u32;
        loop {
            put((rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        copy(&mut self.bytes, &self.digits[at..]);
    }

    /// Appends a decimal as a string.
    #[cfg(feature = "guest")]
    #[inline(never)]
    pub(crate) fn decimal(&mut self, value: Decimal) {
        self.bytes.push(b'"');
        copy(&mut self.bytes, decimal::digits(value, &mut self.digits));
        self.bytes.push(b'"');
    }

    /// Appends text that is known at compile time and needs no escapes: a few stores.
    #[cfg(feature = "exec")]
    #[inline]
    pub(crate) fn literal<const N: usize>(&mut self, text: &'static [u8; N]) {
        debug_assert!(text.is_ascii());
        self.bytes.extend_from_slice(text);
    }

    /// Appends a bracket or comma; the high bit is cleared, so that the byte is always ASCII.
    #[cfg(feature = "exec")]
    pub(crate) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte & 0x7F);
    }

    fn text(&mut self, text: &str) {
        if std::mem::take(&mut self.written) {
            return self.plain(text);
        }
        self.string(text);
    }

    fn open(&mut self, text: &str, close: &'static str) -> Compound<'_> {
        self.plain(text);
        Compound { writer: self, first: true, close, number: false }
    }

    /// Appends `{"variant":` and what follows.
    fn variant(&mut self, variant: &str, open: &str, close: &'static str) -> Compound<'_> {
        self.bytes.push(b'{');
        self.string(variant);
        self.bytes.push(b':');
        self.open(open, close)
    }

    /// Converts a key: a number, boolean or variant becomes a string; other types are refused.
    #[inline(never)]
    fn finish_key(&mut self, start: usize) -> Result<(), Error> {
        match self.bytes.get(start) {
            Some(b'"') => {}
            Some(b'0'..=b'9' | b'-' | b't' | b'f') => {
                self.bytes.insert(start, b'"');
                self.bytes.push(b'"');
            }
            _ => return Err(Error::new("key must be a string")),
        }
        self.bytes.push(b':');
        Ok(())
    }
}

/// For a few bytes, copying words is cheaper than `memory.copy`, which is a call into the engine.
#[inline]
fn copy(out: &mut Vec<u8>, bytes: &[u8]) {
    match bytes.len() {
        0..4 => {
            for &byte in bytes {
                out.push(byte);
            }
        }
        4..8 => copy_words::<4>(out, bytes),
        8..65 => copy_words::<8>(out, bytes),
        _ => out.extend_from_slice(bytes),
    }
}

/// Copies `N` bytes with each store; the last store overlaps the one before.
#[inline]
fn copy_words<const N: usize>(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len());
    for word in bytes.chunks_exact(N) {
        out.extend_from_slice(word.first_chunk().unwrap_or(&[0; N]));
    }
    let rest = bytes.len() % N;
    if let (1.., Some(last)) = (rest, bytes.last_chunk::<N>()) {
        out.truncate(out.len().saturating_sub(N - rest));
        out.extend_from_slice(last);
    }
}

/// Whether a text may contain a control character, a quote or a backslash. It checks several bytes at
/// once, and may report some that do not need an escape.
#[inline]
fn may_need_escape(bytes: &[u8]) -> bool {
    const HALF: u64 = 0x2020_2020 << 32;
    let half = |bytes: [u8; 4]| word_may_need_escape(u64::from(u32::from_le_bytes(bytes)) | HALF);
    match (bytes.first_chunk(), bytes.last_chunk(), bytes.last_chunk()) {
        (_, _, Some(last)) => {
            let word = |word: &[u8]| u64::from_le_bytes(*word.first_chunk().unwrap_or(&[0; 8]));
            word_may_need_escape(u64::from_le_bytes(*last))
                || bytes.chunks_exact(8).any(|chunk| word_may_need_escape(word(chunk)))
        }
        (Some(first), Some(last), None) => half(*first) || half(*last),
        _ => bytes.iter().any(|&byte| byte < b' ' || byte == b'"' || byte == b'\\'),
    }
}

#[inline]
fn word_may_need_escape(word: u64) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Sets the high bit of each byte below `bound`, and of some others, since bytes borrow from each other.
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, b' ') | is(b'"') | is(b'\\')) & HIGH != 0
}

/// An array or object that is being written.
pub(crate) struct Compound<'a> {
    writer: &'a mut Writer,
    first: bool,
    close: &'static str,
    number: bool,
}

impl Compound<'_> {
    fn comma(&mut self) {
        if !self.first {
            self.writer.bytes.push(b',');
        }
        self.first = false;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.comma();
        value.serialize(&mut *self.writer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Error> {
        if self.number {
            self.writer.written = true;
        } else {
            self.name(key);
        }
        value.serialize(&mut *self.writer)
    }

    #[inline(never)]
    fn name(&mut self, key: &str) {
        self.comma();
        self.writer.string(key);
        self.writer.bytes.push(b':');
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
                writer.bytes.push(b'-');
            }
            writer.integer(value.unsigned_abs());
        };
        serialize_f32(f32) = |writer, value| writer.plain(&serde_json::to_string(&value).unwrap_or_default());
        serialize_f64(f64) = |writer, value| writer.plain(&serde_json::to_string(&value).unwrap_or_default());
        serialize_char(char) = |writer, value| writer.string(value.encode_utf8(&mut [0; 4]));
        serialize_str(&str) = |writer, value| writer.text(value);
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
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.written = name == CACHED;
        TAKES_JSON.set(self.written);
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
        let start = self.writer.bytes.len();
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
