//! What a released vesicle holds, where it does not depend on when it was released.

use super::synapse::{Use, stream};
use crate::lanes::{Kernel, LANES, Level, dispatch};
use crate::math::exp;
use crate::random::normal::normals;
use crate::random::uniform::uniform;
use crate::random::xoshiro::Xoshiro;
use crate::{Error, Result};

/// A quantum whose logarithm is normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lognormal {
    /// Mean of the logarithm.
    pub log_mean: f64,
    /// Standard deviation of the logarithm.
    pub log_sd: f64,
}

impl Lognormal {
    /// The same law, checked.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a mean that is not finite or above 60, or a standard deviation
    /// outside [0, 4].
    pub fn checked(self) -> Result<Self> {
        if !(self.log_mean.is_finite() && self.log_mean <= 60.0) {
            let rule = "must be finite and at most 60";
            return Err(Error::parameter("log_mean", rule, self.log_mean));
        }
        if !(0.0..=4.0).contains(&self.log_sd) {
            return Err(Error::parameter("log_sd", "must be in [0, 4]", self.log_sd));
        }
        Ok(self)
    }

    /// The sizes of the first `count` quanta of one synapse, one word each, at the end of `sizes`.
    pub(super) fn sizes(
        &self,
        seed: u64,
        synapse: u64,
        count: usize,
        sizes: &mut Vec<f64>,
        level: Level,
    ) -> Result<()> {
        let mut generator = Xoshiro::from_stream(&mut stream(seed, synapse, Use::Sizes, 0)?);
        let begin = sizes.len();
        sizes.extend((0..count).map(|_| uniform(generator.word())));
        dispatch(level, Transform { law: *self, values: &mut sizes[begin..] });
        Ok(())
    }
}

/// From uniform numbers to sizes.
struct Transform<'a> {
    law: Lognormal,
    values: &'a mut [f64],
}

impl Kernel for Transform<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (mean, sd) = (self.law.log_mean, self.law.log_sd);
        let mut blocks = self.values.chunks_exact_mut(LANES);
        for block in &mut blocks {
            let values: &mut [f64; LANES] = block.try_into().expect("a whole block");
            transform(values, mean, sd);
        }
        let rest = blocks.into_remainder();
        let mut last = [0.5; LANES];
        last[..rest.len()].copy_from_slice(rest);
        transform(&mut last, mean, sd);
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

#[inline(always)]
fn transform(values: &mut [f64; LANES], mean: f64, sd: f64) {
    normals(values);
    for value in values.iter_mut() {
        *value = exp(mean + sd * *value);
    }
}

/// Add the sizes of the quanta of each spike; `sizes` must end with three numbers more.
#[inline]
pub(super) fn add_up(quanta: &[u32], sizes: &[f64], molecules: &mut [f64]) {
    let mut next = 0;
    for (&count, total) in quanta.iter().zip(molecules) {
        // Up to three without a branch: their number is what no predictor can guess.
        let few = &sizes[next..next + 3];
        let mut sum = if count > 0 { few[0] } else { 0.0 };
        sum += if count > 1 { few[1] } else { 0.0 };
        sum += if count > 2 { few[2] } else { 0.0 };
        if count > 3 {
            for size in &sizes[next + 3..next + count as usize] {
                sum += size;
            }
        }
        *total = sum;
        next += count as usize;
    }
}
