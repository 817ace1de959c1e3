//! The two kinds of wasm that the pipeline handles. wasm-opt takes one and the host the other, and the
//! types keep the order of the stages from being mixed up.

use wasmparser::{Parser, Payload};

/// A core WebAssembly module, as the compiler links it.
#[derive(Clone, Debug)]
pub struct CoreModule(pub Vec<u8>);

impl CoreModule {
    /// The module without its debug information, which no host reads and which is full of the machine's paths. What
    /// cannot be parsed stays as it is, for the next stage to name.
    pub(super) fn without_debug_info(self) -> Self {
        let Some(cuts) = debug_sections(&self.0) else { return self };
        let mut kept = Vec::with_capacity(self.0.len());
        let mut from = 0;
        for cut in cuts {
            kept.extend_from_slice(&self.0[from..cut.start]);
            from = cut.end;
        }
        kept.extend_from_slice(&self.0[from..]);
        Self(kept)
    }
}

/// Where the sections of the debug information lie, each with its head.
fn debug_sections(module: &[u8]) -> Option<Vec<std::ops::Range<usize>>> {
    let (mut sections, mut end) = (Vec::new(), 8);
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.ok()?;
        if let Payload::CustomSection(section) = &payload
            && section.name().starts_with(".debug_")
        {
            sections.push(end..usize::try_from(section.range().end).ok()?);
        }
        if let Some((_, range)) = payload.as_section() {
            end = usize::try_from(range.end).ok()?;
        }
    }
    (!sections.is_empty()).then_some(sections)
}

/// A WebAssembly component.
#[derive(Clone, Debug)]
pub struct Component(pub Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_information_goes_and_all_else_stays() {
        let wat = |debug: &str| {
            let code = r#"(func (export "f")) (@custom "name-like" (after last) "kept")"#;
            CoreModule(wat::parse_str(format!("(module {debug} {code} {debug})")).unwrap())
        };
        let with = wat(r#"(@custom ".debug_str" "/home/me") (@custom ".debug_line" "/home/me")"#);
        assert_eq!(with.without_debug_info().0, wat("").0);
        let broken = CoreModule(b"\0asm\x01\0\0\0\xff".to_vec());
        assert_eq!(broken.clone().without_debug_info().0, broken.0);
    }
}
