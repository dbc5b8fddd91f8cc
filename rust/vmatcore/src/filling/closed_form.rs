//! Contents at the reads alone, by their exact law: two draws per read.
//!
//! Molecules come and go independently, so of N molecules a binomial number is
//! still there at the next read, and a Poisson number that came since is there,
//! too. Where places are limited, each place is taken or free independently of
//! the others: two binomial numbers. Both hold for rates that change in time
//! (Kendall 1948, doi:10.1214/aoms/1177730285).

use super::cohort::{Cohort, Start};
use super::course::{Use, begin, start, stream, too_many};
use crate::lanes::{Kernel, LANES, dispatch};
use crate::parallel::Work;
use crate::random::binomial::{Binomial, Survival};
use crate::random::poisson::Poisson;
use crate::random::table::Table;
use crate::random::uniform::uniform;
use crate::random::{Stream, StreamLanes};
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
    /// No chance in it.
    Sure(u64),
    /// The same law for every vesicle, from one uniform number.
    Tabled(Table),
    /// Of as many molecules, or free places, as there are.
    Of(Binomial),
    /// Of any number.
    Any(Poisson),
}

impl Draw {
    /// Whether every vesicle takes the same words for it.
    fn is_alike(&self) -> bool {
        matches!(self, Self::Sure(_) | Self::Tabled(_))
    }

    /// Add the number of every vesicle of a row of lanes; only of draws that are alike.
    #[inline(always)]
    fn add_lanes(&self, molecules: &mut [u64; LANES], streams: &mut StreamLanes) {
        match self {
            Self::Sure(number) => molecules.iter_mut().for_each(|sum| *sum += number),
            Self::Tabled(table) => {
                for (sum, word) in molecules.iter_mut().zip(streams.words()) {
                    *sum += table.draw(uniform(word));
                }
            }
            Self::Of(_) | Self::Any(_) => unreachable!("not alike"),
        }
    }

    #[inline]
    fn draw(&self, trials: u64, stream: &mut Stream) -> u64 {
        match self {
            Self::Sure(number) => *number,
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
            let Some(trials) = trials else { return Draw::Of(Binomial::new(survival)) };
            let trials = u64::from(trials);
            if trials == 0 || survival.stay <= 0.0 {
                return Draw::Sure(0);
            }
            if survival.leave <= 0.0 {
                return Draw::Sure(trials);
            }
            let table = if tabled { Table::binomial(trials, survival) } else { None };
            table.map_or_else(|| Draw::Of(Binomial::new(survival)), Draw::Tabled)
        };
        let comes = match places {
            Some(places) => {
                let enter = Survival { stay: passage.come, leave: passage.miss };
                of(known.map(|known| places - known), enter)
            }
            None if passage.come <= 0.0 => Draw::Sure(0),
            None => {
                let table = if tabled { Table::poisson(passage.come) } else { None };
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
        if cohort.law.kind() == Kind::Crowded || cohort.supply.is_some() {
            let rule = "must be \"ssa\" or \"mean\" where the law is not linear";
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
        match &self.shared {
            Some(steps) => dispatch(work.level, Shared { cohort: self.cohort, steps, first, rows }),
            None => {
                let times = self.cohort.time_s.len();
                for (i, row) in rows.chunks_exact_mut(times).enumerate() {
                    self.fill_own(first + i, row, work)?;
                }
                Ok(())
            }
        }
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

/// Vesicles with the same steps.
struct Shared<'a> {
    cohort: &'a Cohort,
    steps: &'a [Step],
    first: usize,
    rows: &'a mut [u32],
}

impl Kernel for Shared<'_> {
    type Output = Result<()>;

    #[inline(always)]
    fn run(self) -> Result<()> {
        let Self { cohort, steps, first, rows } = self;
        let times = cohort.time_s.len();
        // Up to here the vesicles take the same words, side by side; from here on each its own.
        let alike = match cohort.start {
            Start::Same(_) => steps
                .iter()
                .take_while(|step| step.stays.is_alike() && step.comes.is_alike())
                .count(),
            Start::Each(_) | Start::Full => 0,
        };
        for (i, rows) in rows.chunks_mut(LANES * times).enumerate() {
            let first = first + i * LANES;
            let mut streams = StreamLanes::new(stream(cohort, first, Use::Moves)?);
            for (read, step) in steps[..alike].iter().enumerate() {
                let mut molecules = [0; LANES];
                step.stays.add_lanes(&mut molecules, &mut streams);
                step.comes.add_lanes(&mut molecules, &mut streams);
                for (row, molecules) in rows.chunks_exact_mut(times).zip(molecules) {
                    row[read] = counted(molecules, cohort.time_s[read])?;
                }
            }
            if alike == steps.len() {
                continue;
            }
            for (lane, row) in rows.chunks_exact_mut(times).enumerate() {
                fill_rest(cohort, steps, alike, first + lane, streams.stream(lane), row)?;
            }
        }
        Ok(())
    }
}

/// The reads of one vesicle from `done` on.
#[inline]
fn fill_rest(
    cohort: &Cohort,
    steps: &[Step],
    done: usize,
    row: usize,
    mut stream: Stream,
    out: &mut [u32],
) -> Result<()> {
    let places = cohort.law.capacity();
    let mut molecules = match (done, &cohort.start) {
        (0, Start::Same(value)) => u64::from(*value),
        (0, _) => u64::from(start(cohort, &begin(cohort, row)?, row)?),
        (done, _) => u64::from(out[done - 1]),
    };
    for (read, step) in steps.iter().enumerate().skip(done) {
        molecules = step.advance(molecules, places, &mut stream);
        out[read] = counted(molecules, cohort.time_s[read])?;
    }
    Ok(())
}

#[inline]
fn counted(molecules: u64, time_s: f64) -> Result<u32> {
    u32::try_from(molecules).map_err(|_| too_many(time_s))
}
