use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use rayon::ThreadPoolBuilder;

/// Items that may wait for a thread, and outcomes that may wait for their turn.
const AHEAD: usize = 8;

/// How long a thread without an item takes, at most, to hear that there is nothing more to do.
const PATIENCE: Duration = Duration::from_millis(50);

/// Gives each item to `work`, on as many threads as that, and each outcome to `take`, in the order of the items. Items are
/// asked for as they are needed: no more than a few for each thread are in memory. Ends with the first error of `take`, at once:
/// whoever waits for the next item, which may never come, is left behind.
///
/// The items are dealt to the threads in turn, and the outcomes collected in turn: their order needs no sorting.
pub fn in_order<T: Send + 'static, R: Send, E>(
    items: impl Iterator<Item = T> + Send + 'static,
    threads: NonZeroUsize,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let (work, ended) = (&work, &ended);
        let (mut workers, mut outcomes) = (Vec::new(), Vec::<Receiver<R>>::new());
        for _ in 0..threads.get() {
            let (worker, items) = sync_channel::<T>(AHEAD);
            let (outcome, outcomes_of_worker) = sync_channel(AHEAD);
            scope.spawn(move || {
                // An item for each core: nothing of it is divided further. Without such a pool burn would, which costs but time.
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
            workers.push(worker);
            outcomes.push(outcomes_of_worker);
        }
        // Whoever finds nobody at the other end of a channel stops, and so does the next. This thread alone is not waited for: it may
        // be reading from standard input.
        thread::spawn(move || items.zip(workers.iter().cycle()).try_for_each(|(item, worker)| worker.send(item)));
        let result = outcomes.iter().cycle().map_while(|of_worker| of_worker.recv().ok()).try_for_each(&mut take);
        ended.store(true, Ordering::Relaxed);
        // Nobody can be waiting to hand over an outcome once there is nowhere to hand it over.
        drop(outcomes);
        result
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn threads(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).unwrap()
    }

    #[test]
    fn outcomes_come_in_the_order_of_the_items() {
        for (items, n) in [(0, 3), (1, 3), (100, 1), (1000, 7)] {
            let mut taken = Vec::new();
            let work = |item: u64| {
                // Later items of a few are ready before earlier ones.
                thread::sleep(Duration::from_micros(50 * (item * 7919 % 5)));
                item * 2
            };
            let result: Result<(), ()> = in_order(0..items, threads(n), work, |outcome| {
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
        let result: Result<(), ()> = in_order(
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
        // As standard input that is open, and says nothing.
        let (_open, nothing) = sync_channel::<u32>(0);
        let items = std::iter::once(1).chain(nothing);
        assert_eq!(in_order(items, threads(3), |item| item, |_| Err("enough")), Err("enough"));
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
                if item == 20 { Err("enough") } else { Ok(()) }
            },
        );
        assert_eq!((result, taken), (Err("enough"), 21));
    }
}
