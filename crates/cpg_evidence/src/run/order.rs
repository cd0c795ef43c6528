//! Work that many threads do and one takes in order, a bounded way ahead.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Hands out the numbers below `count` to workers, and their results in the order of the numbers.
pub(super) struct Ordered<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    count: usize,
    ahead: usize,
}

struct State<T> {
    /// The next number for a worker.
    next_taken: usize,
    /// The next number whose result is taken.
    next_given: usize,
    results: BTreeMap<usize, T>,
    stopped: bool,
}

impl<T> Ordered<T> {
    /// Workers stay at most `ahead` numbers ahead of the results that were taken.
    pub(super) fn new(count: usize, ahead: usize) -> Self {
        Self {
            state: Mutex::new(State {
                next_taken: 0,
                next_given: 0,
                results: BTreeMap::new(),
                stopped: false,
            }),
            changed: Condvar::new(),
            count,
            ahead: ahead.max(1),
        }
    }

    /// The next number to work on, as soon as it is not too far ahead; none when all are taken or work stopped.
    pub(super) fn take(&self) -> Option<usize> {
        let mut state = self
            .changed
            .wait_while(self.lock(), |state| {
                !state.stopped
                    && state.next_taken < self.count
                    && state.next_taken >= state.next_given + self.ahead
            })
            .unwrap_or_else(PoisonError::into_inner);
        if state.stopped || state.next_taken >= self.count {
            return None;
        }
        state.next_taken += 1;
        Some(state.next_taken - 1)
    }

    /// The result of a number that was taken.
    pub(super) fn put(&self, number: usize, result: T) {
        self.lock().results.insert(number, result);
        self.changed.notify_all();
    }

    /// The next result in order; none after the last, or when work stopped.
    pub(super) fn next(&self) -> Option<T> {
        let mut state = self
            .changed
            .wait_while(self.lock(), |state| {
                !state.stopped
                    && state.next_given < self.count
                    && !state.results.contains_key(&state.next_given)
            })
            .unwrap_or_else(PoisonError::into_inner);
        let number = state.next_given;
        let result = state.results.remove(&number)?;
        state.next_given += 1;
        self.changed.notify_all();
        Some(result)
    }

    /// Stops all work when dropped.
    pub(super) fn stop_on_drop(&self) -> StopOnDrop<'_, T> {
        StopOnDrop { ordered: self, only_on_panic: false }
    }

    /// Stops all work when dropped by a panic, so that nobody waits for what never comes.
    pub(super) fn stop_on_panic(&self) -> StopOnDrop<'_, T> {
        StopOnDrop { ordered: self, only_on_panic: true }
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// No code that can panic runs under the lock, so that a poisoned state is still whole.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Ordered::stop_on_drop`].
pub(super) struct StopOnDrop<'a, T> {
    ordered: &'a Ordered<T>,
    only_on_panic: bool,
}

impl<T> Drop for StopOnDrop<'_, T> {
    fn drop(&mut self) {
        if !self.only_on_panic || std::thread::panicking() {
            self.ordered.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::Ordered;

    #[test]
    fn results_come_in_order_and_work_stays_near() {
        let ordered = Ordered::new(100, 3);
        let given = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(number) = ordered.take() {
                        assert!(number < given.load(Ordering::SeqCst) + 3 + 1);
                        // Later numbers of a group finish first.
                        std::thread::sleep(Duration::from_micros(300 - (number as u64 % 3) * 100));
                        ordered.put(number, number);
                    }
                });
            }
            let mut results = Vec::new();
            while let Some(result) = ordered.next() {
                results.push(result);
                given.store(results.len(), Ordering::SeqCst);
            }
            assert_eq!(results, (0..100).collect::<Vec<_>>());
        });
    }

    #[test]
    fn nobody_waits_once_stopped() {
        let ordered = Ordered::new(10, 1);
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                assert_eq!(ordered.take(), Some(0));
                ordered.put(0, ());
                // Waits for the result to be taken, which never happens.
                ordered.take()
            });
            while ordered.lock().results.is_empty() {
                std::thread::yield_now();
            }
            drop(ordered.stop_on_drop());
            assert_eq!(worker.join().ok(), Some(None));
        });
    }
}
