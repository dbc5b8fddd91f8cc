//! Ligands that bind too slowly for an equilibrium: each share is followed in time.

use super::nodes::{self, Lost, MOST_SUBSTEPS};
use super::{Unbound, check_weights};
use crate::error::{Error, Result};
use crate::parallel::{Work, over_chunks};

/// Ligands whose share is followed in time: they bind slowly, or for good.
#[derive(Debug, Clone, PartialEq)]
pub struct Slow {
    per_ki: Vec<f64>,
    moiety: Vec<usize>,
    on_l_per_nmol_h: Vec<f64>,
    off_per_h: Vec<f64>,
}

impl Slow {
    /// `per_ki` is 1/K_i of the moieties that are in equilibrium, 0 for all others;
    /// `moiety`, `on_l_per_nmol_h` and `off_per_h` say who is followed and how fast it is.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a number that breaks its rule.
    pub fn new(
        per_ki: &[f64],
        moiety: &[usize],
        on_l_per_nmol_h: &[f64],
        off_per_h: &[f64],
    ) -> Result<Self> {
        check_weights("per_ki", per_ki, per_ki.len())?;
        check_weights("on_l_per_nmol_h", on_l_per_nmol_h, moiety.len())?;
        check_weights("off_per_h", off_per_h, moiety.len())?;
        if let Some(i) = moiety.iter().position(|&index| index >= per_ki.len()) {
            let rule = format!("must name a moiety below {}", per_ki.len());
            return Err(Error::parameter(format!("moiety[{i}]"), rule, moiety[i]));
        }
        Ok(Self {
            per_ki: per_ki.to_vec(),
            moiety: moiety.to_vec(),
            on_l_per_nmol_h: on_l_per_nmol_h.to_vec(),
            off_per_h: off_per_h.to_vec(),
        })
    }

    /// How many ligands are followed.
    pub fn followed(&self) -> usize {
        self.moiety.len()
    }
}

/// A step of the slow shares is split until its rate times its length is at most this; the
/// fourth-order rule of Kutta is then right to 1e-9.
const LARGEST_SLOW_STEP: f64 = 0.02;

/// Write the share held by each followed ligand at every second node into `out`,
/// (subject, ligand, node) row-major.
///
/// r_i' = k_on,i C_u,i (1 - sum r)/(1 + S) - k_off,i r_i with S of the ligands in
/// equilibrium. `time_h` and `unbound` are nodes as for [`bound`](super::bound); between them the rates
/// are parabolas. Every share at the first node is 0. Returns the subjects whose rates are
/// too fast to follow and when, h, in order; their rows are NaN.
///
/// # Errors
/// [`Error::Parameter`] for shapes that do not fit, or nodes that are not halved;
/// [`Error::Cancelled`].
pub fn slow(
    ligands: &Slow,
    time_h: &[f64],
    unbound: &Unbound<'_>,
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<Vec<(usize, f64)>> {
    nodes::check(time_h, unbound)?;
    check_weights("unbound_nmol_l", &ligands.per_ki, unbound.moieties)?;
    let (ends, count) = (time_h.len() / 2 + 1, ligands.followed());
    let lost = Lost::default();
    over_chunks(work, out, ends * count, 1, |subject, row| {
        let mut share = vec![0.0; count];
        let mut room = vec![0.0; 5 * count];
        let mut rates = vec![[0.0; 3]; count];
        let rate = |ligand: usize, node: usize| {
            let load = unbound.weighted(subject, node, &ligands.per_ki);
            let place = (subject * unbound.moieties + ligands.moiety[ligand]) * unbound.times;
            ligands.on_l_per_nmol_h[ligand] * unbound.values[place + node] / (1.0 + load)
        };
        for interval in 0..time_h.len() / 2 {
            if interval % 256 == 0 {
                work.check()?;
            }
            let hours = time_h[2 * interval + 2] - time_h[2 * interval];
            for (ligand, rates) in rates.iter_mut().enumerate() {
                for (node, rate_here) in rates.iter_mut().enumerate() {
                    *rate_here = rate(ligand, 2 * interval + node);
                }
            }
            if follow(&mut share, &mut room, &rates, &ligands.off_per_h, hours).is_none() {
                lost.note(subject, time_h[2 * interval], row);
                return Ok(());
            }
            for (ligand, value) in share.iter().enumerate() {
                row[ligand * ends + interval + 1] = *value;
            }
        }
        Ok(())
    })?;
    Ok(lost.in_order())
}

/// Advance the shares over one interval by Kutta's rule.
fn follow(
    share: &mut [f64],
    room: &mut [f64],
    rates: &[[f64; 3]],
    off: &[f64],
    hours: f64,
) -> Option<()> {
    let count = share.len();
    let fastest = rates.iter().map(|r| r[0].max(r[1]).max(r[2])).sum::<f64>()
        + off.iter().fold(0.0, |most: f64, &rate| most.max(rate));
    if fastest.is_nan() {
        share.fill(f64::NAN);
        return Some(());
    }
    let parts = (fastest * hours / LARGEST_SLOW_STEP).ceil().max(1.0);
    if parts > MOST_SUBSTEPS {
        return None;
    }
    let width = 1.0 / parts;
    let step = hours * width;
    let slope = |x: f64, share: &[f64], slope: &mut [f64]| {
        let free = 1.0 - share.iter().sum::<f64>();
        for (i, out) in slope.iter_mut().enumerate() {
            let [start, middle, end] = rates[i];
            let (rise, bend) =
                (-3.0 * start + 4.0 * middle - end, 2.0 * (start - 2.0 * middle + end));
            let on = (start + x * (rise + x * bend)).max(0.0);
            *out = on * free - off[i] * share[i];
        }
    };
    let (trial, slopes) = room.split_at_mut(count);
    for part in 0..parts as u64 {
        let x = part as f64 * width;
        let (first, rest) = slopes.split_at_mut(count);
        let (second, rest) = rest.split_at_mut(count);
        let (third, fourth) = rest.split_at_mut(count);
        slope(x, share, first);
        for i in 0..count {
            trial[i] = share[i] + 0.5 * step * first[i];
        }
        slope(x + 0.5 * width, trial, second);
        for i in 0..count {
            trial[i] = share[i] + 0.5 * step * second[i];
        }
        slope(x + 0.5 * width, trial, third);
        for i in 0..count {
            trial[i] = share[i] + step * third[i];
        }
        slope(x + width, trial, fourth);
        for i in 0..count {
            let sum = first[i] + 2.0 * (second[i] + third[i]) + fourth[i];
            share[i] += step / 6.0 * sum;
        }
    }
    Some(())
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn two_slow_ligands_at_constant_concentration_reach_the_competing_equilibrium() {
        let (mut share, mut room) = (vec![0.0; 2], vec![0.0; 10]);
        let (on, off) = ([[2.0; 3], [0.3; 3]], [0.5, 0.1]);
        follow(&mut share, &mut room, &on, &off, 300.0).unwrap();
        let (s, t) = (2.0 / 0.5, 0.3 / 0.1);
        assert!((share[0] - s / (1.0 + s + t)).abs() < 1e-9);
        assert!((share[1] - t / (1.0 + s + t)).abs() < 1e-9);
    }

    #[test]
    fn one_slow_ligand_approaches_exponentially() {
        let (mut share, mut room) = (vec![0.2], vec![0.0; 5]);
        follow(&mut share, &mut room, &[[0.7; 3]], &[0.2], 1.5).unwrap();
        let end = 0.7 / 0.9;
        let expected = end + (0.2 - end) * f64::exp(-0.9 * 1.5);
        assert!((share[0] - expected).abs() < 1e-9);
    }
}
