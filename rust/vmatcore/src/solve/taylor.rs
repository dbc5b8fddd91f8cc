//! Adaptive integration of eight systems side by side by Taylor series.
//!
//! The coefficients of the solution about the start of a step follow from the equations,
//! one order after the other. The series then serves for everything: its last terms say how
//! long the step may be (Jorba and Zou 2005, doi:10.1080/10586458.2005.10128904), its value
//! at the end is the next start, and reads in between are its values there. No trial steps
//! are thrown away, and a high order makes steps long.
//!
//! Every lane has a step of its own, so a system takes the same steps in any company.

use crate::lanes::{LANES, Lane, ZERO, add, product};
use crate::math::{exp, ln};

/// The order of the series: `FEWEST` terms at the loosest tolerance, more for more digits.
const FEWEST: f64 = 12.0;
const PER_DIGIT: f64 = 1.0;
const MOST: f64 = 24.0;

/// A step aims below the tolerance.
const AIM: f64 = 0.9;

/// Last terms below this share of the tolerance let a step be as long as it likes.
const SMALLEST_ERROR: f64 = 1e-60;

/// A step over which the allowed error falls to less than one in so many is too long: the
/// error is small for where it starts, but not for where it ends.
const LARGEST_FALL: f64 = 16.0;

/// A system of autonomous equations in eight lanes.
pub trait Field {
    /// Whether no state can become negative. Then as much as one does is an error at least.
    const NEVER_NEGATIVE: bool;

    /// Write the coefficient of `order` of every slope.
    ///
    /// `series` holds the coefficients of the states up to that order, order by order. The
    /// orders come one after the other from 0, so what an order needs may be kept for the next.
    fn slope(&mut self, order: usize, series: &[Lane], slope: &mut [Lane]);
}

/// How exact a step must be: the error of a state is held to `absolute + relative * |state|`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// For states near zero.
    pub absolute: f64,
    /// For all others.
    pub relative: f64,
}

impl Tolerance {
    /// The order of the series that reaches it with the least work.
    pub fn order(&self) -> usize {
        let digits = ln(1.0 / self.relative) / std::f64::consts::LN_10;
        let order = FEWEST + PER_DIGIT * digits;
        (if order < MOST { order } else { MOST }) as usize
    }
}

/// Room for steps of systems of one size.
#[derive(Debug)]
pub struct Stepper {
    states: usize,
    order: usize,
    /// The coefficients of every state, order by order, in powers of time over the unit.
    pub series: Vec<Lane>,
    /// The end of the step just tried.
    pub next: Vec<Lane>,
    /// The error that is allowed for each state.
    allowed: Vec<Lane>,
}

impl Stepper {
    /// Room for series of `order` of systems of so many states.
    pub fn new(states: usize, order: usize) -> Self {
        let order = order.max(2);
        Self {
            states,
            order,
            series: vec![ZERO; (order + 1) * states],
            next: vec![ZERO; states],
            allowed: vec![ZERO; states],
        }
    }

    /// Expand the solution from `state` on, with a unit of time for each lane.
    ///
    /// The unit may be any: it only keeps the coefficients within the range of numbers.
    #[inline(always)]
    pub fn expand(&mut self, field: &mut impl Field, state: &[Lane], unit_h: &Lane) {
        let states = self.states;
        self.series[..states].copy_from_slice(&state[..states]);
        for order in 0..self.order {
            let (known, rest) = self.series.split_at_mut((order + 1) * states);
            let slope = &mut rest[..states];
            field.slope(order, known, slope);
            let share = product(unit_h, &Lane::splat(1.0 / (order + 1) as f64));
            for value in slope {
                *value = product(value, &share);
            }
        }
    }

    /// How long a step may be, in units, by the last two terms of the series.
    #[inline(always)]
    pub fn reach(&mut self, state: &[Lane], tolerance: &Tolerance) -> Lane {
        let states = self.states;
        for (allowed, value) in self.allowed.iter_mut().zip(state) {
            for lane in 0..LANES {
                allowed[lane] = tolerance.absolute + tolerance.relative * value[lane].abs();
            }
        }
        let mut steepest = Lane::splat(f64::NEG_INFINITY);
        for order in [self.order - 1, self.order] {
            let mut worst = Lane::splat(SMALLEST_ERROR);
            let terms = &self.series[order * states..(order + 1) * states];
            for (term, allowed) in terms.iter().zip(&self.allowed) {
                for lane in 0..LANES {
                    let error = term[lane].abs() / allowed[lane];
                    // A comparison with NaN fails, so NaN must win here to be seen.
                    worst[lane] = if error <= worst[lane] { worst[lane] } else { error };
                }
            }
            let per_order = 1.0 / order as f64;
            for lane in 0..LANES {
                let slope = ln(worst[lane]) * per_order;
                let steeper = slope <= steepest[lane];
                steepest[lane] = if steeper { steepest[lane] } else { slope };
            }
        }
        let mut reach = ZERO;
        for lane in 0..LANES {
            reach[lane] = AIM * exp(-steepest[lane]);
        }
        reach
    }

    /// One state, `share` units after the start.
    ///
    /// Even and odd powers are summed apart: two short chains instead of one long one.
    #[inline(always)]
    pub fn at(&self, state: usize, share: &Lane) -> Lane {
        let term = |order: usize| &self.series[order * self.states + state];
        let square = product(share, share);
        let (mut upper, mut lower) = (*term(self.order), *term(self.order - 1));
        let mut order = self.order;
        while order > 2 {
            upper = add(&product(&upper, &square), term(order - 2));
            lower = add(&product(&lower, &square), term(order - 3));
            order -= 2;
        }
        if order == 2 {
            upper = add(&product(&upper, &square), term(0));
            add(&upper, &product(&lower, share))
        } else {
            add(&lower, &product(&upper, share))
        }
    }

    /// Go to `share` units after the start: `next` is the state there. Returns which lanes
    /// are right: finite, not far nearer to zero, and not below it by more than is allowed.
    #[inline(always)]
    pub fn go<F: Field>(&mut self, share: &Lane, tolerance: &Tolerance) -> [bool; LANES] {
        let mut right = [true; LANES];
        for state in 0..self.states {
            let value = self.at(state, share);
            self.next[state] = value;
            for lane in 0..LANES {
                let (before, size) = (self.allowed[state][lane], value[lane].abs());
                let after = tolerance.absolute + tolerance.relative * size;
                right[lane] &= (size < f64::INFINITY) & (before <= LARGEST_FALL * after);
                right[lane] &= !F::NEVER_NEGATIVE | (value[lane] >= -before);
            }
        }
        right
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    const TOLERANCE: Tolerance = Tolerance { absolute: 1e-12, relative: 1e-9 };

    /// x' = -x, y' = x, of another speed in each lane.
    struct Decay;

    impl Field for Decay {
        const NEVER_NEGATIVE: bool = true;

        fn slope(&mut self, order: usize, series: &[Lane], slope: &mut [Lane]) {
            for lane in 0..LANES {
                let moved = (1.0 + lane as f64) * series[2 * order][lane];
                (slope[0][lane], slope[1][lane]) = (-moved, moved);
            }
        }
    }

    fn expanded(order: usize, unit_h: f64) -> (Stepper, Vec<Lane>) {
        let mut stepper = Stepper::new(2, order);
        let state = vec![Lane::splat(1.0), ZERO];
        stepper.expand(&mut Decay, &state, &Lane::splat(unit_h));
        (stepper, state)
    }

    #[test]
    fn a_step_has_the_order_that_was_asked_for() {
        for order in [6, 9] {
            let error = |hours: f64| {
                let (mut stepper, state) = expanded(order, 1.0);
                stepper.reach(&state, &TOLERANCE);
                stepper.go::<Decay>(&Lane::splat(hours), &TOLERANCE);
                (stepper.next[0][1] - f64::exp(-2.0 * hours)).abs()
            };
            let found = (error(0.4) / error(0.2)).log2();
            assert!((found - (order as f64 + 1.0)).abs() < 0.2, "{order}: {found}");
        }
    }

    #[test]
    fn a_step_within_reach_keeps_the_tolerance_and_the_unit_does_not_matter() {
        for unit_h in [1e-2, 1.0, 50.0] {
            let (mut stepper, state) = expanded(TOLERANCE.order(), unit_h);
            let reach = stepper.reach(&state, &TOLERANCE);
            assert_eq!(stepper.go::<Decay>(&reach, &TOLERANCE), [true; LANES]);
            for lane in 0..LANES {
                let rate_hours = (1.0 + lane as f64) * unit_h * reach[lane];
                assert!(rate_hours > 1.0, "{rate_hours}");
                let error = (stepper.next[0][lane] - f64::exp(-rate_hours)).abs();
                assert!(error < 1e-9, "{error}");
                assert!((stepper.next[0][lane] + stepper.next[1][lane] - 1.0).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn below_zero_or_out_of_the_range_of_numbers_is_not_right() {
        let (mut stepper, state) = expanded(5, 1.0);
        stepper.reach(&state, &TOLERANCE);
        assert_eq!(stepper.go::<Decay>(&Lane::splat(9.0), &TOLERANCE), [false; LANES]);
        let (mut stepper, state) = expanded(40, 1e300);
        assert!(
            stepper.reach(&state, &TOLERANCE).iter().all(|reach| *reach <= 0.0 || reach.is_nan())
        );
        assert_eq!(stepper.go::<Decay>(&Lane::splat(1e-300), &TOLERANCE), [false; LANES]);
    }
}
