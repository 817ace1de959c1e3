//! gzip as files have it: one member after the other, and zeros at the end where something padded them.
//!
//! In: packed bytes. Out: what was packed.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// The first bytes of a member.
pub(super) const MAGIC: [u8; 2] = [0x1F, 0x8B];

/// The members of a file.
pub(super) struct Members<R>(State<R>);

enum State<R> {
    Inside(Box<GzDecoder<R>>),
    Between(R),
    Over,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(packed: R) -> Self {
        Self(State::Inside(Box::new(GzDecoder::new(packed))))
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.0, State::Over) {
                State::Inside(mut member) => match member.read(buffer)? {
                    0 if !buffer.is_empty() => self.0 = State::Between(member.into_inner()),
                    read => {
                        self.0 = State::Inside(member);
                        return Ok(read);
                    }
                },
                State::Between(mut packed) => {
                    let rest = packed.fill_buf()?;
                    let zeros = rest.iter().take_while(|byte| **byte == 0).count();
                    if zeros > 0 {
                        packed.consume(zeros);
                        self.0 = State::Between(packed);
                    } else if rest.first() == MAGIC.first() {
                        self.0 = State::Inside(Box::new(GzDecoder::new(packed)));
                    } else if !rest.is_empty() {
                        let words = "something else follows its end";
                        return Err(io::Error::new(io::ErrorKind::InvalidData, words));
                    }
                }
                State::Over => return Ok(0),
            }
        }
    }
}
