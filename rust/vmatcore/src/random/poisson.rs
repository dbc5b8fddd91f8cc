//! Poisson numbers: inversion for small means, transformed rejection for large ones.
//!
//! Hörmann (1993), "The transformed rejection method for generating Poisson
//! random variables", doi:10.1016/0167-6687(93)90997-4, algorithm PTRS. With the
//! published constants the law rises above the hat by up to 0.6 % for some means
//! below 1,000, and below the squeeze by up to 0.4 %. Here the hat is higher and the
//! squeeze lower, so that the numbers are exact; the test scans both.

use super::pmf;
use crate::math::exp;
use crate::random::Stream;

/// From this mean on, rejection.
const REJECTION_FROM: f64 = 10.0;
/// No inversion goes beyond this number: a chance below 1e-80, so only rounding can lead there.
const MOST_BY_INVERSION: u64 = 120;

/// Poisson numbers of one mean.
#[derive(Debug, Clone, Copy)]
pub struct Poisson {
    mean: f64,
    method: Method,
}

#[derive(Debug, Clone, Copy)]
enum Method {
    /// The chance of zero.
    Inversion(f64),
    Rejection(Hat),
}

/// How much higher the hat is than the published one.
const HIGHER: f64 = 1.008;
/// How much lower the squeeze is, before the hat is raised.
const LOWER: f64 = 0.006;

/// The table mountain over a law.
#[derive(Debug, Clone, Copy)]
struct Hat {
    a: f64,
    b: f64,
    inverse_alpha: f64,
    squeeze: f64,
}

impl Hat {
    fn new(mean: f64) -> Self {
        let b = 0.931 + 2.53 * mean.sqrt();
        Self {
            a: -0.059 + 0.02483 * b,
            b,
            inverse_alpha: (1.1239 + 1.1328 / (b - 3.4)) * HIGHER,
            squeeze: (0.9277 - LOWER - 3.6224 / (b - 2.0)) / HIGHER,
        }
    }
}

impl Poisson {
    /// Numbers of a mean that is finite and not negative.
    #[must_use]
    pub fn new(mean: f64) -> Self {
        let method = if mean < REJECTION_FROM {
            Method::Inversion(exp(-mean))
        } else {
            Method::Rejection(Hat::new(mean))
        };
        Self { mean, method }
    }

    /// The next number. A mean of zero takes no word of the stream.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> u64 {
        match &self.method {
            Method::Inversion(none) => {
                if self.mean == 0.0 {
                    return 0;
                }
                loop {
                    if let Some(number) = self.invert(*none, stream.uniform()) {
                        return number;
                    }
                }
            }
            Method::Rejection(hat) => loop {
                let (from_centre, height) = (stream.uniform() - 0.5, stream.uniform());
                if let Some(number) = self.accept(hat, from_centre, height) {
                    return number;
                }
            },
        }
    }

    #[inline]
    fn invert(&self, none: f64, uniform: f64) -> Option<u64> {
        let (mut left, mut chance) = (uniform, none);
        for number in 0..MOST_BY_INVERSION {
            if left < chance {
                return Some(number);
            }
            left -= chance;
            chance *= self.mean / (number + 1) as f64;
        }
        None
    }

    #[inline]
    fn accept(&self, hat: &Hat, from_centre: f64, height: f64) -> Option<u64> {
        let to_edge = 0.5 - from_centre.abs();
        let number = ((2.0 * hat.a / to_edge + hat.b) * from_centre + self.mean + 0.43).floor();
        if to_edge >= 0.07 && height <= hat.squeeze {
            return Some(number as u64);
        }
        if number < 0.0 || (to_edge < 0.013 && height > to_edge) {
            return None;
        }
        self.below(hat, to_edge, number, height).then_some(number as u64)
    }

    #[cold]
    fn below(&self, hat: &Hat, to_edge: f64, number: f64, height: f64) -> bool {
        let scaled = height * hat.inverse_alpha / (hat.a / (to_edge * to_edge) + hat.b);
        scaled <= pmf::poisson(number, self.mean)
    }
}

/// A number that the squeeze accepts at once, or -1: the first step of [`Poisson::draw`] for lanes.
///
/// `from_centre` is a uniform number less 1/2, `height` another. Where -1 comes out, a full draw
/// from fresh numbers would not have the law; [`rejected`] goes on from these two.
#[inline(always)]
#[must_use]
pub fn attempt(mean: f64, from_centre: f64, height: f64) -> f64 {
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.02483 * b;
    let squeeze = (0.9277 - LOWER - 3.6224 / (b - 2.0)) / HIGHER;
    let to_edge = 0.5 - from_centre.abs();
    let number = ((2.0 * a / to_edge + b) * from_centre + mean + 0.43).floor();
    let accepted = (mean >= REJECTION_FROM) & (to_edge >= 0.07) & (height <= squeeze);
    if accepted { number } else { -1.0 }
}

/// The exact test on the two numbers of an [`attempt`] that gave -1: the number, -1 where it is
/// rejected, or -2 where [`rejected`] must decide.
#[inline(always)]
#[must_use]
pub fn second_attempt(mean: f64, from_centre: f64, height: f64) -> f64 {
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = (1.1239 + 1.1328 / (b - 3.4)) * HIGHER;
    let to_edge = 0.5 - from_centre.abs();
    let number = ((2.0 * a / to_edge + b) * from_centre + mean + 0.43).floor();
    let scaled = height * inverse_alpha / (a / (to_edge * to_edge) + b);
    let below = scaled <= pmf::poisson_near(number, mean);
    let outside = (number < 0.0) | ((to_edge < 0.013) & (height > to_edge));
    let decided = (mean >= REJECTION_FROM) & (outside | pmf::is_near(number, mean));
    let accepted = if below & !outside { number } else { -1.0 };
    if decided { accepted } else { -2.0 }
}

/// The number after an [`attempt`] that gave -1: by the exact test on the same two numbers, or by
/// a draw from the stream.
pub fn rejected(mean: f64, from_centre: f64, height: f64, stream: &mut Stream) -> u64 {
    let law = Poisson::new(mean);
    if let Method::Rejection(hat) = &law.method
        && let Some(number) = law.accept(hat, from_centre, height)
    {
        return number;
    }
    law.draw(stream)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn the_squeeze_lies_under_the_law_and_the_hat_above_it() {
        let near = (0..300).map(|i| 10.0 + 0.1 * f64::from(i));
        let far = [50.0, 70.7, 100.0, 333.3, 1e3, 1e4, 1e6, 1e9];
        for mean in near.chain(far) {
            let hat = Hat::new(mean);
            for step in 1..20_000 {
                let from_centre = f64::from(step) / 20_000.0 - 0.5;
                let to_edge = 0.5 - from_centre.abs();
                let number = ((2.0 * hat.a / to_edge + hat.b) * from_centre + mean + 0.43).floor();
                if number < 0.0 {
                    continue;
                }
                // Accepted heights reach up to this one.
                let top = pmf::poisson(number, mean) * (hat.a / (to_edge * to_edge) + hat.b)
                    / hat.inverse_alpha;
                assert!(top <= 1.0, "hat {mean} {from_centre} {top}");
                if to_edge >= 0.07 {
                    assert!(top >= hat.squeeze, "squeeze {mean} {from_centre} {top}");
                }
                if to_edge < 0.013 {
                    assert!(top <= to_edge, "tail {mean} {from_centre} {top}");
                }
            }
        }
    }

    #[test]
    fn an_attempt_and_what_follows_give_the_number_of_a_draw() {
        for mean in [0.0, 3.0, 9.99, 10.0, 47.0, 2996.3, 1e6] {
            for replicate in 0..300 {
                let fresh = || Stream::new(5, crate::random::Stage::Test, replicate);
                let mut stream = fresh();
                let (from_centre, height) = (stream.uniform() - 0.5, stream.uniform());
                let first = attempt(mean, from_centre, height);
                if mean < REJECTION_FROM {
                    assert_eq!(first, -1.0);
                    assert_eq!(second_attempt(mean, from_centre, height), -2.0);
                    continue;
                }
                let number = if first < 0.0 {
                    rejected(mean, from_centre, height, &mut stream.clone())
                } else {
                    first as u64
                };
                assert_eq!(number, Poisson::new(mean).draw(&mut fresh()));
                if first < 0.0 {
                    match second_attempt(mean, from_centre, height) {
                        -2.0 => {}
                        -1.0 => assert_eq!(number, Poisson::new(mean).draw(&mut stream)),
                        second => assert_eq!(number, second as u64),
                    }
                }
            }
        }
    }

    #[test]
    fn a_mean_of_zero_takes_no_word() {
        let mut stream = Stream::new(1, crate::random::Stage::Test, 0);
        let first = stream.clone().word();
        assert_eq!(Poisson::new(0.0).draw(&mut stream), 0);
        assert_eq!(stream.word(), first);
    }
}
