//! Adaptive integration of eight systems side by side, with dense output.
//!
//! The pair of Dormand and Prince 1980 (doi:10.1016/0771-050X(80)90013-3): fifth order,
//! an error estimate of fourth, and a polynomial of fourth between the ends of a step
//! (Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I, II.6).
//! Every lane has a step of its own, so a system takes the same steps in any company.

use crate::lanes::{LANES, Lane, ZERO, add, add_product, add_scaled, less, product};
use crate::math::{exp, ln};

/// Slopes that a step takes; the last is the first of the next.
const STAGES: usize = 7;

const WEIGHTS: [&[f64]; STAGES] = [
    &[],
    &[1.0 / 5.0],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
    &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
    &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];

const ERROR: [f64; STAGES] = [
    71.0 / 57600.0,
    0.0,
    -71.0 / 16695.0,
    71.0 / 1920.0,
    -17253.0 / 339200.0,
    22.0 / 525.0,
    -1.0 / 40.0,
];

const DENSE: [f64; STAGES] = [
    -12715105075.0 / 11282082432.0,
    0.0,
    87487479700.0 / 32700410799.0,
    -10690763975.0 / 1880347072.0,
    701980252875.0 / 199316789632.0,
    -1453857185.0 / 822651844.0,
    69997945.0 / 29380423.0,
];

/// A step grows and shrinks by these at most, and aims below the tolerance.
const LARGEST_GROWTH: f64 = 5.0;
const LARGEST_SHRINK: f64 = 0.2;
const AIM: f64 = 0.9;

/// Errors below this let a step grow by the most.
const SMALLEST_ERROR: f64 = 1e-5;

/// A system of autonomous equations in eight lanes.
pub trait Field {
    /// Whether no state can become negative. Then as much as one does is an error at least.
    const NEVER_NEGATIVE: bool;

    /// Write the slope of every state.
    fn slope(&self, state: &[Lane], slope: &mut [Lane]);
}

/// How exact a step must be: the error of a state is held to `absolute + relative * |state|`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// For states near zero.
    pub absolute: f64,
    /// For all others.
    pub relative: f64,
}

/// Room for steps of systems of one size.
#[derive(Debug)]
pub struct Stepper {
    states: usize,
    slopes: Vec<Lane>,
    stage: Vec<Lane>,
    /// The end of the step just tried.
    pub next: Vec<Lane>,
    /// The last coefficient of the polynomial between the ends.
    bend: Vec<Lane>,
}

impl Stepper {
    /// Room for systems of so many states.
    pub fn new(states: usize) -> Self {
        Self {
            states,
            slopes: vec![ZERO; STAGES * states],
            stage: vec![ZERO; states],
            next: vec![ZERO; states],
            bend: vec![ZERO; states],
        }
    }

    /// Compute the slope at the start of a step. Needed after the state was changed.
    #[inline(always)]
    pub fn start(&mut self, field: &impl Field, state: &[Lane]) {
        field.slope(state, &mut self.slopes[..self.states]);
    }

    /// A first step for a lane: a hundredth of the state's size over its slope.
    #[inline(always)]
    pub fn guess(&self, state: &[Lane], lane: usize, tolerance: &Tolerance) -> f64 {
        let (mut size, mut steepness) = (0.0f64, 0.0f64);
        for (value, slope) in state.iter().zip(&self.slopes) {
            let scale = tolerance.absolute + tolerance.relative * value[lane].abs();
            size = size.max(value[lane].abs() / scale);
            steepness = steepness.max(slope[lane].abs() / scale);
        }
        if size > 0.0 && steepness > 0.0 { 0.01 * size / steepness } else { 0.01 }
    }

    /// Try a step of each lane's length; `next` is its end. Returns the errors, over the tolerance.
    #[inline(always)]
    pub fn attempt<F: Field>(
        &mut self,
        field: &F,
        state: &[Lane],
        hours: &Lane,
        tolerance: &Tolerance,
    ) -> Lane {
        let states = self.states;
        let state = &state[..states];
        macro_rules! stage {
            ($stage:literal) => {{
                let (before, after) = self.slopes.split_at_mut($stage * states);
                let target = if $stage == STAGES - 1 { &mut self.next } else { &mut self.stage };
                let target = &mut target[..states];
                for i in 0..states {
                    let total = weighted::<$stage>(WEIGHTS[$stage], before, states, i);
                    target[i] = add(&state[i], &product(hours, &total));
                }
                field.slope(target, &mut after[..states]);
            }};
        }
        stage!(1);
        stage!(2);
        stage!(3);
        stage!(4);
        stage!(5);
        stage!(6);
        let next = &self.next[..states];
        let mut worst = ZERO;
        for i in 0..states {
            let total = weighted::<STAGES>(&ERROR, &self.slopes, states, i);
            let error =
                over_tolerance::<F>(&product(hours, &total), &state[i], &next[i], tolerance);
            for lane in 0..LANES {
                // A comparison with NaN fails, so NaN must win here to be seen.
                worst[lane] = if error[lane] <= worst[lane] { worst[lane] } else { error[lane] };
            }
        }
        worst
    }

    /// How much longer the next step of each lane should be, from the error of this one.
    #[inline(always)]
    pub fn growth(error: &Lane) -> Lane {
        let mut factor = ZERO;
        for lane in 0..LANES {
            let clear = if error[lane] > SMALLEST_ERROR { error[lane] } else { SMALLEST_ERROR };
            let wanted = AIM * exp(-0.2 * ln(clear));
            let wanted = if wanted < LARGEST_GROWTH { wanted } else { LARGEST_GROWTH };
            factor[lane] = if wanted > LARGEST_SHRINK { wanted } else { LARGEST_SHRINK };
        }
        factor
    }

    /// Prepare to read between the ends of the step just tried.
    #[inline(always)]
    pub fn prepare_reads(&mut self, hours: &Lane) {
        for i in 0..self.states {
            let total = weighted::<STAGES>(&DENSE, &self.slopes, self.states, i);
            self.bend[i] = product(hours, &total);
        }
    }

    /// Read one state at a share of the step, from 0 at its start to 1 at its end.
    #[inline(always)]
    pub fn read(&self, state: &[Lane], index: usize, hours: &Lane, share: &Lane) -> Lane {
        let last = (STAGES - 1) * self.states;
        let (first_slope, last_slope) = (&self.slopes[index], &self.slopes[last + index]);
        let (start, end, bend) = (&state[index], &self.next[index], &self.bend[index]);
        let rise = less(end, start);
        let above = less(&product(hours, first_slope), &rise);
        let below = less(&less(&rise, &product(hours, last_slope)), &above);
        let left = less(&Lane::splat(1.0), share);
        let mut inner = below;
        add_product(&mut inner, &left, bend);
        let mut middle = above;
        add_product(&mut middle, share, &inner);
        let mut outer = rise;
        add_product(&mut outer, &left, &middle);
        let mut value = *start;
        add_product(&mut value, share, &outer);
        value
    }

    /// The slope at the end of the step just tried becomes the first of the next, where taken.
    #[inline(always)]
    pub fn take(&mut self, taken: &[bool; LANES], state: &mut [Lane]) {
        let last = (STAGES - 1) * self.states;
        for (i, value) in state.iter_mut().enumerate().take(self.states) {
            *value = chosen(taken, &self.next[i], value);
            self.slopes[i] = chosen(taken, &self.slopes[last + i], &self.slopes[i]);
        }
    }
}

/// The sum of the first `N` slopes of one state, each with its weight; zeros cost nothing.
#[inline(always)]
fn weighted<const N: usize>(weights: &[f64], slopes: &[Lane], states: usize, state: usize) -> Lane {
    let mut total = ZERO;
    for number in 0..N {
        if weights[number] != 0.0 {
            add_scaled(&mut total, weights[number], &slopes[number * states + state]);
        }
    }
    total
}

/// An error over what the tolerance allows for a state between its old and its new value.
#[inline(always)]
fn over_tolerance<F: Field>(error: &Lane, old: &Lane, new: &Lane, tolerance: &Tolerance) -> Lane {
    let mut over = ZERO;
    for lane in 0..LANES {
        let (before, after) = (old[lane].abs(), new[lane].abs());
        let larger = if before > after { before } else { after };
        let scale = tolerance.absolute + tolerance.relative * larger;
        let mut size = error[lane].abs();
        if F::NEVER_NEGATIVE {
            let below = -new[lane];
            size = if below > size { below } else { size };
        }
        over[lane] = size / scale;
    }
    over
}

/// One value where a lane is marked, another where it is not.
#[inline(always)]
fn chosen(marked: &[bool; LANES], yes: &Lane, no: &Lane) -> Lane {
    let mut out = *no;
    for lane in 0..LANES {
        out[lane] = if marked[lane] { yes[lane] } else { no[lane] };
    }
    out
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    /// x' = -x, y' = x, of another speed in each lane.
    struct Decay;

    impl Field for Decay {
        const NEVER_NEGATIVE: bool = true;

        fn slope(&self, state: &[Lane], slope: &mut [Lane]) {
            for lane in 0..LANES {
                let rate = 1.0 + lane as f64;
                slope[0][lane] = -rate * state[0][lane];
                slope[1][lane] = rate * state[0][lane];
            }
        }
    }

    /// The errors of one step at its end and in its middle.
    fn errors(hours: f64) -> (f64, f64) {
        let tolerance = Tolerance { absolute: 1e-12, relative: 0.0 };
        let mut stepper = Stepper::new(2);
        let mut state = vec![Lane::splat(1.0), ZERO];
        stepper.start(&Decay, &state);
        let hours = Lane::splat(hours);
        stepper.attempt(&Decay, &state, &hours, &tolerance);
        stepper.prepare_reads(&hours);
        let middle = stepper.read(&state, 0, &hours, &Lane::splat(0.5));
        stepper.take(&[true; LANES], &mut state);
        let end = (state[0][1] - f64::exp(-2.0 * hours[0])).abs();
        (end, (middle[1] - f64::exp(-hours[0])).abs())
    }

    #[test]
    fn a_step_is_of_fifth_order_and_a_read_of_fourth() {
        let (coarse, fine) = (errors(0.1), errors(0.05));
        let order = |a: f64, b: f64| (a / b).log2();
        // One step errs by one order more than the sum of many.
        assert!((order(coarse.0, fine.0) - 6.0).abs() < 0.2, "{coarse:?} {fine:?}");
        assert!((order(coarse.1, fine.1) - 5.0).abs() < 0.3, "{coarse:?} {fine:?}");
    }

    #[test]
    fn the_ends_of_the_polynomial_are_the_ends_of_the_step() {
        let tolerance = Tolerance { absolute: 1e-9, relative: 1e-6 };
        let mut stepper = Stepper::new(2);
        let state = vec![Lane::splat(1.0), ZERO];
        stepper.start(&Decay, &state);
        let hours = Lane::splat(0.3);
        stepper.attempt(&Decay, &state, &hours, &tolerance);
        stepper.prepare_reads(&hours);
        assert_eq!(stepper.read(&state, 0, &hours, &ZERO), state[0]);
        let end = stepper.read(&state, 0, &hours, &Lane::splat(1.0));
        for lane in 0..LANES {
            assert!((end[lane] - stepper.next[0][lane]).abs() < 1e-15);
        }
    }

    #[test]
    fn a_value_that_is_no_number_is_an_error_that_no_tolerance_allows() {
        let tolerance = Tolerance { absolute: 1e-9, relative: 1e-6 };
        let mut stepper = Stepper::new(2);
        let state = vec![Lane::splat(f64::NAN), ZERO];
        stepper.start(&Decay, &state);
        let error = stepper.attempt(&Decay, &state, &Lane::splat(0.1), &tolerance);
        assert!(error.iter().all(|value| value.is_nan()));
    }
}
