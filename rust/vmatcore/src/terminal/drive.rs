//! Active VMAT2 and firing over time, in stretches between knots.

use crate::solve::stiff::check_times;
use crate::{Error, Result};

/// A quantity at the start of each stretch and its slope there, the same for all terminals or
/// one row for each.
#[derive(Debug, Clone)]
pub struct Course {
    rows: usize,
    start: Vec<f64>,
    slope_per_h: Vec<f64>,
}

impl Course {
    /// `start` and `slope_per_h` are (row, knot), row-major.
    ///
    /// # Errors
    /// [`Error::Parameter`] for numbers that are not finite, or another shape.
    pub fn new(name: &str, rows: usize, start: Vec<f64>, slope_per_h: Vec<f64>) -> Result<Self> {
        if start.len() != slope_per_h.len() {
            let rule = "must have as many slopes as starts";
            return Err(Error::parameter(name, rule, slope_per_h.len()));
        }
        let all = start.iter().chain(&slope_per_h);
        if let Some(value) = all.into_iter().find(|value| !value.is_finite()) {
            return Err(Error::parameter(name, "must be finite", value));
        }
        if start.iter().any(|value| *value < 0.0) {
            return Err(Error::parameter(name, "must not be negative", "a negative start"));
        }
        Ok(Self { rows, start, slope_per_h })
    }

    /// Value and slope per h of a row at the start of a stretch.
    #[inline]
    pub(super) fn at(&self, row: usize, knot: usize) -> (f64, f64) {
        let knots = self.start.len() / self.rows;
        let place = if self.rows == 1 { knot } else { row * knots + knot };
        (self.start[place], self.slope_per_h[place])
    }
}

/// The drives of all terminals.
#[derive(Debug, Clone)]
pub struct Drive {
    pub(super) knots_h: Vec<f64>,
    pub(super) active: Course,
    pub(super) firing: Course,
}

impl Drive {
    /// Drives of `rows` terminals; each course has one row for all or one for each.
    ///
    /// # Errors
    /// [`Error::Parameter`] for knots that fall or courses that do not fit them.
    pub fn new(rows: usize, knots_h: Vec<f64>, active: Course, firing: Course) -> Result<Self> {
        if knots_h.is_empty() {
            return Err(Error::parameter("knots_h", "must have a first knot", "none"));
        }
        check_times("knots_h", &knots_h, f64::NEG_INFINITY)?;
        for (name, course) in [("active", &active), ("firing", &firing)] {
            let fits = course.rows == 1 || course.rows == rows;
            if !fits || course.start.len() != course.rows * knots_h.len() {
                let rule = "must have one row, or one for each terminal, and a value at each knot";
                return Err(Error::parameter(name, rule, course.start.len()));
            }
        }
        Ok(Self { knots_h, active, firing })
    }

    /// All VMAT2 works and the terminal fires at its resting rate.
    #[must_use]
    pub fn resting() -> Self {
        let one = Course { rows: 1, start: vec![1.0], slope_per_h: vec![0.0] };
        Self { knots_h: vec![0.0], active: one.clone(), firing: one }
    }
}
