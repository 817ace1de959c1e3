//! Some hundred components and broken files, each of which differs from a good plugin in one way.
//!
//! In: nothing. Out: named bytes. What a case should be judged as is not said here: the engine of the real
//! host says it, in `verdicts.tsv`.

mod adapters;
mod bytes;
mod composed;
mod exports;
mod handed_on;
mod imports;
mod limits;
mod linked;
mod names;
mod proposals;
mod start;
mod structure;
mod wasi;

const GOOD: &str = include_str!("good.wat");

/// One file.
pub struct Case {
    /// `group/what-differs`; a file name once the slash is replaced.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// All cases, in a fixed order, with names that are unique.
pub fn all() -> Vec<Case> {
    let groups = [
        exports::cases(),
        imports::cases(),
        names::cases(),
        wasi::cases(),
        proposals::cases(),
        limits::cases(),
        start::cases(),
        structure::cases(),
        adapters::cases(),
        composed::cases(),
        handed_on::cases(),
        linked::cases(),
        bytes::cases(),
    ];
    groups.into_iter().flatten().collect()
}

/// The plugin that nothing is wrong with.
pub fn good() -> Vec<u8> {
    assemble("good", GOOD)
}

fn case(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Case {
    Case { name: name.into(), bytes: bytes.into() }
}

fn assemble(name: &str, text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The good plugin with pairs of texts replaced, each of which must be there.
fn changed(name: impl Into<String>, changes: &[(&str, &str)]) -> Case {
    let name = name.into();
    let mut text = GOOD.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{name}: `{from}` is not in good.wat");
        text = text.replacen(from, to, 1);
    }
    case(&name, assemble(&name, &text))
}

/// The good plugin with more definitions at its end.
fn with_end(name: impl Into<String>, text: &str) -> Case {
    changed(name, &[("  ;; end\n", &format!("  {text}\n"))])
}

/// The good plugin with more definitions before its module.
fn with_start(name: impl Into<String>, text: &str) -> Case {
    changed(name, &[("  ;; imports\n", &format!("  {text}\n"))])
}

/// The good plugin with more in its module.
fn with_module(name: impl Into<String>, text: &str) -> Case {
    changed(name, &[("    ;; module\n", &format!("    {text}\n"))])
}

/// The good plugin beside a second module that is instantiated, too.
fn beside(name: impl Into<String>, module: &str) -> Case {
    with_end(name, &format!("(core module $beside {module}) (core instance (instantiate $beside))"))
}
