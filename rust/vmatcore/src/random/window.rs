//! The chances of all numbers that can matter, from the mode outwards.

use super::binomial::Survival;

/// Relative to the mode, chances below this are left out: less than 2^-60 in all.
const SMALLEST: f64 = 1.0 / (1_u128 << 75) as f64;

/// Chances relative to the mode's, of the numbers from `lowest` on.
#[derive(Debug, Clone)]
pub struct Window {
    /// The first number.
    pub lowest: u64,
    /// Its chance and those of the numbers after it; they do not add up to 1.
    pub chances: Vec<f64>,
}

impl Window {
    /// A Poisson law of positive mean; none if it spreads over more than `most` numbers.
    #[must_use]
    pub fn poisson(mean: f64, most: usize) -> Option<Self> {
        Self::around(mean.floor(), f64::INFINITY, most, |k| mean / (k + 1.0))
    }

    /// A binomial law whose two chances are positive; none if it spreads over more than `most`
    /// numbers.
    #[must_use]
    pub fn binomial(trials: u64, survival: Survival, most: usize) -> Option<Self> {
        let count = trials as f64;
        let odds = survival.stay / survival.leave;
        let mode = ((count + 1.0) * survival.stay).floor();
        let mode = if mode > count { count } else { mode };
        Self::around(mode, count, most, |k| odds * ((count - k) / (k + 1.0)))
    }

    /// The same chances, adding up to 1.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        let total: f64 = self.chances.iter().sum();
        self.chances.iter_mut().for_each(|chance| *chance /= total);
        self
    }

    /// By the ratio of neighbours, P(k + 1)/P(k); no number is above `last`.
    fn around(mode: f64, last: f64, most: usize, ratio: impl Fn(f64) -> f64) -> Option<Self> {
        let mut down = Vec::new();
        let (mut k, mut chance) = (mode, 1.0);
        while chance >= SMALLEST && down.len() <= most {
            down.push(chance);
            if k == 0.0 {
                break;
            }
            k -= 1.0;
            chance /= ratio(k);
        }
        let lowest = mode as u64 + 1 - down.len() as u64;
        let mut chances: Vec<f64> = down.into_iter().rev().collect();
        let (mut k, mut chance) = (mode, 1.0);
        while k < last && chances.len() <= most {
            chance *= ratio(k);
            if chance < SMALLEST {
                break;
            }
            k += 1.0;
            chances.push(chance);
        }
        (chances.len() <= most).then_some(Self { lowest, chances })
    }
}
