//! Dividing the work of a layer among threads.

/// Maximum number of parts of a layer: more than there are threads, so that slow or late threads take fewer.
const MAX_PARTS: usize = 16;

/// How often a thread polls the others before it sleeps: some milliseconds. Another thread may have died, or been preempted.
#[cfg(feature = "threads")]
const MAX_WAITED: u32 = 1_000_000;

/// Returns how many of `count` items a part takes, a multiple of `multiple`; all of them on a single thread.
pub(crate) fn size(count: usize, multiple: usize) -> usize {
    size_on(threads(), count, multiple)
}

/// [`size`] for a layer that is divided among so many threads.
pub(crate) fn size_on(threads: usize, count: usize, multiple: usize) -> usize {
    if threads == 1 { count.next_multiple_of(multiple).max(1) } else { count.div_ceil(MAX_PARTS).next_multiple_of(multiple) }
}

/// Returns a size that does not depend on the number of threads, for sums over parts.
pub(crate) fn reduction_chunk(count: usize) -> usize {
    count.div_ceil(MAX_PARTS)
}

/// Returns the number of threads in the caller's rayon pool; 1 outside any pool. A caller outside the pool would wait for a
/// worker to wake up at every layer.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "threads")]
    return rayon::current_thread_index().map_or(1, |_| rayon::current_num_threads());
    #[cfg(not(feature = "threads"))]
    return 1;
}

/// Does the work of every part, on the calling thread if `threads` is 1, otherwise on all [`threads`].
pub(crate) fn each_on<T: Send>(threads: usize, parts: impl Iterator<Item = T>, work: impl Fn(T) + Send + Sync) {
    if threads == 1 { parts.for_each(work) } else { each(parts, work) }
}

/// Does the work of every part, on all [`threads`].
///
/// A layer takes some hundred microseconds; sleeping and waking would add a good part of that. The calling thread therefore takes parts
/// like the others, and at the end spins until they have finished theirs.
///
/// Each thread begins with the same share of every layer, and only then takes parts from the others. Where cores do not share a
/// cache, this keeps a thread's weights and its own output of the previous layer near its core.
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
    // Each thread's share, and how many of its parts are taken.
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
    use std::{
        sync::{
            Condvar, Mutex,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
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

    /// A barrier with a timeout: a missing thread fails the test instead of hanging it.
    #[derive(Default)]
    struct Meeting {
        arrivals: Mutex<usize>,
        arrived: Condvar,
    }

    impl Meeting {
        /// Whether `count` arrivals were counted in time.
        fn reaches(&self, count: usize) -> bool {
            let mut arrivals = self.arrivals.lock().unwrap();
            *arrivals += 1;
            self.arrived.notify_all();
            let too_few = |arrivals: &mut usize| *arrivals < count;
            !self.arrived.wait_timeout_while(arrivals, Duration::from_secs(60), too_few).unwrap().1.timed_out()
        }
    }

    #[test]
    fn every_thread_begins_with_its_own_share_of_each_layer() {
        let meeting = Meeting::default();
        with_threads(3, || {
            for layer in 1..=10 {
                let alone = AtomicUsize::new(0);
                each(0..3, |part| {
                    // No thread finishes a part before every thread has one.
                    if !meeting.reaches(3 * layer) || rayon::current_thread_index() != Some(part) {
                        alone.fetch_add(1, Ordering::Relaxed);
                    }
                });
                assert_eq!(alone.into_inner(), 0, "layer {layer}: a part was begun by another thread, or not at all");
            }
        });
    }
}
