//! Gaussian elimination that knows where the zeros are.
//!
//! The order is Markowitz': the pivot whose row and column have the fewest
//! entries left comes next (Markowitz 1957, doi:10.1287/mnsc.3.3.255). It is
//! found once; numbers never change it, so it changes no bit between lanes.

use crate::lanes::{Lane, ZERO};

/// Places in a row or a column, in a fixed array.
#[derive(Clone, Copy)]
struct Places<const N: usize> {
    places: [u8; N],
    count: usize,
}

impl<const N: usize> Places<N> {
    fn of(bits: u32) -> Self {
        let mut out = Self { places: [0; N], count: 0 };
        for place in (0..N).filter(|place| bits >> place & 1 == 1) {
            out.places[out.count] = place as u8;
            out.count += 1;
        }
        out
    }

    #[inline(always)]
    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.places[..self.count].iter().map(|place| usize::from(*place))
    }
}

/// The order of pivots, and what each one touches.
pub(super) struct Elimination<const N: usize> {
    pivots: [usize; N],
    below: [Places<N>; N],
    right: [Places<N>; N],
}

impl<const N: usize> Elimination<N> {
    /// The order for a pattern of non-zero entries, bit j of row i.
    pub fn new(pattern: [u32; N]) -> Self {
        let mut rows = pattern;
        for (i, row) in rows.iter_mut().enumerate() {
            *row |= 1 << i;
        }
        let mut left: u32 = ((1_u64 << N) - 1) as u32;
        let mut out = Self { pivots: [0; N], below: [Places::of(0); N], right: [Places::of(0); N] };
        for step in 0..N {
            let column = |pivot: usize| {
                (0..N)
                    .filter(|i| left >> i & 1 == 1 && *i != pivot && rows[*i] >> pivot & 1 == 1)
                    .fold(0_u32, |bits, i| bits | 1 << i)
            };
            let cost = |pivot: &usize| {
                let row = (rows[*pivot] & left & !(1 << *pivot)).count_ones();
                (row * column(*pivot).count_ones(), *pivot)
            };
            let Some(pivot) = (0..N).filter(|i| left >> i & 1 == 1).min_by_key(cost) else {
                break;
            };
            let below = column(pivot);
            let right = rows[pivot] & left & !(1 << pivot);
            left &= !(1 << pivot);
            for (i, row) in rows.iter_mut().enumerate() {
                if below >> i & 1 == 1 {
                    *row |= right;
                }
            }
            out.pivots[step] = pivot;
            out.below[step] = Places::of(below);
            out.right[step] = Places::of(right);
        }
        out
    }

    /// Turn a matrix into its factors: multipliers, and on the diagonal the reciprocals of the
    /// pivots.
    #[inline(always)]
    pub fn factorise(&self, matrix: &mut [[Lane; N]; N]) {
        for step in 0..N {
            let pivot = self.pivots[step];
            let reciprocal = 1.0 / matrix[pivot][pivot];
            matrix[pivot][pivot] = reciprocal;
            for i in self.below[step].iter() {
                let multiplier = matrix[i][pivot] * reciprocal;
                matrix[i][pivot] = multiplier;
                for j in self.right[step].iter() {
                    let product = multiplier * matrix[pivot][j];
                    matrix[i][j] -= product;
                }
            }
        }
    }

    /// Solve with the factors.
    #[inline(always)]
    pub fn solve(&self, matrix: &[[Lane; N]; N], right: &mut [Lane; N]) {
        for step in 0..N {
            let pivot = self.pivots[step];
            for i in self.below[step].iter() {
                let product = matrix[i][pivot] * right[pivot];
                right[i] -= product;
            }
        }
        for step in (0..N).rev() {
            let pivot = self.pivots[step];
            let mut sum = ZERO;
            for j in self.right[step].iter() {
                sum += matrix[pivot][j] * right[j];
            }
            right[pivot] = (right[pivot] - sum) * matrix[pivot][pivot];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_with_zeros_is_solved_and_little_is_filled_in() {
        // An arrow: elimination from the wrong end would fill the whole matrix.
        let pattern = [0b1_1111, 0b0_0011, 0b0_0101, 0b0_1001, 0b1_0001];
        let order = Elimination::<5>::new(pattern);
        let touched: usize = order.right.iter().map(|places| places.count).sum();
        assert_eq!(touched, 4);
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
        order.factorise(&mut matrix);
        order.solve(&matrix, &mut right);
        for i in 0..5 {
            assert!((right[i][6] - want[i]).abs() < 1e-14, "{i}: {}", right[i][6]);
        }
    }
}
