//! WASI as a host offers it.
//!
//! In: the WASI part of a profile. Out: the item behind a name.
//!
//! Signatures are only parsed when the first one is needed: most plugins import nothing, and parsing takes longer than all
//! checks of such a plugin.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::abi::{self, FuncType, Type};

/// The built-in signatures, by version of WASI.
const BUILT_IN: [(&str, &str); 1] = [("0.2.0", include_str!("../../hosts/wasi-0.2.0.toml"))];
/// Maximum depth of references between named types.
const MOST_NAMES: usize = 32;

/// WASI as a host offers it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wasi {
    /// The one version that it offers.
    pub version: String,
    /// Version of the preview1 adapter by the WASI version that it imports.
    #[serde(default)]
    pub adapters: BTreeMap<String, String>,
    /// The profile's own signatures; `None` means the built-in ones.
    signatures: Option<Signatures>,
    #[serde(skip)]
    built_in: OnceLock<Signatures>,
}

/// Interfaces and their items, as text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signatures {
    #[serde(default)]
    types: BTreeMap<String, String>,
    interfaces: BTreeMap<String, BTreeMap<String, String>>,
}

/// An item that a host offers in an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A resource.
    Resource,
    /// A function.
    Func(FuncType),
}

impl Wasi {
    /// Whether the signatures are known; if not, returns the known versions.
    pub fn is_known(&self) -> Result<(), String> {
        if self.signatures.is_some() || self.text().is_some() {
            return Ok(());
        }
        Err(BUILT_IN.map(|(version, _)| version).join(", "))
    }

    fn text(&self) -> Option<&'static str> {
        BUILT_IN.iter().find(|(version, _)| *version == self.version).map(|(_, text)| *text)
    }

    fn signatures(&self) -> &Signatures {
        self.signatures.as_ref().unwrap_or_else(|| {
            self.built_in.get_or_init(|| {
                // The tests show that the text parses.
                let signatures = self.text().and_then(|text| toml_edit::de::from_str(text).ok());
                signatures.unwrap_or_default()
            })
        })
    }

    /// Whether the host offers an interface with this name, given without a version.
    pub fn has(&self, interface: &str) -> bool {
        self.signatures().interfaces.contains_key(interface)
    }

    /// Returns the item that an interface offers under a name.
    ///
    /// # Errors
    /// If the profile's text for it is not a type.
    pub fn offer(&self, interface: &str, name: &str) -> Result<Option<Offer>, abi::Error> {
        self.signatures().offer(interface, name)
    }
}

impl Signatures {
    fn offer(&self, interface: &str, name: &str) -> Result<Option<Offer>, abi::Error> {
        let Some(text) = self.interfaces.get(interface).and_then(|items| items.get(name)) else {
            return Ok(None);
        };
        if text == "resource" {
            return Ok(Some(Offer::Resource));
        }
        let named = |name: &str| self.named(name, MOST_NAMES);
        FuncType::parse(text, &named).map(|ty| Some(Offer::Func(ty)))
    }

    fn named(&self, name: &str, levels: usize) -> Result<Type, abi::Error> {
        if let Some(text) = self.types.get(name).filter(|_| levels > 0) {
            return Type::parse(text, &|name| self.named(name, levels - 1));
        }
        let resource = name.rsplit_once('/').is_some_and(|(interface, name)| {
            self.interfaces
                .get(interface)
                .and_then(|items| items.get(name))
                .is_some_and(|text| text == "resource")
        });
        if resource {
            Ok(Type::Resource(name.to_owned()))
        } else {
            Err(abi::Error::UnknownType { name: name.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_signature_parses() {
        for (version, text) in BUILT_IN {
            let signatures: Signatures = toml_edit::de::from_str(text).unwrap();
            assert!(signatures.interfaces.len() > 20, "{version}");
            for (interface, items) in &signatures.interfaces {
                for name in items.keys() {
                    let offer = signatures.offer(interface, name).unwrap();
                    assert!(offer.is_some(), "{interface} {name}");
                }
            }
        }
    }

    #[test]
    fn a_type_that_names_itself_is_an_error() {
        let mut signatures = Signatures::default();
        signatures.types.insert("a".into(), "list<b>".into());
        signatures.types.insert("b".into(), "list<a>".into());
        let error = signatures.named("a", MOST_NAMES).unwrap_err().to_string();
        assert_eq!(error, "the type `a` is named but not defined");
    }
}
