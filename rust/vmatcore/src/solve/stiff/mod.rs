//! Stiff systems: eight subjects side by side through a Rosenbrock method.
//!
//! - `tableau`: the coefficients of Rodas5P
//! - `elimination`: the order of elimination that keeps zeros
//! - `unroll`: loops written out
//! - `step`: one step of eight subjects
//! - `march`: step sizes, knots of the drive, reads between steps, rows in and out
//!
//! Every subject has a step size of its own, so neighbours, chunks and CPU
//! level change no bit. A step has no iterations: all lanes always do the same
//! work. Jacobians are analytic. Elimination does not pivot, which suits kinetic
//! systems, whose 1/(gamma h) - J is diagonally dominant by columns or nearly
//! so; where a pivot vanishes all the same, the step is refused and shortened.

#![expect(clippy::needless_range_loop, reason = "matrices read best by row and column")]

mod elimination;
mod march;
mod step;
mod tableau;
#[cfg(test)]
mod tests;
mod unroll;

pub use march::{March, Rows, Tolerance, check_times};
pub(crate) use unroll::unrolled;

use crate::lanes::Lane;

/// N equations of each of eight subjects. What a lane computes must be free of loops that the
/// compiler could not write out, or all lanes are computed one by one.
pub trait System<const N: usize> {
    /// What the equations of all lanes need to know of a time.
    type Moment;
    /// What they need to know of one lane, taken once a step.
    type Own;

    /// Which derivatives can be other than zero: bit j of row i is that by y_j.
    const PATTERN: [u32; N];

    /// The moment at a time.
    fn moment(&self, time: &Lane) -> Self::Moment;

    /// What belongs to one lane.
    fn own(&self, lane: usize) -> Self::Own;

    /// dy/dt of one lane.
    fn slopes(own: &Self::Own, lane: usize, moment: &Self::Moment, state: &[f64; N]) -> [f64; N];

    /// The slopes' derivatives: row i, column j is by y_j; `by_time` is by the time. Both
    /// come filled with zeros.
    fn jacobian(
        own: &Self::Own,
        lane: usize,
        moment: &Self::Moment,
        state: &[f64; N],
        by_state: &mut [[f64; N]; N],
        by_time: &mut [f64; N],
    );
}
