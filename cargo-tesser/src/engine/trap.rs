//! Reports a trap.
//!
//! In: wasmtime's error. Out: one sentence, and the frames of the plugin's own code.

use std::fmt::Write as _;

use wasmtime::{FrameInfo, Trap, WasmBacktrace, WasmCoreDump};

/// Why code trapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrapReport {
    /// One sentence on one line.
    pub reason: String,
    /// Where it was, the innermost function first: at most ten lines.
    pub frames: Vec<String>,
}

/// Maximum number of frames to report.
const MOST_FRAMES: usize = 10;
/// Maximum bytes of a function's name; a short symbol can stand for a name of megabytes.
const LONGEST_NAME: usize = 200;
/// Crates whose code is in every plugin and not the author's own.
const FOREIGN: [&str; 8] = [
    "core",
    "std",
    "alloc",
    "tesser_wasm",
    "serde",
    "serde_core",
    "serde_json",
    "compiler_builtins",
];

impl TrapReport {
    /// `panic` is the text of the panic, if there was one.
    pub(super) fn new(error: &wasmtime::Error, panic: Option<String>) -> Self {
        let is_panic = panic.is_some();
        let reason = panic.map_or_else(|| reason(error), |text| one_line(&text));
        let stack = stack(error);
        let mut frames = frames(stack, own_name);
        // All of the plugin's own code may be inlined into the SDK's.
        if frames.is_empty() {
            frames = self::frames(stack, |symbol| Some(demangled(symbol)));
        }
        if frames.is_empty() && !is_panic && !stack.is_empty() {
            frames.push(
                "its functions have no names, and a panic has no text if the package says `panic = \"trap\"`: in the crate, \
                 `CARGO_PROFILE_RELEASE_STRIP=debuginfo cargo tesser test --no-opt` shows both"
                    .into(),
            );
        }
        Self { reason, frames }
    }
}

/// Returns the sentence for an error that is not a panic.
pub(super) fn reason(error: &wasmtime::Error) -> String {
    let Some(trap) = error.downcast_ref::<Trap>() else {
        return one_line(&error.root_cause().to_string());
    };
    let text = match trap {
        Trap::StackOverflow => "call stack exhausted (endless recursion?)",
        Trap::MemoryOutOfBounds => "memory access out of bounds",
        Trap::TableOutOfBounds => "table access out of bounds",
        Trap::IndirectCallToNull => "call of a null function pointer",
        Trap::BadSignature => "call of a function pointer of another type",
        Trap::IntegerOverflow => "integer overflow in a division",
        Trap::IntegerDivisionByZero => "integer division by zero",
        Trap::BadConversionToInteger => "conversion of a float that no integer can hold",
        Trap::UnreachableCodeReached => "it aborted without a panic message",
        Trap::CannotEnterComponent => "the instance has trapped before",
        other => {
            let text = other.to_string();
            return text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned();
        }
    };
    text.to_owned()
}

/// Returns where the error happened, the innermost function first.
fn stack(error: &wasmtime::Error) -> &[FrameInfo] {
    if let Some(dump) = error.downcast_ref::<WasmCoreDump>() {
        return dump.frames();
    }
    error.downcast_ref::<WasmBacktrace>().map_or(&[], WasmBacktrace::frames)
}

/// Returns the functions that have a name, at most ten. A recursion is one line.
fn frames(stack: &[FrameInfo], name: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut frames: Vec<(&str, usize)> = Vec::new();
    for symbol in stack.iter().filter_map(FrameInfo::func_name) {
        match frames.last_mut() {
            Some((last, times)) if *last == symbol => *times += 1,
            _ => frames.push((symbol, 1)),
        }
    }
    let named = frames.into_iter().filter_map(|(symbol, times)| Some((name(symbol)?, times)));
    let line = |(name, times): (String, usize)| match times {
        1 => format!("at {name}"),
        _ => format!("at {name} ({times} times)"),
    };
    named.map(line).take(MOST_FRAMES).collect()
}

/// Returns the name of a function as in the source, unless it belongs to a library.
fn own_name(symbol: &str) -> Option<String> {
    let name = demangled(symbol);
    let path = name.trim_start_matches(['<', '&', '*']).trim_start_matches("mut ");
    // Exports have plain names, and the message names the call anyway.
    let (owner, _) = path.split_once("::")?;
    (!FOREIGN.contains(&owner) && !owner.starts_with("__")).then_some(name)
}

fn demangled(symbol: &str) -> String {
    let mut name = String::new();
    let mut limited = Limited(&mut name);
    let _ = write!(limited, "{:#}", rustc_demangle::demangle(symbol));
    name
}

/// Accepts text up to a maximum length.
struct Limited<'a>(&'a mut String);

impl std::fmt::Write for Limited<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.push_str(text);
        if self.0.len() > LONGEST_NAME { Err(std::fmt::Error) } else { Ok(()) }
    }
}

/// Joins the lines of a text.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

/// Splits off Rust's text for a panic, as `panicked at <place>: <message>`, from what was printed before it.
pub(super) fn split_panic(stderr: &str) -> (&str, Option<String>) {
    let Some((before, panic)) = stderr.rsplit_once(" panicked at ") else { return (stderr, None) };
    let message = panic.split("\nnote: ").next().unwrap_or(panic);
    let message = message.trim_end().replacen(":\n", ": ", 1);
    // The line begins with the thread's name.
    let line = before.rfind("\nthread ").map_or(0, |end| end + 1);
    let printed = if before[line..].starts_with("thread ") { &before[..line] } else { before };
    (printed, Some(format!("panicked at {message}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_functions_of_the_plugin_are_told() {
        for (symbol, name) in [
            ("_ZN4mine5start17h0123456789abcdefE", Some("mine::start")),
            ("<mine::Algorithm as tesser_wasm::guest::ExecutionPlugin>::on_timer", Some("")),
            ("_ZN4core9panicking5panic17h0123456789abcdefE", None),
            ("<alloc::vec::Vec<mine::Order> as core::ops::Drop>::drop", None),
            ("_ZN11tesser_wasm5guest6export5timer17h0123456789abcdefE", None),
            ("on-timer", None),
        ] {
            let found = own_name(symbol);
            let expected = name.map(|name| if name.is_empty() { symbol } else { name }.to_owned());
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_panic_is_told_apart_from_what_was_printed_before() {
        let panic = "\nthread '<unnamed>' (1) panicked at src/lib.rs:3:5:\nboom\nnote: run with `RUST_BACKTRACE=1`\n";
        let told = Some("panicked at src/lib.rs:3:5: boom".to_owned());
        assert_eq!(split_panic(&format!("a\nb\n{panic}")), ("a\nb\n\n", told.clone()));
        assert_eq!(split_panic(panic.trim_start()), ("", told));
        assert_eq!(split_panic("a\n"), ("a\n", None));
        assert_eq!(one_line("failed\n  left: 1\n right: 2\n"), "failed; left: 1; right: 2");
    }
}
