//! Consecutive subjects, worked eight at a time.

use crate::error::Result;
use crate::lanes::{Kernel, LANES, Lane, ZERO};
use crate::parallel::Work;
use crate::pk::program::Program;
use crate::pk::saturable::{Equations, Saturation};
use crate::pk::table::Failure;
use crate::pk::{Network, Rates};
use crate::solve::taylor::{Stepper, Tolerance};

use super::steady::Settling;

/// The caller may stop the work after this many steps.
const CHECK_EVERY: u64 = 256;

/// Steps are held to this share of the tolerance, since their errors add up.
const SHARE: f64 = 0.1;

/// Consecutive subjects and their rows.
pub(super) struct Block<'a> {
    pub(super) network: &'a Network,
    pub(super) rates: &'a Rates<'a>,
    pub(super) saturation: &'a Saturation<'a>,
    pub(super) programs: &'a [Program],
    pub(super) table_of: &'a [usize],
    pub(super) time_h: &'a [f64],
    pub(super) tolerance: Tolerance,
    pub(super) first: usize,
    pub(super) rows: &'a mut [f64],
    pub(super) work: &'a Work<'a>,
    /// The subjects that failed so far, and why.
    pub(super) failed: Vec<(usize, Failure)>,
    /// The first row that no lane has taken yet.
    pub(super) next_row: usize,
}

/// Where one lane stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// The row of its subject within the chunk; none if the lane is idle.
    pub(super) row: Option<usize>,
    /// The next op, and the stretch that it is in.
    pub(super) op: usize,
    pub(super) start_h: f64,
    pub(super) column: usize,
    pub(super) last: usize,
    pub(super) steps: u64,
    pub(super) intervals: u32,
    pub(super) steady_steps: u64,
}

/// The numbers and the working memory of eight subjects.
pub(super) struct Room<'a> {
    pub(super) equations: Equations<'a>,
    pub(super) stepper: Stepper,
    pub(super) tolerance: Tolerance,
    pub(super) state: Vec<Lane>,
    pub(super) places: [Place; LANES],
    /// What is left of each stretch, and what is past.
    pub(super) left_h: Lane,
    pub(super) past_h: Lane,
    /// The unit of time of each series, and the longest step that may be tried.
    pub(super) unit_h: Lane,
    pub(super) longest_h: Lane,
    pub(super) settling: Settling,
}

impl<'a> Room<'a> {
    fn new(block: &Block<'a>) -> Self {
        let states = block.network.pattern.states();
        let Tolerance { absolute, relative } = block.tolerance;
        let tolerance = Tolerance { absolute: SHARE * absolute, relative: SHARE * relative };
        let order = tolerance.order();
        Self {
            equations: Equations::new(block.network, block.saturation, order),
            stepper: Stepper::new(states, order),
            tolerance,
            state: vec![ZERO; states],
            places: [Place::default(); LANES],
            left_h: ZERO,
            past_h: ZERO,
            unit_h: Lane::splat(1.0),
            longest_h: ZERO,
            settling: Settling::new(states),
        }
    }
}

impl Kernel for Block<'_> {
    type Output = Result<Vec<(usize, Failure)>>;

    #[inline(always)]
    fn run(mut self) -> Self::Output {
        let mut room = Room::new(&self);
        let mut count = 0u64;
        loop {
            for lane in 0..LANES {
                self.bring_on(&mut room, lane);
            }
            if room.places.iter().all(|place| place.row.is_none()) {
                return Ok(self.failed);
            }
            self.step(&mut room);
            count += 1;
            if count.is_multiple_of(CHECK_EVERY) {
                self.work.check()?;
            }
        }
    }
}

impl Block<'_> {
    /// How many numbers the row of a subject has.
    #[inline(always)]
    pub(super) fn row_length(&self) -> usize {
        self.network.outputs * self.time_h.len()
    }
}
