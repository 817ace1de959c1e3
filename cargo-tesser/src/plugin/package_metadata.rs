//! `[package.metadata.tesser]`: the settings of a package that is a plugin.
//!
//! In: a package as cargo sees it. Out: settings with every value parsed, or an error that names the invalid one. Nothing is
//! ignored: a misspelled key must not go unnoticed.

use cargo_metadata::Package;
use serde::{Deserialize, Serialize};

use super::{Capability, TestSettings};

/// The settings of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// What the plugin may import from the host.
    pub capabilities: Vec<Capability>,
    /// Maximum size of the installed plugin in bytes.
    pub max_size: Option<u64>,
    /// What is left of a panic.
    pub panic: Panic,
    /// Settings of tests.
    pub test: TestSettings,
    /// The rules of `validate`, which parses them itself.
    #[serde(skip_serializing)]
    pub validate: serde_json::Value,
}

/// What a panic does before it stops the plugin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Panic {
    /// Its text is written, which the host throws away, and this tool's simulator shows.
    #[default]
    Text,
    /// Nothing.
    Trap,
}

impl Settings {
    /// Reads the settings of a package.
    ///
    /// # Errors
    /// If a key or value is not known; the error is the text of the reason.
    pub(crate) fn of(package: &Package) -> Result<Self, String> {
        let Some(value) = package.metadata.get("tesser") else { return Ok(Self::default()) };
        let settings: Self =
            serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        settings.test.check()?;
        Ok(settings)
    }
}
