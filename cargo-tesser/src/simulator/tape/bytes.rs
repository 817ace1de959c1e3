//! The bytes of a tape, which are hashed as they are read.
//!
//! In: a file. Out: its bytes, and at the end the SHA-256 of all of them as they lie there, whatever is packed in them.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Error;
use crate::digest::{self, Hasher};
use crate::fs;

/// What a tape is read from.
pub(super) enum Source {
    File(Bytes),
    /// Its files.
    Folder(Vec<PathBuf>),
}

impl Source {
    /// The files of a folder; their order is that of their paths.
    pub(super) fn folder(mut files: Vec<PathBuf>) -> Self {
        files.sort();
        Self::Folder(files)
    }

    /// SHA-256 of a file's bytes as they lie there, packed or not. Of a folder, it is that of what `sha256sum` prints for its
    /// files in the order of their paths, which are below the folder. What was not read is read now.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn sha256(&mut self, path: &Path) -> Result<String, Error> {
        let unread = |path: &Path| {
            let path = path.to_owned();
            move |source| fs::Error { action: "read", path, source }
        };
        match self {
            Self::File(bytes) => Ok(bytes.sha256().map_err(unread(path))?.unwrap_or_default()),
            Self::Folder(files) => {
                let mut list = String::new();
                for file in files {
                    let mut bytes = Bytes::new(fs::open(file)?, true);
                    let sha256 = bytes.sha256().map_err(unread(file))?.unwrap_or_default();
                    let name = file.strip_prefix(path).unwrap_or(file).to_string_lossy();
                    let _ = writeln!(list, "{sha256}  {}", fs::with_slashes(&name));
                }
                Ok(digest::sha256(list.as_bytes()))
            }
        }
    }
}

/// A file, for the one who parses it and for the one who wants its hash.
#[derive(Clone)]
pub(super) struct Bytes(Rc<RefCell<Inner>>);

struct Inner {
    file: File,
    hash: Hash,
}

enum Hash {
    /// Nobody asks.
    Unwanted,
    /// Of what was read so far.
    Begun(Hasher),
    /// Of all.
    Known(String),
}

impl Bytes {
    pub(super) fn new(file: File, is_hashed: bool) -> Self {
        let hash = if is_hashed { Hash::Begun(Hasher::default()) } else { Hash::Unwanted };
        Self(Rc::new(RefCell::new(Inner { file, hash })))
    }

    /// The hash, if it is wanted. What nobody has read is read for it.
    pub(super) fn sha256(&mut self) -> io::Result<Option<String>> {
        if matches!(self.0.borrow().hash, Hash::Begun(_)) {
            io::copy(self, &mut io::sink())?;
        }
        let mut inner = self.0.borrow_mut();
        let sha256 = match std::mem::replace(&mut inner.hash, Hash::Unwanted) {
            Hash::Unwanted => return Ok(None),
            Hash::Begun(hasher) => hasher.finish(),
            Hash::Known(sha256) => sha256,
        };
        inner.hash = Hash::Known(sha256.clone());
        Ok(Some(sha256))
    }

    /// The file from its start, for one who reads its parts in another order.
    pub(super) fn rewound(mut self) -> io::Result<File> {
        self.sha256()?;
        let mut file = self.0.borrow().file.try_clone()?;
        file.rewind()?;
        Ok(file)
    }
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let inner = &mut *self.0.borrow_mut();
        let read = inner.file.read(buffer)?;
        if let (Hash::Begun(hasher), Some(bytes)) = (&mut inner.hash, buffer.get(..read)) {
            hasher.add(bytes);
        }
        Ok(read)
    }
}
