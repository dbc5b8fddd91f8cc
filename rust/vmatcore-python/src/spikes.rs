//! Trains of spikes: convert, enter, hand back.

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use vmatcore::spikes::{self, Pattern};

use crate::arrays::{empty, owned};
use crate::enter::{Call, enter};
use crate::errors::raise;

/// How many spikes each of `trains` trains has.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the pattern")]
fn spikes_count<'py>(
    py: Python<'py>,
    call: Call,
    until_s: PyReadonlyArray1<'py, f64>,
    rate_hz: PyReadonlyArray1<'py, f64>,
    shape: f64,
    seed: u64,
    first: u64,
    trains: usize,
) -> PyResult<Bound<'py, PyArray1<u64>>> {
    let pattern = Pattern::new(owned(&until_s)?, owned(&rate_hz)?, shape).map_err(raise)?;
    let counts: Bound<'py, PyArray1<u64>> = empty(py, trains)?;
    let mut rows = counts.readwrite();
    let rows = rows.as_slice_mut()?;
    enter(py, &call, |work| spikes::count(&pattern, seed, first, rows, work))?;
    Ok(counts)
}

/// The spikes of all trains, one after another.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the pattern")]
fn spikes_write<'py>(
    py: Python<'py>,
    call: Call,
    until_s: PyReadonlyArray1<'py, f64>,
    rate_hz: PyReadonlyArray1<'py, f64>,
    shape: f64,
    seed: u64,
    first: u64,
    counts: PyReadonlyArray1<'py, u64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let pattern = Pattern::new(owned(&until_s)?, owned(&rate_hz)?, shape).map_err(raise)?;
    let counts = owned(&counts)?;
    let time_s: Bound<'py, PyArray1<f64>> = empty(py, counts.iter().sum::<u64>() as usize)?;
    let mut times = time_s.readwrite();
    let times = times.as_slice_mut()?;
    enter(py, &call, |work| spikes::write(&pattern, seed, first, &counts, times, work))?;
    Ok(time_s)
}

/// Add the functions of this stage to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(spikes_count, module)?)?;
    module.add_function(wrap_pyfunction!(spikes_write, module)?)
}
