//! Release: convert, enter, hand back.

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use vmatcore::Error;
use vmatcore::release::filling::Start;
use vmatcore::release::keep::{Histogram, Moments};
use vmatcore::release::{self, Content, Filling, Lognormal, Synapse, Train};

use crate::arrays::{empty, owned};
use crate::enter::{Call, enter};
use crate::errors::raise;
use crate::filling::{binding_of, law_of};

/// What a released vesicle holds, checked.
#[pyclass(frozen, module = "vmatcore._core")]
pub struct ReleaseContent {
    inner: Content,
}

#[pymethods]
impl ReleaseContent {
    /// So many molecules, always.
    #[staticmethod]
    fn constant(molecules: f64) -> Self {
        Self { inner: Content::Constant(molecules) }
    }

    /// A size of its own for each quantum.
    #[staticmethod]
    fn lognormal(log_mean: f64, log_sd: f64) -> Self {
        Self { inner: Content::Lognormal(Lognormal { log_mean, log_sd }) }
    }

    /// What has filled since the vesicle's last release.
    #[staticmethod]
    #[pyo3(signature = (*, copies, leak_per_s, capacity, until_s, active, influx_per_s, efflux_per_s,
        crowding, binding, residence_s, log_volume_sd, copies_vary, start, pool_per_site))]
    #[expect(clippy::too_many_arguments, reason = "one argument for each part of the law")]
    fn filling(
        copies: f64,
        leak_per_s: f64,
        capacity: Option<u32>,
        until_s: PyReadonlyArray1<'_, f64>,
        active: PyReadonlyArray1<'_, f64>,
        influx_per_s: PyReadonlyArray1<'_, f64>,
        efflux_per_s: PyReadonlyArray1<'_, f64>,
        crowding: PyReadonlyArray1<'_, f64>,
        binding: &str,
        residence_s: f64,
        log_volume_sd: f64,
        copies_vary: bool,
        start: &str,
        pool_per_site: u32,
    ) -> PyResult<Self> {
        let columns = [&until_s, &active, &influx_per_s, &efflux_per_s, &crowding];
        let law = law_of(copies, leak_per_s, capacity, columns)?;
        let binding = binding_of(binding, residence_s)?;
        let spread = vmatcore::filling::Spread { log_volume_sd, copies_vary };
        let start = match start {
            "steady" => Start::Steady,
            "full" => Start::Full,
            "empty" => Start::Empty,
            _ => {
                let rule = "must be \"steady\", \"full\" or \"empty\"";
                return Err(raise(Error::parameter("start", rule, format!("{start:?}"))));
            }
        };
        let filling = Filling { law, binding, spread, start, pool_per_site };
        Ok(Self { inner: Content::Filling(filling) })
    }
}

/// Synapses and the spikes that reach them, checked.
#[pyclass(frozen, module = "vmatcore._core")]
pub struct ReleaseExperiment {
    inner: release::Experiment,
}

#[pymethods]
impl ReleaseExperiment {
    #[new]
    #[pyo3(signature = (*, sites, probability, refill_s, active_share, time_s, offsets, content,
        seed, first, synapses))]
    #[expect(clippy::too_many_arguments, reason = "one argument for each part of the experiment")]
    fn new(
        sites: u32,
        probability: f64,
        refill_s: f64,
        active_share: f64,
        time_s: PyReadonlyArray1<'_, f64>,
        offsets: Option<PyReadonlyArray1<'_, u64>>,
        content: &ReleaseContent,
        seed: u64,
        first: u64,
        synapses: usize,
    ) -> PyResult<Self> {
        let synapse = Synapse { sites, probability, refill_s, active_share };
        let offsets = match offsets {
            None => None,
            Some(offsets) => Some(owned(&offsets)?.into_iter().map(|at| at as usize).collect()),
        };
        let train = Train::new(owned(&time_s)?, offsets).map_err(raise)?;
        let content = content.inner.clone();
        let inner = release::Experiment::new(synapse, train, content, seed, first, synapses)
            .map_err(raise)?;
        Ok(Self { inner })
    }
}

type Both<'py> = (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<f64>>);

/// Quanta and molecules of every synapse at every spike, synapse after synapse.
#[pyfunction]
fn release_all<'py>(
    py: Python<'py>,
    call: Call,
    experiment: &ReleaseExperiment,
    spikes: usize,
) -> PyResult<Both<'py>> {
    let experiment = &experiment.inner;
    let quanta: Bound<'py, PyArray1<u32>> = empty(py, spikes)?;
    let molecules: Bound<'py, PyArray1<f64>> = empty(py, spikes)?;
    {
        let (mut counts, mut totals) = (quanta.readwrite(), molecules.readwrite());
        let (counts, totals) = (counts.as_slice_mut()?, totals.as_slice_mut()?);
        enter(py, &call, |work| release::simulate(experiment, counts, totals, work))?;
    }
    Ok((quanta, molecules))
}

/// The molecules of every vesicle that fused, in the order of synapses and spikes.
#[pyfunction]
fn release_fusions<'py>(
    py: Python<'py>,
    call: Call,
    experiment: &ReleaseExperiment,
    quanta: PyReadonlyArray1<'py, u32>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (experiment, quanta) = (&experiment.inner, owned(&quanta)?);
    let total: u64 = quanta.iter().map(|&count| u64::from(count)).sum();
    let sizes: Bound<'py, PyArray1<f64>> = empty(py, total as usize)?;
    let mut held = sizes.readwrite();
    let held = held.as_slice_mut()?;
    enter(py, &call, |work| release::fusions(experiment, &quanta, held, work))?;
    Ok(sizes)
}

type MomentArrays<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<u64>>,
);

/// Mean and variance of quanta, of molecules, and the failures, at every spike.
#[pyfunction]
fn release_moments<'py>(
    py: Python<'py>,
    call: Call,
    experiment: &ReleaseExperiment,
) -> PyResult<MomentArrays<'py>> {
    let experiment = &experiment.inner;
    let kept = enter(py, &call, |work| {
        let spikes = experiment.train().of(0).len();
        let empty = Moments::new(spikes, experiment.mean_quantum())?;
        release::reduce(experiment, empty, work)?.checked()
    })?;
    let ((quanta, quanta_variance), (molecules, molecules_variance)) =
        (kept.quanta(), kept.molecules());
    Ok((
        PyArray1::from_vec(py, quanta),
        PyArray1::from_vec(py, quanta_variance),
        PyArray1::from_vec(py, molecules),
        PyArray1::from_vec(py, molecules_variance),
        PyArray1::from_slice(py, kept.failures()),
    ))
}

/// Counts of fused vesicles by what they held: below, in and above the bins, (spike, bins + 2).
#[pyfunction]
fn release_histogram<'py>(
    py: Python<'py>,
    call: Call,
    experiment: &ReleaseExperiment,
    edges: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<u64>>> {
    let (experiment, edges) = (&experiment.inner, owned(&edges)?);
    let spikes = experiment.train().of(0).len();
    let kept = enter(py, &call, |work| {
        release::reduce(experiment, Histogram::new(&edges, spikes)?, work)
    })?;
    let out: Bound<'py, PyArray2<u64>> = empty(py, (spikes, edges.len() + 1))?;
    out.readwrite().as_slice_mut()?.copy_from_slice(kept.counts());
    Ok(out)
}

/// Add the functions of this stage to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ReleaseContent>()?;
    module.add_class::<ReleaseExperiment>()?;
    module.add_function(wrap_pyfunction!(release_all, module)?)?;
    module.add_function(wrap_pyfunction!(release_fusions, module)?)?;
    module.add_function(wrap_pyfunction!(release_moments, module)?)?;
    module.add_function(wrap_pyfunction!(release_histogram, module)?)
}
