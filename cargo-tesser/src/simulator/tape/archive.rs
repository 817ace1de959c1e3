//! A zip archive with a tape in it, as Binance publishes them, or with several, as people keep them. In: an archive. Out: its files, one
//! after the other by name, unpacked bit by bit.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Take};
use std::path::Path;

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use zip::read::ZipFile;
use zip::{CompressionMethod, ZipArchive};

use super::Error;

/// The files of an archive as one text.
pub(super) struct Archive {
    pub(super) names: Vec<String>,
    packed: Option<BufReader<File>>,
    entries: VecDeque<Entry>,
    open: Option<Checked>,
    /// What was read last.
    last: u8,
}

struct Entry {
    start: u64,
    size: u64,
    crc32: u32,
    is_deflated: bool,
}

/// Opens the files of an archive.
///
/// # Errors
/// It is damaged, has a password, is packed by another method than usual, or holds no file, or files of several kinds.
pub(super) fn open(path: &Path, file: File) -> Result<Archive, Error> {
    let damaged = |reason: String| Error::Damaged { path: path.to_owned(), reason };
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(error.to_string()))?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|error| damaged(error.to_string()))?;
        let name = file.name().map_err(|error| damaged(error.to_string()))?.into_owned();
        // What macOS adds to each file.
        if file.is_file() && !name.starts_with("__MACOSX/") {
            files.push((name, index));
        }
    }
    files.sort();
    let ending = |name: &str| Path::new(name).extension().map(std::ffi::OsStr::to_ascii_lowercase);
    let are_alike = files.windows(2).all(|two| match two {
        [(one, _), (other, _)] => ending(one) == ending(other),
        _ => true,
    });
    if files.is_empty() || !are_alike {
        let names = files.into_iter().map(|(name, _)| name).collect();
        return Err(Error::Archive { path: path.to_owned(), names });
    }
    let mut entries = VecDeque::new();
    for (_, index) in &files {
        let entry = archive.by_index_raw(*index).map_err(|error| damaged(error.to_string()))?;
        entries.push_back(Entry::of(&entry).map_err(damaged)?);
    }
    let names = files.into_iter().map(|(name, _)| name).collect();
    let packed = Some(archive.into_inner());
    Ok(Archive { names, packed, entries, open: None, last: b'\n' })
}

impl Entry {
    fn of<R: Read>(entry: &ZipFile<'_, R>) -> Result<Self, String> {
        if entry.encrypted() {
            return Err("it has a password".into());
        }
        let is_deflated = match entry.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            method => return Err(format!("it is packed by the method {method}")),
        };
        let start = entry.data_start().ok_or("it does not say where its file begins")?;
        Ok(Self { start, size: entry.compressed_size(), crc32: entry.crc32(), is_deflated })
    }
}

impl Read for Archive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty() {
            if let Some(open) = &mut self.open {
                let read = open.read(buffer)?;
                if let Some(last) = buffer.get(..read).and_then(<[u8]>::last) {
                    self.last = *last;
                    return Ok(read);
                }
                self.packed = self.open.take().map(Checked::into_inner);
            }
            let Some(entry) = self.entries.front() else { break };
            let is_cut = !matches!(self.last, b'\n' | b'\r');
            if let Some(first) = buffer.first_mut().filter(|_| is_cut) {
                // The last line of the file before.
                *first = b'\n';
                self.last = b'\n';
                return Ok(1);
            }
            if let Some(mut packed) = self.packed.take() {
                packed.seek(SeekFrom::Start(entry.start))?;
                self.open = Some(Checked::new(packed.take(entry.size), entry));
            }
            self.entries.pop_front();
        }
        Ok(0)
    }
}

/// A file whose checksum is compared at its end.
struct Checked {
    file: Unpacked,
    expected: u32,
}

enum Unpacked {
    Stored(CrcReader<Take<BufReader<File>>>),
    Deflated(CrcReader<DeflateDecoder<Take<BufReader<File>>>>),
}

impl Checked {
    fn new(packed: Take<BufReader<File>>, entry: &Entry) -> Self {
        let file = if entry.is_deflated {
            Unpacked::Deflated(CrcReader::new(DeflateDecoder::new(packed)))
        } else {
            Unpacked::Stored(CrcReader::new(packed))
        };
        Self { file, expected: entry.crc32 }
    }

    fn into_inner(self) -> BufReader<File> {
        match self.file {
            Unpacked::Stored(file) => file.into_inner().into_inner(),
            Unpacked::Deflated(file) => file.into_inner().into_inner().into_inner(),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (read, sum) = match &mut self.file {
            Unpacked::Stored(file) => (file.read(buffer)?, file.crc().sum()),
            Unpacked::Deflated(file) => (file.read(buffer)?, file.crc().sum()),
        };
        if read == 0 && sum != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum is wrong"));
        }
        Ok(read)
    }
}
