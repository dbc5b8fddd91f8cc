//! y' = f(y) over a span: Dormand and Prince (1980), doi:10.1016/0771-050X(80)90013-3.

use crate::math::{exp, ln};
use crate::parallel::Work;
use crate::{Error, Result};

/// Relative error allowed in a step.
const TOLERANCE: f64 = 1e-12;

/// The weights of the stages, row by row; the last row is the step itself.
const STAGES: [&[f64]; 6] = [
    &[1.0 / 5.0],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[19_372.0 / 6561.0, -25_360.0 / 2187.0, 64_448.0 / 6561.0, -212.0 / 729.0],
    &[9017.0 / 3168.0, -355.0 / 33.0, 46_732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18_656.0],
    &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
/// The difference to the embedded step of lower order.
const ERROR: [f64; 7] = [
    71.0 / 57_600.0,
    0.0,
    -71.0 / 16_695.0,
    71.0 / 1920.0,
    -17_253.0 / 339_200.0,
    22.0 / 525.0,
    -1.0 / 40.0,
];

/// The state after `span_s`; `first_step_s` is where the search for a step begins.
///
/// # Errors
/// [`Error::Solver`] where steps become too short; [`Error::Cancelled`].
pub(super) fn advance<const D: usize>(
    slope: impl Fn([f64; D]) -> [f64; D],
    start: [f64; D],
    span_s: f64,
    first_step_s: f64,
    work: &Work<'_>,
) -> Result<[f64; D]> {
    let (mut now, mut state) = (0.0, start);
    let mut step = if first_step_s < span_s { first_step_s } else { span_s };
    while now < span_s {
        work.check()?;
        step = step.min(span_s - now);
        let mut slopes = [[0.0; D]; 7];
        slopes[0] = slope(state);
        let mut after = state;
        for (stage, weights) in STAGES.iter().enumerate() {
            after = moved(&state, &slopes, weights, step);
            slopes[stage + 1] = slope(after);
        }
        let error = moved(&[0.0; D], &slopes, &ERROR, step);
        let (mut size, mut finite) = (0.0_f64, true);
        for i in 0..D {
            let scale = 1.0 + state[i].abs().max(after[i].abs());
            let own = error[i].abs() / (TOLERANCE * scale);
            // `max` drops what is not a number.
            finite &= own.is_finite() && after[i].is_finite();
            size = size.max(own);
        }
        if finite && size <= 1.0 {
            now = if step < span_s - now { now + step } else { span_s };
            state = after;
        }
        // What is not finite comes of a step far too long.
        step *= if !finite {
            0.2
        } else if size > 0.0 {
            (0.9 * exp(-0.2 * ln(size))).clamp(0.2, 5.0)
        } else {
            5.0
        };
        if now < span_s && step < 1e-15 * span_s {
            return Err(Error::Solver {
                what: "the rate equation of a vesicle".into(),
                when: format!("{now} s after a change of the drive or a read"),
                cause: "its steps became too short".into(),
            });
        }
    }
    Ok(state)
}

#[inline]
fn moved<const D: usize>(
    from: &[f64; D],
    slopes: &[[f64; D]; 7],
    weights: &[f64],
    step: f64,
) -> [f64; D] {
    let mut out = *from;
    for i in 0..D {
        let mut sum = 0.0;
        for (weight, slope) in weights.iter().zip(slopes) {
            sum += weight * slope[i];
        }
        out[i] += step * sum;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::with_work;

    fn solved(slope: impl Fn([f64; 2]) -> [f64; 2], span_s: f64) -> Result<[f64; 2]> {
        with_work(1, |work, _, _| advance(slope, [0.5, 1.0], span_s, span_s, work))
    }

    #[test]
    fn a_step_that_leaves_the_domain_is_taken_again_shorter() {
        // The logarithm has no value below 0, where a first step of 50 s goes.
        let [first, second] = solved(|[x, y]| [-ln(x), -y], 50.0).unwrap();
        assert!((first - 1.0).abs() < 1e-10, "{first}");
        assert!(second.abs() < 1e-10, "{second}");
    }

    #[test]
    fn what_is_no_number_anywhere_is_an_error_and_no_result() {
        for wrong in [f64::NAN, f64::INFINITY] {
            let found = solved(|[x, _]| [-x, wrong], 1.0);
            assert!(matches!(found, Err(Error::Solver { .. })), "{found:?}");
        }
    }
}
