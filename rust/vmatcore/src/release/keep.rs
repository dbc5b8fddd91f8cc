//! What is kept of release when not every number is: exact sums and counts.
//!
//! Molecules are summed in units of 1/1024 as whole numbers, so the order in which
//! threads finish changes no bit.

use crate::{Error, Result};

/// Something that synapses are added to.
pub trait Keep: Send {
    /// Whether the molecules of single quanta are asked for.
    const WANTS_SIZES: bool;
    /// Take up rows of quanta and molecules, (synapse, spike), row-major.
    fn add(&mut self, spikes: usize, quanta: &[u32], molecules: &[f64]);
    /// Take up the molecules of every quantum of one synapse.
    fn add_sizes(&mut self, quanta: &[u32], sizes: &[f64]);
    /// Take up what another thread kept.
    fn merge(&mut self, other: Self);
}

/// Parts of a molecule that are counted.
const PARTS: f64 = 1024.0;
/// More molecules than this at one spike are counted as so many: 2^52 in parts.
const MOST_PARTS: f64 = 4_503_599_627_370_496.0;

/// Sums for mean and variance of quanta and molecules, and the failures, at each spike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moments {
    count: u64,
    failures: Vec<u64>,
    quanta: Vec<[u128; 2]>,
    molecules: Vec<[u128; 2]>,
}

impl Moments {
    /// Nothing yet, at so many spikes.
    ///
    /// # Errors
    /// [`Error::Memory`] if the sums do not fit.
    pub fn new(spikes: usize) -> Result<Self> {
        Ok(Self {
            count: 0,
            failures: filled(spikes, 0)?,
            quanta: filled(spikes, [0; 2])?,
            molecules: filled(spikes, [0; 2])?,
        })
    }

    /// Synapses without a quantum at each spike.
    #[must_use]
    pub fn failures(&self) -> &[u64] {
        &self.failures
    }

    /// Mean and variance (over count - 1) of quanta at each spike.
    #[must_use]
    pub fn quanta(&self) -> (Vec<f64>, Vec<f64>) {
        self.quanta.iter().map(|sums| moments(self.count, sums, 1.0)).unzip()
    }

    /// Mean and variance (over count - 1) of molecules at each spike.
    #[must_use]
    pub fn molecules(&self) -> (Vec<f64>, Vec<f64>) {
        self.molecules.iter().map(|sums| moments(self.count, sums, PARTS)).unzip()
    }
}

fn moments(count: u64, [sum, squares]: &[u128; 2], parts: f64) -> (f64, f64) {
    let number = count as f64;
    let mean = *sum as f64 / number;
    if count < 2 {
        return (mean / parts, f64::NAN);
    }
    let all = u128::from(count);
    // count * squares - sum^2 is exact as long as it fits.
    let scaled = match all.checked_mul(*squares).zip(sum.checked_mul(*sum)) {
        Some((all, square)) => (all - square) as f64 / number,
        None => *squares as f64 - mean * *sum as f64,
    };
    (mean / parts, scaled / (number - 1.0) / (parts * parts))
}

impl Keep for Moments {
    const WANTS_SIZES: bool = false;

    fn add(&mut self, spikes: usize, quanta: &[u32], molecules: &[f64]) {
        if spikes == 0 {
            return;
        }
        for (quanta, molecules) in quanta.chunks_exact(spikes).zip(molecules.chunks_exact(spikes)) {
            self.count += 1;
            for spike in 0..spikes {
                let count = u128::from(quanta[spike]);
                self.failures[spike] += u64::from(count == 0);
                self.quanta[spike][0] += count;
                self.quanta[spike][1] += count * count;
                let parts = (molecules[spike] * PARTS + 0.5).floor().min(MOST_PARTS) as u128;
                self.molecules[spike][0] += parts;
                self.molecules[spike][1] += parts * parts;
            }
        }
    }

    fn add_sizes(&mut self, _quanta: &[u32], _sizes: &[f64]) {}

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        for (own, more) in self.failures.iter_mut().zip(other.failures) {
            *own += more;
        }
        let both = [(&mut self.quanta, other.quanta), (&mut self.molecules, other.molecules)];
        for (own, more) in both {
            for (own, more) in own.iter_mut().zip(more) {
                own[0] += more[0];
                own[1] += more[1];
            }
        }
    }
}

/// Counts of fused vesicles by what they held, at each spike.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    edges: Vec<f64>,
    /// Below the first edge, in the bins, from the last edge on: (spike, bins + 2).
    counts: Vec<u64>,
}

impl Histogram {
    /// Nothing yet; `edges` rise.
    ///
    /// # Errors
    /// [`Error::Parameter`] for edges that do not rise; [`Error::Memory`].
    pub fn new(edges: &[f64], spikes: usize) -> Result<Self> {
        for (i, pair) in edges.windows(2).enumerate() {
            if pair[0].is_nan() || pair[0] >= pair[1] || pair[1].is_nan() {
                return Err(Error::parameter(format!("edges[{}]", i + 1), "must rise", pair[1]));
            }
        }
        let places = spikes.saturating_mul(edges.len() + 1);
        Ok(Self { edges: edges.to_vec(), counts: filled(places, 0)? })
    }

    /// The counts, (spike, bins + 2).
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
}

impl Keep for Histogram {
    const WANTS_SIZES: bool = true;

    fn add(&mut self, _spikes: usize, _quanta: &[u32], _molecules: &[f64]) {}

    fn add_sizes(&mut self, quanta: &[u32], sizes: &[f64]) {
        let row = self.edges.len() + 1;
        let mut next = 0;
        for (spike, &count) in quanta.iter().enumerate() {
            for &size in &sizes[next..next + count as usize] {
                let bin = self.edges.partition_point(|&edge| edge <= size);
                self.counts[spike * row + bin] += 1;
            }
            next += count as usize;
        }
    }

    fn merge(&mut self, other: Self) {
        for (own, more) in self.counts.iter_mut().zip(other.counts) {
            *own += more;
        }
    }
}

fn filled<T: Clone>(count: usize, value: T) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| Error::Memory {
        what: "what is kept at each spike".into(),
        bytes: (count as u64).saturating_mul(size_of::<T>() as u64),
    })?;
    values.resize(count, value);
    Ok(values)
}
