//! Exponential numbers of mean one: waiting times in units of 1 / rate.

use crate::math::ln;

/// -ln(u) of a uniform number u in (0, 1): between 1.1e-16 and 36.74.
#[inline(always)]
#[must_use]
pub fn exponential(uniform: f64) -> f64 {
    -ln(uniform)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform::uniform;
    use proptest::prelude::*;

    #[test]
    fn the_extreme_words_give_the_stated_range() {
        assert_eq!(exponential(uniform(u64::MAX)), f64::EPSILON / 2.0);
        assert!((exponential(uniform(0)) - 36.736_800_569_677_1).abs() < 1e-13);
    }

    proptest! {
        #[test]
        fn a_waiting_time_is_positive_and_finite(word: u64) {
            let time = exponential(uniform(word));
            prop_assert!(time > 0.0 && time < 36.75);
        }
    }
}
