//! What a synapse is, and when spikes reach it.

use crate::math::{exp, exp_m1, ln_1p};
use crate::random::binomial::Survival;
use crate::random::{Stage, Stream};
use crate::{Error, Result};

/// The most sites of a synapse.
const MOST_SITES: u32 = 1 << 24;

/// Sites that release with a chance and are refilled after a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Synapse {
    /// Sites.
    pub sites: u32,
    /// Chance that a filled site releases at a spike.
    pub probability: f64,
    /// Mean time until an emptied site has a vesicle again; infinity for never.
    pub refill_s: f64,
    /// Share of synapses that release at all.
    pub active_share: f64,
}

impl Synapse {
    /// The same synapse, checked.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more than 2^24 sites, chances outside [0, 1], or a time that is
    /// not positive.
    pub fn checked(self) -> Result<Self> {
        if self.sites > MOST_SITES {
            return Err(Error::parameter("sites", "must be at most 2^24", self.sites));
        }
        for (name, value) in
            [("probability", self.probability), ("active_share", self.active_share)]
        {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::parameter(name, "must be in [0, 1]", value));
            }
        }
        if self.refill_s.is_nan() || self.refill_s <= 0.0 {
            return Err(Error::parameter("refill_s", "must be positive", self.refill_s));
        }
        Ok(self)
    }
}

/// Times of spikes: the same for all synapses, or a train for each.
#[derive(Debug, Clone, PartialEq)]
pub struct Train {
    time_s: Vec<f64>,
    /// Where the spikes of each synapse begin, and the end; none if all share one train.
    offsets: Option<Vec<usize>>,
}

impl Train {
    /// Spikes at `time_s`; with `offsets`, synapse `i` has those from `offsets[i]` to
    /// `offsets[i + 1]`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for times that are negative, not finite or go back, and for offsets
    /// that do not rise from 0 to the number of times.
    pub fn new(time_s: Vec<f64>, offsets: Option<Vec<usize>>) -> Result<Self> {
        if let Some(offsets) = &offsets {
            let ends = (offsets.first(), offsets.last());
            let rising = offsets.windows(2).all(|pair| pair[0] <= pair[1]);
            if ends != (Some(&0), Some(&time_s.len())) || !rising {
                let rule = "must rise from 0 to the number of spikes";
                return Err(Error::parameter("offsets", rule, format!("{ends:?}")));
            }
        }
        let train = Self { time_s, offsets };
        for row in 0..train.trains() {
            let mut before = 0.0;
            for (i, &time_s) in train.of(row).iter().enumerate() {
                if !(time_s.is_finite() && time_s >= before) {
                    let rule = "must be finite, not negative and not before the spike before it";
                    return Err(Error::parameter(format!("time_s[{i}]"), rule, time_s));
                }
                before = time_s;
            }
        }
        Ok(train)
    }

    /// Whether all synapses share one train.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.offsets.is_none()
    }

    /// How many trains there are.
    #[must_use]
    pub fn trains(&self) -> usize {
        self.offsets.as_ref().map_or(1, |offsets| offsets.len() - 1)
    }

    /// The spikes of one synapse.
    #[inline]
    #[must_use]
    pub fn of(&self, row: usize) -> &[f64] {
        match &self.offsets {
            None => &self.time_s,
            Some(offsets) => &self.time_s[offsets[row]..offsets[row + 1]],
        }
    }
}

/// Where each use of randomness begins in the stream of a synapse, so that none runs into another.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(super) enum Use {
    /// Which sites are refilled, and which release.
    Counts = 0,
    /// Whether the synapse is active.
    Traits = 1,
    /// Sizes of lognormal quanta.
    Sizes = 2,
    /// Which vesicles are docked and released.
    Picks = 3,
    /// Contents of released vesicles: the first attempts.
    Contents = 4,
    /// Sizes and contents after the first attempt was rejected, 2^8 draws for each quantum.
    Again = 5,
    /// Traits of single vesicles, 2^20 draws for each.
    Vesicles = 6,
}

/// Draws set aside for each quantum whose first attempt was rejected.
pub(super) const DRAWS_EACH_QUANTUM: u64 = 1 << 8;
/// Draws set aside for each use.
const DRAWS_EACH: u64 = 1 << 44;

/// The stream of one synapse for one use, `further` draws from its begin.
pub(super) fn stream(seed: u64, synapse: u64, purpose: Use, further: u64) -> Result<Stream> {
    Stream::new(seed, Stage::Release, synapse).at(purpose as u64 * DRAWS_EACH + further)
}

/// Make sure that `more` items fit, without growing again.
///
/// # Errors
/// [`Error::Memory`] if they do not.
pub(super) fn reserve<T>(items: &mut Vec<T>, more: usize, what: &str) -> Result<()> {
    items.try_reserve_exact(more).map_err(|_| Error::Memory {
        what: what.into(),
        bytes: (more as u64).saturating_mul(size_of::<T>() as u64),
    })
}

/// What a pause between two spikes does to empty sites, ready for inversion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Refill {
    /// Logarithm of the larger of the chances to stay empty and to be refilled.
    pub ln_usual: f64,
    /// The smaller chance over the larger.
    pub odds: f64,
    /// 1 if the rarer outcome is to stay empty, else 0.
    pub flipped: f64,
}

impl Refill {
    /// Chances over `pauses` time constants.
    pub(super) fn over(pauses: f64) -> Self {
        let Survival { stay: filled, leave: empty } = survival(pauses);
        Self::of(pauses, filled, empty, ln_1p(-empty))
    }

    /// From the chances to be filled and to stay empty, and ln(1 - empty).
    #[inline(always)]
    pub(super) fn of(pauses: f64, filled: f64, empty: f64, ln_filled: f64) -> Self {
        let flipped = empty < filled;
        let (rare, usual) = if flipped { (empty, filled) } else { (filled, empty) };
        Self {
            ln_usual: if flipped { ln_filled } else { -pauses },
            odds: rare / usual,
            flipped: if flipped { 1.0 } else { 0.0 },
        }
    }
}

/// The chances that an empty site is filled, and that it is still empty, after `pauses` time
/// constants.
#[inline(always)]
pub(super) fn survival(pauses: f64) -> Survival {
    Survival { stay: -exp_m1(-pauses), leave: exp(-pauses) }
}
