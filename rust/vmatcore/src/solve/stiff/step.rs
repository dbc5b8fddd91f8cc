//! One step of Rodas5P for eight subjects, each with its own time and step size.

use super::System;
use super::elimination::{Elimination, Table, empty};
use super::tableau::{BY_TIME, DENSE, GAMMA, RIGHT, STAGES, STATE, TIME};
use crate::lanes::{LANES, Lane, ZERO};

/// The stages of a step and where it ends.
pub(super) struct Step<const N: usize> {
    pub stages: [[Lane; N]; STAGES],
    pub end: [Lane; N],
    matrix: [[Lane; N]; N],
    by_time: [Lane; N],
    elimination: Elimination<N>,
    factors: Table,
}

impl<const N: usize> Step<N> {
    pub fn new(pattern: [u32; N]) -> Self {
        Self {
            stages: [[ZERO; N]; STAGES],
            end: [ZERO; N],
            matrix: [[ZERO; N]; N],
            by_time: [ZERO; N],
            elimination: Elimination::new(pattern),
            factors: empty(),
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
        let mut moment = system.moment(time);
        system.jacobian(&moment, state, &mut self.matrix, &mut self.by_time);
        let per_size = 1.0 / *size;
        let diagonal = per_size * (1.0 / GAMMA);
        self.elimination.factorise(&diagonal, &self.matrix, &mut self.factors);
        for stage in 0..STAGES {
            // Quantity by quantity, so that the compiler keeps a lane in one register; the other
            // way round it gathers across quantities.
            let mut at = [ZERO; N];
            for i in 0..N {
                let mut sum = state[i];
                for (earlier, stage_before) in self.stages[..stage].iter().enumerate() {
                    sum += STATE[stage][earlier] * stage_before[i];
                }
                at[i] = sum;
            }
            let mut right = [ZERO; N];
            if stage > 0 && TIME[stage] != TIME[stage - 1] {
                moment = system.moment(&(*time + TIME[stage] * *size));
            }
            system.slopes(&moment, &at, &mut right);
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
            self.elimination.solve(&self.factors, &mut right);
            self.stages[stage] = right;
            if stage + 1 == STAGES {
                for i in 0..N {
                    self.end[i] = at[i] + right[i];
                }
            }
        }
    }

    /// The root mean square of the errors relative to what is allowed; infinite where it is not
    /// a number.
    #[inline(always)]
    pub fn error(&self, start: &[Lane; N], relative: f64, absolute: &[Lane; N]) -> Lane {
        let mut sum = ZERO;
        for i in 0..N {
            for lane in 0..LANES {
                let (before, after) = (start[i][lane].abs(), self.end[i][lane].abs());
                let size = if after > before { after } else { before };
                let share =
                    self.stages[STAGES - 1][i][lane] / (absolute[i][lane] + relative * size);
                // An end that is infinite would make its own tolerance: 0 times it is not a number.
                sum[lane] += share * share + 0.0 * after;
            }
        }
        for lane in 0..LANES {
            let mean = sum[lane] * (1.0 / N as f64);
            // A comparison with NaN is false: it must end up as infinity.
            sum[lane] = if mean < f64::INFINITY { mean.sqrt() } else { f64::INFINITY };
        }
        sum
    }

    /// The corrections of the continuous solution.
    #[inline(always)]
    pub fn corrections(&self) -> [[Lane; N]; 3] {
        let mut out = [[ZERO; N]; 3];
        for (correction, weights) in out.iter_mut().zip(&DENSE) {
            for i in 0..N {
                let mut sum = ZERO;
                for (stage, weight) in self.stages.iter().zip(weights) {
                    sum += *weight * stage[i];
                }
                correction[i] = sum;
            }
        }
        out
    }
}
