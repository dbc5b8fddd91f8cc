//! Binomial numbers of few trials by one look-up: an alias table for each number of trials.
//!
//! Walker (1977), doi:10.1145/355744.355749, built after Vose (1991),
//! doi:10.1109/32.92917. One word gives one number: its top bits choose a column,
//! the rest say whether the column's own number or its alias is taken. Only
//! integers are compared, and every place of the table can be read, so a loop
//! over lanes becomes gathers.

use super::binomial::Survival;
use super::window::Window;

/// The most trials that have a table.
pub const MOST_TRIALS: usize = 63;
/// Places of the table: 64 numbers of trials, 64 columns each.
const PLACES: usize = 4096;
/// Parts of a column, as a power of two.
const PART_BITS: u32 = 52;

/// Tables for 0 to some number of trials, all of one chance.
#[derive(Debug, Clone)]
pub struct Binomials {
    column_bits: u32,
    /// How much of the column is its own number (above 8 bits), and the alias (8 bits).
    entries: Box<[u64; PLACES]>,
}

impl Binomials {
    /// Tables for at most `most` trials, none if that is more than [`MOST_TRIALS`].
    #[must_use]
    pub fn new(most: usize, survival: Survival) -> Option<Self> {
        if most > MOST_TRIALS {
            return None;
        }
        let columns = (most + 1).next_power_of_two().max(2);
        let column_bits = columns.trailing_zeros();
        let mut entries = Box::new([0; PLACES]);
        for trials in 0..=most {
            let chances = chances(trials, survival, columns);
            let place = trials << column_bits;
            entries[place..place + columns].copy_from_slice(&packed(&chances));
        }
        Some(Self { column_bits, entries })
    }

    /// How many of `trials` stay, from one word.
    #[inline(always)]
    #[must_use]
    pub fn draw(&self, trials: u64, word: u64) -> u64 {
        let column = word >> (64 - self.column_bits);
        let part = (word << self.column_bits) >> (64 - PART_BITS);
        let place = (trials << self.column_bits) | column;
        let entry = self.entries[place as usize & (PLACES - 1)];
        if part < entry >> 8 { column } else { entry & 0xff }
    }
}

/// The chances of 0, 1, ... in as many columns.
fn chances(trials: usize, survival: Survival, columns: usize) -> Vec<f64> {
    let mut all = vec![0.0; columns];
    if trials == 0 || survival.stay <= 0.0 {
        all[0] = 1.0;
    } else if survival.leave <= 0.0 {
        all[trials] = 1.0;
    } else if let Some(window) = Window::binomial(trials as u64, survival, columns) {
        let Window { lowest, chances } = window.normalised();
        for (i, chance) in chances.into_iter().enumerate() {
            all[lowest as usize + i] = chance;
        }
    }
    all
}

/// The entries of one number of trials.
fn packed(chances: &[f64]) -> Vec<u64> {
    let whole = (1_u64 << PART_BITS) as f64;
    let pack = |column: Column| ((column.share * whole) as u64) << 8 | u64::from(column.other);
    columns(chances).into_iter().map(pack).collect()
}

/// A column of an alias table: its own number below `share`, the other above.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub share: f64,
    pub other: u32,
}

/// Give every column as much: part its own number, the rest another.
pub(super) fn columns(chances: &[f64]) -> Vec<Column> {
    let count = chances.len();
    let mut left: Vec<f64> = chances.iter().map(|chance| chance * count as f64).collect();
    let (mut small, mut large): (Vec<usize>, Vec<usize>) =
        (0..count).partition(|&column| left[column] < 1.0);
    let mut columns: Vec<Column> =
        (0..count).map(|own| Column { share: 1.0, other: own as u32 }).collect();
    while let (Some(&low), Some(&high)) = (small.last(), large.last()) {
        small.pop();
        columns[low] = Column { share: left[low], other: high as u32 };
        left[high] = (left[high] + left[low]) - 1.0;
        if left[high] < 1.0 {
            large.pop();
            small.push(high);
        }
    }
    // What is left over is full but for rounding; a chance of zero must stay one.
    for column in small {
        if chances[column] == 0.0 {
            let most = (0..count).fold(0, |a, b| if chances[b] > chances[a] { b } else { a });
            columns[column] = Column { share: 0.0, other: most as u32 };
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::pmf;

    #[test]
    fn the_tables_hold_the_laws() {
        for most in [1, 2, 5, 20, 63] {
            for stay in [1e-9, 0.06, 0.3, 0.5, 0.97] {
                let law = Survival::from_probability(stay);
                let tables = Binomials::new(most, law).unwrap();
                let columns = 1_usize << tables.column_bits;
                for trials in 0..=most {
                    let mut found = vec![0.0; columns];
                    for column in 0..columns {
                        let entry = tables.entries[(trials << tables.column_bits) | column];
                        let own = (entry >> 8) as f64 / (1_u64 << PART_BITS) as f64;
                        found[column] += own / columns as f64;
                        found[(entry & 0xff) as usize] += (1.0 - own) / columns as f64;
                    }
                    for (k, found) in found.iter().enumerate() {
                        let want = if k > trials {
                            0.0
                        } else if trials == 0 {
                            1.0
                        } else {
                            pmf::binomial(k as f64, trials as f64, law.stay, law.leave)
                        };
                        assert!((found - want).abs() < 1e-14, "{trials} {stay} {k}");
                        assert!(k <= trials || *found == 0.0, "{trials} {stay} {k}");
                    }
                }
            }
        }
    }

    #[test]
    fn certain_outcomes_are_certain() {
        let never = Binomials::new(20, Survival::from_probability(0.0)).unwrap();
        let always = Binomials::new(20, Survival::from_probability(1.0)).unwrap();
        for word in [0, u64::MAX, 1 << 63, 0x0123_4567_89ab_cdef] {
            for trials in 0..=20 {
                assert_eq!(never.draw(trials, word), 0);
                assert_eq!(always.draw(trials, word), trials);
            }
        }
    }

    #[test]
    fn more_trials_than_the_table_has_places_have_none() {
        assert!(Binomials::new(64, Survival::from_probability(0.5)).is_none());
    }
}
