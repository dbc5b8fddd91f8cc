//! Filling: convert, enter, hand back.

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use vmatcore::Error;
use vmatcore::filling::keep::{Histogram, Moments};
use vmatcore::filling::{self, Binding, Spread, Start, distribution, events, mean};
use vmatcore::vesicle::{Law, Segment};

use crate::arrays::{empty, owned};
use crate::enter::{Call, enter};
use crate::errors::raise;

/// Vesicles to fill, checked.
#[pyclass(frozen, module = "vmatcore._core")]
pub struct Cohort {
    inner: filling::Cohort,
}

/// How Python says where contents start.
#[derive(FromPyObject)]
pub enum StartArgument<'py> {
    #[pyo3(transparent)]
    Same(u32),
    #[pyo3(transparent)]
    Word(String),
    #[pyo3(transparent)]
    Each(PyReadonlyArray1<'py, u32>),
}

fn start_of(argument: StartArgument<'_>) -> PyResult<Start> {
    match argument {
        StartArgument::Same(value) => Ok(Start::Same(value)),
        StartArgument::Each(values) => Ok(Start::Each(owned(&values)?)),
        StartArgument::Word(word) if word == "full" => Ok(Start::Full),
        StartArgument::Word(word) => Err(raise(Error::parameter(
            "start",
            "must be a number, one for each vesicle, or \"full\"",
            format!("{word:?}"),
        ))),
    }
}

pub fn binding_of(name: &str, residence_s: f64) -> PyResult<Binding> {
    match name {
        "fast" => Ok(Binding::Fast),
        "telegraph" => Ok(Binding::Telegraph { residence_s }),
        "irreversible" => Ok(Binding::Irreversible),
        _ => Err(raise(Error::parameter(
            "binding",
            "must be \"fast\", \"telegraph\" or \"irreversible\"",
            format!("{name:?}"),
        ))),
    }
}

/// A law from the columns of its segments: ends, share of working copies, influx, efflux, crowding.
pub fn law_of(
    copies: f64,
    leak_per_s: f64,
    capacity: Option<u32>,
    columns: [&PyReadonlyArray1<'_, f64>; 5],
) -> PyResult<Law> {
    let [until_s, active, influx_per_s, efflux_per_s, crowding] =
        columns.map(|column| owned(column));
    let (until_s, active) = (until_s?, active?);
    let (influx_per_s, efflux_per_s, crowding) = (influx_per_s?, efflux_per_s?, crowding?);
    let lengths = [active.len(), influx_per_s.len(), efflux_per_s.len(), crowding.len()];
    if lengths.iter().any(|&length| length != until_s.len()) {
        let rule = "must have one number for each end in `until_s`";
        return Err(raise(Error::parameter("segments", rule, format!("{lengths:?}"))));
    }
    let segments = (0..until_s.len())
        .map(|i| Segment {
            until_s: until_s[i],
            active: active[i],
            influx_per_s: influx_per_s[i],
            efflux_per_s: efflux_per_s[i],
            crowding: crowding[i],
        })
        .collect();
    Law::new(copies, leak_per_s, capacity, segments).map_err(raise)
}

#[pymethods]
impl Cohort {
    #[new]
    #[pyo3(signature = (*, copies, leak_per_s, capacity, until_s, active, influx_per_s, efflux_per_s,
        crowding, binding, residence_s, log_volume_sd, copies_vary, start, time_s, seed, first,
        vesicles))]
    #[expect(clippy::too_many_arguments, reason = "one argument for each part of the cohort")]
    fn new(
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
        start: StartArgument<'_>,
        time_s: PyReadonlyArray1<'_, f64>,
        seed: u64,
        first: u64,
        vesicles: usize,
    ) -> PyResult<Self> {
        let columns = [&until_s, &active, &influx_per_s, &efflux_per_s, &crowding];
        let law = law_of(copies, leak_per_s, capacity, columns)?;
        let binding = binding_of(binding, residence_s)?;
        let spread = Spread { log_volume_sd, copies_vary };
        let (start, time_s) = (start_of(start)?, owned(&time_s)?);
        let inner =
            filling::Cohort::new(law, binding, spread, start, time_s, seed, first, vesicles)
                .map_err(raise)?;
        Ok(Self { inner })
    }
}

/// The content of every vesicle at every read, (vesicle, time).
#[pyfunction]
fn filling_all<'py>(
    py: Python<'py>,
    call: Call,
    cohort: &Cohort,
    method: &str,
) -> PyResult<Bound<'py, PyArray2<u32>>> {
    let (cohort, method) = (&cohort.inner, method.parse().map_err(raise)?);
    let out: Bound<'py, PyArray2<u32>> = empty(py, (cohort.vesicles(), cohort.time_s().len()))?;
    let mut rows = out.readwrite();
    let rows = rows.as_slice_mut()?;
    enter(py, &call, |work| filling::simulate(cohort, method, rows, work))?;
    Ok(out)
}

type MomentArrays<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<u32>>,
);

/// Mean, variance, least and most of the contents at every read.
#[pyfunction]
fn filling_moments<'py>(
    py: Python<'py>,
    call: Call,
    cohort: &Cohort,
    method: &str,
) -> PyResult<MomentArrays<'py>> {
    let (cohort, method) = (&cohort.inner, method.parse().map_err(raise)?);
    let kept = enter(py, &call, |work| {
        filling::reduce(cohort, method, Moments::new(cohort.time_s().len())?, work)
    })?;
    Ok((
        PyArray1::from_vec(py, kept.mean()),
        PyArray1::from_vec(py, kept.variance()),
        PyArray1::from_slice(py, kept.least()),
        PyArray1::from_slice(py, kept.most()),
    ))
}

/// Counts below, in and above the bins at every read, (time, bins + 2).
#[pyfunction]
fn filling_histogram<'py>(
    py: Python<'py>,
    call: Call,
    cohort: &Cohort,
    method: &str,
    edges: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<u64>>> {
    let (cohort, method) = (&cohort.inner, method.parse().map_err(raise)?);
    let edges = owned(&edges)?;
    let times = cohort.time_s().len();
    let kept = enter(py, &call, |work| {
        filling::reduce(cohort, method, Histogram::new(&edges, times)?, work)
    })?;
    let out: Bound<'py, PyArray2<u64>> = empty(py, (times, edges.len() + 1))?;
    out.readwrite().as_slice_mut()?.copy_from_slice(kept.counts());
    Ok(out)
}

/// How many events each vesicle has until the last read.
#[pyfunction]
fn filling_event_counts<'py>(
    py: Python<'py>,
    call: Call,
    cohort: &Cohort,
) -> PyResult<Bound<'py, PyArray1<u64>>> {
    let cohort = &cohort.inner;
    let counts: Bound<'py, PyArray1<u64>> = empty(py, cohort.vesicles())?;
    let mut counted = counts.readwrite();
    let counted = counted.as_slice_mut()?;
    enter(py, &call, |work| events::count(cohort, counted, work))?;
    Ok(counts)
}

type EventArrays<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<i8>>);

/// The time of every event and its change (+1 or -1), vesicle after vesicle.
#[pyfunction]
fn filling_events<'py>(
    py: Python<'py>,
    call: Call,
    cohort: &Cohort,
    counts: PyReadonlyArray1<'py, u64>,
) -> PyResult<EventArrays<'py>> {
    let (cohort, counts) = (&cohort.inner, owned(&counts)?);
    let total = counts.iter().sum::<u64>() as usize;
    let time_s: Bound<'py, PyArray1<f64>> = empty(py, total)?;
    let change: Bound<'py, PyArray1<i8>> = empty(py, total)?;
    {
        let (mut times, mut changes) = (time_s.readwrite(), change.readwrite());
        let (times, changes) = (times.as_slice_mut()?, changes.as_slice_mut()?);
        enter(py, &call, |work| events::write(cohort, &counts, times, changes, work))?;
    }
    Ok((time_s, change))
}

/// The expected content at every read, (time,).
#[pyfunction]
fn filling_mean<'py>(
    py: Python<'py>,
    call: Call,
    cohort: &Cohort,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let means = enter(py, &call, |work| mean::expected(&cohort.inner, work))?;
    Ok(PyArray1::from_vec(py, means))
}

/// The probability of every content at every read, (molecules, time).
#[pyfunction]
fn filling_distribution<'py>(
    py: Python<'py>,
    call: Call,
    cohort: &Cohort,
    method: &str,
    most_bytes: u64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let cohort = &cohort.inner;
    let method = match method {
        "auto" if distribution::has_closed_form(cohort) => distribution::Method::Convolution,
        "convolution" => distribution::Method::Convolution,
        _ => distribution::Method::Uniformisation,
    };
    let table =
        enter(py, &call, |work| distribution::probabilities(cohort, method, most_bytes, work))?;
    let out: Bound<'py, PyArray2<f64>> = empty(py, (table.molecules, cohort.time_s().len()))?;
    out.readwrite().as_slice_mut()?.copy_from_slice(&table.values);
    Ok(out)
}

/// Add the functions of this stage to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Cohort>()?;
    module.add_function(wrap_pyfunction!(filling_all, module)?)?;
    module.add_function(wrap_pyfunction!(filling_moments, module)?)?;
    module.add_function(wrap_pyfunction!(filling_histogram, module)?)?;
    module.add_function(wrap_pyfunction!(filling_event_counts, module)?)?;
    module.add_function(wrap_pyfunction!(filling_events, module)?)?;
    module.add_function(wrap_pyfunction!(filling_mean, module)?)?;
    module.add_function(wrap_pyfunction!(filling_distribution, module)?)
}
