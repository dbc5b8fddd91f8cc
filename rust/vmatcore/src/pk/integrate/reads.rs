//! What a lane reads: at once, or as a value of the series within a step.

use crate::lanes::{LANES, Lane, ZERO, add_product, quotient};

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

    /// Read the columns that the steps of these lanes pass.
    #[inline(always)]
    pub(super) fn read_passed(&mut self, room: &mut Room<'_>, hours: &Lane, right: &[bool; LANES]) {
        let (times, row_length) = (self.time_h.len(), self.row_length());
        loop {
            let mut lag = ZERO;
            let mut target = [None; LANES];
            for lane in 0..LANES {
                let place = &mut room.places[lane];
                if !right[lane] || place.column >= place.last {
                    continue;
                }
                let past = (self.time_h[place.column] - place.start_h) - room.past_h[lane];
                // The last step of a stretch passes all columns that are left.
                if past <= hours[lane] || hours[lane] == room.left_h[lane] {
                    lag[lane] = if past < hours[lane] { past } else { hours[lane] };
                    target[lane] = place.row.map(|row| row * row_length + place.column);
                    place.column += 1;
                }
            }
            if target == [None; LANES] {
                return;
            }
            let share = quotient(&lag, &room.unit_h);
            for output in 0..self.network.outputs {
                let mut total = ZERO;
                for (read, scale) in self.network.readouts.iter().zip(&room.equations.scale) {
                    if read.output == output {
                        add_product(&mut total, scale, &room.stepper.at(read.state, &share));
                    }
                }
                for lane in 0..LANES {
                    if let Some(first) = target[lane] {
                        self.rows[first + output * times] = total[lane];
                    }
                }
            }
        }
    }
}
