//! What every share that is followed in time needs: nodes that are halved, and a list of the
//! subjects whose rates are too fast to follow.

use std::sync::Mutex;

use super::Unbound;
use crate::error::{Error, Result};

/// More sub-steps than this in one interval mean rates far outside biology.
pub(super) const MOST_SUBSTEPS: f64 = 1e6;

/// Refuse times that are not start, middle, end, middle, end, and so on, one for each concentration.
pub(super) fn check(time_h: &[f64], unbound: &Unbound<'_>) -> Result<()> {
    let nodes = time_h.len();
    if nodes.is_multiple_of(2) || nodes != unbound.times {
        let rule = "must be an odd number of nodes, one for each concentration";
        return Err(Error::parameter("time_h", rule, nodes));
    }
    if let Some(i) = time_h.iter().position(|time| !time.is_finite()) {
        return Err(Error::parameter(format!("time_h[{i}]"), "must be finite", time_h[i]));
    }
    if let Some(i) = (1..nodes).find(|&i| time_h[i] < time_h[i - 1]) {
        return Err(Error::parameter(format!("time_h[{i}]"), "must not go back", time_h[i]));
    }
    Ok(())
}

/// Subjects that could not be followed, and when, h.
#[derive(Default)]
pub(super) struct Lost(Mutex<Vec<(usize, f64)>>);

impl Lost {
    /// Note a subject; its row becomes NaN.
    pub(super) fn note(&self, subject: usize, time_h: f64, row: &mut [f64]) {
        row.fill(f64::NAN);
        let mut list = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        list.push((subject, time_h));
    }

    /// The list in the order of the subjects.
    pub(super) fn in_order(self) -> Vec<(usize, f64)> {
        let mut list = self.0.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        list.sort_unstable_by_key(|&(subject, _)| subject);
        list
    }
}
