//! Uniform numbers in the open interval (0, 1).

/// The bits of 1.
const ONE_BITS: u64 = 0x3ff0_0000_0000_0000;
/// 1 - 2^-53.
const ONE_LESS_HALF_A_STEP: f64 = 1.0 - f64::EPSILON / 2.0;

/// (k + 1/2) 2^-52, where k is the number in the top 52 bits of the word.
///
/// The 2^52 values are equally likely, symmetric about one half, and neither 0
/// nor 1: a logarithm is always finite. Every step is exact. The bits of k
/// under the exponent of 1 are the number 1 + k 2^-52, which spares the
/// conversion from integer.
#[inline(always)]
#[must_use]
pub fn uniform(word: u64) -> f64 {
    f64::from_bits(word >> 12 | ONE_BITS) - ONE_LESS_HALF_A_STEP
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_smallest_and_largest_uniform_are_half_a_step_inside() {
        assert_eq!(uniform(0), 1.0 / 9_007_199_254_740_992.0);
        assert_eq!(uniform(u64::MAX), 1.0 - f64::EPSILON / 2.0);
    }

    proptest! {
        #[test]
        fn a_uniform_is_the_middle_of_its_cell(word: u64) {
            let want = ((word >> 12) as f64 + 0.5) / 4_503_599_627_370_496.0;
            prop_assert_eq!(uniform(word).to_bits(), want.to_bits());
        }

        #[test]
        fn a_uniform_is_inside_the_open_interval_and_has_a_mirror(word: u64) {
            let value = uniform(word);
            prop_assert!(0.0 < value && value < 1.0);
            prop_assert_eq!(uniform(!word), 1.0 - value);
        }
    }
}
