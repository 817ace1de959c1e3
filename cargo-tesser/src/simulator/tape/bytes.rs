//! The bytes of a tape, which are hashed as they are read.
//!
//! In: a file. Out: its bytes, and at the end the SHA-256 of all of them as they lie there, whatever is packed in them.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::rc::Rc;

use crate::digest::Hasher;

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
