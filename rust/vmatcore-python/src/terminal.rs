//! Terminals: convert, enter, hand back.

use numpy::{
    PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3,
};
use pyo3::prelude::*;
use vmatcore::terminal::drive::{Course, Load};
use vmatcore::terminal::{self, Drive, Kind, Plan, Terminals};

use crate::arrays::{empty, owned};
use crate::enter::{Call, enter};
use crate::errors::raise;

fn kind_of(name: &str) -> PyResult<Kind> {
    name.parse().map_err(raise)
}

fn terminals_of(kind: Kind, parameters: &PyReadonlyArray2<'_, f64>) -> PyResult<Terminals> {
    let rows = parameters.as_array().nrows();
    Terminals::new(kind, rows, owned(parameters)?).map_err(raise)
}

fn course_of(
    name: &str,
    start: &PyReadonlyArray2<'_, f64>,
    slope: &PyReadonlyArray2<'_, f64>,
) -> PyResult<Course> {
    let rows = start.as_array().nrows();
    Course::new(name, rows, owned(start)?, owned(slope)?).map_err(raise)
}

fn load_of(
    amplitudes: &PyReadonlyArray3<'_, f64>,
    rates: &PyReadonlyArray2<'_, f64>,
) -> PyResult<Load> {
    let (rows, terms) = rates.as_array().dim();
    Load::new(rows, terms, owned(amplitudes)?, owned(rates)?).map_err(raise)
}

type NameLists = (Vec<&'static str>, Vec<&'static str>, Vec<&'static str>);

/// The names of parameters, states and fluxes of one kind of terminal.
#[pyfunction]
fn terminal_names(kind: &str) -> PyResult<NameLists> {
    let names = kind_of(kind)?.names();
    Ok((names.parameters, names.states, names.fluxes))
}

/// The state in which each terminal settles at rest, (terminal, state).
#[pyfunction]
fn terminal_steady<'py>(
    py: Python<'py>,
    call: Call,
    kind: &str,
    parameters: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let kind = kind_of(kind)?;
    let terminals = terminals_of(kind, &parameters)?;
    let out: Bound<'py, PyArray2<f64>> = empty(py, (terminals.rows(), kind.names().states.len()))?;
    let mut rows = out.readwrite();
    let rows = rows.as_slice_mut()?;
    enter(py, &call, |work| terminal::steady(&terminals, rows, work))?;
    Ok(out)
}

/// The kept quantities of each terminal over time, (terminal, output, time).
#[pyfunction]
#[pyo3(signature = (call, *, kind, parameters, knots_h, active, active_slope, firing, firing_slope,
    start, time_h, outputs, relative_tolerance, load=None))]
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the plan")]
fn terminal_simulate<'py>(
    py: Python<'py>,
    call: Call,
    kind: &str,
    parameters: PyReadonlyArray2<'py, f64>,
    knots_h: PyReadonlyArray1<'py, f64>,
    active: PyReadonlyArray2<'py, f64>,
    active_slope: PyReadonlyArray2<'py, f64>,
    firing: PyReadonlyArray2<'py, f64>,
    firing_slope: PyReadonlyArray2<'py, f64>,
    start: PyReadonlyArray2<'py, f64>,
    time_h: PyReadonlyArray1<'py, f64>,
    outputs: Vec<usize>,
    relative_tolerance: f64,
    load: Option<(PyReadonlyArray3<'py, f64>, PyReadonlyArray2<'py, f64>)>,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let terminals = terminals_of(kind_of(kind)?, &parameters)?;
    let active = course_of("active", &active, &active_slope)?;
    let firing = course_of("firing", &firing, &firing_slope)?;
    let load = load.map(|(amplitudes, rates)| load_of(&amplitudes, &rates)).transpose()?;
    let drive =
        Drive::new(terminals.rows(), owned(&knots_h)?, active, firing, load).map_err(raise)?;
    let (start, time_h) = (owned(&start)?, owned(&time_h)?);
    let out: Bound<'py, PyArray3<f64>> =
        empty(py, (terminals.rows(), outputs.len(), time_h.len()))?;
    let mut rows = out.readwrite();
    let rows = rows.as_slice_mut()?;
    let plan = Plan {
        drive: &drive,
        start: &start,
        time_h: &time_h,
        outputs: &outputs,
        relative: relative_tolerance,
    };
    enter(py, &call, |work| terminal::simulate(&terminals, &plan, rows, work))?;
    Ok(out)
}

/// Add the functions of this stage to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(terminal_names, module)?)?;
    module.add_function(wrap_pyfunction!(terminal_steady, module)?)?;
    module.add_function(wrap_pyfunction!(terminal_simulate, module)?)
}
