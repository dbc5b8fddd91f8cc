//! The stretches of constant rates that one vesicle lives through.

use super::{Kind, Law, Rates, Segment, Size};
use crate::math::exp;
use crate::random::Stream;
use crate::random::binomial::{Binomial, Survival};
use crate::random::poisson::Poisson;

/// How drug molecules sit on the copies of one vesicle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Binding {
    /// They come and go so fast that every copy works a share `active` of the time.
    Fast,
    /// Each copy is free or blocked; a drug molecule stays this long on average.
    Telegraph {
        /// Mean time that one drug molecule stays on one copy.
        residence_s: f64,
    },
    /// A blocked copy is lost for the life of the vesicle.
    Irreversible,
}

/// How vesicles differ, drawn once for each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Standard deviation of the logarithm of the volume; the mean volume stays the standard one.
    pub log_volume_sd: f64,
    /// Whether the number of copies is Poisson instead of the nearest whole number.
    pub copies_vary: bool,
}

impl Spread {
    /// Every vesicle is the standard one.
    pub const NONE: Self = Self { log_volume_sd: 0.0, copies_vary: false };
}

/// One vesicle on its way through the segments of the law and the switches of its copies.
#[derive(Debug, Clone)]
pub struct Course<'a> {
    law: &'a Law,
    binding: Binding,
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
    /// A vesicle at 0 s: `traits` decide its size and its copies, `switches` which copies work.
    #[must_use]
    pub fn new(
        law: &'a Law,
        binding: Binding,
        spread: Spread,
        traits: &mut Stream,
        switches: Stream,
    ) -> Self {
        let (size, copies) = drawn(law, binding, spread, traits);
        let mut course = Self {
            law,
            binding,
            size,
            copies,
            working: copies,
            segment: 0,
            least_active: 1.0,
            switches,
            switch_s: f64::INFINITY,
        };
        if let Binding::Telegraph { .. } = binding {
            let free = Binomial::new(Survival::from_probability(course.active()));
            course.working = free.draw(copies as u64, &mut course.switches) as f64;
        }
        course.enter(0.0);
        course
    }

    /// All copies, working or not.
    #[must_use]
    pub fn copies(&self) -> f64 {
        self.copies
    }

    /// The size.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Copies that work.
    #[must_use]
    pub fn working(&self) -> f64 {
        self.working
    }

    /// The stretch of constant drive.
    #[must_use]
    pub fn segment(&self) -> &Segment {
        &self.law.segments()[self.segment]
    }

    /// The rates until [`Self::until_s`].
    #[inline]
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.law.rates(self.segment, self.working, self.size)
    }

    /// When the rates change next; infinity if never.
    #[inline]
    #[must_use]
    pub fn until_s(&self) -> f64 {
        let end = self.law.segments()[self.segment].until_s;
        if self.switch_s < end { self.switch_s } else { end }
    }

    /// Pass the time at which the rates change.
    pub fn pass(&mut self) {
        let end = self.law.segments()[self.segment].until_s;
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
        self.law.segments()[self.segment].active
    }

    /// Begin the segment: what the new drive does to the copies.
    fn enter(&mut self, now: f64) {
        let active = self.active();
        match self.binding {
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
        let Binding::Telegraph { residence_s } = self.binding else {
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
fn drawn(law: &Law, binding: Binding, spread: Spread, stream: &mut Stream) -> (Size, f64) {
    let size = if spread.log_volume_sd > 0.0 {
        let sd = spread.log_volume_sd;
        let logarithm = sd * stream.normal() - 0.5 * sd * sd; // the mean volume is 1
        Size { volume: exp(logarithm), diameter: exp(logarithm / 3.0) }
    } else {
        Size::STANDARD
    };
    // Copies sit in the membrane, so their mean grows with the area.
    let mean = law.copies() * size.diameter * size.diameter;
    let copies = if spread.copies_vary {
        Poisson::new(mean).draw(stream) as f64
    } else if (binding == Binding::Fast && spread == Spread::NONE) || law.kind() == Kind::Limited {
        mean
    } else {
        (mean + 0.5).floor()
    };
    (size, copies)
}
