//! Bytes on a page: gzip, which browsers unpack by themselves, as text, and the hashes by which they know scripts.

use std::io::Write as _;
use std::sync::LazyLock;

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// The chart library as a page carries it.
pub(super) struct Library {
    /// Its bytes.
    pub(super) packed: String,
    /// What the page's security policy names it by.
    pub(super) hash: String,
}

/// plotly.js. It is packed once, however many pages there are.
pub(super) fn library() -> &'static Library {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
        let sources = plotly::Plot::offline_js_sources();
        // The crate puts a formula renderer behind it, which is as large as half of it and not used.
        let script = sources.split_once('>').map_or("", |(_, rest)| rest);
        let script = script.split_once("</script>").map_or("", |(script, _)| script);
        Library { packed: packed(script.as_bytes()), hash: hash(script) }
    });
    &LIBRARY
}

/// gzip as the content of a script element that is no script. Four bytes are five characters, where base64 takes six: of the
/// chart library, that is a tenth of a megabyte.
pub(super) fn packed(bytes: &[u8]) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // A vector takes all that is written.
    let _ = encoder.write_all(bytes);
    text(&encoder.finish().unwrap_or_default())
}

/// The number of bytes, then digits of base 85 from `#` on, with `~` for `<`, which could begin a tag.
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

/// The name of a script in a security policy.
pub(super) fn hash(script: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(script)))
}

/// The bytes of a text again.
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
