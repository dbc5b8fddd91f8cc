//! Compartments joined by first-order and by saturable flows.

use super::Network;
use crate::error::{Error, Result};
use crate::lanes::{LANES, Lane, ZERO, add, add_product, less, product};
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
#[derive(Debug, Clone)]
pub struct Saturation<'a> {
    pub(super) flows: &'a [Saturable],
    pub(super) maximum: &'a [f64],
    pub(super) half: &'a [f64],
    /// For each flow, whether the one before it is as saturated in every subject.
    pub(super) as_before: Vec<bool>,
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
        let row = |flow: usize| &half[flow * subjects..(flow + 1) * subjects];
        let same = |i: usize| i > 0 && flows[i].from == flows[i - 1].from && row(i) == row(i - 1);
        Ok(Self { flows, maximum, half, as_before: (0..flows.len()).map(same).collect() })
    }
}

/// The equations of eight subjects.
pub(super) struct Equations<'a> {
    pub(super) gains: &'a [(usize, usize)],
    pub(super) flows: &'a [Saturable],
    pub(super) as_before: &'a [bool],
    pub(super) gain: Vec<Lane>,
    pub(super) loss: Vec<Lane>,
    pub(super) maximum: Vec<Lane>,
    pub(super) half: Vec<Lane>,
    pub(super) scale: Vec<Lane>,
}

impl<'a> Equations<'a> {
    pub(super) fn new(network: &'a Network, saturation: &'a Saturation<'a>) -> Self {
        let flows = saturation.flows;
        Self {
            gains: &network.gains,
            flows,
            as_before: &saturation.as_before,
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
        let states = self.loss.len();
        let (state, slope) = (&state[..states], &mut slope[..states]);
        for i in 0..states {
            slope[i] = product(&state[i], &self.loss[i]);
        }
        for value in slope.iter_mut() {
            *value = less(&ZERO, value);
        }
        for i in 0..self.gain.len() {
            let (to, from) = self.gains[i];
            add_product(&mut slope[to], &self.gain[i], &state[from]);
        }
        let mut share = ZERO;
        for (i, flow) in self.flows.iter().enumerate() {
            if !self.as_before[i] {
                share = saturated(&self.half[i], &state[flow.from]);
            }
            let moved = product(&self.maximum[i], &share);
            if flow.drains {
                slope[flow.from] = less(&slope[flow.from], &moved);
            }
            if let Some(to) = flow.to {
                slope[to] = add(&slope[to], &moved);
            }
        }
    }
}

/// What share of its fastest rate a flow has. A trial value below zero is drawn back, as
/// from above.
#[inline(always)]
fn saturated(half: &Lane, amount: &Lane) -> Lane {
    let mut share = ZERO;
    for lane in 0..LANES {
        share[lane] = amount[lane] / (half[lane] + amount[lane].abs());
    }
    share
}
