//! Dose to plasma and brain: linear compartment systems under a dosing history.
//!
//! A [`Network`] is a graph of states joined by gains, with a loss from each
//! state; the two are separate, so a gain need not drain its source (a brain
//! driven by plasma, an integral, an infusion source). [`simulate`] walks one
//! [`Plan`] of steps, doses and reads for every subject, eight side by side
//! ([`kernel`]), with one matrix exponential for each distinct step length.
//! Dosing intervals that are read alike share the rows that read them ([`rows`]).
//!
//! Events act on [t, next): a read at the time of a dose sees the dose.

mod kernel;
mod plan;
mod rows;

use std::sync::Mutex;

use crate::error::{Error, Result};
use crate::lanes::{self, LANES};
use crate::parallel::{Work, over_chunks};
use crate::solve::pattern::Pattern;

use kernel::Block;
pub use plan::Plan;
use rows::RowShape;

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
    readouts: Vec<Readout>,
    outputs: usize,
    rows: RowShape,
}

impl Network {
    /// A system of `states` states whose gains are (to, from) pairs.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an index out of range.
    pub fn new(
        states: usize,
        gains: &[(usize, usize)],
        readouts: &[Readout],
        outputs: usize,
    ) -> Result<Self> {
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
        Ok(Self { pattern, readouts: readouts.to_vec(), outputs, rows })
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
    scale: &'a [f64],
}

impl<'a> Rates<'a> {
    /// Check the numbers against the network: finite, not negative, of the right length.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first number that breaks a rule, with its subject.
    pub fn new(
        network: &Network,
        subjects: usize,
        gain: &'a [f64],
        loss: &'a [f64],
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
        Ok(Self { subjects, gain, loss, scale })
    }
}

/// What an event does to its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Add an amount: a bolus.
    Add,
    /// Set the value: the rate of an infusion source.
    Set,
}

/// Something that happens to one state at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// When, in hours.
    pub time_h: f64,
    /// To which state.
    pub state: usize,
    /// Whether the value is added or set.
    pub change: Change,
    /// The amount, or the new value.
    pub value: f64,
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

/// Run the plan for every subject. `out` is (subject, output, time), row-major.
///
/// Every state is zero before the first event. Returns the subjects that
/// failed, in order; their rows are NaN.
///
/// # Errors
/// [`Error::Parameter`] if `out` has the wrong length; [`Error::Cancelled`].
pub fn simulate(
    network: &Network,
    rates: &Rates<'_>,
    plan: &Plan,
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<Vec<usize>> {
    let row = network.outputs * plan.times();
    if Some(out.len()) != row.checked_mul(rates.subjects) {
        let rule = format!("must have {row} values for each of {} subjects", rates.subjects);
        return Err(Error::parameter("out", rule, out.len()));
    }
    let rows = rows_per_chunk(rates.subjects, row);
    let failed = Mutex::new(Vec::new());
    over_chunks(work, out, row, rows, |first, table| {
        let block = Block { network, rates, plan, first, table, work };
        let lost = lanes::dispatch(work.level, block)?;
        failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(lost);
        Ok(())
    })?;
    let mut failed = failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    failed.sort_unstable();
    Ok(failed)
}
