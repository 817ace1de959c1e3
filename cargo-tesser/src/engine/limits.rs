//! Limits of memory and tables of an instance.

use wasmtime::ResourceLimiter;

/// Maximum bytes of linear memory of an instance. A plugin has one or two MiB.
pub(super) const MEMORY: usize = 256 << 20;
/// Maximum elements of a table. A plugin has some hundreds.
const TABLE: usize = 1 << 20;

/// Resource limits of one instance.
#[derive(Debug)]
pub(super) struct Limits {
    /// Fuel of the start.
    pub(super) fuel: u64,
    /// Size of all memories in bytes.
    pub(super) memory: usize,
    /// Whether a memory or table was not allowed to grow.
    pub(super) refused: bool,
}

impl Limits {
    pub(super) fn new(fuel: u64) -> Self {
        Self { fuel, memory: 0, refused: false }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        now: usize,
        wanted: usize,
        most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // No engine lets a memory grow beyond its own maximum, or beyond 32-bit addresses.
        if most.is_some_and(|most| wanted > most) || wanted as u64 > 1 << 32 {
            return Ok(false);
        }
        // All memories of the instance together.
        let memory = self.memory.saturating_add(wanted.saturating_sub(now));
        self.refused |= memory > MEMORY;
        if !self.refused {
            self.memory = memory;
        }
        Ok(!self.refused)
    }

    fn table_growing(
        &mut self,
        _: usize,
        wanted: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.refused |= wanted > TABLE;
        Ok(!self.refused)
    }
}
