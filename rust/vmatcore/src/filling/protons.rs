//! Filling by a vesicle whose proton gradient is spent and renewed.
//!
//! Every molecule, proton and chloride ion by Gillespie's direct method
//! (1977, doi:10.1021/j100540a008), or the rate equations of the same ways.

use super::cohort::{Binding, Cohort, Spread, Start};
use super::course::{Use, begin, start, stream, too_many};
use super::lumen::{Lumen, Membrane, Supply, WAYS};
use super::rate_equation;
use crate::parallel::{Work, over_chunks};
use crate::random::exponential::exponential;
use crate::random::uniform::uniform;
use crate::random::xoshiro::Xoshiro;
use crate::vesicle::Size;
use crate::{Error, Result};

/// Events between two looks at the caller's wish to stop.
const EVENTS_PER_CHECK: u64 = 1 << 12;
/// Numbers kept of a lumen: molecules, pH, potential in mV.
pub const READ: usize = 3;

/// Molecules, pH and potential (mV) of every vesicle at every read, (vesicle, time, 3), row-major.
///
/// # Errors
/// [`Error::Parameter`] for a cohort without a supply or an `out` of another size;
/// [`Error::Solver`] for a clock that stands still; [`Error::Cancelled`].
pub fn simulate(cohort: &Cohort, out: &mut [[f64; READ]], work: &Work<'_>) -> Result<()> {
    let times = cohort.time_s.len();
    if out.len() != cohort.vesicles * times {
        return Err(Error::parameter("out", "must hold (vesicle, time)", out.len()));
    }
    let supply = supply(cohort)?;
    over_chunks(work, out, times, 1, |row, reads| {
        walk(cohort, supply, row, work, |read, membrane, lumen| {
            reads[read] = numbers(membrane, lumen);
            Ok(())
        })
    })
}

/// Molecules alone, for the rows of a chunk.
pub(super) fn fill(cohort: &Cohort, first: usize, rows: &mut [u32], work: &Work<'_>) -> Result<()> {
    let supply = supply(cohort)?;
    for (i, row) in rows.chunks_exact_mut(cohort.time_s.len()).enumerate() {
        walk(cohort, supply, first + i, work, |read, _, lumen| {
            if lumen.molecules > f64::from(u32::MAX) {
                return Err(too_many(cohort.time_s[read]));
            }
            row[read] = lumen.molecules as u32;
            Ok(())
        })?;
    }
    Ok(())
}

fn supply(cohort: &Cohort) -> Result<&Supply> {
    let none = || Error::parameter("law", "must be a vesicle with a proton supply", "another");
    cohort.supply.as_ref().ok_or_else(none)
}

fn numbers(membrane: &Membrane<'_>, lumen: &Lumen) -> [f64; READ] {
    [lumen.molecules, membrane.ph(lumen), membrane.potential_mv(lumen)]
}

/// Follow one vesicle through every event until the last read.
fn walk(
    cohort: &Cohort,
    supply: &Supply,
    row: usize,
    work: &Work<'_>,
    mut read: impl FnMut(usize, &Membrane<'_>, &Lumen) -> Result<()>,
) -> Result<()> {
    let mut course = begin(cohort, row)?;
    let mut generator = Xoshiro::from_stream(&mut stream(cohort, row, Use::Events)?);
    let size = course.size();
    let mut lumen = supply.lumen(size, f64::from(start(cohort, &course, row)?));
    let membrane = Membrane::new(supply, size, lumen);
    let (mut now, mut next, mut seen_s) = (0.0, 0, -1.0);
    let mut events: u64 = 0;
    while next < cohort.time_s.len() {
        let rates = membrane.rates(
            &lumen,
            course.segment(),
            course.working(),
            size,
            course.rates().leak_per_s,
        );
        let total = sum(&rates);
        let wait = exponential(uniform(generator.word())) / total;
        let point = uniform(generator.word()) * total;
        let event_s = if total > 0.0 { now + wait } else { f64::INFINITY };
        let until_s = course.until_s();
        let changes = until_s <= event_s;
        while let Some(&time_s) = cohort.time_s.get(next)
            && (if changes { time_s <= until_s } else { time_s < event_s })
        {
            read(next, &membrane, &lumen)?;
            next += 1;
        }
        if changes {
            now = until_s;
            if next < cohort.time_s.len() {
                course.pass();
            }
        } else {
            now = event_s;
            lumen.change(chosen(&rates, point), 1.0, supply);
        }
        events += 1;
        if events.is_multiple_of(EVENTS_PER_CHECK) {
            work.check()?;
            if now == seen_s {
                return Err(Error::Solver {
                    what: format!("the events of vesicle {row}"),
                    when: format!("{now} s"),
                    cause: "they follow too fast for the clock to move".into(),
                });
            }
            seen_s = now;
        }
    }
    Ok(())
}

fn sum(rates: &[f64; WAYS]) -> f64 {
    rates.iter().fold(0.0, |total, rate| total + rate)
}

/// The way into whose share of the total the point falls.
fn chosen(rates: &[f64; WAYS], point: f64) -> usize {
    let (mut below, mut way) = (0.0, 0);
    for (i, &rate) in rates.iter().enumerate() {
        if rate > 0.0 {
            // Rounding may leave the point past the last way; it is taken then.
            way = i;
            below += rate;
            if point < below {
                break;
            }
        }
    }
    way
}

/// The rate equations' molecules, pH and potential (mV) at every read.
///
/// # Errors
/// [`Error::Parameter`] for a cohort without a supply, with spread, or with copies of their own;
/// [`Error::Solver`]; [`Error::Cancelled`].
pub fn expected(cohort: &Cohort, work: &Work<'_>) -> Result<Vec<[f64; READ]>> {
    let supply = supply(cohort)?;
    if cohort.binding != Binding::Fast || cohort.spread != Spread::NONE {
        let rule = "must be \"ssa\" for vesicles with a proton supply that differ or have copies \
                    of their own";
        return Err(Error::parameter("method", rule, "\"mean\""));
    }
    let start = match &cohort.start {
        Start::Same(value) => f64::from(*value),
        _ => return Err(Error::parameter("start", "must be one number", "another")),
    };
    let size = Size::STANDARD;
    let mut lumen = supply.lumen(size, start);
    let membrane = Membrane::new(supply, size, lumen);
    let mut reads = Vec::with_capacity(cohort.time_s.len());
    let (mut now, mut segment) = (0.0, 0);
    for &time_s in &cohort.time_s {
        loop {
            let here = &cohort.law.segments()[segment];
            let working = cohort.law.copies() * here.active;
            let leak = cohort.law.rates(segment, working, size).leak_per_s;
            let end = if here.until_s < time_s { here.until_s } else { time_s };
            let slope = |[molecules, protons, chloride]: [f64; 3]| {
                let at = Lumen { molecules, protons, chloride };
                let rates = membrane.rates(&at, here, working, size, leak);
                let mut flow = Lumen { molecules: 0.0, protons: 0.0, chloride: 0.0 };
                for (way, &rate) in rates.iter().enumerate() {
                    flow.change(way, rate, supply);
                }
                [flow.molecules, flow.protons, flow.chloride]
            };
            let state = [lumen.molecules, lumen.protons, lumen.chloride];
            let [molecules, protons, chloride] =
                rate_equation::advance(slope, state, end - now, 1e-3, work)?;
            lumen = Lumen { molecules, protons, chloride };
            now = end;
            if here.until_s > time_s {
                break;
            }
            segment += 1;
        }
        reads.push(numbers(&membrane, &lumen));
    }
    Ok(reads)
}
