//! A law that very many draws share: one uniform number and one look-up a draw.
//!
//! Alias tables (Walker 1977, doi:10.1145/355744.355749; Vose 1991,
//! doi:10.1109/32.92917): every cell holds one number and what fills the rest of the
//! cell with another. The number of cells is a power of two, so the cell and the
//! place within it are the high and the low bits of the uniform number, both exact.

use super::alias::{Column, columns};
use super::binomial::Survival;
use super::window::Window;

/// Laws with more numbers than this have no table.
const MOST_NUMBERS: usize = 1 << 16;

/// One law.
#[derive(Debug, Clone)]
pub struct Table {
    lowest: u64,
    cells: Vec<Column>,
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
        let Window { lowest, mut chances } = window.normalised();
        chances.resize(chances.len().next_power_of_two(), 0.0);
        Self { lowest, cells: columns(&chances) }
    }

    /// The number that `uniform`, in (0, 1), stands for.
    #[inline(always)]
    #[must_use]
    pub fn draw(&self, uniform: f64) -> u64 {
        let scaled = uniform * self.cells.len() as f64;
        let place = scaled as usize;
        let cell = self.cells[place];
        let own = scaled - (place as f64) < cell.share;
        self.lowest + if own { place as u64 } else { u64::from(cell.other) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::pmf;
    use proptest::prelude::*;

    /// The chance of every number of the table, from its cells.
    fn chances(table: &Table) -> Vec<f64> {
        let mut chances = vec![0.0; table.cells.len()];
        for (own, cell) in table.cells.iter().enumerate() {
            chances[own] += cell.share;
            chances[cell.other as usize] += 1.0 - cell.share;
        }
        chances.iter().map(|chance| chance / table.cells.len() as f64).collect()
    }

    fn check(table: &Table, chance: impl Fn(f64) -> f64) {
        for (i, found) in chances(table).into_iter().enumerate() {
            let expected = chance((table.lowest + i as u64) as f64);
            assert!((found - expected).abs() < 1e-14, "{i}: {found} {expected}");
            assert!(expected > 0.0 || found == 0.0, "{i}: what has no chance is never drawn");
        }
    }

    #[test]
    fn tables_hold_the_laws() {
        for mean in [1e-3, 0.7, 10.0, 2690.4, 1e6] {
            check(&Table::poisson(mean).unwrap(), |k| pmf::poisson(k, mean));
        }
        for (trials, stay) in [(1, 0.3), (10, 0.5), (5000, 0.538), (5000, 0.999)] {
            let law = Survival::from_probability(stay);
            let table = Table::binomial(trials, law).unwrap();
            let most = trials as f64;
            check(
                &table,
                |k| {
                    if k > most { 0.0 } else { pmf::binomial(k, most, law.stay, law.leave) }
                },
            );
        }
        assert!(Table::poisson(1e12).is_none());
    }

    proptest! {
        #[test]
        fn every_uniform_number_is_in_a_cell(word: u64, mean in 0.01_f64..5000.0) {
            let table = Table::poisson(mean).unwrap();
            let uniform = crate::random::uniform::uniform(word);
            let number = (table.draw(uniform) - table.lowest) as usize;
            prop_assert!(chances(&table)[number] > 0.0);
        }

        #[test]
        fn own_and_other_share_a_cell_at_the_stated_place(place in 0_usize..1000, mean in 10.0_f64..5000.0) {
            let table = Table::poisson(mean).unwrap();
            let size = table.cells.len();
            let place = place % size;
            let cell = table.cells[place];
            let at = |within: f64| table.draw((place as f64 + within) / size as f64) - table.lowest;
            // The sum of place and share is rounded here, so not at the very share.
            if cell.share < 1.0 - 1e-9 {
                prop_assert_eq!(at(cell.share + 1e-9), u64::from(cell.other));
            }
            if cell.share > 1e-9 {
                prop_assert_eq!(at(cell.share - 1e-9), place as u64);
            }
        }
    }
}
