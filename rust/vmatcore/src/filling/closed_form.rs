//! Contents at the reads alone, by their exact law: two draws per read.
//!
//! Molecules come and go independently, so of N molecules a binomial number is
//! still there at the next read, and a Poisson number that came since is there,
//! too. Where places are limited, each place is taken or free independently of
//! the others: two binomial numbers. Both hold for rates that change in time
//! (Kendall 1948, doi:10.1214/aoms/1177730285).

use super::cohort::{Cohort, Start};
use super::course::{Use, begin, start, stream, too_many};
use crate::parallel::Work;
use crate::random::Stream;
use crate::random::binomial::{Binomial, Survival};
use crate::random::poisson::Poisson;
use crate::random::table::Table;
use crate::vesicle::Kind;
use crate::vesicle::passage::Passage;
use crate::{Error, Result};

/// Reads for which tables are made; a fixed number, so that later reads change no bit.
const TABLED_READS: usize = 32;

/// The cohort and what can be computed once for all its vesicles.
pub struct Plan<'a> {
    cohort: &'a Cohort,
    /// One step for each read, if all vesicles have the same rates.
    shared: Option<Vec<Step>>,
}

/// What happens to the content from one read to the next.
struct Step {
    /// Molecules that were there and still are.
    stays: Draw,
    /// Molecules that came: of a Poisson number, or into so many free places.
    comes: Draw,
}

/// A number that is drawn at a step.
enum Draw {
    /// The same law for every vesicle, from one uniform number.
    Tabled(Table),
    /// Of as many molecules, or free places, as there are.
    Of(Binomial),
    /// Of any number.
    Any(Poisson),
}

impl Draw {
    #[inline]
    fn draw(&self, trials: u64, stream: &mut Stream) -> u64 {
        match self {
            Self::Tabled(table) => table.draw(stream.uniform()),
            Self::Of(binomial) => binomial.draw(trials, stream),
            Self::Any(poisson) => poisson.draw(stream),
        }
    }
}

impl Step {
    /// The step of a passage; `known` is the content before it, if all vesicles share it.
    fn new(passage: &Passage, places: Option<u32>, known: Option<u32>, tabled: bool) -> Self {
        let stay = Survival { stay: passage.stay, leave: passage.leave };
        let of = |trials: Option<u32>, survival: Survival| {
            let table = trials
                .filter(|&trials| {
                    tabled && trials > 0 && survival.stay > 0.0 && survival.leave > 0.0
                })
                .and_then(|trials| Table::binomial(u64::from(trials), survival));
            table.map_or_else(|| Draw::Of(Binomial::new(survival)), Draw::Tabled)
        };
        let comes = match places {
            Some(places) => {
                let enter = Survival { stay: passage.come, leave: passage.miss };
                of(known.map(|known| places - known), enter)
            }
            None => {
                let some = tabled && passage.come > 0.0;
                let table = if some { Table::poisson(passage.come) } else { None };
                table.map_or_else(|| Draw::Any(Poisson::new(passage.come)), Draw::Tabled)
            }
        };
        Self { stays: of(known, stay), comes }
    }

    #[inline]
    fn advance(&self, molecules: u64, places: Option<u32>, stream: &mut Stream) -> u64 {
        let stayed = self.stays.draw(molecules, stream);
        let free = places.map_or(0, |places| u64::from(places) - molecules);
        stayed + self.comes.draw(free, stream)
    }
}

impl<'a> Plan<'a> {
    /// Make the method ready.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a law whose content has no closed form; [`Error::Cancelled`].
    pub fn new(cohort: &'a Cohort, work: &Work<'_>) -> Result<Self> {
        if cohort.law.kind() == Kind::Crowded {
            let rule = "must be \"ssa\", \"mean\" or a distribution where molecules inside slow \
                        the carrier";
            return Err(Error::parameter("method", rule, "\"closed_form\""));
        }
        let shared = if cohort.is_uniform() { Some(Self::steps(cohort, work)?) } else { None };
        Ok(Self { cohort, shared })
    }

    fn steps(cohort: &Cohort, work: &Work<'_>) -> Result<Vec<Step>> {
        let places = cohort.law.capacity();
        let mut course = begin(cohort, 0)?;
        let mut now = 0.0;
        let mut known = match cohort.start {
            Start::Same(value) => Some(value),
            Start::Each(_) | Start::Full => None,
        };
        let mut steps = Vec::with_capacity(cohort.time_s.len());
        for (read, &time_s) in cohort.time_s.iter().enumerate() {
            let passage = Passage::along(&mut course, now, time_s, work)?;
            steps.push(Step::new(&passage, places, known, read < TABLED_READS));
            // Without time between two reads nothing is drawn and the content stays known.
            known = known.filter(|_| time_s == now);
            now = time_s;
        }
        Ok(steps)
    }

    /// Fill (vesicle, time) rows; the first is row `first` of the cohort.
    pub(super) fn fill(&self, first: usize, rows: &mut [u32], work: &Work<'_>) -> Result<()> {
        let times = self.cohort.time_s.len();
        for (i, row) in rows.chunks_exact_mut(times).enumerate() {
            match &self.shared {
                Some(steps) => self.fill_shared(first + i, steps, row)?,
                None => self.fill_own(first + i, row, work)?,
            }
        }
        Ok(())
    }

    #[inline]
    fn fill_shared(&self, row: usize, steps: &[Step], out: &mut [u32]) -> Result<()> {
        let places = self.cohort.law.capacity();
        let mut stream = stream(self.cohort, row, Use::Moves)?;
        let mut molecules = match self.cohort.start {
            Start::Same(value) => u64::from(value),
            _ => u64::from(start(self.cohort, &begin(self.cohort, row)?, row)?),
        };
        for (read, step) in steps.iter().enumerate() {
            molecules = step.advance(molecules, places, &mut stream);
            out[read] = counted(molecules, self.cohort.time_s[read])?;
        }
        Ok(())
    }

    fn fill_own(&self, row: usize, out: &mut [u32], work: &Work<'_>) -> Result<()> {
        let places = self.cohort.law.capacity();
        let mut stream = stream(self.cohort, row, Use::Moves)?;
        let mut course = begin(self.cohort, row)?;
        let mut molecules = u64::from(start(self.cohort, &course, row)?);
        let mut now = 0.0;
        for (out, &time_s) in out.iter_mut().zip(&self.cohort.time_s) {
            let passage = Passage::along(&mut course, now, time_s, work)?;
            let step = Step::new(&passage, places, None, false);
            molecules = step.advance(molecules, places, &mut stream);
            *out = counted(molecules, time_s)?;
            now = time_s;
        }
        Ok(())
    }
}

#[inline]
fn counted(molecules: u64, time_s: f64) -> Result<u32> {
    u32::try_from(molecules).map_err(|_| too_many(time_s))
}
