//! Words of a command line, quoted for a shell.

use std::ffi::OsStr;

/// Returns a word of a command line, quoted if necessary, so that the line can be pasted.
pub fn quoted(word: &OsStr) -> String {
    let Some(word) = word.to_str().filter(|word| !word.chars().any(char::is_control)) else {
        return escaped(word);
    };
    let plain = |c: char| c.is_alphanumeric() || "-_./=+:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Escapes unprintable bytes in the form that bash, zsh and ksh read.
fn escaped(word: &OsStr) -> String {
    let byte = |byte: &u8| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02X}"),
    };
    let text: String = word.as_encoded_bytes().iter().map(byte).collect();
    format!("$'{text}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_word_that_no_terminal_can_show_is_escaped() {
        use std::os::unix::ffi::OsStrExt as _;
        assert_eq!(quoted(OsStr::from_bytes(b"it's\xff\x1b[1m")), r"$'it\'s\xFF\x1B[1m'");
    }
}
