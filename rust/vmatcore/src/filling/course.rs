//! The stretches of constant rates that one vesicle lives through.

use super::cohort::{Binding, Cohort, Start};
use crate::math::exp;
use crate::random::binomial::{Binomial, Survival};
use crate::random::poisson::Poisson;
use crate::random::{Stage, Stream};
use crate::vesicle::{Kind, Rates, Segment, Size};
use crate::{Error, Result};

/// Where each use of randomness begins in the stream of a vesicle, so that none runs into another.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(super) enum Use {
    /// Moves of the closed form.
    Moves = 0,
    /// Size and copies.
    Traits = 1,
    /// Which copies are blocked.
    Binding = 2,
    /// Seed of the generator of events.
    Events = 3,
    /// Content at the start.
    Start = 4,
}

/// Draws set aside for each use.
const DRAWS_EACH: u64 = 1 << 44;

/// The stream of one row of the cohort for one use.
pub(super) fn stream(cohort: &Cohort, row: usize, purpose: Use) -> Result<Stream> {
    let replicate = cohort.first + row as u64;
    Stream::new(cohort.seed, Stage::Filling, replicate).at(purpose as u64 * DRAWS_EACH)
}

/// One vesicle on its way through the segments of the law and the switches of its copies.
#[derive(Debug, Clone)]
pub(super) struct Course<'a> {
    cohort: &'a Cohort,
    size: Size,
    /// All copies, working or not.
    copies: f64,
    /// Copies that work; with fast binding the share `active` of all.
    working: f64,
    segment: usize,
    least_active: f64,
    switches: Stream,
    switch_s: f64,
}

impl<'a> Course<'a> {
    /// A vesicle of the cohort at 0 s.
    pub(super) fn new(cohort: &'a Cohort, row: usize) -> Result<Self> {
        let (size, copies) = traits(cohort, row)?;
        let mut course = Self {
            cohort,
            size,
            copies,
            working: copies,
            segment: 0,
            least_active: 1.0,
            switches: stream(cohort, row, Use::Binding)?,
            switch_s: f64::INFINITY,
        };
        if let Binding::Telegraph { .. } = cohort.binding {
            let free = Binomial::new(Survival::from_probability(course.active()));
            course.working = free.draw(copies as u64, &mut course.switches) as f64;
        }
        course.enter(0.0);
        Ok(course)
    }

    /// Molecules at 0 s.
    pub(super) fn start(&self, row: usize) -> Result<u32> {
        Ok(match &self.cohort.start {
            Start::Same(value) => *value,
            Start::Each(values) => values[row],
            Start::Full => {
                let mean = self.cohort.full_mean(self.copies, self.size)?;
                let mut stream = stream(self.cohort, row, Use::Start)?;
                match self.cohort.law.capacity() {
                    Some(places) => {
                        let filled = Survival::from_probability(mean / f64::from(places));
                        Binomial::new(filled).draw(u64::from(places), &mut stream)
                    }
                    None => Poisson::new(mean).draw(&mut stream),
                }
                .try_into()
                .map_err(|_| too_many(0.0))?
            }
        })
    }

    /// The rates until [`Self::until_s`].
    #[inline]
    pub(super) fn rates(&self) -> Rates {
        self.cohort.law.rates(self.segment, self.working, self.size)
    }

    /// Copies that work.
    pub(super) fn working(&self) -> f64 {
        self.working
    }

    /// The size of the vesicle.
    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// The stretch of constant drive.
    pub(super) fn segment(&self) -> &Segment {
        &self.cohort.law.segments()[self.segment]
    }

    /// When the rates change next; infinity if never.
    #[inline]
    pub(super) fn until_s(&self) -> f64 {
        let end = self.cohort.law.segments()[self.segment].until_s;
        if self.switch_s < end { self.switch_s } else { end }
    }

    /// Pass the time at which the rates change.
    pub(super) fn pass(&mut self) {
        let end = self.cohort.law.segments()[self.segment].until_s;
        if self.switch_s < end {
            let now = self.switch_s;
            let (unblock, block) = self.switch_rates();
            let up = self.switches.uniform() * (unblock + block) < unblock;
            self.working += if up { 1.0 } else { -1.0 };
            self.await_switch(now);
        } else {
            self.segment += 1;
            self.enter(end);
        }
    }

    fn active(&self) -> f64 {
        self.cohort.law.segments()[self.segment].active
    }

    /// Begin the segment: what the new drive does to the copies.
    fn enter(&mut self, now: f64) {
        let active = self.active();
        match self.cohort.binding {
            Binding::Fast => self.working = self.copies * active,
            Binding::Irreversible => {
                if active < self.least_active {
                    let survive = Survival::from_probability(active / self.least_active);
                    let left = Binomial::new(survive).draw(self.working as u64, &mut self.switches);
                    self.working = left as f64;
                    self.least_active = active;
                }
            }
            Binding::Telegraph { .. } => {
                if active == 0.0 {
                    self.working = 0.0;
                }
                self.await_switch(now);
            }
        }
    }

    /// Rates at which blocked copies are freed and free ones blocked, per s.
    fn switch_rates(&self) -> (f64, f64) {
        let Binding::Telegraph { residence_s } = self.cohort.binding else {
            return (0.0, 0.0);
        };
        let active = self.active();
        if active == 0.0 {
            return (0.0, 0.0);
        }
        let unblock = (self.copies - self.working) / residence_s;
        (unblock, self.working * (1.0 - active) / (active * residence_s))
    }

    fn await_switch(&mut self, now: f64) {
        let (unblock, block) = self.switch_rates();
        let total = unblock + block;
        self.switch_s =
            if total > 0.0 { now + self.switches.exponential() / total } else { f64::INFINITY };
    }
}

/// Size and copies of one vesicle.
fn traits(cohort: &Cohort, row: usize) -> Result<(Size, f64)> {
    let spread = cohort.spread;
    let mut stream = stream(cohort, row, Use::Traits)?;
    let size = if spread.log_volume_sd > 0.0 {
        let sd = spread.log_volume_sd;
        let logarithm = sd * stream.normal() - 0.5 * sd * sd; // the mean volume is 1
        Size { volume: exp(logarithm), diameter: exp(logarithm / 3.0) }
    } else {
        Size::STANDARD
    };
    // Copies sit in the membrane, so their mean grows with the area.
    let mean = cohort.law.copies() * size.diameter * size.diameter;
    let copies = if spread.copies_vary {
        Poisson::new(mean).draw(&mut stream) as f64
    } else if cohort.is_uniform() || cohort.law.kind() == Kind::Limited {
        mean
    } else {
        (mean + 0.5).floor()
    };
    Ok((size, copies))
}

/// The error for a content that does not fit 32 bits.
pub(super) fn too_many(time_s: f64) -> Error {
    Error::Solver {
        what: "the content of a vesicle".into(),
        when: format!("{time_s} s"),
        cause: "it exceeds 2^32 molecules".into(),
    }
}
