//! Probabilities of the Poisson and the binomial law that keep their digits at any size.
//!
//! Loader (2000), "Fast and accurate computation of binomial probabilities":
//! Stirling's formula with its error, and the distance of the number from its
//! mean as a deviance, so that no large logarithms cancel.

use std::f64::consts::TAU;

use crate::math::{exp, ln};

/// ln k! less Stirling's formula, for k from 1 to 15.
const STIRLING_ERROR: [f64; 15] = [
    0.081_061_466_795_327_26,
    0.041_340_695_955_409_29,
    0.027_677_925_684_998_34,
    0.020_790_672_103_765_093,
    0.016_644_691_189_821_193,
    0.013_876_128_823_070_748,
    0.011_896_709_945_891_77,
    0.010_411_265_261_972_096,
    0.009_255_462_182_712_733,
    0.008_330_563_433_362_87,
    0.007_573_675_487_951_841,
    0.006_942_840_107_209_53,
    0.006_408_994_188_004_207,
    0.005_951_370_112_758_848,
    0.005_554_733_551_962_801,
];

/// Coefficients of the same error in 1/k, 1/k^3, ...
const STIRLING_SERIES: [f64; 6] =
    [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];

/// ln k! - [(k + 1/2) ln k - k + ln(2 pi)/2] for k >= 1.
fn stirling_error(k: f64) -> f64 {
    if k <= 15.0 { STIRLING_ERROR[k as usize - 1] } else { stirling_series(k) }
}

/// The same above 15.
#[inline(always)]
fn stirling_series(k: f64) -> f64 {
    let [a, b, c, d, e, f] = STIRLING_SERIES;
    let inverse = 1.0 / k;
    let z = inverse * inverse;
    (((((f * z + e) * z + d) * z + c) * z + b) * z + a) * inverse
}

/// k ln(k / mean) + mean - k for k >= 1, without cancellation.
fn deviance(k: f64, mean: f64) -> f64 {
    if (k - mean).abs() >= 0.1 * (k + mean) {
        return k * ln(k / mean) + mean - k;
    }
    deviance_series(k, mean)
}

/// The same where k and the mean are near one another.
#[inline(always)]
fn deviance_series(k: f64, mean: f64) -> f64 {
    let (apart, both) = (k - mean, k + mean);
    let v = apart / both;
    let z = v * v;
    let mut term = 2.0 * k * v;
    let mut sum = apart * v;
    let mut odd = 3.0;
    // |v| < 0.1: nine terms reach the last digit.
    for _ in 0..9 {
        term *= z;
        sum += term / odd;
        odd += 2.0;
    }
    sum
}

/// P(X = k) for a Poisson number of positive mean.
#[must_use]
pub fn poisson(k: f64, mean: f64) -> f64 {
    if k == 0.0 {
        return exp(-mean);
    }
    exp(-stirling_error(k) - deviance(k, mean)) / (TAU * k).sqrt()
}

/// [`poisson`] with the same bits, where [`is_near`] holds; without a branch, for lanes.
#[inline(always)]
#[must_use]
pub fn poisson_near(k: f64, mean: f64) -> f64 {
    exp(-stirling_series(k) - deviance_series(k, mean)) / (TAU * k).sqrt()
}

/// Whether k is large and near enough to the mean for [`poisson_near`].
#[inline(always)]
#[must_use]
pub fn is_near(k: f64, mean: f64) -> bool {
    (k > 15.0) & ((k - mean).abs() < 0.1 * (k + mean))
}

/// P(X = k) for `trials` with chances `success` and `failure`, both positive, adding up to 1.
#[must_use]
pub fn binomial(k: f64, trials: f64, success: f64, failure: f64) -> f64 {
    let rest = trials - k;
    if k == 0.0 {
        return exp(-(deviance(trials, trials * failure) + trials * success));
    }
    if rest == 0.0 {
        return exp(-(deviance(trials, trials * success) + trials * failure));
    }
    let error = stirling_error(trials) - stirling_error(k) - stirling_error(rest);
    let distance = deviance(k, trials * success) + deviance(rest, trials * failure);
    exp(error - distance) * (trials / (TAU * k * rest)).sqrt()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_those_of_the_recurrence() {
        for mean in [0.3, 5.0, 40.0, 300.0] {
            let mut expected = f64::exp(-mean);
            for k in 0..600 {
                let got = poisson(f64::from(k), mean);
                assert!((got - expected).abs() <= 3e-13 * expected + 1e-300, "{k} {mean}");
                expected *= mean / f64::from(k + 1);
            }
        }
        for (trials, success) in [(1_u32, 0.5), (7, 0.1), (40, 0.5), (500, 0.37), (60, 0.99)] {
            let failure: f64 = 1.0 - success;
            let mut expected = failure.powi(trials as i32);
            for k in 0..=trials {
                let got = binomial(f64::from(k), f64::from(trials), success, failure);
                assert!((got - expected).abs() <= 1e-12 * expected + 1e-300, "{k} {trials}");
                expected *= f64::from(trials - k) / f64::from(k + 1) * (success / failure);
            }
        }
    }

    #[test]
    fn the_form_for_lanes_gives_the_same_bits() {
        for mean in [20.0_f64, 47.3, 300.0, 2996.4, 1e6] {
            for step in -20..=20 {
                let k = (mean + f64::from(step) * 0.3 * mean.sqrt()).floor();
                if is_near(k, mean) {
                    assert_eq!(poisson_near(k, mean).to_bits(), poisson(k, mean).to_bits());
                }
            }
        }
    }

    #[test]
    fn huge_means_keep_their_digits() {
        // The probability of the mean itself is 1/sqrt(2 pi mean) (1 - 1/(12 mean) + ...).
        let mean = 2_f64.powi(31);
        let expected = (1.0 - 1.0 / (12.0 * mean)) / (TAU * mean).sqrt();
        assert!((poisson(mean, mean) / expected - 1.0).abs() < 1e-14);
    }
}
