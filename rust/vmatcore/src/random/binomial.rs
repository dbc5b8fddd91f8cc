//! Binomial numbers: inversion for small means, transformed rejection for large ones.
//!
//! Hörmann (1993), "The generation of binomial random variates",
//! doi:10.1080/00949659308811496, algorithm BTRS.

use super::pmf;
use crate::math::{exp, ln_1p};
use crate::random::Stream;

/// From this mean of the rarer outcome on, rejection.
const REJECTION_FROM: f64 = 10.0;
/// No inversion goes beyond this number: a chance below 1e-80, so only rounding can lead there.
const MOST_BY_INVERSION: u64 = 120;

/// The chance to stay and the chance to leave, each with all its digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survival {
    /// Chance of the outcome that is counted.
    pub stay: f64,
    /// Chance of the other; the two add up to 1.
    pub leave: f64,
}

impl Survival {
    /// From the chance to stay alone, in [0, 1].
    #[must_use]
    pub fn from_probability(stay: f64) -> Self {
        Self { stay, leave: 1.0 - stay }
    }
}

/// Binomial numbers of one chance and any number of trials.
#[derive(Debug, Clone, Copy)]
pub struct Binomial {
    /// The smaller chance, the larger one, and the logarithm of the larger one.
    rare: f64,
    usual: f64,
    ln_usual: f64,
    odds: f64,
    /// Whether the rarer outcome is leaving.
    flipped: bool,
}

/// The table mountain over one law.
#[derive(Debug, Clone, Copy)]
struct Hat {
    a: f64,
    b: f64,
    centre: f64,
    alpha: f64,
    squeeze: f64,
    mode: f64,
}

impl Hat {
    #[inline]
    fn new(trials: f64, rare: f64, usual: f64) -> Self {
        let spread = (trials * rare * usual).sqrt();
        let b = 1.15 + 2.53 * spread;
        Self {
            a: -0.0873 + 0.0248 * b + 0.01 * rare,
            b,
            centre: trials * rare + 0.5,
            alpha: (2.83 + 5.1 / b) * spread,
            squeeze: 0.92 - 4.2 / b,
            mode: ((trials + 1.0) * rare).floor(),
        }
    }
}

impl Binomial {
    /// Numbers of trials that stay.
    #[must_use]
    pub fn new(survival: Survival) -> Self {
        let flipped = survival.leave < survival.stay;
        let (rare, usual) =
            if flipped { (survival.leave, survival.stay) } else { (survival.stay, survival.leave) };
        Self { rare, usual, ln_usual: ln_1p(-rare), odds: rare / usual, flipped }
    }

    /// How many of `trials` (at most 2^32) stay. Certain outcomes take no word of the stream.
    #[inline]
    pub fn draw(&self, trials: u64, stream: &mut Stream) -> u64 {
        let rare = self.draw_rare(trials, stream);
        if self.flipped { trials - rare } else { rare }
    }

    #[inline]
    fn draw_rare(&self, trials: u64, stream: &mut Stream) -> u64 {
        if trials == 0 || self.rare <= 0.0 {
            return 0;
        }
        let count = trials as f64;
        if count * self.rare < REJECTION_FROM {
            let none = exp(count * self.ln_usual);
            loop {
                if let Some(number) = self.invert(trials, none, stream.uniform()) {
                    return number;
                }
            }
        }
        let hat = Hat::new(count, self.rare, self.usual);
        loop {
            let (from_centre, height) = (stream.uniform() - 0.5, stream.uniform());
            if let Some(number) = self.accept(&hat, count, from_centre, height) {
                return number;
            }
        }
    }

    #[inline]
    fn invert(&self, trials: u64, none: f64, uniform: f64) -> Option<u64> {
        let (mut left, mut chance) = (uniform, none);
        for number in 0..=trials.min(MOST_BY_INVERSION) {
            if left < chance {
                return Some(number);
            }
            left -= chance;
            chance *= self.odds * ((trials - number) as f64 / (number + 1) as f64);
        }
        None
    }

    #[inline]
    fn accept(&self, hat: &Hat, trials: f64, from_centre: f64, height: f64) -> Option<u64> {
        let to_edge = 0.5 - from_centre.abs();
        let number = ((2.0 * hat.a / to_edge + hat.b) * from_centre + hat.centre).floor();
        if to_edge >= 0.07 && height <= hat.squeeze {
            return Some(number as u64);
        }
        if number < 0.0 || number > trials {
            return None;
        }
        self.below(hat, trials, to_edge, number, height).then_some(number as u64)
    }

    #[cold]
    fn below(&self, hat: &Hat, trials: f64, to_edge: f64, number: f64, height: f64) -> bool {
        let mode = pmf::binomial(hat.mode, trials, self.rare, self.usual);
        let scaled = height * hat.alpha / (hat.a / (to_edge * to_edge) + hat.b);
        scaled * mode <= pmf::binomial(number, trials, self.rare, self.usual)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn the_squeeze_lies_under_the_law_and_the_hat_above_it() {
        let most = 2_f64.powi(32);
        let chances = [0.5, 0.49, 0.4, 0.3, 0.2, 0.1, 0.03, 1e-2, 1e-3, 1e-6];
        let means = (0..40).map(|i| 10.0 + 0.5 * f64::from(i)).chain([60.0, 300.0, 1e4]);
        let some = means.flat_map(|mean| chances.map(|rare| ((mean / rare).ceil(), rare)));
        let extremes = [(most, 10.0 / most), (most, 12.7 / most), (most, 0.5)];
        for (trials, rare) in some.chain(extremes) {
            let usual = 1.0 - rare;
            let hat = Hat::new(trials, rare, usual);
            let mode = pmf::binomial(hat.mode, trials, rare, usual);
            for step in 1..5_000 {
                let from_centre = f64::from(step) / 5_000.0 - 0.5;
                let to_edge = 0.5 - from_centre.abs();
                let number = ((2.0 * hat.a / to_edge + hat.b) * from_centre + hat.centre).floor();
                let inside = (0.0..=trials).contains(&number);
                // Accepted heights reach up to this one.
                let top = if inside {
                    let chance = pmf::binomial(number, trials, rare, usual);
                    chance / mode * (hat.a / (to_edge * to_edge) + hat.b) / hat.alpha
                } else {
                    0.0
                };
                assert!(top <= 1.0, "hat {trials} {rare} {from_centre} {top}");
                if to_edge >= 0.07 {
                    assert!(top >= hat.squeeze, "squeeze {trials} {rare} {from_centre} {top}");
                }
            }
        }
    }

    #[test]
    fn certain_outcomes_take_no_word() {
        let mut stream = Stream::new(1, crate::random::Stage::Test, 0);
        let first = stream.clone().word();
        for (stay, trials, expected) in [(0.0, 9, 0), (1.0, 9, 9), (0.3, 0, 0)] {
            let law = Binomial::new(Survival::from_probability(stay));
            assert_eq!(law.draw(trials, &mut stream), expected);
        }
        assert_eq!(stream.word(), first);
    }
}
