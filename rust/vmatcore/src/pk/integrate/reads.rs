//! What a lane reads: at once, or as values of the series within a step.

use crate::lanes::{LANES, ZERO, add_product};

use super::block::{Block, Room};

impl Block<'_> {
    /// Read the state as it is.
    #[inline(always)]
    pub(super) fn read_now(&mut self, room: &Room<'_>, lane: usize, row: usize, column: usize) {
        let (first, times) = (row * self.row_length() + column, self.time_h.len());
        for output in 0..self.network.outputs {
            self.rows[first + output * times] = 0.0;
        }
        for (read, scale) in self.network.readouts.iter().zip(&room.equations.scale) {
            let value = scale[lane] * room.state[read.state][lane];
            self.rows[first + read.output * times] += value;
        }
    }

    /// Make the series of the outputs from those of the states.
    #[inline(always)]
    pub(super) fn prepare_reads(&self, room: &mut Room<'_>) {
        let (states, outputs) = (room.state.len(), self.network.outputs);
        room.outputs.fill(ZERO);
        for (read, scale) in self.network.readouts.iter().zip(&room.equations.scale) {
            let orders = room.outputs.chunks_exact_mut(outputs);
            for (target, terms) in orders.zip(room.stepper.series.chunks_exact(states)) {
                add_product(&mut target[read.output], scale, &terms[read.state]);
            }
        }
    }

    /// Read the columns that a step of a lane passes, eight at once.
    #[inline(always)]
    pub(super) fn read_passed(&mut self, room: &mut Room<'_>, lane: usize, row: usize, hours: f64) {
        let place = room.places[lane];
        let (times, outputs) = (self.time_h.len(), self.network.outputs);
        let (past_h, unit_h) = (room.past_h[lane], room.unit_h[lane]);
        let after = |time: f64| (time - place.start_h) - past_h;
        // The last step of a stretch passes all columns that are left.
        let mut end = place.column;
        if hours == room.left_h[lane] {
            end = place.last;
        }
        while end < place.last && after(self.time_h[end]) <= hours {
            end += 1;
        }
        room.places[lane].column = end;
        let mut column = place.column;
        while column < end {
            let count = (end - column).min(LANES);
            let mut share = ZERO;
            for (share, time) in share.iter_mut().zip(&self.time_h[column..column + count]) {
                let lag = after(*time);
                *share = if lag < hours { lag } else { hours } / unit_h;
            }
            for output in 0..outputs {
                let mut value = ZERO;
                for terms in room.outputs.chunks_exact(outputs).rev() {
                    let term = terms[output][lane];
                    for i in 0..LANES {
                        value[i] = value[i] * share[i] + term;
                    }
                }
                let first = row * self.row_length() + output * times + column;
                self.rows[first..first + count].copy_from_slice(&value[..count]);
            }
            column += count;
        }
    }
}
