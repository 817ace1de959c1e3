//! Runs work on all cores.
//!
//! In: items, and a function for each. Out: the results, in the order of the items.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Stack size of a thread in bytes: that of a main thread, so that a verdict does not depend on the number of files.
const STACK: usize = 8 << 20;

/// How many cores may work; 0 is all.
static CORES: AtomicUsize = AtomicUsize::new(0);

/// Limits all later work to so many cores.
pub fn use_cores(cores: usize) {
    CORES.store(cores, Ordering::Relaxed);
}

/// Runs the work for every item on all cores; the results are in the order of the items. A core finishes an item before it takes
/// the next, so that no more files than cores are in memory.
pub fn on_all_cores<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    on_all_cores_telling(items, work, |_| {})
}

/// The same; each result is passed on as soon as it and those of all earlier items are available.
pub fn on_all_cores_telling<I: Sync, T: Send>(
    items: &[I],
    work: impl Fn(&I) -> T + Sync,
    tell: impl FnMut(&T) + Send,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Done { results: items.iter().map(|_| None).collect(), told: 0, tell });
    let worker = || {
        while let Some((index, item)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, item))
        } {
            let result = work(item);
            if let Ok(mut done) = done.lock() {
                done.add(index, result);
            }
        }
    };
    let cores = match items.len() {
        0 | 1 => 1,
        items => match CORES.load(Ordering::Relaxed) {
            0 => thread::available_parallelism().map_or(1, usize::from).min(items),
            cores => cores.min(items),
        },
    };
    thread::scope(|scope| {
        for _ in 1..cores {
            // If a thread cannot be started, the others do its work.
            let _ = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker);
        }
        worker();
    });
    let done = done.into_inner().map(|done| done.results).unwrap_or_default();
    done.into_iter().flatten().collect()
}

/// Results by the index of their item.
struct Done<T, F> {
    results: Vec<Option<T>>,
    /// Number of results that were passed on.
    told: usize,
    tell: F,
}

impl<T, F: FnMut(&T)> Done<T, F> {
    fn add(&mut self, index: usize, result: T) {
        if let Some(place) = self.results.get_mut(index) {
            *place = Some(result);
        }
        while let Some(Some(result)) = self.results.get(self.told) {
            (self.tell)(result);
            self.told += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_whatever_they_take() {
        let items: Vec<u64> = (0..40).collect();
        let results = on_all_cores(&items, |item| {
            thread::sleep(std::time::Duration::from_millis(7 * (item % 3)));
            *item
        });
        assert_eq!(results, items);
        assert!(on_all_cores(&[], |item: &u8| *item).is_empty());
    }

    #[test]
    fn results_are_told_in_the_order_of_the_items_while_others_are_at_work() {
        let (mut told, last) = (Vec::new(), AtomicUsize::new(0));
        let items: Vec<usize> = (0..20).collect();
        let work = |item: &usize| {
            thread::sleep(std::time::Duration::from_millis(5));
            last.fetch_max(*item, Ordering::SeqCst);
            *item
        };
        on_all_cores_telling(&items, work, |item| told.push((*item, last.load(Ordering::SeqCst))));
        assert_eq!(told.iter().map(|(item, _)| *item).collect::<Vec<_>>(), items);
        assert!(told[0].1 < 19, "the first was told when all were done: {told:?}");
    }

    #[test]
    fn every_core_works_and_holds_one_item() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let threads = Mutex::new(BTreeSet::new());
        on_all_cores(&[(); 64], |()| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(std::time::Duration::from_millis(5));
            threads.lock().unwrap().insert(format!("{:?}", thread::current().id()));
            now.fetch_sub(1, Ordering::SeqCst);
        });
        let cores = thread::available_parallelism().unwrap().get().min(64);
        assert_eq!(threads.into_inner().unwrap().len(), cores);
        assert!(most.into_inner() <= cores);
    }
}
