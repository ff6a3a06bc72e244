//! The standard library's allocator, hidden from link-time optimisation.
//!
//! Seen with rustc 1.95: the optimiser knows that `vec![0; n]` is all zeros and sees how it is freed, and concludes that the length, which
//! the allocator wrote just before it, is zero too. The allocator then panics about memory "of another size".
use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
};

struct OutOfSight;

// SAFETY: every call is forwarded to the standard library's allocator, with the same arguments.
unsafe impl GlobalAlloc for OutOfSight {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline(never)]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(black_box(memory), layout) }
    }

    #[inline(never)]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe { System.realloc(black_box(memory), layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: OutOfSight = OutOfSight;
