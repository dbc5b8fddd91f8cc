//! Which entries of exp(A h) can be non-zero, and which products they sum.
//!
//! Entries that no path of the graph can reach are zero for ever, so they are
//! left out of every sum.

use crate::error::{Error, Result};

/// For each target in order, the pairs whose products it sums.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    pairs: Vec<(usize, usize)>,
    counts: Vec<usize>,
}

impl Sums {
    fn new(lists: impl Iterator<Item = Vec<(usize, usize)>>) -> Self {
        let (mut pairs, mut counts) = (Vec::new(), Vec::new());
        for list in lists {
            counts.push(list.len());
            pairs.extend(list);
        }
        Self { pairs, counts }
    }

    /// The pairs of each target, one target after the other.
    #[inline(always)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &[(usize, usize)]> {
        let mut rest = &self.pairs[..];
        self.counts.iter().map(move |&count| {
            let (pairs, others) = rest.split_at(count);
            rest = others;
            pairs
        })
    }
}

/// Which entries of the exponential can be non-zero, and in which order to sum them.
#[derive(Debug, Clone)]
pub struct Pattern {
    pub(super) states: usize,
    pub(super) gains: usize,
    /// (row, column) of each entry, row by row.
    pub(super) entries: Vec<(usize, usize)>,
    /// Where each row starts in `entries`; one more at the end.
    pub(super) row_start: Vec<usize>,
    /// For each entry, the (left, right) entries whose products a square sums.
    pub(super) squares: Sums,
    /// For each entry, the (gain, entry) whose products one power of A sums.
    pub(super) powers: Sums,
    /// The gains that lie on a cycle, with the column they leave.
    pub(super) on_cycle: Vec<(usize, usize)>,
}

impl Pattern {
    /// The pattern of a graph whose gains are (to, from) pairs of states.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a gain outside the states or from a state to itself.
    pub fn new(states: usize, gains: &[(usize, usize)]) -> Result<Self> {
        for (i, &(to, from)) in gains.iter().enumerate() {
            if to >= states || from >= states || to == from {
                return Err(Error::parameter(
                    format!("gains[{i}]"),
                    format!("must join two different states below {states}"),
                    format!("({to}, {from})"),
                ));
            }
        }
        let reach = reachable(states, gains);
        let at = |row: usize, column: usize| reach[row * states + column];
        let mut entries = Vec::new();
        let mut row_start = vec![0];
        let mut number = vec![usize::MAX; states * states];
        for row in 0..states {
            for column in 0..states {
                if at(row, column) {
                    number[row * states + column] = entries.len();
                    entries.push((row, column));
                }
            }
            row_start.push(entries.len());
        }
        let squares = Sums::new(entries.iter().map(|&(row, column)| {
            (0..states)
                .filter(|&middle| at(row, middle) && at(middle, column))
                .map(|middle| (number[row * states + middle], number[middle * states + column]))
                .collect()
        }));
        let powers = Sums::new(entries.iter().map(|&(row, column)| {
            let into = gains.iter().enumerate().filter(|&(_, &(to, _))| to == row);
            into.filter(|&(_, &(_, from))| at(from, column))
                .map(|(gain, &(_, from))| (gain, number[from * states + column]))
                .collect()
        }));
        let on_cycle = gains
            .iter()
            .enumerate()
            .filter(|&(_, &(to, from))| at(from, to))
            .map(|(gain, &(_, from))| (gain, from))
            .collect();
        Ok(Self { states, gains: gains.len(), entries, row_start, squares, powers, on_cycle })
    }

    /// How many states the system has.
    pub fn states(&self) -> usize {
        self.states
    }

    /// How many gains the system has.
    pub fn gains(&self) -> usize {
        self.gains
    }

    /// How many entries of the exponential can be non-zero.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// The (row, column) of each entry, row by row.
    pub fn pairs(&self) -> &[(usize, usize)] {
        &self.entries
    }
}

/// Row reaches column (including itself) along the gains, row-major.
fn reachable(states: usize, gains: &[(usize, usize)]) -> Vec<bool> {
    let mut reach = vec![false; states * states];
    for state in 0..states {
        reach[state * states + state] = true;
    }
    for &(to, from) in gains {
        reach[to * states + from] = true;
    }
    for middle in 0..states {
        for row in 0..states {
            if reach[row * states + middle] {
                for column in 0..states {
                    let through = reach[middle * states + column];
                    reach[row * states + column] |= through;
                }
            }
        }
    }
    reach
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreachable_entries_are_left_out() {
        let pattern = Pattern::new(4, &[(1, 0), (2, 1), (1, 2), (3, 1)]).unwrap();
        assert_eq!(pattern.entries(), 1 + 3 + 3 + 4);
        assert_eq!(pattern.on_cycle.len(), 2);
    }
}
