//! Signal: the amine between cells of a region, and the receptors that it occupies.
//!
//! The region is well mixed. With release r, uptake of Michaelis and Menten, loss k
//! and an autoreceptor of gain g,
//!
//! C' = r G(C) - Vmax C/(Km + C) - k C,   G = (1 + g a0)/(1 + g a),   a = C/(C + K)
//!
//! Release is constant in each step of a grid. Receptors follow
//! B' = koff [C/EC50 (1 - B) - B]. Steps are taken by Dormand and Prince's method
//! with its error under control; between two steps of the grid nothing jumps.

use crate::parallel::Work;
use crate::{Error, Result};

/// Uptake, loss and feedback of a region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// Largest uptake, nmol/L/s.
    pub uptake_nmol_l_s: f64,
    /// Concentration at half of it, nmol/L.
    pub uptake_km_nmol_l: f64,
    /// First-order loss, 1/s.
    pub loss_per_s: f64,
    /// Gain of the autoreceptor.
    pub gain: f64,
    /// Its concentration at half occupancy, nmol/L.
    pub autoreceptor_nmol_l: f64,
    /// Its occupancy without drug.
    pub rest_occupancy: f64,
}

/// One kind of receptor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Receptor {
    /// Concentration at half occupancy, nmol/L.
    pub ec50_nmol_l: f64,
    /// Unbinding, 1/s.
    pub off_per_s: f64,
}

/// Relative error allowed in a step.
const TOLERANCE: f64 = 1e-10;
/// The smallest concentration that matters, nmol/L.
const LEAST_NMOL_L: f64 = 1e-6;
/// Trial steps between two looks at the caller's wish to stop.
const TRIALS_PER_CHECK: u64 = 1024;
/// Receptors that one call can follow.
pub const MOST_RECEPTORS: usize = 4;

fn finite(name: &str, value: f64, positive: bool) -> Result<()> {
    if value.is_finite() && value >= 0.0 && (value > 0.0 || !positive) {
        return Ok(());
    }
    let rule =
        if positive { "must be finite and positive" } else { "must be finite and not negative" };
    Err(Error::parameter(name, rule, value))
}

impl Region {
    /// The same region, checked.
    ///
    /// # Errors
    /// [`Error::Parameter`] for what is negative or not finite.
    pub fn checked(self) -> Result<Self> {
        finite("uptake_nmol_l_s", self.uptake_nmol_l_s, false)?;
        finite("uptake_km_nmol_l", self.uptake_km_nmol_l, true)?;
        finite("loss_per_s", self.loss_per_s, false)?;
        finite("gain", self.gain, false)?;
        finite("autoreceptor_nmol_l", self.autoreceptor_nmol_l, true)?;
        if !(0.0..=1.0).contains(&self.rest_occupancy) {
            let rule = "must be in [0, 1]";
            return Err(Error::parameter("rest_occupancy", rule, self.rest_occupancy));
        }
        Ok(self)
    }

    /// What the autoreceptor makes of released molecules.
    #[inline]
    #[must_use]
    pub fn feedback(&self, amine_nmol_l: f64) -> f64 {
        let occupied = amine_nmol_l / (amine_nmol_l + self.autoreceptor_nmol_l);
        (1.0 + self.gain * self.rest_occupancy) / (1.0 + self.gain * occupied)
    }

    /// dC/dt under a release in nmol/L/s.
    #[inline]
    #[must_use]
    pub fn slope(&self, amine_nmol_l: f64, release_nmol_l_s: f64) -> f64 {
        let uptake = self.uptake_nmol_l_s * amine_nmol_l / (self.uptake_km_nmol_l + amine_nmol_l);
        release_nmol_l_s * self.feedback(amine_nmol_l) - uptake - self.loss_per_s * amine_nmol_l
    }
}

/// Amine first, then the occupancy of each receptor.
type State = [f64; MOST_RECEPTORS + 1];

struct System<'a> {
    region: Region,
    receptors: &'a [Receptor],
    release_nmol_l_s: f64,
}

impl System<'_> {
    fn slope(&self, state: &State) -> State {
        let mut slope = [0.0; MOST_RECEPTORS + 1];
        slope[0] = self.region.slope(state[0], self.release_nmol_l_s);
        for (i, receptor) in self.receptors.iter().enumerate() {
            let bound = state[i + 1];
            let on = state[0] / receptor.ec50_nmol_l * (1.0 - bound);
            slope[i + 1] = receptor.off_per_s * (on - bound);
        }
        slope
    }

    /// A trial step: the state after it, the slope there, and its error relative to what is allowed.
    fn trial(&self, state: &State, first: &State, step: f64) -> (State, State, f64) {
        let at = |parts: &[(f64, &State)]| {
            let mut moved = *state;
            for i in 0..moved.len() {
                let mut sum = 0.0;
                for (weight, slope) in parts {
                    sum += weight * slope[i];
                }
                moved[i] += step * sum;
            }
            self.slope(&moved)
        };
        let k1 = first;
        let k2 = at(&[(1.0 / 5.0, k1)]);
        let k3 = at(&[(3.0 / 40.0, k1), (9.0 / 40.0, &k2)]);
        let k4 = at(&[(44.0 / 45.0, k1), (-56.0 / 15.0, &k2), (32.0 / 9.0, &k3)]);
        let k5 = at(&[
            (19_372.0 / 6561.0, k1),
            (-25_360.0 / 2187.0, &k2),
            (64_448.0 / 6561.0, &k3),
            (-212.0 / 729.0, &k4),
        ]);
        let k6 = at(&[
            (9017.0 / 3168.0, k1),
            (-355.0 / 33.0, &k2),
            (46_732.0 / 5247.0, &k3),
            (49.0 / 176.0, &k4),
            (-5103.0 / 18_656.0, &k5),
        ]);
        let mut after = *state;
        for i in 0..after.len() {
            after[i] += step
                * (35.0 / 384.0 * k1[i] + 500.0 / 1113.0 * k3[i] + 125.0 / 192.0 * k4[i]
                    - 2187.0 / 6784.0 * k5[i]
                    + 11.0 / 84.0 * k6[i]);
        }
        let k7 = self.slope(&after);
        let (mut size, mut finite) = (0.0_f64, true);
        for i in 0..after.len() {
            let error = step
                * (71.0 / 57_600.0 * k1[i] - 71.0 / 16_695.0 * k3[i] + 71.0 / 1920.0 * k4[i]
                    - 17_253.0 / 339_200.0 * k5[i]
                    + 22.0 / 525.0 * k6[i]
                    - k7[i] / 40.0);
            let least = if i == 0 { LEAST_NMOL_L } else { TOLERANCE };
            let scale = TOLERANCE * (state[i].abs().max(after[i].abs()) + least);
            let own = error.abs() / scale;
            // `max` drops what is not a number.
            finite &= own.is_finite() && after[i].is_finite();
            size = size.max(own);
        }
        (after, k7, if finite { size } else { f64::INFINITY })
    }
}

/// Write the amine (nmol/L) and the occupancy of each receptor at the end of every step of
/// `step_s`, under the release of that step (nmol/L/s); `begin` is the state before the first.
///
/// # Errors
/// [`Error::Parameter`] for arrays that do not fit or numbers out of range; [`Error::Solver`]
/// where steps become too short; [`Error::Cancelled`].
#[expect(clippy::too_many_arguments, reason = "a system, its drive, and where to write")]
pub fn simulate(
    region: Region,
    receptors: &[Receptor],
    step_s: f64,
    release_nmol_l_s: &[f64],
    begin: &[f64],
    amine_nmol_l: &mut [f64],
    occupancy: &mut [f64],
    work: &Work<'_>,
) -> Result<()> {
    let region = region.checked()?;
    finite("step_s", step_s, true)?;
    if receptors.len() > MOST_RECEPTORS {
        let rule = format!("must be at most {MOST_RECEPTORS}");
        return Err(Error::parameter("receptors", rule, receptors.len()));
    }
    for receptor in receptors {
        finite("ec50_nmol_l", receptor.ec50_nmol_l, true)?;
        finite("off_per_s", receptor.off_per_s, false)?;
    }
    let steps = release_nmol_l_s.len();
    if begin.len() != receptors.len() + 1
        || amine_nmol_l.len() != steps
        || occupancy.len() != steps * receptors.len()
    {
        return Err(Error::parameter("begin", "must fit the receptors", begin.len()));
    }
    let mut state = [0.0; MOST_RECEPTORS + 1];
    for (i, (place, &value)) in state.iter_mut().zip(begin).enumerate() {
        finite(&format!("begin[{i}]"), value, false)?;
        *place = value;
    }
    let (mut trial_s, mut trials) = (step_s, 0_u64);
    for (step, &release) in release_nmol_l_s.iter().enumerate() {
        finite(&format!("release_nmol_l_s[{step}]"), release, false)?;
        let system = System { region, receptors, release_nmol_l_s: release };
        let mut slope = system.slope(&state);
        let mut left = step_s;
        while left > 0.0 {
            // Counted in trials: stiff kinetics take millions of them in one step of the grid.
            if trials.is_multiple_of(TRIALS_PER_CHECK) {
                work.check()?;
            }
            trials += 1;
            let whole = trial_s >= left;
            let now = if whole { left } else { trial_s };
            let (after, next, size) = system.trial(&state, &slope, now);
            if size <= 1.0 {
                (state, slope) = (after, next);
                left = if whole { 0.0 } else { left - now };
            }
            // The fifth root, near enough: the factor only steers the step.
            let root = (size.sqrt().sqrt() * size.sqrt().sqrt().sqrt().sqrt()).max(1e-9);
            let factor = (0.9 / root).clamp(0.2, 4.0);
            if !whole || size > 1.0 || factor * now > trial_s {
                trial_s = factor * now;
            }
            if trial_s.is_nan() || trial_s < 1e-12 * step_s {
                return Err(Error::Solver {
                    what: "the amine of a region".into(),
                    when: format!("{} s", step as f64 * step_s),
                    cause: "its steps became too short".into(),
                });
            }
        }
        amine_nmol_l[step] = state[0];
        let row = step * receptors.len();
        occupancy[row..row + receptors.len()].copy_from_slice(&state[1..=receptors.len()]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::with_work;

    fn run(region: Region, release: f64, steps: usize) -> (f64, f64) {
        let receptor = Receptor { ec50_nmol_l: 7.0, off_per_s: 0.2 };
        let (mut amine, mut bound) = (vec![0.0; steps], vec![0.0; steps]);
        let drive = vec![release; steps];
        with_work(1, |work, _, _| {
            simulate(region, &[receptor], 0.5, &drive, &[0.0, 0.0], &mut amine, &mut bound, work)
        })
        .unwrap();
        (amine[steps - 1], bound[steps - 1])
    }

    const REGION: Region = Region {
        uptake_nmol_l_s: 4000.0,
        uptake_km_nmol_l: 160.0,
        loss_per_s: 0.0,
        gain: 0.0,
        autoreceptor_nmol_l: 100.0,
        rest_occupancy: 0.0,
    };

    #[test]
    fn the_amine_ends_where_uptake_meets_release() {
        let (amine, bound) = run(REGION, 1000.0, 400);
        let expected = 160.0 * 1000.0 / 3000.0;
        assert!((amine / expected - 1.0).abs() < 1e-9, "{amine}");
        assert!((bound / (expected / (expected + 7.0)) - 1.0).abs() < 1e-9, "{bound}");
    }

    #[test]
    fn what_overflows_is_an_error_and_no_result() {
        let receptor = Receptor { ec50_nmol_l: 1e-9, off_per_s: 1.0 };
        let (mut amine, mut bound) = ([0.0], [0.0]);
        let start = [1e308, 0.0];
        let found = with_work(1, |work, _, _| {
            simulate(REGION, &[receptor], 0.5, &[1.0], &start, &mut amine, &mut bound, work)
        });
        assert!(matches!(found, Err(Error::Solver { .. })), "{found:?} {amine:?} {bound:?}");
    }

    #[test]
    fn without_uptake_loss_alone_decides() {
        let region = Region { uptake_nmol_l_s: 0.0, loss_per_s: 0.04, ..REGION };
        let (amine, _) = run(region, 1.0, 2);
        assert!((amine - 25.0 * -crate::math::exp_m1(-0.04)).abs() < 1e-8, "{amine}");
    }
}
