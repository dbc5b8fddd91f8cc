//! Compartments joined by first-order and by saturable flows.

use super::Network;
use crate::error::{Error, Result};
use crate::lanes::{LANES, Lane, ZERO, add, add_product, less, product};
use crate::solve::taylor::Field;

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

/// The equations of eight subjects, and how saturated each flow was in every order.
pub(super) struct Equations<'a> {
    gains: &'a [(usize, usize)],
    flows: &'a [Saturable],
    as_before: &'a [bool],
    pub(super) gain: Vec<Lane>,
    pub(super) loss: Vec<Lane>,
    pub(super) maximum: Vec<Lane>,
    pub(super) half: Vec<Lane>,
    pub(super) scale: Vec<Lane>,
    saturated: Vec<Quotient>,
}

impl<'a> Equations<'a> {
    /// Room for series of `order`.
    pub(super) fn new(network: &'a Network, saturation: &'a Saturation<'a>, order: usize) -> Self {
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
            saturated: flows.iter().map(|_| Quotient::new(order)).collect(),
        }
    }
}

impl Field for Equations<'_> {
    const NEVER_NEGATIVE: bool = true;

    #[inline(always)]
    fn slope(&mut self, order: usize, series: &[Lane], slope: &mut [Lane]) {
        let states = self.loss.len();
        let (now, slope) = (&series[order * states..], &mut slope[..states]);
        for i in 0..states {
            slope[i] = less(&ZERO, &product(&now[i], &self.loss[i]));
        }
        for i in 0..self.gain.len() {
            let (to, from) = self.gains[i];
            add_product(&mut slope[to], &self.gain[i], &now[from]);
        }
        let mut share = ZERO;
        for (i, flow) in self.flows.iter().enumerate() {
            if !self.as_before[i] {
                share = self.saturated[i].next(&self.half[i], order, states, flow.from, series);
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

/// The series of A/(half + |A|), the share of its fastest rate that a flow has.
///
/// An amount below zero, which only an error can make, is drawn back as from above.
struct Quotient {
    shares: Vec<Lane>,
    /// One over the denominator at the start, and the sign of the amount.
    inverse: Lane,
    sign: Lane,
    /// The sum being made. In memory, as locals of a loop are not kept in one register.
    known: Lane,
}

impl Quotient {
    fn new(order: usize) -> Self {
        Self { shares: vec![ZERO; order], inverse: ZERO, sign: ZERO, known: ZERO }
    }

    /// The coefficient of `order`, from those before it and the series of the amount.
    #[inline(always)]
    fn next(
        &mut self,
        half: &Lane,
        order: usize,
        states: usize,
        from: usize,
        series: &[Lane],
    ) -> Lane {
        let amount = |order: usize| &series[order * states + from];
        let now = amount(order);
        let mut share = ZERO;
        if order == 0 {
            for lane in 0..LANES {
                self.inverse[lane] = 1.0 / (half[lane] + now[lane].abs());
                self.sign[lane] = if now[lane] < 0.0 { -1.0 } else { 1.0 };
                share[lane] = now[lane] * self.inverse[lane];
            }
        } else {
            // What is known for longest comes first, so that the sum need not wait.
            self.known = ZERO;
            let mut j = 2;
            while j + 4 <= order {
                let term = |j: usize| product(amount(j), &self.shares[order - j]);
                let four = add(&add(&term(j), &term(j + 1)), &add(&term(j + 2), &term(j + 3)));
                self.known = add(&self.known, &four);
                j += 4;
            }
            while j < order {
                add_product(&mut self.known, amount(j), &self.shares[order - j]);
                j += 1;
            }
            add_product(&mut self.known, now, &self.shares[0]);
            if order > 1 {
                add_product(&mut self.known, amount(1), &self.shares[order - 1]);
            }
            let rest = less(now, &product(&self.sign, &self.known));
            share = product(&rest, &self.inverse);
        }
        self.shares[order] = share;
        share
    }
}
