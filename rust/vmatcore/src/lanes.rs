//! Eight subjects side by side: the lane type and the choice of CPU level.
//!
//! A kernel is written once over [`Lane`] and compiled once per CPU level. The
//! level is chosen when the program runs, so one wheel is fast everywhere. No
//! level may change a bit: lanes never mix, and only `+ - * /` and selection
//! are used, which IEEE 754 fixes. This file holds the crate's only unsafe code.

use std::ops::{Deref, DerefMut};

use crate::error::{Error, Result};

/// How many subjects stand side by side, at every CPU level.
pub const LANES: usize = 8;

/// One number for each of [`LANES`] subjects, on a cache line of its own: a lane
/// that crosses two lines costs twice.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub struct Lane(pub [f64; LANES]);

impl Lane {
    /// The same number for every subject.
    #[inline(always)]
    pub const fn splat(value: f64) -> Self {
        Self([value; LANES])
    }
}

impl Deref for Lane {
    type Target = [f64; LANES];

    #[inline(always)]
    fn deref(&self) -> &[f64; LANES] {
        &self.0
    }
}

impl DerefMut for Lane {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64; LANES] {
        &mut self.0
    }
}

/// A lane of zeros.
pub const ZERO: Lane = Lane::splat(0.0);

/// The instruction sets a kernel is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every CPU of the platform has.
    Baseline,
    /// x86-64 with AVX2: four numbers at once.
    Avx2,
    /// x86-64 with AVX-512: eight numbers at once.
    Avx512,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Level; 3] = [Level::Baseline, Level::Avx2, Level::Avx512];

    /// The name used in messages and in the environment variable.
    pub fn name(self) -> &'static str {
        match self {
            Level::Baseline => "baseline",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }

    /// Whether this CPU can run the level.
    pub fn is_supported(self) -> bool {
        match self {
            Level::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => {
                is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq")
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The highest level this CPU can run.
    pub fn highest() -> Level {
        *Self::ALL.iter().rfind(|level| level.is_supported()).unwrap_or(&Level::Baseline)
    }

    /// The level of that name, if this CPU can run it. `argument` is what held the name.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an unknown name or a level this CPU lacks.
    pub fn from_name(argument: &str, name: &str) -> Result<Level> {
        let refuse = |rule: String| {
            let mut shown: String = name.chars().take(60).collect();
            if shown.len() < name.len() {
                shown += "...";
            }
            Error::parameter(argument, rule, format!("{shown:?}"))
        };
        let known = Self::ALL.map(Level::name).join(", ");
        let level = Self::ALL
            .into_iter()
            .find(|level| level.name() == name)
            .ok_or_else(|| refuse(format!("must be one of {known}")))?;
        if level.is_supported() {
            Ok(level)
        } else {
            let highest = Self::highest().name();
            Err(refuse(format!("must be one of {known}, of which this CPU can run {highest}")))
        }
    }
}

/// Work written once and compiled for every level. Mark `run` and all it calls
/// `#[inline(always)]`, or the code inside keeps the baseline instructions.
pub trait Kernel {
    /// What the work returns.
    type Output;
    /// Do the work.
    fn run(self) -> Self::Output;
}

/// Run a kernel with the instructions of `level`.
pub fn dispatch<K: Kernel>(level: Level, kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code)]
    {
        #[target_feature(enable = "avx2")]
        fn avx2<K: Kernel>(kernel: K) -> K::Output {
            kernel.run()
        }
        #[target_feature(enable = "avx512f,avx512dq")]
        fn avx512<K: Kernel>(kernel: K) -> K::Output {
            kernel.run()
        }
        match level {
            // SAFETY: the guard has just asked the CPU for the features.
            Level::Avx512 if level.is_supported() => return unsafe { avx512(kernel) },
            Level::Avx2 if level.is_supported() => return unsafe { avx2(kernel) },
            _ => {}
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = level;
    kernel.run()
}

/// `total + left * right`, two roundings.
#[inline(always)]
pub fn add_product(total: &mut Lane, left: &Lane, right: &Lane) {
    for i in 0..LANES {
        total[i] += left[i] * right[i];
    }
}

/// `total + factor * right`, the factor the same for every subject; two roundings.
#[inline(always)]
pub fn add_scaled(total: &mut Lane, factor: f64, right: &Lane) {
    for i in 0..LANES {
        total[i] += factor * right[i];
    }
}

/// `left - right`.
#[inline(always)]
pub fn less(left: &Lane, right: &Lane) -> Lane {
    let mut out = ZERO;
    for i in 0..LANES {
        out[i] = left[i] - right[i];
    }
    out
}

/// `left + right`.
#[inline(always)]
pub fn add(left: &Lane, right: &Lane) -> Lane {
    let mut out = ZERO;
    for i in 0..LANES {
        out[i] = left[i] + right[i];
    }
    out
}

/// `left * right`.
#[inline(always)]
pub fn product(left: &Lane, right: &Lane) -> Lane {
    let mut out = ZERO;
    for i in 0..LANES {
        out[i] = left[i] * right[i];
    }
    out
}

/// `left / right`.
#[inline(always)]
pub fn quotient(left: &Lane, right: &Lane) -> Lane {
    let mut out = ZERO;
    for i in 0..LANES {
        out[i] = left[i] / right[i];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_level_is_supported_and_named() {
        let level = Level::highest();
        assert!(level.is_supported());
        assert_eq!(Level::from_name("VMATCORE_CPU", level.name()).unwrap(), level);
    }

    #[test]
    fn an_unknown_level_is_an_error_that_lists_the_known() {
        let error = Level::from_name("VMATCORE_CPU", "sse9").unwrap_err().to_string();
        assert_eq!(error, "`VMATCORE_CPU` must be one of baseline, avx2, avx512, got \"sse9\"");
    }
}
