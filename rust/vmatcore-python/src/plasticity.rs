//! Plasticity: convert, enter, hand back.

use numpy::{PyArray3, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use vmatcore::Error;
use vmatcore::plasticity::{self, Epoch, PARTS, Rule};

use crate::arrays::{empty, owned};
use crate::enter::{Call, enter};
use crate::errors::raise;

/// Weights for and against, and expectation: (synapse, part, epoch + 1).
#[pyfunction]
#[pyo3(signature = (call, *, learning_rate, critic_rate, lag_per_trace, decay_per_day,
    save_threshold, save_steepness, most_weight, days, trials, burst_chance, burst, dip, begin,
    seed, first, past))]
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the rule")]
fn plasticity_simulate<'py>(
    py: Python<'py>,
    call: Call,
    learning_rate: f64,
    critic_rate: f64,
    lag_per_trace: f64,
    decay_per_day: f64,
    save_threshold: f64,
    save_steepness: f64,
    most_weight: f64,
    days: PyReadonlyArray1<'py, f64>,
    trials: PyReadonlyArray1<'py, u64>,
    burst_chance: PyReadonlyArray1<'py, f64>,
    burst: PyReadonlyArray1<'py, f64>,
    dip: PyReadonlyArray1<'py, f64>,
    begin: PyReadonlyArray2<'py, f64>,
    seed: u64,
    first: u64,
    past: u64,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let rule = Rule {
        learning_rate,
        critic_rate,
        lag_per_trace,
        decay_per_day,
        save_threshold,
        save_steepness,
        most_weight,
    };
    let trials = owned(&trials)?;
    let columns = [owned(&days)?, owned(&burst_chance)?, owned(&burst)?, owned(&dip)?];
    if columns.iter().any(|column| column.len() != trials.len()) {
        let rule = "must hold one number for each epoch";
        return Err(raise(Error::parameter("trials", rule, trials.len())));
    }
    let epoch = |i: usize| Epoch {
        days: columns[0][i],
        trials: trials[i],
        burst_chance: columns[1][i],
        burst: columns[2][i],
        dip: columns[3][i],
    };
    let epochs: Vec<Epoch> = (0..trials.len()).map(epoch).collect();
    let begin = owned(&begin)?;
    let shape = (begin.len() / PARTS, PARTS, epochs.len() + 1);
    let out: Bound<'py, PyArray3<f64>> = empty(py, shape)?;
    {
        let mut held = out.readwrite();
        let held = held.as_slice_mut()?;
        enter(py, &call, |work| {
            plasticity::simulate(rule, &epochs, seed, first, past, &begin, held, work)
        })?;
    }
    Ok(out)
}

/// Add the functions of this stage to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(plasticity_simulate, module)?)
}
