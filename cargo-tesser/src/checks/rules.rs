//! Rules of a desk: codes that it allows, warns about or denies.
//!
//! In: lists of codes from a configuration file and the command line. Out: findings with their severity,
//! without the allowed ones. Rules cannot change the host's own refusals.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::Error;
use crate::report::{Code, Finding, Severity};

/// Lists of codes, by their names.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rules {
    /// Codes whose findings are omitted.
    #[serde(default, deserialize_with = "lifted")]
    pub allow: Vec<String>,
    /// Codes whose findings are warnings.
    #[serde(default, deserialize_with = "lifted")]
    pub warn: Vec<String>,
    /// Codes whose findings are errors.
    #[serde(default, deserialize_with = "denied")]
    pub deny: Vec<String>,
    /// Report `large-file` above this many bytes.
    pub max_size: Option<u64>,
}

impl Rules {
    /// Adds later rules. A code in them is removed from the earlier lists.
    pub(crate) fn override_with(&mut self, later: Self) {
        let lists = [&later.allow, &later.warn, &later.deny];
        let is_kept = |name: &String| !lists.iter().any(|list| list.contains(name));
        self.allow.retain(is_kept);
        self.warn.retain(is_kept);
        self.deny.retain(is_kept);
        self.allow.extend(later.allow);
        self.warn.extend(later.warn);
        self.deny.extend(later.deny);
        self.max_size = later.max_size.or(self.max_size);
    }
}

/// Reads codes that are allowed or warned about; a code that cannot be lifted is an error.
fn lifted<'de, D: Deserializer<'de>>(file: D) -> Result<Vec<String>, D::Error> {
    codes(file, None)
}

/// Reads codes that are denied.
fn denied<'de, D: Deserializer<'de>>(file: D) -> Result<Vec<String>, D::Error> {
    codes(file, Some(Severity::Error))
}

fn codes<'de, D: Deserializer<'de>>(
    file: D,
    severity: Option<Severity>,
) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(file)?;
    for name in &names {
        code(name, severity).map_err(serde::de::Error::custom)?;
    }
    Ok(names)
}

/// The severity of each code.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// `None` means that the finding is omitted.
    severities: BTreeMap<Code, Option<Severity>>,
    /// Report `large-file` above this many bytes, if a rule sets it.
    pub max_size: Option<u64>,
}

impl Policy {
    /// Later rules win over earlier ones; within one set, the stricter list wins.
    ///
    /// # Errors
    /// If a code is unknown, or is the host's own refusal.
    pub fn new(rules: &[&Rules]) -> Result<Self, Error> {
        let mut policy = Self::default();
        for rules in rules {
            let lists = [
                (&rules.allow, None),
                (&rules.warn, Some(Severity::Warning)),
                (&rules.deny, Some(Severity::Error)),
            ];
            for (names, severity) in lists {
                for name in names {
                    policy.severities.insert(code(name, severity)?, severity);
                }
            }
            policy.max_size = rules.max_size.or(policy.max_size);
        }
        Ok(policy)
    }

    /// Sets the severity of each finding and removes those that are allowed.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| match self.severities.get(&finding.code) {
            None => true,
            Some(None) => false,
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
        });
    }
}

fn code(name: &str, severity: Option<Severity>) -> Result<Code, Error> {
    let Some(code) = Code::named(name) else {
        let known = Code::ALL.iter().filter(|code| !code.entry().refusal);
        let known = known.map(|code| code.name()).collect::<Vec<_>>().join(", ");
        return Err(Error::UnknownCode { name: name.to_owned(), known });
    };
    if code.entry().refusal && severity != Some(Severity::Error) {
        return Err(Error::Refusal { name: name.to_owned() });
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow: &[&str], deny: &[&str]) -> Rules {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Rules { allow: names(allow), deny: names(deny), ..Rules::default() }
    }

    fn severities(policy: &Policy) -> Vec<(Code, Severity)> {
        let codes = [Code::Simd, Code::Threads, Code::LoadTrap];
        let mut findings = codes.map(|code| Finding::new(code, "")).to_vec();
        policy.apply(&mut findings);
        findings.iter().map(|finding| (finding.code, finding.severity)).collect()
    }

    #[test]
    fn later_rules_win_and_within_one_set_the_stricter() {
        let file = rules(&["simd", "threads"], &["simd"]);
        let policy = Policy::new(&[&file]).unwrap();
        let trap = (Code::LoadTrap, Severity::Error);
        assert_eq!(severities(&policy), [(Code::Simd, Severity::Error), trap]);
        let line = rules(&["simd"], &["threads"]);
        let policy = Policy::new(&[&file, &line]).unwrap();
        assert_eq!(severities(&policy), [(Code::Threads, Severity::Error), trap]);
    }

    #[test]
    fn the_hosts_refusals_cannot_be_lifted() {
        let error = Policy::new(&[&rules(&["load-trap"], &[])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`load-trap` is the host's own refusal, which no rule can lift"
        );
        assert!(Policy::new(&[&rules(&[], &["load-trap"])]).is_ok());
    }
}
