//! Signal: convert, enter, hand back.

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use vmatcore::signal::{self, Receptor, Region};

use crate::arrays::{empty, owned};
use crate::enter::{Call, enter};
use crate::errors::raise;

type Both<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

/// Amine (step,) and occupancies (step, receptor) at the end of every step.
#[pyfunction]
#[pyo3(signature = (call, *, uptake_nmol_l_s, uptake_km_nmol_l, loss_per_s, gain,
    autoreceptor_nmol_l, rest_occupancy, ec50_nmol_l, off_per_s, step_s, release_nmol_l_s, begin))]
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the region")]
fn signal_simulate<'py>(
    py: Python<'py>,
    call: Call,
    uptake_nmol_l_s: f64,
    uptake_km_nmol_l: f64,
    loss_per_s: f64,
    gain: f64,
    autoreceptor_nmol_l: f64,
    rest_occupancy: f64,
    ec50_nmol_l: PyReadonlyArray1<'py, f64>,
    off_per_s: PyReadonlyArray1<'py, f64>,
    step_s: f64,
    release_nmol_l_s: PyReadonlyArray1<'py, f64>,
    begin: PyReadonlyArray1<'py, f64>,
) -> PyResult<Both<'py>> {
    let region = Region {
        uptake_nmol_l_s,
        uptake_km_nmol_l,
        loss_per_s,
        gain,
        autoreceptor_nmol_l,
        rest_occupancy,
    };
    let (ec50, off) = (owned(&ec50_nmol_l)?, owned(&off_per_s)?);
    if ec50.len() != off.len() {
        let rule = "must hold one number for each receptor";
        return Err(raise(vmatcore::Error::parameter("off_per_s", rule, off.len())));
    }
    let pairs = ec50.into_iter().zip(off);
    let receptors: Vec<Receptor> =
        pairs.map(|(ec50_nmol_l, off_per_s)| Receptor { ec50_nmol_l, off_per_s }).collect();
    let (release, begin) = (owned(&release_nmol_l_s)?, owned(&begin)?);
    let amine: Bound<'py, PyArray1<f64>> = empty(py, release.len())?;
    let bound: Bound<'py, PyArray2<f64>> = empty(py, (release.len(), receptors.len()))?;
    {
        let (mut amines, mut bounds) = (amine.readwrite(), bound.readwrite());
        let (amines, bounds) = (amines.as_slice_mut()?, bounds.as_slice_mut()?);
        enter(py, &call, |work| {
            signal::simulate(region, &receptors, step_s, &release, &begin, amines, bounds, work)
        })?;
    }
    Ok((amine, bound))
}

/// Add the functions of this stage to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(signal_simulate, module)?)
}
