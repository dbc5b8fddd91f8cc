//! Rows of parameters through the stiff solver, eight at a time.

use super::drive::TERMS;
use super::model::{Drives, Model};
use super::{Drive, Names, Plan, Terminals};
use crate::arithmetic::exponential;
use crate::lanes::{Lane, ZERO, dispatch};
use crate::parallel::{Work, over_chunks};
use crate::solve::stiff::{March, Rows, System, Tolerance, check_times, unrolled};
use crate::{Error, Result};

/// Terminals that one chunk may hold: enough to keep the lanes busy to the end.
const CHUNK: usize = 64;
/// A quantity below this share of its start is followed with an absolute tolerance.
const FLOOR: f64 = 1e-4;
/// Long enough for the slowest pool to settle.
pub(super) const SETTLED_H: f64 = 1e6;
/// The tolerance on the way to the steady state; the steady state itself is exact.
pub(super) const SETTLED_RELATIVE: f64 = 1e-6;

pub(super) fn names<M, const N: usize, const P: usize, const C: usize, const F: usize>() -> Names
where
    M: Model<N, P, C, F>,
{
    Names {
        parameters: M::PARAMETERS.to_vec(),
        states: M::STATES.to_vec(),
        fluxes: M::FLUXES.to_vec(),
    }
}

/// Where each terminal's search for its steady state begins.
pub(super) fn guesses<M, const N: usize, const P: usize, const C: usize, const F: usize>(
    terminals: &Terminals,
) -> Vec<f64>
where
    M: Model<N, P, C, F>,
{
    terminals.parameters.as_chunks::<P>().0.iter().flat_map(|row| M::guess(row)).collect()
}

pub(super) fn simulate<M, const N: usize, const P: usize, const C: usize, const F: usize>(
    terminals: &Terminals,
    plan: &Plan<'_>,
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<()>
where
    M: Model<N, P, C, F>,
{
    let starts = plan.start.len() / N;
    if !plan.start.len().is_multiple_of(N) || (starts != terminals.rows && starts != 1) {
        let rule = format!("must have {N} states of one terminal, or of each");
        return Err(Error::parameter("start", rule, plan.start.len()));
    }
    let length = plan.outputs.len() * plan.time_h.len();
    if out.len() != terminals.rows * length {
        return Err(Error::parameter("out", "must hold (terminal, output, time)", out.len()));
    }
    if let Some(place) = plan.outputs.iter().find(|place| **place >= N + F) {
        return Err(Error::parameter("outputs", format!("must be below {}", N + F), place));
    }
    if !(1e-12..=1e-2).contains(&plan.relative) {
        let rule = "must be in [1e-12, 0.01]";
        return Err(Error::parameter("relative_tolerance", rule, plan.relative));
    }
    check_times("time_h", plan.time_h, plan.drive.knots_h[0])?;
    let by_threads = terminals.rows.div_ceil(4 * work.threads.get()).next_multiple_of(8);
    over_chunks(work, out, length, CHUNK.min(by_threads.max(8)), |first, rows| {
        let count = rows.len() / length;
        let lanes = Lanes::<M, N, P, C, F> {
            terminals,
            plan,
            first,
            out: rows,
            constants: [ZERO; C],
            since: ZERO,
            at_knot: Moment { active: ZERO, firing: ZERO, active_slope: ZERO, firing_slope: ZERO },
            amplitudes: [ZERO; TERMS],
            rates: [ZERO; TERMS],
            model: std::marker::PhantomData,
        };
        let march = March {
            rows: lanes,
            count,
            knots: &plan.drive.knots_h,
            reads: plan.time_h,
            tolerance: Tolerance { relative: plan.relative, floor: FLOOR },
            work,
        };
        dispatch(work.level, march)
    })
}

/// The drives of eight terminals at one moment each.
#[derive(Clone, Copy)]
struct Moment {
    active: Lane,
    firing: Lane,
    active_slope: Lane,
    firing_slope: Lane,
}

impl Moment {
    #[inline(always)]
    fn of(&self, lane: usize) -> Drives {
        Drives {
            active: self.active[lane],
            firing: self.firing[lane],
            active_slope: self.active_slope[lane],
            firing_slope: self.firing_slope[lane],
        }
    }
}

/// Eight terminals, and where their results go.
struct Lanes<'a, M, const N: usize, const P: usize, const C: usize, const F: usize> {
    terminals: &'a Terminals,
    plan: &'a Plan<'a>,
    first: usize,
    out: &'a mut [f64],
    constants: [Lane; C],
    /// When the present stretch of the drive began.
    since: Lane,
    at_knot: Moment,
    amplitudes: [Lane; TERMS],
    rates: [Lane; TERMS],
    model: std::marker::PhantomData<M>,
}

/// Sixteen numbers of one lane, from the one numbered FIRST on.
#[inline(always)]
fn copy_from<const FIRST: usize, const C: usize>(all: &[Lane; C], lane: usize, out: &mut [f64; C]) {
    unrolled!(I {
        if const { FIRST + I < C } {
            out[FIRST + I] = all[FIRST + I][lane];
        }
    });
}

impl<M, const N: usize, const P: usize, const C: usize, const F: usize> System<N>
    for Lanes<'_, M, N, P, C, F>
where
    M: Model<N, P, C, F>,
{
    type Moment = Moment;
    type Own = [f64; C];

    const PATTERN: [u32; N] = M::PATTERN;

    #[inline(always)]
    fn moment(&self, time: &Lane) -> Moment {
        let passed = *time - self.since;
        let mut active = self.at_knot.active + self.at_knot.active_slope * passed;
        let mut active_slope = self.at_knot.active_slope;
        if let Some(load) = &self.plan.drive.load {
            let (mut free, mut fall) = (Lane::splat(1.0), ZERO);
            for term in 0..load.terms() {
                let part = self.amplitudes[term] * exponential(-(self.rates[term] * passed));
                free += part;
                fall += self.rates[term] * part;
            }
            let share = 1.0 / free;
            active = active * share;
            active_slope = (active_slope + active * fall) * share;
        }
        Moment {
            active,
            active_slope,
            firing: self.at_knot.firing + self.at_knot.firing_slope * passed,
            firing_slope: self.at_knot.firing_slope,
        }
    }

    #[inline(always)]
    fn own(&self, lane: usize) -> [f64; C] {
        const { assert!(C <= 64) }
        let mut out = [0.0; C];
        copy_from::<0, C>(&self.constants, lane, &mut out);
        copy_from::<16, C>(&self.constants, lane, &mut out);
        copy_from::<32, C>(&self.constants, lane, &mut out);
        copy_from::<48, C>(&self.constants, lane, &mut out);
        out
    }

    #[inline(always)]
    fn slopes(k: &[f64; C], lane: usize, moment: &Moment, state: &[f64; N]) -> [f64; N] {
        let mut out = [0.0; N];
        M::slopes(k, &moment.of(lane), state, &mut out);
        out
    }

    #[inline(always)]
    fn jacobian(
        k: &[f64; C],
        lane: usize,
        moment: &Moment,
        state: &[f64; N],
        by_state: &mut [[f64; N]; N],
        by_time: &mut [f64; N],
    ) {
        M::jacobian(k, &moment.of(lane), state, by_state, by_time);
    }
}

impl<M, const N: usize, const P: usize, const C: usize, const F: usize> Rows<N>
    for Lanes<'_, M, N, P, C, F>
where
    M: Model<N, P, C, F>,
{
    fn load(&mut self, lane: usize, row: usize) -> ([f64; N], [f64; N]) {
        let row = self.first + row;
        let parameters = &self.terminals.parameters.as_chunks::<P>().0[row];
        for (constant, value) in self.constants.iter_mut().zip(M::constants(parameters)) {
            constant[lane] = value;
        }
        let starts = self.plan.start.as_chunks::<N>().0;
        let start = starts[if starts.len() == 1 { 0 } else { row }];
        let mut scale = M::guess(parameters);
        for (scale, start) in scale.iter_mut().zip(start) {
            // A pool that is empty at rest must not ask for digits of nothing.
            let least = 1e-3 * *scale;
            *scale = if start > least { start } else { least };
        }
        (start, scale)
    }

    fn enter(&mut self, lane: usize, row: usize, knot: usize) {
        let drive: &Drive = self.plan.drive;
        let row = self.first + row;
        self.since[lane] = drive.knots_h[knot];
        (self.at_knot.active[lane], self.at_knot.active_slope[lane]) = drive.active.at(row, knot);
        (self.at_knot.firing[lane], self.at_knot.firing_slope[lane]) = drive.firing.at(row, knot);
        if let Some(load) = &drive.load {
            for (term, (amplitude, rate)) in load.at(row, knot).into_iter().enumerate() {
                self.amplitudes[term][lane] = amplitude;
                self.rates[term][lane] = rate;
            }
        }
    }

    #[inline(always)]
    fn keep(&mut self, lane: usize, row: usize, read: usize, state: &[f64; N]) {
        let times = self.plan.time_h.len();
        let begin = row * self.plan.outputs.len() * times + read;
        let mut fluxes = None;
        for (i, &output) in self.plan.outputs.iter().enumerate() {
            let value = if output < N {
                state[output]
            } else {
                let all = fluxes.get_or_insert_with(|| {
                    let moment = self.moment(&Lane::splat(self.plan.time_h[read]));
                    M::fluxes(&self.own(lane), &moment.of(lane), state)
                });
                all[output - N]
            };
            self.out[begin + i * times] = value;
        }
    }
}
