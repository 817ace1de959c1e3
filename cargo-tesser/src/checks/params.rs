//! Checks parameters against the schema in a plugin.
//!
//! In: the plugin's bytes, its path for display, and the parameters. Out: findings. The plugin is not run.

use std::path::Path;

use serde_json::Value;
use tesser_wasm::{ParamError, ParamSchema};

use crate::report::{self, Code, Finding, escape_untrusted};

/// Returns what the plugin's `init` would refuse, as far as the schema shows it.
pub fn check(path: &Path, bytes: &[u8], params: &Value) -> Vec<Finding> {
    match ParamSchema::from_component(bytes) {
        Ok(Some(schema)) => schema
            .check(params)
            .err()
            .into_iter()
            .flatten()
            .map(|error| finding(path, &error))
            .collect(),
        Ok(None) => {
            let message = "the parameters were not checked: the file has no parameter schema";
            vec![Finding::new(Code::NoParamSchema, message)]
        }
        Err(error) => {
            let message = format!(
                "the parameters were not checked: {}",
                escape_untrusted(&error.to_string())
            );
            vec![Finding::new(Code::NoParamSchema, message)]
        }
    }
}

fn finding(path: &Path, error: &ParamError) -> Finding {
    let help = format!(
        "`cargo tesser inspect {} --params` lists what the plugin takes",
        report::path(path)
    );
    let told = ParamError { name: escape_untrusted(&error.name), message: error.message.clone() };
    let finding = Finding::new(Code::InvalidParams, told.to_string()).help(help);
    if error.name.is_empty() {
        finding
    } else {
        finding.at(format!("params.{}", escape_untrusted(&error.name)))
    }
}
