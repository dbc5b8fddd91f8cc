//! The states at the starts of spans, kept until their reads are written.
//!
//! Written one after the other they would change the row, the subject and the output
//! each time. Kept for a while, the row of one output stays in registers and its subject's
//! reads are written in order.

use crate::lanes::{Lane, ZERO};

/// This many bytes of states stay in the cache beside what is written.
const BYTES: usize = 16 << 10;

/// Visits of spans in the order of time.
#[derive(Debug)]
pub(super) struct Visits {
    lanes: usize,
    most: usize,
    /// The span and the first column of each visit.
    places: Vec<(usize, usize)>,
    states: Vec<Lane>,
}

/// Visits of one span: their first columns, and their states in the order of the rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) places: &'a [(usize, usize)],
    pub(super) states: &'a [Lane],
}

impl Visits {
    /// Room for visits with so many lanes of states.
    pub(super) fn new(lanes: usize) -> Self {
        let lanes = lanes.max(1);
        let most = (BYTES / (lanes * size_of::<Lane>())).max(1);
        let states = vec![ZERO; most * lanes];
        Self { lanes, most, places: Vec::with_capacity(most), states }
    }

    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        self.places.len() == self.most
    }

    #[inline(always)]
    pub(super) fn clear(&mut self) {
        self.places.clear();
    }

    /// Note a visit; its states go where the answer says.
    #[inline(always)]
    pub(super) fn add(&mut self, span: usize, column: usize) -> &mut [Lane] {
        let first = self.places.len() * self.lanes;
        self.places.push((span, column));
        &mut self.states[first..first + self.lanes]
    }

    /// The visits, those of one span in a row together.
    #[inline(always)]
    pub(super) fn runs(&self) -> impl Iterator<Item = (usize, Run<'_>)> {
        let mut states = &self.states[..self.places.len() * self.lanes];
        self.places.chunk_by(|a, b| a.0 == b.0).map(move |places| {
            let (own, rest) = states.split_at(places.len() * self.lanes);
            states = rest;
            (places[0].0, Run { places, states: own })
        })
    }
}
