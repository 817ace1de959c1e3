//! Lines of a text. In: bytes. Out: one line after the other, in one buffer, of a length that fits into memory.

use std::io::{self, BufRead, Cursor, Read as _};
use std::path::Path;

use memchr::memchr;

use super::Error;

/// The longest line. A row has some hundred bytes; a device or a binary file may have no line at all.
const LONGEST: u64 = 1 << 20;

/// So much is looked at to find out what a text is.
const SAMPLE_BYTES: u64 = 1 << 16;
const SAMPLE_LINES: usize = 100;

/// The byte-order mark that some programs put before UTF-8.
pub(super) const MARK: &[u8] = "\u{feff}".as_bytes();

/// A text that is read line by line.
pub(super) struct Lines {
    text: Box<dyn BufRead>,
    end: u8,
    sample: Vec<Vec<u8>>,
    /// Whether it is not a text as it lies there.
    pub(super) is_packed: bool,
    /// Of the last line, from 1.
    pub(super) number: u64,
    /// The last line, without its end.
    pub(super) line: Vec<u8>,
}

impl Lines {
    pub(super) fn new(mut text: Box<dyn BufRead>) -> io::Result<Self> {
        let mut start = Vec::new();
        text.by_ref().take(SAMPLE_BYTES).read_to_end(&mut start)?;
        if !start.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            text.by_ref().take(LONGEST).read_until(b'\n', &mut start)?;
        }
        if start.starts_with(MARK) {
            start.drain(..MARK.len());
        }
        // The ends of lines in old Excel files.
        let end = if start.contains(&b'\r') && !start.contains(&b'\n') { b'\r' } else { b'\n' };
        let sample = start.split(|byte| *byte == end).map(without_end);
        let sample = sample.filter(|line| !line.trim_ascii().is_empty()).take(SAMPLE_LINES);
        let mut sample: Vec<_> = sample.map(<[u8]>::to_vec).collect();
        // The last line may be cut.
        if start.len() as u64 >= SAMPLE_BYTES && (2..SAMPLE_LINES).contains(&sample.len()) {
            sample.pop();
        }
        let text = Box::new(Cursor::new(start).chain(text));
        Ok(Self { text, end, sample, is_packed: false, number: 0, line: Vec::new() })
    }

    /// The first lines that are not blank. They will be read nevertheless.
    pub(super) fn sample(&self) -> &[Vec<u8>] {
        &self.sample
    }

    /// Whether it may be a table: text, in lines.
    ///
    /// # Errors
    /// It has bytes that no text has, or its first line is too long.
    pub(super) fn check_first(&self, path: &Path) -> Result<(), Error> {
        if self.sample.iter().any(|line| line.contains(&0)) {
            return Err(Error::NotATape { path: path.to_owned() });
        }
        match self.sample.first() {
            Some(first) if first.len() as u64 >= LONGEST => {
                Err(Error::Damaged { path: path.to_owned(), reason: too_long(1).to_string() })
            }
            _ => Ok(()),
        }
    }

    /// An error about its first line, unless that is no text: names of columns may be in another encoding than UTF-8.
    pub(super) fn not_understood(&self, path: &Path, error: Error) -> Error {
        match self.sample.first() {
            Some(first) if std::str::from_utf8(first).is_err() => {
                Error::NotATape { path: path.to_owned() }
            }
            _ => error,
        }
    }

    /// Reads the next line that is not blank; `false` at the end of the text.
    ///
    /// # Errors
    /// The text cannot be read or unpacked, or has a line longer than a mebibyte.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        loop {
            self.line.clear();
            self.number += 1;
            if self.take_buffered()? {
                self.line.truncate(without_end(&self.line).len());
                if !self.line.trim_ascii().is_empty() {
                    return Ok(true);
                }
                continue;
            }
            let read = self.text.by_ref().take(LONGEST).read_until(self.end, &mut self.line)?;
            if read == 0 {
                return Ok(false);
            }
            if read as u64 == LONGEST && self.line.last() != Some(&self.end) {
                return Err(too_long(self.number));
            }
            self.line.truncate(without_end(&self.line).len());
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// Takes the next line out of what was read already, which is the quick way; `false` if its end was not.
    fn take_buffered(&mut self) -> io::Result<bool> {
        let buffered = match self.text.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(false),
            buffered => buffered?,
        };
        let end = memchr(self.end, buffered).filter(|end| (*end as u64) < LONGEST);
        let Some((end, line)) = end.and_then(|end| Some((end, buffered.get(..end)?))) else {
            return Ok(false);
        };
        self.line.extend_from_slice(line);
        self.text.consume(end + 1);
        Ok(true)
    }

    /// The last line as text.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.line).ok()
    }
}

fn too_long(line: u64) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("line {line} has more than 1 MiB"))
}

fn without_end(mut line: &[u8]) -> &[u8] {
    while let [start @ .., b'\r' | b'\n'] = line {
        line = start;
    }
    line
}
