//! Opens a tape and unpacks it. In: a path. Out: the text of a table or of events, or a Parquet file.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::fs;

/// What the first bytes say that a file is.
pub(super) enum Content {
    Table(Box<dyn BufRead>),
    Events(Box<dyn BufRead>),
    Parquet(File),
}

const GZIP: [u8; 2] = [0x1F, 0x8B];
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
const PARQUET: [u8; 4] = *b"PAR1";

pub(super) fn open(path: &Path) -> Result<Content, fs::Error> {
    let unread = |source| fs::Error { action: "read", path: path.to_owned(), source };
    let mut file = BufReader::new(fs::open(path)?);
    let start = file.fill_buf().map_err(unread)?;
    if start.starts_with(&PARQUET) {
        let mut file = file.into_inner();
        file.rewind().map_err(unread)?;
        return Ok(Content::Parquet(file));
    }
    let mut text: Box<dyn BufRead> = if start.starts_with(&GZIP) {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else if start.starts_with(&ZSTD) {
        Box::new(BufReader::new(zstd::Decoder::with_buffer(file).map_err(unread)?))
    } else {
        Box::new(file)
    };
    // A table begins with a name or a number; an event is an object or a string, and names with quotes are none.
    let start = text.fill_buf().map_err(unread)?.trim_ascii_start();
    let words = ["timer", "poll", "restart", "restart without orders", "reconnect", "cancel_all"];
    let is_script = start.starts_with(b"{")
        || words.iter().any(|word| start.starts_with(format!("\"{word}\"").as_bytes()));
    Ok(if is_script { Content::Events(text) } else { Content::Table(text) })
}
