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

use super::contents::Released;
use super::filling::{Filling, Level};
use super::synapse::{Synapse, Train, Use, reserve, stream};
use crate::Result;
use crate::parallel::Work;
use crate::random::xoshiro::Xoshiro;
use crate::vesicle::course::Course;

/// Draws set aside for each use of a single vesicle's stream.
const DRAWS_EACH_VESICLE: u64 = 1 << 20;
/// Spikes between two looks at the caller's wish to stop.
const SPIKES_PER_CHECK: usize = 1 << 14;

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

/// One synapse and its counts.
pub(super) struct Counted<'b> {
    pub seed: u64,
    /// Its number among all synapses of the seed.
    pub synapse: u64,
    /// Its row.
    pub row: usize,
    /// Vesicles that fuse at each spike.
    pub quanta: &'b [u32],
    /// Sites filled before each spike.
    pub filled: &'b [u32],
}

/// Room that one synapse after another uses.
#[derive(Default)]
pub(super) struct Room {
    docked: Vec<u32>,
    pool: Vec<u32>,
    released: Released,
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
        let mut level = Level::new(course, 0.0);
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
    pub(super) fn sizes(
        &self,
        one: &Counted<'_>,
        room: &mut Room,
        sizes: &mut Vec<f64>,
        work: &Work<'_>,
    ) -> Result<()> {
        let fused: usize = one.quanta.iter().map(|&count| count as usize).sum();
        room.released.open(fused)?;
        let mut picks = Xoshiro::from_stream(&mut stream(one.seed, one.synapse, Use::Picks, 0)?);
        if self.filling.is_uniform() {
            self.follow_alike(one, picks, room, work)?;
        } else {
            self.follow_each(one, &mut picks, room, work)?;
        }
        let capacity = self.filling.law.capacity();
        room.released.contents(one.seed, one.synapse, capacity, sizes, work.level)
    }

    /// Vesicles that are alike but for their last release: known by the spike of it.
    #[inline(never)] // alone, it keeps its numbers in registers
    fn follow_alike(
        &self,
        one: &Counted<'_>,
        mut picks: Xoshiro,
        room: &mut Room,
        work: &Work<'_>,
    ) -> Result<()> {
        let own;
        let grid = match &self.shared {
            Some(grid) => grid,
            None => {
                own = self.grid(self.train.of(one.row), work)?;
                &own
            }
        };
        let Room { docked, pool, released } = room;
        docked.clear();
        docked.resize(self.sites, 0);
        pool.clear();
        pool.resize(self.sites * self.filling.pool_per_site as usize, 0);
        for (spike, (&fused, &filled)) in one.quanta.iter().zip(one.filled).enumerate() {
            if spike.is_multiple_of(SPIKES_PER_CHECK) {
                work.check()?;
            }
            let here = spike + 1;
            dock(docked, pool, filled, &mut picks);
            for _ in 0..fused {
                let before = docked.swap_remove(bounded(picks.word(), docked.len())) as usize;
                pool.push(here as u32);
                let exit = grid.exit[here] - grid.exit[before];
                released.push(grid.mean[here], grid.mean[before], exit);
            }
        }
        Ok(())
    }

    /// Vesicles that differ: each on a course of its own, begun at its first release.
    fn follow_each(
        &self,
        one: &Counted<'_>,
        picks: &mut Xoshiro,
        room: &mut Room,
        work: &Work<'_>,
    ) -> Result<()> {
        let members = self.sites * self.filling.pool_per_site as usize;
        let Room { docked, pool, released } = room;
        docked.clear();
        docked.extend(0..self.sites as u32);
        pool.clear();
        pool.extend((self.sites..self.sites + members).map(|id| id as u32));
        let mut levels: Vec<Option<Level<'a>>> = Vec::new();
        reserve(&mut levels, self.sites + members, "vesicles of a synapse")?;
        levels.resize_with(self.sites + members, || None);
        let times = self.train.of(one.row);
        for ((&time_s, &fused), &filled) in times.iter().zip(one.quanta).zip(one.filled) {
            work.check()?;
            dock(docked, pool, filled, picks);
            for _ in 0..fused {
                let vesicle = docked.swap_remove(bounded(picks.word(), docked.len()));
                pool.push(vesicle);
                let place = &mut levels[vesicle as usize];
                let level = match place {
                    Some(level) => level,
                    None => {
                        let course = self.course(one.seed, one.synapse, vesicle as usize)?;
                        let mean = self.filling.begin(&course)?;
                        place.insert(Level::new(course, mean))
                    }
                };
                level.advance(time_s, work)?;
                released.push(level.mean, 0.0, 0.0);
                level.mean = 0.0;
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
