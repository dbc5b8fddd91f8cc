//! What happens to a subject: events in order, and the dosing intervals of steady states.

use crate::error::{Error, Result};

/// What an event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Add an amount to a state: a bolus.
    Add,
    /// Set the value of a state: the rate of an infusion source.
    Set,
    /// Empty every state that is not held.
    Reset,
    /// Put the steady state of a period, by its number in `state`, in place of every state
    /// that is not held.
    Steady,
    /// Add the steady state of a period to every state that is not held.
    AddSteady,
}

/// Something that happens at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// When, in hours; within a period, after its start.
    pub time_h: f64,
    /// To which state, or of which period.
    pub state: usize,
    /// What is done.
    pub change: Change,
    /// The amount, or the new value.
    pub value: f64,
}

/// One of endless equal dosing intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// Its length in hours.
    pub every_h: f64,
    /// What is added and set in it, in the order of time.
    pub events: Vec<Event>,
}

/// All that happens to a subject. Events of equal time act in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// What happens, in any order of time.
    pub events: Vec<Event>,
    /// The periods that events name.
    pub periods: Vec<Period>,
}

/// Why a subject has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Rates times a step leave no correct digit.
    NoDigits,
    /// Endless dosing leads to no finite state.
    NoSteadyState,
    /// An adaptive solver took too many steps.
    TooManySteps,
    /// A value left the range of numbers.
    NotFinite,
}

impl Failure {
    /// The name used in messages.
    pub fn name(self) -> &'static str {
        match self {
            Failure::NoDigits => "rates too fast for any correct digit",
            Failure::NoSteadyState => "no steady state: as much is given as can leave, or nearly",
            Failure::TooManySteps => "too many steps: rates too fast for an explicit method",
            Failure::NotFinite => "a value left the range of numbers",
        }
    }
}

/// Each subject must have a table that exists.
pub(super) fn check_numbers(table_of: &[usize], subjects: usize, tables: usize) -> Result<()> {
    if table_of.len() != subjects {
        let rule = format!("must have one number for each of {subjects} subjects");
        return Err(Error::parameter("table_of", rule, format!("{} numbers", table_of.len())));
    }
    match table_of.iter().position(|&table| table >= tables) {
        Some(i) => Err(Error::parameter(
            format!("table_of[{i}]"),
            format!("must name a table below {tables}"),
            table_of[i],
        )),
        None => Ok(()),
    }
}

impl Table {
    /// Check the events against a network of so many states.
    pub(super) fn check(&self, states: usize) -> Result<()> {
        check_events(&self.events, states, self.periods.len())?;
        for (i, period) in self.periods.iter().enumerate() {
            if !(period.every_h.is_finite() && period.every_h > 0.0) {
                let name = format!("periods[{i}].every_h");
                return Err(Error::parameter(name, "must be finite and positive", period.every_h));
            }
            check_events(&period.events, states, 0)?;
            let mut last = 0.0;
            for (j, event) in period.events.iter().enumerate() {
                if !(event.time_h >= last && event.time_h < period.every_h) {
                    let name = format!("periods[{i}].events[{j}].time_h");
                    let rule = format!("must be in order within [0, {})", period.every_h);
                    return Err(Error::parameter(name, rule, event.time_h));
                }
                last = event.time_h;
            }
        }
        Ok(())
    }
}

fn check_events(events: &[Event], states: usize, periods: usize) -> Result<()> {
    for (i, event) in events.iter().enumerate() {
        let bound = match event.change {
            Change::Add | Change::Set => states,
            Change::Reset => usize::MAX,
            Change::Steady | Change::AddSteady => periods,
        };
        let broken = if !event.time_h.is_finite() {
            Some(("time_h", "must be finite", event.time_h))
        } else if !(event.value.is_finite() && event.value >= 0.0) {
            Some(("value", "must be finite and not negative", event.value))
        } else if event.state >= bound {
            Some(("state", "must be a state of the network, or a period", event.state as f64))
        } else {
            None
        };
        if let Some((field, rule, value)) = broken {
            return Err(Error::parameter(format!("events[{i}].{field}"), rule, value));
        }
    }
    Ok(())
}
