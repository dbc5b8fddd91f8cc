//! Exact propagation of linear compartment systems by the matrix exponential.
//!
//! A compartment system x' = A x has only non-negative entries off the diagonal
//! of A. With a shift c that lifts the diagonal, exp(A h) = e^-ch exp((A + c) h)
//! is a sum of non-negative terms: nothing cancels, so every single entry is
//! right to a few digits of the last place, however small it is (Shao, Gao and
//! Xue 2014, doi:10.1137/120894294). Scaling and squaring keeps that property.

use crate::lanes::{LANES, Lane, ZERO, add, add_product, product};
use crate::math::exp;
use crate::solve::pattern::Pattern;

/// How a step is taken: halved until the shifted matrix has this norm at most, with
/// this many terms of the Taylor series beyond the longest path.
#[derive(Debug, Clone, Copy)]
struct Series {
    largest_norm: f64,
    terms: usize,
}

/// The usual step. 0.5^16/16! is below 1e-18, so further terms change no bit, and a
/// lane may be given more terms than it needs.
const SHORT: Series = Series { largest_norm: 0.5, terms: 16 };

/// A step that would be halved often. Every halving doubles the rounding error, so
/// three fewer are worth the longer series; 4^36/36! is below 1e-19.
const LONG: Series = Series { largest_norm: 4.0, terms: 36 };

/// Rate times step from which a step is long.
const LONG_FROM: f64 = 64.0;

/// Halvings beyond this mean a rate times a step above 10^15: no digit would be left.
const MOST_HALVINGS: u32 = 50;

impl Pattern {
    /// `after = exp(A h) before`.
    #[inline(always)]
    pub fn apply(&self, matrix: &[Lane], before: &[Lane], after: &mut [Lane]) {
        for (row, target) in after.iter_mut().enumerate().take(self.states) {
            let mut total = ZERO;
            for entry in self.row_start[row]..self.row_start[row + 1] {
                add_product(&mut total, &matrix[entry], &before[self.entries[entry].1]);
            }
            *target = total;
        }
    }

    /// Write exp(A `hours`) for eight systems into `out`, one lane each.
    ///
    /// `gain` holds one lane for each gain of the pattern, `loss` one for each
    /// state: the total rate at which the state empties. Returns which lanes
    /// are right; the others have a rate times step that leaves no digit.
    #[inline(always)]
    pub fn exponential(
        &self,
        gain: &[Lane],
        loss: &[Lane],
        hours: f64,
        scratch: &mut Scratch,
        out: &mut [Lane],
    ) -> [bool; LANES] {
        let (shift, mut halvings, terms) = self.shift_and_halvings(gain, loss, hours);
        let mut right = [true; LANES];
        for i in 0..LANES {
            right[i] = halvings[i] <= MOST_HALVINGS;
            halvings[i] = if right[i] { halvings[i] } else { 0 };
        }
        let most = halvings.iter().copied().max().unwrap_or(0);
        let mut step = ZERO;
        let mut decay = ZERO;
        for i in 0..LANES {
            step[i] = hours / power_of_two(halvings[i]);
            decay[i] = exp(-(shift[i] * step[i]));
        }
        self.scaled_rates(gain, loss, &shift, &step, scratch);
        self.series(terms, scratch, out);
        for value in out.iter_mut() {
            *value = product(value, &decay);
        }
        for halving in 0..most {
            self.square(&halvings, halving, &mut scratch.term, out);
        }
        right
    }

    /// For each lane, the shift c that makes the diagonal non-negative and how often to
    /// halve; and the terms that all lanes need.
    #[inline(always)]
    fn shift_and_halvings(
        &self,
        gain: &[Lane],
        loss: &[Lane],
        hours: f64,
    ) -> (Lane, [u32; LANES], usize) {
        let mut shift = ZERO;
        for state in loss {
            for i in 0..LANES {
                shift[i] = if state[i] > shift[i] { state[i] } else { shift[i] };
            }
        }
        // Gains off every cycle only feed forward: they scale an entry but
        // cannot slow the series down.
        let mut halvings = [0; LANES];
        let mut terms = SHORT.terms;
        for i in 0..LANES {
            let mut norm = shift[i];
            for (state, out) in loss.iter().enumerate() {
                let cycle: f64 = self
                    .on_cycle
                    .iter()
                    .filter(|&&(_, from)| from == state)
                    .map(|&(index, _)| gain[index][i])
                    .sum();
                norm = f64::max(norm, (shift[i] - out[i]) + cycle);
            }
            let mut size = norm * hours;
            let series = if size > LONG_FROM { LONG } else { SHORT };
            terms = terms.max(series.terms);
            while size > series.largest_norm && halvings[i] <= MOST_HALVINGS {
                size *= 0.5;
                halvings[i] += 1;
            }
        }
        (shift, halvings, terms)
    }

    /// Rates times the halved step: gains, then the shifted diagonal.
    #[inline(always)]
    fn scaled_rates(
        &self,
        gain: &[Lane],
        loss: &[Lane],
        shift: &Lane,
        step: &Lane,
        scratch: &mut Scratch,
    ) {
        for (scaled, rate) in scratch.gain.iter_mut().zip(gain) {
            *scaled = product(rate, step);
        }
        for (scaled, rate) in scratch.stay.iter_mut().zip(loss) {
            for i in 0..LANES {
                scaled[i] = (shift[i] - rate[i]) * step[i];
            }
        }
    }

    /// The Taylor series of the shifted, halved matrix.
    #[inline(always)]
    fn series(&self, terms: usize, scratch: &mut Scratch, out: &mut [Lane]) {
        for (entry, &(row, column)) in self.entries.iter().enumerate() {
            let one = Lane::splat(f64::from(u8::from(row == column)));
            scratch.term[entry] = one;
            out[entry] = one;
        }
        for order in 1..self.states + terms {
            let share = Lane::splat(1.0 / order as f64);
            let targets = scratch.next.iter_mut().zip(out.iter_mut());
            let sources = self.entries.iter().zip(&scratch.term).zip(self.powers.iter());
            for ((next, sum), ((&(row, _), term), pairs)) in targets.zip(sources) {
                let mut total = product(&scratch.stay[row], term);
                for &(gain, right) in pairs {
                    add_product(&mut total, &scratch.gain[gain], &scratch.term[right]);
                }
                *next = product(&total, &share);
                *sum = add(sum, next);
            }
            std::mem::swap(&mut scratch.term, &mut scratch.next);
        }
    }

    /// `out = left right`, the product of two exponentials of this pattern.
    #[inline(always)]
    pub fn multiply(&self, left: &[Lane], right: &[Lane], out: &mut [Lane]) {
        for (target, pairs) in out.iter_mut().zip(self.squares.iter()) {
            let mut total = ZERO;
            for &(row, column) in pairs {
                add_product(&mut total, &left[row], &right[column]);
            }
            *target = total;
        }
    }

    /// Write `base` to the power `times` into `out`. Nothing cancels in it.
    #[inline(always)]
    pub fn power(&self, base: &[Lane], times: u32, scratch: &mut Scratch, out: &mut [Lane]) {
        out.copy_from_slice(base);
        let mut bit = 1 << times.max(1).ilog2();
        while bit > 1 {
            bit >>= 1;
            self.multiply(out, out, &mut scratch.term);
            if times & bit == 0 {
                out.copy_from_slice(&scratch.term);
            } else {
                self.multiply(&scratch.term, base, out);
            }
        }
    }

    /// Square the lanes that still need it; leave the others as they are.
    #[inline(always)]
    fn square(&self, halvings: &[u32; LANES], done: u32, room: &mut [Lane], out: &mut [Lane]) {
        for ((target, old), pairs) in room.iter_mut().zip(out.iter()).zip(self.squares.iter()) {
            let mut total = ZERO;
            for &(left, right) in pairs {
                add_product(&mut total, &out[left], &out[right]);
            }
            for i in 0..LANES {
                target[i] = if done < halvings[i] { total[i] } else { old[i] };
            }
        }
        out.copy_from_slice(room);
    }
}

/// Room for one exponential, made once per block of subjects.
#[derive(Debug)]
pub struct Scratch {
    term: Vec<Lane>,
    next: Vec<Lane>,
    gain: Vec<Lane>,
    stay: Vec<Lane>,
}

impl Scratch {
    /// Room for exponentials of this pattern.
    pub fn new(pattern: &Pattern) -> Self {
        Self {
            term: vec![ZERO; pattern.entries()],
            next: vec![ZERO; pattern.entries()],
            gain: vec![ZERO; pattern.gains()],
            stay: vec![ZERO; pattern.states()],
        }
    }
}

#[inline(always)]
fn power_of_two(exponent: u32) -> f64 {
    f64::from_bits((1023 + u64::from(exponent)) << 52)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    fn exponential(
        states: usize,
        gains: &[(usize, usize, f64)],
        loss: &[f64],
        hours: f64,
    ) -> Vec<f64> {
        let joins: Vec<_> = gains.iter().map(|&(to, from, _)| (to, from)).collect();
        let pattern = Pattern::new(states, &joins).unwrap();
        let gain: Vec<Lane> = gains.iter().map(|&(_, _, rate)| Lane::splat(rate)).collect();
        let loss: Vec<Lane> = loss.iter().map(|&rate| Lane::splat(rate)).collect();
        let mut out = vec![ZERO; pattern.entries()];
        let mut scratch = Scratch::new(&pattern);
        assert!(pattern.exponential(&gain, &loss, hours, &mut scratch, &mut out)[0]);
        let mut full = vec![0.0; states * states];
        for (entry, &(row, column)) in pattern.entries.iter().enumerate() {
            full[row * states + column] = out[entry][0];
        }
        full
    }

    #[test]
    fn one_compartment_decays_exponentially_at_every_scale() {
        for rate_hours in [0.0, 1e-12, 1e-3, 0.3, 1.0, 7.0, 100.0, 700.0] {
            let got = exponential(1, &[], &[rate_hours], 1.0)[0];
            let expected = f64::exp(-rate_hours);
            assert!(
                (got / expected - 1.0).abs() < 1e-16 + 1e-15 * rate_hours.max(2.0),
                "{rate_hours}: {got} {expected}"
            );
        }
    }

    #[test]
    fn a_chain_with_equal_rates_gives_the_poisson_probabilities() {
        let gains: Vec<_> = (0..5).map(|i| (i + 1, i, 8.43)).collect();
        let got = exponential(6, &gains, &[8.43, 8.43, 8.43, 8.43, 8.43, 0.0], 3.0);
        let mean: f64 = 8.43 * 3.0;
        let mut term = (-mean).exp();
        for passed in 0..5usize {
            assert!((got[passed * 6] / term - 1.0).abs() < 1e-13);
            term *= mean / (passed as f64 + 1.0);
        }
    }

    #[test]
    fn a_closed_system_keeps_its_mass() {
        let got = exponential(
            3,
            &[(1, 0, 2.0), (0, 1, 0.5), (2, 1, 3.0), (1, 2, 0.1)],
            &[2.0, 3.5, 0.1],
            40.0,
        );
        for column in 0..3 {
            let mass: f64 = (0..3).map(|row| got[row * 3 + column]).sum();
            assert!((mass - 1.0).abs() < 1e-12, "{mass}");
        }
    }

    #[test]
    fn a_power_is_the_exponential_of_the_whole() {
        let pattern = Pattern::new(3, &[(1, 0), (0, 1), (2, 1)]).unwrap();
        let gain = [Lane::splat(0.7), Lane::splat(0.2), Lane::splat(0.1)];
        let loss = [Lane::splat(0.7), Lane::splat(0.3), ZERO];
        let mut scratch = Scratch::new(&pattern);
        let room = || vec![ZERO; pattern.entries()];
        let (mut base, mut whole, mut power) = (room(), room(), room());
        pattern.exponential(&gain, &loss, 0.5, &mut scratch, &mut base);
        for times in [1, 2, 3, 7, 24, 31] {
            let hours = 0.5 * f64::from(times);
            pattern.exponential(&gain, &loss, hours, &mut scratch, &mut whole);
            pattern.power(&base, times, &mut scratch, &mut power);
            for (got, want) in power.iter().zip(&whole) {
                // Each product adds a rounding or two, and so does each part of the base.
                let allowed = 1e-15 * (5.0 + f64::from(times));
                assert!((got[0] / want[0] - 1.0).abs() < allowed, "{times}: {got:?} {want:?}");
            }
        }
    }

    #[test]
    fn a_rate_beyond_all_digits_fails_its_own_lane_only() {
        let pattern = Pattern::new(1, &[]).unwrap();
        let mut out = [ZERO];
        let mut scratch = Scratch::new(&pattern);
        let mut loss = Lane::splat(1.0);
        loss[3] = 1e17;
        let right = pattern.exponential(&[], &[loss], 1.0, &mut scratch, &mut out);
        assert_eq!(right, [true, true, true, false, true, true, true, true]);
        assert!((out[0][7] - (-1.0f64).exp()).abs() < 1e-15);
    }
}
