//! One step of Rodas5P for eight subjects, each with its own time and step size.

use super::System;
use super::elimination::Elimination;
use super::tableau::{BY_TIME, DENSE, GAMMA, MOMENTS, RIGHT, STAGES, STATE};
use super::unroll::unrolled;
use crate::lanes::{LANES, Lane, ZERO};

/// What becomes of a step.
pub(super) struct Step<const N: usize> {
    /// The corrections of the continuous solution.
    pub corrections: [[Lane; N]; 3],
    pub end: [Lane; N],
    /// The root mean square of the errors relative to what is allowed; infinite where it is not
    /// a number.
    pub error: Lane,
}

/// What one lane needs in every stage of a step.
struct Start<const N: usize> {
    state: [f64; N],
    size: f64,
    per_size: f64,
    by_time: [f64; N],
    factors: [[f64; N]; N],
}

impl<const N: usize> Start<N> {
    /// Compute stage K; return the state at which the slopes were read.
    #[inline(always)]
    fn stage<S: System<N>, const K: usize>(
        &self,
        own: &S::Own,
        lane: usize,
        moment: &S::Moment,
        stages: &mut [[f64; N]; STAGES],
    ) -> [f64; N] {
        let mut at = self.state;
        unrolled!(I {
            if const { I < N } {
                for earlier in 0..K {
                    at[I] += STATE[K][earlier] * stages[earlier][I];
                }
            }
        });
        let mut right = S::slopes(own, lane, moment, &at);
        unrolled!(I {
            if const { I < N } {
                let mut sum = 0.0;
                for earlier in 0..K {
                    sum += RIGHT[K][earlier] * stages[earlier][I];
                }
                right[I] += sum * self.per_size;
                if const { BY_TIME[K] != 0.0 } {
                    right[I] += BY_TIME[K] * self.size * self.by_time[I];
                }
            }
        });
        Elimination::<S, N>::solve(&self.factors, &mut right);
        stages[K] = right;
        at
    }
}

impl<const N: usize> Step<N> {
    pub fn new() -> Self {
        Self { corrections: [[ZERO; N]; 3], end: [ZERO; N], error: ZERO }
    }

    /// Try a step whose error in each quantity may be `relative` times it and `absolute`.
    ///
    /// What one lane does is written without loops and branches, so that the loop over lanes is
    /// the only one left and the compiler does it for all lanes at once.
    #[inline(always)]
    pub fn attempt<S: System<N>>(
        &mut self,
        system: &S,
        time: &Lane,
        state: &[Lane; N],
        size: &Lane,
        (relative, absolute): (f64, &[Lane; N]),
    ) {
        // Written out: a closure would keep the baseline instructions.
        let moments = [
            system.moment(&(*time + MOMENTS[0] * *size)),
            system.moment(&(*time + MOMENTS[1] * *size)),
            system.moment(&(*time + MOMENTS[2] * *size)),
            system.moment(&(*time + MOMENTS[3] * *size)),
            system.moment(&(*time + MOMENTS[4] * *size)),
            system.moment(&(*time + MOMENTS[5] * *size)),
        ];
        for lane in 0..LANES {
            let mut start = [0.0; N];
            unrolled!(I {
                if const { I < N } {
                    start[I] = state[I][lane];
                }
            });
            let own = system.own(lane);
            let (mut by_state, mut by_time) = ([[0.0; N]; N], [0.0; N]);
            S::jacobian(&own, lane, &moments[0], &start, &mut by_state, &mut by_time);
            let per_size = 1.0 / size[lane];
            let factors = Elimination::<S, N>::factorise(per_size * (1.0 / GAMMA), &by_state);
            let start = Start { state: start, size: size[lane], per_size, by_time, factors };
            let mut stages = [[0.0; N]; STAGES];
            start.stage::<S, 0>(&own, lane, &moments[0], &mut stages);
            start.stage::<S, 1>(&own, lane, &moments[1], &mut stages);
            start.stage::<S, 2>(&own, lane, &moments[2], &mut stages);
            start.stage::<S, 3>(&own, lane, &moments[3], &mut stages);
            start.stage::<S, 4>(&own, lane, &moments[4], &mut stages);
            start.stage::<S, 5>(&own, lane, &moments[5], &mut stages);
            start.stage::<S, 6>(&own, lane, &moments[5], &mut stages);
            let at = start.stage::<S, 7>(&own, lane, &moments[5], &mut stages);

            let mut squares = 0.0;
            unrolled!(I {
                if const { I < N } {
                    let last = stages[STAGES - 1][I];
                    let end = at[I] + last;
                    let (before, after) = (start.state[I].abs(), end.abs());
                    let largest = if after > before { after } else { before };
                    let share = last / (absolute[I][lane] + relative * largest);
                    // An end that is infinite would make its own tolerance: 0 times it is not a
                    // number.
                    squares += share * share + 0.0 * after;
                    self.end[I][lane] = end;
                    for order in 0..DENSE.len() {
                        let mut sum = 0.0;
                        for stage in 0..STAGES {
                            sum += DENSE[order][stage] * stages[stage][I];
                        }
                        self.corrections[order][I][lane] = sum;
                    }
                }
            });
            let mean = squares * (1.0 / N as f64);
            // A comparison with NaN is false: it must end up as infinity.
            self.error[lane] = if mean < f64::INFINITY { mean.sqrt() } else { f64::INFINITY };
        }
    }
}
