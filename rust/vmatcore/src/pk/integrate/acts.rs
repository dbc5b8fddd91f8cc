//! What a lane does between its steps: events, and the change from one subject to the next.

use crate::pk::Change;
use crate::pk::program::Op;
use crate::pk::table::{Event, Failure};

use super::block::{Block, Place, Room};
use super::steady::{MOST_INTERVALS, MOST_STEADY_STEPS};

impl Block<'_> {
    /// Let a lane act until it has to integrate, taking new subjects as it needs them.
    #[inline(always)]
    pub(super) fn bring_on(&mut self, room: &mut Room<'_>, lane: usize) {
        if room.places[lane].row.is_some() && room.left_h[lane] > 0.0 {
            return;
        }
        loop {
            let Some(row) = room.places[lane].row else {
                if (self.next_row + 1) * self.row_length() > self.rows.len() {
                    return;
                }
                self.load(room, lane, self.next_row);
                self.next_row += 1;
                continue;
            };
            let program = &self.programs[self.table_of[self.first + row]];
            let Some(&op) = program.ops.get(room.places[lane].op) else {
                self.finish(room, lane, row);
                continue;
            };
            room.places[lane].op += 1;
            match op {
                Op::Flow { hours, start_h, first, last } => {
                    let place = &mut room.places[lane];
                    (place.start_h, place.column, place.last) = (start_h, first, last);
                    (room.left_h[lane], room.past_h[lane]) = (hours, 0.0);
                    room.longest_h[lane] = hours;
                    if room.unit_h[lane] == 0.0 {
                        room.unit_h[lane] = hours; // as good as any
                    }
                    return;
                }
                Op::Read(column) => self.read_now(room, lane, row, column),
                Op::Change(event) => self.change(room, lane, &event),
                Op::Begin => {
                    room.settling.begin(&mut room.state, lane);
                    let place = &mut room.places[lane];
                    (place.intervals, place.steps, place.steady_steps) = (0, 0, 0);
                }
                Op::Again { first } => self.again(room, lane, row, first),
            }
        }
    }

    /// Let an event act.
    #[inline(always)]
    fn change(&self, room: &mut Room<'_>, lane: usize, event: &Event) {
        match event.change {
            Change::Add => room.state[event.state][lane] += event.value,
            Change::Set => room.state[event.state][lane] = event.value,
            _ => {
                for (state, value) in room.state.iter_mut().enumerate() {
                    if !self.network.periodic.is_held(state) {
                        value[lane] = 0.0;
                    }
                }
            }
        }
    }

    /// After a dosing interval: go on if the state has settled, else begin another.
    #[inline(always)]
    fn again(&mut self, room: &mut Room<'_>, lane: usize, row: usize, first: usize) {
        let place = &mut room.places[lane];
        place.intervals += 1;
        place.steady_steps += place.steps;
        place.steps = 0;
        let (intervals, steps) = (place.intervals, place.steady_steps);
        let network = self.network;
        let settled = room.settling.settled(network, &room.state, lane, &room.tolerance);
        if settled && intervals > 2 {
            room.settling.end(network, &mut room.state, lane);
        } else if intervals >= MOST_INTERVALS || steps >= MOST_STEADY_STEPS {
            self.lose(room, lane, row, Failure::NoSteadyState);
        } else {
            room.places[lane].op = first;
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
        room.unit_h[lane] = 0.0;
    }

    /// Free a lane whose subject is done.
    #[inline(always)]
    fn finish(&mut self, room: &mut Room<'_>, lane: usize, row: usize) {
        if room.state.iter().all(|value| value[lane].is_finite()) {
            room.places[lane] = Place::default();
        } else {
            self.lose(room, lane, row, Failure::NotFinite);
        }
    }

    /// Free a lane whose subject has failed.
    #[inline(always)]
    pub(super) fn lose(&mut self, room: &mut Room<'_>, lane: usize, row: usize, why: Failure) {
        let length = self.row_length();
        self.rows[row * length..(row + 1) * length].fill(f64::NAN);
        self.failed.push((self.first + row, why));
        room.places[lane] = Place::default();
        room.left_h[lane] = 0.0;
        for value in &mut room.state {
            value[lane] = 0.0;
        }
    }
}
