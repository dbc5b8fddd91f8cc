//! The transporter held by drug: competing reversible ligands and an irreversible one.
//!
//! - [`held`]: the share held by what is in equilibrium, and by what is bound for good
//! - `irreversible`: the share bound for good
//! - `slow`: ligands that bind too slowly for an equilibrium
//! - `nodes`: what both follow in time: nodes that are halved, and subjects that are lost
//!
//! With S = sum C_u,i / K_i over all moieties and b the share bound for good,
//! the share held is b + (1 - b) S/(1 + S): reversible ligands share what the
//! irreversible one leaves. Binding for good starts from free transporter, so a
//! reversible ligand protects:
//!
//! b' = a (1 - b) - r b,   a = sum k_on,i C_u,i / (1 + S),   r = k_off + k_renew.

mod irreversible;
mod nodes;
mod slow;

pub use irreversible::{Irreversible, bound};
pub use slow::{Slow, slow};

use crate::error::{Error, Result};
use crate::parallel::{Work, over_chunks};

/// Unbound concentrations, (subject, moiety, time) row-major, in nmol/L.
#[derive(Debug, Clone, Copy)]
pub struct Unbound<'a> {
    values: &'a [f64],
    moieties: usize,
    times: usize,
}

impl<'a> Unbound<'a> {
    /// Concentrations of `subjects` subjects. NaN marks a failed subject and is passed on.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the length does not fit the shape.
    pub fn new(values: &'a [f64], subjects: usize, moieties: usize, times: usize) -> Result<Self> {
        if Some(values.len()) != subjects.checked_mul(moieties).and_then(|n| n.checked_mul(times)) {
            let rule = format!("must have shape ({subjects}, {moieties}, {times})");
            return Err(Error::parameter(
                "unbound_nmol_l",
                rule,
                format!("{} values", values.len()),
            ));
        }
        Ok(Self { values, moieties, times })
    }

    /// sum weight_i C_u,i of one subject at one time.
    fn weighted(&self, subject: usize, time: usize, weights: &[f64]) -> f64 {
        let first = subject * self.moieties * self.times + time;
        weights.iter().enumerate().fold(0.0, |total, (moiety, weight)| {
            total + weight * self.values[first + moiety * self.times]
        })
    }
}

fn check_weights(name: &str, values: &[f64], moieties: usize) -> Result<()> {
    if values.len() != moieties {
        let rule = format!("must have one value for each of {moieties} moieties");
        return Err(Error::parameter(name, rule, format!("{} values", values.len())));
    }
    match values.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
        Some(i) => Err(Error::parameter(
            format!("{name}[{i}]"),
            "must be finite and not negative",
            values[i],
        )),
        None => Ok(()),
    }
}

/// Write the share held into `out`, (subject, time) row-major.
///
/// `per_ki` is 1/K_i in L/nmol, 0 for a moiety that does not bind. `bound` is
/// the share bound for good, shaped like `out`.
///
/// # Errors
/// [`Error::Parameter`] for shapes that do not fit; [`Error::Cancelled`].
pub fn held(
    unbound: &Unbound<'_>,
    per_ki: &[f64],
    bound: Option<&[f64]>,
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<()> {
    check_weights("per_ki", per_ki, unbound.moieties)?;
    if bound.is_some_and(|bound| bound.len() != out.len()) {
        return Err(Error::parameter("bound", "must have the shape of the result", out.len()));
    }
    over_chunks(work, out, unbound.times, 1, |subject, row| {
        for (time, value) in row.iter_mut().enumerate() {
            let load = unbound.weighted(subject, time, per_ki);
            let reversible = load / (1.0 + load);
            *value = match bound {
                Some(bound) => {
                    let gone = bound[subject * unbound.times + time];
                    gone + (1.0 - gone) * reversible
                }
                None => reversible,
            };
        }
        Ok(())
    })
}
