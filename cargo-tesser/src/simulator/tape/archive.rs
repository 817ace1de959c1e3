//! A zip archive with a tape in it, as Binance publishes them. In: an archive. Out: its one file, unpacked bit by bit.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Take};
use std::path::Path;

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::Error;

/// Opens the one file of an archive.
///
/// # Errors
/// It is damaged, has a password, is packed by another method than usual, or holds no file or several.
pub(super) fn open(path: &Path, file: File) -> Result<Box<dyn Read>, Error> {
    let damaged = |reason: String| Error::Damaged { path: path.to_owned(), reason };
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(error.to_string()))?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|error| damaged(error.to_string()))?;
        let name = file.name().map_err(|error| damaged(error.to_string()))?.into_owned();
        // What macOS adds to each file.
        if file.is_file() && !name.starts_with("__MACOSX/") {
            files.push((index, name));
        }
    }
    let [(index, _)] = files[..] else {
        let names = files.into_iter().map(|(_, name)| name).collect();
        return Err(Error::Archive { path: path.to_owned(), names });
    };
    let entry = archive.by_index_raw(index).map_err(|error| damaged(error.to_string()))?;
    let (method, start) = (entry.compression(), entry.data_start());
    let (size, expected) = (entry.compressed_size(), entry.crc32());
    if entry.encrypted() {
        return Err(damaged("it has a password".into()));
    }
    drop(entry);
    let start = start.ok_or_else(|| damaged("it does not say where its file begins".into()))?;
    let mut packed = archive.into_inner();
    packed.seek(SeekFrom::Start(start)).map_err(|error| damaged(error.to_string()))?;
    let packed = packed.take(size);
    match method {
        CompressionMethod::Stored => {
            Ok(Box::new(Checked { file: CrcReader::new(packed), expected }))
        }
        CompressionMethod::Deflated => {
            let file: CrcReader<DeflateDecoder<Take<BufReader<File>>>> =
                CrcReader::new(DeflateDecoder::new(packed));
            Ok(Box::new(Checked { file, expected }))
        }
        method => Err(damaged(format!("it is packed by the method {method}"))),
    }
}

/// A file whose checksum is compared at its end.
struct Checked<R> {
    file: CrcReader<R>,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        if read == 0 && !buffer.is_empty() && self.file.crc().sum() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum is wrong"));
        }
        Ok(read)
    }
}
