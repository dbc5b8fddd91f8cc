//! One event of Gillespie's direct method, from one random word.
//!
//! Gillespie (1977), doi:10.1021/j100540a008. The uniform number that chooses
//! between entry and exit is used again: divided by the share that it fell
//! into, what is left of it is uniform once more, and its logarithm is the wait.

use std::f64::consts::LN_2;

use crate::random::uniform::uniform;

/// L in ln(m) = s (2 + z L(z)), s = (m - 1)/(m + 1), z = s^2 <= 0.0402; minimax, error 2^-55.8.
const SERIES: [f64; 7] = [
    0.666_666_666_666_729,
    0.399_999_999_960_577_67,
    0.285_714_294_141_901_75,
    0.222_221_369_411_078_9,
    0.181_864_205_366_308_12,
    0.152_488_895_058_899_98,
    0.153_783_539_945_239_9,
];

/// The bits that hold sign and exponent.
const EXPONENT_BITS: u64 = 0xfff0_0000_0000_0000;
/// Keeps the difference of two exponents positive.
const EXPONENT_BIAS: u64 = 1024 << 52;
/// One half of an exponent step: rounds to the nearest power of two.
const HALF_STEP: u64 = 1 << 51;
/// The bits of 2^52, under which a small whole number becomes a float.
const WHOLE_BITS: u64 = 0x4330_0000_0000_0000;
/// 2^52 and the bias, to be taken off again.
const WHOLE_AND_BIAS: f64 = 4_503_599_627_370_496.0 + 1024.0;

/// How long to wait for the next event, and +1 for an entry or -1 for an exit.
///
/// The wait is NaN where both rates are zero, and its relative error is below
/// 1e-14. There is no branch, so a loop over lanes vectorises; and one division
/// serves for the logarithm and for the total rate, because the argument of
/// the logarithm is kept as a quotient.
///
/// An exit is never chosen when its rate is zero: `uniform` is below 1, and the
/// product of a number with anything below 1 rounds to less than the number.
#[inline(always)]
pub fn event(birth: f64, death: f64, word: u64) -> (f64, f64) {
    let total = birth + death;
    let point = uniform(word) * total;
    let enters = point < birth;
    let chosen = if enters { birth } else { death };
    let left = if enters { point } else { point - birth };
    // left / chosen = 2^exponent m with m in [2/3, 3/2]; `scaled` is m chosen.
    let apart =
        left.to_bits().wrapping_sub(chosen.to_bits()).wrapping_add(EXPONENT_BIAS + HALF_STEP);
    let exponent = f64::from_bits((apart >> 52) | WHOLE_BITS) - WHOLE_AND_BIAS;
    let shift = (apart & EXPONENT_BITS).wrapping_sub(EXPONENT_BIAS);
    let scaled = f64::from_bits(left.to_bits().wrapping_sub(shift));
    let sum = scaled + chosen;
    let inverse = 1.0 / (sum * total);
    let s = (scaled - chosen) * (total * inverse);
    let z = s * s;
    let zz = z * z;
    let even = ((SERIES[6] * zz + SERIES[4]) * zz + SERIES[2]) * zz + SERIES[0];
    let odd = (SERIES[5] * zz + SERIES[3]) * zz + SERIES[1];
    let logarithm = exponent * LN_2 + s * (2.0 + z * (even + z * odd));
    let wait = -logarithm * (sum * inverse);
    // Where an exit is very rare the rest of the number has few digits left and may exceed 1.
    let wait = if wait < 0.0 { 0.0 } else { wait };
    (wait, if enters { 1.0 } else { -1.0 })
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)] // the C library is the witness here
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn choice_and_wait_are_those_of_the_direct_method(
            word: u64, birth in 1e-6_f64..1e6, share in 1e-3_f64..1e3,
        ) {
            let death = birth * share;
            let (wait, change) = event(birth, death, word);
            let point = uniform(word) * (birth + death);
            prop_assert_eq!(change > 0.0, point < birth);
            let again = if point < birth { point / birth } else { (point - birth) / death };
            let expected = -again.ln() / (birth + death);
            let error = (wait - expected).abs();
            prop_assert!(error <= 1e-14 * expected + 1e-15 / (birth + death), "{wait} {expected}");
        }

        #[test]
        fn a_channel_without_rate_is_never_chosen(word: u64, rate in 1e-60_f64..1e15) {
            prop_assert_eq!(event(rate, 0.0, word).1, 1.0);
            prop_assert_eq!(event(0.0, rate, word).1, -1.0);
        }

        #[test]
        fn a_wait_is_never_negative(
            word: u64, birth in 1e-12_f64..1e12, death in 1e-12_f64..1e12,
        ) {
            let (wait, _) = event(birth, death, word);
            prop_assert!(wait >= 0.0 && wait < 800.0 / (birth + death));
        }
    }

    #[test]
    fn nothing_happens_where_both_rates_are_zero() {
        assert!(event(0.0, 0.0, 12_345).0.is_nan());
    }

    #[test]
    fn the_extreme_words_give_finite_waits() {
        for word in [0, 1 << 12, u64::MAX, 1 << 63] {
            let (wait, _) = event(3.0, 2.0, word);
            assert!((0.0..160.0).contains(&wait), "{word:x} {wait}");
        }
    }
}
