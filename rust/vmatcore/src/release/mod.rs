//! Release: which vesicles fuse at each spike, and what they hold.
//!
//! - [`synapse`]: sites, chances, and the trains of spikes
//! - `counts`: how many vesicles fuse, by binomial numbers
//! - [`content`]: a lognormal quantum
//! - [`filling`]: the law by which released vesicles fill again
//! - `pool`, `contents`: which vesicle is released, and one exact draw of what it holds
//! - `experiment`: synapses, their spikes and what a vesicle holds, checked
//! - `simulator`: a chunk of synapses, counts first, then contents
//! - `fusions`: the molecules of every single fusion
//! - [`keep`]: what is kept: every number, moments, histograms, single fusions
//!
//! Counts, sizes, picks and contents have streams of their own, so the counts of a
//! synapse do not depend on what its vesicles hold.

pub mod content;
mod contents;
mod counts;
mod experiment;
pub mod filling;
mod fusions;
pub mod keep;
mod pool;
mod simulator;
pub mod synapse;

pub use content::Lognormal;
pub use experiment::{Content, Experiment};
pub use filling::Filling;
pub use fusions::fusions;
pub use synapse::{Synapse, Train};

use crate::parallel::{Work, fold_chunks, over_chunks};
use crate::{Error, Result};
use keep::Keep;
use simulator::{Listen, Simulator, Written, zeros};

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

/// Hands the sizes on to what is kept.
struct Keeping<'a, K>(&'a mut K);

impl<K: Keep> Listen for Keeping<'_, K> {
    const LISTENS: bool = K::WANTS_SIZES;

    fn hear(&mut self, _row: usize, quanta: &[u32], sizes: &[f64]) {
        self.0.add_sizes(quanta, sizes);
    }
}
