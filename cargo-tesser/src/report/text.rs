//! Makes names from untrusted files safe to print.

use std::fmt::Display;
use std::path::Path;

/// Maximum number of characters of an untrusted name.
const LONGEST: usize = 200;

/// Escapes everything that could control a terminal or reorder a line: control, format and bidirectional characters become
/// `\u{..}`. Line breaks stay.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if (c.is_control() && c != '\n') || is_format(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Removes user names and passwords from URLs, since they would end up in CI logs: `https://***@host/`.
pub fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, url)) = rest.split_once("://") {
        let ends = |c: char| matches!(c, '/' | '?' | '#' | '`' | '\'' | '"') || c.is_whitespace();
        let host = url.split(ends).next().unwrap_or_default();
        let user = host.rfind('@').unwrap_or(0);
        // `ssh://git@host` has no secret.
        let is_secret = user > 0
            && (before.ends_with("http")
                || before.ends_with("https")
                || host[..user].contains(':'));
        shown.extend([before, "://", if is_secret { "***" } else { "" }]);
        rest = if is_secret { &url[user..] } else { url };
    }
    shown + rest
}

/// Returns a number with its noun: `1 order`, `2 orders`.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Returns a number of bytes for people: `512 bytes`, `3.1 MB`.
#[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
pub fn size(bytes: u64) -> String {
    let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "KB")];
    let unit = units.into_iter().find(|(unit, _)| bytes as f64 >= *unit);
    unit.map_or_else(
        || counted(bytes, "byte"),
        |(unit, name)| format!("{:.1} {name}", bytes as f64 / unit),
    )
}

/// The same as [`visible`], on one line.
pub fn line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}

/// Returns an untrusted name on one line, cut at 200 characters.
pub fn escape_untrusted(text: &str) -> String {
    let mut cut: String = text.chars().take(LONGEST).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    line(&cut)
}

/// Removes the middle of each line that is too long to read; the end stays, since it often has the reason.
pub fn cut(text: &str) -> String {
    const MOST: usize = 1_000;
    const END: usize = 200;
    let cut = |line: &str| {
        let length = line.chars().count();
        if length <= MOST {
            return line.to_owned();
        }
        let start: String = line.chars().take(MOST - 2 * END).collect();
        let end: String = line.chars().skip(length - END).collect();
        format!("{start}[.. {} characters ..]{end}", length - (MOST - END))
    };
    text.split('\n').map(cut).collect::<Vec<_>>().join("\n")
}

/// Returns untrusted names for a sentence: the first ten, and the number of further ones.
pub fn some_of(names: &[String]) -> String {
    const MOST: usize = 10;
    let shown = names.iter().take(MOST).map(|name| format!("`{}`", escape_untrusted(name)));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Returns a path on one line, never cut, so that it can be found again. Bytes that are not UTF-8 become `\x..`, so that two
/// paths never look the same.
pub fn path(path: &Path) -> String {
    let mut shown = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        shown += &line(chunk.valid());
        shown.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}")));
    }
    shown
}

/// Whether a character is invisible but affects a terminal (Unicode's category Cf, and the line and paragraph separators),
/// as far as
/// that matters for a line of text; or is forbidden in XML.
fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0001}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_and_bidirectional_marks_are_spelled_out() {
        assert_eq!(escape_untrusted("a\x1b[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
        assert_eq!(escape_untrusted("on-tick ä 价"), "on-tick ä 价");
        assert_eq!(escape_untrusted("a\nb"), "a\\nb");
        assert_eq!(visible("a\nb\r"), "a\nb\\u{d}");
    }

    #[test]
    fn a_noun_agrees_with_its_number() {
        let shown = [0_u64, 1, 2].map(|number| counted(number, "order"));
        assert_eq!(shown, ["0 orders", "1 order", "2 orders"]);
    }

    #[test]
    fn secrets_in_urls_are_not_shown() {
        for (text, shown) in [
            ("cloning `https://me:secret@host/a`: no", "cloning `https://***@host/a`: no"),
            ("https://token@host", "https://***@host"),
            ("http://a:b@c/d https://e@f/@g", "http://***@c/d https://***@f/@g"),
            ("ssh://me:secret@host:22/a@b", "ssh://***@host:22/a@b"),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
        for plain in ["ssh://git@host/a", "git@host:a/b", "https://host/a@b", "a://", "://@", "no"]
        {
            assert_eq!(without_secrets(plain), plain);
        }
    }

    #[test]
    fn long_names_are_cut_and_long_paths_are_not() {
        assert_eq!(escape_untrusted(&"x".repeat(300)).chars().count(), LONGEST + 1);
        assert_eq!(path(Path::new(&"x".repeat(300))), "x".repeat(300));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_spelled_out() {
        use std::os::unix::ffi::OsStrExt as _;
        let name = std::ffi::OsStr::from_bytes(b"a\xff\n\xc3\xa4.wasm");
        assert_eq!(path(Path::new(name)), "a\\xFF\\nä.wasm");
    }
}
