//! Stiff systems: eight subjects side by side through a Rosenbrock method.
//!
//! - `tableau`: the coefficients of Rodas5P
//! - `step`: one step of eight subjects
//! - `march`: step sizes, knots of the drive, reads between steps, rows in and out
//!
//! Every subject has a step size of its own, so neighbours, chunks and CPU
//! level change no bit. A step has no iterations: all lanes always do the same
//! work. Jacobians are analytic. Elimination does not pivot, which suits kinetic
//! systems, whose 1/(gamma h) - J is diagonally dominant by columns or nearly
//! so; where a pivot vanishes all the same, the step is refused and shortened.

#![expect(clippy::needless_range_loop, reason = "matrices read best by row and column")]

mod march;
mod step;
mod tableau;
#[cfg(test)]
mod tests;

pub use march::{March, Rows, Tolerance, check_times};

use crate::lanes::Lane;

/// N equations of each of eight subjects.
pub trait System<const N: usize> {
    /// dy/dt.
    fn slopes(&self, time: &Lane, state: &[Lane; N], out: &mut [Lane; N]);

    /// The slopes' derivatives: row i, column j is by y_j; `by_time` is by the time. Both
    /// come filled with zeros.
    fn jacobian(
        &self,
        time: &Lane,
        state: &[Lane; N],
        by_state: &mut [[Lane; N]; N],
        by_time: &mut [Lane; N],
    );
}
