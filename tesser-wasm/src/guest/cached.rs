//! A part of the state whose JSON is kept until the part changes.
//!
//! In: any state. Out: the same JSON as without `Cached`, but faster.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json;

/// Wraps a part of the state that changes with orders and fills but not with every tick. Its JSON is kept and
/// only written again after a change.
///
/// The host asks for the state after **every** callback, so this pays off for a state with many orders. Use it
/// like the value inside; every mutable borrow counts as a change. The JSON is the same as the value's own, so a
/// state saved without `Cached` can be read with it, and the other way round.
///
/// Do not wrap a value that changes through a shared reference (`Cell`, `RefCell`): `Cached` would not notice the change.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tesser_wasm::Cached;
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct State {
///     ticks: u32,
///     order_ids: Cached<Vec<String>>,
/// }
///
/// let mut state = State::default();
/// state.order_ids.push("42".into());
/// assert_eq!(state.order_ids.len(), 1);
/// assert_eq!(serde_json::to_string(&state)?, r#"{"ticks":0,"order_ids":["42"]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Cached<T> {
    value: T,
    /// Empty when the JSON has to be written.
    json: RefCell<String>,
}

impl<T> Cached<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self { value, json: RefCell::new(String::new()) }
    }

    /// Returns the value.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> From<T> for Cached<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Clone> Clone for Cached<T> {
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl<T: PartialEq> PartialEq for Cached<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Cached<T> {}

impl<T> Deref for Cached<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Cached<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.json.get_mut().clear();
        &mut self.value
    }
}

impl<T: Serialize> Serialize for Cached<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(json::CACHED, &Part(self))
    }
}

/// Passes the JSON to this crate's own writer, and the value to any other serializer.
struct Part<'a, T>(&'a Cached<T>);

impl<T: Serialize> Serialize for Part<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !json::takes_json() {
            return self.0.value.serialize(serializer);
        }
        let mut json = self.0.json.borrow_mut();
        if json.is_empty() {
            *json = json::to_string(&self.0.value, 256).map_err(serde_core::ser::Error::custom)?;
        }
        serializer.serialize_str(&json)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Cached<T> {
    // A separate function, so that the code around it is not compiled again for each type.
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct State {
        before: u32,
        part: Cached<Vec<Cached<String>>>,
        after: Option<u32>,
    }

    fn written(state: &State) -> String {
        let json = json::to_string(state, 0).unwrap();
        assert_eq!(json, serde_json::to_string(state).unwrap());
        assert_eq!(serde_json::from_str::<State>(&json).unwrap(), *state);
        json
    }

    #[test]
    fn the_json_is_the_values_own_and_follows_every_change() {
        let mut state = State::default();
        assert_eq!(written(&state), r#"{"before":0,"part":[],"after":null}"#);
        state.part.push(Cached::from("a\"b".to_owned()));
        state.before = 1;
        let one = r#"{"before":1,"part":["a\"b"],"after":null}"#;
        assert_eq!(written(&state), one);
        assert_eq!(written(&state), one);
        state.part[0].push('c');
        assert_eq!(written(&state.clone()), one.replace("a\\\"b", "a\\\"bc"));
        assert_eq!(written(&state), one.replace("a\\\"b", "a\\\"bc"));
        state.part.clear();
        state.after = Some(2);
        assert_eq!(written(&state), r#"{"before":1,"part":[],"after":2}"#);
    }

    #[test]
    fn what_has_not_changed_is_not_written_again() {
        struct Counted(std::cell::Cell<u32>);

        impl Serialize for Counted {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.set(self.0.get() + 1);
                serializer.serialize_u32(self.0.get())
            }
        }

        let mut part = Cached::new(Counted(std::cell::Cell::new(0)));
        assert_eq!(json::to_string(&part, 0).unwrap(), "1");
        assert_eq!(json::to_string(&part, 0).unwrap(), "1");
        let _ = &mut *part;
        assert_eq!(json::to_string(&part, 0).unwrap(), "2");
    }
}
