//! The molecules of every single fusion, drawn again once their numbers are known.

use super::Experiment;
use super::simulator::{Listen, Simulator, Written, zeros};
use crate::parallel::{Work, over_chunks};
use crate::{Error, Result};

/// Write the molecules of every vesicle that fused, in the order of synapses and spikes.
///
/// `quanta` are the counts that [`simulate`](super::simulate()) wrote.
///
/// # Errors
/// As [`simulate`](super::simulate()).
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

/// Room for the fusions of one synapse.
struct Fused<'a> {
    own: &'a mut [f64],
    next: usize,
}

struct Sheet<'a, 'b> {
    rows: &'a mut [Fused<'b>],
}

impl Listen for Sheet<'_, '_> {
    const LISTENS: bool = true;

    fn hear(&mut self, row: usize, _quanta: &[u32], sizes: &[f64]) {
        let place = &mut self.rows[row];
        place.own[place.next..place.next + sizes.len()].copy_from_slice(sizes);
        place.next += sizes.len();
    }
}
