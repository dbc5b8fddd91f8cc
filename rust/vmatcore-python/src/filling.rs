//! Filling: convert, enter, hand back.

use numpy::{PyArray1, PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use vmatcore::Error;
use vmatcore::filling::keep::{Histogram, Moments};
use vmatcore::filling::lumen::{Pump, Supply};
use vmatcore::filling::{self, Binding, Spread, Start, distribution, events, mean, protons};
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

/// How Python says what acidifies the vesicles: a mapping with these keys.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct SupplyArgument {
    pump_copies: f64,
    most_per_s: f64,
    half_mv: f64,
    slope_mv: f64,
    stall_mv: f64,
    stall_slope_mv: f64,
    stall_weight: f64,
    leak_per_s: f64,
    exchange_per_s_mv: f64,
    exchange_far_per_s_mv3: f64,
    exchange_turn_mv: f64,
    exchange_slope_mv: f64,
    buffer_protons: f64,
    charge_mv: f64,
    thermal_mv: f64,
    surface_mv: f64,
    cytosol_ph: f64,
    cytosol_chloride: f64,
    start_ph: f64,
    start_mv: f64,
    start_chloride: f64,
    protons_per_amine: f64,
    ceiling: f64,
    turnover_per_s: f64,
}

impl From<SupplyArgument> for Supply {
    fn from(given: SupplyArgument) -> Self {
        Self {
            pump: Pump {
                copies: given.pump_copies,
                most_per_s: given.most_per_s,
                half_mv: given.half_mv,
                slope_mv: given.slope_mv,
                stall_mv: given.stall_mv,
                stall_slope_mv: given.stall_slope_mv,
                stall_weight: given.stall_weight,
            },
            leak_per_s: given.leak_per_s,
            exchange_per_s_mv: given.exchange_per_s_mv,
            exchange_far_per_s_mv3: given.exchange_far_per_s_mv3,
            exchange_turn_mv: given.exchange_turn_mv,
            exchange_slope_mv: given.exchange_slope_mv,
            buffer_protons: given.buffer_protons,
            charge_mv: given.charge_mv,
            thermal_mv: given.thermal_mv,
            surface_mv: given.surface_mv,
            cytosol_ph: given.cytosol_ph,
            cytosol_chloride: given.cytosol_chloride,
            start_ph: given.start_ph,
            start_mv: given.start_mv,
            start_chloride: given.start_chloride,
            protons_per_amine: given.protons_per_amine,
            ceiling: given.ceiling,
            turnover_per_s: given.turnover_per_s,
        }
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
        crowding, binding, residence_s, log_volume_sd, copies_vary, supply, start, time_s, seed,
        first, vesicles))]
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
        supply: Option<SupplyArgument>,
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
        let inner = match supply {
            Some(supply) => inner.with_supply(supply.into()).map_err(raise)?,
            None => inner,
        };
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

/// Molecules, pH and potential (mV) of every vesicle at every read, (vesicle, time, 3).
#[pyfunction]
fn filling_lumens<'py>(
    py: Python<'py>,
    call: Call,
    cohort: &Cohort,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let cohort = &cohort.inner;
    let shape = (cohort.vesicles(), cohort.time_s().len(), protons::READ);
    let out: Bound<'py, PyArray3<f64>> = empty(py, shape)?;
    let mut rows = out.readwrite();
    let (reads, _) = rows.as_slice_mut()?.as_chunks_mut();
    enter(py, &call, |work| protons::simulate(cohort, reads, work))?;
    Ok(out)
}

/// The rate equations' molecules, pH and potential (mV) at every read, (time, 3).
#[pyfunction]
fn filling_mean_lumen<'py>(
    py: Python<'py>,
    call: Call,
    cohort: &Cohort,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let cohort = &cohort.inner;
    let reads = enter(py, &call, |work| protons::expected(cohort, work))?;
    let out: Bound<'py, PyArray2<f64>> = empty(py, (reads.len(), protons::READ))?;
    out.readwrite().as_slice_mut()?.copy_from_slice(reads.as_flattened());
    Ok(out)
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
    module.add_function(wrap_pyfunction!(filling_lumens, module)?)?;
    module.add_function(wrap_pyfunction!(filling_mean_lumen, module)?)?;
    module.add_function(wrap_pyfunction!(filling_distribution, module)?)
}
