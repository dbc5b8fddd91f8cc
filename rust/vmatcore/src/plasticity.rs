//! Plasticity: weights that bursts save, by a three-factor rule. A hypothesis.
//!
//! A motor program has a weight for (Go, G) and one against it (NoGo, N), both 1 by birth. At
//! each trial that can teach, the program was last active some time ago; its trace has fallen
//! to e = exp(-lag/tau). Then there is a burst or there is none:
//!
//! - a burst large enough to be saved: delta = 1 - V
//! - a burst too weak: delta = 0
//! - no burst, a dip: delta = -V times the depth of dips
//!
//! G' = G (1 + alpha e delta), N' = N (1 - alpha e delta), V' = V + `alpha_c` delta: the opponents
//! of Collins and Frank (2014), doi:10.1037/a0037015, with a trace and a threshold before them.
//! Between two trials both weights fall back towards 1.

use crate::math::{exp, ln};
use crate::parallel::{Work, over_chunks};
use crate::random::{Stage, Stream};
use crate::{Error, Result};

/// Numbers of one synapse at one time: G, N and V.
pub const PARTS: usize = 3;
/// Synapses that a thread takes at once.
const SYNAPSES_PER_CHUNK: usize = 16;
/// Trials between two looks at the caller's wish to stop.
const TRIALS_PER_CHECK: u64 = 1 << 14;

/// How weights learn and forget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Relative change of a weight by delta = 1 at full trace.
    pub learning_rate: f64,
    /// The same for the expectation V.
    pub critic_rate: f64,
    /// Mean lag from the program's activity to the trial, over the trace's time constant.
    pub lag_per_trace: f64,
    /// Fall back to 1, per day.
    pub decay_per_day: f64,
    /// Burst that is saved half the time, relative to the burst without drug.
    pub save_threshold: f64,
    /// How sharply: the Hill exponent; infinite for all or none.
    pub save_steepness: f64,
    /// The largest weight.
    pub most_weight: f64,
}

/// One stretch of days in which nothing changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// Its length.
    pub days: f64,
    /// Moments that can teach.
    pub trials: u64,
    /// Chance of a burst in each.
    pub burst_chance: f64,
    /// Size of bursts relative to those without drug.
    pub burst: f64,
    /// Depth of dips relative to those without drug.
    pub dip: f64,
}

fn within(name: &str, value: f64, low: f64, high: f64) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Error::parameter(name, format!("must be in [{low}, {high}]"), value))
}

impl Rule {
    /// The same rule, checked.
    ///
    /// # Errors
    /// [`Error::Parameter`] for numbers out of range.
    pub fn checked(self) -> Result<Self> {
        within("learning_rate", self.learning_rate, 0.0, 1.0)?;
        within("critic_rate", self.critic_rate, 0.0, 1.0)?;
        within("lag_per_trace", self.lag_per_trace, 0.0, 1e6)?;
        within("decay_per_day", self.decay_per_day, 0.0, 1e6)?;
        within("save_threshold", self.save_threshold, 1e-6, 1e6)?;
        within("save_steepness", self.save_steepness, 1e-3, f64::INFINITY)?;
        within("most_weight", self.most_weight, 1.0, 1e300)?;
        Ok(self)
    }

    /// The chance that a burst of some relative size is saved.
    #[must_use]
    pub fn save_chance(&self, burst: f64) -> f64 {
        if self.save_steepness.is_infinite() {
            return if burst >= self.save_threshold { 1.0 } else { 0.0 };
        }
        if burst <= 0.0 {
            return 0.0;
        }
        1.0 / (1.0 + exp(self.save_steepness * ln(self.save_threshold / burst)))
    }
}

impl Epoch {
    fn checked(self, number: usize) -> Result<Self> {
        within(&format!("days[{number}]"), self.days, 0.0, 1e6)?;
        within(&format!("burst_chance[{number}]"), self.burst_chance, 0.0, 1.0)?;
        within(&format!("burst[{number}]"), self.burst, 0.0, 1e6)?;
        within(&format!("dip[{number}]"), self.dip, 0.0, 1e6)?;
        Ok(self)
    }
}

/// What an epoch comes to for every synapse.
#[derive(Debug, Clone, Copy)]
struct Law {
    trials: u64,
    saved_below: f64,
    burst_below: f64,
    dip: f64,
    /// What is left of a weight's distance from 1 after one trial.
    kept: f64,
}

impl Law {
    fn new(rule: &Rule, epoch: &Epoch) -> Self {
        let steps = epoch.trials.max(1) as f64;
        Self {
            trials: epoch.trials,
            saved_below: epoch.burst_chance * rule.save_chance(epoch.burst),
            burst_below: epoch.burst_chance,
            dip: epoch.dip,
            kept: exp(-(rule.decay_per_day * (epoch.days / steps))),
        }
    }
}

/// Weights and expectation of one synapse.
type State = [f64; PARTS];

#[inline]
fn forget(weight: f64, kept: f64) -> f64 {
    1.0 + (weight - 1.0) * kept
}

/// One trial: two words of the stream, whatever happens.
#[inline]
fn learn(rule: &Rule, law: &Law, state: State, stream: &mut Stream) -> State {
    let [go, no_go, expected] = state;
    let (chance, lag) = (stream.uniform(), stream.exponential());
    let trace = exp(-(lag * rule.lag_per_trace));
    let delta = if chance < law.saved_below {
        1.0 - expected
    } else if chance < law.burst_below {
        0.0
    } else {
        -(expected * law.dip)
    };
    let change = rule.learning_rate * trace * delta;
    let bounded = |weight: f64| weight.clamp(0.0, rule.most_weight);
    [
        forget(bounded(go * (1.0 + change)), law.kept),
        forget(bounded(no_go * (1.0 - change)), law.kept),
        (expected + rule.critic_rate * delta).clamp(0.0, 1.0),
    ]
}

/// Write G, N and V of every synapse, each before the first epoch and after every one:
/// (synapse, part, epoch + 1). `begin` holds the three numbers of every synapse at the start;
/// synapse `i` depends on the seed and `first + i` alone, and goes on after `past` trials.
///
/// # Errors
/// [`Error::Parameter`] for arrays that do not fit or numbers out of range; [`Error::Cancelled`].
#[expect(clippy::too_many_arguments, reason = "a rule, its drive, where from and where to")]
pub fn simulate(
    rule: Rule,
    epochs: &[Epoch],
    seed: u64,
    first: u64,
    past: u64,
    begin: &[f64],
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<()> {
    let rule = rule.checked()?;
    let (columns, synapses) = (epochs.len() + 1, begin.len() / PARTS);
    if !begin.len().is_multiple_of(PARTS) || out.len() != synapses * PARTS * columns {
        return Err(Error::parameter("begin", "must fit the synapses", begin.len()));
    }
    if first.checked_add(synapses as u64).is_none() {
        return Err(Error::parameter("first", "plus the synapses must fit 64 bits", first));
    }
    for state in begin.as_chunks::<PARTS>().0 {
        within("weight at the start", state[0], 0.0, rule.most_weight)?;
        within("weight at the start", state[1], 0.0, rule.most_weight)?;
        within("expected", state[2], 0.0, 1.0)?;
    }
    let mut laws = Vec::with_capacity(epochs.len());
    for (number, epoch) in epochs.iter().enumerate() {
        laws.push(Law::new(&rule, &epoch.checked(number)?));
    }
    over_chunks(work, out, PARTS * columns, SYNAPSES_PER_CHUNK, |row, rows| {
        for (i, place) in rows.chunks_exact_mut(PARTS * columns).enumerate() {
            let number = row + i;
            let mut state =
                [begin[PARTS * number], begin[PARTS * number + 1], begin[PARTS * number + 2]];
            let mut stream =
                Stream::new(seed, Stage::Plasticity, first + number as u64).at(past)?;
            let mut write = |column: usize, state: State| {
                for (part, value) in state.into_iter().enumerate() {
                    place[part * columns + column] = value;
                }
            };
            write(0, state);
            for (epoch, law) in laws.iter().enumerate() {
                if law.trials == 0 {
                    state = [forget(state[0], law.kept), forget(state[1], law.kept), state[2]];
                }
                for trial in 0..law.trials {
                    if trial.is_multiple_of(TRIALS_PER_CHECK) {
                        work.check()?;
                    }
                    state = learn(&rule, law, state, &mut stream);
                }
                write(epoch + 1, state);
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::with_work;

    const RULE: Rule = Rule {
        learning_rate: 0.01,
        critic_rate: 0.0,
        lag_per_trace: 1.0,
        decay_per_day: 0.03,
        save_threshold: 0.5,
        save_steepness: 6.0,
        most_weight: 10.0,
    };
    const EPOCH: Epoch = Epoch { days: 1.0, trials: 24, burst_chance: 0.8, burst: 1.0, dip: 1.0 };

    fn run(rule: Rule, epochs: &[Epoch], first: u64, past: u64, begin: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; begin.len() * (epochs.len() + 1)];
        with_work(1, |work, _, _| simulate(rule, epochs, 7, first, past, begin, &mut out, work))
            .unwrap();
        out
    }

    #[test]
    fn half_of_the_bursts_at_the_threshold_are_saved() {
        assert!((RULE.save_chance(0.5) - 0.5).abs() < 1e-15);
        let strict = Rule { save_steepness: f64::INFINITY, ..RULE };
        assert_eq!([0.0, 0.49, 0.5, 1.0].map(|b| strict.save_chance(b)), [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(RULE.save_chance(0.0), 0.0);
    }

    #[test]
    fn without_learning_weights_only_fall_back() {
        let rule = Rule { learning_rate: 0.0, ..RULE };
        let out = run(rule, &[EPOCH; 10], 0, 0, &[3.0, 0.5, 0.5]);
        let left = exp(-0.3);
        assert!((out[10] - (1.0 + 2.0 * left)).abs() < 1e-12, "{}", out[10]);
        assert!((out[21] - (1.0 - 0.5 * left)).abs() < 1e-12, "{}", out[21]);
    }

    #[test]
    fn a_run_cut_in_two_is_the_run() {
        let whole = run(RULE, &[EPOCH; 6], 3, 0, &[1.0, 1.0, 0.5]);
        let head = run(RULE, &[EPOCH; 2], 3, 0, &[1.0, 1.0, 0.5]);
        let tail = run(RULE, &[EPOCH; 4], 3, 48, &[head[2], head[5], head[8]]);
        assert_eq!(tail[4].to_bits(), whole[6].to_bits());
        assert_eq!(tail[9].to_bits(), whole[13].to_bits());
    }

    #[test]
    fn weights_stay_within_their_bounds() {
        let rule = Rule { learning_rate: 1.0, lag_per_trace: 0.0, ..RULE };
        let out = run(rule, &[EPOCH; 50], 0, 0, &[1.0, 1.0, 0.0]);
        assert!(out[..102].iter().all(|weight| (0.0..=10.0).contains(weight)));
        assert!(out[50] > 5.0);
    }
}
