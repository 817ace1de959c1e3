//! Opens a tape and unpacks it. In: a path, or `-` for stdin. Out: the text of a table or of events, or a Parquet file.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::Path;

use super::bytes::Bytes;
use super::gzip::{self, Members};
use super::lines::Lines;
use super::{Error, archive};
use crate::fs;

/// What the first bytes say that a file is.
pub(super) enum Content {
    Table(Lines),
    Events(Lines),
    Parquet(File),
}

/// So many bytes are read at a time.
const BUFFER: usize = 1 << 16;

const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// Of a frame that is no data, without its first half byte; a file can begin with one.
const ZSTD_SKIPPABLE: [u8; 3] = [0x2A, 0x4D, 0x18];
/// So many bytes tell what a file is: the mark of an archive of tar is behind its first names.
const START: u64 = 512;
const PARQUET: [u8; 4] = *b"PAR1";
const ZIP: [u8; 4] = *b"PK\x03\x04";
const EMPTY_ZIP: [u8; 4] = *b"PK\x05\x06";

/// What a file is that another program has to unpack or convert first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// Compressed by bzip2.
    Bzip2,
    /// Compressed by xz.
    Xz,
    /// Compressed by lz4.
    Lz4,
    /// An archive of 7-Zip.
    SevenZip,
    /// An archive of tar.
    Tar,
    /// UTF-16.
    Utf16,
}

impl Foreign {
    fn of(start: &[u8]) -> Option<Self> {
        let begins = [
            (&b"BZh"[..], Self::Bzip2),
            (b"\xFD7zXZ\0", Self::Xz),
            (b"\x04\x22\x4D\x18", Self::Lz4),
            (b"7z\xBC\xAF\x27\x1C", Self::SevenZip),
            (b"\xFF\xFE", Self::Utf16),
            (b"\xFE\xFF", Self::Utf16),
        ];
        let found = begins.into_iter().find(|(magic, _)| start.starts_with(magic));
        let is_tar = start.get(257..262).is_some_and(|magic| magic == b"ustar");
        found.map(|(_, foreign)| foreign).or(is_tar.then_some(Self::Tar))
    }

    /// What it is, in words.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Bzip2 => "packed by bzip2",
            Self::Xz => "packed by xz",
            Self::Lz4 => "packed by lz4",
            Self::SevenZip => "an archive of 7-Zip",
            Self::Tar => "an archive of tar",
            Self::Utf16 => "UTF-16",
        }
    }

    /// The command that writes the text to stdout.
    pub(super) fn command(self) -> &'static str {
        match self {
            Self::Bzip2 => "bzip2 -dc",
            Self::Xz => "xz -dc",
            Self::Lz4 => "lz4 -dc",
            Self::SevenZip => "7z x -so",
            Self::Tar => "tar -xOf",
            Self::Utf16 => "iconv -f UTF-16 -t UTF-8",
        }
    }
}

/// Whether a path can be read only once: stdin, a pipe.
pub(crate) fn is_stream(path: &Path) -> bool {
    path == Path::new("-") || fs::is_pipe(path)
}

pub(super) fn open(path: &Path, is_hashed: bool) -> Result<(Content, Bytes), Error> {
    let unread = |source| Error::Fs(fs::Error { action: "read", path: path.to_owned(), source });
    let file = if path == Path::new("-") { fs::stdin()? } else { fs::open(path)? };
    let bytes = Bytes::new(file, is_hashed);
    let (start, file) = peek(bytes.clone()).map_err(unread)?;
    let mut names = Vec::new();
    let text: Box<dyn Read> = if start.starts_with(&PARQUET) {
        return Ok((Content::Parquet(from_start(path, file, &bytes).map_err(unread)?), bytes));
    } else if start.starts_with(&ZIP) || start.starts_with(&EMPTY_ZIP) {
        let archive = archive::open(path, from_start(path, file, &bytes).map_err(unread)?)?;
        names.clone_from(&archive.names);
        Box::new(archive)
    } else if start.starts_with(&gzip::MAGIC) {
        Box::new(Members::new(file))
    } else if is_zstd(&start) {
        Box::new(zstd::Decoder::with_buffer(file).map_err(unread)?)
    } else {
        return Ok((content(path, file, &names, is_stream(path))?, bytes));
    };
    Ok((content(path, text, &names, true)?, bytes))
}

/// What was packed, or was not. Of several files, it is one after the other.
fn content(
    path: &Path,
    text: impl Read + 'static,
    names: &[String],
    is_packed: bool,
) -> Result<Content, Error> {
    let damaged =
        |error: io::Error| Error::Damaged { path: path.to_owned(), reason: error.to_string() };
    let (start, mut text) = peek(text).map_err(damaged)?;
    if start.starts_with(&PARQUET) && names.len() > 1 {
        return Err(Error::Archive { path: path.to_owned(), names: names.to_owned() });
    }
    if start.starts_with(&PARQUET) {
        return Ok(Content::Parquet(fs::copied(&mut text).map_err(damaged)?));
    }
    if let Some(foreign) = Foreign::of(&start) {
        return Err(Error::Foreign { path: path.to_owned(), foreign });
    }
    let start = start.strip_prefix(super::lines::MARK).unwrap_or(&start).trim_ascii_start();
    // A table begins with a name or a number; an event is an object or a string, and names with quotes are none.
    let words = ["timer", "poll", "restart", "restart without orders", "reconnect", "cancel_all"];
    let is_script = start.starts_with(b"{")
        || words.iter().any(|word| start.starts_with(format!("\"{word}\"").as_bytes()));
    if start.starts_with(b"[") {
        return Err(Error::NotATape { path: path.to_owned() });
    }
    let mut lines = Lines::new(Box::new(text)).map_err(damaged)?;
    lines.is_packed = is_packed;
    Ok(if is_script { Content::Events(lines) } else { Content::Table(lines) })
}

/// A file of which the first bytes are known.
type Peeked<R> = BufReader<Chain<Cursor<Vec<u8>>, R>>;

/// The first bytes, and all of them. A pipe may bring them one by one.
pub(super) fn peek<R: Read>(mut file: R) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let mut start = Vec::new();
    file.by_ref().take(START).read_to_end(&mut start)?;
    Ok((start.clone(), BufReader::with_capacity(BUFFER, Cursor::new(start).chain(file))))
}

fn is_zstd(start: &[u8]) -> bool {
    start.starts_with(&ZSTD)
        || (start.first().is_some_and(|byte| byte >> 4 == 5)
            && start.get(1..4) == Some(&ZSTD_SKIPPABLE))
}

/// A file whose parts can be read in any order, of one whose first bytes were read.
fn from_start(path: &Path, mut file: impl Read, bytes: &Bytes) -> io::Result<File> {
    if is_stream(path) {
        return fs::copied(&mut file);
    }
    bytes.clone().rewound()
}
