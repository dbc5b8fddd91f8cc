//! Compartments joined by first-order and by saturable flows.

use super::Network;
use crate::error::{Error, Result};
use crate::lanes::{LANES, Lane, ZERO};
use crate::solve::adaptive::Field;

/// A Michaelis-Menten flow: maximum A/(half + A) of the amount A in `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saturable {
    /// The state whose amount drives it.
    pub from: usize,
    /// Where it arrives; `None` leaves the system.
    pub to: Option<usize>,
    /// Whether it takes away what it moves.
    pub drains: bool,
}

/// The numbers of the saturable flows of every subject, flow after flow.
#[derive(Debug, Clone, Copy)]
pub struct Saturation<'a> {
    pub(super) flows: &'a [Saturable],
    pub(super) maximum: &'a [f64],
    pub(super) half: &'a [f64],
}

impl<'a> Saturation<'a> {
    /// Check the numbers: finite, maxima not negative, half amounts positive.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first number that breaks a rule.
    pub fn new(
        network: &Network,
        subjects: usize,
        flows: &'a [Saturable],
        maximum: &'a [f64],
        half: &'a [f64],
    ) -> Result<Self> {
        let states = network.pattern.states();
        for (i, flow) in flows.iter().enumerate() {
            if flow.from >= states || flow.to.is_some_and(|to| to >= states) {
                let rule = format!("must join states below {states}");
                return Err(Error::parameter(format!("saturable[{i}]"), rule, flow.from));
            }
        }
        for (name, values, least) in [("maximum_per_h", maximum, 0.0), ("half_amount", half, 0.0)] {
            if Some(values.len()) != flows.len().checked_mul(subjects) {
                let rule = format!("must have shape ({}, {subjects})", flows.len());
                return Err(Error::parameter(name, rule, format!("{} values", values.len())));
            }
            let good =
                |v: &f64| v.is_finite() && *v >= least && (name != "half_amount" || *v > 0.0);
            if let Some(i) = values.iter().position(|v| !good(v)) {
                let place = format!("{name}[{}, {}]", i / subjects, i % subjects);
                return Err(Error::parameter(place, "must be finite and not negative", values[i]));
            }
        }
        Ok(Self { flows, maximum, half })
    }
}

/// The equations of eight subjects.
pub(super) struct Equations<'a> {
    pub(super) gains: &'a [(usize, usize)],
    pub(super) flows: &'a [Saturable],
    pub(super) gain: Vec<Lane>,
    pub(super) loss: Vec<Lane>,
    pub(super) maximum: Vec<Lane>,
    pub(super) half: Vec<Lane>,
    pub(super) scale: Vec<Lane>,
}

impl<'a> Equations<'a> {
    pub(super) fn new(network: &'a Network, flows: &'a [Saturable]) -> Self {
        Self {
            gains: &network.gains,
            flows,
            gain: vec![ZERO; network.gains.len()],
            loss: vec![ZERO; network.pattern.states()],
            maximum: vec![ZERO; flows.len()],
            half: vec![Lane::splat(1.0); flows.len()],
            scale: vec![ZERO; network.readouts.len()],
        }
    }
}

impl Field for Equations<'_> {
    const NEVER_NEGATIVE: bool = true;

    #[inline(always)]
    fn slope(&self, state: &[Lane], slope: &mut [Lane]) {
        for ((slope, loss), value) in slope.iter_mut().zip(&self.loss).zip(state) {
            for lane in 0..LANES {
                slope[lane] = -(loss[lane] * value[lane]);
            }
        }
        for (&(to, from), gain) in self.gains.iter().zip(&self.gain) {
            for lane in 0..LANES {
                slope[to][lane] += gain[lane] * state[from][lane];
            }
        }
        for (i, flow) in self.flows.iter().enumerate() {
            let (maximum, half, value) = (&self.maximum[i], &self.half[i], &state[flow.from]);
            let mut moved = ZERO;
            for lane in 0..LANES {
                // A trial stage below zero is drawn back, as from above.
                moved[lane] = maximum[lane] * value[lane] / (half[lane] + value[lane].abs());
            }
            if flow.drains {
                for lane in 0..LANES {
                    slope[flow.from][lane] -= moved[lane];
                }
            }
            if let Some(to) = flow.to {
                for lane in 0..LANES {
                    slope[to][lane] += moved[lane];
                }
            }
        }
    }
}
