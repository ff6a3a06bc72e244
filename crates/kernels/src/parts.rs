//! Dividing the work of a layer among threads.

/// How many parts a layer is divided into, at most: more than threads, of which some are slow, or late, and should find less to do.
const MAX_PARTS: usize = 16;

/// How often one looks whether the others have finished before one sleeps: some milliseconds. One of them may have died, or been
/// interrupted.
#[cfg(feature = "threads")]
const MAX_WAITED: u32 = 1_000_000;

/// How many of `count` items a part takes, a multiple of `multiple`: all for a single thread.
pub(crate) fn size(count: usize, multiple: usize) -> usize {
    if threads() == 1 { count.next_multiple_of(multiple).max(1) } else { count.div_ceil(MAX_PARTS).next_multiple_of(multiple) }
}

/// The same whatever the number of threads: for sums over parts, which must not depend on it.
pub(crate) fn reduction_chunk(count: usize) -> usize {
    count.div_ceil(MAX_PARTS)
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
///
/// Everybody begins with the same share of each layer, and only then takes what others have left: what a thread reads, weights and what
/// it has written itself in the layer before, is then near its core, where cores do not share a cache.
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
    // Each thread's share, and how many of it have been taken.
    let share = |thread| &parts[parts.len() * thread / threads..parts.len() * (thread + 1) / threads];
    let shares: Vec<_> = (0..threads).map(|thread| (share(thread), AtomicUsize::new(0))).collect();
    let done = AtomicUsize::new(0);
    let take_parts = || {
        let own = rayon::current_thread_index().unwrap_or(0);
        for (share, taken) in shares[own..].iter().chain(&shares[..own]) {
            while let Some(part) = share.get(taken.fetch_add(1, Ordering::Relaxed)) {
                if let Some(part) = part.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    work(part);
                }
                done.fetch_add(1, Ordering::Release);
            }
        }
    };
    rayon::in_place_scope(|scope| {
        for _ in 1..threads.min(parts.len()) {
            scope.spawn(|_| take_parts());
        }
        take_parts();
        let mut waited = 0_u32;
        while done.load(Ordering::Acquire) < parts.len() && waited < MAX_WAITED {
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

#[cfg(all(test, feature = "threads"))]
mod tests {
    use std::sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    fn with_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run)
    }

    #[test]
    fn every_part_is_done_once() {
        for threads in [1, 2, 3, 5] {
            for count in [0, 1, 2, 7, 16] {
                let done: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
                with_threads(threads, || each(done.iter(), |done| assert_eq!(done.fetch_add(1, Ordering::Relaxed), 0)));
                assert!(done.iter().all(|done| done.load(Ordering::Relaxed) == 1), "{count} parts, {threads} threads");
            }
        }
    }

    #[test]
    fn every_thread_begins_with_its_own_share_of_each_layer() {
        let all_are_there = Barrier::new(3);
        with_threads(3, || {
            for _layer in 0..10 {
                each(0..3, |part| {
                    // Nobody finishes a part before everybody has one.
                    all_are_there.wait();
                    assert_eq!(rayon::current_thread_index(), Some(part));
                });
            }
        });
    }
}
