//! A table of events as a program: what a subject does from one event to the next.

use super::{Change, Event, Table};
use crate::error::{Error, Result};

/// One thing to do, in order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    /// Change a state.
    Change(Event),
    /// Go on for some hours, reading the columns from `first` to `last` on the way.
    Flow { hours: f64, start_h: f64, first: usize, last: usize },
    /// Read a column.
    Read(usize),
    /// Begin the dosing intervals that lead to a steady state.
    Begin,
    /// Begin the next interval, whose first op is `first`, unless the state has settled.
    Again { first: usize },
}

/// What every subject of one table does.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) ops: Vec<Op>,
}

impl Program {
    /// The program of a table, read at these times.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a steady state that is added: only linear systems add.
    pub(super) fn new(table: &Table, time_h: &[f64]) -> Result<Self> {
        let mut order: Vec<&Event> = table.events.iter().collect();
        order.sort_by(|a, b| a.time_h.total_cmp(&b.time_h));
        let mut ops = Vec::new();
        let (mut column, mut now) = (0, f64::NEG_INFINITY);
        let end = time_h.last().copied().unwrap_or(f64::NEG_INFINITY);
        let due = order.into_iter().filter(|event| event.time_h <= end);
        for event in due.map(Some).chain([None]) {
            let time = event.map_or(end, |event| event.time_h);
            let first = column;
            while column < time_h.len() && time_h[column] < time {
                column += 1;
            }
            if now == f64::NEG_INFINITY {
                ops.extend((first..column).map(Op::Read)); // nothing has happened yet
            } else if time > now {
                let hours = time - now;
                ops.push(Op::Flow { hours, start_h: now, first, last: column });
            }
            now = time;
            match event {
                None => ops.extend((column..time_h.len()).map(Op::Read)),
                Some(event) => match event.change {
                    Change::Steady => Self::settle(&mut ops, table, event.state),
                    Change::AddSteady => {
                        return Err(Error::parameter(
                            "inputs",
                            "must not add a steady state to a system with saturable flows",
                            "SteadyState(replaces=False)",
                        ));
                    }
                    _ => ops.push(Op::Change(*event)),
                },
            }
        }
        Ok(Self { ops })
    }

    /// The intervals of a period, again and again.
    fn settle(ops: &mut Vec<Op>, table: &Table, period: usize) {
        let period = &table.periods[period];
        ops.push(Op::Begin);
        let first = ops.len();
        let mut now = 0.0;
        let flow = |hours: f64| Op::Flow { hours, start_h: 0.0, first: 0, last: 0 };
        for event in &period.events {
            if event.time_h > now {
                ops.push(flow(event.time_h - now));
                now = event.time_h;
            }
            ops.push(Op::Change(*event));
        }
        ops.push(flow(period.every_h - now));
        ops.push(Op::Again { first });
    }
}
