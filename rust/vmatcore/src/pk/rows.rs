//! The rows that read a span: outputs as sums over the state at its start.
//!
//! An output t hours into a span is r exp(A t) x, with r the readout and x the
//! state at the start. The row r exp(A t) is the same in every span of one
//! shape, so it is made once, and each read is a short sum that waits for none
//! before it. All numbers are non-negative, so nothing cancels.

use std::ops::Range;

use super::Readout;
use super::plan::Span;
use crate::lanes::{LANES, Lane, ZERO, add, add_product};
use crate::solve::pattern::Pattern;

/// Which states each output's row has, and how a step moves the row.
#[derive(Debug, Clone)]
pub(super) struct RowShape {
    /// The states of all rows, output after output.
    states: Vec<usize>,
    /// Where each output starts in `states`; one more at the end.
    start: Vec<usize>,
    /// For each slot, the (slot, entry) pairs whose products a step sums.
    moves: Vec<Vec<(usize, usize)>>,
    /// For each readout, its slot.
    seeds: Vec<usize>,
}

impl RowShape {
    pub(super) fn new(pattern: &Pattern, readouts: &[Readout], outputs: usize) -> Self {
        let pairs = pattern.pairs();
        let mut states = Vec::new();
        let mut start = vec![0];
        for output in 0..outputs {
            let reads = |state: usize| {
                readouts.iter().any(|read| read.output == output && read.state == state)
            };
            let reaches =
                |&state: &usize| pairs.iter().any(|&(row, column)| column == state && reads(row));
            states.extend((0..pattern.states()).filter(reaches));
            start.push(states.len());
        }
        let slot = |output: usize, state: usize| {
            let row = &states[start[output]..start[output + 1]];
            row.iter().position(|&other| other == state).map(|i| start[output] + i)
        };
        let moves = (0..outputs)
            .flat_map(|output| (start[output]..start[output + 1]).map(move |i| (output, i)))
            .map(|(output, i)| {
                let into = pairs.iter().enumerate().filter(|(_, pair)| pair.1 == states[i]);
                into.filter_map(|(entry, pair)| slot(output, pair.0).map(|from| (from, entry)))
                    .collect()
            })
            .collect();
        let seeds = readouts.iter().filter_map(|read| slot(read.output, read.state)).collect();
        Self { states, start, moves, seeds }
    }

    /// The slots of one output.
    #[inline(always)]
    pub(super) fn slots(&self, output: usize) -> Range<usize> {
        self.start[output]..self.start[output + 1]
    }

    /// How many numbers the rows of one read have.
    pub(super) fn lanes(&self) -> usize {
        self.states.len()
    }

    /// The rows of a read without delay.
    #[inline(always)]
    pub(super) fn at_once(&self, scale: &[Lane], row: &mut [Lane]) {
        row.fill(ZERO);
        for (&slot, scale) in self.seeds.iter().zip(scale) {
            row[slot] = add(&row[slot], scale);
        }
    }

    /// Move the rows one step back in time: `after = before exp(A h)`.
    #[inline(always)]
    pub(super) fn step(&self, matrix: &[Lane], before: &[Lane], after: &mut [Lane]) {
        for (target, moves) in after.iter_mut().zip(&self.moves) {
            let mut total = ZERO;
            for &(from, entry) in moves {
                add_product(&mut total, &before[from], &matrix[entry]);
            }
            *target = total;
        }
    }

    /// The states in the order of the rows.
    #[inline(always)]
    pub(super) fn gather(&self, state: &[Lane], gathered: &mut [Lane]) {
        for (target, &index) in gathered.iter_mut().zip(&self.states) {
            *target = state[index];
        }
    }
}

/// The rows of one span in eight subjects, laid out in the order of writing, eight
/// times of one subject at once: (subject, slot, eight reads).
#[derive(Debug)]
pub(super) struct SpanRows {
    reads: usize,
    eights: usize,
    per_subject: usize,
    values: Vec<Lane>,
}

impl SpanRows {
    pub(super) fn new(shape: &RowShape, span: &Span) -> Self {
        let eights = span.reads.div_ceil(LANES);
        let per_subject = eights * shape.lanes();
        Self { reads: span.reads, eights, per_subject, values: vec![ZERO; LANES * per_subject] }
    }

    /// Put in the row of one read.
    #[inline(always)]
    pub(super) fn put(&mut self, read: usize, row: &[Lane]) {
        for (slot, lane) in row.iter().enumerate() {
            for (subject, value) in lane.iter().enumerate() {
                let at = subject * self.per_subject + slot * self.eights + read / LANES;
                self.values[at][read % LANES] = *value;
            }
        }
    }

    /// Write the reads of one output of one subject to the start of `out`.
    #[inline(always)]
    pub(super) fn write(
        &self,
        slots: Range<usize>,
        subject: usize,
        gathered: &[Lane],
        out: &mut [f64],
    ) {
        let first = subject * self.per_subject;
        let rows = &self.values[first + slots.start * self.eights..first + slots.end * self.eights];
        let (states, out) = (&gathered[slots], &mut out[..self.reads]);
        match self.eights {
            1 => write_eights::<1>(rows, states, subject, out),
            2 => write_eights::<2>(rows, states, subject, out),
            3 => write_eights::<3>(rows, states, subject, out),
            4 => write_eights::<4>(rows, states, subject, out),
            _ => write_any(rows, self.eights, states, subject, out),
        }
    }
}

/// `N` times eight reads, all at once: each state is used for every eight.
#[inline(always)]
fn write_eights<const N: usize>(rows: &[Lane], states: &[Lane], subject: usize, out: &mut [f64]) {
    let mut totals = [ZERO; N];
    for (row, state) in rows.as_chunks::<N>().0.iter().zip(states) {
        let state = Lane::splat(state[subject]);
        for (total, eight) in totals.iter_mut().zip(row) {
            add_product(total, eight, &state);
        }
    }
    for (target, total) in out.chunks_mut(LANES).zip(&totals) {
        store(total, target);
    }
}

/// Any number of eights, one after the other.
#[inline(always)]
fn write_any(rows: &[Lane], eights: usize, states: &[Lane], subject: usize, out: &mut [f64]) {
    for (i, target) in out.chunks_mut(LANES).enumerate() {
        let mut total = ZERO;
        for (row, state) in rows.chunks_exact(eights).zip(states) {
            add_product(&mut total, &row[i], &Lane::splat(state[subject]));
        }
        store(&total, target);
    }
}

/// A whole lane is one store; only a shorter end is a copy of unknown length.
#[inline(always)]
fn store(lane: &Lane, target: &mut [f64]) {
    match target.first_chunk_mut::<LANES>() {
        Some(eight) => *eight = lane.0,
        None => target.copy_from_slice(&lane[..target.len()]),
    }
}
