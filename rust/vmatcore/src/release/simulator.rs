//! A chunk of synapses: first how many vesicles fuse, then what they held.

use super::counts::{Counter, Row};
use super::pool::{Counted, Pool, Room};
use super::synapse::reserve;
use super::{Content, Experiment, content};
use crate::Result;
use crate::parallel::Work;

/// One synapse's part of the result, (spike,) each.
pub struct Written<'a> {
    pub quanta: &'a mut [u32],
    pub molecules: &'a mut [f64],
}

/// Is told the size of every quantum of a synapse.
pub trait Listen {
    /// Whether sizes are wanted that need not be drawn.
    const LISTENS: bool;
    fn hear(&mut self, row: usize, quanta: &[u32], sizes: &[f64]);
}

impl Listen for () {
    const LISTENS: bool = false;

    fn hear(&mut self, _row: usize, _quanta: &[u32], _sizes: &[f64]) {}
}

/// An experiment made ready.
pub struct Simulator<'a> {
    experiment: &'a Experiment,
    counter: Counter<'a>,
    pool: Option<Pool<'a>>,
}

impl<'a> Simulator<'a> {
    pub fn new(experiment: &'a Experiment, work: &Work<'_>) -> Result<Self> {
        let Experiment { synapse, train, content, seed, first, .. } = experiment;
        let counter = Counter::new(*synapse, train, *seed, *first)?;
        let pool = match content {
            Content::Filling(filling) => Some(Pool::new(filling, synapse, train, work)?),
            _ => None,
        };
        Ok(Self { experiment, counter, pool })
    }

    /// Simulate a chunk: first all counts, then what the vesicles held.
    pub fn fill<L: Listen>(
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

/// So many zeros.
pub fn zeros<T: Clone + Default>(count: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    reserve(&mut values, count, "numbers of a chunk of synapses")?;
    values.resize(count, T::default());
    Ok(values)
}
