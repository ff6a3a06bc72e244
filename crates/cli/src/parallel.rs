use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use rayon::ThreadPoolBuilder;

/// Capacity of each thread's queue of items, and of its queue of outcomes.
const AHEAD: usize = 8;

/// Longest time an idle thread takes to notice the end.
const PATIENCE: Duration = Duration::from_millis(50);

/// Why there are fewer threads than requested.
#[derive(Debug, thiserror::Error)]
#[error("thread {number} of {threads} cannot be started ({source}); ask for fewer with --threads")]
pub struct NoThread {
    number: usize,
    threads: usize,
    source: io::Error,
}

/// Passes each item to `work`, on this many threads, and each outcome to `take`, in the order of the items. Items are pulled
/// lazily: only a few per thread are in memory. Returns at once on the first error from `take`, without joining the thread that
/// reads items, because the next item may never come.
///
/// Items are dealt to the threads round-robin, and outcomes collected round-robin, so they need no sorting.
pub fn in_order<T: Send + 'static, R: Send, E: From<NoThread>>(
    items: impl Iterator<Item = T> + Send + 'static,
    threads: NonZeroUsize,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let (work, ended) = (&work, &ended);
        let (mut workers, mut outcomes) = (Vec::new(), Vec::<Receiver<R>>::new());
        let failed = |number, source| NoThread { number, threads: threads.get(), source };
        for number in 1..=threads.get() {
            let (worker, items) = sync_channel::<T>(AHEAD);
            let (outcome, outcomes_of_worker) = sync_channel(AHEAD);
            let started = thread::Builder::new().spawn_scoped(scope, move || {
                // Each core has its own item. Without this one-thread pool, burn would also split up each item, which only
                // costs time.
                let _alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
                loop {
                    let goes_on = match items.recv_timeout(PATIENCE) {
                        Ok(item) => outcome.send(work(item)).is_ok(),
                        Err(RecvTimeoutError::Timeout) => !ended.load(Ordering::Relaxed),
                        Err(RecvTimeoutError::Disconnected) => false,
                    };
                    if !goes_on {
                        return;
                    }
                }
            });
            started.map_err(|source| failed(number, source))?;
            workers.push(worker);
            outcomes.push(outcomes_of_worker);
        }
        // A thread stops when its channel is closed, which closes the next channel. Only the reading thread is not joined: it
        // may be blocked on standard input.
        let deal = move || items.zip(workers.iter().cycle()).try_for_each(|(item, worker)| worker.send(item));
        thread::Builder::new().spawn(deal).map_err(|source| failed(threads.get(), source))?;
        let result = outcomes.iter().cycle().map_while(|of_worker| of_worker.recv().ok()).try_for_each(&mut take);
        ended.store(true, Ordering::Relaxed);
        // Unblocks workers that are waiting to send an outcome.
        drop(outcomes);
        result
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Debug, PartialEq)]
    enum Ended {
        Enough,
        NoThread,
    }

    impl From<NoThread> for Ended {
        fn from(_: NoThread) -> Self {
            Self::NoThread
        }
    }

    fn threads(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).unwrap()
    }

    #[test]
    fn outcomes_come_in_the_order_of_the_items() {
        for (items, n) in [(0, 3), (1, 3), (100, 1), (1000, 7)] {
            let mut taken = Vec::new();
            let work = |item: u64| {
                // Makes some later items ready before earlier ones.
                thread::sleep(Duration::from_micros(50 * (item * 7919 % 5)));
                item * 2
            };
            let result: Result<(), Ended> = in_order(0..items, threads(n), work, |outcome| {
                taken.push(outcome);
                Ok(())
            });
            assert_eq!((result, taken), (Ok(()), (0..items).map(|item| item * 2).collect()));
        }
    }

    #[test]
    fn few_items_are_under_way() {
        let (dealt, taken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counters = (dealt.clone(), taken.clone());
        let items = (0..10_000).inspect(move |_| {
            let (dealt, taken) = &counters;
            let under_way = dealt.fetch_add(1, Ordering::SeqCst) - taken.load(Ordering::SeqCst);
            assert!(under_way <= 3 * (2 * AHEAD + 2) + 2, "{under_way} items are under way");
        });
        let result: Result<(), Ended> = in_order(
            items,
            threads(3),
            |item| item,
            |_| {
                taken.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
        );
        assert_eq!((result, dealt.load(Ordering::SeqCst)), (Ok(()), 10_000));
    }

    #[test]
    fn an_error_ends_it_while_the_next_item_does_not_come() {
        // Like standard input that is open but sends nothing.
        let (_open, nothing) = sync_channel::<u32>(0);
        let items = std::iter::once(1).chain(nothing);
        assert_eq!(in_order(items, threads(3), |item| item, |_| Err(Ended::Enough)), Err(Ended::Enough));
    }

    #[test]
    fn the_first_error_ends_it_even_of_endless_items() {
        let mut taken = 0;
        let result = in_order(
            0..,
            threads(2),
            |item: u32| item,
            |item| {
                taken += 1;
                if item == 20 { Err(Ended::Enough) } else { Ok(()) }
            },
        );
        assert_eq!((result, taken), (Err(Ended::Enough), 21));
    }
}
