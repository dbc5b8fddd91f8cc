//! Synapses of few sites: sixteen side by side.
//!
//! The number of sites filled is drawn by inversion, the number of vesicles that fuse from
//! an alias table, each from one word, so all lanes take the same steps.

use super::{Counter, PLACES, Row, SPIKES_PER_CHECK, pauses};
use crate::Result;
use crate::lanes::{Kernel, LANES, Lane, ZERO};
use crate::math::{exp, exp_m1, ln_1p};
use crate::parallel::Work;
use crate::random::alias::Binomials;
use crate::random::uniform::uniform;
use crate::random::xoshiro::{Xoshiro, XoshiroLanes};
use crate::release::synapse::{Refill, Use, stream};

/// Blocks of eight synapses that go side by side: while one waits for a number, the other works.
const BLOCKS: usize = 2;
/// Synapses of a group.
const GROUP: usize = BLOCKS * LANES;

/// A number for each synapse of a group.
type Wide = [Lane; BLOCKS];

/// What one spike's pause does in every lane.
#[derive(Debug, Clone, Copy)]
struct Pause {
    ln_usual: Wide,
    odds: Wide,
    flipped: Wide,
}

impl Pause {
    #[inline(always)]
    fn splat(refill: &Refill) -> Self {
        Self {
            ln_usual: [Lane::splat(refill.ln_usual); BLOCKS],
            odds: [Lane::splat(refill.odds); BLOCKS],
            flipped: [Lane::splat(refill.flipped); BLOCKS],
        }
    }

    /// From the pauses of a group, in time constants.
    #[expect(clippy::needless_range_loop, reason = "plain loops over lanes are vectorised")]
    #[inline(always)]
    fn over(pauses: &Wide) -> Self {
        let mut all = Self { ln_usual: *pauses, odds: *pauses, flipped: *pauses };
        for b in 0..BLOCKS {
            // A loop for each step: so each becomes vector instructions.
            let (mut empty, mut filled, mut logarithm) = (ZERO, ZERO, ZERO);
            for i in 0..LANES {
                empty[i] = exp(-pauses[b][i]);
            }
            for i in 0..LANES {
                filled[i] = -exp_m1(-pauses[b][i]);
            }
            for i in 0..LANES {
                logarithm[i] = ln_1p(-empty[i]);
            }
            for i in 0..LANES {
                let refill = Refill::of(pauses[b][i], filled[i], empty[i], logarithm[i]);
                all.ln_usual[b][i] = refill.ln_usual;
                all.odds[b][i] = refill.odds;
                all.flipped[b][i] = refill.flipped;
            }
        }
        all
    }
}

/// A whole number for each synapse of a group.
type Whole = [[u64; LANES]; BLOCKS];

/// Synapses in lockstep.
#[derive(Clone)]
struct Group {
    generators: [XoshiroLanes; BLOCKS],
    ready: Whole,
    sites: f64,
}

impl Group {
    /// Sites filled during the pause: inversion, the same number of words in every lane.
    #[inline(always)]
    fn filled(&mut self, pause: &Pause, none: Option<&[f64; PLACES]>) -> Wide {
        let nothing = [ZERO; BLOCKS];
        let (mut left, mut chance, mut empty) = (nothing, nothing, nothing);
        for b in 0..BLOCKS {
            let words = self.generators[b].words();
            for i in 0..LANES {
                empty[b][i] = self.sites - small_float(self.ready[b][i]);
                left[b][i] = uniform(words[i]);
            }
            for i in 0..LANES {
                chance[b][i] = match none {
                    Some(none) => none[small_whole(empty[b][i]) as usize & (PLACES - 1)],
                    None => exp(empty[b][i] * pause.ln_usual[b][i]),
                };
            }
        }
        let mut number = nothing;
        let mut rank = 0.0;
        loop {
            let mut going = 0_u64;
            let inverse = 1.0 / (rank + 1.0);
            for b in 0..BLOCKS {
                for i in 0..LANES {
                    let goes = (left[b][i] >= chance[b][i]) & (rank < empty[b][i]);
                    // A lane that stops is marked by -1, which no chance is below.
                    left[b][i] = if goes { left[b][i] - chance[b][i] } else { -1.0 };
                    number[b][i] += if goes { 1.0 } else { 0.0 };
                    chance[b][i] *= pause.odds[b][i] * ((empty[b][i] - rank) * inverse);
                    going |= u64::from(goes);
                }
            }
            if going == 0 {
                break;
            }
            rank += 1.0;
        }
        for b in 0..BLOCKS {
            for i in 0..LANES {
                let rest = empty[b][i] - number[b][i];
                number[b][i] = if pause.flipped[b][i] > 0.0 { rest } else { number[b][i] };
            }
        }
        number
    }

    /// Refill and release at one spike.
    #[inline(always)]
    fn spike(
        &mut self,
        pause: &Pause,
        none: Option<&[f64; PLACES]>,
        tables: &Binomials,
    ) -> (Whole, Whole) {
        let number = self.filled(pause, none);
        let (mut filled, mut quanta) = ([[0; LANES]; BLOCKS], [[0; LANES]; BLOCKS]);
        for b in 0..BLOCKS {
            let words = self.generators[b].words();
            for i in 0..LANES {
                filled[b][i] = small_whole(number[b][i]);
                let ready = self.ready[b][i] + filled[b][i];
                quanta[b][i] = tables.draw(ready, words[i]);
                self.ready[b][i] = ready - quanta[b][i];
            }
        }
        (filled, quanta)
    }
}

/// A chunk of synapses of few sites, to be counted.
pub(super) struct Few<'a, 'b, 'c> {
    pub(super) counter: &'b Counter<'a>,
    pub(super) tables: &'b Binomials,
    pub(super) first_row: usize,
    pub(super) rows: &'b mut [Row<'c>],
    pub(super) work: &'b Work<'b>,
}

impl Kernel for Few<'_, '_, '_> {
    type Output = Result<()>;

    #[inline(always)]
    fn run(self) -> Result<()> {
        let shared = self.counter.train.is_shared();
        let mut own = Vec::new();
        for (place, rows) in self.rows.chunks_mut(GROUP).enumerate() {
            let first = self.first_row + place * GROUP;
            let mut group = open(self.counter, first, rows.len())?;
            if !shared {
                gather_pauses(self.counter, first, rows.len(), &mut own);
            }
            let spikes = if shared { self.counter.refills.len() } else { own.len() };
            let mut spike = 0;
            while spike < spikes {
                self.work.check()?;
                // A copy that only whole-lane code touches stays in vector registers.
                let mut local = group.clone();
                let end = spikes.min(spike + SPIKES_PER_CHECK);
                let tabled = !self.counter.which.is_empty();
                while spike < end {
                    // A call for each case, so that none of them asks within its loops.
                    let (filled, quanta) = if tabled {
                        let none = &self.counter.none[self.counter.which[spike] as usize];
                        let pause = Pause::splat(&self.counter.refills[spike]);
                        local.spike(&pause, Some(none), self.tables)
                    } else if shared {
                        let pause = Pause::splat(&self.counter.refills[spike]);
                        local.spike(&pause, None, self.tables)
                    } else {
                        local.spike(&Pause::over(&own[spike]), None, self.tables)
                    };
                    for (lane, row) in rows.iter_mut().enumerate() {
                        let (b, i) = (lane / LANES, lane % LANES);
                        write(row, spike, quanta[b][i], filled[b][i]);
                    }
                    spike += 1;
                }
                group = local;
            }
            for (lane, row) in rows.iter_mut().enumerate() {
                if !self.counter.is_active(first + lane)? {
                    row.quanta.fill(0);
                    row.filled.fill(0);
                }
            }
        }
        Ok(())
    }
}

/// 2^52: under its exponent the lowest bits of a number are a whole number.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// A whole number below 2^52 as a float, without the conversion that some CPUs lack in lanes.
#[inline(always)]
fn small_float(whole: u64) -> f64 {
    f64::from_bits(whole | TWO_52.to_bits()) - TWO_52
}

/// The float of a whole number below 2^52 back.
#[inline(always)]
fn small_whole(float: f64) -> u64 {
    (float + TWO_52).to_bits() ^ TWO_52.to_bits()
}

/// Write a spike, unless the synapse's own train has ended.
#[inline(always)]
fn write(row: &mut Row<'_>, spike: usize, quanta: u64, filled: u64) {
    if let Some(place) = row.quanta.get_mut(spike) {
        *place = quanta as u32;
    }
    if let Some(place) = row.filled.get_mut(spike) {
        *place = filled as u32;
    }
}

/// Seat the synapses of a group, each with a generator of its own.
#[inline(never)]
fn open(counter: &Counter<'_>, first: usize, rows: usize) -> Result<Group> {
    let sites = u64::from(counter.synapse.sites);
    let mut group = Group {
        generators: [XoshiroLanes::ZERO; BLOCKS],
        ready: [[sites; LANES]; BLOCKS],
        sites: sites as f64,
    };
    for lane in 0..rows {
        let number = counter.first + (first + lane) as u64;
        let mut words = stream(counter.seed, number, Use::Counts, 0)?;
        group.generators[lane / LANES].set(lane % LANES, Xoshiro::from_stream(&mut words));
    }
    Ok(group)
}

/// The pauses of a group whose synapses have trains of their own; a short train ends in stillness.
#[inline(never)]
fn gather_pauses(counter: &Counter<'_>, first: usize, rows: usize, own: &mut Vec<Wide>) {
    let longest = (0..rows).map(|lane| counter.train.of(first + lane).len()).max().unwrap_or(0);
    own.clear();
    own.resize(longest, [ZERO; BLOCKS]);
    for lane in 0..rows {
        let mut spike = 0;
        pauses(counter.train.of(first + lane), counter.synapse.refill_s, |pause| {
            own[spike][lane / LANES][lane % LANES] = pause;
            spike += 1;
        });
    }
}
