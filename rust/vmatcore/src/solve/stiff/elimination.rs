//! Gaussian elimination that knows where the zeros are.
//!
//! The order is Markowitz': the pivot whose row and column have the fewest
//! entries left comes next (Markowitz 1957, doi:10.1287/mnsc.3.3.255). It is
//! found once; numbers never change it, so it changes no bit between lanes.
//! What is to be done is kept as lists of places in a table of 256, which a byte
//! cannot leave: the inner loops have no bounds to check.

use crate::lanes::{Lane, ZERO};

/// Entries of the table: rows and columns up to 16.
const TABLE: usize = 256;

/// A matrix by places: row times 16 and column.
pub(super) type Table = [Lane; TABLE];

/// One pivot: its place, the multipliers below it, and the products to take away.
struct Pivot {
    place: u8,
    multipliers: Vec<u8>,
    /// Target, multiplier, entry on the right of the pivot.
    updates: Vec<[u8; 3]>,
    /// Column of an earlier pivot, multiplier in this pivot's row.
    left: Vec<[u8; 2]>,
    /// Column of a later pivot, entry in this pivot's row.
    right: Vec<[u8; 2]>,
}

/// The order of pivots, and what each one touches.
pub(super) struct Elimination<const N: usize> {
    /// Row, column and place of what the pattern holds.
    entries: Vec<[u8; 3]>,
    /// Places that elimination fills.
    fills: Vec<u8>,
    pivots: Vec<Pivot>,
}

fn place(row: usize, column: usize) -> u8 {
    (16 * row + column) as u8
}

fn ones(bits: u32) -> impl Iterator<Item = usize> {
    (0..16).filter(move |i| bits >> i & 1 == 1)
}

impl<const N: usize> Elimination<N> {
    /// The order for a pattern of non-zero entries, bit j of row i.
    pub fn new(pattern: [u32; N]) -> Self {
        const { assert!(N <= 16) }
        let mut rows = pattern;
        for (i, row) in rows.iter_mut().enumerate() {
            *row |= 1 << i;
        }
        let given = rows;
        let mut left: u32 = (1 << N) - 1;
        let mut pivots = Vec::with_capacity(N);
        while left != 0 {
            let column = |pivot: usize| {
                ones(left)
                    .filter(|&i| i != pivot && rows[i] >> pivot & 1 == 1)
                    .fold(0_u32, |bits, i| bits | 1 << i)
            };
            let cost = |pivot: &usize| {
                let row = (rows[*pivot] & left & !(1 << *pivot)).count_ones();
                (row * column(*pivot).count_ones(), *pivot)
            };
            let Some(pivot) = ones(left).min_by_key(cost) else { break };
            let below = column(pivot);
            left &= !(1 << pivot);
            let right = rows[pivot] & left;
            let mut one = Pivot {
                place: place(pivot, pivot),
                multipliers: ones(below).map(|i| place(i, pivot)).collect(),
                updates: Vec::new(),
                left: Vec::new(),
                right: ones(right).map(|j| [j as u8, place(pivot, j)]).collect(),
            };
            for i in ones(below) {
                rows[i] |= right;
                for j in ones(right) {
                    one.updates.push([place(i, j), place(i, pivot), place(pivot, j)]);
                }
            }
            pivots.push(one);
        }
        // A row's multipliers in the order in which its pivots came.
        for k in 0..pivots.len() {
            let row = usize::from(pivots[k].place >> 4);
            let left = pivots[..k]
                .iter()
                .map(|earlier| usize::from(earlier.place & 15))
                .filter(|column| rows[row] >> column & 1 == 1)
                .map(|column| [column as u8, place(row, column)])
                .collect();
            pivots[k].left = left;
        }
        let mut entries = Vec::new();
        let mut fills = Vec::new();
        for i in 0..N {
            entries.extend(ones(given[i]).map(|j| [i as u8, j as u8, place(i, j)]));
            fills.extend(ones(rows[i] & !given[i]).map(|j| place(i, j)));
        }
        Self { entries, fills, pivots }
    }

    /// Write the factors of diagonal - `jacobian` into a table: multipliers, and on the diagonal
    /// the reciprocals of the pivots.
    #[inline(always)]
    pub fn factorise(&self, diagonal: &Lane, jacobian: &[[Lane; N]; N], table: &mut Table) {
        for &[i, j, at] in &self.entries {
            table[usize::from(at)] = -jacobian[usize::from(i) % N][usize::from(j) % N];
        }
        for &at in &self.fills {
            table[usize::from(at)] = ZERO;
        }
        for pivot in &self.pivots {
            table[usize::from(pivot.place)] += *diagonal;
        }
        for pivot in &self.pivots {
            let reciprocal = 1.0 / table[usize::from(pivot.place)];
            table[usize::from(pivot.place)] = reciprocal;
            for &at in &pivot.multipliers {
                table[usize::from(at)] = table[usize::from(at)] * reciprocal;
            }
            for &[target, multiplier, entry] in &pivot.updates {
                let product = table[usize::from(multiplier)] * table[usize::from(entry)];
                table[usize::from(target)] -= product;
            }
        }
    }

    /// Solve with the factors.
    #[inline(always)]
    pub fn solve(&self, table: &Table, right: &mut [Lane; N]) {
        // Row by row, so that a row's sum stays in a register.
        for pivot in &self.pivots {
            let at = usize::from(pivot.place & 15) % N;
            let mut sum = right[at];
            for &[column, multiplier] in &pivot.left {
                sum -= table[usize::from(multiplier)] * right[usize::from(column) % N];
            }
            right[at] = sum;
        }
        for pivot in self.pivots.iter().rev() {
            let at = usize::from(pivot.place & 15) % N;
            let mut sum = right[at];
            for &[column, entry] in &pivot.right {
                sum -= table[usize::from(entry)] * right[usize::from(column) % N];
            }
            right[at] = sum * table[usize::from(pivot.place)];
        }
    }
}

/// A table of zeros.
pub(super) const fn empty() -> Table {
    [ZERO; TABLE]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_with_zeros_is_solved_and_little_is_filled_in() {
        // An arrow: elimination from the wrong end would fill the whole matrix.
        let pattern = [0b1_1111, 0b0_0011, 0b0_0101, 0b0_1001, 0b1_0001];
        let order = Elimination::<5>::new(pattern);
        assert!(order.fills.is_empty());
        let mut matrix = [[ZERO; 5]; 5];
        for (i, row) in matrix.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                if pattern[i] >> j & 1 == 1 {
                    *entry = Lane::splat(if i == j { 9.0 } else { 1.0 + (i * j) as f64 / 7.0 });
                }
            }
        }
        let want = [3.0, -1.0, 0.5, 2.0, 7.0];
        let mut right = [ZERO; 5];
        for i in 0..5 {
            for j in 0..5 {
                right[i] += matrix[i][j] * want[j];
            }
        }
        let negated = matrix.map(|row| row.map(|entry| -entry));
        let mut table = empty();
        order.factorise(&ZERO, &negated, &mut table);
        order.solve(&table, &mut right);
        for i in 0..5 {
            assert!((right[i][6] - want[i]).abs() < 1e-14, "{i}: {}", right[i][6]);
        }
    }
}
