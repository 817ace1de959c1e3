//! Bytes of a component or core module -> the contents of a custom section. Follows section headers only.

use super::SchemaError;

const MAGIC: &[u8] = b"\0asm";
const MODULE: [u8; 4] = [1, 0, 0, 0];
/// The layer field of a component is 1; its version has changed before and may change again.
const COMPONENT_LAYER: [u8; 2] = [1, 0];
const CUSTOM: u8 = 0;
/// Sections of a component that hold a core module, and a component.
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;
/// Maximum nesting of components that is followed.
const DEPTH: u32 = 8;

/// Returns the contents of the section with this name, in the file itself or in a module within it.
pub(super) fn find<'a>(bytes: &'a [u8], name: &str) -> Result<Option<&'a [u8]>, SchemaError> {
    let mut found = None;
    search(bytes, name, DEPTH, &mut found)?;
    Ok(found)
}

fn search<'a>(
    bytes: &'a [u8],
    name: &str,
    depth: u32,
    found: &mut Option<&'a [u8]>,
) -> Result<(), SchemaError> {
    let header = bytes.first_chunk::<8>().filter(|header| header.starts_with(MAGIC));
    let [_, _, _, _, version @ ..] =
        header.ok_or_else(|| SchemaError::new("these bytes are not a WebAssembly file"))?;
    let is_component = version[2..] == COMPONENT_LAYER;
    if !is_component && *version != MODULE {
        return Err(SchemaError::new("this version of WebAssembly is not known"));
    }
    let mut rest = &bytes[8..];
    while let Some((&id, after)) = rest.split_first() {
        let (content, after) = sized(after)?;
        rest = after;
        match id {
            CUSTOM => {
                let (found_name, content) = sized(content)?;
                if found_name == name.as_bytes() {
                    if found.is_some_and(|other| other != content) {
                        return Err(SchemaError::new("the file has two different schemas"));
                    }
                    *found = Some(content);
                }
            }
            CORE_MODULE | COMPONENT if is_component && depth > 0 => {
                search(content, name, depth - 1, found)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Splits off the content that a length prefix delimits; returns it and the rest.
fn sized(bytes: &[u8]) -> Result<(&[u8], &[u8]), SchemaError> {
    let ends = || SchemaError::new("the file ends within a section");
    let (mut length, mut shift) = (0_u64, 0);
    let mut rest = bytes;
    loop {
        let (&byte, after) = rest.split_first().ok_or_else(ends)?;
        rest = after;
        length |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
        if shift > 28 {
            return Err(SchemaError::new("the length of a section is malformed"));
        }
    }
    let length = usize::try_from(length).map_err(|_| ends())?;
    rest.split_at_checked(length).ok_or_else(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(name: &str, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(name.len()).unwrap();
        section(CUSTOM, &[&[length], name.as_bytes(), content].concat())
    }

    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap();
        let low = u8::try_from(length & 0x7f).unwrap() | 0x80;
        [&[id, low, u8::try_from(length >> 7).unwrap()], content].concat()
    }

    fn module(sections: &[Vec<u8>]) -> Vec<u8> {
        [MAGIC, &MODULE, &sections.concat()].concat()
    }

    fn component(sections: &[Vec<u8>]) -> Vec<u8> {
        [MAGIC, &[13, 0, 1, 0], &sections.concat()].concat()
    }

    #[test]
    fn a_section_is_found_at_any_level() {
        let schema = custom("tesser:params", b"{}");
        let plain = module(&[custom("other", b"1"), schema.clone()]);
        assert_eq!(find(&plain, "tesser:params").unwrap(), Some(&b"{}"[..]));
        let nested = component(&[section(CORE_MODULE, &module(&[])), section(CORE_MODULE, &plain)]);
        assert_eq!(find(&nested, "tesser:params").unwrap(), Some(&b"{}"[..]));
        let deeper = component(&[section(COMPONENT, &nested), schema]);
        assert_eq!(find(&deeper, "tesser:params").unwrap(), Some(&b"{}"[..]));
        assert_eq!(find(&component(&[]), "tesser:params").unwrap(), None);
    }

    #[test]
    fn two_different_schemas_are_an_error() {
        let two = module(&[custom("tesser:params", b"1"), custom("tesser:params", b"2")]);
        let error = find(&two, "tesser:params").unwrap_err().to_string();
        assert_eq!(error, "the file has two different schemas");
    }

    #[test]
    fn no_cut_and_no_flipped_bit_makes_it_panic() {
        let schema = custom("tesser:params", b"{}");
        let file = component(&[section(CORE_MODULE, &module(&[schema]))]);
        for cut in 0..file.len() {
            let _ = find(&file[..cut], "tesser:params");
            for bit in 0..8 {
                let mut broken = file.clone();
                broken[cut] ^= 1 << bit;
                let _ = find(&broken, "tesser:params");
            }
        }
        let error = |bytes: &[u8]| find(bytes, "x").unwrap_err().to_string();
        assert_eq!(error(b""), "these bytes are not a WebAssembly file");
        assert_eq!(error(&file[..file.len() - 1]), "the file ends within a section");
    }
}
