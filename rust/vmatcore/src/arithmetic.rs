//! The four operations on lanes, so that a rate law reads like its equation.
//!
//! Element by element, each with the one rounding of IEEE 754: no CPU level
//! changes a bit.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use crate::lanes::{LANES, Lane, ZERO};
use crate::math::exp;

macro_rules! operation {
    ($name:ident, $method:ident, $sign:tt) => {
        impl $name for Lane {
            type Output = Lane;

            #[inline(always)]
            fn $method(self, other: Lane) -> Lane {
                let mut out = ZERO;
                for i in 0..LANES {
                    out[i] = self[i] $sign other[i];
                }
                out
            }
        }

        impl $name<f64> for Lane {
            type Output = Lane;

            #[inline(always)]
            fn $method(self, other: f64) -> Lane {
                let mut out = ZERO;
                for i in 0..LANES {
                    out[i] = self[i] $sign other;
                }
                out
            }
        }

        impl $name<Lane> for f64 {
            type Output = Lane;

            #[inline(always)]
            fn $method(self, other: Lane) -> Lane {
                let mut out = ZERO;
                for i in 0..LANES {
                    out[i] = self $sign other[i];
                }
                out
            }
        }
    };
}

operation!(Add, add, +);
operation!(Sub, sub, -);
operation!(Mul, mul, *);
operation!(Div, div, /);

impl Neg for Lane {
    type Output = Lane;

    #[inline(always)]
    fn neg(mut self) -> Lane {
        for i in 0..LANES {
            self[i] = -self[i];
        }
        self
    }
}

impl AddAssign for Lane {
    #[inline(always)]
    fn add_assign(&mut self, other: Lane) {
        for i in 0..LANES {
            self[i] += other[i];
        }
    }
}

impl SubAssign for Lane {
    #[inline(always)]
    fn sub_assign(&mut self, other: Lane) {
        for i in 0..LANES {
            self[i] -= other[i];
        }
    }
}

/// The same function for every subject.
#[inline(always)]
#[must_use]
pub fn each(mut lane: Lane, function: impl Fn(f64) -> f64) -> Lane {
    for i in 0..LANES {
        lane[i] = function(lane[i]);
    }
    lane
}

/// The exponential of every subject's number. Written out: a function passed to [`each`] may
/// keep the baseline instructions.
#[inline(always)]
#[must_use]
pub fn exponential(lane: Lane) -> Lane {
    let mut out = ZERO;
    for i in 0..LANES {
        out[i] = exp(lane[i]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_act_on_each_subject_alone() {
        let (mut left, mut right) = (Lane::splat(6.0), Lane::splat(3.0));
        (left[2], right[5]) = (10.0, 4.0);
        assert_eq!((left + right)[2], 13.0);
        assert_eq!((left - right)[5], 2.0);
        assert_eq!((1.0 - left * 2.0)[2], -19.0);
        assert_eq!((12.0 / right)[5], 3.0);
        assert_eq!(each(-left, f64::abs)[0], 6.0);
        left += right;
        left -= Lane::splat(1.0);
        assert_eq!(left[0], 8.0);
    }
}
