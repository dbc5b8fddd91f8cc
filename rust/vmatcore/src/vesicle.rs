//! The law of one vesicle: how fast molecules enter and leave, in stretches of constant drive.
//!
//! A copy of the transporter is a reversible carrier. With N molecules in the
//! vesicle, k working copies, volume v relative to the standard one and diameter
//! d = v^(1/3):
//!
//! | | per second |
//! | --- | --- |
//! | enter | k influx / (1 + crowding N / v) |
//! | leave | N [k efflux / v / (1 + crowding N / v) + leak / d] |
//!
//! `crowding` is what molecules inside take from the carrier (lumenal
//! saturation); where it is 0 the law is linear. A bare process has one copy and
//! may have a capacity C; then molecules enter with influx (1 - N / C).

pub mod course;
pub mod passage;

use crate::{Error, Result};

/// Rates of one copy in a vesicle of standard size, while the drives do not change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// The segment holds before this time; the last one ends at infinity.
    pub until_s: f64,
    /// Share of copies that work, in [0, 1].
    pub active: f64,
    /// Molecules that one copy brings into an empty vesicle, per s.
    pub influx_per_s: f64,
    /// Share of the content that one copy carries out, per s.
    pub efflux_per_s: f64,
    /// Slowing of the carrier by each molecule inside.
    pub crowding: f64,
}

/// What decides how the rates depend on the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Entry constant, exit proportional to the content.
    Linear,
    /// Entry falls as 1 - N / capacity.
    Limited,
    /// Molecules inside slow the carrier.
    Crowded,
}

/// A checked law.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    copies: f64,
    leak_per_s: f64,
    capacity: Option<u32>,
    segments: Vec<Segment>,
}

/// Rates of one vesicle while nothing about it changes but its content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Entry into the empty vesicle, per s.
    pub influx_per_s: f64,
    /// Carrier's exit per molecule, per s, in the empty vesicle.
    pub efflux_per_s: f64,
    /// Leak per molecule, per s.
    pub leak_per_s: f64,
    /// Slowing of the carrier by each molecule inside.
    pub crowding: f64,
    /// Entry lost with each molecule inside, per s; 0 without a capacity.
    pub per_place_s: f64,
    /// Places; 0 without a capacity.
    pub places: f64,
}

impl Rates {
    /// Molecules entering per s.
    #[inline]
    #[must_use]
    pub fn birth(&self, molecules: f64) -> f64 {
        if self.places > 0.0 {
            self.per_place_s * (self.places - molecules)
        } else {
            self.influx_per_s * self.slowed(molecules)
        }
    }

    #[inline]
    fn slowed(&self, molecules: f64) -> f64 {
        1.0 / (1.0 + self.crowding * molecules)
    }

    /// Molecules leaving per s.
    #[inline]
    #[must_use]
    pub fn death(&self, molecules: f64) -> f64 {
        molecules * (self.efflux_per_s * self.slowed(molecules) + self.leak_per_s)
    }

    /// Exit per molecule and s of a law without crowding.
    #[inline]
    #[must_use]
    pub fn loss_per_s(&self) -> f64 {
        self.efflux_per_s + self.leak_per_s
    }
}

/// A rate below this, per s, is none: nothing happens in 10^50 years.
const SMALLEST_PER_S: f64 = 1e-60;
/// No rate may exceed this, per s: a clock would stand still.
const LARGEST_PER_S: f64 = 1e15;

fn flushed(rate: f64) -> f64 {
    if rate < SMALLEST_PER_S { 0.0 } else { rate }
}

fn rate(argument: impl Into<String>, value: f64) -> Result<()> {
    if value.is_finite() && (0.0..=LARGEST_PER_S).contains(&value) {
        Ok(())
    } else {
        Err(Error::parameter(argument, "must be in [0, 1e15]", value))
    }
}

fn at_least_zero(argument: impl Into<String>, value: f64) -> Result<()> {
    if value.is_finite() && value >= 0.0 {
        Ok(())
    } else {
        Err(Error::parameter(argument, "must be finite and not negative", value))
    }
}

impl Law {
    /// `copies` of a standard vesicle, its leak, its capacity if it has one, and the segments
    /// in order; the first begins at 0 s.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a rate that is negative or not finite, a share outside [0, 1],
    /// ends that do not rise to infinity, or a capacity together with crowding or efflux.
    pub fn new(
        copies: f64,
        leak_per_s: f64,
        capacity: Option<u32>,
        segments: Vec<Segment>,
    ) -> Result<Self> {
        if !(0.0..=1e6).contains(&copies) {
            return Err(Error::parameter("copies", "must be in [0, 1e6]", copies));
        }
        rate("leak_per_s", leak_per_s)?;
        if capacity == Some(0) {
            return Err(Error::parameter("capacity", "must be at least 1", 0));
        }
        let mut before = 0.0;
        for (i, segment) in segments.iter().enumerate() {
            rate(format!("influx_per_s[{i}]"), segment.influx_per_s)?;
            rate(format!("efflux_per_s[{i}]"), segment.efflux_per_s)?;
            at_least_zero(format!("crowding[{i}]"), segment.crowding)?;
            if !(0.0..=1.0).contains(&segment.active) {
                let name = format!("active[{i}]");
                return Err(Error::parameter(name, "must be in [0, 1]", segment.active));
            }
            if capacity.is_some() && (segment.crowding > 0.0 || segment.efflux_per_s > 0.0) {
                let rule = "must be without crowding and efflux";
                return Err(Error::parameter("capacity", rule, i));
            }
            let until = segment.until_s;
            if until.is_nan() || until <= before {
                return Err(Error::parameter(format!("until_s[{i}]"), "must rise", until));
            }
            before = until;
        }
        if before != f64::INFINITY {
            return Err(Error::parameter("until_s", "must end at infinity", before));
        }
        Ok(Self { copies, leak_per_s, capacity, segments })
    }

    /// How the rates depend on the content.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.capacity.is_some() {
            Kind::Limited
        } else if self.segments.iter().any(|segment| segment.crowding > 0.0) {
            Kind::Crowded
        } else {
            Kind::Linear
        }
    }

    /// Copies in a vesicle of standard size.
    #[must_use]
    pub fn copies(&self) -> f64 {
        self.copies
    }

    /// Places for molecules, of a law that has a limit.
    #[must_use]
    pub fn capacity(&self) -> Option<u32> {
        self.capacity
    }

    /// The stretches of constant drive.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Rates in one segment of a vesicle with `working` copies and a size.
    #[inline]
    #[must_use]
    pub fn rates(&self, segment: usize, working: f64, size: Size) -> Rates {
        let one = self.segments[segment];
        let influx_per_s = flushed(working * one.influx_per_s);
        let places = self.capacity.map_or(0.0, f64::from);
        Rates {
            influx_per_s,
            efflux_per_s: flushed(working * one.efflux_per_s / size.volume),
            leak_per_s: flushed(self.leak_per_s / size.diameter),
            crowding: one.crowding / size.volume,
            per_place_s: if places > 0.0 { flushed(influx_per_s / places) } else { 0.0 },
            places,
        }
    }
}

/// Volume and diameter of a vesicle relative to the standard one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Relative volume.
    pub volume: f64,
    /// Relative diameter, the cube root of the volume.
    pub diameter: f64,
}

impl Size {
    /// The standard vesicle.
    pub const STANDARD: Self = Self { volume: 1.0, diameter: 1.0 };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(until_s: f64) -> Segment {
        Segment { until_s, active: 1.0, influx_per_s: 1.3, efflux_per_s: 3e-4, crowding: 0.0 }
    }

    #[test]
    fn rates_scale_with_the_size_so_that_content_scales_with_the_volume() {
        let law = Law::new(10.0, 0.0015, None, vec![segment(f64::INFINITY)]).unwrap();
        let content = |diameter: f64| {
            let size = Size { volume: diameter * diameter * diameter, diameter };
            let rates = law.rates(0, 10.0 * diameter * diameter, size);
            rates.influx_per_s / rates.loss_per_s()
        };
        assert!((content(1.3) / content(1.0) - 1.3 * 1.3 * 1.3).abs() < 1e-12);
    }

    #[test]
    fn a_full_vesicle_of_limited_capacity_takes_nothing_up() {
        let mut one = segment(f64::INFINITY);
        one.efflux_per_s = 0.0;
        let law = Law::new(1.0, 0.002, Some(5000), vec![one]).unwrap();
        let rates = law.rates(0, 1.0, Size::STANDARD);
        assert_eq!(rates.birth(5000.0), 0.0);
        assert!((rates.birth(0.0) - 1.3).abs() < 1e-15);
        assert_eq!(law.kind(), Kind::Limited);
    }

    #[test]
    fn ends_that_do_not_rise_to_infinity_are_refused() {
        let error = Law::new(1.0, 0.0, None, vec![segment(5.0), segment(5.0)]).unwrap_err();
        assert_eq!(error.to_string(), "`until_s[1]` must rise, got 5");
        let error = Law::new(1.0, 0.0, None, vec![segment(5.0)]).unwrap_err();
        assert_eq!(error.to_string(), "`until_s` must end at infinity, got 5");
    }

    #[test]
    fn crowding_slows_entry_and_exit_alike() {
        let mut one = segment(f64::INFINITY);
        one.crowding = 1e-3;
        let law = Law::new(10.0, 0.0, None, vec![one]).unwrap();
        let rates = law.rates(0, 10.0, Size::STANDARD);
        assert!((rates.birth(1000.0) - 6.5).abs() < 1e-12);
        assert!((rates.death(1000.0) - 1000.0 * 3e-3 / 2.0).abs() < 1e-12);
        assert_eq!(law.kind(), Kind::Crowded);
    }
}
