//! What is kept of release when not every number is: exact sums and counts.
//!
//! Molecules are summed as whole numbers of parts, so the order in which threads finish
//! changes no bit. A part is 1/1024 of a molecule; where quanta are much smaller or larger
//! than those of vesicles, another power of two, so that a quantum is about 2^30 parts.

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

/// Parts of a molecule that are counted, as a power of two.
const PARTS: i32 = 10;
/// Mean quanta for which these parts serve, and parts of a quantum otherwise, as powers of two.
const USUAL: std::ops::RangeInclusive<i32> = 10..=20;
const PARTS_OF_A_QUANTUM: i32 = 30;
/// The least mean quantum whose parts can be counted.
const LEAST_QUANTUM: f64 = 1e-280;
/// More parts than this at one spike of one synapse, 2^52, are refused.
const MOST_PARTS: f64 = 4_503_599_627_370_496.0;

/// Sums for mean and variance of quanta and molecules, and the failures, at each spike.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    count: u64,
    failures: Vec<u64>,
    quanta: Vec<[u128; 2]>,
    molecules: Vec<[u128; 2]>,
    /// Parts of a molecule.
    parts: f64,
    /// Whether something did not fit.
    beyond: bool,
}

impl Moments {
    /// Nothing yet, at so many spikes; `quantum` is the mean number of molecules of a quantum, if
    /// it may be far from a vesicle's.
    ///
    /// # Errors
    /// [`Error::Memory`] if the sums do not fit; [`Error::Parameter`] for a quantum next to nothing.
    pub fn new(spikes: usize, quantum: Option<f64>) -> Result<Self> {
        if let Some(quantum) = quantum.filter(|&size| size > 0.0 && size < LEAST_QUANTUM) {
            let rule = format!("must be 0 or at least {LEAST_QUANTUM:e} for moments");
            return Err(Error::parameter("molecules", rule, quantum));
        }
        Ok(Self {
            parts: quantum.map_or_else(|| power_of_two(PARTS), parts_for),
            beyond: false,
            count: 0,
            failures: filled(spikes, 0)?,
            quanta: filled(spikes, [0; 2])?,
            molecules: filled(spikes, [0; 2])?,
        })
    }

    /// The same sums, if all of them are exact.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a spike brought more than can be counted.
    pub fn checked(self) -> Result<Self> {
        if self.beyond {
            let rule = format!(
                "must be \"all\" where one synapse releases more than {} molecules at a spike",
                MOST_PARTS / self.parts
            );
            return Err(Error::parameter("keep", rule, "Moments()"));
        }
        Ok(self)
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
        self.molecules.iter().map(|sums| moments(self.count, sums, self.parts)).unzip()
    }
}

/// Add to a sum and a sum of squares; whether that was too much.
fn add(own: &mut [u128; 2], more: [u128; 2]) -> bool {
    let (sum, squares) = (own[0].checked_add(more[0]), own[1].checked_add(more[1]));
    let (Some(sum), Some(squares)) = (sum, squares) else { return true };
    *own = [sum, squares];
    false
}

/// Parts of a molecule for quanta of such a mean.
fn parts_for(quantum: f64) -> f64 {
    let magnitude = (quantum.to_bits() >> 52 & 0x7ff) as i32 - 1023;
    if quantum == 0.0 || USUAL.contains(&magnitude) {
        return power_of_two(PARTS);
    }
    power_of_two(PARTS_OF_A_QUANTUM - magnitude)
}

fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
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
    (mean / parts, scaled / (number - 1.0) / parts / parts)
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
                let parts = (molecules[spike] * self.parts + 0.5).floor();
                if parts > MOST_PARTS {
                    self.beyond = true;
                    continue;
                }
                let parts = parts as u128;
                self.beyond |= add(&mut self.molecules[spike], [parts, parts * parts]);
            }
        }
    }

    fn add_sizes(&mut self, _quanta: &[u32], _sizes: &[f64]) {}

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.beyond |= other.beyond;
        for (own, more) in self.failures.iter_mut().zip(other.failures) {
            *own += more;
        }
        let both = [(&mut self.quanta, other.quanta), (&mut self.molecules, other.molecules)];
        for (own, more) in both {
            for (own, more) in own.iter_mut().zip(more) {
                self.beyond |= add(own, more);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(quantum: f64, molecules: &[f64]) -> Result<Moments> {
        let mut kept = Moments::new(1, Some(quantum))?;
        kept.add(1, &vec![1; molecules.len()], molecules);
        kept.checked()
    }

    #[test]
    fn quanta_of_any_size_keep_their_mean_and_variance() {
        for size in [1e-280, 1e-12, 1e-4, 1.0003, 3000.0, 1e12, 1e18] {
            let kept = kept(size, &[size, 2.0 * size, 3.0 * size]).unwrap();
            let (mean, variance) = kept.molecules();
            assert!((mean[0] / size - 2.0).abs() < 1e-5, "{size}: {mean:?}");
            if size > 1e-100 {
                assert!((variance[0] / (size * size) - 1.0).abs() < 1e-5, "{size}: {variance:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        assert!(kept(1e-300, &[1e-300]).is_err());
        assert!(kept(0.0, &[0.0]).is_ok());
        let found = kept(1e12, &[1e12, 1e20]);
        assert!(matches!(found, Err(Error::Parameter { .. })), "{found:?}");
        let mut left = Moments::new(1, None).unwrap();
        let mut right = Moments::new(1, None).unwrap();
        right.add(1, &[1], &[1e16]);
        left.merge(right);
        assert!(left.checked().is_err());
    }
}
