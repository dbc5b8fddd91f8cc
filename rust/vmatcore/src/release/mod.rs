//! Release: which vesicles fuse at each spike, and what they hold.
//!
//! - [`synapse`]: sites, chances, and the trains of spikes
//! - `counts`: how many vesicles fuse, by binomial numbers
//! - [`content`]: a lognormal quantum
//! - [`filling`]: the law by which released vesicles fill again
//! - `pool`, `contents`: which vesicle is released, and one exact draw of what it holds
//! - [`keep`]: what is kept: every number, moments, histograms, single fusions
//!
//! Counts, sizes, picks and contents have streams of their own, so the counts of a
//! synapse do not depend on what its vesicles hold.

pub mod content;
mod contents;
mod counts;
pub mod filling;
pub mod keep;
mod pool;
pub mod synapse;

pub use content::Lognormal;
pub use filling::Filling;
pub use synapse::{Synapse, Train};

use crate::math::exp;
use crate::parallel::{Work, fold_chunks, over_chunks};
use crate::{Error, Result};
use counts::{Counter, Row};
use keep::Keep;
use pool::{Counted, Pool, Room};
use synapse::reserve;

/// What a released vesicle holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// So many molecules, always.
    Constant(f64),
    /// A size of its own for each quantum.
    Lognormal(Lognormal),
    /// What has filled since the vesicle's last release.
    Filling(Filling),
}

/// Synapses `first`, `first + 1`, ... of one seed, and the spikes that reach them.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    synapse: Synapse,
    train: Train,
    content: Content,
    seed: u64,
    first: u64,
    synapses: usize,
}

/// Spikes that one chunk may hold.
const CHUNK_SPIKES: usize = 1 << 17;
/// Synapses that one chunk may hold.
const CHUNK_SYNAPSES: usize = 256;

impl Experiment {
    /// A checked experiment.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a part that breaks its rule, a number of trains that is not that
    /// of the synapses, or synapses beyond 2^64.
    pub fn new(
        synapse: Synapse,
        train: Train,
        content: Content,
        seed: u64,
        first: u64,
        synapses: usize,
    ) -> Result<Self> {
        let synapse = synapse.checked()?;
        if first.checked_add(synapses as u64).is_none() {
            return Err(Error::parameter("first", "plus the synapses must fit 64 bits", first));
        }
        if !train.is_shared() && train.trains() != synapses {
            let rule = format!("must hold a train for each of {synapses} synapses");
            return Err(Error::parameter("train", rule, train.trains()));
        }
        match &content {
            Content::Constant(size) if !(size.is_finite() && *size >= 0.0) => {
                let rule = "must be finite and not negative";
                return Err(Error::parameter("molecules", rule, size));
            }
            Content::Constant(_) => {}
            Content::Lognormal(law) => {
                law.checked()?;
            }
            Content::Filling(filling) => filling.check(&synapse)?,
        }
        Ok(Self { synapse, train, content, seed, first, synapses })
    }

    /// Mean molecules of one quantum, where its law has it; none for vesicles that fill.
    #[must_use]
    pub fn mean_quantum(&self) -> Option<f64> {
        match &self.content {
            Content::Constant(size) => Some(*size),
            Content::Lognormal(law) => Some(exp(law.log_mean + 0.5 * law.log_sd * law.log_sd)),
            Content::Filling(_) => None,
        }
    }

    /// The spikes.
    #[must_use]
    pub fn train(&self) -> &Train {
        &self.train
    }

    /// How many synapses there are.
    #[must_use]
    pub fn synapses(&self) -> usize {
        self.synapses
    }

    fn chunk(&self, work: &Work<'_>) -> usize {
        let longest = (0..self.train.trains()).map(|row| self.train.of(row).len()).max();
        let by_memory = CHUNK_SPIKES / longest.unwrap_or(0).max(1);
        let by_threads = self.synapses.div_ceil(4 * work.threads.get());
        by_memory.min(CHUNK_SYNAPSES).min(by_threads).next_multiple_of(16).max(16)
    }
}

/// One synapse's part of the result, (spike,) each.
struct Written<'a> {
    quanta: &'a mut [u32],
    molecules: &'a mut [f64],
}

/// Write quanta and molecules of every synapse at every spike, synapse after synapse.
///
/// # Errors
/// [`Error::Parameter`] for arrays of another size; [`Error::Memory`]; [`Error::Cancelled`].
pub fn simulate(
    experiment: &Experiment,
    quanta: &mut [u32],
    molecules: &mut [f64],
    work: &Work<'_>,
) -> Result<()> {
    let mut places = split(experiment, quanta, molecules)?;
    let simulator = Simulator::new(experiment, work)?;
    over_chunks(work, &mut places, 1, experiment.chunk(work), |first, rows| {
        simulator.fill(first, rows, &mut (), work)
    })
}

fn split<'a>(
    experiment: &Experiment,
    mut quanta: &'a mut [u32],
    mut molecules: &'a mut [f64],
) -> Result<Vec<Written<'a>>> {
    let each = |row: usize| experiment.train.of(row).len();
    let total: usize = if experiment.train.is_shared() {
        each(0) * experiment.synapses
    } else {
        (0..experiment.synapses).map(each).sum()
    };
    if quanta.len() != total || molecules.len() != total {
        return Err(Error::parameter("quanta", "must hold a number a spike", quanta.len()));
    }
    let mut places = Vec::new();
    places.try_reserve_exact(experiment.synapses).map_err(|_| Error::Memory {
        what: "the list of synapses".into(),
        bytes: (experiment.synapses * size_of::<Written<'_>>()) as u64,
    })?;
    for row in 0..experiment.synapses {
        let (own_quanta, more_quanta) = quanta.split_at_mut(each(row));
        let (own_molecules, more_molecules) = molecules.split_at_mut(each(row));
        places.push(Written { quanta: own_quanta, molecules: own_molecules });
        (quanta, molecules) = (more_quanta, more_molecules);
    }
    Ok(places)
}

/// Add all synapses to `kept`, without an array of them.
///
/// # Errors
/// As [`simulate`]; [`Error::Parameter`] for synapses with trains of their own.
pub fn reduce<K: Keep + Clone + Sync>(
    experiment: &Experiment,
    mut kept: K,
    work: &Work<'_>,
) -> Result<K> {
    if !experiment.train.is_shared() {
        let rule = "must be one that all synapses share where not every number is kept";
        return Err(Error::parameter("train", rule, "a train for each"));
    }
    let spikes = experiment.train.of(0).len();
    let simulator = Simulator::new(experiment, work)?;
    let most = experiment.chunk(work);
    let empty = kept.clone();
    fold_chunks(
        work,
        experiment.synapses,
        most,
        || Ok((empty.clone(), zeros(most * spikes)?, zeros(most * spikes)?)),
        |first, count, (own, quanta, molecules): &mut (K, Vec<u32>, Vec<f64>)| {
            let (quanta, molecules) =
                (&mut quanta[..count * spikes], &mut molecules[..count * spikes]);
            let mut rows: Vec<Written<'_>> = if spikes == 0 {
                Vec::new()
            } else {
                quanta
                    .chunks_exact_mut(spikes)
                    .zip(molecules.chunks_exact_mut(spikes))
                    .map(|(quanta, molecules)| Written { quanta, molecules })
                    .collect()
            };
            simulator.fill(first, &mut rows, &mut Keeping(own), work)?;
            drop(rows);
            own.add(spikes, quanta, molecules);
            Ok(())
        },
        |(own, _, _)| kept.merge(own),
    )?;
    Ok(kept)
}

/// Write the molecules of every vesicle that fused, in the order of synapses and spikes.
///
/// `quanta` are the counts that [`simulate`] wrote.
///
/// # Errors
/// As [`simulate`].
pub fn fusions(
    experiment: &Experiment,
    quanta: &[u32],
    sizes: &mut [f64],
    work: &Work<'_>,
) -> Result<()> {
    let total: u64 = quanta.iter().map(|&count| u64::from(count)).sum();
    if total != sizes.len() as u64 {
        return Err(Error::parameter("sizes", "must hold a number for each fusion", sizes.len()));
    }
    let mut left = sizes;
    let mut from = 0;
    let mut places = Vec::with_capacity(experiment.synapses);
    for row in 0..experiment.synapses {
        let spikes = experiment.train.of(row).len();
        let part = quanta.get(from..from + spikes);
        let Some(part) = part else {
            return Err(Error::parameter("quanta", "must hold a number a spike", quanta.len()));
        };
        let count: usize = part.iter().map(|&count| count as usize).sum();
        let (own, more) = left.split_at_mut(count);
        places.push(Fused { own, next: 0 });
        left = more;
        from += spikes;
    }
    let simulator = Simulator::new(experiment, work)?;
    over_chunks(work, &mut places, 1, experiment.chunk(work), |first, rows| {
        let lengths = rows.iter().enumerate().map(|(i, _)| experiment.train.of(first + i).len());
        let lengths: Vec<usize> = lengths.collect();
        let all: usize = lengths.iter().sum();
        let (mut quanta, mut molecules) = (zeros(all)?, zeros(all)?);
        let (mut quanta, mut molecules) = (&mut quanta[..], &mut molecules[..]);
        let mut written = Vec::with_capacity(rows.len());
        for length in lengths {
            let (own_quanta, more_quanta) = quanta.split_at_mut(length);
            let (own_molecules, more_molecules) = molecules.split_at_mut(length);
            written.push(Written { quanta: own_quanta, molecules: own_molecules });
            (quanta, molecules) = (more_quanta, more_molecules);
        }
        simulator.fill(first, &mut written, &mut Sheet { rows }, work)
    })
}

/// So many zeros.
fn zeros<T: Clone + Default>(count: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    reserve(&mut values, count, "numbers of a chunk of synapses")?;
    values.resize(count, T::default());
    Ok(values)
}

/// Room for the fusions of one synapse.
struct Fused<'a> {
    own: &'a mut [f64],
    next: usize,
}

struct Sheet<'a, 'b> {
    rows: &'a mut [Fused<'b>],
}

/// Is told the size of every quantum of a synapse.
trait Listen {
    /// Whether sizes are wanted that need not be drawn.
    const LISTENS: bool;
    fn hear(&mut self, row: usize, quanta: &[u32], sizes: &[f64]);
}

impl Listen for () {
    const LISTENS: bool = false;

    fn hear(&mut self, _row: usize, _quanta: &[u32], _sizes: &[f64]) {}
}

/// Hands the sizes on to what is kept.
struct Keeping<'a, K>(&'a mut K);

impl<K: Keep> Listen for Keeping<'_, K> {
    const LISTENS: bool = K::WANTS_SIZES;

    fn hear(&mut self, _row: usize, quanta: &[u32], sizes: &[f64]) {
        self.0.add_sizes(quanta, sizes);
    }
}

impl Listen for Sheet<'_, '_> {
    const LISTENS: bool = true;

    fn hear(&mut self, row: usize, _quanta: &[u32], sizes: &[f64]) {
        let place = &mut self.rows[row];
        place.own[place.next..place.next + sizes.len()].copy_from_slice(sizes);
        place.next += sizes.len();
    }
}

/// An experiment made ready.
struct Simulator<'a> {
    experiment: &'a Experiment,
    counter: Counter<'a>,
    pool: Option<Pool<'a>>,
}

impl<'a> Simulator<'a> {
    fn new(experiment: &'a Experiment, work: &Work<'_>) -> Result<Self> {
        let Experiment { synapse, train, content, seed, first, .. } = experiment;
        let counter = Counter::new(*synapse, train, *seed, *first)?;
        let pool = match content {
            Content::Filling(filling) => Some(Pool::new(filling, synapse, train, work)?),
            _ => None,
        };
        Ok(Self { experiment, counter, pool })
    }

    /// Simulate a chunk: first all counts, then what the vesicles held.
    fn fill<L: Listen>(
        &self,
        first: usize,
        rows: &mut [Written<'_>],
        listener: &mut L,
        work: &Work<'_>,
    ) -> Result<()> {
        let Experiment { seed, first: begin, content, .. } = self.experiment;
        let all: usize = rows.iter().map(|row| row.quanta.len()).sum();
        let mut filled = zeros(if self.pool.is_some() { all } else { 0 })?;
        {
            let mut left = &mut filled[..];
            let mut counts = Vec::with_capacity(rows.len());
            for row in rows.iter_mut() {
                let length = if self.pool.is_some() { row.quanta.len() } else { 0 };
                let (own, more) = left.split_at_mut(length);
                counts.push(Row { quanta: &mut *row.quanta, filled: own });
                left = more;
            }
            self.counter.fill(first, &mut counts, work)?;
        }
        let (mut words, mut sizes, mut room) = (Vec::new(), Vec::new(), Room::default());
        let mut from = 0;
        for (place, row) in rows.iter_mut().enumerate() {
            work.check()?;
            let synapse = begin + (first + place) as u64;
            let fused: usize = row.quanta.iter().map(|&count| count as usize).sum();
            sizes.clear();
            match content {
                Content::Constant(size) => {
                    for (&count, total) in row.quanta.iter().zip(row.molecules.iter_mut()) {
                        *total = f64::from(count) * size;
                    }
                    if L::LISTENS {
                        reserve(&mut sizes, fused, "sizes of quanta")?;
                        sizes.resize(fused, *size);
                    }
                }
                Content::Lognormal(law) => {
                    law.sizes(*seed, synapse, fused, &mut words, &mut sizes, work.level)?;
                }
                Content::Filling(_) => {
                    if let Some(pool) = &self.pool {
                        let length = row.quanta.len();
                        let one = Counted {
                            seed: *seed,
                            synapse,
                            row: first + place,
                            quanta: row.quanta,
                            filled: &filled[from..from + length],
                        };
                        pool.sizes(&one, &mut room, &mut sizes, work)?;
                    }
                }
            }
            from += row.quanta.len();
            if L::LISTENS {
                listener.hear(place, row.quanta, &sizes);
            }
            if !matches!(content, Content::Constant(_)) {
                sizes.extend([0.0; 3]);
                content::add_up(row.quanta, &sizes, row.molecules);
            }
        }
        Ok(())
    }
}
