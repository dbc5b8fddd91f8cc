//! Dose to plasma and brain: compartment systems under a dosing history.
//!
//! A [`Network`] is a graph of states joined by gains, with a loss from each
//! state; the two are separate, so a gain need not drain its source (a brain
//! driven by plasma, an integral, an infusion source). [`simulate`] walks one
//! [`Plan`] of steps, doses and reads for every subject, eight side by side
//! ([`kernel`]), with one matrix exponential for each distinct step length.
//! Dosing intervals that are read alike share the rows that read them ([`rows`]).
//!
//! Subjects with one [`Table`] of events share its plan; a population may have many.
//! Endless dosing before an event is solved in closed form ([`crate::solve::periodic`]).
//!
//! With a saturable flow there is no matrix; [`integrate`] goes step by step.
//!
//! Events act on [t, next): a read at the time of a dose sees the dose.

mod integrate;
mod kernel;
mod plan;
mod program;
mod rows;
mod saturable;
mod table;
mod visits;

use std::sync::Mutex;

use crate::error::{Error, Result};
use crate::lanes::{self, LANES};
use crate::parallel::{Work, over_chunks};
use crate::solve::pattern::Pattern;
use crate::solve::periodic::Periodic;

pub use integrate::integrate;
use kernel::Block;
pub use plan::Plan;
use rows::RowShape;
pub use saturable::{Saturable, Saturation};
pub use table::{Change, Event, Failure, Period, Table};

/// A read of one state into one output; an output sums all its reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readout {
    /// Which output the read adds to.
    pub output: usize,
    /// Which state is read.
    pub state: usize,
}

/// The shape of a compartment system: which state feeds which, and what is read.
#[derive(Debug, Clone)]
pub struct Network {
    pattern: Pattern,
    gains: Vec<(usize, usize)>,
    readouts: Vec<Readout>,
    outputs: usize,
    rows: RowShape,
    periodic: Periodic,
}

impl Network {
    /// A system of `states` states whose gains are (to, from) pairs.
    ///
    /// `held` names the states that a reset or a steady state leaves as they are:
    /// integrals, and the sources of infusions.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an index out of range.
    pub fn new(
        states: usize,
        gains: &[(usize, usize)],
        readouts: &[Readout],
        outputs: usize,
        held: &[bool],
    ) -> Result<Self> {
        if held.len() != states {
            let rule = format!("must have one value for each of {states} states");
            return Err(Error::parameter("held", rule, format!("{} values", held.len())));
        }
        for (i, read) in readouts.iter().enumerate() {
            if read.output >= outputs || read.state >= states {
                return Err(Error::parameter(
                    format!("readouts[{i}]"),
                    format!("must name an output below {outputs} and a state below {states}"),
                    format!("({}, {})", read.output, read.state),
                ));
            }
        }
        let pattern = Pattern::new(states, gains)?;
        let rows = RowShape::new(&pattern, readouts, outputs);
        let periodic = Periodic::new(states, gains, held)?;
        let (gains, readouts) = (gains.to_vec(), readouts.to_vec());
        Ok(Self { pattern, gains, readouts, outputs, rows, periodic })
    }

    /// How many outputs are read at each time.
    pub fn outputs(&self) -> usize {
        self.outputs
    }
}

/// The numbers of every subject, item-major: `gain[g * subjects + s]`.
#[derive(Debug, Clone, Copy)]
pub struct Rates<'a> {
    subjects: usize,
    gain: &'a [f64],
    loss: &'a [f64],
    exit: &'a [f64],
    scale: &'a [f64],
}

impl<'a> Rates<'a> {
    /// Check the numbers against the network: finite, not negative, of the right length.
    ///
    /// `exit` is the rate at which each state empties out of the states that it exchanges
    /// with; only steady states use it. It is negative where a loop gains more than it drains.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first number that breaks a rule, with its subject.
    pub fn new(
        network: &Network,
        subjects: usize,
        gain: &'a [f64],
        loss: &'a [f64],
        exit: &'a [f64],
        scale: &'a [f64],
    ) -> Result<Self> {
        let tables = [
            ("gain_per_h", gain, network.pattern.gains()),
            ("loss_per_h", loss, network.pattern.states()),
            ("scale", scale, network.readouts.len()),
        ];
        for (name, values, rows) in tables {
            if Some(values.len()) != rows.checked_mul(subjects) {
                let rule = format!("must have shape ({rows}, {subjects})");
                return Err(Error::parameter(name, rule, format!("{} values", values.len())));
            }
            if let Some(i) = values.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
                return Err(Error::parameter(
                    format!("{name}[{}, {}]", i / subjects, i % subjects),
                    "must be finite and not negative",
                    values[i],
                ));
            }
        }
        if exit.len() != loss.len() {
            let rule = "must have the shape of loss_per_h";
            return Err(Error::parameter("exit_per_h", rule, format!("{} values", exit.len())));
        }
        if let Some(i) = exit.iter().position(|value| !value.is_finite()) {
            let name = format!("exit_per_h[{}, {}]", i / subjects, i % subjects);
            return Err(Error::parameter(name, "must be finite", exit[i]));
        }
        Ok(Self { subjects, gain, loss, exit, scale })
    }
}

/// Two threads that first touch one huge page both clear it, so a chunk spans a few.
const CHUNK_BYTES: usize = 4 << 20;

/// Subjects in a chunk: whole lanes, a few huge pages, and at least sixteen chunks.
fn rows_per_chunk(subjects: usize, row: usize) -> usize {
    let by_bytes = CHUNK_BYTES / (row * size_of::<f64>()).max(1);
    let by_count = subjects / 16;
    let rows = by_bytes.min(by_count).min(64 * LANES);
    (rows / LANES * LANES).max(LANES)
}

/// Subjects in a chunk where each may have a plan of its own.
const CHUNK_OF_PLANS: usize = 2 * LANES;

/// Run every subject through its table. `out` is (subject, output, time), row-major.
///
/// `table_of` gives the table of each subject by its number. Every state is zero before
/// the first event. Returns the subjects that failed, in order, and why; their rows are NaN.
/// A row depends on the rates and the table of its subject alone.
///
/// # Errors
/// [`Error::Parameter`] if `out` has the wrong length, or for a bad table or read time;
/// [`Error::Cancelled`].
pub fn simulate(
    network: &Network,
    rates: &Rates<'_>,
    tables: &[Table],
    table_of: &[usize],
    time_h: &[f64],
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<Vec<(usize, Failure)>> {
    let row = network.outputs * time_h.len();
    if Some(out.len()) != row.checked_mul(rates.subjects) {
        let rule = format!("must have {row} values for each of {} subjects", rates.subjects);
        return Err(Error::parameter("out", rule, out.len()));
    }
    table::check_numbers(table_of, rates.subjects, tables.len())?;
    plan::check_times(time_h)?;
    for table in tables {
        table.check(network.pattern.states())?;
    }
    let failed = Mutex::new(Vec::new());
    let keep = |lost: Vec<(usize, Failure)>| {
        failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(lost);
    };
    if let [only] = tables {
        let plan = Plan::new(network, only, time_h, work)?;
        let rows = rows_per_chunk(rates.subjects, row);
        over_chunks(work, out, row, rows, |first, rows| {
            let block = Block { network, rates, plan: &plan, first, table: rows, work };
            keep(lanes::dispatch(work.level, block)?);
            Ok(())
        })?;
    } else {
        over_chunks(work, out, row, CHUNK_OF_PLANS, |first, rows| {
            let own = &table_of[first..first + rows.len() / row];
            let (mut first, mut rest) = (first, rows);
            for run in own.chunk_by(|a, b| a == b) {
                let plan = Plan::new(network, &tables[run[0]], time_h, work)?;
                let (rows, others) = rest.split_at_mut(run.len() * row);
                let block = Block { network, rates, plan: &plan, first, table: rows, work };
                keep(lanes::dispatch(work.level, block)?);
                (first, rest) = (first + run.len(), others);
            }
            Ok(())
        })?;
    }
    let mut failed = failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    failed.sort_unstable_by_key(|&(subject, _)| subject);
    Ok(failed)
}
