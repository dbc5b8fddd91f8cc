//! Terminals: cytosol, vesicles and extracellular amine together, over hours to weeks.
//!
//! - [`model`]: what a kind of terminal says of itself
//! - `catechol`: tyrosine to dopamine, shared by two kinds
//! - [`dopamine`], [`norepinephrine`], [`serotonin`]: the kinds
//! - [`drive`]: active VMAT2 and firing, in stretches that are constant or linear
//! - `run`: rows of parameters through the stiff solver
//!
//! Times are in h, amounts in umol per litre of tissue (the cytosol's per litre of
//! cytosol).

mod catechol;
pub mod dopamine;
pub mod drive;
pub mod model;
pub mod norepinephrine;
mod run;
pub mod serotonin;
#[cfg(test)]
mod tests;

pub use drive::Drive;

use crate::parallel::Work;
use crate::{Error, Result};
use dopamine::Dopamine;
use norepinephrine::Norepinephrine;
use serotonin::Serotonin;

/// Which amine a terminal makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Dopamine.
    Dopamine,
    /// Serotonin.
    Serotonin,
    /// Norepinephrine.
    Norepinephrine,
}

impl std::str::FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "dopamine" => Ok(Self::Dopamine),
            "serotonin" => Ok(Self::Serotonin),
            "norepinephrine" => Ok(Self::Norepinephrine),
            _ => Err(Error::parameter(
                "kind",
                "must be \"dopamine\", \"serotonin\" or \"norepinephrine\"",
                format!("{name:?}"),
            )),
        }
    }
}

/// The names of a kind's parameters, states and fluxes, in their order.
#[derive(Debug, Clone)]
pub struct Names {
    /// What a user can set.
    pub parameters: Vec<&'static str>,
    /// The quantities followed.
    pub states: Vec<&'static str>,
    /// The fluxes.
    pub fluxes: Vec<&'static str>,
}

/// Terminals of one kind: one row of parameters each.
#[derive(Debug, Clone)]
pub struct Terminals {
    kind: Kind,
    rows: usize,
    parameters: Vec<f64>,
}

impl Terminals {
    /// `parameters` is (terminal, parameter), row-major.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a number that is negative or not finite, or another shape.
    pub fn new(kind: Kind, rows: usize, parameters: Vec<f64>) -> Result<Self> {
        let names = kind.names().parameters;
        if Some(parameters.len()) != rows.checked_mul(names.len()) {
            let rule = format!("must have shape ({rows}, {})", names.len());
            return Err(Error::parameter("parameters", rule, parameters.len()));
        }
        if let Some(i) = parameters.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
            let name = format!("{}[{}]", names[i % names.len()], i / names.len());
            return Err(Error::parameter(name, "must be finite and not negative", parameters[i]));
        }
        Ok(Self { kind, rows, parameters })
    }

    /// How many.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Which kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// What to compute of each terminal, and how exactly.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The drives.
    pub drive: &'a Drive,
    /// States at the first knot, (terminal, state); all terminals the same if one row.
    pub start: &'a [f64],
    /// Read times in h, not decreasing, from the first knot on.
    pub time_h: &'a [f64],
    /// Which quantities to keep: states first, then fluxes, by their places.
    pub outputs: &'a [usize],
    /// Relative tolerance.
    pub relative: f64,
}

/// Write the kept quantities, (terminal, output, time) row-major. A terminal that could not be
/// followed is NaN from there on.
///
/// # Errors
/// [`Error::Parameter`] for arguments that do not fit; [`Error::Cancelled`].
pub fn simulate(
    terminals: &Terminals,
    plan: &Plan<'_>,
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<()> {
    match terminals.kind {
        Kind::Dopamine => run::simulate::<Dopamine, _, _, _, _>(terminals, plan, out, work),
        Kind::Serotonin => run::simulate::<Serotonin, _, _, _, _>(terminals, plan, out, work),
        Kind::Norepinephrine => {
            run::simulate::<Norepinephrine, _, _, _, _>(terminals, plan, out, work)
        }
    }
}

/// Write the state that each terminal settles in at rest, all VMAT2 working, (terminal, state).
///
/// # Errors
/// As [`simulate`].
pub fn steady(terminals: &Terminals, out: &mut [f64], work: &Work<'_>) -> Result<()> {
    let names = terminals.kind.names();
    let start = match terminals.kind {
        Kind::Dopamine => run::guesses::<Dopamine, _, _, _, _>(terminals),
        Kind::Serotonin => run::guesses::<Serotonin, _, _, _, _>(terminals),
        Kind::Norepinephrine => run::guesses::<Norepinephrine, _, _, _, _>(terminals),
    };
    let outputs: Vec<usize> = (0..names.states.len()).collect();
    let drive = Drive::resting();
    let plan = Plan {
        drive: &drive,
        start: &start,
        time_h: &[run::SETTLED_H],
        outputs: &outputs,
        relative: run::SETTLED_RELATIVE,
    };
    simulate(terminals, &plan, out, work)
}

impl Kind {
    /// The names of this kind.
    #[must_use]
    pub fn names(self) -> Names {
        match self {
            Self::Dopamine => run::names::<Dopamine, _, _, _, _>(),
            Self::Serotonin => run::names::<Serotonin, _, _, _, _>(),
            Self::Norepinephrine => run::names::<Norepinephrine, _, _, _, _>(),
        }
    }
}
