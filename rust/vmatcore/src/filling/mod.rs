//! Filling: molecules in a vesicle, one by one or by their exact laws.
//!
//! - [`cohort`]: which vesicles, with what spread, how drug binds, where they start
//! - `course`: the streams of one vesicle, and how it begins
//! - [`closed_form`]: one binomial and one Poisson number per read (linear laws)
//! - [`ssa`]: every molecule, by Gillespie's direct method (any law)
//! - [`events`]: the list of every entry and exit
//! - [`lumen`], [`protons`]: the same where the proton gradient is spent and renewed
//! - [`mean`]: the expected content
//! - [`distribution`]: the probability of every content, by convolution or master equation
//! - [`keep`]: what is kept of the contents: moments, histograms
//!
//! The methods give the same law; the tests hold them against one another.

pub mod closed_form;
pub mod cohort;
mod copies;
mod course;
pub mod distribution;
mod event;
pub mod events;
pub mod keep;
pub mod lumen;
mod master;
pub mod mean;
pub mod protons;
mod rate_equation;
pub mod ssa;

pub use cohort::{Binding, Cohort, Spread, Start};

use crate::parallel::{Work, fold_chunks, over_chunks};
use crate::{Error, Result};
use keep::Keep;

/// How contents are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// One binomial and one Poisson number per read.
    ClosedForm,
    /// Every molecule.
    Ssa,
}

impl std::str::FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "closed_form" => Ok(Self::ClosedForm),
            "ssa" => Ok(Self::Ssa),
            _ => Err(Error::parameter(
                "method",
                "must be \"closed_form\" or \"ssa\"",
                format!("{name:?}"),
            )),
        }
    }
}

/// Contents that one chunk may hold: 1 MB.
const CHUNK_CONTENTS: usize = 1 << 18;
/// Vesicles that one chunk may hold.
const CHUNK_VESICLES: usize = 1024;

/// Vesicles of a chunk: many enough to keep the lanes busy, few enough to share out. No bit of
/// a result depends on it.
fn chunk_vesicles(cohort: &Cohort, work: &Work<'_>) -> usize {
    let by_memory = CHUNK_CONTENTS / cohort.time_s.len().max(1);
    let by_threads = cohort.vesicles.div_ceil(4 * work.threads.get());
    by_memory.min(CHUNK_VESICLES).min(by_threads.next_multiple_of(8)).max(8)
}

/// Write the content of every vesicle at every read, (vesicle, time), row-major.
///
/// # Errors
/// [`Error::Parameter`] for a method that the law does not allow or an `out` of another size;
/// [`Error::Solver`] for a content beyond 32 bits; [`Error::Cancelled`].
pub fn simulate(cohort: &Cohort, method: Method, out: &mut [u32], work: &Work<'_>) -> Result<()> {
    let times = cohort.time_s.len();
    if out.len() != cohort.vesicles * times {
        return Err(Error::parameter("out", "must hold (vesicle, time)", out.len()));
    }
    let filler = Filler::new(cohort, method, work)?;
    over_chunks(work, out, times, chunk_vesicles(cohort, work), |first, rows| {
        filler.fill(first, rows, work)
    })
}

/// Add the contents of all vesicles to `kept`, without an array of them.
///
/// # Errors
/// As [`simulate`], and [`Error::Memory`].
pub fn reduce<K: Keep + Clone + Sync>(
    cohort: &Cohort,
    method: Method,
    mut kept: K,
    work: &Work<'_>,
) -> Result<K> {
    let times = cohort.time_s.len();
    let filler = Filler::new(cohort, method, work)?;
    let most = chunk_vesicles(cohort, work);
    let empty = kept.clone();
    fold_chunks(
        work,
        if times == 0 { 0 } else { cohort.vesicles },
        most,
        || Ok((empty.clone(), vec![0; most * times])),
        |first, count, (own, rows): &mut (K, Vec<u32>)| {
            let rows = &mut rows[..count * times];
            filler.fill(first, rows, work)?;
            own.add(rows);
            Ok(())
        },
        |(own, _)| kept.merge(own),
    )?;
    Ok(kept)
}

/// A method made ready for one cohort.
enum Filler<'a> {
    ClosedForm(closed_form::Plan<'a>),
    Ssa(&'a Cohort),
    Protons(&'a Cohort),
}

impl<'a> Filler<'a> {
    fn new(cohort: &'a Cohort, method: Method, work: &Work<'_>) -> Result<Self> {
        Ok(match method {
            Method::ClosedForm => Self::ClosedForm(closed_form::Plan::new(cohort, work)?),
            Method::Ssa if cohort.supply.is_some() => Self::Protons(cohort),
            Method::Ssa => Self::Ssa(cohort),
        })
    }

    fn fill(&self, first: usize, rows: &mut [u32], work: &Work<'_>) -> Result<()> {
        match self {
            Self::ClosedForm(plan) => plan.fill(first, rows, work),
            Self::Ssa(cohort) => ssa::fill(cohort, first, rows, work),
            Self::Protons(cohort) => protons::fill(cohort, first, rows, work),
        }
    }
}
