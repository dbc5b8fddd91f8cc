//! What is simulated: synapses, the spikes that reach them, and what their vesicles hold.

use super::{Filling, Lognormal, Synapse, Train};
use crate::math::exp;
use crate::parallel::Work;
use crate::{Error, Result};

/// What a released vesicle holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// So many molecules, always.
    Constant(f64),
    /// A size of its own for each quantum.
    Lognormal(Lognormal),
    /// What has filled since the vesicle's last release.
    Filling(Filling),
}

/// Synapses `first`, `first + 1`, ... of one seed, and the spikes that reach them.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    pub(super) synapse: Synapse,
    pub(super) train: Train,
    pub(super) content: Content,
    pub(super) seed: u64,
    pub(super) first: u64,
    pub(super) synapses: usize,
}

/// Spikes that one chunk may hold.
const CHUNK_SPIKES: usize = 1 << 17;
/// Synapses that one chunk may hold.
const CHUNK_SYNAPSES: usize = 256;

impl Experiment {
    /// A checked experiment.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a part that breaks its rule, a number of trains that is not that
    /// of the synapses, or synapses beyond 2^64.
    pub fn new(
        synapse: Synapse,
        train: Train,
        content: Content,
        seed: u64,
        first: u64,
        synapses: usize,
    ) -> Result<Self> {
        let synapse = synapse.checked()?;
        if first.checked_add(synapses as u64).is_none() {
            return Err(Error::parameter("first", "plus the synapses must fit 64 bits", first));
        }
        if !train.is_shared() && train.trains() != synapses {
            let rule = format!("must hold a train for each of {synapses} synapses");
            return Err(Error::parameter("train", rule, train.trains()));
        }
        match &content {
            Content::Constant(size) if !(size.is_finite() && *size >= 0.0) => {
                let rule = "must be finite and not negative";
                return Err(Error::parameter("molecules", rule, size));
            }
            Content::Constant(_) => {}
            Content::Lognormal(law) => {
                law.checked()?;
            }
            Content::Filling(filling) => filling.check(&synapse)?,
        }
        Ok(Self { synapse, train, content, seed, first, synapses })
    }

    /// Mean molecules of one quantum, where its law has it; none for vesicles that fill.
    #[must_use]
    pub fn mean_quantum(&self) -> Option<f64> {
        match &self.content {
            Content::Constant(size) => Some(*size),
            Content::Lognormal(law) => Some(exp(law.log_mean + 0.5 * law.log_sd * law.log_sd)),
            Content::Filling(_) => None,
        }
    }

    /// The spikes.
    #[must_use]
    pub fn train(&self) -> &Train {
        &self.train
    }

    /// How many synapses there are.
    #[must_use]
    pub fn synapses(&self) -> usize {
        self.synapses
    }

    /// Synapses of a chunk.
    pub(super) fn chunk(&self, work: &Work<'_>) -> usize {
        let longest = (0..self.train.trains()).map(|row| self.train.of(row).len()).max();
        let by_memory = CHUNK_SPIKES / longest.unwrap_or(0).max(1);
        let by_threads = self.synapses.div_ceil(4 * work.threads.get());
        by_memory.min(CHUNK_SYNAPSES).min(by_threads).next_multiple_of(16).max(16)
    }
}
