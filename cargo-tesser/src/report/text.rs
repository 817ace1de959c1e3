//! Names from files that nobody vouches for, made fit to be printed.

/// How many characters of a foreign name are shown.
const LONGEST: usize = 200;

/// The text without anything that could steer a terminal or reorder a line: control, format and
/// bidirectional characters become `\u{..}`. Ends of lines stay.
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

/// A foreign name on one line: as [`visible`], without ends of lines, and cut at 200 characters.
pub fn harmless(text: &str) -> String {
    let mut cut: String = text.chars().take(LONGEST).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    visible(&cut).replace('\n', "\\n")
}

/// Invisible characters that change how their neighbours are shown (Unicode category Cf and the line
/// and paragraph separators), as far as they matter for a line of text.
fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0001}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_and_bidirectional_marks_are_spelled_out() {
        assert_eq!(harmless("a\x1b[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
        assert_eq!(harmless("on-tick ä 价"), "on-tick ä 价");
        assert_eq!(harmless("a\nb"), "a\\nb");
        assert_eq!(visible("a\nb\r"), "a\nb\\u{d}");
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(harmless(&"x".repeat(300)).chars().count(), LONGEST + 1);
    }
}
