//! The rows that read a span: outputs as sums over the state at its start.
//!
//! An output t hours into a span is r exp(A t) x, with r the readout and x the
//! state at the start. The row r exp(A t) is the same in every span of one
//! shape, so it is made once, and each read is a short sum that waits for none
//! before it. All numbers are non-negative, so nothing cancels.

use std::ops::Range;

use super::Readout;
use super::plan::Span;
use super::visits::Run;
use crate::lanes::{LANES, Lane, ZERO, add, add_product, product};
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
        let (eight, place) = (read / LANES, read % LANES);
        for (subject, values) in self.values.chunks_exact_mut(self.per_subject).enumerate() {
            let targets = values[eight..].iter_mut().step_by(self.eights);
            for (target, lane) in targets.zip(row) {
                target[place] = lane[subject];
            }
        }
    }

    /// Write the reads of one output of one subject in a run of visits into its row `out`.
    #[inline(always)]
    pub(super) fn write(&self, slots: Range<usize>, subject: usize, run: Run<'_>, out: &mut [f64]) {
        macro_rules! fixed {
            ($($slots:literal, $eights:literal;)*) => {
                match (slots.len(), self.eights) {
                    $(($slots, $eights) => {
                        self.write_fixed::<$slots, $eights>(slots.start, subject, run, out);
                    })*
                    _ => self.write_any(slots, subject, run, out),
                }
            };
        }
        fixed! {
            1, 1; 1, 2; 1, 3; 1, 4; 2, 1; 2, 2; 2, 3; 2, 4;
            3, 1; 3, 2; 3, 3; 3, 4; 4, 1; 4, 2; 4, 3; 4, 4;
        }
    }

    /// The row of a slot of a subject.
    #[inline(always)]
    fn row(&self, subject: usize, slot: usize) -> &[Lane] {
        let first = subject * self.per_subject + slot * self.eights;
        &self.values[first..first + self.eights]
    }

    /// `S` slots and `N` times eight reads: the rows fit in registers.
    #[inline(always)]
    fn write_fixed<const S: usize, const N: usize>(
        &self,
        first: usize,
        subject: usize,
        run: Run<'_>,
        out: &mut [f64],
    ) {
        let mut rows = [[ZERO; N]; S];
        for (s, target) in rows.iter_mut().enumerate() {
            target.copy_from_slice(self.row(subject, first + s));
        }
        let lanes = run.states.len() / run.places.len();
        for (&(_, column), states) in run.places.iter().zip(run.states.chunks_exact(lanes)) {
            let (states, out) = (&states[first..first + S], &mut out[column..column + self.reads]);
            // Whole lanes apart, so that each is one store and no copy of unknown length.
            let (eights, rest) = out.as_chunks_mut::<LANES>();
            if let Some(eights) = eights.first_chunk_mut::<N>() {
                for (n, target) in eights.iter_mut().enumerate() {
                    *target = sum(&rows, n, states, subject).0;
                }
            } else {
                for (n, target) in eights.iter_mut().enumerate().take(N - 1) {
                    *target = sum(&rows, n, states, subject).0;
                }
                rest.copy_from_slice(&sum(&rows, N - 1, states, subject)[..rest.len()]);
            }
        }
    }

    /// Any number of slots and eights.
    #[inline(always)]
    fn write_any(&self, slots: Range<usize>, subject: usize, run: Run<'_>, out: &mut [f64]) {
        let lanes = run.states.len() / run.places.len();
        for (&(_, column), states) in run.places.iter().zip(run.states.chunks_exact(lanes)) {
            let out = &mut out[column..column + self.reads];
            let (eights, rest) = out.as_chunks_mut::<LANES>();
            let whole = eights.len();
            for (n, target) in eights.iter_mut().enumerate() {
                *target = self.sum(slots.clone(), n, states, subject).0;
            }
            if !rest.is_empty() {
                rest.copy_from_slice(
                    &self.sum(slots.clone(), whole, states, subject)[..rest.len()],
                );
            }
        }
    }

    /// Eight reads of one output of one subject.
    #[inline(always)]
    fn sum(&self, slots: Range<usize>, eight: usize, states: &[Lane], subject: usize) -> Lane {
        let mut total = ZERO;
        for slot in slots {
            let state = Lane::splat(states[slot][subject]);
            add_product(&mut total, &self.row(subject, slot)[eight], &state);
        }
        total
    }
}

/// Eight reads of one output of one subject, its row at hand.
#[inline(always)]
fn sum<const S: usize, const N: usize>(
    rows: &[[Lane; N]; S],
    eight: usize,
    states: &[Lane],
    subject: usize,
) -> Lane {
    let mut total = product(&rows[0][eight], &Lane::splat(states[0][subject]));
    for s in 1..S {
        add_product(&mut total, &rows[s][eight], &Lane::splat(states[s][subject]));
    }
    total
}
