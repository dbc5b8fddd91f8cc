//! The state that endless equal dosing intervals lead to, in closed form.
//!
//! One interval maps the state x to E x + w, with E = exp(A tau) and w what the doses of
//! one interval leave, so the endless series leads to x = (1 - E)^-1 w. With rate times
//! interval small, E is nearly 1 and the difference would cancel. It is never formed: what
//! leaves in one interval is a state of its own, a sink, and the elimination works with
//! the off-diagonal entries and the sinks alone, so that every sum is one of non-negative
//! terms (Grassmann, Taksar and Heyman 1985, doi:10.1287/opre.33.5.1107). Compartments
//! that exchange form a block; blocks are solved from upstream to downstream.

use crate::error::Result;
use crate::lanes::{LANES, Lane, ZERO, add_product};
use crate::solve::linear::Scratch;
use crate::solve::pattern::Pattern;

/// The shape of the equations: blocks of states that reach one another, each with a sink.
#[derive(Debug, Clone)]
pub struct Periodic {
    pattern: Pattern,
    states: usize,
    /// Blocks from upstream to downstream.
    blocks: Vec<Vec<usize>>,
    /// States that no steady state touches: integrals, and sources of infusions.
    held: Vec<bool>,
    /// Which state feeds each sink's gain.
    leaving: Vec<usize>,
    /// Where entry (row, column) of the exponential stands.
    place: Vec<Option<usize>>,
}

/// Room for one solution.
#[derive(Debug)]
pub struct Room {
    gain: Vec<Lane>,
    loss: Vec<Lane>,
    matrix: Vec<Lane>,
    scratch: Scratch,
    block: Vec<Lane>,
    sink: Vec<Lane>,
    right_side: Vec<Lane>,
}

impl Periodic {
    /// The shape for a graph of (to, from) gains.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] for a gain outside the states.
    pub fn new(states: usize, gains: &[(usize, usize)], held: &[bool]) -> Result<Self> {
        let plain = Pattern::new(states, gains)?;
        let mut reach = vec![false; states * states];
        for &(to, from) in plain.pairs() {
            reach[to * states + from] = true;
        }
        let at = |to: usize, from: usize| reach[to * states + from];
        let upstream = |state: usize| (0..states).filter(|&from| at(state, from)).count();
        let mut order: Vec<usize> = (0..states).collect();
        order.sort_by_key(|&state| (upstream(state), state));
        let mut blocks: Vec<Vec<usize>> = Vec::new();
        for state in order {
            let same = |block: &&mut Vec<usize>| at(state, block[0]) && at(block[0], state);
            match blocks.iter_mut().find(same) {
                Some(block) => block.push(state),
                None => blocks.push(vec![state]),
            }
        }
        let mut extended = gains.to_vec();
        let mut leaving = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            for &state in block {
                extended.push((states + number, state));
                leaving.push(state);
            }
        }
        let all = states + blocks.len();
        let pattern = Pattern::new(all, &extended)?;
        let mut place = vec![None; all * all];
        for (entry, &(row, column)) in pattern.pairs().iter().enumerate() {
            place[row * all + column] = Some(entry);
        }
        Ok(Self { pattern, states, blocks, held: held.to_vec(), leaving, place })
    }

    /// Room for solutions of this shape.
    pub fn room(&self) -> Room {
        let widest = self.blocks.iter().map(Vec::len).max().unwrap_or(0);
        Room {
            gain: vec![ZERO; self.pattern.gains()],
            loss: vec![ZERO; self.pattern.states()],
            matrix: vec![ZERO; self.pattern.entries()],
            scratch: Scratch::new(&self.pattern),
            block: vec![ZERO; widest * widest],
            sink: vec![ZERO; widest],
            right_side: vec![ZERO; self.states],
        }
    }

    /// Whether a steady state leaves a state as it is.
    pub fn is_held(&self, state: usize) -> bool {
        self.held[state]
    }

    #[inline(always)]
    fn entry(&self, matrix: &[Lane], row: usize, column: usize) -> Lane {
        match self.place[row * self.pattern.states() + column] {
            Some(entry) => matrix[entry],
            None => ZERO,
        }
    }

    /// Replace `state`, what the doses of one interval leave of nothing, by the steady state.
    ///
    /// `exit` is the rate at which each state empties out of its own block. Returns the
    /// lanes that have a steady state.
    #[inline(always)]
    pub fn solve(
        &self,
        gain: &[Lane],
        loss: &[Lane],
        exit: &[Lane],
        every_h: f64,
        room: &mut Room,
        state: &mut [Lane],
    ) -> [bool; LANES] {
        room.gain[..gain.len()].copy_from_slice(gain);
        for (target, &from) in room.gain[gain.len()..].iter_mut().zip(&self.leaving) {
            *target = exit[from];
        }
        room.loss[..loss.len()].copy_from_slice(loss);
        let Room { gain, loss, matrix, scratch, block, sink, right_side } = room;
        let mut right = self.pattern.exponential(gain, loss, every_h, scratch, matrix);
        for value in exit {
            for i in 0..LANES {
                right[i] &= value[i] >= 0.0;
            }
        }
        right_side.copy_from_slice(state);
        for (number, members) in self.blocks.iter().enumerate() {
            // What is upstream has its steady state already.
            for &row in members {
                for before in &self.blocks[..number] {
                    for &column in before {
                        if let Some(entry) = self.place[row * self.pattern.states() + column] {
                            add_product(&mut right_side[row], &matrix[entry], &state[column]);
                        }
                    }
                }
            }
            let size = members.len();
            for (j, &column) in members.iter().enumerate() {
                sink[j] = self.entry(matrix, self.states + number, column);
                for (i, &row) in members.iter().enumerate() {
                    block[i * size + j] = self.entry(matrix, row, column);
                }
            }
            eliminate(members, block, sink, right_side, state);
            for &member in members {
                if self.held[member] {
                    state[member] = ZERO;
                }
            }
        }
        for value in state.iter() {
            for i in 0..LANES {
                right[i] &= value[i].is_finite();
            }
        }
        right
    }
}

/// Solve (1 - E) x = r for one block, from E off the diagonal and the sinks.
#[inline(always)]
fn eliminate(
    members: &[usize],
    block: &mut [Lane],
    sink: &mut [Lane],
    right_side: &mut [Lane],
    state: &mut [Lane],
) {
    let size = members.len();
    for k in 0..size {
        // The diagonal of 1 - E: all that leaves k, to the sink or to a later member.
        let mut pivot = sink[k];
        for i in k + 1..size {
            for lane in 0..LANES {
                pivot[lane] += block[i * size + k][lane];
            }
        }
        block[k * size + k] = pivot;
        for j in k + 1..size {
            let into = block[k * size + j];
            for lane in 0..LANES {
                let share = into[lane] / pivot[lane];
                sink[j][lane] += sink[k][lane] * share;
                for i in (k + 1..size).filter(|&i| i != j) {
                    block[i * size + j][lane] += block[i * size + k][lane] * share;
                }
            }
        }
        for i in k + 1..size {
            for lane in 0..LANES {
                let share = block[i * size + k][lane] / pivot[lane];
                right_side[members[i]][lane] += share * right_side[members[k]][lane];
            }
        }
    }
    for k in (0..size).rev() {
        let mut total = right_side[members[k]];
        for j in k + 1..size {
            add_product(&mut total, &block[k * size + j], &state[members[j]]);
        }
        for lane in 0..LANES {
            let value = total[lane];
            let whole = value / block[k * size + k][lane];
            state[members[k]][lane] = if value == 0.0 { 0.0 } else { whole };
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    fn steady(
        gains: &[(usize, usize, f64)],
        loss: &[f64],
        exit: &[f64],
        every_h: f64,
        left: &[f64],
    ) -> Vec<f64> {
        let pairs: Vec<_> = gains.iter().map(|&(to, from, _)| (to, from)).collect();
        let shape = Periodic::new(loss.len(), &pairs, &vec![false; loss.len()]).unwrap();
        let gain: Vec<Lane> = gains.iter().map(|&(_, _, rate)| Lane::splat(rate)).collect();
        let lanes = |values: &[f64]| values.iter().map(|&v| Lane::splat(v)).collect::<Vec<_>>();
        let mut state = lanes(left);
        let right =
            shape.solve(&gain, &lanes(loss), &lanes(exit), every_h, &mut shape.room(), &mut state);
        assert_eq!(right, [true; LANES]);
        state.iter().map(|lane| lane[0]).collect()
    }

    #[test]
    fn one_compartment_keeps_its_digits_from_slow_to_fast() {
        for rate_hours in [1e-12, 1e-6, 1e-3, 1.0, 30.0, 700.0] {
            let rate: f64 = rate_hours / 24.0;
            let left = f64::exp(-rate_hours);
            let got = steady(&[], &[rate], &[rate], 24.0, &[left])[0];
            let want = left / -f64::exp_m1(-rate_hours);
            assert!((got / want - 1.0).abs() < 2e-13, "{rate_hours}: {got:e} {want:e}");
        }
    }

    #[test]
    fn two_compartments_that_exchange_satisfy_their_own_equation_in_the_mean() {
        // Over one interval at steady state what enters leaves: clearance times area = dose.
        let (forth, back, out) = (1.1, 0.4, 1e-7);
        let gains = [(1, 0, forth), (0, 1, back), (2, 0, out)];
        let got =
            steady(&gains, &[forth + out, back, 1.0], &[out, 0.0, 1.0], 8.0, &[3.0, 2.0, 0.0]);
        // All amounts are nearly dose/(out * interval) * share of each compartment.
        let total = 5.0 / (out * 8.0) * (forth + back) / back;
        assert!(((got[0] + got[1]) / total - 1.0).abs() < 1e-6, "{got:?} {total}");
        assert!((got[1] / got[0] / (forth / back) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_compartment_that_never_empties_has_no_steady_state() {
        let shape = Periodic::new(1, &[], &[false]).unwrap();
        let mut state = [Lane::splat(1.0)];
        let right = shape.solve(&[], &[ZERO], &[ZERO], 1.0, &mut shape.room(), &mut state);
        assert_eq!(right, [false; LANES]);
    }
}
