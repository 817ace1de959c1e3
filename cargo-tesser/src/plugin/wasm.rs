//! The two kinds of wasm in the pipeline. wasm-opt takes one and the host the other, and the types prevent mixing up the
//! order of the stages.

use wasm_encoder::Encode as _;
use wasmparser::{BinaryReader, Parser};

/// A core WebAssembly module, as the compiler links it.
#[derive(Clone, Debug)]
pub struct CoreModule(pub Vec<u8>);

impl CoreModule {
    /// Returns the module without its debug information, which no host reads and which contains paths of the machine. A module
    /// that cannot be parsed stays as it is; the next stage reports it.
    pub(crate) fn without_debug_info(self) -> Self {
        let is_debug = |name: &str| name.starts_with(".debug_");
        without_sections(&self.0, &is_debug, &mut |_| None).map_or(self, Self)
    }

    /// The module without what the linker noted for the stages of a build.
    pub(crate) fn without_linking(self) -> Self {
        let is_note = |name: &str| name == "linking" || name.starts_with("reloc.");
        without_sections(&self.0, &is_note, &mut |_| None).map_or(self, Self)
    }
}

/// Returns a binary without the unwanted custom sections and, if it is a component, with replaced modules. `None` if a section
/// does not end; everything else is copied byte for byte.
pub(crate) fn without_sections(
    binary: &[u8],
    is_unwanted: &dyn Fn(&str) -> bool,
    change: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    const CORE_MODULE: u8 = 1;
    let (header, mut rest) = binary.split_at_checked(HEADER)?;
    let is_component = Parser::is_component(header);
    let mut kept = header.to_vec();
    while !rest.is_empty() {
        let mut reader = BinaryReader::new(rest, 0);
        let id = reader.read_u8().ok()?;
        let length = usize::try_from(reader.read_var_u32().ok()?).ok()?;
        let start = reader.current_position();
        let (section, next) = rest.split_at_checked(start.checked_add(length)?)?;
        rest = next;
        let content = &section[start..];
        let name = || BinaryReader::new(content, 0).read_string();
        if id == CUSTOM && name().is_ok_and(is_unwanted) {
            continue;
        }
        if is_component && id == CORE_MODULE {
            kept.push(id);
            change(content)?.encode(&mut kept);
        } else {
            kept.extend_from_slice(section);
        }
    }
    Some(kept)
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
