//! Dosing intervals, again and again, until an interval changes next to nothing.

use crate::lanes::{Lane, ZERO};
use crate::pk::Network;
use crate::solve::taylor::Tolerance;

/// More dosing intervals than this, or more steps in all of them, mean that no steady
/// state is near. With 99 % of the fastest elimination given it takes 60,000 intervals.
pub(super) const MOST_INTERVALS: u32 = 100_000;
pub(super) const MOST_STEADY_STEPS: u64 = 20 * super::steps::MOST_STEPS;

/// A state has settled when what the rest of the intervals would change is below this
/// share of its tolerance.
const SETTLED: f64 = 0.1;

/// The states of eight subjects on their way to a steady state.
#[derive(Debug)]
pub(super) struct Settling {
    /// The state before a steady state was asked for, after the last interval, and the
    /// change in that interval.
    saved: Vec<Lane>,
    before: Vec<Lane>,
    change: Vec<Lane>,
}

impl Settling {
    pub(super) fn new(states: usize) -> Self {
        let lanes = || vec![ZERO; states];
        Self { saved: lanes(), before: lanes(), change: lanes() }
    }

    /// Keep the state of a lane, and empty it.
    #[inline(always)]
    pub(super) fn begin(&mut self, state: &mut [Lane], lane: usize) {
        for (i, value) in state.iter_mut().enumerate() {
            self.saved[i][lane] = value[lane];
            value[lane] = 0.0;
            self.before[i][lane] = 0.0;
            self.change[i][lane] = f64::INFINITY;
        }
    }

    /// Give the states that a steady state leaves alone what they had before.
    #[inline(always)]
    pub(super) fn end(&self, network: &Network, state: &mut [Lane], lane: usize) {
        for (i, value) in state.iter_mut().enumerate() {
            if network.periodic.is_held(i) {
                value[lane] = self.saved[i][lane];
            }
        }
    }

    /// Whether what the rest of the dosing intervals would change is small enough.
    ///
    /// The changes of successive intervals fall in a ratio q, so the rest is q/(1 - q) of
    /// the last one.
    #[inline(always)]
    pub(super) fn settled(
        &mut self,
        network: &Network,
        state: &[Lane],
        lane: usize,
        tolerance: &Tolerance,
    ) -> bool {
        let mut settled = true;
        for (i, value) in state.iter().enumerate() {
            if network.periodic.is_held(i) {
                continue;
            }
            let now = value[lane];
            let change = (now - self.before[i][lane]).abs();
            let earlier = self.change[i][lane];
            self.before[i][lane] = now;
            self.change[i][lane] = change;
            let scale = SETTLED * (tolerance.absolute + tolerance.relative * now.abs());
            let fall = earlier - change;
            let rest = if fall > 0.0 { change * (change / fall) } else { f64::INFINITY };
            settled &= rest <= scale || change <= 0.01 * scale;
        }
        settled
    }
}
