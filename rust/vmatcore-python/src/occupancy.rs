//! Occupancy: convert, enter, hand back.

use numpy::{
    PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3,
};
use pyo3::prelude::*;
use vmatcore::occupancy::{self, Irreversible, Slow, Unbound};

use crate::arrays::{empty, owned};
use crate::enter::{Call, enter};
use crate::errors::raise;

/// The share held by drug, (subject, time).
#[pyfunction]
#[pyo3(signature = (call, unbound_nmol_l, per_ki, bound=None))]
fn occupancy_held<'py>(
    py: Python<'py>,
    call: Call,
    unbound_nmol_l: PyReadonlyArray3<'py, f64>,
    per_ki: PyReadonlyArray1<'py, f64>,
    bound: Option<PyReadonlyArray2<'py, f64>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (subjects, moieties, times) = unbound_nmol_l.as_array().dim();
    let values = owned(&unbound_nmol_l)?;
    let unbound = Unbound::new(&values, subjects, moieties, times).map_err(raise)?;
    let per_ki = owned(&per_ki)?;
    let bound = bound.map(|bound| owned(&bound)).transpose()?;
    let out: Bound<'py, PyArray2<f64>> = empty(py, (subjects, times))?;
    let mut rows = out.readwrite();
    let rows = rows.as_slice_mut()?;
    enter(py, &call, |work| occupancy::held(&unbound, &per_ki, bound.as_deref(), rows, work))?;
    Ok(out)
}

/// A subject that could not be followed, and when, h.
type Lost = Vec<(usize, f64)>;

/// The share bound for good at every second node, (subject, interval end), and who is lost.
#[pyfunction]
fn occupancy_bound<'py>(
    py: Python<'py>,
    call: Call,
    time_h: PyReadonlyArray1<'py, f64>,
    unbound_nmol_l: PyReadonlyArray3<'py, f64>,
    per_ki: PyReadonlyArray1<'py, f64>,
    on_l_per_nmol_h: PyReadonlyArray1<'py, f64>,
    recovery_per_h: f64,
) -> PyResult<(Bound<'py, PyArray2<f64>>, Lost)> {
    let (subjects, moieties, times) = unbound_nmol_l.as_array().dim();
    let values = owned(&unbound_nmol_l)?;
    let unbound = Unbound::new(&values, subjects, moieties, times).map_err(raise)?;
    let ligands = Irreversible::new(&owned(&per_ki)?, &owned(&on_l_per_nmol_h)?, recovery_per_h)
        .map_err(raise)?;
    let time_h = owned(&time_h)?;
    let out: Bound<'py, PyArray2<f64>> = empty(py, (subjects, times / 2 + 1))?;
    let mut rows = out.readwrite();
    let rows = rows.as_slice_mut()?;
    let lost = enter(py, &call, |work| occupancy::bound(&ligands, &time_h, &unbound, rows, work))?;
    Ok((out, lost))
}

/// The share held by each ligand that is followed, (subject, ligand, interval end), and
/// who is lost.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the law")]
fn occupancy_slow<'py>(
    py: Python<'py>,
    call: Call,
    time_h: PyReadonlyArray1<'py, f64>,
    unbound_nmol_l: PyReadonlyArray3<'py, f64>,
    per_ki: PyReadonlyArray1<'py, f64>,
    moiety: Vec<usize>,
    on_l_per_nmol_h: PyReadonlyArray1<'py, f64>,
    off_per_h: PyReadonlyArray1<'py, f64>,
) -> PyResult<(Bound<'py, PyArray3<f64>>, Lost)> {
    let (subjects, moieties, times) = unbound_nmol_l.as_array().dim();
    let values = owned(&unbound_nmol_l)?;
    let unbound = Unbound::new(&values, subjects, moieties, times).map_err(raise)?;
    let (on, off) = (owned(&on_l_per_nmol_h)?, owned(&off_per_h)?);
    let ligands = Slow::new(&owned(&per_ki)?, &moiety, &on, &off).map_err(raise)?;
    let time_h = owned(&time_h)?;
    let shape = (subjects, ligands.followed(), times / 2 + 1);
    let out: Bound<'py, PyArray3<f64>> = empty(py, shape)?;
    let mut rows = out.readwrite();
    let rows = rows.as_slice_mut()?;
    rows.fill(0.0);
    let lost = enter(py, &call, |work| occupancy::slow(&ligands, &time_h, &unbound, rows, work))?;
    Ok((out, lost))
}

/// Add the functions of this stage to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(occupancy_held, module)?)?;
    module.add_function(wrap_pyfunction!(occupancy_bound, module)?)?;
    module.add_function(wrap_pyfunction!(occupancy_slow, module)?)
}
