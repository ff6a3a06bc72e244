//! Dividing the work of a layer among threads.

/// How many parts a layer is divided into, at most: more than threads, of which some are slow, or late, and should find less to do.
const MOST: usize = 16;

/// How often one looks whether the others have finished before one sleeps: some milliseconds. One of them may have died, or been
/// interrupted.
#[cfg(feature = "threads")]
const MOST_WAITED: u32 = 1_000_000;

/// How many of `count` items a part takes, a multiple of `multiple`: all for a single thread.
pub(crate) fn size(count: usize, multiple: usize) -> usize {
    if threads() == 1 { count.next_multiple_of(multiple).max(1) } else { count.div_ceil(MOST).next_multiple_of(multiple) }
}

/// The same whatever the number of threads: for sums over parts, which must not depend on it.
pub(crate) fn size_of_sums(count: usize) -> usize {
    count.div_ceil(MOST)
}

/// Threads of the pool of rayon that the caller belongs to: 1 outside of any. Who does not belong to it would have to wait until somebody
/// of it wakes up, layer by layer.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "threads")]
    return rayon::current_thread_index().map_or(1, |_| rayon::current_num_threads());
    #[cfg(not(feature = "threads"))]
    return 1;
}

/// Does the work of every part: on all [`threads`], where this build has some.
///
/// A layer takes some hundred microseconds, and to fall asleep and be woken takes a good part of that. So whoever has called this takes
/// part after part like everybody else, and in the end waits without sleeping for those who are about to finish theirs.
#[cfg(feature = "threads")]
pub(crate) fn each<T: Send>(parts: impl Iterator<Item = T>, work: impl Fn(T) + Send + Sync) {
    use std::sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    };

    let threads = threads();
    if threads == 1 {
        return parts.for_each(work);
    }
    let parts: Vec<Mutex<Option<T>>> = parts.map(|part| Mutex::new(Some(part))).collect();
    let (taken, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let take_part = || {
        while let Some(part) = parts.get(taken.fetch_add(1, Ordering::Relaxed)) {
            if let Some(part) = part.lock().unwrap_or_else(PoisonError::into_inner).take() {
                work(part);
            }
            done.fetch_add(1, Ordering::Release);
        }
    };
    rayon::in_place_scope(|scope| {
        for _ in 1..threads.min(parts.len()) {
            scope.spawn(|_| take_part());
        }
        take_part();
        let mut waited = 0_u32;
        while done.load(Ordering::Acquire) < parts.len() && waited < MOST_WAITED {
            waited += 1;
            std::hint::spin_loop();
        }
    });
}

/// Does the work of every part, one after the other.
#[cfg(not(feature = "threads"))]
pub(crate) fn each<T: Send>(parts: impl Iterator<Item = T>, work: impl Fn(T) + Send + Sync) {
    parts.for_each(work);
}
