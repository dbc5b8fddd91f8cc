//! One step of Rodas5P for eight subjects, each with its own time and step size.

use super::System;
use super::tableau::{BY_TIME, DENSE, GAMMA, RIGHT, STAGES, STATE, TIME};
use crate::lanes::{LANES, Lane, ZERO};

/// The stages of a step and where it ends.
pub(super) struct Step<const N: usize> {
    pub stages: [[Lane; N]; STAGES],
    pub end: [Lane; N],
    matrix: [[Lane; N]; N],
    by_time: [Lane; N],
}

impl<const N: usize> Step<N> {
    pub fn new() -> Self {
        Self {
            stages: [[ZERO; N]; STAGES],
            end: [ZERO; N],
            matrix: [[ZERO; N]; N],
            by_time: [ZERO; N],
        }
    }

    /// Try a step; the last stage is the error estimate.
    #[inline(always)]
    pub fn attempt<S: System<N>>(
        &mut self,
        system: &S,
        time: &Lane,
        state: &[Lane; N],
        size: &Lane,
    ) {
        self.matrix = [[ZERO; N]; N];
        self.by_time = [ZERO; N];
        system.jacobian(time, state, &mut self.matrix, &mut self.by_time);
        let per_size = 1.0 / *size;
        self.factorise(&per_size);
        for stage in 0..STAGES {
            let mut at = *state;
            for (earlier, stage_before) in self.stages[..stage].iter().enumerate() {
                let weight = STATE[stage][earlier];
                if weight != 0.0 {
                    for i in 0..N {
                        at[i] += weight * stage_before[i];
                    }
                }
            }
            let mut right = [ZERO; N];
            system.slopes(&(*time + TIME[stage] * *size), &at, &mut right);
            for i in 0..N {
                let mut sum = ZERO;
                for (earlier, stage_before) in self.stages[..stage].iter().enumerate() {
                    sum += RIGHT[stage][earlier] * stage_before[i];
                }
                right[i] += sum * per_size;
                if BY_TIME[stage] != 0.0 {
                    right[i] += BY_TIME[stage] * *size * self.by_time[i];
                }
            }
            self.solve(&mut right);
            self.stages[stage] = right;
            if stage + 1 == STAGES {
                for i in 0..N {
                    self.end[i] = at[i] + right[i];
                }
            }
        }
    }

    /// Turn the Jacobian into the factors of 1/(gamma h) - J: below the diagonal the
    /// multipliers, on it the reciprocals of the pivots.
    #[inline(always)]
    fn factorise(&mut self, per_size: &Lane) {
        let matrix = &mut self.matrix;
        let diagonal = *per_size * (1.0 / GAMMA);
        for i in 0..N {
            for j in 0..N {
                matrix[i][j] = -matrix[i][j];
            }
            matrix[i][i] += diagonal;
        }
        for pivot in 0..N {
            let reciprocal = 1.0 / matrix[pivot][pivot];
            matrix[pivot][pivot] = reciprocal;
            let above = matrix[pivot];
            for row in &mut matrix[pivot + 1..] {
                let multiplier = row[pivot] * reciprocal;
                row[pivot] = multiplier;
                for j in pivot + 1..N {
                    row[j] -= multiplier * above[j];
                }
            }
        }
    }

    #[inline(always)]
    fn solve(&self, right: &mut [Lane; N]) {
        for i in 1..N {
            let mut sum = right[i];
            for j in 0..i {
                sum -= self.matrix[i][j] * right[j];
            }
            right[i] = sum;
        }
        for i in (0..N).rev() {
            let mut sum = right[i];
            for j in i + 1..N {
                sum -= self.matrix[i][j] * right[j];
            }
            right[i] = sum * self.matrix[i][i];
        }
    }

    /// The largest error relative to what is allowed; infinite where it is not a number.
    #[inline(always)]
    pub fn error(&self, start: &[Lane; N], relative: f64, absolute: &[Lane; N]) -> Lane {
        let mut largest = ZERO;
        for i in 0..N {
            for lane in 0..LANES {
                let (before, after) = (start[i][lane].abs(), self.end[i][lane].abs());
                let size = if after > before { after } else { before };
                let allowed = absolute[i][lane] + relative * size;
                let share = self.stages[STAGES - 1][i][lane].abs() / allowed;
                // A comparison with NaN is false: it must end up as infinity.
                let share = if share < f64::INFINITY { share } else { f64::INFINITY };
                largest[lane] = if share > largest[lane] { share } else { largest[lane] };
            }
        }
        largest
    }

    /// The corrections of the continuous solution.
    #[inline(always)]
    pub fn corrections(&self) -> [[Lane; N]; 3] {
        let mut out = [[ZERO; N]; 3];
        for (correction, weights) in out.iter_mut().zip(&DENSE) {
            for (stage, weight) in self.stages.iter().zip(weights) {
                for i in 0..N {
                    correction[i] += *weight * stage[i];
                }
            }
        }
        out
    }
}
