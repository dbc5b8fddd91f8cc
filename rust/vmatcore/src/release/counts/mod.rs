//! How many vesicles fuse at each spike.
//!
//! Sites are alike and independent, so a synapse is known by the number of its
//! filled sites. Between two spikes each empty site is filled with a chance that
//! the pause decides; at a spike each filled one releases with the chance p.
//! Synapses of few sites go sixteen side by side (`few`); those of many sites take the
//! general binomial sampler, one synapse at a time.

mod few;

use super::synapse::{Refill, Synapse, Train, Use, stream, survival};
use crate::lanes::dispatch;
use crate::math::exp;
use crate::parallel::Work;
use crate::random::alias::{Binomials, MOST_TRIALS};
use crate::random::binomial::{Binomial, Survival};
use crate::{Error, Result};
use few::Few;

/// Spikes between two looks at the caller's wish to stop.
const SPIKES_PER_CHECK: usize = 1 << 14;

/// What is common to all synapses.
#[derive(Debug)]
pub(super) struct Counter<'a> {
    synapse: Synapse,
    train: &'a Train,
    seed: u64,
    first: u64,
    tables: Option<Binomials>,
    /// What each pause does, if all synapses share the train and have few sites.
    refills: Vec<Refill>,
    /// The chance that none of 0, 1, ... empty sites has the rarer outcome, for each different
    /// pause, while there are few; and which of these each spike has.
    none: Vec<[f64; PLACES]>,
    which: Vec<u32>,
}

/// The counts of one synapse, to be written.
pub(super) struct Row<'a> {
    /// Vesicles that fuse at each spike.
    pub quanta: &'a mut [u32],
    /// Sites filled since the spike before; empty where nobody asks.
    pub filled: &'a mut [u32],
}

impl<'a> Counter<'a> {
    pub(super) fn new(synapse: Synapse, train: &'a Train, seed: u64, first: u64) -> Result<Self> {
        let chance = Survival::from_probability(synapse.probability);
        let tables = Binomials::new(synapse.sites as usize, chance);
        let mut refills = Vec::new();
        if train.is_shared() && tables.is_some() {
            let spikes = train.of(0);
            refills.try_reserve_exact(spikes.len()).map_err(|_| Error::Memory {
                what: "the pauses between spikes".into(),
                bytes: (spikes.len() * size_of::<Refill>()) as u64,
            })?;
            pauses(spikes, synapse.refill_s, |pause| refills.push(Refill::over(pause)));
        }
        let (none, which) = chances_of_none(&refills);
        Ok(Self { synapse, train, seed, first, tables, refills, none, which })
    }

    /// Whether a synapse releases at all.
    fn is_active(&self, row: usize) -> Result<bool> {
        if self.synapse.active_share >= 1.0 {
            return Ok(true);
        }
        let mut stream = stream(self.seed, self.first + row as u64, Use::Traits, 0)?;
        Ok(stream.uniform() < self.synapse.active_share)
    }

    /// Write the counts of synapses `first_row`, `first_row + 1`, ...
    pub(super) fn fill(
        &self,
        first_row: usize,
        rows: &mut [Row<'_>],
        work: &Work<'_>,
    ) -> Result<()> {
        match &self.tables {
            Some(tables) => {
                dispatch(work.level, Few { counter: self, tables, first_row, rows, work })
            }
            None => (first_row..)
                .zip(rows)
                .try_for_each(|(number, row)| self.fill_many(number, row, work)),
        }
    }

    fn fill_many(&self, number: usize, row: &mut Row<'_>, work: &Work<'_>) -> Result<()> {
        if !self.is_active(number)? {
            row.quanta.fill(0);
            row.filled.fill(0);
            return Ok(());
        }
        let sites = u64::from(self.synapse.sites);
        let release = Binomial::new(Survival::from_probability(self.synapse.probability));
        let mut stream = stream(self.seed, self.first + number as u64, Use::Counts, 0)?;
        let (mut ready, mut spike) = (sites, 0);
        let mut outcome = Ok(());
        pauses(self.train.of(number), self.synapse.refill_s, |pause| {
            let filled = Binomial::new(survival(pause)).draw(sites - ready, &mut stream);
            ready += filled;
            let quanta = release.draw(ready, &mut stream);
            ready -= quanta;
            row.quanta[spike] = quanta as u32;
            if let Some(place) = row.filled.get_mut(spike) {
                *place = filled as u32;
            }
            spike += 1;
            if spike.is_multiple_of(SPIKES_PER_CHECK) && outcome.is_ok() {
                outcome = work.check();
            }
        });
        outcome
    }
}

/// Places for numbers of empty sites: more than can have an alias table.
const PLACES: usize = MOST_TRIALS + 1;
/// More different pauses than this have no tables.
const MOST_PAUSES: usize = 32;

/// Tables of the chances of none for the different pauses, and which each spike has; empty where
/// pauses differ too much. They hold what would be computed otherwise, so they change no bit.
fn chances_of_none(refills: &[Refill]) -> (Vec<[f64; PLACES]>, Vec<u32>) {
    let mut seen: Vec<u64> = Vec::new();
    let mut which = Vec::new();
    for refill in refills {
        let bits = refill.ln_usual.to_bits();
        let place = seen.iter().position(|&other| other == bits).unwrap_or_else(|| {
            seen.push(bits);
            seen.len() - 1
        });
        if seen.len() > MOST_PAUSES {
            return (Vec::new(), Vec::new());
        }
        which.push(place as u32);
    }
    let table = |&bits: &u64| std::array::from_fn(|empty| exp(empty as f64 * f64::from_bits(bits)));
    (seen.iter().map(table).collect(), which)
}

/// Tell `sink` the pause before each spike in time constants; before the first one all is filled.
#[inline]
fn pauses(spikes: &[f64], refill_s: f64, mut sink: impl FnMut(f64)) {
    let mut before = spikes.first().copied().unwrap_or(0.0);
    for &time_s in spikes {
        sink((time_s - before) / refill_s);
        before = time_s;
    }
}
