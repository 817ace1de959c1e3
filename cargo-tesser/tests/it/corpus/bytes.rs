//! Files that are broken or foreign as bytes: headers, truncation, sections of all kinds, other formats.

use super::{Case, assemble, case, good};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = headers();
    cases.extend(truncated());
    cases.extend(foreign());
    cases.extend(sections());
    cases.extend(numbers());
    cases.extend(nested());
    cases
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn headers() -> Vec<Case> {
    let good = good();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    vec![
        case("bytes/empty", []),
        case("bytes/header-of-component", &good[..8]),
        case("bytes/header-of-module", *b"\0asm\x01\0\0\0"),
        case("bytes/magic-wrong", with(1, b'b')),
        case("bytes/magic-first-byte", with(0, b'1')),
        case("bytes/version-0", with(4, 0)),
        case("bytes/version-of-old-components", with(4, 0x0a)),
        case("bytes/version-next", with(4, 0x0e)),
        case("bytes/version-high-byte", with(5, 1)),
        case("bytes/layer-0", with(6, 0)),
        case("bytes/layer-2", with(6, 2)),
        case("bytes/layer-high-byte", with(7, 1)),
        case("bytes/module-version-2", *b"\0asm\x02\0\0\0"),
        case("bytes/header-twice", joined(&[&good[..8], &good])),
        case("bytes/good-twice", joined(&[&good, &good])),
        case("bytes/good-and-sections-again", joined(&[&good, &good[8..]])),
    ]
}

fn truncated() -> Vec<Case> {
    let good = good();
    let ends = (1..8).chain((8..good.len()).step_by(good.len() / 60)).chain([good.len() - 1]);
    ends.map(|end| case(format!("truncated/at-{end}"), &good[..end])).collect()
}

fn foreign() -> Vec<Case> {
    let good = good();
    let module = assemble("module", r#"(module (func (export "f")))"#);
    let plugin = {
        let text = super::GOOD;
        let start = text.find("(core module $m").unwrap();
        let end = text.find("  (core instance $i").unwrap();
        assemble("core", &text[start..end].replacen("(core module $m", "(module", 1))
    };
    vec![
        case("foreign/core-module", module),
        case("foreign/core-module-of-the-plugin", plugin),
        case("foreign/wat", super::GOOD),
        case("foreign/wat-module", "(module)"),
        case("foreign/wat-broken", "(component (func)"),
        case("foreign/text", "hello\n"),
        case("foreign/json", "{}"),
        case("foreign/html", "<!doctype html><title>404</title>"),
        case(
            "foreign/git-lfs",
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        ),
        case("foreign/spaces", "   "),
        case("foreign/nul", [0]),
        case("foreign/nuls", [0; 100]),
        case("foreign/elf", joined(&[b"\x7fELF\x02\x01\x01", &[0; 57]])),
        case("foreign/mach-o", *b"\xcf\xfa\xed\xfe\x07\0\0\x01"),
        case("foreign/pe", *b"MZ\x90\0\x03\0\0\0"),
        case("foreign/gzip", joined(&[b"\x1f\x8b\x08\0", &[0; 20]])),
        case("foreign/zip", *b"PK\x03\x04\x14\0\0\0"),
        case("foreign/zstd", *b"\x28\xb5\x2f\xfd\0\0"),
        case("foreign/ar", *b"!<arch>\n"),
        case("foreign/tar", joined(&[b"plugin.wasm", &[0; 246], b"ustar\x0000", &[0; 248], &good])),
        case("foreign/bom-and-text", "\u{feff}(component)"),
        case("foreign/bom-and-good", joined(&[b"\xef\xbb\xbf", &good])),
        case("foreign/newline-and-good", joined(&[b"\n", &good])),
        case("foreign/utf-16-text", *b"\xff\xfe(\0c\0"),
        case(
            "foreign/hex",
            good.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
        ),
        case("foreign/latin-1-text", *b"caf\xe9"),
        case(
            "foreign/good-with-crlf",
            good.iter()
                .flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] })
                .collect::<Vec<_>>(),
        ),
    ]
}

/// A section: its id, its size and its contents.
fn section(id: u8, contents: &[u8]) -> Vec<u8> {
    joined(&[&[id], &leb128(contents.len()), contents])
}

fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

fn custom(name: &[u8], contents: &[u8]) -> Vec<u8> {
    section(0, &joined(&[&leb128(name.len()), name, contents]))
}

fn sections() -> Vec<Case> {
    let good = good();
    let end = |name: &str, more: &[u8]| case(format!("sections/{name}"), joined(&[&good, more]));
    let mut cases = vec![
        end("trailing-byte", &[0xff]),
        end("trailing-zero", &[0]),
        end("trailing-zeros", &[0; 16]),
        end("trailing-text", b"trailing"),
        end("trailing-newline", b"\n"),
        end("custom", &custom(b"note", b"abc")),
        end("custom-empty", &custom(b"note", b"")),
        end("custom-no-name", &custom(b"", b"abc")),
        end("custom-without-name-length", &section(0, b"")),
        end("custom-name-too-long", &section(0, b"\x09a")),
        end("custom-bad-utf-8", &custom(b"\xff\xfe", b"abc")),
        end("custom-escape", &custom(b"\x1b[31m", b"")),
        end("custom-bidi", &custom("\u{202e}".as_bytes(), b"")),
        end("custom-name-100000", &custom(&b"a".repeat(100_000), b"")),
        end("custom-name-100001", &custom(&b"a".repeat(100_001), b"")),
        end("custom-1-mib", &custom(b"large", &vec![0; 1 << 20])),
        end("custom-hundreds", &custom(b"n", b"").repeat(500)),
        end("custom-name-section", &custom(b"name", b"\xff\xff\xff")),
        end("custom-component-name-section", &custom(b"component-name", b"\xff\xff\xff")),
        end("custom-producers-broken", &custom(b"producers", b"\xff\xff\xff")),
        end("custom-component-type", &custom(b"component-type", b"abc")),
        end("custom-dylink", &custom(b"dylink.0", b"\xff")),
        case("sections/custom-first", joined(&[&good[..8], &custom(b"note", b"abc"), &good[8..]])),
    ];
    for id in 1..=14 {
        cases.push(end(&format!("id-{id}-empty"), &section(id, b"")));
        cases.push(end(&format!("id-{id}-no-items"), &section(id, b"\0")));
        cases.push(end(&format!("id-{id}-many-items"), &section(id, b"\xff\xff\xff\xff\x0f")));
        cases.push(end(&format!("id-{id}-bytes-left"), &section(id, b"\0\0")));
    }
    cases.push(end("id-127", &section(127, b"")));
    cases.push(end("id-255", &section(255, b"")));
    cases.push(end("size-too-large", b"\x07\xff\xff\xff\xff\x0f"));
    cases.push(end("nested-module-of-other-version", &section(1, b"\0asm\x02\0\0\0")));
    cases.push(end("nested-module-is-component", &section(1, &good)));
    cases.push(end("nested-component-is-module", &section(4, b"\0asm\x01\0\0\0")));
    cases.push(end("nested-component-is-good", &section(4, &good)));
    cases.push(end("nested-module-empty", &section(1, b"\0asm\x01\0\0\0")));
    cases.push(end(
        "nested-module-sections-out-of-order",
        &section(1, b"\0asm\x01\0\0\0\x03\x01\0\x01\x01\0"),
    ));
    cases.push(end(
        "nested-module-section-twice",
        &section(1, b"\0asm\x01\0\0\0\x01\x01\0\x01\x01\0"),
    ));
    cases.push(end(
        "nested-module-without-code",
        &section(1, b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0"),
    ));
    cases.push(end("value", &section(12, b"\x01\x73\x04\x03abc")));
    cases.push(end("type-unknown-form", &section(7, b"\x01\x3f")));
    cases.push(end("function-type-named-results", &section(7, b"\x01\x40\0\x01\x01\x01a\x73")));
    cases.push(end("function-type-no-results", &section(7, b"\x01\x40\0\x01\0")));
    cases.push(end(
        "function-type-two-named-results",
        &section(7, b"\x01\x40\0\x01\x02\x01a\x73\x01b\x73"),
    ));
    cases.push(end("import-name-form-0", &section(10, b"\x01\0\x01a\x05\0")));
    cases.push(end("import-name-form-2", &section(10, b"\x01\x02\x01a\x05\0")));
    cases.push(end("export-name-form-1", &section(11, b"\x01\x01\x01a\x01\0\0")));
    cases.push(end("export-name-bad-utf-8", &section(11, b"\x01\0\x01\xff\x01\0\0")));
    cases
}

/// Components in components, and types in types: deeper than text can be.
fn nested() -> Vec<Case> {
    let good = good();
    let mut cases = Vec::new();
    for depth in [10, 20, 50, 98, 99, 100, 101, 200, 500] {
        let wrap = |inner: Vec<u8>, _| joined(&[&good[..8], &section(4, &inner)]);
        let component = (1..depth).fold(good[..8].to_vec(), wrap);
        cases.push((format!("components-{depth}"), section(4, &component)));
        for (name, form) in [("component", 0x41), ("instance", 0x42)] {
            let wrap = |inner: Vec<u8>, _| joined(&[&[form, 1, 1], &inner]);
            let ty = (1..depth).fold(vec![form, 0], wrap);
            cases.push((format!("{name}-types-{depth}"), section(7, &joined(&[&[1], &ty]))));
        }
    }
    cases
        .into_iter()
        .map(|(name, more)| case(format!("nested/{name}"), joined(&[&good, &more])))
        .collect()
}

/// Numbers in more bytes than they need, and in more than they may have.
fn numbers() -> Vec<Case> {
    let good = good();
    let end = |name: &str, more: &[u8]| case(format!("numbers/{name}"), joined(&[&good, more]));
    vec![
        end("size-in-two-bytes", b"\0\x82\0\x01a"),
        end("size-in-five-bytes", b"\0\x82\x80\x80\x80\0\x01a"),
        end("size-in-six-bytes", b"\0\x82\x80\x80\x80\x80\0\x01a"),
        end("size-with-unused-bits", b"\0\x82\x80\x80\x80\x70\x01a"),
        end("name-length-in-three-bytes", b"\0\x04\x81\x80\0a"),
        end("count-in-five-bytes", &section(7, b"\x81\x80\x80\x80\0\x73")),
        end("count-in-six-bytes", &section(7, b"\x81\x80\x80\x80\x80\0\x73")),
        end("type-index-in-two-bytes", &section(7, b"\x01\x70\x80\0")),
        end("type-index-negative", &section(7, b"\x01\x70\xff\xff\xff\xff\x0f")),
        end("primitive-in-two-bytes", &section(7, b"\x01\xf3\x7f")),
        end("type-primitive-unknown", &section(7, b"\x01\x62")),
        end("core-constant-in-five-bytes", &section(1, b"\0asm\x01\0\0\0\x06\x0a\x01\x7f\0\x41\x80\x80\x80\x80\0\x0b")),
        end("core-constant-in-six-bytes", &section(1, b"\0asm\x01\0\0\0\x06\x0b\x01\x7f\0\x41\x80\x80\x80\x80\x80\0\x0b")),
        end("core-memory-index-in-two-bytes", &section(1, b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x05\x03\x01\0\x01\x0a\x09\x01\x07\0\x3f\x80\0\x1a\x0b\x0b")),
        end("core-table-index-in-two-bytes", &section(1, b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x04\x04\x01\x70\0\0\x0a\x0b\x01\x09\0\x41\0\x11\0\x80\0\x0b")),
    ]
}
