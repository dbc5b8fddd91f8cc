//! Pharmacokinetics: convert, enter, hand back.

use numpy::{PyArray3, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use vmatcore::pk::{
    self, Change, Event, Network, Period, Rates, Readout, Saturable, Saturation, Table,
};
use vmatcore::solve::taylor::Tolerance;

use crate::arrays::{empty, owned};
use crate::enter::{Call, enter};

/// Subjects that failed, and why.
type Failed = Vec<(usize, &'static str)>;

/// (time in h, state or period, what is done, amount or value)
type EventRow = (f64, usize, u8, f64);

/// Events, and (length in h, events) of each period.
type TableRow = (Vec<EventRow>, Vec<(f64, Vec<EventRow>)>);

fn events(rows: Vec<EventRow>) -> Vec<Event> {
    const CHANGES: [Change; 5] =
        [Change::Add, Change::Set, Change::Reset, Change::Steady, Change::AddSteady];
    rows.into_iter()
        .map(|(time_h, state, change, value)| {
            let change = CHANGES[usize::from(change).min(CHANGES.len() - 1)];
            Event { time_h, state, change, value }
        })
        .collect()
}

/// The tables of events as the core knows them.
fn tables(rows: Vec<TableRow>) -> Vec<Table> {
    rows.into_iter()
        .map(|(own, periods)| Table {
            events: events(own),
            periods: periods
                .into_iter()
                .map(|(every_h, own)| Period { every_h, events: events(own) })
                .collect(),
        })
        .collect()
}

/// Concentrations (subject, output, time), and the subjects that failed and why.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the system")]
fn pk_simulate<'py>(
    py: Python<'py>,
    call: Call,
    outputs: usize,
    gains: Vec<(usize, usize)>,
    readouts: Vec<(usize, usize)>,
    held: Vec<bool>,
    gain_per_h: PyReadonlyArray2<'py, f64>,
    loss_per_h: PyReadonlyArray2<'py, f64>,
    exit_per_h: PyReadonlyArray2<'py, f64>,
    scale: PyReadonlyArray2<'py, f64>,
    event_tables: Vec<TableRow>,
    table_of: Vec<usize>,
    time_h: PyReadonlyArray1<'py, f64>,
) -> PyResult<(Bound<'py, PyArray3<f64>>, Failed)> {
    let [states, subjects] = [loss_per_h.as_array().nrows(), loss_per_h.as_array().ncols()];
    let readouts: Vec<Readout> =
        readouts.into_iter().map(|(output, state)| Readout { output, state }).collect();
    let (gain, loss, scale) = (owned(&gain_per_h)?, owned(&loss_per_h)?, owned(&scale)?);
    let exit = owned(&exit_per_h)?;
    let tables = tables(event_tables);
    let time_h = owned(&time_h)?;
    let out: Bound<'py, PyArray3<f64>> = empty(py, (subjects, outputs, time_h.len()))?;
    let mut rows = out.readwrite();
    let rows = rows.as_slice_mut()?;
    // Large systems and long plans take time to make: away from the GIL, too.
    let failed = enter(py, &call, |work| {
        let network = Network::new(states, &gains, &readouts, outputs, &held)?;
        let rates = Rates::new(&network, subjects, &gain, &loss, &exit, &scale)?;
        pk::simulate(&network, &rates, &tables, &table_of, &time_h, rows, work)
    })?;
    Ok((out, failed.into_iter().map(|(subject, why)| (subject, why.name())).collect()))
}

/// As `pk_simulate`, for systems with saturable flows: (from, to or -1, whether it drains).
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the system")]
fn pk_integrate<'py>(
    py: Python<'py>,
    call: Call,
    outputs: usize,
    gains: Vec<(usize, usize)>,
    readouts: Vec<(usize, usize)>,
    held: Vec<bool>,
    gain_per_h: PyReadonlyArray2<'py, f64>,
    loss_per_h: PyReadonlyArray2<'py, f64>,
    saturable: Vec<(usize, isize, bool)>,
    maximum_per_h: PyReadonlyArray2<'py, f64>,
    half_amount: PyReadonlyArray2<'py, f64>,
    scale: PyReadonlyArray2<'py, f64>,
    event_tables: Vec<TableRow>,
    table_of: Vec<usize>,
    time_h: PyReadonlyArray1<'py, f64>,
    rtol: f64,
    atol: f64,
) -> PyResult<(Bound<'py, PyArray3<f64>>, Failed)> {
    let [states, subjects] = [loss_per_h.as_array().nrows(), loss_per_h.as_array().ncols()];
    let readouts: Vec<Readout> =
        readouts.into_iter().map(|(output, state)| Readout { output, state }).collect();
    let flows: Vec<Saturable> = saturable
        .into_iter()
        .map(|(from, to, drains)| Saturable { from, to: usize::try_from(to).ok(), drains })
        .collect();
    let (gain, loss, scale) = (owned(&gain_per_h)?, owned(&loss_per_h)?, owned(&scale)?);
    let (maximum, half) = (owned(&maximum_per_h)?, owned(&half_amount)?);
    let tables = tables(event_tables);
    let time_h = owned(&time_h)?;
    let out: Bound<'py, PyArray3<f64>> = empty(py, (subjects, outputs, time_h.len()))?;
    let mut rows = out.readwrite();
    let rows = rows.as_slice_mut()?;
    let tolerance = Tolerance { absolute: atol, relative: rtol };
    let failed = enter(py, &call, |work| {
        let network = Network::new(states, &gains, &readouts, outputs, &held)?;
        let rates = Rates::new(&network, subjects, &gain, &loss, &loss, &scale)?;
        let saturation = Saturation::new(&network, subjects, &flows, &maximum, &half)?;
        pk::integrate(
            &network,
            &rates,
            &saturation,
            &tables,
            &table_of,
            &time_h,
            tolerance,
            rows,
            work,
        )
    })?;
    Ok((out, failed.into_iter().map(|(subject, why)| (subject, why.name())).collect()))
}

/// Add the functions of this stage to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(pk_simulate, module)?)?;
    module.add_function(wrap_pyfunction!(pk_integrate, module)?)
}
