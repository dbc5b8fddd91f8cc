//! The share bound for good: b' = a (1 - b) - r b, on a grid of nodes.

use super::nodes::{self, Lost, MOST_SUBSTEPS};
use super::{Unbound, check_weights};
use crate::error::{Error, Result};
use crate::math::exp;
use crate::parallel::{Work, over_chunks};

/// A step of the bound share is halved until its rate times its length is at most this;
/// the fourth-order rule is then right to 1e-10 of the change.
const LARGEST_EXPONENT: f64 = 0.02;

/// How a ligand binds for good, and how fast the transporter is renewed.
#[derive(Debug, Clone, PartialEq)]
pub struct Irreversible {
    per_ki: Vec<f64>,
    on_l_per_nmol_h: Vec<f64>,
    recovery_per_h: f64,
}

impl Irreversible {
    /// `per_ki` as in [`held`](super::held()); `on_l_per_nmol_h` is k_on of each moiety, 0 for a
    /// reversible one; `recovery_per_h` is k_off + k_renew.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a number that is negative or not finite.
    pub fn new(per_ki: &[f64], on_l_per_nmol_h: &[f64], recovery_per_h: f64) -> Result<Self> {
        check_weights("per_ki", per_ki, per_ki.len())?;
        check_weights("on_l_per_nmol_h", on_l_per_nmol_h, per_ki.len())?;
        if !(recovery_per_h.is_finite() && recovery_per_h >= 0.0) {
            let rule = "must be finite and not negative";
            return Err(Error::parameter("recovery_per_h", rule, recovery_per_h));
        }
        let (per_ki, on_l_per_nmol_h) = (per_ki.to_vec(), on_l_per_nmol_h.to_vec());
        Ok(Self { per_ki, on_l_per_nmol_h, recovery_per_h })
    }
}

/// Write the share bound for good at every second node into `out`.
///
/// `time_h` and `unbound` hold nodes: start, middle, end (= the next start),
/// middle, end, and so on. Between nodes the rate of binding is the parabola
/// through the three, and the linear equation is solved by Simpson's rule on
/// its integral form. The share at the first node is 0. Returns the subjects whose rates
/// are too fast to follow and when, h, in order; their rows are NaN.
///
/// # Errors
/// [`Error::Parameter`] for shapes that do not fit, or nodes that are not
/// halved; [`Error::Cancelled`].
pub fn bound(
    ligands: &Irreversible,
    time_h: &[f64],
    unbound: &Unbound<'_>,
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<Vec<(usize, f64)>> {
    nodes::check(time_h, unbound)?;
    check_weights("unbound_nmol_l", &ligands.per_ki, unbound.moieties)?;
    let lost = Lost::default();
    over_chunks(work, out, time_h.len() / 2 + 1, 1, |subject, row| {
        let rate = |node: usize| {
            let load = unbound.weighted(subject, node, &ligands.per_ki);
            unbound.weighted(subject, node, &ligands.on_l_per_nmol_h) / (1.0 + load)
        };
        row[0] = 0.0;
        let mut start = rate(0);
        for interval in 0..time_h.len() / 2 {
            let (middle, end) = (rate(2 * interval + 1), rate(2 * interval + 2));
            let hours = time_h[2 * interval + 2] - time_h[2 * interval];
            let rates = [start, middle, end];
            match step(row[interval], rates, ligands.recovery_per_h, hours) {
                Some(share) => row[interval + 1] = share,
                None => {
                    lost.note(subject, time_h[2 * interval], row);
                    return Ok(());
                }
            }
            start = end;
        }
        Ok(())
    })?;
    Ok(lost.in_order())
}

/// The bound share after `hours`, with binding rates at the start, middle and end.
fn step(share: f64, rates: [f64; 3], recovery: f64, hours: f64) -> Option<f64> {
    let total = hours * ((rates[0] + 4.0 * rates[1] + rates[2]) / 6.0 + recovery);
    if total.is_nan() {
        return Some(f64::NAN);
    }
    let parts = (total / LARGEST_EXPONENT).ceil().max(1.0);
    if parts > MOST_SUBSTEPS {
        return None;
    }
    let width = 1.0 / parts;
    // The parabola through the three rates, never below zero.
    let slope = -3.0 * rates[0] + 4.0 * rates[1] - rates[2];
    let bend = 2.0 * (rates[0] - 2.0 * rates[1] + rates[2]);
    let rate = |x: f64| (rates[0] + x * (slope + x * bend)).max(0.0);
    let mut share = share;
    for part in 0..parts as u64 {
        let x = part as f64 * width;
        let (a0, a1, a2) = (rate(x), rate(x + 0.5 * width), rate(x + width));
        let (g0, g1, g2) = (a0 + recovery, a1 + recovery, a2 + recovery);
        let h = hours * width;
        let whole = exp(-(h * (g0 + 4.0 * g1 + g2) / 6.0));
        let second_half = exp(-(h * (8.0 * g1 + 5.0 * g2 - g0) / 24.0));
        share = share * whole + h / 6.0 * (a0 * whole + 4.0 * a1 * second_half + a2);
        // Simpson's rule errs upwards by 1e-12 of the step.
        share = if share > 1.0 { 1.0 } else { share };
    }
    Some(share)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn constant_rates_give_the_exponential_approach() {
        for (on, recovery, hours) in [(0.3, 0.01, 2.0), (50.0, 0.1, 1.0), (1e-6, 1e-3, 24.0)] {
            let got = step(0.2, [on; 3], recovery, hours).unwrap();
            let end = on / (on + recovery);
            let expected = end + (0.2 - end) * f64::exp(-(on + recovery) * hours);
            assert!((got - expected).abs() < 1e-10, "{got} {expected}");
        }
    }

    #[test]
    fn nothing_bound_stays_nothing_without_ligand() {
        assert_eq!(step(0.0, [0.0; 3], 0.1, 5.0), Some(0.0));
    }
}
