//! One step of every lane, each of its own length.

use crate::lanes::{LANES, ZERO};
use crate::pk::saturable::Equations;
use crate::pk::table::Failure;

use super::block::{Block, Room};

/// More steps than this for one subject, or for one dosing interval of a steady state,
/// mean rates too fast for an explicit method.
pub(super) const MOST_STEPS: u64 = 1_000_000;

/// After a failure a step shrinks to this share of itself, and the unit of a series that
/// left the range of numbers to this.
const AFTER_FAILURE: f64 = 0.5;
const OUT_OF_RANGE: f64 = 1e-3;

/// Steps shorter than this share of their stretch mean that no step is right.
const SHORTEST: f64 = 1e-13;

impl Block<'_> {
    /// Try one step in every lane.
    #[inline(always)]
    pub(super) fn step(&mut self, room: &mut Room<'_>) {
        let unit_h = room.unit_h;
        room.stepper.expand(&mut room.equations, &room.state, &unit_h);
        let reach = room.stepper.reach(&room.state, &room.tolerance);
        let (mut wanted, mut hours, mut share) = (ZERO, ZERO, ZERO);
        for lane in 0..LANES {
            let (left, most) = (room.left_h[lane], room.longest_h[lane]);
            let own = reach[lane] * unit_h[lane];
            let own = if own > most { most } else { own };
            // The end is met exactly, and not by a last step of next to nothing.
            let shared = if 2.0 * own > left { 0.5 * left } else { own };
            hours[lane] = if own >= left { left } else { shared };
            wanted[lane] = own;
            share[lane] = hours[lane] / unit_h[lane];
        }
        let right = room.stepper.go::<Equations<'_>>(&share, &room.tolerance);
        self.read_passed(room, &hours, &right);
        for lane in 0..LANES {
            let Some(row) = room.places[lane].row else { continue };
            if right[lane] {
                for (value, next) in room.state.iter_mut().zip(&room.stepper.next) {
                    value[lane] = next[lane];
                }
                let left = room.left_h[lane] - hours[lane];
                room.past_h[lane] += hours[lane];
                room.left_h[lane] = if hours[lane] == room.left_h[lane] { 0.0 } else { left };
                room.longest_h[lane] = left;
                room.unit_h[lane] = wanted[lane];
            } else {
                let stretch = room.past_h[lane] + room.left_h[lane];
                let tried = if reach[lane] > 0.0 {
                    room.longest_h[lane] = AFTER_FAILURE * hours[lane];
                    room.longest_h[lane]
                } else {
                    room.unit_h[lane] = OUT_OF_RANGE * unit_h[lane];
                    room.unit_h[lane]
                };
                if tried < SHORTEST * stretch || tried.is_nan() {
                    self.lose(room, lane, row, Failure::NotFinite);
                    continue;
                }
            }
            room.places[lane].steps += 1;
            if room.places[lane].steps > MOST_STEPS {
                self.lose(room, lane, row, Failure::TooManySteps);
            }
        }
    }
}
