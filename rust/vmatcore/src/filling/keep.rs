//! What is kept of the contents when not every one is: exact sums and counts.
//!
//! Whole numbers are added, so the order in which threads finish changes no bit.

use crate::{Error, Result};

/// Something that contents are added to, a row of reads at a time.
pub trait Keep: Sized + Send {
    /// Take up rows of contents, (vesicle, time), row-major.
    fn add(&mut self, rows: &[u32]);
    /// Take up what another thread kept.
    fn merge(&mut self, other: Self);
}

/// Sums for mean and variance, and the extremes, at each read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moments {
    count: u64,
    sum: Vec<u128>,
    squares: Vec<u128>,
    least: Vec<u32>,
    most: Vec<u32>,
}

impl Moments {
    /// Nothing yet, at so many reads.
    ///
    /// # Errors
    /// [`Error::Memory`] if the sums do not fit.
    pub fn new(times: usize) -> Result<Self> {
        Ok(Self {
            count: 0,
            sum: filled(times, 0)?,
            squares: filled(times, 0)?,
            least: filled(times, u32::MAX)?,
            most: filled(times, 0)?,
        })
    }

    /// Contents taken up at each read.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean at each read; NaN of nothing.
    #[must_use]
    pub fn mean(&self) -> Vec<f64> {
        let count = self.count as f64;
        self.sum.iter().map(|&sum| sum as f64 / count).collect()
    }

    /// The variance at each read, over count - 1; NaN of fewer than two.
    #[must_use]
    pub fn variance(&self) -> Vec<f64> {
        let count = u128::from(self.count);
        if count < 2 {
            return vec![f64::NAN; self.sum.len()];
        }
        let of = |(&sum, &squares): (&u128, &u128)| {
            // count * squares - sum^2 is exact as long as it fits.
            let exact = count.checked_mul(squares).zip(sum.checked_mul(sum));
            let scaled = match exact {
                Some((all, square)) => (all - square) as f64,
                None => {
                    let mean = sum as f64 / count as f64;
                    (squares as f64 - mean * sum as f64) * count as f64
                }
            };
            scaled / (count as f64 * (count - 1) as f64)
        };
        self.sum.iter().zip(&self.squares).map(of).collect()
    }

    /// The smallest content at each read.
    #[must_use]
    pub fn least(&self) -> &[u32] {
        &self.least
    }

    /// The largest content at each read.
    #[must_use]
    pub fn most(&self) -> &[u32] {
        &self.most
    }
}

impl Keep for Moments {
    fn add(&mut self, rows: &[u32]) {
        let times = self.sum.len();
        if times == 0 {
            return;
        }
        for row in rows.chunks_exact(times) {
            self.count += 1;
            for (time, &molecules) in row.iter().enumerate() {
                let wide = u64::from(molecules);
                self.sum[time] += u128::from(wide);
                self.squares[time] += u128::from(wide * wide);
                self.least[time] = self.least[time].min(molecules);
                self.most[time] = self.most[time].max(molecules);
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        for time in 0..self.sum.len() {
            self.sum[time] += other.sum[time];
            self.squares[time] += other.squares[time];
            self.least[time] = self.least[time].min(other.least[time]);
            self.most[time] = self.most[time].max(other.most[time]);
        }
    }
}

/// Counts of contents below, in and above bins that are half-open, [low, high).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// The first whole number at or above each edge.
    edges: Vec<u64>,
    times: usize,
    counts: Vec<u64>,
}

impl Histogram {
    /// No counts yet; `edges` rise.
    ///
    /// # Errors
    /// [`Error::Parameter`] for edges that do not rise or are not finite, [`Error::Memory`].
    pub fn new(edges: &[f64], times: usize) -> Result<Self> {
        for (i, &edge) in edges.iter().enumerate() {
            if !edge.is_finite() || (i > 0 && edge <= edges[i - 1]) {
                return Err(Error::parameter(
                    format!("edges[{i}]"),
                    "must be finite and rise",
                    edge,
                ));
            }
        }
        if edges.len() < 2 {
            return Err(Error::parameter("edges", "must hold at least two numbers", edges.len()));
        }
        let counts = filled(times.saturating_mul(edges.len() + 1), 0)?;
        // Past 2^32 no content lies, so the cast may saturate.
        let edges = edges.iter().map(|edge| edge.ceil() as u64).collect();
        Ok(Self { edges, times, counts })
    }

    /// The counts, (time, below + bins + above), row-major.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
}

impl Keep for Histogram {
    fn add(&mut self, rows: &[u32]) {
        if self.times == 0 {
            return;
        }
        let bins = self.edges.len() + 1;
        for row in rows.chunks_exact(self.times) {
            for (time, &molecules) in row.iter().enumerate() {
                let bin = self.edges.partition_point(|&edge| edge <= u64::from(molecules));
                self.counts[time * bins + bin] += 1;
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.counts.iter_mut().zip(other.counts).for_each(|(own, more)| *own += more);
    }
}

fn filled<T: Clone>(count: usize, value: T) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| Error::Memory {
        what: "what is kept of the contents".into(),
        bytes: (count as u64).saturating_mul(size_of::<T>() as u64),
    })?;
    values.resize(count, value);
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_histogram_counts_below_in_and_above_its_half_open_bins() {
        let mut kept = Histogram::new(&[2.0, 4.5, 10.0], 1).unwrap();
        kept.add(&[0, 1, 2, 4, 5, 9, 10, u32::MAX]);
        assert_eq!(kept.counts(), [2, 2, 2, 2]);
    }

    #[test]
    fn edges_that_do_not_rise_are_refused() {
        let error = Histogram::new(&[2.0, 2.0], 1).unwrap_err().to_string();
        assert_eq!(error, "`edges[1]` must be finite and rise, got 2");
    }

    #[test]
    fn moments_of_large_numbers_lose_no_digit() {
        let mut kept = Moments::new(1).unwrap();
        let base = 4_000_000_000_u32;
        kept.add(&[base, base + 1, base + 2]);
        assert_eq!(kept.mean(), [f64::from(base + 1)]);
        assert_eq!(kept.variance(), [1.0]);
        assert_eq!((kept.least(), kept.most()), (&[base][..], &[base + 2][..]));
    }

    proptest! {
        #[test]
        fn parts_merged_equal_the_whole(values in prop::collection::vec(any::<u32>(), 2..60), cut in 0_usize..30) {
            let cut = 2 * cut.min(values.len() / 2);
            let even = &values[..2 * (values.len() / 2)];
            let mut whole = Moments::new(2).unwrap();
            whole.add(even);
            let (mut left, mut right) = (Moments::new(2).unwrap(), Moments::new(2).unwrap());
            left.add(&even[..cut.min(even.len())]);
            right.add(&even[cut.min(even.len())..]);
            left.merge(right);
            prop_assert_eq!(whole, left);
        }
    }
}
