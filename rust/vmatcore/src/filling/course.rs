//! The streams of one vesicle of a cohort, and how it begins.

use super::cohort::{Cohort, Start};
use crate::random::binomial::{Binomial, Survival};
use crate::random::poisson::Poisson;
use crate::random::{Stage, Stream};
use crate::vesicle::course::Course;
use crate::{Error, Result};

/// Where each use of randomness begins in the stream of a vesicle, so that none runs into another.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(super) enum Use {
    /// Moves of the closed form.
    Moves = 0,
    /// Size and copies.
    Traits = 1,
    /// Which copies are blocked.
    Binding = 2,
    /// Seed of the generator of events.
    Events = 3,
    /// Content at the start.
    Start = 4,
}

/// Draws set aside for each use.
const DRAWS_EACH: u64 = 1 << 44;

/// The stream of one row of the cohort for one use.
pub(super) fn stream(cohort: &Cohort, row: usize, purpose: Use) -> Result<Stream> {
    let replicate = cohort.first + row as u64;
    Stream::new(cohort.seed, Stage::Filling, replicate).at(purpose as u64 * DRAWS_EACH)
}

/// A vesicle of the cohort at 0 s.
pub(super) fn begin(cohort: &Cohort, row: usize) -> Result<Course<'_>> {
    let mut traits = stream(cohort, row, Use::Traits)?;
    let switches = stream(cohort, row, Use::Binding)?;
    Ok(Course::new(&cohort.law, cohort.binding, cohort.spread, &mut traits, switches))
}

/// Molecules at 0 s.
pub(super) fn start(cohort: &Cohort, course: &Course<'_>, row: usize) -> Result<u32> {
    Ok(match &cohort.start {
        Start::Same(value) => *value,
        Start::Each(values) => values[row],
        Start::Full => {
            let mean = cohort.full_mean(course.copies(), course.size())?;
            let mut stream = stream(cohort, row, Use::Start)?;
            match cohort.law.capacity() {
                Some(places) => {
                    let filled = Survival::from_probability(mean / f64::from(places));
                    Binomial::new(filled).draw(u64::from(places), &mut stream)
                }
                None => Poisson::new(mean).draw(&mut stream),
            }
            .try_into()
            .map_err(|_| too_many(0.0))?
        }
    })
}

/// The error for a content that does not fit 32 bits.
pub(super) fn too_many(time_s: f64) -> Error {
    Error::Solver {
        what: "the content of a vesicle".into(),
        when: format!("{time_s} s"),
        cause: "it exceeds 2^32 molecules".into(),
    }
}
