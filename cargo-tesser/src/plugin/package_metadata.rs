//! `[package.metadata.tesser]`: what a package says about itself as a plugin.
//!
//! In: a package as cargo sees it. Out: settings with every value understood, or an error that names the one that is
//! not. Nothing is ignored: a misspelled word must not pass for a setting.

use cargo_metadata::Package;
use serde::{Deserialize, Serialize};

use super::TestSettings;

/// What a package asks of its build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// What the plugin may ask of the host, beside being called.
    pub capabilities: Vec<Capability>,
    /// Most bytes that the installed plugin may have.
    pub max_size: Option<u64>,
    /// What is left of a panic.
    pub panic: Panic,
    /// How the plugin is tested.
    pub test: TestSettings,
    /// The rules of `validate`, which reads them itself.
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

/// Something of the outside world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// The time of day, and time that has passed.
    Clock,
    /// Random numbers.
    Random,
}

impl Capability {
    /// The capability that a preview1 function belongs to, as it is written.
    pub(crate) fn of(import: &str) -> Option<&'static str> {
        match import {
            "clock_time_get" => Some("clock"),
            "random_get" => Some("random"),
            _ => None,
        }
    }
}

impl Settings {
    /// Reads those of a package.
    ///
    /// # Errors
    /// A name or value that is not known, in words.
    pub(crate) fn of(package: &Package) -> Result<Self, String> {
        let Some(value) = package.metadata.get("tesser") else { return Ok(Self::default()) };
        let settings: Self =
            serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        settings.test.check()?;
        Ok(settings)
    }
}
