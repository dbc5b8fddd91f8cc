//! Pharmacokinetics: convert, enter, hand back.

use numpy::{PyArray3, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use vmatcore::pk::{self, Change, Event, Network, Plan, Rates, Readout};

use crate::arrays::{empty, owned};
use crate::enter::{Call, enter};

/// Concentrations (subject, output, time) and the subjects that failed.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the system")]
fn pk_simulate<'py>(
    py: Python<'py>,
    call: Call,
    outputs: usize,
    gains: Vec<(usize, usize)>,
    readouts: Vec<(usize, usize)>,
    gain_per_h: PyReadonlyArray2<'py, f64>,
    loss_per_h: PyReadonlyArray2<'py, f64>,
    scale: PyReadonlyArray2<'py, f64>,
    events: Vec<(f64, usize, bool, f64)>,
    time_h: PyReadonlyArray1<'py, f64>,
) -> PyResult<(Bound<'py, PyArray3<f64>>, Vec<usize>)> {
    let [states, subjects] = [loss_per_h.as_array().nrows(), loss_per_h.as_array().ncols()];
    let readouts: Vec<Readout> =
        readouts.into_iter().map(|(output, state)| Readout { output, state }).collect();
    let (gain, loss, scale) = (owned(&gain_per_h)?, owned(&loss_per_h)?, owned(&scale)?);
    let events: Vec<Event> = events
        .into_iter()
        .map(|(time_h, state, sets, value)| {
            let change = if sets { Change::Set } else { Change::Add };
            Event { time_h, state, change, value }
        })
        .collect();
    let time_h = owned(&time_h)?;
    let out: Bound<'py, PyArray3<f64>> = empty(py, (subjects, outputs, time_h.len()))?;
    let mut rows = out.readwrite();
    let rows = rows.as_slice_mut()?;
    // Large systems and long plans take time to make: away from the GIL, too.
    let failed = enter(py, &call, |work| {
        let network = Network::new(states, &gains, &readouts, outputs)?;
        let rates = Rates::new(&network, subjects, &gain, &loss, &scale)?;
        let plan = Plan::new(&network, &events, &time_h, work)?;
        pk::simulate(&network, &rates, &plan, rows, work)
    })?;
    Ok((out, failed))
}

/// Add the functions of this stage to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(pk_simulate, module)?)
}
