//! Spikes: renewal trains whose rate changes in steps.
//!
//! Intervals are drawn at rate 1 and stretched so that the rate is met: an interval
//! ends where the integral of the rate has grown by the number drawn. Exponential
//! numbers give a Poisson train of any rate, gamma numbers more or less regular
//! ones (Barbieri 2001, doi:10.1016/S0165-0270(00)00344-7).

use crate::parallel::{Work, over_chunks};
use crate::random::gamma::Gamma;
use crate::random::{Stage, Stream};
use crate::{Error, Result};

/// Spikes between two looks at the caller's wish to stop.
const SPIKES_PER_CHECK: u64 = 1 << 14;
/// The most spikes of one train: their numbers must fit 32 bits.
const MOST_SPIKES: f64 = 2_147_483_648.0;

/// The law of a train, from 0 s.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    until_s: Vec<f64>,
    rate_hz: Vec<f64>,
    shape: f64,
}

impl Pattern {
    /// Rate `i` holds until `until_s[i]`, the train ends with the last; `shape` 1 is a Poisson
    /// train, larger ones are more regular.
    ///
    /// # Errors
    /// [`Error::Parameter`] for ends that do not rise, rates that are negative or not finite, more
    /// than 2^31 spikes expected, or a shape outside [1e-3, 1e6].
    pub fn new(until_s: Vec<f64>, rate_hz: Vec<f64>, shape: f64) -> Result<Self> {
        if until_s.len() != rate_hz.len() {
            let rule = "must have one number for each end";
            return Err(Error::parameter("rate_hz", rule, rate_hz.len()));
        }
        let (mut before, mut expected) = (0.0, 0.0);
        for (i, (&until, &rate)) in until_s.iter().zip(&rate_hz).enumerate() {
            if !until.is_finite() || until < before {
                let rule = "must be finite and rise";
                return Err(Error::parameter(format!("until_s[{i}]"), rule, until));
            }
            if !(rate.is_finite() && rate >= 0.0) {
                let rule = "must be finite and not negative";
                return Err(Error::parameter(format!("rate_hz[{i}]"), rule, rate));
            }
            expected += rate * (until - before);
            before = until;
        }
        if expected > MOST_SPIKES {
            let rule = "must give at most 2^31 spikes in a train";
            return Err(Error::parameter("rate_hz", rule, format!("{expected:e} spikes")));
        }
        if !(1e-3..=1e6).contains(&shape) {
            return Err(Error::parameter("shape", "must be in [1e-3, 1e6]", shape));
        }
        Ok(Self { until_s, rate_hz, shape })
    }

    /// Tell `sink` every spike of one train.
    fn walk(
        &self,
        seed: u64,
        number: u64,
        work: &Work<'_>,
        mut sink: impl FnMut(f64),
    ) -> Result<()> {
        let mut stream = Stream::new(seed, Stage::Spikes, number);
        let law = Gamma::new(self.shape);
        let (mut now, mut segment, mut spikes) = (0.0, 0, 0_u64);
        loop {
            let mut left = if self.shape == 1.0 {
                stream.exponential()
            } else {
                law.draw(&mut stream) / self.shape
            };
            loop {
                let Some(&until) = self.until_s.get(segment) else { return Ok(()) };
                let rate = self.rate_hz[segment];
                let here = rate * (until - now);
                if left < here {
                    now += left / rate;
                    break;
                }
                left -= here;
                now = until;
                segment += 1;
            }
            // Rounding may reach the end of the segment, never pass it.
            now = if now < self.until_s[segment] { now } else { self.until_s[segment] };
            sink(now);
            spikes += 1;
            if spikes.is_multiple_of(SPIKES_PER_CHECK) {
                work.check()?;
            }
        }
    }
}

/// How many spikes each train has; train `i` depends on the seed and `first + i` alone.
///
/// # Errors
/// [`Error::Parameter`] for trains beyond 2^64; [`Error::Cancelled`].
pub fn count(
    pattern: &Pattern,
    seed: u64,
    first: u64,
    counts: &mut [u64],
    work: &Work<'_>,
) -> Result<()> {
    if first.checked_add(counts.len() as u64).is_none() {
        return Err(Error::parameter("first", "plus the trains must fit 64 bits", first));
    }
    over_chunks(work, counts, 1, 64, |begin, counts| {
        for (i, count) in counts.iter_mut().enumerate() {
            *count = 0;
            pattern.walk(seed, first + (begin + i) as u64, work, |_| *count += 1)?;
        }
        Ok(())
    })
}

/// Write the spikes of every train, one after another.
///
/// # Errors
/// [`Error::Parameter`] for a slice that does not fit the counts; as [`count`].
pub fn write(
    pattern: &Pattern,
    seed: u64,
    first: u64,
    counts: &[u64],
    time_s: &mut [f64],
    work: &Work<'_>,
) -> Result<()> {
    if counts.iter().sum::<u64>() != time_s.len() as u64 {
        return Err(Error::parameter("time_s", "must hold every spike", time_s.len()));
    }
    let mut left = time_s;
    let mut places = Vec::with_capacity(counts.len());
    for &count in counts {
        let (own, more) = left.split_at_mut(count as usize);
        places.push(own);
        left = more;
    }
    over_chunks(work, &mut places, 1, 64, |begin, trains| {
        for (i, train) in trains.iter_mut().enumerate() {
            let mut next = train.iter_mut();
            pattern.walk(seed, first + (begin + i) as u64, work, |spike_s| {
                if let Some(place) = next.next() {
                    *place = spike_s;
                }
            })?;
        }
        Ok(())
    })
}
