//! The law by which released vesicles fill again, and the mean content it gives.

use super::synapse::Synapse;
use crate::math::{exp, exp_m1};
use crate::parallel::Work;
use crate::vesicle::course::{Binding, Course, Spread};
use crate::vesicle::{Kind, Law, Rates};
use crate::{Error, Result};

/// What vesicles hold before their first release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The steady state of the first drive.
    Steady,
    /// The steady state with every copy working.
    Full,
    /// Nothing.
    Empty,
}

/// The law by which released vesicles fill again, and how many there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Filling {
    /// Rates and drives; 0 s is that of the spikes.
    pub law: Law,
    /// How drug sits on the copies.
    pub binding: Binding,
    /// How vesicles differ.
    pub spread: Spread,
    /// What they hold before their first release.
    pub start: Start,
    /// Vesicles of the pool for each site, besides the one in the site.
    pub pool_per_site: u32,
}

/// The most vesicles of one synapse.
const MOST_VESICLES: u64 = 1 << 23;

impl Filling {
    pub(super) fn check(&self, synapse: &Synapse) -> Result<()> {
        let kind = self.law.kind();
        if kind == Kind::Crowded {
            let rule = "must be a law whose content has a closed form; molecules inside slow the \
                        carrier of this one";
            return Err(Error::parameter("vesicle", rule, "one with lumenal saturation"));
        }
        if kind == Kind::Limited && (self.binding != Binding::Fast || self.spread != Spread::NONE) {
            let rule = "must be fast and without spread for a law that has no transporter copies";
            return Err(Error::parameter("binding", rule, "another"));
        }
        if !(0.0..=2.0).contains(&self.spread.log_volume_sd) {
            let rule = "must be in [0, 2]";
            return Err(Error::parameter("log_volume_sd", rule, self.spread.log_volume_sd));
        }
        if let Binding::Telegraph { residence_s } = self.binding {
            if !(residence_s.is_finite() && residence_s > 0.0) {
                let rule = "must be finite and positive";
                return Err(Error::parameter("residence_s", rule, residence_s));
            }
            if self.start == Start::Steady {
                let rule = "must be \"full\" or \"empty\" for copies that switch";
                return Err(Error::parameter("start", rule, "\"steady\""));
            }
        }
        if self.pool_per_site == 0 && synapse.sites > 0 {
            return Err(Error::parameter("pool_per_site", "must be at least 1", 0));
        }
        let vesicles = u64::from(synapse.sites) * (u64::from(self.pool_per_site) + 1);
        if vesicles > MOST_VESICLES {
            let rule = "must leave at most 2^23 vesicles in a synapse";
            return Err(Error::parameter("pool_per_site", rule, self.pool_per_site));
        }
        Ok(())
    }

    /// Whether all vesicles follow the same rates.
    pub(super) fn is_uniform(&self) -> bool {
        self.binding == Binding::Fast && self.spread == Spread::NONE
    }

    /// Mean content, or share of places taken, before the first release.
    pub(super) fn begin(&self, course: &Course<'_>) -> Result<f64> {
        let rates = match self.start {
            Start::Empty => return Ok(0.0),
            Start::Steady => course.rates(),
            Start::Full => self.law.rates(0, course.copies(), course.size()),
        };
        let (come, leave) = exchange(&rates);
        if come == 0.0 {
            return Ok(0.0);
        }
        if leave == 0.0 {
            let rule = "must be \"empty\" where nothing leaves the vesicle";
            let got = if self.start == Start::Full { "\"full\"" } else { "\"steady\"" };
            return Err(Error::parameter("start", rule, got));
        }
        Ok(come / leave)
    }
}

/// Rates of the mean, m' = come - leave m: of molecules, or of the share of places taken.
#[inline]
fn exchange(rates: &Rates) -> (f64, f64) {
    if rates.places > 0.0 {
        (rates.per_place_s, rates.per_place_s + rates.loss_per_s())
    } else {
        (rates.influx_per_s, rates.loss_per_s())
    }
}

/// A mean content on its way through the drives.
pub(super) struct Level<'a> {
    course: Course<'a>,
    now_s: f64,
    /// Mean content, or share of places taken.
    pub mean: f64,
    /// Integral of the exit rate.
    pub exit: f64,
}

impl<'a> Level<'a> {
    /// A mean content at 0 s.
    pub(super) fn new(course: Course<'a>, mean: f64) -> Self {
        Self { course, now_s: 0.0, mean, exit: 0.0 }
    }

    pub(super) fn advance(&mut self, to_s: f64, work: &Work<'_>) -> Result<()> {
        loop {
            let until_s = self.course.until_s();
            let end = if until_s < to_s { until_s } else { to_s };
            if end > self.now_s {
                let (come, leave) = exchange(&self.course.rates());
                let span_s = end - self.now_s;
                let gone = -exp_m1(-(leave * span_s));
                let gain = if leave > 0.0 { come / leave * gone } else { come * span_s };
                self.mean = self.mean * exp(-(leave * span_s)) + gain;
                self.exit += leave * span_s;
                self.now_s = end;
            }
            if until_s > to_s {
                return Ok(());
            }
            work.check()?;
            self.course.pass();
        }
    }
}
