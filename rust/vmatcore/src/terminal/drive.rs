//! Active VMAT2 and firing over time, in stretches between knots.
//!
//! Within a stretch a course is linear. Active VMAT2 may besides be divided by
//! 1 + S, where S is a sum of exponentials: what linear kinetics make of the
//! concentrations of a reversible ligand over its Ki.

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

/// Most exponentials that a load may have.
pub const TERMS: usize = 4;

/// A reversible load: sum over terms of amplitude exp(-rate (t - knot)).
#[derive(Debug, Clone)]
pub struct Load {
    rows: usize,
    terms: usize,
    amplitudes: Vec<f64>,
    rates_per_h: Vec<f64>,
}

impl Load {
    /// `amplitudes` are (row, knot, term), `rates_per_h` (row, term), row-major, with one row for
    /// all terminals or one for each.
    ///
    /// # Errors
    /// [`Error::Parameter`] for numbers that are not finite, or shapes that do not fit.
    pub fn new(
        rows: usize,
        terms: usize,
        amplitudes: Vec<f64>,
        rates_per_h: Vec<f64>,
    ) -> Result<Self> {
        if terms == 0 || terms > TERMS {
            let rule = format!("must have 1 to {TERMS} terms");
            return Err(Error::parameter("rates_per_h", rule, terms));
        }
        if rates_per_h.len() != rows * terms
            || !amplitudes.len().is_multiple_of((rows * terms).max(1))
        {
            let rule = format!("must have {rows} rows of {terms} terms");
            return Err(Error::parameter("rates_per_h", rule, rates_per_h.len()));
        }
        if let Some(rate) = rates_per_h.iter().find(|rate| !(rate.is_finite() && **rate >= 0.0)) {
            return Err(Error::parameter("rates_per_h", "must be finite and not negative", rate));
        }
        if let Some(value) = amplitudes.iter().find(|value| !value.is_finite()) {
            return Err(Error::parameter("amplitudes", "must be finite", value));
        }
        Ok(Self { rows, terms, amplitudes, rates_per_h })
    }

    /// How many exponentials.
    #[inline(always)]
    pub(super) fn terms(&self) -> usize {
        self.terms
    }

    fn knots(&self) -> usize {
        self.amplitudes.len() / (self.rows * self.terms).max(1)
    }

    /// Amplitude and rate of every term of a row from a knot on; 0 beyond its terms.
    pub(super) fn at(&self, row: usize, knot: usize) -> [(f64, f64); TERMS] {
        let row = if self.rows == 1 { 0 } else { row };
        let first = (row * self.knots() + knot) * self.terms;
        let mut out = [(0.0, 0.0); TERMS];
        for (term, out) in out.iter_mut().enumerate().take(self.terms) {
            *out = (self.amplitudes[first + term], self.rates_per_h[row * self.terms + term]);
        }
        out
    }
}

/// The drives of all terminals.
#[derive(Debug, Clone)]
pub struct Drive {
    pub(super) knots_h: Vec<f64>,
    pub(super) active: Course,
    pub(super) firing: Course,
    pub(super) load: Option<Load>,
}

impl Drive {
    /// Drives of `rows` terminals; each course has one row for all or one for each.
    ///
    /// # Errors
    /// [`Error::Parameter`] for knots that fall or courses that do not fit them.
    pub fn new(
        rows: usize,
        knots_h: Vec<f64>,
        active: Course,
        firing: Course,
        load: Option<Load>,
    ) -> Result<Self> {
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
        if let Some(load) = &load {
            let fits = load.rows == 1 || load.rows == rows;
            if !fits || load.knots() != knots_h.len() {
                let rule = "must have one row, or one for each terminal, and each knot";
                return Err(Error::parameter("amplitudes", rule, load.amplitudes.len()));
            }
        }
        Ok(Self { knots_h, active, firing, load })
    }

    /// All VMAT2 works and the terminal fires at its resting rate.
    #[must_use]
    pub fn resting() -> Self {
        let one = Course { rows: 1, start: vec![1.0], slope_per_h: vec![0.0] };
        Self { knots_h: vec![0.0], active: one.clone(), firing: one, load: None }
    }
}
