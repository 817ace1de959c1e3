//! Lines of a text. In: bytes. Out: one line after the other, in one buffer, of a length that fits into memory.

use std::io::{self, BufRead, Read as _};

/// The longest line. A row has some hundred bytes; a device or a binary file may have no line at all.
const LONGEST: u64 = 1 << 20;

/// The byte-order mark that some programs put before UTF-8.
pub(super) const MARK: &[u8] = "\u{feff}".as_bytes();

/// A text that is read line by line.
pub(super) struct Lines {
    text: Box<dyn BufRead>,
    end: u8,
    /// Of the last line, from 1.
    pub(super) number: u64,
    /// The last line, without its end.
    pub(super) line: Vec<u8>,
}

impl Lines {
    pub(super) fn new(mut text: Box<dyn BufRead>) -> io::Result<Self> {
        let start = text.fill_buf()?;
        // The ends of lines in old Excel files.
        let end = if start.contains(&b'\r') && !start.contains(&b'\n') { b'\r' } else { b'\n' };
        let skipped = if start.starts_with(MARK) { MARK.len() } else { 0 };
        text.consume(skipped);
        Ok(Self { text, end, number: 0, line: Vec::new() })
    }

    /// Reads the next line that is not blank; `false` at the end of the text.
    ///
    /// # Errors
    /// The text cannot be read or unpacked, or has a line longer than a mebibyte.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        loop {
            self.line.clear();
            self.number += 1;
            let read = self.text.by_ref().take(LONGEST).read_until(self.end, &mut self.line)?;
            if read == 0 {
                return Ok(false);
            }
            if read as u64 == LONGEST && self.line.last() != Some(&self.end) {
                let words = format!("line {} has more than 1 MiB", self.number);
                return Err(io::Error::new(io::ErrorKind::InvalidData, words));
            }
            while self.line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
                self.line.pop();
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// The last line as text.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.line).ok()
    }
}
