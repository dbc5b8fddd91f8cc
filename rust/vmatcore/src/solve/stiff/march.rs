//! From the first time to the last: step sizes, knots, reads, and rows that come and go.

use super::System;
use super::step::Step;
use crate::lanes::{Kernel, LANES, Lane, ZERO};
use crate::math::{exp, ln};
use crate::parallel::Work;
use crate::{Error, Result};

/// Steps of a block between two looks at the caller's wish to stop: about 1 ms.
const STEPS_PER_CHECK: usize = 512;
/// The next step aims at this share of the size that would just do.
const SAFETY: f64 = 0.9;
/// A step grows and shrinks by at most these factors.
const GROW: f64 = 6.0;
const SHRINK: f64 = 0.1;
/// A step may err by this share of the tolerance, so that the sum of the steps keeps it.
const ALLOWED: f64 = 0.7;
/// The order of the error estimate and one.
const ORDER: f64 = 5.0;
/// The first step changes no quantity by more than this share.
const FIRST_SHARE: f64 = 0.01;
/// More attempts than this between two reads or knots mean a solution that never settles.
const MOST_ATTEMPTS: u32 = 50_000;
/// A step shorter than this share of the time stands still.
const SHORTEST: f64 = 4e-16;

/// The local error allowed in each quantity: `absolute` + `relative` times its size.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    /// Share of the quantity.
    pub relative: f64,
    /// `absolute` as a share of `relative` times the quantity's size at the start of the row.
    pub floor: f64,
}

/// Systems that are loaded into lanes row by row, driven between knots, and read.
pub trait Rows<const N: usize>: System<N> {
    /// Put the parameters of `row` into `lane`; return its start and the scale of each quantity.
    fn load(&mut self, lane: usize, row: usize) -> ([f64; N], [f64; N]);
    /// The drive between this knot and the next begins to act on `lane`, which holds `row`.
    fn enter(&mut self, lane: usize, row: usize, knot: usize);
    /// Keep the state of `row` at one read; NaN where it could not be computed.
    fn keep(&mut self, lane: usize, row: usize, read: usize, state: &[f64; N]);
}

/// Rows to be taken through all knots and reads, eight at a time.
pub struct March<'a, R, const N: usize> {
    /// The rows.
    pub rows: R,
    /// How many.
    pub count: usize,
    /// When the drive changes: the first is the start; not decreasing.
    pub knots: &'a [f64],
    /// When to read: from the first knot on, not decreasing.
    pub reads: &'a [f64],
    /// The error allowed.
    pub tolerance: Tolerance,
    /// How to stop.
    pub work: &'a Work<'a>,
}

/// Where one lane stands.
#[derive(Clone, Copy, Default)]
struct Place {
    row: Option<usize>,
    /// The knot that began the present stretch.
    knot: usize,
    /// The end of the stretch.
    stop: f64,
    read: usize,
    refused: bool,
    /// Since the last read or knot.
    attempts: u32,
}

/// Eight subjects under way.
struct Block<const N: usize> {
    places: [Place; LANES],
    time: Lane,
    /// The size that the error control wants.
    wanted: Lane,
    state: [Lane; N],
    absolute: [Lane; N],
}

/// error^(-1/order), bounded; the smallest error is far below what matters.
#[inline(always)]
fn step_factor(error: f64) -> f64 {
    let floored = if error > 1e-30 { error } else { 1e-30 };
    let wanted = SAFETY * exp(ln(floored) * (-1.0 / ORDER));
    let most = if wanted < GROW { wanted } else { GROW };
    if most > SHRINK { most } else { SHRINK }
}

impl<R: Rows<N>, const N: usize> Kernel for March<'_, R, N> {
    type Output = Result<()>;

    #[inline(always)]
    fn run(mut self) -> Result<()> {
        let (Some(&start), Some(&end)) = (self.knots.first(), self.reads.last()) else {
            return Ok(());
        };
        let mut block = Block::<N> {
            places: [Place::default(); LANES],
            time: Lane::splat(start),
            wanted: Lane::splat(1.0),
            state: [Lane::splat(1.0); N],
            absolute: [Lane::splat(1.0); N],
        };
        let mut next_row = 0;
        let mut step = Step::<N>::new();
        let mut attempts = 0;
        for lane in 0..LANES {
            self.fill_lane(&mut block, lane, &mut next_row, end);
        }
        while block.places.iter().any(|place| place.row.is_some()) {
            if attempts % STEPS_PER_CHECK == 0 {
                self.work.check()?;
            }
            attempts += 1;
            self.advance(&mut block, &mut step, &mut next_row, end);
        }
        Ok(())
    }
}

impl<R: Rows<N>, const N: usize> March<'_, R, N> {
    /// One attempt of all lanes, and what follows from it.
    #[inline(always)]
    fn advance(
        &mut self,
        block: &mut Block<N>,
        step: &mut Step<N>,
        next_row: &mut usize,
        end: f64,
    ) {
        let mut size = ZERO;
        let mut lands = [false; LANES];
        for lane in 0..LANES {
            let left = block.places[lane].stop - block.time[lane];
            // A last step that is a little longer saves a tiny one after it.
            lands[lane] = block.wanted[lane] * 1.01 >= left;
            size[lane] = if lands[lane] { left } else { block.wanted[lane] };
            if block.places[lane].row.is_none() {
                size[lane] = 1.0;
            }
        }
        let relative = ALLOWED * self.tolerance.relative;
        step.attempt(&self.rows, &block.time, &block.state, &size, (relative, &block.absolute));
        let error = step.error;
        let mut factor = ZERO;
        for lane in 0..LANES {
            factor[lane] = step_factor(error[lane]);
        }
        for lane in 0..LANES {
            let Some(row) = block.places[lane].row else { continue };
            block.places[lane].attempts += 1;
            if block.places[lane].attempts > MOST_ATTEMPTS {
                self.give_up(block, lane, row);
                self.fill_lane(block, lane, next_row, end);
                continue;
            }
            if error[lane] > 1.0 {
                block.places[lane].refused = true;
                let shrunk = if factor[lane] < SAFETY { factor[lane] } else { SAFETY };
                block.wanted[lane] = shrunk * size[lane];
                if block.wanted[lane] <= SHORTEST * block.time[lane].abs()
                    || block.wanted[lane] < 1e-300
                {
                    self.give_up(block, lane, row);
                    self.fill_lane(block, lane, next_row, end);
                }
                continue;
            }
            let before = block.time[lane];
            let after = if lands[lane] { block.places[lane].stop } else { before + size[lane] };
            self.read(block, step, lane, row, [before, after]);
            block.time[lane] = after;
            for i in 0..N {
                block.state[i][lane] = step.end[i][lane];
            }
            // A step cut short by a knot says little about the next one, and a refused one
            // must not be followed by a longer one at once.
            let grown = factor[lane] * size[lane];
            let most = if block.places[lane].refused { size[lane] } else { f64::INFINITY };
            let cut = lands[lane] && block.wanted[lane] > grown && factor[lane] >= 1.0;
            if !cut {
                block.wanted[lane] = if grown < most { grown } else { most };
            }
            block.places[lane].refused = false;
            if lands[lane] {
                block.places[lane].attempts = 0;
                self.enter(block, lane, row, end);
            }
            self.read_here(block, lane, row);
            if block.places[lane].read == self.reads.len() {
                self.fill_lane(block, lane, next_row, end);
            }
        }
    }

    /// Keep every read before the end of a step.
    #[inline(always)]
    fn read(
        &mut self,
        block: &mut Block<N>,
        step: &Step<N>,
        lane: usize,
        row: usize,
        [before, after]: [f64; 2],
    ) {
        while let Some(&read) = self.reads.get(block.places[lane].read) {
            if read >= after {
                return;
            }
            let [first, second, third] = &step.corrections;
            let share = (read - before) / (after - before);
            let rest = 1.0 - share;
            let mut state = [0.0; N];
            for i in 0..N {
                let inner = second[i][lane] + share * third[i][lane];
                let bend = first[i][lane] + share * inner;
                state[i] = rest * block.state[i][lane] + share * (step.end[i][lane] + rest * bend);
            }
            self.rows.keep(lane, row, block.places[lane].read, &state);
            block.places[lane].read += 1;
            block.places[lane].attempts = 0;
        }
    }

    /// Keep every read at this very time; where the drive jumps it has jumped already.
    #[inline(always)]
    fn read_here(&mut self, block: &mut Block<N>, lane: usize, row: usize) {
        while self.reads.get(block.places[lane].read) == Some(&block.time[lane]) {
            let mut state = [0.0; N];
            for i in 0..N {
                state[i] = block.state[i][lane];
            }
            self.rows.keep(lane, row, block.places[lane].read, &state);
            block.places[lane].read += 1;
            block.places[lane].attempts = 0;
        }
    }

    /// Begin the next row in a lane, or leave it idle.
    fn fill_lane(&mut self, block: &mut Block<N>, lane: usize, next_row: &mut usize, end: f64) {
        block.places[lane] = Place::default();
        block.time[lane] = self.knots[0];
        while *next_row < self.count {
            let row = *next_row;
            *next_row += 1;
            let (state, scale) = self.rows.load(lane, row);
            block.places[lane] = Place { row: Some(row), ..Place::default() };
            for i in 0..N {
                block.state[i][lane] = state[i];
                let share = ALLOWED * self.tolerance.floor * self.tolerance.relative;
                let floor = share * scale[i].abs();
                block.absolute[i][lane] = if floor > 1e-300 { floor } else { 1e-300 };
            }
            self.rows.enter(lane, row, 0);
            self.enter(block, lane, row, end);
            self.read_here(block, lane, row);
            if block.places[lane].read == self.reads.len() {
                continue;
            }
            block.wanted[lane] = self.first_size(block, lane);
            return;
        }
        block.places[lane] = Place::default();
        // An idle lane computes on; harmless numbers keep it fast.
        for i in 0..N {
            block.absolute[i][lane] = 1.0;
        }
    }

    /// Pass every knot at this very time.
    fn enter(&mut self, block: &mut Block<N>, lane: usize, row: usize, end: f64) {
        let place = &mut block.places[lane];
        while let Some(&next) = self.knots.get(place.knot + 1)
            && next <= block.time[lane]
        {
            place.knot += 1;
            self.rows.enter(lane, row, place.knot);
        }
        place.stop = self.stop_after(place.knot, end);
    }

    fn stop_after(&self, knot: usize, end: f64) -> f64 {
        match self.knots.get(knot + 1) {
            Some(&next) if next < end => next,
            _ => end,
        }
    }

    /// A first step that changes little; the error control does the rest.
    fn first_size(&self, block: &Block<N>, lane: usize) -> f64 {
        let moment = self.rows.moment(&block.time);
        let state = block.state.map(|quantity| quantity[lane]);
        let slopes = R::slopes(&self.rows.own(lane), lane, &moment, &state);
        let left = block.places[lane].stop - block.time[lane];
        let mut size = FIRST_SHARE * left;
        for i in 0..N {
            let slope = slopes[i].abs();
            let scale = block.state[i][lane].abs() + block.absolute[i][lane];
            if slope * size > FIRST_SHARE * scale {
                size = FIRST_SHARE * scale / slope;
            }
        }
        if size > SHORTEST * left { size } else { SHORTEST * left * 16.0 }
    }

    /// A row whose steps became too short or too many: NaN from here on.
    fn give_up(&mut self, block: &mut Block<N>, lane: usize, row: usize) {
        for read in block.places[lane].read..self.reads.len() {
            self.rows.keep(lane, row, read, &[f64::NAN; N]);
        }
    }
}

/// Refuse knots and reads that do not rise.
///
/// # Errors
/// [`Error::Parameter`].
pub fn check_times(name: &str, times: &[f64], from: f64) -> Result<()> {
    let mut before = from;
    for (i, &time) in times.iter().enumerate() {
        if !(time.is_finite() && time >= before) {
            return Err(Error::parameter(format!("{name}[{i}]"), "must be finite and rise", time));
        }
        before = time;
    }
    Ok(())
}
