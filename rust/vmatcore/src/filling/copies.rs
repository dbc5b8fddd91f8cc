//! How many copies work: the chances of every number, for the methods without randomness.

use super::cohort::{Binding, Cohort, Spread};
use crate::random::pmf;
use crate::vesicle::Size;
use crate::{Error, Result};

/// Numbers of working copies, and how drug moves vesicles between them.
#[derive(Debug, Clone)]
pub(super) struct Copies<'a> {
    cohort: &'a Cohort,
    /// All copies.
    pub all: usize,
    least_active: f64,
}

impl<'a> Copies<'a> {
    /// The classes of a cohort whose vesicles are alike, at 0 s, and the chance of each.
    pub(super) fn new(cohort: &'a Cohort) -> Result<(Self, Vec<f64>)> {
        if cohort.spread != Spread::NONE {
            let rule = "must be without spread: only simulated vesicles differ";
            return Err(Error::parameter("law", rule, "one with spread"));
        }
        let active = cohort.law.segments()[0].active;
        let mut all = 0;
        let mut least_active = 1.0;
        let chances = match cohort.binding {
            Binding::Fast => vec![1.0],
            Binding::Telegraph { .. } | Binding::Irreversible => {
                all = (cohort.law.copies() + 0.5).floor() as usize;
                least_active = active;
                (0..=all).map(|working| chance(working, all, active)).collect()
            }
        };
        Ok((Self { cohort, all, least_active }, chances))
    }

    /// Copies that work in a class, in a segment.
    pub(super) fn working(&self, class: usize, segment: usize) -> f64 {
        match self.cohort.binding {
            Binding::Fast => self.cohort.law.copies() * self.cohort.law.segments()[segment].active,
            Binding::Telegraph { .. } | Binding::Irreversible => class as f64,
        }
    }

    /// Rates of a class in a segment.
    pub(super) fn rates(&self, class: usize, segment: usize) -> crate::vesicle::Rates {
        self.cohort.law.rates(segment, self.working(class, segment), Size::STANDARD)
    }

    /// Move what each class holds as the drive enters a segment.
    pub(super) fn enter<T: Class>(&mut self, segment: usize, classes: &mut [T]) {
        let active = self.cohort.law.segments()[segment].active;
        match self.cohort.binding {
            Binding::Fast => {}
            Binding::Irreversible => {
                if active < self.least_active {
                    let share = active / self.least_active;
                    self.least_active = active;
                    // From few copies to many, so that a class is moved once.
                    for from in 0..=self.all {
                        let moved = classes[from].take();
                        for (to, class) in classes[..=from].iter_mut().enumerate() {
                            class.add(chance(to, from, share), &moved);
                        }
                    }
                }
            }
            Binding::Telegraph { .. } => {
                if active == 0.0 {
                    for from in 1..=self.all {
                        let moved = classes[from].take();
                        classes[0].add(1.0, &moved);
                    }
                }
            }
        }
    }

    /// Rates per s at which a class gains and loses a working copy in a segment.
    pub(super) fn switches(&self, class: usize, segment: usize) -> (f64, f64) {
        let Binding::Telegraph { residence_s } = self.cohort.binding else {
            return (0.0, 0.0);
        };
        let active = self.cohort.law.segments()[segment].active;
        if active == 0.0 {
            return (0.0, 0.0);
        }
        let working = class as f64;
        let gain = (self.all as f64 - working) / residence_s;
        (gain, working * (1.0 - active) / (active * residence_s))
    }
}

/// Something that vesicles of one class hold, and that can be moved to another.
pub(super) trait Class {
    /// All of it, leaving nothing.
    fn take(&mut self) -> Self;
    /// Add a share of another.
    fn add(&mut self, share: f64, other: &Self);
}

impl Class for f64 {
    fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    fn add(&mut self, share: f64, other: &Self) {
        *self += share * other;
    }
}

fn chance(working: usize, of: usize, share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        let certain = if share <= 0.0 { 0 } else { of };
        return if working == certain { 1.0 } else { 0.0 };
    }
    if of == 0 {
        return if working == 0 { 1.0 } else { 0.0 };
    }
    pmf::binomial(working as f64, of as f64, share, 1.0 - share)
}
