//! Gaussian elimination that knows where the zeros are.
//!
//! The order is Markowitz': the pivot whose row and column have the fewest
//! entries left comes next (Markowitz 1957, doi:10.1287/mnsc.3.3.255). It is
//! found when the program is compiled; numbers never change it, so it changes no
//! bit between lanes. What is zero is never touched.

use std::marker::PhantomData;

use super::System;
use super::unroll::{MOST, unrolled};

/// Operations of a list; more than any pattern so far asks for.
const LENGTH: usize = 128;

/// What is done to an entry of a matrix or of a right side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Begin with the negative of this entry of the Jacobian.
    Entry,
    /// Add the diagonal.
    Diagonal,
    /// Turn a pivot into its reciprocal, or multiply the right side by it.
    Pivot,
    /// Divide the entry by the pivot of its column.
    Multiplier,
    /// Take away the product of the two entries that a pivot links.
    Product,
    /// Take entry times unknown from the right side.
    Right,
}

#[derive(Clone, Copy)]
struct Operation {
    kind: Kind,
    row: usize,
    column: usize,
    pivot: usize,
}

impl Operation {
    const fn new(kind: Kind, row: usize, column: usize, pivot: usize) -> Self {
        Self { kind, row, column, pivot }
    }
}

/// A list of operations, found when the program is compiled.
#[derive(Clone, Copy)]
struct List {
    operations: [Operation; LENGTH],
    length: usize,
}

impl List {
    const fn push(&mut self, operation: Operation) {
        self.operations[self.length] = operation;
        self.length += 1;
    }

    const fn get(&self, place: usize) -> Operation {
        self.operations[place]
    }

    const fn is(&self, place: usize, kind: Kind) -> bool {
        place < self.length && self.operations[place].kind as u8 == kind as u8
    }
}

/// What to do in which order, for a pattern.
struct Order {
    factorise: List,
    solve: List,
}

impl Order {
    const fn new<const N: usize>(pattern: [u32; N]) -> Self {
        assert!(N <= MOST);
        let empty = List { operations: [Operation::new(Kind::Pivot, 0, 0, 0); LENGTH], length: 0 };
        let (mut factorise, mut solve) = (empty, empty);
        let mut filled = pattern;
        let mut i = 0;
        while i < N {
            filled[i] |= 1 << i;
            let mut j = 0;
            while j < N {
                if pattern[i] >> j & 1 == 1 {
                    factorise.push(Operation::new(Kind::Entry, i, j, 0));
                }
                j += 1;
            }
            factorise.push(Operation::new(Kind::Diagonal, i, i, i));
            i += 1;
        }
        let mut left: u32 = (1 << N) - 1;
        // The rights of the pivots, which back substitution needs in reverse.
        let (mut pivots, mut rights) = ([0; N], [0; N]);
        let mut k = 0;
        while k < N {
            let pivot = cheapest(&filled, left);
            let below = below(&filled, left, pivot);
            left &= !(1 << pivot);
            let right = filled[pivot] & left;
            factorise.push(Operation::new(Kind::Pivot, pivot, pivot, pivot));
            let mut i = 0;
            while i < N {
                if below >> i & 1 == 1 {
                    filled[i] |= right;
                    factorise.push(Operation::new(Kind::Multiplier, i, pivot, pivot));
                    let mut j = 0;
                    while j < N {
                        if right >> j & 1 == 1 {
                            factorise.push(Operation::new(Kind::Product, i, j, pivot));
                        }
                        j += 1;
                    }
                }
                i += 1;
            }
            (pivots[k], rights[k]) = (pivot, right);
            k += 1;
        }
        let mut k = 0;
        while k < N {
            let mut earlier = 0;
            while earlier < k {
                if filled[pivots[k]] >> pivots[earlier] & 1 == 1 {
                    solve.push(Operation::new(Kind::Right, pivots[k], pivots[earlier], 0));
                }
                earlier += 1;
            }
            k += 1;
        }
        while k > 0 {
            k -= 1;
            let mut j = 0;
            while j < N {
                if rights[k] >> j & 1 == 1 {
                    solve.push(Operation::new(Kind::Right, pivots[k], j, 0));
                }
                j += 1;
            }
            solve.push(Operation::new(Kind::Pivot, pivots[k], pivots[k], pivots[k]));
        }
        Self { factorise, solve }
    }
}

/// Rows still left, other than the pivot's, with an entry in its column.
const fn below<const N: usize>(rows: &[u32; N], left: u32, pivot: usize) -> u32 {
    let mut out = 0;
    let mut i = 0;
    while i < N {
        if i != pivot && left >> i & 1 == 1 && rows[i] >> pivot & 1 == 1 {
            out |= 1 << i;
        }
        i += 1;
    }
    out
}

/// The pivot with the fewest products to take away; the first of equals.
const fn cheapest<const N: usize>(rows: &[u32; N], left: u32) -> usize {
    let (mut best, mut least) = (0, u32::MAX);
    let mut i = 0;
    while i < N {
        if left >> i & 1 == 1 {
            let row = (rows[i] & left & !(1 << i)).count_ones();
            let cost = row * below(rows, left, i).count_ones();
            if cost < least {
                (best, least) = (i, cost);
            }
        }
        i += 1;
    }
    best
}

/// Elimination in the order that suits a system's pattern.
pub(super) struct Elimination<S, const N: usize>(PhantomData<S>);

impl<S: System<N>, const N: usize> Elimination<S, N> {
    const ORDER: Order = Order::new(S::PATTERN);

    /// The factors of `diagonal` - `jacobian`: multipliers, and on the diagonal the reciprocals
    /// of the pivots.
    #[inline(always)]
    pub fn factorise(diagonal: f64, jacobian: &[[f64; N]; N]) -> [[f64; N]; N] {
        let mut table = [[0.0; N]; N];
        Self::factorise_from::<0>(diagonal, jacobian, &mut table);
        Self::factorise_from::<16>(diagonal, jacobian, &mut table);
        Self::factorise_from::<32>(diagonal, jacobian, &mut table);
        Self::factorise_from::<48>(diagonal, jacobian, &mut table);
        Self::factorise_from::<64>(diagonal, jacobian, &mut table);
        Self::factorise_from::<80>(diagonal, jacobian, &mut table);
        Self::factorise_from::<96>(diagonal, jacobian, &mut table);
        Self::factorise_from::<112>(diagonal, jacobian, &mut table);
        table
    }

    /// The sixteen operations of the list from the one numbered `FIRST` on. Constants one by one,
    /// not a list of them: what the compiler sees as memory it does not keep in registers.
    #[inline(always)]
    fn factorise_from<const FIRST: usize>(
        diagonal: f64,
        jacobian: &[[f64; N]; N],
        table: &mut [[f64; N]; N],
    ) {
        unrolled!(I {
            let row = const { Self::ORDER.factorise.get(FIRST + I).row };
            let column = const { Self::ORDER.factorise.get(FIRST + I).column };
            let pivot = const { Self::ORDER.factorise.get(FIRST + I).pivot };
            if const { Self::ORDER.factorise.is(FIRST + I, Kind::Entry) } {
                table[row][column] = -jacobian[row][column];
            }
            if const { Self::ORDER.factorise.is(FIRST + I, Kind::Diagonal) } {
                table[row][row] += diagonal;
            }
            if const { Self::ORDER.factorise.is(FIRST + I, Kind::Pivot) } {
                table[pivot][pivot] = 1.0 / table[pivot][pivot];
            }
            if const { Self::ORDER.factorise.is(FIRST + I, Kind::Multiplier) } {
                table[row][pivot] *= table[pivot][pivot];
            }
            if const { Self::ORDER.factorise.is(FIRST + I, Kind::Product) } {
                table[row][column] -= table[row][pivot] * table[pivot][column];
            }
        });
    }

    /// Solve with the factors.
    #[inline(always)]
    pub fn solve(table: &[[f64; N]; N], right: &mut [f64; N]) {
        Self::solve_from::<0>(table, right);
        Self::solve_from::<16>(table, right);
        Self::solve_from::<32>(table, right);
        Self::solve_from::<48>(table, right);
        Self::solve_from::<64>(table, right);
        Self::solve_from::<80>(table, right);
        Self::solve_from::<96>(table, right);
        Self::solve_from::<112>(table, right);
    }

    #[inline(always)]
    fn solve_from<const FIRST: usize>(table: &[[f64; N]; N], right: &mut [f64; N]) {
        unrolled!(I {
            let row = const { Self::ORDER.solve.get(FIRST + I).row };
            let column = const { Self::ORDER.solve.get(FIRST + I).column };
            if const { Self::ORDER.solve.is(FIRST + I, Kind::Right) } {
                right[row] -= table[row][column] * right[column];
            }
            if const { Self::ORDER.solve.is(FIRST + I, Kind::Pivot) } {
                right[row] *= table[row][row];
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Lane;

    /// An arrow: elimination from the wrong end would fill the whole matrix.
    struct Arrow;

    fn entry(row: usize, column: usize) -> f64 {
        match Arrow::PATTERN[row] >> column & 1 {
            0 => 0.0,
            _ if row == column => 9.0,
            _ => 1.0 + (row * column) as f64 / 7.0,
        }
    }

    impl System<5> for Arrow {
        type Moment = ();
        type Own = ();

        const PATTERN: [u32; 5] = [0b1_1111, 0b0_0011, 0b0_0101, 0b0_1001, 0b1_0001];

        fn moment(&self, _: &Lane) {}

        fn own(&self, _: usize) {}

        fn slopes((): &(), _: usize, (): &(), state: &[f64; 5]) -> [f64; 5] {
            std::array::from_fn(|i| (0..5).map(|j| entry(i, j) * state[j]).sum())
        }

        fn jacobian(
            (): &(),
            _: usize,
            (): &(),
            _: &[f64; 5],
            by: &mut [[f64; 5]; 5],
            _: &mut [f64; 5],
        ) {
            *by = std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)));
        }
    }

    #[test]
    fn a_system_with_zeros_is_solved_and_little_is_filled_in() {
        // Four pivots with one entry below and one on the right, and the last one.
        assert_eq!(Order::new(Arrow::PATTERN).factorise.length, 13 + 5 + 4 * 3 + 1);
        let want = [3.0, -1.0, 0.5, 2.0, 7.0];
        let mut right = Arrow::slopes(&(), 0, &(), &want);
        let (mut by, mut by_time) = ([[0.0; 5]; 5], [0.0; 5]);
        Arrow::jacobian(&(), 0, &(), &want, &mut by, &mut by_time);
        let table = Elimination::<Arrow, 5>::factorise(0.0, &by.map(|row| row.map(|x| -x)));
        Elimination::<Arrow, 5>::solve(&table, &mut right);
        for i in 0..5 {
            assert!((right[i] - want[i]).abs() < 1e-14, "{i}: {}", right[i]);
        }
    }
}
