//! A plugin's allocator: blocks whose sizes are powers of two, with one free list for each size.
//!
//! A callback allocates a few small blocks and frees them all, so the next one finds each size that it
//! needs at the head of a list: an allocation takes a few instructions. Blocks are never joined or
//! split. The price: a block can be twice as large as requested, and its memory is only reused for blocks of the same size.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr;

/// WebAssembly's unit of memory, bytes.
const PAGE: usize = 1 << 16;
/// The smallest block has 2⁴ = 16 bytes: room for the list's pointer, and every common alignment.
const SMALLEST: u32 = 4;
/// The largest block has 2³⁰ bytes, far more than a host allows.
const LARGEST: u32 = 30;

/// The source of memory.
pub trait Memory {
    /// Grows the memory by `pages` pages and returns the address of the first one, a multiple of the page size. The address of the
    /// end does not overflow either.
    fn grow(&self, pages: usize) -> Option<usize>;
}

/// The module's own memory.
#[cfg(target_arch = "wasm32")]
pub struct Linear;

#[cfg(target_arch = "wasm32")]
impl Memory for Linear {
    fn grow(&self, pages: usize) -> Option<usize> {
        let before = std::arch::wasm32::memory_grow::<0>(pages);
        // The end of all 4 GiB is not a valid address, so the last page is never used.
        (before != usize::MAX && before + pages < usize::MAX / PAGE).then(|| before * PAGE)
    }
}

pub struct Blocks<M> {
    memory: M,
    /// The first free block of each size. Each free block begins with the address of the next one.
    free: [Cell<*mut Link>; (LARGEST + 1) as usize],
    /// Start and end of the memory that was never allocated.
    fresh: Cell<(usize, usize)>,
}

struct Link(*mut Self);

#[cfg(target_feature = "atomics")]
compile_error!("a plugin has one thread: the host refuses shared memory");
// SAFETY: there is no second thread, see above.
unsafe impl<M> Sync for Blocks<M> {}

impl<M: Memory> Blocks<M> {
    pub const fn new(memory: M) -> Self {
        Self {
            memory,
            free: [const { Cell::new(ptr::null_mut()) }; (LARGEST + 1) as usize],
            fresh: Cell::new((0, 0)),
        }
    }

    /// Returns a block of memory that was never allocated.
    #[cold]
    #[inline(never)]
    fn cut(&self, order: u32) -> Option<*mut u8> {
        let size = 1 << order;
        loop {
            let (from, to) = self.fresh.get();
            // A block starts at a multiple of its size, so it satisfies every alignment that was rounded up to that size.
            let start = from.checked_next_multiple_of(size.min(PAGE))?;
            let end = start.checked_add(size)?;
            if end <= to {
                self.keep(from, start);
                self.fresh.set((end, to));
                return Some(ptr::with_exposed_provenance_mut(start));
            }
            let pages = (end - to).div_ceil(PAGE);
            let more = self.memory.grow(pages)?;
            // Other code may have grown the memory; then the new pages do not follow ours.
            let from = if more == to {
                from
            } else {
                self.keep(from, to);
                more
            };
            self.fresh.set((from, more + pages * PAGE));
        }
    }

    /// Puts unused memory into the free lists, in the largest aligned blocks.
    fn keep(&self, mut from: usize, to: usize) {
        while from < to {
            let order = from.trailing_zeros().min(PAGE.trailing_zeros());
            self.put(ptr::with_exposed_provenance_mut(from), order);
            from += 1 << order;
        }
    }

    #[expect(clippy::cast_ptr_alignment, reason = "a block lies at a multiple of 16 bytes")]
    fn put(&self, block: *mut u8, order: u32) {
        let list = &self.free[order as usize];
        let block = block.cast::<Link>();
        // SAFETY: the block is not in use, has at least 16 bytes and starts at a multiple of 16.
        unsafe { block.write(Link(list.get())) };
        list.set(block);
    }
}

/// The exponent of the smallest block size that fits the layout; `None` if it is larger than the largest block.
fn order(layout: Layout) -> Option<u32> {
    let size = layout.size().max(layout.align()).max(1 << SMALLEST);
    (size <= 1 << LARGEST && layout.align() <= PAGE)
        .then(|| usize::BITS - (size - 1).leading_zeros())
}

// SAFETY: a block is in one list or in use, never both; it has at least the requested size and starts at a
// multiple of the alignment; a failure returns null.
unsafe impl<M: Memory> GlobalAlloc for Blocks<M> {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(order) = order(layout) else { return ptr::null_mut() };
        let list = &self.free[order as usize];
        let block = list.get();
        if block.is_null() {
            return self.cut(order).unwrap_or(ptr::null_mut());
        }
        // SAFETY: a free block begins with what `put` wrote there.
        list.set(unsafe { (*block).0 });
        block.cast()
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // Every allocated block has an order.
        if let Some(order) = order(layout) {
            self.put(block, order);
        }
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: guaranteed by the caller.
        let new = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        if order(new) == order(layout) {
            return block;
        }
        // SAFETY: guaranteed by the caller, and the new block does not overlap the old one.
        unsafe {
            let moved = self.alloc(new);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    use std::alloc::System;

    use proptest::prelude::*;

    use super::*;

    /// Pages of its own; now and then somebody else takes one in between.
    struct Arena {
        start: *mut u8,
        used: Cell<usize>,
        foreign: bool,
    }

    const PAGES: usize = 1024;

    impl Arena {
        fn new(foreign: bool) -> Self {
            // SAFETY: the size is not zero.
            let start = unsafe { System.alloc(Self::layout()) };
            assert!(!start.is_null(), "64 MiB");
            Self { start, used: Cell::new(0), foreign }
        }

        fn layout() -> Layout {
            Layout::from_size_align(PAGES * PAGE, PAGE).expect("a layout")
        }
    }

    impl Memory for Arena {
        fn grow(&self, pages: usize) -> Option<usize> {
            let first = self.used.get() + usize::from(self.foreign);
            if first + pages > PAGES {
                return None;
            }
            self.used.set(first + pages);
            Some(self.start.expose_provenance() + first * PAGE)
        }
    }

    impl Drop for Arena {
        fn drop(&mut self) {
            // SAFETY: it comes from there.
            unsafe { System.dealloc(self.start, Self::layout()) };
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Take { size: usize, align: u32 },
        Resize { which: usize, size: usize },
        Give { which: usize },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let size =
            prop_oneof![8 => 1_usize..300, 2 => 300_usize..20_000, 1 => 20_000_usize..150_000];
        let step = prop_oneof![
            4 => (size.clone(), 0_u32..9).prop_map(|(size, align)| Step::Take { size, align }),
            2 => (any::<usize>(), size).prop_map(|(which, size)| Step::Resize { which, size }),
            3 => any::<usize>().prop_map(|which| Step::Give { which }),
        ];
        prop::collection::vec(step, 1..100)
    }

    /// A block in use, all of whose bytes have one value.
    struct Used(*mut u8, Layout, u8);

    impl Used {
        fn fill(&self) {
            assert_eq!(self.0.addr() % self.1.align(), 0, "alignment of {:?}", self.1);
            // SAFETY: the block has these bytes.
            unsafe { self.0.write_bytes(self.2, self.1.size()) };
        }

        fn check(&self, size: usize) {
            // SAFETY: the block has these bytes, all were written.
            let bytes = unsafe { std::slice::from_raw_parts(self.0, size) };
            assert!(bytes.iter().all(|byte| *byte == self.2), "somebody wrote into {:?}", self.1);
        }
    }

    proptest! {
        #[test]
        fn blocks_in_use_keep_their_bytes(steps in steps(), foreign: bool) {
            let blocks = Blocks::new(Arena::new(foreign));
            let mut used = Vec::new();
            for (value, step) in (0_u8..).zip(steps) {
                match step {
                    Step::Take { size, align } => {
                        let layout = Layout::from_size_align(size, 1 << align).expect("a layout");
                        // SAFETY: the size is not zero.
                        let block = unsafe { blocks.alloc(layout) };
                        prop_assert!(!block.is_null());
                        used.push(Used(block, layout, value));
                        used[used.len() - 1].fill();
                    }
                    Step::Resize { which, size } if !used.is_empty() => {
                        let at = which % used.len();
                        let Used(block, layout, _) = used[at];
                        used[at].check(layout.size());
                        // SAFETY: it is in use, the size is not zero.
                        used[at].0 = unsafe { blocks.realloc(block, layout, size) };
                        prop_assert!(!used[at].0.is_null());
                        used[at].check(size.min(layout.size()));
                        used[at].1 = Layout::from_size_align(size, layout.align()).expect("a layout");
                        used[at].fill();
                    }
                    Step::Give { which } if !used.is_empty() => {
                        let gone = used.swap_remove(which % used.len());
                        gone.check(gone.1.size());
                        // SAFETY: it was in use, and is not any more.
                        unsafe { blocks.dealloc(gone.0, gone.1) };
                    }
                    Step::Resize { .. } | Step::Give { .. } => {}
                }
            }
            for block in &used {
                block.check(block.1.size());
            }
        }
    }

    #[test]
    fn what_is_given_back_is_handed_out_again() {
        let blocks = Blocks::new(Arena::new(false));
        let layout = |size| Layout::from_size_align(size, 1).expect("a layout");
        for round in 0..1000 {
            let sizes = [24, 7, 1000, 64, 70_000, 15];
            let taken = sizes.map(|size| {
                // SAFETY: the size is not zero.
                let block = unsafe { blocks.alloc(layout(size)) };
                assert!(!block.is_null(), "round {round}");
                block
            });
            for (block, size) in taken.into_iter().zip(sizes) {
                // SAFETY: it is in use.
                unsafe { blocks.dealloc(block, layout(size)) };
            }
        }
        // One page for the small ones, two for the large one.
        assert_eq!(blocks.memory.used.get(), 3);
    }

    #[test]
    fn what_no_memory_has_room_for_is_null() {
        let blocks = Blocks::new(Arena::new(false));
        for (size, align) in [(PAGES * PAGE + 1, 1), ((1 << LARGEST) + 1, 1), (1, 2 * PAGE)] {
            let layout = Layout::from_size_align(size, align).expect("a layout");
            // SAFETY: the size is not zero.
            assert!(unsafe { blocks.alloc(layout) }.is_null(), "{layout:?}");
        }
        let small = Layout::from_size_align(10, 1).expect("a layout");
        // SAFETY: the size is not zero; the block is in use.
        unsafe {
            let block = blocks.alloc(small);
            block.write_bytes(7, 10);
            assert!(blocks.realloc(block, small, PAGES * PAGE).is_null());
            assert_eq!(
                std::slice::from_raw_parts(block, 10),
                [7; 10],
                "the old block is still there"
            );
        }
    }
}
