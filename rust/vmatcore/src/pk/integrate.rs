//! Subjects with saturable flows: eight at a time, each at its own pace.
//!
//! A lane follows the program of its subject, whatever the others do, and takes the next
//! subject when it is done. So a row depends on its subject alone, and subjects with
//! different tables of events keep all lanes busy.

use std::sync::Mutex;

use super::program::{Op, Program};
use super::saturable::{Equations, Saturation};
use super::table::{self, Change, Failure, Table};
use super::{Network, Rates, plan};
use crate::error::{Error, Result};
use crate::lanes::{self, Kernel, LANES, Lane, ZERO, add_product};
use crate::parallel::{Work, over_chunks};
use crate::solve::adaptive::{Stepper, Tolerance};

/// Subjects in a chunk: enough to refill lanes, few enough to share out.
const CHUNK: usize = 16 * LANES;

/// More steps than this for one subject, or for one dosing interval of a steady state,
/// mean rates too fast for an explicit method.
const MOST_STEPS: u64 = 1_000_000;

/// More dosing intervals than this, or more steps in all of them, mean that no steady
/// state is near. With 99 % of the fastest elimination given it takes 60,000 intervals.
const MOST_INTERVALS: u32 = 100_000;
const MOST_STEADY_STEPS: u64 = 20 * MOST_STEPS;

/// Steps are held to this share of the tolerance, since their errors add up.
const SHARE: f64 = 0.2;

/// A state has settled when what the rest of the intervals would change is below this
/// share of its tolerance.
const SETTLED: f64 = 0.1;

/// The caller may stop the work after this many steps.
const CHECK_EVERY: u64 = 256;

/// Integrate every subject through its table. `out` is (subject, output, time), row-major.
///
/// Every state is zero before the first event. Returns the subjects that failed, in
/// order, and why; their rows are NaN.
///
/// # Errors
/// [`Error::Parameter`] for shapes that do not fit or a bad table, tolerance or time;
/// [`Error::Cancelled`].
#[expect(clippy::too_many_arguments, reason = "one argument for each part of the system")]
pub fn integrate(
    network: &Network,
    rates: &Rates<'_>,
    saturation: &Saturation<'_>,
    tables: &[Table],
    table_of: &[usize],
    time_h: &[f64],
    tolerance: Tolerance,
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<Vec<(usize, Failure)>> {
    let row = network.outputs * time_h.len();
    if Some(out.len()) != row.checked_mul(rates.subjects) {
        let rule = format!("must have {row} values for each of {} subjects", rates.subjects);
        return Err(Error::parameter("out", rule, out.len()));
    }
    for (name, value) in [("rtol", tolerance.relative), ("atol", tolerance.absolute)] {
        if !(value.is_finite() && value > 0.0) {
            return Err(Error::parameter(name, "must be finite and positive", value));
        }
    }
    table::check_numbers(table_of, rates.subjects, tables.len())?;
    plan::check_times(time_h)?;
    let mut programs = Vec::with_capacity(tables.len());
    for table in tables {
        table.check(network.pattern.states())?;
        programs.push(Program::new(table, time_h)?);
    }
    let failed = Mutex::new(Vec::new());
    over_chunks(work, out, row, CHUNK, |first, rows| {
        let block = Block {
            network,
            rates,
            saturation,
            programs: &programs,
            table_of,
            time_h,
            tolerance,
            first,
            rows,
            work,
        };
        let lost = lanes::dispatch(work.level, block)?;
        failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(lost);
        Ok(())
    })?;
    let mut failed = failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    failed.sort_unstable_by_key(|&(subject, _)| subject);
    Ok(failed)
}

/// Consecutive subjects and their rows.
struct Block<'a> {
    network: &'a Network,
    rates: &'a Rates<'a>,
    saturation: &'a Saturation<'a>,
    programs: &'a [Program],
    table_of: &'a [usize],
    time_h: &'a [f64],
    tolerance: Tolerance,
    first: usize,
    rows: &'a mut [f64],
    work: &'a Work<'a>,
}

/// Where one lane stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// The row of its subject within the chunk; none if the lane is idle.
    row: Option<usize>,
    /// The next op, and the stretch that it is in.
    op: usize,
    left_h: f64,
    past_h: f64,
    start_h: f64,
    column: usize,
    last: usize,
    /// The step to try, and the one that fitted after the last event.
    step_h: f64,
    after_event_h: f64,
    /// Whether no step was taken since the last event.
    fresh: bool,
    steps: u64,
    intervals: u32,
    steady_steps: u64,
}

/// The numbers and the working memory of eight subjects.
struct Room<'a> {
    equations: Equations<'a>,
    stepper: Stepper,
    tolerance: Tolerance,
    state: Vec<Lane>,
    places: [Place; LANES],
    /// The state before a steady state was asked for, after the last interval, and the
    /// change in that interval.
    saved: Vec<Lane>,
    before: Vec<Lane>,
    change: Vec<Lane>,
}

impl Kernel for Block<'_> {
    type Output = Result<Vec<(usize, Failure)>>;

    #[inline(always)]
    fn run(mut self) -> Self::Output {
        let states = self.network.pattern.states();
        let Tolerance { absolute, relative } = self.tolerance;
        let mut room = Room {
            equations: Equations::new(self.network, self.saturation),
            stepper: Stepper::new(states),
            tolerance: Tolerance { absolute: SHARE * absolute, relative: SHARE * relative },
            state: vec![ZERO; states],
            places: [Place::default(); LANES],
            saved: vec![ZERO; states],
            before: vec![ZERO; states],
            change: vec![ZERO; states],
        };
        let mut failed = Vec::new();
        let mut next_row = 0;
        let mut count = 0u64;
        loop {
            let mut altered = false;
            for lane in 0..LANES {
                altered |= self.bring_on(&mut room, lane, &mut next_row, &mut failed);
            }
            if room.places.iter().all(|place| place.row.is_none()) {
                return Ok(failed);
            }
            if altered {
                room.stepper.start(&room.equations, &room.state);
            }
            self.step(&mut room, &mut failed);
            count += 1;
            if count.is_multiple_of(CHECK_EVERY) {
                self.work.check()?;
            }
        }
    }
}

impl Block<'_> {
    /// Let a lane act until it has to integrate, taking new subjects as it needs them.
    /// Returns whether its state was altered.
    #[inline(always)]
    fn bring_on(
        &mut self,
        room: &mut Room<'_>,
        lane: usize,
        next_row: &mut usize,
        failed: &mut Vec<(usize, Failure)>,
    ) -> bool {
        if room.places[lane].row.is_some() && room.places[lane].left_h > 0.0 {
            return false;
        }
        let row_length = self.network.outputs * self.time_h.len();
        loop {
            let Some(row) = room.places[lane].row else {
                if (*next_row + 1) * row_length > self.rows.len() {
                    return false;
                }
                self.load(room, lane, *next_row);
                *next_row += 1;
                continue;
            };
            let program = &self.programs[self.table_of[self.first + row]];
            let place = room.places[lane];
            let Some(&op) = program.ops.get(place.op) else {
                self.finish(room, lane, row, failed);
                continue;
            };
            room.places[lane].op += 1;
            match op {
                Op::Flow { hours, start_h, first, last } => {
                    let place = &mut room.places[lane];
                    place.left_h = hours;
                    place.past_h = 0.0;
                    (place.start_h, place.column, place.last) = (start_h, first, last);
                    place.fresh = true;
                    return true;
                }
                Op::Read(column) => {
                    for output in 0..self.network.outputs {
                        self.rows[row * row_length + output * self.time_h.len() + column] = 0.0;
                    }
                    for (i, read) in self.network.readouts.iter().enumerate() {
                        let place = row * row_length + read.output * self.time_h.len() + column;
                        let scale = room.equations.scale[i][lane];
                        self.rows[place] += scale * room.state[read.state][lane];
                    }
                }
                Op::Change(event) => match event.change {
                    Change::Add => room.state[event.state][lane] += event.value,
                    Change::Set => room.state[event.state][lane] = event.value,
                    _ => {
                        for (state, value) in room.state.iter_mut().enumerate() {
                            if !self.network.periodic.is_held(state) {
                                value[lane] = 0.0;
                            }
                        }
                    }
                },
                Op::Begin => {
                    for state in 0..room.state.len() {
                        room.saved[state][lane] = room.state[state][lane];
                        room.state[state][lane] = 0.0;
                        room.before[state][lane] = 0.0;
                        room.change[state][lane] = f64::INFINITY;
                    }
                    let place = &mut room.places[lane];
                    (place.intervals, place.steps, place.steady_steps) = (0, 0, 0);
                }
                Op::Again { first } => {
                    let place = &mut room.places[lane];
                    place.intervals += 1;
                    place.steady_steps += place.steps;
                    place.steps = 0;
                    let (intervals, steps) = (place.intervals, place.steady_steps);
                    if self.settled(room, lane) {
                        for state in 0..room.state.len() {
                            if self.network.periodic.is_held(state) {
                                room.state[state][lane] = room.saved[state][lane];
                            }
                        }
                    } else if intervals >= MOST_INTERVALS || steps >= MOST_STEADY_STEPS {
                        self.lose(room, lane, row, Failure::NoSteadyState, failed);
                    } else {
                        room.places[lane].op = first;
                    }
                }
            }
        }
    }

    /// Put a subject into a lane.
    #[inline(always)]
    fn load(&self, room: &mut Room<'_>, lane: usize, row: usize) {
        let (subject, count) = (self.first + row, self.rates.subjects);
        let equations = &mut room.equations;
        let tables = [
            (&mut equations.gain, self.rates.gain),
            (&mut equations.loss, self.rates.loss),
            (&mut equations.scale, self.rates.scale),
            (&mut equations.maximum, self.saturation.maximum),
            (&mut equations.half, self.saturation.half),
        ];
        for (target, source) in tables {
            for (item, values) in target.iter_mut().enumerate() {
                values[lane] = source[item * count + subject];
            }
        }
        for value in &mut room.state {
            value[lane] = 0.0;
        }
        room.places[lane] = Place { row: Some(row), ..Place::default() };
    }

    /// Free a lane whose subject is done.
    #[inline(always)]
    fn finish(
        &mut self,
        room: &mut Room<'_>,
        lane: usize,
        row: usize,
        failed: &mut Vec<(usize, Failure)>,
    ) {
        if room.state.iter().all(|value| value[lane].is_finite()) {
            room.places[lane] = Place::default();
        } else {
            self.lose(room, lane, row, Failure::NotFinite, failed);
        }
    }

    /// Free a lane whose subject has failed.
    #[inline(always)]
    fn lose(
        &mut self,
        room: &mut Room<'_>,
        lane: usize,
        row: usize,
        why: Failure,
        failed: &mut Vec<(usize, Failure)>,
    ) {
        let length = self.network.outputs * self.time_h.len();
        self.rows[row * length..(row + 1) * length].fill(f64::NAN);
        failed.push((self.first + row, why));
        room.places[lane] = Place::default();
        for value in &mut room.state {
            value[lane] = 0.0;
        }
    }

    /// Whether what the rest of the dosing intervals would change is small enough.
    ///
    /// The changes of successive intervals fall in a ratio q, so the rest is q/(1 - q) of
    /// the last one.
    #[inline(always)]
    fn settled(&self, room: &mut Room<'_>, lane: usize) -> bool {
        let mut settled = true;
        for state in 0..room.state.len() {
            if self.network.periodic.is_held(state) {
                continue;
            }
            let now = room.state[state][lane];
            let change = (now - room.before[state][lane]).abs();
            let earlier = room.change[state][lane];
            room.before[state][lane] = now;
            room.change[state][lane] = change;
            let scale = SETTLED * (self.tolerance.absolute + self.tolerance.relative * now.abs());
            let fall = earlier - change;
            let rest = if fall > 0.0 { change * (change / fall) } else { f64::INFINITY };
            settled &= rest <= scale || change <= 0.01 * scale;
        }
        settled && room.places[lane].intervals > 2
    }

    /// Try one step in every lane.
    #[inline(always)]
    fn step(&mut self, room: &mut Room<'_>, failed: &mut Vec<(usize, Failure)>) {
        let mut hours = ZERO;
        for lane in 0..LANES {
            let place = &mut room.places[lane];
            if place.row.is_none() {
                continue;
            }
            if place.fresh {
                place.step_h = if place.after_event_h > 0.0 {
                    place.after_event_h
                } else {
                    room.stepper.guess(&room.state, lane, &room.tolerance)
                };
            }
            // The end is met exactly, and not by a last step of next to nothing.
            hours[lane] = if place.step_h >= place.left_h {
                place.left_h
            } else if 2.0 * place.step_h > place.left_h {
                0.5 * place.left_h
            } else {
                place.step_h
            };
        }
        let error = room.stepper.attempt(&room.equations, &room.state, &hours, &room.tolerance);
        let growth = Stepper::growth(&error);
        let mut taken = [false; LANES];
        for lane in 0..LANES {
            taken[lane] = error[lane] <= 1.0 && room.places[lane].row.is_some();
        }
        self.read(room, &hours, &taken);
        room.stepper.take(&taken, &mut room.state);
        for lane in 0..LANES {
            let Some(row) = room.places[lane].row else { continue };
            let place = &mut room.places[lane];
            place.steps += 1;
            if taken[lane] {
                let wanted = hours[lane] * growth[lane];
                if place.fresh {
                    place.after_event_h = wanted;
                    place.fresh = false;
                    place.step_h = wanted;
                } else if hours[lane] >= place.step_h || wanted < place.step_h {
                    place.step_h = wanted; // a step cut short by an end says nothing of the next
                }
                place.past_h += hours[lane];
                place.left_h =
                    if hours[lane] == place.left_h { 0.0 } else { place.left_h - hours[lane] };
            } else {
                let shrink =
                    if growth[lane] < AFTER_FAILURE { growth[lane] } else { AFTER_FAILURE };
                let shrink = if error[lane].is_nan() { TO_A_TENTH } else { shrink };
                place.step_h = hours[lane] * shrink;
                if place.fresh {
                    place.after_event_h = place.step_h;
                }
                if place.step_h < SHORTEST * (place.past_h + place.left_h) {
                    self.lose(room, lane, row, Failure::NotFinite, failed);
                    continue;
                }
            }
            if room.places[lane].steps > MOST_STEPS {
                self.lose(room, lane, row, Failure::TooManySteps, failed);
            }
        }
    }

    /// Read the columns that the steps just taken pass.
    #[inline(always)]
    fn read(&mut self, room: &mut Room<'_>, hours: &Lane, taken: &[bool; LANES]) {
        let times = self.time_h.len();
        let row_length = self.network.outputs * times;
        let mut prepared = false;
        loop {
            let mut share = ZERO;
            let mut target = [None; LANES];
            let mut any = false;
            for lane in 0..LANES {
                let place = &mut room.places[lane];
                if !taken[lane] || place.column >= place.last {
                    continue;
                }
                let past = (self.time_h[place.column] - place.start_h) - place.past_h;
                // The last step of a stretch passes all columns that are left.
                if past <= hours[lane] || hours[lane] == place.left_h {
                    let past = if past < hours[lane] { past } else { hours[lane] };
                    share[lane] = past / hours[lane];
                    target[lane] = place.row.map(|row| row * row_length + place.column);
                    place.column += 1;
                    any = true;
                }
            }
            if !any {
                return;
            }
            if !prepared {
                room.stepper.prepare_reads(hours);
                prepared = true;
            }
            for output in 0..self.network.outputs {
                let mut total = ZERO;
                for (i, read) in self.network.readouts.iter().enumerate() {
                    if read.output == output {
                        let value = room.stepper.read(&room.state, read.state, hours, &share);
                        add_product(&mut total, &room.equations.scale[i], &value);
                    }
                }
                for lane in 0..LANES {
                    if let Some(place) = target[lane] {
                        self.rows[place + output * times] = total[lane];
                    }
                }
            }
        }
    }
}

/// After a failure a step shrinks by this at least, and to this if it left the range of numbers.
const AFTER_FAILURE: f64 = 0.9;
const TO_A_TENTH: f64 = 0.1;

/// Steps shorter than this share of their stretch mean that no step is right.
const SHORTEST: f64 = 1e-13;
