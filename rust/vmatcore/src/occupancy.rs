//! The transporter held by drug: competing reversible ligands and an irreversible one.
//!
//! With S = sum C_u,i / K_i over all moieties and b the share bound for good,
//! the share held is b + (1 - b) S/(1 + S): reversible ligands share what the
//! irreversible one leaves. Binding for good starts from free transporter, so a
//! reversible ligand protects:
//!
//! b' = a (1 - b) - r b,   a = sum k_on,i C_u,i / (1 + S),   r = k_off + k_renew.

use std::sync::Mutex;

use crate::error::{Error, Result};
use crate::math::exp;
use crate::parallel::{Work, over_chunks};

/// A step of the bound share is halved until its rate times its length is at most this;
/// the fourth-order rule is then right to 1e-10 of the change.
const LARGEST_EXPONENT: f64 = 0.02;

/// More sub-steps than this in one interval mean rates far outside biology.
const MOST_SUBSTEPS: f64 = 1e6;

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

/// How a ligand binds for good, and how fast the transporter is renewed.
#[derive(Debug, Clone, PartialEq)]
pub struct Irreversible {
    per_ki: Vec<f64>,
    on_l_per_nmol_h: Vec<f64>,
    recovery_per_h: f64,
}

impl Irreversible {
    /// `per_ki` as in [`held`]; `on_l_per_nmol_h` is k_on of each moiety, 0 for a
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
    let nodes = time_h.len();
    if nodes.is_multiple_of(2) || nodes != unbound.times {
        let rule = "must be an odd number of nodes, one for each concentration";
        return Err(Error::parameter("time_h", rule, nodes));
    }
    check_weights("unbound_nmol_l", &ligands.per_ki, unbound.moieties)?;
    if let Some(i) = time_h.iter().position(|time| !time.is_finite()) {
        return Err(Error::parameter(format!("time_h[{i}]"), "must be finite", time_h[i]));
    }
    if let Some(i) = (1..nodes).find(|&i| time_h[i] < time_h[i - 1]) {
        return Err(Error::parameter(format!("time_h[{i}]"), "must not go back", time_h[i]));
    }
    let lost = Mutex::new(Vec::new());
    over_chunks(work, out, nodes / 2 + 1, 1, |subject, row| {
        let rate = |node: usize| {
            let load = unbound.weighted(subject, node, &ligands.per_ki);
            unbound.weighted(subject, node, &ligands.on_l_per_nmol_h) / (1.0 + load)
        };
        row[0] = 0.0;
        let mut start = rate(0);
        for interval in 0..nodes / 2 {
            let (middle, end) = (rate(2 * interval + 1), rate(2 * interval + 2));
            let hours = time_h[2 * interval + 2] - time_h[2 * interval];
            let rates = [start, middle, end];
            match step(row[interval], rates, ligands.recovery_per_h, hours) {
                Some(share) => row[interval + 1] = share,
                None => {
                    lose(&lost, subject, time_h[2 * interval], row);
                    return Ok(());
                }
            }
            start = end;
        }
        Ok(())
    })?;
    Ok(in_order(lost))
}

/// Note a subject that cannot be followed, and when.
fn lose(lost: &Mutex<Vec<(usize, f64)>>, subject: usize, time_h: f64, row: &mut [f64]) {
    row.fill(f64::NAN);
    lost.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((subject, time_h));
}

fn in_order(lost: Mutex<Vec<(usize, f64)>>) -> Vec<(usize, f64)> {
    let mut lost = lost.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    lost.sort_unstable_by_key(|&(subject, _)| subject);
    lost
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
/// equilibrium. `time_h` and `unbound` are nodes as for [`bound`]; between them the rates
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
    let nodes = time_h.len();
    if nodes.is_multiple_of(2) || nodes != unbound.times {
        let rule = "must be an odd number of nodes, one for each concentration";
        return Err(Error::parameter("time_h", rule, nodes));
    }
    check_weights("unbound_nmol_l", &ligands.per_ki, unbound.moieties)?;
    let (ends, count) = (nodes / 2 + 1, ligands.followed());
    let lost = Mutex::new(Vec::new());
    over_chunks(work, out, ends * count, 1, |subject, row| {
        let mut share = vec![0.0; count];
        let mut room = vec![0.0; 5 * count];
        let mut rates = vec![[0.0; 3]; count];
        let rate = |ligand: usize, node: usize| {
            let load = unbound.weighted(subject, node, &ligands.per_ki);
            let place = (subject * unbound.moieties + ligands.moiety[ligand]) * unbound.times;
            ligands.on_l_per_nmol_h[ligand] * unbound.values[place + node] / (1.0 + load)
        };
        for interval in 0..nodes / 2 {
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
                lose(&lost, subject, time_h[2 * interval], row);
                return Ok(());
            }
            for (ligand, value) in share.iter().enumerate() {
                row[ligand * ends + interval + 1] = *value;
            }
        }
        Ok(())
    })?;
    Ok(in_order(lost))
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
