//! Validates function bodies on all cores, and finds the instruction sets that they use.
//!
//! Bodies are collected in batches, so that a file with millions of them does not need memory for each one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmparser_host::{
    BinaryReaderError, FuncToValidate, FuncValidatorAllocations, FunctionBody, ValidatorResources,
};

/// Bytes of code for which a thread pays off. On a busy machine, starting one takes about as long as validating them.
const WORTH_A_THREAD: usize = 256 << 10;
/// Maximum number of bodies in a batch.
const BATCH: usize = 1 << 16;

/// Instruction sets beyond the basic one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instructions {
    /// 128-bit vectors.
    pub simd: bool,
    /// Vector instructions whose results may differ between machines.
    pub relaxed_simd: bool,
    /// Atomic memory access.
    pub atomics: bool,
}

impl Instructions {
    fn add(&mut self, other: Self) {
        self.simd |= other.simd;
        self.relaxed_simd |= other.relaxed_simd;
        self.atomics |= other.atomics;
    }
}

type Body<'a> = (FuncToValidate<ValidatorResources>, FunctionBody<'a>);

/// A batch of bodies to validate.
pub(super) struct Functions<'a> {
    bytes: &'a [u8],
    waiting: Vec<Mutex<Option<Body<'a>>>>,
    size: usize,
    /// Bytes of the largest body.
    pub largest: usize,
    /// Instruction sets of the validated bodies.
    pub used: Instructions,
}

impl<'a> Functions<'a> {
    /// `bytes` is the whole file.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, waiting: Vec::new(), size: 0, largest: 0, used: Instructions::default() }
    }

    /// Adds a body to the batch.
    ///
    /// # Errors
    /// If the batch is full and a body in it is not valid.
    pub fn push(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: FunctionBody<'a>,
    ) -> Result<(), BinaryReaderError> {
        self.size += body.range().len();
        self.largest = self.largest.max(body.range().len());
        self.waiting.push(Mutex::new(Some((function, body))));
        if self.waiting.len() < BATCH { Ok(()) } else { self.validate() }
    }

    /// Validates the batch.
    ///
    /// # Errors
    /// If a body is not valid; the first one in the file's order.
    pub fn validate(&mut self) -> Result<(), BinaryReaderError> {
        let waiting = std::mem::take(&mut self.waiting);
        // Finding out the number of cores reads several files, so this only happens when it matters.
        let threads = match 1 + std::mem::take(&mut self.size) / WORTH_A_THREAD {
            1 => 1,
            wanted => std::thread::available_parallelism().map_or(1, usize::from).min(wanted),
        };
        let next = AtomicUsize::new(0);
        let work = || work(self.bytes, &waiting, &next);
        let results = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mine = work();
            others
                .into_iter()
                .filter_map(|other| other.join().ok())
                .chain([mine])
                .collect::<Vec<_>>()
        });
        let mut errors = Vec::new();
        for (used, error) in results {
            self.used.add(used);
            errors.extend(error);
        }
        errors.into_iter().min_by_key(BinaryReaderError::offset).map_or(Ok(()), Err)
    }
}

/// Validates bodies until there are none left, or one is not valid.
fn work(
    bytes: &[u8],
    waiting: &[Mutex<Option<Body<'_>>>],
    next: &AtomicUsize,
) -> (Instructions, Option<BinaryReaderError>) {
    let mut used = Instructions::default();
    let mut allocations = FuncValidatorAllocations::default();
    while let Some(slot) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
        let body = slot.lock().ok().and_then(|mut slot| slot.take());
        let Some((function, body)) = body else { continue };
        let mut validator = function.into_validator(allocations);
        if let Err(error) = validate_body(bytes, &mut validator, &body, &mut used) {
            return (used, Some(error));
        }
        allocations = validator.into_allocations();
    }
    (used, None)
}

fn validate_body(
    bytes: &[u8],
    validator: &mut wasmparser_host::FuncValidator<ValidatorResources>,
    body: &FunctionBody<'_>,
    used: &mut Instructions,
) -> Result<(), BinaryReaderError> {
    const VECTOR: u8 = 0xfd;
    const ATOMIC: u8 = 0xfe;
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    while !reader.eof() {
        let position = reader.original_position();
        match bytes.get(position) {
            // Relaxed instructions have opcodes from 0x100 on, which take a third byte.
            Some(&VECTOR) => match bytes.get(position + 1..position + 3) {
                Some(&[low, high]) if low & 0x80 != 0 && high > 1 => used.relaxed_simd = true,
                _ => used.simd = true,
            },
            Some(&ATOMIC) => used.atomics = true,
            _ => {}
        }
        reader.visit_operator(&mut validator.visitor(position))??;
    }
    validator.finish(reader.original_position())
}
