//! Which vesicles are filled: their law, their differences, their start and their seed.

use super::lumen::Supply;
pub use crate::vesicle::course::{Binding, Spread};
use crate::vesicle::{Kind, Law};
use crate::{Error, Result};

/// Molecules in each vesicle at 0 s.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// The same number in all.
    Same(u32),
    /// A number for each.
    Each(Vec<u32>),
    /// Drawn from the steady state of the vesicle with every copy working, at the first drive.
    Full,
}

/// Vesicles to fill: rows `first`, `first + 1`, ... of one seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    pub(super) law: Law,
    pub(super) binding: Binding,
    pub(super) spread: Spread,
    pub(super) start: Start,
    pub(super) time_s: Vec<f64>,
    pub(super) seed: u64,
    pub(super) first: u64,
    pub(super) vesicles: usize,
    /// What acidifies the vesicles, where the gradient is a state of its own.
    pub(super) supply: Option<Supply>,
}

/// More molecules than this are not counted one by one: they must fit 32 bits with room for chance.
const MOST_MOLECULES: f64 = 2_147_483_648.0;

impl Cohort {
    /// A checked cohort; `time_s` are the times at which contents are read.
    ///
    /// # Errors
    /// [`Error::Parameter`] for times that are negative or go back, spreads that are negative,
    /// starts above the capacity, contents that would not fit 32 bits, or rows beyond 2^64.
    #[expect(clippy::too_many_arguments, reason = "one argument for each part of the cohort")]
    pub fn new(
        law: Law,
        binding: Binding,
        spread: Spread,
        start: Start,
        time_s: Vec<f64>,
        seed: u64,
        first: u64,
        vesicles: usize,
    ) -> Result<Self> {
        let mut before = 0.0;
        for (i, &time) in time_s.iter().enumerate() {
            if !(time.is_finite() && time >= before) {
                let rule = "must be finite, not negative and not before the time before it";
                return Err(Error::parameter(format!("time_s[{i}]"), rule, time));
            }
            before = time;
        }
        if !(spread.log_volume_sd.is_finite() && (0.0..=2.0).contains(&spread.log_volume_sd)) {
            let rule = "must be in [0, 2]";
            return Err(Error::parameter("log_volume_sd", rule, spread.log_volume_sd));
        }
        if let Binding::Telegraph { residence_s } = binding
            && !(residence_s.is_finite() && residence_s > 0.0)
        {
            return Err(Error::parameter(
                "residence_s",
                "must be finite and positive",
                residence_s,
            ));
        }
        if first.checked_add(vesicles as u64).is_none() {
            return Err(Error::parameter("first", "plus the vesicles must fit 64 bits", first));
        }
        if law.kind() == Kind::Limited && (binding != Binding::Fast || spread != Spread::NONE) {
            let rule = "must be fast and without spread for a law that has no transporter copies";
            return Err(Error::parameter("binding", rule, "another"));
        }
        let supply = None;
        let cohort = Self { law, binding, spread, start, time_s, seed, first, vesicles, supply };
        cohort.check_start()?;
        cohort.check_size()?;
        Ok(cohort)
    }

    /// The same vesicles with a proton gradient that is spent and renewed.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a law that is not linear by itself, a start from the full vesicle,
    /// or a supply without meaning.
    pub fn with_supply(mut self, supply: Supply) -> Result<Self> {
        supply.check()?;
        if self.law.kind() != Kind::Linear {
            let rule = "must be without lumenal saturation and capacity: with a proton supply exit \
                        saturates by itself";
            return Err(Error::parameter("law", rule, "one with it"));
        }
        if self.start == Start::Full {
            let rule = "must be a number of molecules where the law is not linear";
            return Err(Error::parameter("start", rule, "\"full\""));
        }
        self.supply = Some(supply);
        Ok(self)
    }

    fn check_start(&self) -> Result<()> {
        let most = self.law.capacity().map_or(MOST_MOLECULES, f64::from);
        let refuse = |name: String, value: u32| {
            let rule = format!("must be at most {most}");
            if f64::from(value) > most { Err(Error::parameter(name, rule, value)) } else { Ok(()) }
        };
        match &self.start {
            Start::Same(value) => refuse("start".into(), *value),
            Start::Each(values) => {
                if values.len() != self.vesicles {
                    let rule =
                        format!("must hold one number for each of {} vesicles", self.vesicles);
                    return Err(Error::parameter("start", rule, values.len()));
                }
                values
                    .iter()
                    .enumerate()
                    .try_for_each(|(i, &value)| refuse(format!("start[{i}]"), value))
            }
            Start::Full if self.law.kind() == Kind::Crowded => Err(Error::parameter(
                "start",
                "must be a number of molecules where the law is not linear",
                "\"full\"",
            )),
            Start::Full => Ok(()),
        }
    }

    /// Refuse laws whose content cannot be counted in 32 bits.
    fn check_size(&self) -> Result<()> {
        let end = self.time_s.last().copied().unwrap_or(0.0);
        let mut most = match &self.start {
            Start::Same(value) => f64::from(*value),
            Start::Each(values) => f64::from(values.iter().copied().max().unwrap_or(0)),
            Start::Full => self.full_mean(self.law.copies(), crate::vesicle::Size::STANDARD)?,
        };
        let mut from = 0.0;
        for (i, segment) in self.law.segments().iter().enumerate() {
            if from >= end {
                break;
            }
            let span = segment.until_s.min(end) - from;
            // The most that can enter, were every copy to work and nothing to leave, or the level
            // at which as much leaves.
            let rates = self.law.rates(i, self.law.copies(), crate::vesicle::Size::STANDARD);
            let entered = most + rates.influx_per_s * span;
            let level = rates.influx_per_s / rates.leak_per_s;
            let level = if level.is_nan() { 0.0 } else { level };
            most = entered.min(level.max(most));
            from = segment.until_s;
        }
        let most = self.law.capacity().map_or(most, |places| most.min(f64::from(places)));
        if most * (1.0 + 6.0 * self.spread.log_volume_sd) < MOST_MOLECULES {
            return Ok(());
        }
        let rule = "must keep the content of a vesicle below 2^31 molecules";
        Err(Error::parameter("law", rule, format!("one that may reach {most:e}")))
    }

    /// Mean content of a full vesicle: every copy works, first segment.
    pub(super) fn full_mean(&self, copies: f64, size: crate::vesicle::Size) -> Result<f64> {
        let rates = self.law.rates(0, copies, size);
        if rates.influx_per_s == 0.0 {
            return Ok(0.0);
        }
        if self.law.kind() == Kind::Limited {
            let share = rates.per_place_s / (rates.per_place_s + rates.leak_per_s);
            return Ok(rates.places * share);
        }
        if rates.loss_per_s() == 0.0 {
            let rule = "must be a number of molecules where nothing leaves the vesicle";
            return Err(Error::parameter("start", rule, "\"full\""));
        }
        Ok(rates.influx_per_s / rates.loss_per_s())
    }

    /// The times at which contents are read.
    #[must_use]
    pub fn time_s(&self) -> &[f64] {
        &self.time_s
    }

    /// How many vesicles there are.
    #[must_use]
    pub fn vesicles(&self) -> usize {
        self.vesicles
    }

    /// Whether all vesicles live through the same rates.
    #[must_use]
    pub fn is_uniform(&self) -> bool {
        self.binding == Binding::Fast && self.spread == Spread::NONE
    }
}
