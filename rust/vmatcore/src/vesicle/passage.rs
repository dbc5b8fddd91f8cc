//! What a stretch of time does to each molecule of a linear law.

use super::Rates;
use super::course::Course;
use crate::Result;
use crate::math::{exp, exp_m1};
use crate::parallel::Work;

/// Chances and means from one time to another, and their complements without cancellation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    /// A molecule, or a taken place, is still there.
    pub stay: f64,
    /// It is gone.
    pub leave: f64,
    /// Without places: mean number that came and are there. With places: chance that a free
    /// one is taken.
    pub come: f64,
    /// With places: chance that a free one is free.
    pub miss: f64,
    /// Whether there are places.
    limited: bool,
}

impl Passage {
    /// No time passes.
    pub const NONE: Self = Self { stay: 1.0, leave: 0.0, come: 0.0, miss: 1.0, limited: false };

    /// From `from_s`, where the course stands, to `to_s`; the course is moved along.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`].
    pub fn along(course: &mut Course<'_>, from_s: f64, to_s: f64, work: &Work<'_>) -> Result<Self> {
        let mut passage = Self::NONE;
        let mut now = from_s;
        loop {
            work.check()?;
            let until_s = course.until_s();
            let end = if until_s < to_s { until_s } else { to_s };
            if end > now {
                passage = passage.then(&Self::over(&course.rates(), end - now));
            }
            if until_s > to_s {
                return Ok(passage);
            }
            now = until_s;
            course.pass();
        }
    }

    /// Constant rates for `span_s`.
    #[must_use]
    pub fn over(rates: &Rates, span_s: f64) -> Self {
        let loss = rates.loss_per_s();
        if rates.places > 0.0 {
            let total = rates.per_place_s + loss;
            if total == 0.0 {
                return Self::NONE;
            }
            let same = exp(-(total * span_s));
            let mixed = -exp_m1(-(total * span_s));
            let (come, leave) = (rates.per_place_s / total * mixed, loss / total * mixed);
            return Self { stay: come + same, leave, come, miss: leave + same, limited: true };
        }
        let leave = -exp_m1(-(loss * span_s));
        let stay = exp(-(loss * span_s));
        let come = if loss > 0.0 {
            rates.influx_per_s / loss * leave
        } else {
            rates.influx_per_s * span_s
        };
        Self { stay, leave, come, ..Self::NONE }
    }

    /// This passage and then another of the same law.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        if self.limited || next.limited {
            Self {
                stay: self.stay * next.stay + self.leave * next.come,
                leave: self.stay * next.leave + self.leave * next.miss,
                come: self.come * next.stay + self.miss * next.come,
                miss: self.come * next.leave + self.miss * next.miss,
                limited: true,
            }
        } else {
            Self {
                stay: self.stay * next.stay,
                leave: self.leave + self.stay * next.leave,
                come: self.come * next.stay + next.come,
                ..Self::NONE
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rates(influx: f64, loss: f64, places: f64) -> Rates {
        Rates {
            influx_per_s: influx,
            efflux_per_s: 0.0,
            leak_per_s: loss,
            crowding: 0.0,
            per_place_s: if places > 0.0 { influx / places } else { 0.0 },
            places,
        }
    }

    /// Alike, but for the rounding of `exponent`, which an exponential multiplies by its size.
    fn close(left: f64, right: f64, exponent: f64) -> bool {
        let allowed = 8.0 * f64::EPSILON * (1.0 + exponent);
        (left - right).abs() <= allowed * left.abs().max(right.abs())
    }

    proptest! {
        #[test]
        fn two_halves_make_the_whole(
            influx in 0.0_f64..100.0, loss in 0.0_f64..1.0, limited: bool, first in 0.0_f64..1e4, second in 0.0_f64..1e4,
        ) {
            let rates = rates(influx, loss, if limited { 500.0 } else { 0.0 });
            let parts = Passage::over(&rates, first).then(&Passage::over(&rates, second));
            let whole = Passage::over(&rates, first + second);
            let exponent = (rates.per_place_s + loss) * (first + second);
            let close = |left, right| close(left, right, exponent);
            prop_assert!(close(parts.stay, whole.stay), "{parts:?} {whole:?}");
            prop_assert!(close(parts.leave, whole.leave));
            prop_assert!(close(parts.come, whole.come));
            prop_assert!(close(parts.stay + parts.leave, 1.0));
        }
    }

    #[test]
    fn without_loss_everything_that_came_is_there() {
        let passage = Passage::over(&rates(25.0, 0.0, 0.0), 200.0);
        assert_eq!((passage.stay, passage.leave, passage.come), (1.0, 0.0, 5000.0));
    }
}
