//! Jacobians against differences of the slopes, and what the equations promise.

use super::dopamine::Dopamine;
use super::model::{Drives, Model};
use super::norepinephrine::Norepinephrine;
use super::serotonin::Serotonin;
use super::{Kind, Terminals};

/// Every derivative against central differences, at states off the steady one.
fn jacobian_is_the_slopes_derivative<
    M,
    const N: usize,
    const P: usize,
    const C: usize,
    const F: usize,
>(
    parameters: [f64; P],
) where
    M: Model<N, P, C, F>,
{
    let k = M::constants(&parameters);
    let drives = |time: f64| Drives {
        active: 0.4 - 0.3 * time,
        firing: 1.3 + 0.7 * time,
        active_slope: -0.3,
        firing_slope: 0.7,
    };
    let slopes = |time: f64, state: &[f64; N]| {
        let mut out = [0.0; N];
        M::slopes(&k, &drives(time), state, &mut out);
        out
    };
    for factor in [0.7, 1.0, 1.3] {
        let mut state = M::guess(&parameters);
        for (i, value) in state.iter_mut().enumerate() {
            *value *= 1.0 + (factor - 1.0) * (1.0 - 0.1 * i as f64);
        }
        let (mut by, mut by_time) = ([[0.0; N]; N], [0.0; N]);
        M::jacobian(&k, &drives(0.0), &state, &mut by, &mut by_time);
        let near = |got: f64, want: f64, largest: f64, what: String| {
            assert!(
                (got - want).abs() < 2e-6 * (want.abs() + 1e-3 * largest),
                "{what}: {got} {want}"
            );
        };
        for j in 0..N {
            let change = 1e-5 * state[j];
            let (mut up, mut down) = (state, state);
            up[j] += change;
            down[j] -= change;
            let (up, down) = (slopes(0.0, &up), slopes(0.0, &down));
            for i in 0..N {
                let want = (up[i] - down[i]) / (2.0 * change);
                let largest = by[i].iter().map(|value: &f64| value.abs()).fold(0.0, f64::max);
                near(by[i][j], want, largest, format!("{factor}: {i} by {j}"));
            }
        }
        for (i, row) in by.iter().enumerate() {
            for (j, entry) in row.iter().enumerate() {
                let said = M::PATTERN[i] >> j & 1 == 1;
                assert!(said || *entry == 0.0, "{i} by {j} is not in the pattern");
            }
        }
        let (up, down) = (slopes(1e-3, &state), slopes(-1e-3, &state));
        for i in 0..N {
            let want = (up[i] - down[i]) / 2e-3;
            near(by_time[i], want, want.abs() + 1.0, format!("{factor}: {i} by time"));
        }
    }
}

fn catechol(rest: &[f64]) -> Vec<f64> {
    let mut shared = vec![
        97.0, 400.0, 64.0, 6.0, 0.6, 0.2, 0.2, 125.0, 46.0, 60.0, 110.0, 0.56, 160.0, 4.5, 8.0,
        0.5, 0.002_024, 360.0, 200.0, 100.0, 80.0, 10.0, 330.0, 26.0, 75.0, 10_000.0, 130.0, 10.0,
        3.45, 1.0, 0.3,
    ];
    shared.extend_from_slice(rest);
    shared
}

#[test]
fn the_dopamine_terminals_jacobian_is_exact() {
    let row = catechol(&[7082.0, 3.0, 2.0, 40.0, 8000.0, 0.2, 30.0, 3.0, 400.0]);
    jacobian_is_the_slopes_derivative::<Dopamine, _, _, _, _>(row.try_into().unwrap());
}

#[test]
fn the_norepinephrine_terminals_jacobian_is_exact() {
    let row = catechol(&[
        2000.0, 1.4, 3.4, 3.0, 1.3, 5.5, 900.0, 20.0, 8000.0, 0.3, 0.4, 30.0, 3.0, 400.0,
    ]);
    jacobian_is_the_slopes_derivative::<Norepinephrine, _, _, _, _>(row.try_into().unwrap());
}

#[test]
fn the_serotonin_terminals_jacobian_is_exact() {
    let row = [
        96.0, 700.0, 330.0, 9.0, 0.6, 2.0, 1.0, 278.0, 40.0, 1000.0, 20.0, 0.5, 1.0, 5000.0, 100.0,
        3.0, 10.0, 330.0, 26.0, 75.0, 400.0, 160.0, 1230.0, 0.2, 0.1, 1.0, 250.0, 0.06, 1400.0,
        0.17, 0.0405, 0.05, 4000.0, 95.0, 1.0, 40.0, 1.0, 1.89, 0.5, 0.6947, 0.69, 36_000.0,
        20_000.0, 10.0, 20.0, 200.0, 10.0, 30.0, 200.0, 10.0, 0.8639, 2.0, 2.0, 5.0, 1.0, 0.01,
        0.0276, 0.02, 0.5,
    ];
    jacobian_is_the_slopes_derivative::<Serotonin, _, _, _, _>(row);
}

#[test]
fn parameters_that_break_their_rule_are_named() {
    let count = Kind::Dopamine.names().parameters.len();
    let mut rows = vec![1.0; 2 * count];
    rows[count + 3] = f64::NAN;
    let error = Terminals::new(Kind::Dopamine, 2, rows).unwrap_err().to_string();
    let rule = "must be finite and not negative";
    assert_eq!(error, format!("`tyrosine_to_pool_per_h[1]` {rule}, got NaN"));
    assert!("histamine".parse::<Kind>().is_err());
}
