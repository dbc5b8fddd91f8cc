//! The content of each vesicle: emptied at its release, filled by its law ever since.
//!
//! A released vesicle joins the pool of its synapse at once; an emptied site takes a
//! random member of the pool. What a vesicle does in between does not matter: its
//! content is one exact draw at its next release. Of a linear law, molecules that
//! came since the release and are still there are Poisson; of a law with places,
//! each place is taken with one chance, so they are binomial.
//!
//! Where all vesicles follow the same rates, the mean content from empty is
//! tabulated at the spikes; the mean between two of them follows from
//! m(a, b) = m(b) - m(a) exp(-(M(b) - M(a))), M the integral of the exit rate.

use super::synapse::{DRAWS_EACH_QUANTUM, Synapse, Train, Use, stream};
use crate::lanes::{Kernel, LANES, dispatch};
use crate::math::{exp, exp_m1};
use crate::parallel::Work;
use crate::random::binomial::{Binomial, Survival};
use crate::random::poisson::{attempt, rejected};
use crate::random::uniform::uniform;
use crate::random::xoshiro::Xoshiro;
use crate::vesicle::course::{Binding, Course, Spread};
use crate::vesicle::{Kind, Law, Rates};
use crate::{Error, Result};

/// What vesicles hold before their first release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The steady state of the first drive.
    Steady,
    /// The steady state with every copy working.
    Full,
    /// Nothing.
    Empty,
}

/// The law by which released vesicles fill again, and how many there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Filling {
    /// Rates and drives; 0 s is that of the spikes.
    pub law: Law,
    /// How drug sits on the copies.
    pub binding: Binding,
    /// How vesicles differ.
    pub spread: Spread,
    /// What they hold before their first release.
    pub start: Start,
    /// Vesicles of the pool for each site, besides the one in the site.
    pub pool_per_site: u32,
}

/// The most vesicles of one synapse.
const MOST_VESICLES: u64 = 1 << 23;
/// Draws set aside for each use of a single vesicle's stream.
const DRAWS_EACH_VESICLE: u64 = 1 << 20;

impl Filling {
    pub(super) fn check(&self, synapse: &Synapse) -> Result<()> {
        let kind = self.law.kind();
        if kind == Kind::Crowded {
            let rule = "must be a law whose content has a closed form; molecules inside slow the \
                        carrier of this one";
            return Err(Error::parameter("vesicle", rule, "one with lumenal saturation"));
        }
        if kind == Kind::Limited && (self.binding != Binding::Fast || self.spread != Spread::NONE) {
            let rule = "must be fast and without spread for a law that has no transporter copies";
            return Err(Error::parameter("binding", rule, "another"));
        }
        if !(0.0..=2.0).contains(&self.spread.log_volume_sd) {
            let rule = "must be in [0, 2]";
            return Err(Error::parameter("log_volume_sd", rule, self.spread.log_volume_sd));
        }
        if let Binding::Telegraph { residence_s } = self.binding {
            if !(residence_s.is_finite() && residence_s > 0.0) {
                let rule = "must be finite and positive";
                return Err(Error::parameter("residence_s", rule, residence_s));
            }
            if self.start == Start::Steady {
                let rule = "must be \"full\" or \"empty\" for copies that switch";
                return Err(Error::parameter("start", rule, "\"steady\""));
            }
        }
        if self.pool_per_site == 0 && synapse.sites > 0 {
            return Err(Error::parameter("pool_per_site", "must be at least 1", 0));
        }
        let vesicles = u64::from(synapse.sites) * (u64::from(self.pool_per_site) + 1);
        if vesicles > MOST_VESICLES {
            let rule = "must leave at most 2^23 vesicles in a synapse";
            return Err(Error::parameter("pool_per_site", rule, self.pool_per_site));
        }
        Ok(())
    }

    /// Whether all vesicles follow the same rates.
    fn is_uniform(&self) -> bool {
        self.binding == Binding::Fast && self.spread == Spread::NONE
    }

    /// Mean content, or share of places taken, before the first release.
    fn begin(&self, course: &Course<'_>) -> Result<f64> {
        let rates = match self.start {
            Start::Empty => return Ok(0.0),
            Start::Steady => course.rates(),
            Start::Full => self.law.rates(0, course.copies(), course.size()),
        };
        let (come, leave) = exchange(&rates);
        if come == 0.0 {
            return Ok(0.0);
        }
        if leave == 0.0 {
            let rule = "must be \"empty\" where nothing leaves the vesicle";
            return Err(Error::parameter("start", rule, format!("{:?}", self.start)));
        }
        Ok(come / leave)
    }
}

/// Rates of the mean, m' = come - leave m: of molecules, or of the share of places taken.
#[inline]
fn exchange(rates: &Rates) -> (f64, f64) {
    if rates.places > 0.0 {
        (rates.per_place_s, rates.per_place_s + rates.loss_per_s())
    } else {
        (rates.influx_per_s, rates.loss_per_s())
    }
}

/// A mean content on its way through the drives.
struct Level<'a> {
    course: Course<'a>,
    now_s: f64,
    /// Mean content, or share of places taken.
    mean: f64,
    /// Integral of the exit rate.
    exit: f64,
}

impl Level<'_> {
    fn advance(&mut self, to_s: f64, work: &Work<'_>) -> Result<()> {
        loop {
            let until_s = self.course.until_s();
            let end = if until_s < to_s { until_s } else { to_s };
            if end > self.now_s {
                let (come, leave) = exchange(&self.course.rates());
                let span_s = end - self.now_s;
                let gone = -exp_m1(-(leave * span_s));
                let gain = if leave > 0.0 { come / leave * gone } else { come * span_s };
                self.mean = self.mean * exp(-(leave * span_s)) + gain;
                self.exit += leave * span_s;
                self.now_s = end;
            }
            if until_s > to_s {
                return Ok(());
            }
            work.check()?;
            self.course.pass();
        }
    }
}

/// Mean from empty and integral of the exit at each spike; place 0 stands for "never released".
#[derive(Debug, Clone, Default)]
struct Grid {
    mean: Vec<f64>,
    exit: Vec<f64>,
}

/// A filling made ready for the spikes.
pub(super) struct Pool<'a> {
    filling: &'a Filling,
    sites: usize,
    train: &'a Train,
    /// The grid of the train that all synapses share.
    shared: Option<Grid>,
}

/// A vesicle at its release: the mean of its content, or what it follows from.
#[derive(Default)]
struct Released {
    /// Mean from empty at the release, at the one before, and the exit between.
    now: Vec<f64>,
    then: Vec<f64>,
    exit: Vec<f64>,
}

impl Released {
    fn push(&mut self, now: f64, then: f64, exit: f64) {
        self.now.push(now);
        self.then.push(then);
        self.exit.push(exit);
    }
}

impl<'a> Pool<'a> {
    pub(super) fn new(
        filling: &'a Filling,
        synapse: &Synapse,
        train: &'a Train,
        work: &Work<'_>,
    ) -> Result<Self> {
        let mut pool = Self { filling, sites: synapse.sites as usize, train, shared: None };
        if filling.is_uniform() && train.is_shared() {
            pool.shared = Some(pool.grid(train.of(0), work)?);
        }
        Ok(pool)
    }

    /// The course of one vesicle of a synapse.
    fn course(&self, seed: u64, synapse: u64, vesicle: usize) -> Result<Course<'a>> {
        let place = 2 * vesicle as u64 * DRAWS_EACH_VESICLE;
        let mut traits = stream(seed, synapse, Use::Vesicles, place)?;
        let switches = stream(seed, synapse, Use::Vesicles, place + DRAWS_EACH_VESICLE)?;
        let Filling { law, binding, spread, .. } = self.filling;
        Ok(Course::new(law, *binding, *spread, &mut traits, switches))
    }

    fn grid(&self, spikes: &[f64], work: &Work<'_>) -> Result<Grid> {
        let course = self.course(0, 0, 0)?;
        let begin = self.filling.begin(&course)?;
        let mut level = Level { course, now_s: 0.0, mean: 0.0, exit: 0.0 };
        // A content of b at 0 s is one from empty with -b in place of the mean at the release.
        let mut grid = Grid { mean: vec![-begin], exit: vec![0.0] };
        for &time_s in spikes {
            level.advance(time_s, work)?;
            grid.mean.push(level.mean);
            grid.exit.push(level.exit);
        }
        Ok(grid)
    }

    /// The molecules of every quantum of one synapse, at the end of `sizes`.
    #[expect(clippy::too_many_arguments, reason = "a synapse, its counts, and where to write")]
    pub(super) fn sizes(
        &self,
        seed: u64,
        synapse: u64,
        row: usize,
        quanta: &[u32],
        filled: &[u32],
        sizes: &mut Vec<f64>,
        work: &Work<'_>,
    ) -> Result<()> {
        let mut released = Released::default();
        let mut picks = Xoshiro::from_stream(&mut stream(seed, synapse, Use::Picks, 0)?);
        if self.filling.is_uniform() {
            let own;
            let grid = match &self.shared {
                Some(grid) => grid,
                None => {
                    own = self.grid(self.train.of(row), work)?;
                    &own
                }
            };
            // Alike but for their last release, vesicles are known by the spike of it.
            let members = self.sites * self.filling.pool_per_site as usize;
            let (mut docked, mut pool) = (vec![0_u32; self.sites], vec![0_u32; members]);
            for (spike, (&fused, &filled)) in quanta.iter().zip(filled).enumerate() {
                let here = spike + 1;
                dock(&mut docked, &mut pool, filled, &mut picks);
                for _ in 0..fused {
                    let before = docked.swap_remove(bounded(picks.word(), docked.len())) as usize;
                    pool.push(here as u32);
                    let exit = grid.exit[here] - grid.exit[before];
                    released.push(grid.mean[here], grid.mean[before], exit);
                }
            }
        } else {
            self.follow(seed, synapse, row, quanta, filled, &mut picks, &mut released, work)?;
        }
        self.contents(seed, synapse, &mut released, sizes, work)
    }

    /// Vesicles that differ: each on a course of its own, begun at its first release.
    #[expect(clippy::too_many_arguments, reason = "a synapse, its counts, and where to write")]
    fn follow(
        &self,
        seed: u64,
        synapse: u64,
        row: usize,
        quanta: &[u32],
        filled: &[u32],
        picks: &mut Xoshiro,
        released: &mut Released,
        work: &Work<'_>,
    ) -> Result<()> {
        let members = self.sites * self.filling.pool_per_site as usize;
        let mut docked: Vec<u32> = (0..self.sites as u32).collect();
        let mut pool: Vec<u32> = (self.sites..self.sites + members).map(|id| id as u32).collect();
        let mut levels: Vec<Option<Level<'a>>> = (0..self.sites + members).map(|_| None).collect();
        let times = self.train.of(row);
        for ((&time_s, &fused), &filled) in times.iter().zip(quanta).zip(filled) {
            work.check()?;
            dock(&mut docked, &mut pool, filled, picks);
            for _ in 0..fused {
                let vesicle = docked.swap_remove(bounded(picks.word(), docked.len()));
                pool.push(vesicle);
                let place = &mut levels[vesicle as usize];
                let level = match place {
                    Some(level) => level,
                    None => {
                        let course = self.course(seed, synapse, vesicle as usize)?;
                        let mean = self.filling.begin(&course)?;
                        place.insert(Level { course, now_s: 0.0, mean, exit: 0.0 })
                    }
                };
                level.advance(time_s, work)?;
                released.push(level.mean, 0.0, 0.0);
                level.mean = 0.0;
            }
        }
        Ok(())
    }

    /// One exact draw for each released vesicle.
    fn contents(
        &self,
        seed: u64,
        synapse: u64,
        released: &mut Released,
        sizes: &mut Vec<f64>,
        work: &Work<'_>,
    ) -> Result<()> {
        let count = released.now.len();
        let begin = sizes.len();
        let again = |number: usize| {
            stream(seed, synapse, Use::Again, number as u64 * DRAWS_EACH_QUANTUM)
        };
        if let Some(places) = self.filling.law.capacity() {
            for number in 0..count {
                let share = mean_of(
                    released.now[number],
                    released.then[number],
                    released.exit[number],
                );
                let taken = Binomial::new(Survival::from_probability(share.min(1.0)));
                sizes.push(taken.draw(u64::from(places), &mut again(number)?) as f64);
            }
            return Ok(());
        }
        let mut generator = Xoshiro::from_stream(&mut stream(seed, synapse, Use::Contents, 0)?);
        let padded = count.next_multiple_of(LANES);
        for column in [&mut released.now, &mut released.then, &mut released.exit] {
            column.resize(padded, 0.0);
        }
        let (mut centres, mut heights) = (vec![0.0; padded], vec![0.5; padded]);
        for (from_centre, height) in centres.iter_mut().zip(&mut heights).take(count) {
            *from_centre = uniform(generator.word()) - 0.5;
            *height = uniform(generator.word());
        }
        sizes.resize(begin + padded, 0.0);
        let out = &mut sizes[begin..];
        dispatch(work.level, Attempts { released, centres: &centres, heights: &heights, out });
        sizes.truncate(begin + count);
        for number in 0..count {
            let place = &mut sizes[begin + number];
            if *place < 0.0 {
                let (from_centre, height) = (centres[number], heights[number]);
                let mean = released.now[number];
                *place = rejected(mean, from_centre, height, &mut again(number)?) as f64;
            }
        }
        Ok(())
    }
}

/// A random place among so many, from one word.
#[inline]
fn bounded(word: u64, places: usize) -> usize {
    ((u128::from(word) * places as u128) >> 64) as usize
}

/// Let random members of the pool take empty sites.
#[inline]
fn dock(docked: &mut Vec<u32>, pool: &mut Vec<u32>, filled: u32, picks: &mut Xoshiro) {
    for _ in 0..filled {
        docked.push(pool.swap_remove(bounded(picks.word(), pool.len())));
    }
}

/// The mean since the last release; rounding must not leave it below 0.
#[inline(always)]
fn mean_of(now: f64, then: f64, exit: f64) -> f64 {
    let mean = now - then * exp(-exit);
    if mean > 0.0 { mean } else { 0.0 }
}

/// Means, and a first attempt at each content; -1 where another is needed.
struct Attempts<'a> {
    released: &'a mut Released,
    centres: &'a [f64],
    heights: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Attempts<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Released { now, then, exit } = self.released;
        let columns = now.chunks_exact_mut(LANES).zip(then.chunks_exact(LANES));
        let columns = columns.zip(exit.chunks_exact(LANES));
        let pairs = self.centres.chunks_exact(LANES).zip(self.heights.chunks_exact(LANES));
        let numbers = self.out.chunks_exact_mut(LANES).zip(pairs);
        for (((now, then), exit), (out, (centres, heights))) in columns.zip(numbers) {
            for i in 0..LANES {
                let mean = mean_of(now[i], then[i], exit[i]);
                now[i] = mean;
                out[i] = attempt(mean, centres[i], heights[i]);
            }
        }
    }
}
