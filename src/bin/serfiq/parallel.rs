use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Items that may wait for a thread, and outcomes that may wait for their turn.
const AHEAD: usize = 8;

/// Gives each item to `work`, on as many threads as that, and each outcome to `take`, in the order of the items. Items are
/// asked for as they are needed: no more than a few for each thread are in memory. Ends with the first error of `take`.
///
/// The items are dealt to the threads in turn, and the outcomes collected in turn: their order needs no sorting.
pub fn in_order<T: Send, R: Send, E>(
    items: impl Iterator<Item = T> + Send,
    threads: NonZeroUsize,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    thread::scope(|scope| {
        let work = &work;
        let (mut workers, mut outcomes) = (Vec::new(), Vec::<Receiver<R>>::new());
        for _ in 0..threads.get() {
            let (worker, items) = sync_channel::<T>(AHEAD);
            let (outcome, outcomes_of_worker) = sync_channel(AHEAD);
            scope.spawn(move || items.into_iter().map(work).try_for_each(|done| outcome.send(done)));
            workers.push(worker);
            outcomes.push(outcomes_of_worker);
        }
        // Whoever finds nobody at the other end of a channel stops, and so does the next.
        scope.spawn(move || items.zip(workers.iter().cycle()).try_for_each(|(item, worker)| worker.send(item)));
        outcomes.iter().cycle().map_while(|of_worker| of_worker.recv().ok()).try_for_each(&mut take)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

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
        let (dealt, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items = (0..10_000).inspect(|_| {
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
        assert_eq!((result, dealt.into_inner()), (Ok(()), 10_000));
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
