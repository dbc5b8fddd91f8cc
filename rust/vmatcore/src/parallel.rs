//! Fixed chunks of rows over threads that live only for the call.
//!
//! There is no global pool, so a forked child can call at once. Chunks depend
//! on the rows alone, never on the threads, so results cannot depend on the
//! schedule. Only this file starts threads.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::{Error, Result};
use crate::lanes::Level;

/// What a long call needs from its caller: threads, CPU level, a way to stop, a place to count.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// How many threads to use at most.
    pub threads: NonZeroUsize,
    /// Which instructions to use.
    pub level: Level,
    /// Set by the caller to stop the work.
    pub cancel: &'a AtomicBool,
    /// Rows finished so far.
    pub done: &'a AtomicU64,
}

impl Work<'_> {
    /// Return an error if the caller asked to stop. Call it every few milliseconds of work.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    #[inline]
    pub fn check(&self) -> Result<()> {
        if self.cancel.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// Give `body` every chunk of `rows_per_chunk` rows of `table`, with the number of its first row.
///
/// # Errors
/// The error of the first chunk that failed, or [`Error::Cancelled`].
pub fn over_chunks<T: Send>(
    work: &Work<'_>,
    table: &mut [T],
    row_length: usize,
    rows_per_chunk: usize,
    body: impl Fn(usize, &mut [T]) -> Result<()> + Sync,
) -> Result<()> {
    let length = row_length * rows_per_chunk;
    if table.is_empty() || length == 0 {
        return Ok(());
    }
    let chunks = table.len().div_ceil(length);
    let queue = Mutex::new(table.chunks_mut(length).enumerate());
    let failure: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    // Chunks are handed out in order, so every chunk before a failed one has
    // been started and the lowest failure does not depend on the schedule.
    let worker = || {
        loop {
            let next = queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).next();
            let Some((index, chunk)) = next else { return };
            let rows = chunk.len() / row_length;
            let outcome = work.check().and_then(|()| body(index * rows_per_chunk, chunk));
            match outcome {
                Ok(()) => {
                    work.done.fetch_add(rows as u64, Ordering::Relaxed);
                }
                Err(error) => {
                    let mut first = failure.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    if first.as_ref().is_none_or(|(other, _)| index < *other) {
                        *first = Some((index, error));
                    }
                    return;
                }
            }
        }
    };
    let threads = work.threads.get().min(chunks);
    if threads == 1 {
        worker();
    } else {
        std::thread::scope(|scope| {
            for _ in 1..threads {
                // A system that refuses a thread only makes the call slower.
                if std::thread::Builder::new().spawn_scoped(scope, worker).is_err() {
                    break;
                }
            }
            worker();
        });
    }
    match failure.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

/// Fold rows into one accumulator for each thread, and merge those into `into`.
///
/// The threads take chunks as they come, so `body` and `merge` must not care
/// about order: exact sums of integers, counts, extremes.
///
/// # Errors
/// As [`over_chunks`].
pub fn fold_chunks<A: Send>(
    work: &Work<'_>,
    rows: usize,
    rows_per_chunk: usize,
    fresh: impl Fn() -> Result<A> + Sync,
    body: impl Fn(usize, usize, &mut A) -> Result<()> + Sync,
    mut merge: impl FnMut(A),
) -> Result<()> {
    let chunks = rows.div_ceil(rows_per_chunk.max(1));
    // One slot for each thread; a chunk borrows a free accumulator and gives it back.
    let spare: Mutex<Vec<A>> = Mutex::new(Vec::new());
    let lock = || spare.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut numbers: Vec<()> = vec![(); chunks];
    let inner = AtomicU64::new(0);
    let uncounted = Work { done: &inner, ..*work };
    over_chunks(&uncounted, &mut numbers, 1, 1, |chunk, _| {
        let taken = lock().pop();
        let mut own = taken.map_or_else(&fresh, Ok)?;
        let first = chunk * rows_per_chunk;
        let count = rows_per_chunk.min(rows - first);
        body(first, count, &mut own)?;
        work.done.fetch_add(count as u64, Ordering::Relaxed);
        lock().push(own);
        Ok(())
    })?;
    let finished = std::mem::take(&mut *lock());
    finished.into_iter().for_each(&mut merge);
    Ok(())
}

/// For tests: a call on so many threads, the wish to stop it, and what it has done.
#[cfg(test)]
pub(crate) fn with_work<R>(
    threads: usize,
    body: impl FnOnce(&Work<'_>, &AtomicBool, &AtomicU64) -> R,
) -> R {
    let (cancel, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let work = Work {
        threads: NonZeroUsize::new(threads).unwrap(),
        level: Level::Baseline,
        cancel: &cancel,
        done: &done,
    };
    body(&work, &cancel, &done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_counts_every_row_once_whatever_the_threads() {
        for threads in [1, 2, 3, 64] {
            with_work(threads, |work, _, done| {
                let mut total = 0;
                fold_chunks(
                    work,
                    1003,
                    10,
                    || Ok(0),
                    |first, count, sum: &mut usize| {
                        *sum += (first..first + count).sum::<usize>();
                        Ok(())
                    },
                    |sum| total += sum,
                )
                .unwrap();
                assert_eq!(total, 1003 * 1002 / 2);
                assert_eq!(done.load(Ordering::Relaxed), 1003);
            });
        }
    }

    #[test]
    fn every_row_is_given_once_with_its_own_number() {
        for threads in [1, 2, 3, 8, 64] {
            with_work(threads, |work, _, done| {
                let mut table = vec![0usize; 3 * 101];
                over_chunks(work, &mut table, 3, 8, |first, rows| {
                    for (i, row) in rows.chunks_mut(3).enumerate() {
                        row.fill(row[0] + first + i + 1);
                    }
                    Ok(())
                })
                .unwrap();
                let expected: Vec<usize> = (0..101).flat_map(|i| [i + 1; 3]).collect();
                assert_eq!(table, expected);
                assert_eq!(done.load(Ordering::Relaxed), 101);
            });
        }
    }

    #[test]
    fn the_first_failing_chunk_is_reported_whatever_the_threads() {
        for threads in [1, 2, 8] {
            with_work(threads, |work, _, _| {
                let mut table = vec![0u8; 1000];
                let error = over_chunks(work, &mut table, 1, 10, |first, _| {
                    if first >= 300 {
                        Err(Error::parameter("row", "failed", first))
                    } else {
                        Ok(())
                    }
                })
                .unwrap_err();
                assert_eq!(error, Error::parameter("row", "failed", 300));
            });
        }
    }

    #[test]
    fn a_set_flag_stops_the_work() {
        with_work(2, |work, cancel, done| {
            cancel.store(true, Ordering::Relaxed);
            let outcome = over_chunks(work, &mut [0u8; 100], 1, 10, |_, _| Ok(()));
            assert_eq!(outcome, Err(Error::Cancelled));
            assert_eq!(done.load(Ordering::Relaxed), 0);
        });
    }
}
