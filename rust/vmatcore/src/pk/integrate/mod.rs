//! Subjects with saturable flows: eight at a time, each at its own pace.
//!
//! A lane follows the program of its subject, whatever the others do, and takes the next
//! subject when it is done ([`acts`]). Between events all lanes step together, each by its
//! own length ([`steps`]), and read what their steps pass ([`reads`]). So a row depends on
//! its subject alone, and subjects with different tables of events keep all lanes busy.

mod acts;
mod block;
mod reads;
mod steady;
mod steps;

use std::sync::Mutex;

use super::program::Program;
use super::saturable::Saturation;
use super::table::{self, Failure, Table};
use super::{Network, Rates, plan};
use crate::error::{Error, Result};
use crate::lanes::{self, LANES};
use crate::parallel::{Work, over_chunks};
use crate::solve::taylor::Tolerance;

use block::Block;

/// Subjects in a chunk: enough to refill lanes, few enough to share out.
const CHUNK: usize = 16 * LANES;

/// Integrate every subject through its table. `out` is (subject, output, time), row-major.
///
/// Every state is zero before the first event. Returns the subjects that failed, in
/// order, and why; their rows are NaN.
///
/// # Errors
/// [`Error::Parameter`] for shapes that do not fit or a bad table, tolerance or time;
/// [`Error::Cancelled`].
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the system")]
pub fn integrate(
    network: &Network,
    rates: &Rates<'_>,
    saturation: &Saturation<'_>,
    tables: &[Table],
    table_of: &[usize],
    time_h: &[f64],
    tolerance: Tolerance,
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<Vec<(usize, Failure)>> {
    let row = network.outputs * time_h.len();
    if Some(out.len()) != row.checked_mul(rates.subjects) {
        let rule = format!("must have {row} values for each of {} subjects", rates.subjects);
        return Err(Error::parameter("out", rule, out.len()));
    }
    for (name, value) in [("rtol", tolerance.relative), ("atol", tolerance.absolute)] {
        if !(value.is_finite() && value > 0.0) {
            return Err(Error::parameter(name, "must be finite and positive", value));
        }
    }
    table::check_numbers(table_of, rates.subjects, tables.len())?;
    plan::check_times(time_h)?;
    let mut programs = Vec::with_capacity(tables.len());
    for table in tables {
        table.check(network.pattern.states())?;
        programs.push(Program::new(table, time_h)?);
    }
    let failed = Mutex::new(Vec::new());
    over_chunks(work, out, row, CHUNK, |first, rows| {
        let block = Block {
            network,
            rates,
            saturation,
            programs: &programs,
            table_of,
            time_h,
            tolerance,
            first,
            rows,
            work,
            failed: Vec::new(),
            next_row: 0,
        };
        let lost = lanes::dispatch(work.level, block)?;
        failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(lost);
        Ok(())
    })?;
    let mut failed = failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    failed.sort_unstable_by_key(|&(subject, _)| subject);
    Ok(failed)
}
