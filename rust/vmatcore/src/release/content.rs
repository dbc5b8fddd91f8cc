//! What a released vesicle holds, where it does not depend on when it was released.

use super::synapse::{DRAWS_EACH_QUANTUM, Use, reserve, stream};
use crate::lanes::{Kernel, LANES, Level, dispatch};
use crate::math::exp;
use crate::random::xoshiro::Xoshiro;
use crate::random::ziggurat::Layers;
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

    /// The sizes of the first `count` quanta of one synapse at the end of `sizes`; `words` is room
    /// for their random words.
    pub(super) fn sizes(
        &self,
        seed: u64,
        synapse: u64,
        count: usize,
        words: &mut Vec<u64>,
        sizes: &mut Vec<f64>,
        level: Level,
    ) -> Result<()> {
        let mut generator = Xoshiro::from_stream(&mut stream(seed, synapse, Use::Sizes, 0)?);
        let begin = sizes.len();
        let padded = count.next_multiple_of(LANES);
        words.clear();
        reserve(words, padded, "random words of quanta")?;
        // Three more, for `add_up`.
        reserve(sizes, padded + 3, "sizes of quanta")?;
        words.extend((0..padded).map(|_| generator.word()));
        sizes.resize(begin + padded, 0.0);
        let layers = Layers::get();
        let missed =
            dispatch(level, Transform { law: *self, layers, words, out: &mut sizes[begin..] });
        sizes.truncate(begin + count);
        if missed {
            for (number, size) in sizes[begin..].iter_mut().enumerate() {
                if *size < 0.0 {
                    let further = number as u64 * DRAWS_EACH_QUANTUM;
                    let mut again = stream(seed, synapse, Use::Again, further)?;
                    let normal = layers.rejected(words[number], &mut again);
                    *size = exp(self.log_mean + self.log_sd * normal);
                }
            }
        }
        Ok(())
    }
}

/// From words to sizes; -1 where the word is not enough. Returns whether there is any.
struct Transform<'a> {
    law: Lognormal,
    layers: &'a Layers,
    words: &'a [u64],
    out: &'a mut [f64],
}

impl Kernel for Transform<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let (mean, sd) = (self.law.log_mean, self.law.log_sd);
        let mut missed = 0_u64;
        for (words, out) in
            self.words.as_chunks::<LANES>().0.iter().zip(self.out.as_chunks_mut::<LANES>().0)
        {
            let (normal, stands) = self.layers.attempts(words);
            for i in 0..LANES {
                let size = exp(mean + sd * normal[i]);
                out[i] = if stands[i] > 0 { size } else { -1.0 };
            }
            missed |= stands.iter().fold(0, |all, one| all | (one ^ 1));
        }
        missed > 0
    }
}

/// Which of the next three sizes belong to a spike of 0, 1, 2, 3 or more quanta, as masks of bits.
///
/// A table, because a compiler would turn a choice back into a branch, and no predictor can guess
/// the number of quanta.
static BELONGS: [[u64; 3]; 4] =
    [[0, 0, 0], [u64::MAX, 0, 0], [u64::MAX, u64::MAX, 0], [u64::MAX, u64::MAX, u64::MAX]];

/// Add the sizes of the quanta of each spike; `sizes` must end with three numbers more.
#[inline]
pub(super) fn add_up(quanta: &[u32], sizes: &[f64], molecules: &mut [f64]) {
    let mut left = sizes;
    for (&count, total) in quanta.iter().zip(molecules) {
        let count = count as usize;
        let Some(few) = left.first_chunk::<3>() else { return };
        let masks = &BELONGS[count.min(3)];
        let kept = |i: usize| f64::from_bits(few[i].to_bits() & masks[i]);
        let mut sum = kept(0) + kept(1) + kept(2);
        if count > 3 {
            for size in &left[3..count] {
                sum += size;
            }
        }
        *total = sum;
        left = &left[count..];
    }
}
