//! The list of every entry and exit, one vesicle at a time.
//!
//! The same words and the same arithmetic as [`super::ssa`], so the list belongs
//! to the contents that it gives. Events are counted in a first pass and written
//! in a second, so nothing grows while the events run.

use super::Cohort;
use super::course::{Use, begin, start, stream};
use super::event::event;
use crate::parallel::{Work, over_chunks};
use crate::random::xoshiro::Xoshiro;
use crate::{Error, Result};

/// Events between two looks at the caller's wish to stop.
const EVENTS_PER_CHECK: u64 = 1 << 16;

/// How many events each vesicle has until the last read.
///
/// # Errors
/// [`Error::Solver`] for a clock that stands still; [`Error::Cancelled`].
pub fn count(cohort: &Cohort, counts: &mut [u64], work: &Work<'_>) -> Result<()> {
    if counts.len() != cohort.vesicles {
        return Err(Error::parameter("counts", "must hold one number a vesicle", counts.len()));
    }
    over_chunks(work, counts, 1, 1, |row, count| {
        count[0] = 0;
        walk(cohort, row, work, |_, _| count[0] += 1)
    })
}

/// Write the time and the change (+1 or -1) of every event, vesicle after vesicle.
///
/// # Errors
/// [`Error::Parameter`] for slices that do not fit the counts; as [`count`].
pub fn write(
    cohort: &Cohort,
    counts: &[u64],
    time_s: &mut [f64],
    change: &mut [i8],
    work: &Work<'_>,
) -> Result<()> {
    let total: u64 = counts.iter().sum();
    if total != time_s.len() as u64 || total != change.len() as u64 {
        return Err(Error::parameter("time_s", "must hold every event", time_s.len()));
    }
    let (mut times, mut changes) = (time_s, change);
    let mut places = Vec::with_capacity(counts.len());
    for &count in counts {
        let (own_times, more_times) = times.split_at_mut(count as usize);
        let (own_changes, more_changes) = changes.split_at_mut(count as usize);
        places.push((own_times, own_changes));
        (times, changes) = (more_times, more_changes);
    }
    over_chunks(work, &mut places, 1, 1, |row, place| {
        let (times, changes) = &mut place[0];
        let mut next = 0;
        walk(cohort, row, work, |event_s, change| {
            times[next] = event_s;
            changes[next] = change as i8;
            next += 1;
        })
    })
}

/// Tell `sink` the time and the change of each event of one vesicle, until the last read.
fn walk(
    cohort: &Cohort,
    row: usize,
    work: &Work<'_>,
    mut sink: impl FnMut(f64, f64),
) -> Result<()> {
    if cohort.supply.is_some() {
        let rule = "must be without a proton supply for a list of events";
        return Err(Error::parameter("law", rule, "one with it"));
    }
    let Some(&end_s) = cohort.time_s.last() else { return Ok(()) };
    let mut course = begin(cohort, row)?;
    let mut generator = Xoshiro::from_stream(&mut stream(cohort, row, Use::Events)?);
    let mut molecules = f64::from(start(cohort, &course, row)?);
    let mut time_s = 0.0;
    let mut seen_s = -1.0;
    let mut steps: u64 = 0;
    while time_s <= end_s {
        let rates = course.rates();
        let (wait, change) =
            event(rates.birth(molecules), rates.death(molecules), generator.word());
        let event_s = if wait.is_nan() { f64::INFINITY } else { time_s + wait };
        let until_s = course.until_s();
        if until_s <= event_s {
            if until_s > end_s {
                break;
            }
            time_s = until_s;
            course.pass();
        } else {
            if event_s > end_s {
                break;
            }
            time_s = event_s;
            molecules += change;
            sink(event_s, change);
        }
        steps += 1;
        if steps.is_multiple_of(EVENTS_PER_CHECK) {
            work.check()?;
            if time_s == seen_s {
                return Err(Error::Solver {
                    what: format!("the events of vesicle {row}"),
                    when: format!("{time_s} s"),
                    cause: "they follow too fast for the clock to move".into(),
                });
            }
            seen_s = time_s;
        }
    }
    Ok(())
}
