//! Dividing the work of a layer among threads.

/// How many parts a layer is divided into, at most. Not the number of threads: sums over parts must not depend on that, and threads
/// that are slow, or late, should find less to do.
const MOST: usize = 16;

/// How many of `count` items a part takes, a multiple of `multiple`.
pub(crate) fn size(count: usize, multiple: usize) -> usize {
    count.div_ceil(MOST).next_multiple_of(multiple)
}

/// Threads of the pool that this is called in.
#[cfg(any(feature = "threads", not(target_family = "wasm")))]
pub(crate) fn threads() -> usize {
    #[cfg(feature = "threads")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "threads"))]
    return 1;
}

/// Does the work of every part: on all threads of the pool that this is called in, where this build has threads.
#[cfg(feature = "threads")]
pub(crate) fn each<T: Send>(parts: impl Iterator<Item = T>, work: impl Fn(T) + Send + Sync) {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};

    if threads() == 1 {
        return parts.for_each(work);
    }
    let mut parts: Vec<T> = parts.collect();
    match parts.len() {
        // Not worth waking anybody.
        0 | 1 => parts.drain(..).for_each(work),
        _ => parts.into_par_iter().for_each(work),
    }
}

/// Does the work of every part, one after the other.
#[cfg(not(feature = "threads"))]
pub(crate) fn each<T: Send>(parts: impl Iterator<Item = T>, work: impl Fn(T) + Send + Sync) {
    parts.for_each(work);
}
