//! State that survives a restart, as JSON: the [`State`] trait and the [`state!`](crate::state) macro that implements it.

use std::fmt;

use rust_decimal::Decimal;
use serde_core::{Serialize, de::DeserializeOwned};

use crate::json::{self, Elements, Json, Object, Writer};

/// State of an algorithm. Use [`state!`](crate::state) for your own struct, `()` for an algorithm without state, and [`Serde`] for
/// types that implement serde's traits.
///
/// The host passes the state through `serde_json::Value`, so decimals are written as text.
pub trait State: Sized {
    /// Writes one JSON value.
    fn write(&self, out: &mut StateWriter);

    /// Reads what [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// Anything else. The kit then refuses the state, so that the algorithm does not work on a wrong one.
    fn read(value: Json<'_>) -> Result<Self, StateError>;
}

/// Writes JSON values of a [`State`].
pub struct StateWriter {
    writer: Writer,
    first: bool,
}

impl StateWriter {
    pub(super) fn with_capacity(room: usize) -> Self {
        Self { writer: Writer::with_capacity(room), first: true }
    }

    pub(super) fn finish(self) -> String {
        self.writer.finish()
    }

    /// Appends text that is already JSON.
    pub(super) fn json(&mut self, json: &str) {
        self.writer.plain(json);
    }

    /// Appends JSON that is known at compile time: a few stores instead of a call and a loop, since the host asks for the
    /// state after
    /// every callback.
    #[inline]
    pub(super) fn literal<const N: usize>(&mut self, json: &'static [u8; N]) {
        self.writer.literal(json);
    }

    /// Opens an object (`{`) or array (`[`).
    #[inline(never)]
    pub fn open(&mut self, bracket: u8) {
        self.writer.byte(bracket);
        self.first = true;
    }

    /// Closes what [`open`](Self::open) opened, with `}` or `]`.
    #[inline(never)]
    pub fn close(&mut self, bracket: u8) {
        self.writer.byte(bracket);
        self.first = false;
    }

    /// Begins the next element of an array.
    #[inline(never)]
    pub fn element(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.writer.byte(b',');
        }
    }

    /// Begins the next field of an object; its value must follow.
    #[inline(never)]
    pub fn name(&mut self, name: &str) {
        self.element();
        self.writer.byte(b'"');
        self.writer.plain(name);
        self.writer.plain("\":");
    }

    /// Like [`name`](Self::name), for a name that already has its quotes and colon.
    #[doc(hidden)]
    pub fn key(&mut self, key: &str) {
        self.element();
        self.writer.plain(key);
    }

    /// Writes a field whose value is a [`State`].
    pub fn field<T: State>(&mut self, name: &str, value: &T) {
        self.name(name);
        value.write(self);
    }
}

impl fmt::Debug for StateWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StateWriter").finish_non_exhaustive()
    }
}

/// Why a state cannot be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateError {
    message: String,
}

impl StateError {
    /// Creates an error with this text.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn new(message: &str) -> Self {
        Self { message: message.to_owned() }
    }

    pub(super) fn text(&self) -> &str {
        &self.message
    }

    /// Says in which field it happened.
    #[cold]
    #[inline(never)]
    fn within(self, field: &str) -> Self {
        let mut message = String::from("`");
        message.push_str(field);
        message.push_str("`: ");
        message.push_str(&self.message);
        Self { message }
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for StateError {}

/// Returns the value as an object, if it has only these fields.
///
/// # Errors
/// If it is any other value.
#[doc(hidden)]
#[inline(never)]
pub fn object<'a>(value: Json<'a>, fields: &[&str]) -> Result<Object<'a>, StateError> {
    let object = value.fields().ok_or_else(|| StateError::new("expected an object"))?;
    let unknown = object.keys().find(|key| !fields.contains(key));
    match unknown.map(|name| StateError::new("unknown field").within(name)) {
        Some(error) => Err(error),
        None => Ok(object),
    }
}

/// Values that are read one after the other: the elements of an array, or the fields of an object in a given order.
///
/// The first error is kept for [`end`](Self::end), and all later values read as zero: one check instead of one for each of
/// the forty values of the kit's own state.
pub(super) struct Parts<'a> {
    source: Source<'a>,
    at: usize,
    error: Option<StateError>,
}

enum Source<'a> {
    List(Elements<'a>),
    None,
    Fields(Object<'a>, &'a [&'static str]),
}

impl<'a> Parts<'a> {
    /// The elements of an array of exactly this length.
    #[inline(never)]
    pub(super) fn list(value: Json<'a>, length: usize) -> Self {
        let list = value.elements().filter(|list| list.clone().count() == length);
        let source = list.map_or(Source::None, Source::List);
        let mut parts = Self { source, at: 0, error: None };
        if let Source::None = parts.source {
            parts.fail("expected a list, or one of another length");
        }
        parts
    }

    /// The values of an object that has exactly these fields.
    #[inline(never)]
    pub(super) fn fields(value: Json<'a>, names: &'a [&'static str]) -> Self {
        match object(value, names) {
            Ok(object) => Self { source: Source::Fields(object, names), at: 0, error: None },
            Err(error) => Self { source: Source::None, at: 0, error: Some(error) },
        }
    }

    #[inline(never)]
    pub(super) fn next(&mut self) -> Json<'a> {
        let at = self.at;
        self.at += 1;
        let value = match &mut self.source {
            Source::None => None,
            Source::List(list) => list.next(),
            Source::Fields(object, names) => names.get(at).and_then(|name| object.get(name)),
        };
        value.unwrap_or_else(|| {
            self.missing(at);
            Json::NULL
        })
    }

    #[cold]
    #[inline(never)]
    fn missing(&mut self, at: usize) {
        let name = match &self.source {
            Source::Fields(_, names) => names.get(at).copied().unwrap_or_default(),
            Source::List(_) | Source::None => "an element",
        };
        self.error.get_or_insert_with(|| StateError::new("missing").within(name));
    }

    #[cold]
    #[inline(never)]
    pub(super) fn fail(&mut self, message: &str) {
        self.error.get_or_insert_with(|| StateError::new(message));
    }

    #[inline(never)]
    pub(super) fn i64(&mut self) -> i64 {
        let number = self.next().as_i64();
        if number.is_none() {
            self.fail("expected a whole number");
        }
        number.unwrap_or_default()
    }

    #[inline(never)]
    pub(super) fn u32(&mut self) -> u32 {
        let number = u32::try_from(self.i64());
        if number.is_err() {
            self.fail("a number is out of range");
        }
        number.unwrap_or_default()
    }

    #[inline(never)]
    pub(super) fn decimal(&mut self) -> Decimal {
        let number = self.next().as_decimal();
        if number.is_none() {
            self.fail("expected a decimal as a string");
        }
        number.unwrap_or_default()
    }

    /// The value as a `T`.
    #[inline(never)]
    pub(super) fn read<T: State + Default>(&mut self) -> T {
        T::read(self.next()).unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            T::default()
        })
    }

    /// The first error of all.
    #[inline(never)]
    pub(super) fn end(self) -> Result<(), StateError> {
        self.error.map_or(Ok(()), Err)
    }
}

/// Reads a field of an object.
///
/// # Errors
/// If it is missing or does not have the expected type.
#[doc(hidden)]
pub fn field<T: State>(object: &Object<'_>, name: &str) -> Result<T, StateError> {
    match object.get(name) {
        Some(value) => T::read(value).map_err(|error| error.within(name)),
        None => Err(StateError::new("missing").within(name)),
    }
}

/// Reads a field that older states do not have; `default` if it is missing.
///
/// # Errors
/// If it does not have the expected type.
#[doc(hidden)]
pub fn field_or<T: State>(object: &Object<'_>, name: &str, default: T) -> Result<T, StateError> {
    if object.get(name).is_some() { field(object, name) } else { Ok(default) }
}

/// A [`State`] from a type that implements serde's traits: `type State = Serde<MyState>`. It takes more code than
/// [`state!`](crate::state).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serde<T>(pub T);

impl<T: Serialize + DeserializeOwned> State for Serde<T> {
    fn write(&self, out: &mut StateWriter) {
        // If it cannot be written, the text is not JSON, so the host refuses the snapshot.
        out.json(&json::to_string(&self.0, 64).unwrap_or_default());
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        json::from_str(value.text()).map(Self).map_err(|error| StateError::new(&error.text()))
    }
}

impl State for () {
    fn write(&self, out: &mut StateWriter) {
        out.writer.plain("null");
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        if value.is_null() { Ok(()) } else { Err(StateError::new("expected null")) }
    }
}

impl State for bool {
    fn write(&self, out: &mut StateWriter) {
        out.writer.plain(if *self { "true" } else { "false" });
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        value.as_bool().ok_or_else(|| StateError::new("expected a boolean"))
    }
}

impl State for u64 {
    fn write(&self, out: &mut StateWriter) {
        out.writer.integer(*self);
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        value.as_u64().ok_or_else(|| StateError::new("expected a whole number"))
    }
}

impl State for u32 {
    fn write(&self, out: &mut StateWriter) {
        out.writer.integer((*self).into());
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        Self::try_from(u64::read(value)?).map_err(|_| StateError::new("the number is too large"))
    }
}

impl State for i64 {
    fn write(&self, out: &mut StateWriter) {
        if *self < 0 {
            out.writer.byte(b'-');
        }
        out.writer.integer(self.unsigned_abs());
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        value.as_i64().ok_or_else(|| StateError::new("expected a whole number"))
    }
}

impl State for Decimal {
    fn write(&self, out: &mut StateWriter) {
        out.writer.decimal(*self);
    }

    #[inline(never)]
    fn read(value: Json<'_>) -> Result<Self, StateError> {
        value.as_decimal().ok_or_else(|| StateError::new("expected a decimal as a string"))
    }
}

impl State for String {
    fn write(&self, out: &mut StateWriter) {
        out.writer.string(self);
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        let text = value.as_str().ok_or_else(|| StateError::new("expected a string"))?;
        Ok(text.into_owned())
    }
}

impl<T: State> State for Option<T> {
    fn write(&self, out: &mut StateWriter) {
        match self {
            Some(value) => value.write(out),
            None => out.writer.plain("null"),
        }
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        if value.is_null() { Ok(None) } else { T::read(value).map(Some) }
    }
}

impl<T: State> State for Vec<T> {
    fn write(&self, out: &mut StateWriter) {
        out.open(b'[');
        for value in self {
            out.element();
            value.write(out);
        }
        out.close(b']');
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        let values = value.elements().ok_or_else(|| StateError::new("expected a list"))?;
        let mut list = Vec::new();
        for value in values {
            list.push(T::read(value)?);
        }
        Ok(list)
    }
}

/// Defines a struct that can be the [`State`] of an algorithm or a part of it.
///
/// Fields are `bool`, `u32`, `u64`, `i64`, `Decimal`, `String`, other such structs, and `Option` and `Vec` of these. A field
/// that is added later needs a default for states that were saved earlier: `name: Type = value`.
///
/// ```
/// use rust_decimal::Decimal;
///
/// tesser_wasm::state! {
///     /// The best price so far.
///     #[derive(Default)]
///     pub struct Trail {
///         pub best: Option<Decimal>,
///         pub fired: bool,
///         pub orders: u32 = 0,
///     }
/// }
/// # let _ = Trail::default();
/// ```
#[macro_export]
macro_rules! state {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty $(= $default:expr)?),* $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $ty),*
        }

        impl $crate::exec::State for $name {
            fn write(&self, out: &mut $crate::exec::StateWriter) {
                out.open(b'{');
                $(
                    out.key(concat!("\"", stringify!($field), "\":"));
                    self.$field.write(out);
                )*
                out.close(b'}');
            }

            fn read(
                value: $crate::exec::Json<'_>,
            ) -> ::std::result::Result<Self, $crate::exec::StateError> {
                let object = $crate::exec::state::object(value, &[$(stringify!($field)),*])?;
                ::std::result::Result::Ok(Self {
                    $($field: $crate::__state_field!(object, stringify!($field) $(, $default)?)?),*
                })
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __state_field {
    ($object:ident, $name:expr) => {
        $crate::exec::state::field(&$object, $name)
    };
    ($object:ident, $name:expr, $default:expr) => {
        $crate::exec::state::field_or(&$object, $name, $default)
    };
}
