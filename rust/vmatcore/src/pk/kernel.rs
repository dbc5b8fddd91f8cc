//! Eight subjects through one plan.

use std::ops::Range;

use super::plan::{Length, Plan, Step};
use super::rows::SpanRows;
use super::visits::Visits;
use super::{Change, Event, Failure, Network, Rates};
use crate::error::Result;
use crate::lanes::{Kernel, LANES, Lane, ZERO, add, add_product};
use crate::parallel::Work;
use crate::solve::linear::Scratch;
use crate::solve::periodic;

/// Reads are gathered for this many times before they are written out row by row.
const TILE: usize = 32;

/// Consecutive subjects, worked eight at a time.
pub(super) struct Block<'a> {
    pub(super) network: &'a Network,
    pub(super) rates: &'a Rates<'a>,
    pub(super) plan: &'a Plan,
    pub(super) first: usize,
    pub(super) table: &'a mut [f64],
    pub(super) work: &'a Work<'a>,
}

impl Kernel for Block<'_> {
    type Output = Result<Vec<(usize, Failure)>>;

    #[inline(always)]
    fn run(self) -> Self::Output {
        let Block { network, rates, plan, first, table, work } = self;
        let row = network.outputs * plan.times();
        let mut failed = Vec::new();
        let mut room = Room::new(network, plan);
        for (i, rows) in table.chunks_mut(LANES * row).enumerate() {
            let first = first + i * LANES;
            let used = rows.len() / row;
            room.load(rates, first);
            room.prepare(network, plan, work)?;
            room.walk(network, plan, rows, work)?;
            for lane in 0..used {
                if let Some(why) = room.failure[lane] {
                    rows[lane * row..(lane + 1) * row].fill(f64::NAN);
                    failed.push((first + lane, why));
                }
            }
        }
        Ok(failed)
    }
}

/// The numbers and the working memory of eight subjects.
struct Room {
    gain: Vec<Lane>,
    loss: Vec<Lane>,
    exit: Vec<Lane>,
    scale: Vec<Lane>,
    matrices: Matrices,
    span_rows: Vec<SpanRows>,
    row: Vec<Lane>,
    next_row: Vec<Lane>,
    visits: Visits,
    state: Vec<Lane>,
    next: Vec<Lane>,
    tile: Vec<Lane>,
    /// The columns that the tile holds.
    held: Range<usize>,
    /// The state within a period, and room to solve for its steady state.
    steady: Option<(Vec<Lane>, periodic::Room)>,
    /// Why a lane has no result.
    failure: [Option<Failure>; LANES],
}

/// The exponentials of the step lengths: kept ones, and room for one that is not.
struct Matrices {
    kept: Vec<Option<Vec<Lane>>>,
    single: Vec<Lane>,
    scratch: Scratch,
}

impl Room {
    fn new(network: &Network, plan: &Plan) -> Self {
        let (states, entries) = (network.pattern.states(), network.pattern.entries());
        let kept = plan.lengths.iter().map(|length| length.keep.then(|| vec![ZERO; entries]));
        let lanes = network.rows.lanes();
        Self {
            gain: vec![ZERO; network.pattern.gains()],
            loss: vec![ZERO; states],
            exit: vec![ZERO; states],
            scale: vec![ZERO; network.readouts.len()],
            matrices: Matrices {
                kept: kept.collect(),
                single: vec![ZERO; entries],
                scratch: Scratch::new(&network.pattern),
            },
            span_rows: plan.spans.iter().map(|span| SpanRows::new(&network.rows, span)).collect(),
            row: vec![ZERO; lanes],
            next_row: vec![ZERO; lanes],
            visits: Visits::new(lanes),
            state: vec![ZERO; states],
            next: vec![ZERO; states],
            tile: vec![ZERO; network.outputs * TILE],
            held: 0..0,
            steady: (!plan.periods.is_empty())
                .then(|| (vec![ZERO; states], network.periodic.room())),
            failure: [None; LANES],
        }
    }

    /// Note why the lanes that are not right have no result; the first reason stays.
    #[inline(always)]
    fn fail(&mut self, right: [bool; LANES], why: Failure) {
        for (failure, right) in self.failure.iter_mut().zip(right) {
            if !right && failure.is_none() {
                *failure = Some(why);
            }
        }
    }

    /// Bring in eight subjects; past the last one, the last is repeated.
    #[inline(always)]
    fn load(&mut self, rates: &Rates<'_>, first: usize) {
        let count = rates.subjects;
        let tables = [
            (&mut self.gain, rates.gain),
            (&mut self.loss, rates.loss),
            (&mut self.exit, rates.exit),
            (&mut self.scale, rates.scale),
        ];
        for (target, source) in tables {
            for (item, lane) in target.iter_mut().enumerate() {
                for (i, value) in lane.iter_mut().enumerate() {
                    *value = source[item * count + (first + i).min(count - 1)];
                }
            }
        }
        self.state.fill(ZERO);
        self.visits.clear();
        self.held = 0..0;
        self.failure = [None; LANES];
    }

    /// Make the matrices that are kept, then the rows of the spans.
    #[inline(always)]
    fn prepare(&mut self, network: &Network, plan: &Plan, work: &Work<'_>) -> Result<()> {
        for index in 0..plan.lengths.len() {
            if plan.lengths[index].keep {
                work.check()?;
                self.exponential(network, plan, index);
            }
        }
        let shape = &network.rows;
        for (number, span) in plan.spans.iter().enumerate() {
            shape.at_once(&self.scale, &mut self.row);
            let mut read = 0;
            for step in &span.steps {
                if let Some(index) = *step {
                    if !plan.lengths[index].keep {
                        work.check()?;
                        self.exponential(network, plan, index);
                    }
                    shape.step(self.matrices.get(index), &self.row, &mut self.next_row);
                    std::mem::swap(&mut self.row, &mut self.next_row);
                } else {
                    self.span_rows[number].put(read, &self.row);
                    read += 1;
                }
            }
        }
        Ok(())
    }

    /// Write the reads of the subjects that `rows` has room for.
    #[inline(always)]
    fn walk(
        &mut self,
        network: &Network,
        plan: &Plan,
        rows: &mut [f64],
        work: &Work<'_>,
    ) -> Result<()> {
        for (count, step) in plan.steps.iter().enumerate() {
            if count % 1024 == 0 {
                work.check()?;
            }
            match *step {
                Step::Advance(index) => self.advance(network, plan, index, work)?,
                Step::Change(event) => self.change(network, plan, &event, work)?,
                Step::Read(column) => {
                    if self.held.len() == TILE || (self.held.end != column) {
                        self.write_tile(network, plan.times(), rows);
                    }
                    self.read(network, column);
                }
                Step::Span(number, first) => {
                    if self.visits.is_full() {
                        self.write_visits(network, plan.times(), rows);
                    }
                    let gathered = self.visits.add(number, first);
                    network.rows.gather(&self.state, gathered);
                }
            }
        }
        self.write_visits(network, plan.times(), rows);
        self.write_tile(network, plan.times(), rows);
        let mut finite = [true; LANES];
        for value in &self.state {
            for lane in 0..LANES {
                finite[lane] &= value[lane].is_finite();
            }
        }
        self.fail(finite, Failure::NoDigits);
        Ok(())
    }

    /// Write the reads of all visits, one output of one subject after the other.
    #[inline(always)]
    fn write_visits(&mut self, network: &Network, times: usize, rows: &mut [f64]) {
        for (lane, subject) in rows.chunks_exact_mut(network.outputs * times).enumerate() {
            for (output, out) in subject.chunks_exact_mut(times).enumerate() {
                let slots = network.rows.slots(output);
                for (number, visits) in self.visits.runs() {
                    self.span_rows[number].write(slots.clone(), lane, visits, out);
                }
            }
        }
        self.visits.clear();
    }

    /// Let an event act.
    #[inline(always)]
    fn change(
        &mut self,
        network: &Network,
        plan: &Plan,
        event: &Event,
        work: &Work<'_>,
    ) -> Result<()> {
        match event.change {
            Change::Add | Change::Set => alter(&mut self.state, event),
            Change::Reset => {
                for (state, value) in self.state.iter_mut().enumerate() {
                    if !network.periodic.is_held(state) {
                        *value = ZERO;
                    }
                }
            }
            Change::Steady | Change::AddSteady => {
                let Some((mut inner, mut room)) = self.steady.take() else { return Ok(()) };
                let (steps, every_h) = &plan.periods[event.state];
                inner.fill(ZERO);
                std::mem::swap(&mut self.state, &mut inner);
                for step in steps {
                    match *step {
                        Step::Advance(index) => self.advance(network, plan, index, work)?,
                        Step::Change(event) => alter(&mut self.state, &event),
                        Step::Read(_) | Step::Span(..) => {}
                    }
                }
                std::mem::swap(&mut self.state, &mut inner);
                let right = network
                    .periodic
                    .solve(&self.gain, &self.loss, &self.exit, *every_h, &mut room, &mut inner);
                self.fail(right, Failure::NoSteadyState);
                for (state, value) in self.state.iter_mut().enumerate() {
                    if !network.periodic.is_held(state) {
                        *value = match event.change {
                            Change::AddSteady => add(value, &inner[state]),
                            _ => inner[state],
                        };
                    }
                }
                self.steady = Some((inner, room));
            }
        }
        Ok(())
    }

    /// Advance the state by a step length.
    #[inline(always)]
    fn advance(
        &mut self,
        network: &Network,
        plan: &Plan,
        index: usize,
        work: &Work<'_>,
    ) -> Result<()> {
        if !plan.lengths[index].keep {
            work.check()?;
            self.exponential(network, plan, index);
        }
        let matrix = self.matrices.get(index);
        network.pattern.apply(matrix, &self.state, &mut self.next);
        std::mem::swap(&mut self.state, &mut self.next);
        Ok(())
    }

    /// Compute the exponential of one step length, and note the lanes it has no digits for.
    #[inline(always)]
    fn exponential(&mut self, network: &Network, plan: &Plan, index: usize) {
        let Length { hours, power_of, .. } = plan.lengths[index];
        let Matrices { kept, single, scratch } = &mut self.matrices;
        let (before, rest) = kept.split_at_mut(index);
        let target = rest[0].as_mut().unwrap_or(single);
        if let Some((base, times)) = power_of
            && let Some(base) = &before[base]
        {
            network.pattern.power(base, times, scratch, target);
            return;
        }
        let fine = network.pattern.exponential(&self.gain, &self.loss, hours, scratch, target);
        self.fail(fine, Failure::NoDigits);
    }

    /// Read every output into the tile.
    #[inline(always)]
    fn read(&mut self, network: &Network, column: usize) {
        if self.held.is_empty() {
            self.held = column..column;
        }
        let slot = self.held.len();
        for output in 0..network.outputs {
            self.tile[output * TILE + slot] = ZERO;
        }
        for (read, scale) in network.readouts.iter().zip(&self.scale) {
            add_product(&mut self.tile[read.output * TILE + slot], scale, &self.state[read.state]);
        }
        self.held.end = column + 1;
    }

    /// Turn the reads held in the tile, time by time, into rows, subject by subject.
    #[inline(always)]
    fn write_tile(&mut self, network: &Network, times: usize, rows: &mut [f64]) {
        let held = std::mem::take(&mut self.held);
        for (lane, subject) in rows.chunks_exact_mut(network.outputs * times).enumerate() {
            for output in 0..network.outputs {
                let start = output * times;
                let target = &mut subject[start + held.start..start + held.end];
                for (value, read) in target.iter_mut().zip(&self.tile[output * TILE..]) {
                    *value = read[lane];
                }
            }
        }
    }
}

/// Add to a state or set it, in every lane.
#[inline(always)]
fn alter(state: &mut [Lane], event: &Event) {
    for value in state[event.state].iter_mut() {
        *value = if event.change == Change::Add { *value + event.value } else { event.value };
    }
}

impl Matrices {
    #[inline(always)]
    fn get(&self, index: usize) -> &[Lane] {
        self.kept[index].as_ref().unwrap_or(&self.single)
    }
}
