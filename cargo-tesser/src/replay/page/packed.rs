//! Embeds compressed data in a page: gzip, which browsers can unpack, in base 85; and hashes of scripts for the security policy.

use std::io::Write as _;
use std::sync::LazyLock;

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// The chart library, ready to embed.
pub(super) struct Library {
    /// Compressed, as text.
    pub(super) packed: String,
    /// Its hash for the content security policy.
    pub(super) hash: String,
}

/// plotly.js, packed once for all pages.
pub(super) fn library() -> &'static Library {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
        let sources = plotly::Plot::offline_js_sources();
        // The crate appends a formula renderer, half as large again, which is not used.
        let script = sources.split_once('>').map_or("", |(_, rest)| rest);
        let script = script.split_once("</script>").map_or("", |(script, _)| script);
        Library { packed: packed(script.as_bytes()), hash: hash(script) }
    });
    &LIBRARY
}

/// Compresses data for a script element of type `text/plain`. Base 85 takes 5 characters for 4 bytes, less than base64: it
/// saves 0.1 MB for the chart library.
pub(super) fn packed(bytes: &[u8]) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a vector cannot fail.
    let _ = encoder.write_all(bytes);
    text(&encoder.finish().unwrap_or_default())
}

/// Writes the number of bytes, then digits of base 85 starting at `#`, with `~` instead of `<`, which could begin a tag.
fn text(bytes: &[u8]) -> String {
    let mut text = format!("{} ", bytes.len());
    for group in bytes.chunks(4) {
        let mut whole = [0; 4];
        whole[..group.len()].copy_from_slice(group);
        let number = u32::from_be_bytes(whole);
        for place in (0..5).rev() {
            let [.., digit] = (number / 85_u32.pow(place) % 85).to_be_bytes();
            text.push(match b'#' + digit {
                b'<' => '~',
                char => char.into(),
            });
        }
    }
    text
}

/// The hash of a script for a content security policy.
pub(super) fn hash(script: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(script)))
}

/// Unpacks what [`packed`] returns.
#[cfg(test)]
pub(super) fn unpacked(text: &str) -> String {
    use std::io::Read as _;

    let (length, digits) = text.split_once(' ').unwrap();
    let digit = |byte: u8| u32::from(if byte == b'~' { b'<' } else { byte } - b'#');
    let group = |group: &[u8]| group.iter().fold(0, |number, byte| number * 85 + digit(*byte));
    let bytes: Vec<u8> =
        digits.as_bytes().chunks(5).flat_map(|digits| group(digits).to_be_bytes()).collect();
    let mut text = String::new();
    let bytes = &bytes[..length.parse().unwrap()];
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_without_tags() {
        assert_eq!(text(b""), "0 ");
        assert_eq!(text(&[0]), "1 #####");
        // The largest group, which has the digits 82, 23, 54, 12 and 0.
        assert_eq!(text(&[255; 4]), "4 u:Y/#");
        // The digit 25 would be `<`.
        assert_eq!(text(&25_u32.to_be_bytes()), "4 ####~");
        let all = "<script>&~".repeat(1_000);
        assert!(!packed(all.as_bytes()).contains('<'));
        assert_eq!(unpacked(&packed(all.as_bytes())), all);
    }
}
