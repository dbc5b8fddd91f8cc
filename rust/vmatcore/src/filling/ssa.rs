//! Every molecule, by Gillespie's direct method: eight vesicles side by side.
//!
//! Each vesicle has a generator of its own, so neighbours, chunks and CPU level
//! change no bit. Waiting times start anew where a drive or a copy changes, and
//! a read changes nothing. All lanes go on in lockstep until one of them reaches
//! a read or a change of its rates; that lane is then served by itself.

use super::Cohort;
use super::course::{Use, begin, start, stream, too_many};
use super::event::event;
use crate::lanes::{Kernel, LANES, Lane, ZERO, dispatch};
use crate::parallel::Work;
use crate::random::xoshiro::{Xoshiro, XoshiroLanes};
use crate::vesicle::course::Course;
use crate::vesicle::{Kind, Rates};
use crate::{Error, Result};

/// Steps between two looks at the caller's wish to stop: about 0.1 ms.
const STEPS_PER_CHECK: usize = 8192;

const LINEAR: u8 = 0;
const LIMITED: u8 = 1;
const CROWDED: u8 = 2;

/// Fill (vesicle, time) rows of contents, row-major; the first is row `first` of the cohort.
///
/// # Errors
/// [`Error::Solver`] for a content beyond 32 bits or a clock that stands still;
/// [`Error::Cancelled`].
pub fn fill(cohort: &Cohort, first: usize, rows: &mut [u32], work: &Work<'_>) -> Result<()> {
    match cohort.law.kind() {
        Kind::Linear => dispatch(work.level, Run::<LINEAR> { cohort, first, rows, work }),
        Kind::Limited => dispatch(work.level, Run::<LIMITED> { cohort, first, rows, work }),
        Kind::Crowded => dispatch(work.level, Run::<CROWDED> { cohort, first, rows, work }),
    }
}

/// What every event changes.
#[derive(Clone)]
struct Motion {
    generator: XoshiroLanes,
    time_s: Lane,
    molecules: Lane,
}

/// What stays until a lane stops.
#[derive(Clone)]
struct Pace {
    /// The next read or change of rates.
    stop_s: Lane,
    influx: Lane,
    efflux: Lane,
    leak: Lane,
    loss: Lane,
    crowding: Lane,
    places: Lane,
}

/// Eight vesicles in lockstep.
struct Block {
    motion: Motion,
    pace: Pace,
}

/// What the next event of each lane would be.
#[derive(Clone, Copy)]
struct Proposal {
    time_s: Lane,
    change: Lane,
}

impl Motion {
    #[inline(always)]
    fn propose<const KIND: u8>(&mut self, pace: &Pace) -> Proposal {
        let words = self.generator.words();
        let (mut birth, mut death) = (ZERO, ZERO);
        for i in 0..LANES {
            match KIND {
                LINEAR => {
                    birth[i] = pace.influx[i];
                    death[i] = self.molecules[i] * pace.loss[i];
                }
                LIMITED => {
                    birth[i] = pace.influx[i] * (pace.places[i] - self.molecules[i]);
                    death[i] = self.molecules[i] * pace.loss[i];
                }
                _ => {
                    let slowed = 1.0 / (1.0 + pace.crowding[i] * self.molecules[i]);
                    birth[i] = pace.influx[i] * slowed;
                    death[i] = self.molecules[i] * (pace.efflux[i] * slowed + pace.leak[i]);
                }
            }
        }
        let mut proposal = Proposal { time_s: ZERO, change: ZERO };
        for i in 0..LANES {
            let (wait, change) = event(birth[i], death[i], words[i]);
            proposal.time_s[i] = self.time_s[i] + wait;
            proposal.change[i] = change;
        }
        proposal
    }

    #[inline(always)]
    fn accept(&mut self, proposal: &Proposal) {
        self.time_s = proposal.time_s;
        for i in 0..LANES {
            self.molecules[i] += proposal.change[i];
        }
    }
}

impl Pace {
    /// Whether a lane would pass its stop; a time that is not a number does.
    #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "what is not a number must stop, too")]
    #[inline(always)]
    fn stops(&self, proposal: &Proposal) -> bool {
        let mut stops = false;
        for i in 0..LANES {
            stops |= !(proposal.time_s[i] < self.stop_s[i]);
        }
        stops
    }
}

impl Block {
    const EMPTY: Self = Self {
        motion: Motion { generator: XoshiroLanes::ZERO, time_s: ZERO, molecules: ZERO },
        pace: Pace {
            stop_s: ZERO,
            influx: ZERO,
            efflux: ZERO,
            leak: ZERO,
            loss: ZERO,
            crowding: ZERO,
            places: ZERO,
        },
    };

    fn set_rates(&mut self, lane: usize, rates: &Rates) {
        let limited = rates.places > 0.0;
        self.pace.influx[lane] = if limited { rates.per_place_s } else { rates.influx_per_s };
        self.pace.efflux[lane] = rates.efflux_per_s;
        self.pace.leak[lane] = rates.leak_per_s;
        self.pace.loss[lane] = rates.loss_per_s();
        self.pace.crowding[lane] = rates.crowding;
        self.pace.places[lane] = rates.places;
    }

    /// Let an idle lane run on harmlessly.
    fn park(&mut self, lane: usize) {
        self.motion.time_s[lane] = 0.0;
        self.motion.molecules[lane] = 0.0;
        self.pace.stop_s[lane] = f64::INFINITY;
        self.pace.influx[lane] = 1.0;
        self.pace.loss[lane] = 1.0;
        self.pace.efflux[lane] = 0.0;
        self.pace.leak[lane] = 1.0;
        self.pace.crowding[lane] = 0.0;
        self.pace.places[lane] = 1.0;
    }
}

/// The vesicle that sits in a lane.
struct Seat<'a> {
    course: Course<'a>,
    /// Its row in the chunk.
    row: usize,
    /// Its next read.
    read: usize,
    /// Its time when the clock was last looked at.
    seen_s: f64,
}

struct Run<'a, 'b, const KIND: u8> {
    cohort: &'a Cohort,
    first: usize,
    rows: &'b mut [u32],
    work: &'b Work<'b>,
}

impl<const KIND: u8> Kernel for Run<'_, '_, KIND> {
    type Output = Result<()>;

    #[inline(always)]
    fn run(self) -> Result<()> {
        let mut desk = Desk::open(self.cohort, self.first, self.rows)?;
        let mut block = Block::EMPTY;
        desk.seat_all(&mut block)?;
        while desk.seated > 0 {
            // Copies that only whole-lane code touches stay in vector registers. The step that
            // stops is taken once more outside the loop: what the loop hands out goes through
            // memory, and every step would wait for it.
            let (mut motion, pace) = (block.motion.clone(), block.pace.clone());
            let mut stops = false;
            for _ in 0..STEPS_PER_CHECK {
                let mut next = motion.clone();
                let proposal = next.propose::<KIND>(&pace);
                if pace.stops(&proposal) {
                    stops = true;
                    break;
                }
                next.accept(&proposal);
                motion = next;
            }
            block.motion = motion;
            let stopped = stops.then(|| block.motion.propose::<KIND>(&block.pace));
            match stopped {
                Some(proposal) => {
                    desk.serve(&mut block, &proposal)?;
                    desk.stops += 1;
                    if desk.stops.is_multiple_of(STEPS_PER_CHECK) {
                        self.work.check()?;
                    }
                }
                None => {
                    self.work.check()?;
                    desk.look_at_clocks(&block)?;
                }
            }
        }
        Ok(())
    }
}

/// Seats vesicles in lanes, writes their reads, and sends them off.
struct Desk<'a, 'b> {
    cohort: &'a Cohort,
    first: usize,
    rows: &'b mut [u32],
    seats: [Option<Seat<'a>>; LANES],
    seated: usize,
    next_row: usize,
    stops: usize,
}

impl<'a, 'b> Desk<'a, 'b> {
    fn open(cohort: &'a Cohort, first: usize, rows: &'b mut [u32]) -> Result<Self> {
        let seats = std::array::from_fn(|_| None);
        Ok(Self { cohort, first, rows, seats, seated: 0, next_row: 0, stops: 0 })
    }

    #[inline(never)]
    fn seat_all(&mut self, block: &mut Block) -> Result<()> {
        (0..LANES).try_for_each(|lane| self.seat(block, lane))
    }

    /// Give the lane the next vesicle, or park it.
    fn seat(&mut self, block: &mut Block, lane: usize) -> Result<()> {
        let times = self.cohort.time_s.len();
        if times == 0 || self.next_row == self.rows.len() / times {
            block.park(lane);
            return Ok(());
        }
        let row = self.next_row;
        self.next_row += 1;
        self.seated += 1;
        let place = self.first + row;
        let course = begin(self.cohort, place)?;
        let mut words = stream(self.cohort, place, Use::Events)?;
        block.motion.generator.set(lane, Xoshiro::from_stream(&mut words));
        block.motion.time_s[lane] = 0.0;
        block.motion.molecules[lane] = f64::from(start(self.cohort, &course, place)?);
        block.set_rates(lane, &course.rates());
        block.pace.stop_s[lane] = smaller(course.until_s(), self.cohort.time_s[0]);
        self.seats[lane] = Some(Seat { course, row, read: 0, seen_s: -1.0 });
        Ok(())
    }

    /// Serve every lane that reached a stop; the others take their event.
    #[inline(never)]
    fn serve(&mut self, block: &mut Block, proposal: &Proposal) -> Result<()> {
        for lane in 0..LANES {
            if proposal.time_s[lane] < block.pace.stop_s[lane] {
                block.motion.time_s[lane] = proposal.time_s[lane];
                block.motion.molecules[lane] += proposal.change[lane];
            } else if let Some(seat) = self.seats[lane].take() {
                self.stop(block, lane, seat, proposal)?;
            } else {
                block.park(lane);
            }
        }
        Ok(())
    }

    fn stop(
        &mut self,
        block: &mut Block,
        lane: usize,
        mut seat: Seat<'a>,
        proposal: &Proposal,
    ) -> Result<()> {
        let times = &self.cohort.time_s;
        // Without rates nothing happens until they change.
        let event_s = proposal.time_s[lane];
        let event_s = if event_s.is_nan() { f64::INFINITY } else { event_s };
        let until_s = seat.course.until_s();
        let changes = until_s <= event_s;
        let mut molecules = block.motion.molecules[lane];
        while let Some(&time_s) = times.get(seat.read)
            && (if changes { time_s <= until_s } else { time_s < event_s })
        {
            if molecules > f64::from(u32::MAX) {
                return Err(too_many(time_s));
            }
            self.rows[seat.row * times.len() + seat.read] = molecules as u32;
            seat.read += 1;
        }
        let Some(&read_s) = times.get(seat.read) else {
            self.seated -= 1;
            return self.seat(block, lane);
        };
        if changes {
            seat.course.pass();
            block.motion.time_s[lane] = until_s;
            block.set_rates(lane, &seat.course.rates());
        } else {
            molecules += proposal.change[lane];
            block.motion.time_s[lane] = event_s;
            block.motion.molecules[lane] = molecules;
        }
        block.pace.stop_s[lane] = smaller(seat.course.until_s(), read_s);
        self.seats[lane] = Some(seat);
        Ok(())
    }

    /// Refuse to go on where thousands of events fit between two numbers of the clock.
    #[inline(never)]
    fn look_at_clocks(&mut self, block: &Block) -> Result<()> {
        for (lane, seat) in self.seats.iter_mut().enumerate() {
            let Some(seat) = seat else { continue };
            let now = block.motion.time_s[lane];
            if seat.seen_s == now {
                return Err(Error::Solver {
                    what: format!("the events of vesicle {}", self.first + seat.row),
                    when: format!("{now} s"),
                    cause: "they follow too fast for the clock to move".into(),
                });
            }
            seat.seen_s = now;
        }
        Ok(())
    }
}

#[inline(always)]
fn smaller(left: f64, right: f64) -> f64 {
    if left < right { left } else { right }
}
