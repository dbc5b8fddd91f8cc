//! A law that very many draws share: inversion by a table, one uniform number a draw.
//!
//! The distribution function is summed once; a guide table (Chen and Asau 1974,
//! doi:10.1080/05695557408974949) says where to begin the search, so a draw
//! compares once or twice whatever the law.

use super::binomial::Survival;
use super::window::Window;

/// Laws with more numbers than this have no table.
const MOST_NUMBERS: usize = 1 << 16;

/// The distribution function of one law and the guide into it.
#[derive(Debug, Clone)]
pub struct Table {
    lowest: u64,
    below: Vec<f64>,
    guide: Vec<u32>,
}

impl Table {
    /// A Poisson law of positive mean; none if it spreads over more than 65,536 numbers.
    #[must_use]
    pub fn poisson(mean: f64) -> Option<Self> {
        Window::poisson(mean, MOST_NUMBERS).map(Self::of)
    }

    /// A binomial law whose two chances are positive; none if it spreads over more than 65,536
    /// numbers.
    #[must_use]
    pub fn binomial(trials: u64, survival: Survival) -> Option<Self> {
        Window::binomial(trials, survival, MOST_NUMBERS).map(Self::of)
    }

    fn of(window: Window) -> Self {
        let Window { lowest, chances: mut below } = window;
        let mut total = 0.0;
        for chance in &mut below {
            total += *chance;
            *chance = total;
        }
        for sum in &mut below {
            *sum /= total;
        }
        let places = (2 * below.len()).next_power_of_two();
        let mut guide = Vec::with_capacity(places);
        let mut number = 0;
        for place in 0..places {
            while below[number] <= place as f64 / places as f64 {
                number += 1;
            }
            guide.push(number as u32);
        }
        Self { lowest, below, guide }
    }

    /// The smallest number whose distribution function exceeds `uniform`, in (0, 1).
    #[inline]
    #[must_use]
    pub fn draw(&self, uniform: f64) -> u64 {
        let place = (uniform * self.guide.len() as f64) as usize;
        let mut number = self.guide[place] as usize;
        // The last entry is exactly 1.
        while self.below[number] <= uniform {
            number += 1;
        }
        self.lowest + number as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::pmf;
    use proptest::prelude::*;

    fn check(table: &Table, chance: impl Fn(f64) -> f64) {
        let mut before = 0.0;
        for (i, &sum) in table.below.iter().enumerate() {
            let expected = chance((table.lowest + i as u64) as f64);
            assert!((sum - before - expected).abs() < 1e-14, "{i}");
            before = sum;
        }
        assert_eq!(before, 1.0);
    }

    #[test]
    fn tables_hold_the_laws() {
        for mean in [1e-3, 0.7, 10.0, 2690.4, 1e6] {
            check(&Table::poisson(mean).unwrap(), |k| pmf::poisson(k, mean));
        }
        for (trials, stay) in [(1, 0.3), (10, 0.5), (5000, 0.538), (5000, 0.999)] {
            let law = Survival::from_probability(stay);
            let table = Table::binomial(trials, law).unwrap();
            check(&table, |k| pmf::binomial(k, trials as f64, law.stay, law.leave));
        }
        assert!(Table::poisson(1e12).is_none());
    }

    proptest! {
        #[test]
        fn a_draw_is_the_inverse_of_the_distribution_function(uniform in 1e-16_f64..1.0, mean in 0.01_f64..5000.0) {
            let table = Table::poisson(mean).unwrap();
            let number = (table.draw(uniform) - table.lowest) as usize;
            prop_assert!(table.below[number] > uniform);
            prop_assert!(number == 0 || table.below[number - 1] <= uniform);
        }
    }
}
