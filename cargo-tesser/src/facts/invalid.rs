//! Why the host's validator refuses a file.
//!
//! In: the bytes and the error. Out: the message and its cause, found by validating again with more
//! proposals and with a newer validator.

use wasmparser_host::{BinaryReader, BinaryReaderError};

use crate::host_profile::Proposals;

/// Why a file is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The validator's message.
    pub message: String,
    /// Byte offset in the file.
    pub offset: u64,
    /// The cause of the refusal.
    pub reason: Reason,
}

/// The cause of a validator's refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The bytes end too early.
    Truncated,
    /// Valid for today's validators with the same proposals: a limit or an encoding of the host's engine.
    HostTooOld,
    /// Valid with proposals that the host has disabled.
    Proposal,
    /// Not valid in any engine.
    Invalid,
    /// Unknown: the file was not read to its end.
    TooMuch,
}

/// Size in bytes above which only one other validation is made.
const LARGE: usize = 16 << 20;

impl Invalid {
    /// Creates the result for a file that was not read to its end.
    pub(super) fn too_much(what: &str) -> Self {
        Self { message: what.to_owned(), offset: 0, reason: Reason::TooMuch }
    }

    pub(super) fn of(bytes: &[u8], error: &BinaryReaderError, proposals: &Proposals) -> Self {
        let valid = |features| {
            wasmparser::Validator::new_with_features(features).validate_all(bytes).is_ok()
        };
        let reason = if end(bytes) == End::Cut {
            Reason::Truncated
        } else if bytes.len() > LARGE {
            // It would take too long to distinguish the two.
            if valid(wasmparser::WasmFeatures::all()) {
                Reason::HostTooOld
            } else {
                Reason::Invalid
            }
        } else if valid(proposals.current()) {
            Reason::HostTooOld
        } else if valid(wasmparser::WasmFeatures::all()) {
            Reason::Proposal
        } else {
            Reason::Invalid
        };
        if let End::Foreign(at) = end(bytes)
            && valid_for_host(&bytes[..at], proposals)
        {
            let message =
                format!("{} bytes that are not a section follow its end", bytes.len() - at);
            return Self { message, offset: at as u64, reason };
        }
        Self { message: error.message().to_owned(), offset: error.offset() as u64, reason }
    }
}

fn valid_for_host(bytes: &[u8], proposals: &Proposals) -> bool {
    wasmparser_host::Validator::new_with_features(proposals.host()).validate_all(bytes).is_ok()
}

/// How the bytes end.
#[derive(PartialEq, Eq)]
enum End {
    /// With a section.
    Whole,
    /// In the middle of one.
    Cut,
    /// With bytes that start here and are not a section.
    Foreign(usize),
}

/// Everything nested is inside of a section of the outermost level, so only that level is read.
fn end(bytes: &[u8]) -> End {
    const HEADER: usize = 8;
    /// The last section id of modules; components have fewer. Other ids are foreign bytes.
    const LAST_ID: u8 = 13;
    let mut reader = BinaryReader::new(bytes.get(HEADER..).unwrap_or_default());
    while !reader.eof() {
        let at = HEADER + reader.original_position();
        if reader.read_u8().is_ok_and(|id| id > LAST_ID) {
            return End::Foreign(at);
        }
        let Ok(size) = reader.read_var_u32() else { return End::Cut };
        if reader.read_bytes(size as usize).is_err() {
            return End::Cut;
        }
    }
    End::Whole
}
