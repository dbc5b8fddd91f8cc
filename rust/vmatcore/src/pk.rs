//! Dose to plasma and brain: linear compartment systems under a dosing history.
//!
//! A [`Network`] is a graph of states joined by gains, with a loss from each
//! state; the two are separate, so a gain need not drain its source (a brain
//! driven by plasma, an integral, an infusion source). [`simulate`] walks one
//! [`Plan`] of steps, doses and reads for every subject, eight side by side,
//! with one matrix exponential for each distinct step length.
//!
//! Events act on [t, next): a read at the time of a dose sees the dose.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::error::{Error, Result};
use crate::lanes::{self, Kernel, LANES, Lane, ZERO, add_product};
use crate::parallel::{Work, over_chunks};
use crate::solve::linear::{Pattern, Scratch};

/// Matrices of steps used more than once are kept while they fit in this many bytes a thread.
const KEPT_MATRICES_BYTES: usize = 32 << 20;

/// Reads are gathered for this many times before they are written out row by row.
const TILE: usize = 32;

/// A read of one state into one output; an output sums all its reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readout {
    /// Which output the read adds to.
    pub output: usize,
    /// Which state is read.
    pub state: usize,
}

/// The shape of a compartment system: which state feeds which, and what is read.
#[derive(Debug, Clone)]
pub struct Network {
    pattern: Pattern,
    readouts: Vec<Readout>,
    outputs: usize,
}

impl Network {
    /// A system of `states` states whose gains are (to, from) pairs.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an index out of range, or readouts not sorted by output.
    pub fn new(
        states: usize,
        gains: &[(usize, usize)],
        readouts: &[Readout],
        outputs: usize,
    ) -> Result<Self> {
        for (i, read) in readouts.iter().enumerate() {
            if read.output >= outputs || read.state >= states {
                return Err(Error::parameter(
                    format!("readouts[{i}]"),
                    format!("must name an output below {outputs} and a state below {states}"),
                    format!("({}, {})", read.output, read.state),
                ));
            }
        }
        Ok(Self {
            pattern: Pattern::new(states, gains)?,
            readouts: readouts.to_vec(),
            outputs,
        })
    }

    /// How many outputs are read at each time.
    pub fn outputs(&self) -> usize {
        self.outputs
    }
}

/// The numbers of every subject, item-major: `gain[g * subjects + s]`.
#[derive(Debug, Clone, Copy)]
pub struct Rates<'a> {
    subjects: usize,
    gain: &'a [f64],
    loss: &'a [f64],
    scale: &'a [f64],
}

impl<'a> Rates<'a> {
    /// Check the numbers against the network: finite, not negative, of the right length.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first number that breaks a rule, with its subject.
    pub fn new(
        network: &Network,
        subjects: usize,
        gain: &'a [f64],
        loss: &'a [f64],
        scale: &'a [f64],
    ) -> Result<Self> {
        let tables = [
            ("gain_per_h", gain, network.pattern.gains()),
            ("loss_per_h", loss, network.pattern.states()),
            ("scale", scale, network.readouts.len()),
        ];
        for (name, values, rows) in tables {
            if Some(values.len()) != rows.checked_mul(subjects) {
                let rule = format!("must have shape ({rows}, {subjects})");
                return Err(Error::parameter(
                    name,
                    rule,
                    format!("{} values", values.len()),
                ));
            }
            if let Some(i) = values.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
                return Err(Error::parameter(
                    format!("{name}[{}, {}]", i / subjects, i % subjects),
                    "must be finite and not negative",
                    values[i],
                ));
            }
        }
        Ok(Self {
            subjects,
            gain,
            loss,
            scale,
        })
    }
}

/// What an event does to its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Add an amount: a bolus.
    Add,
    /// Set the value: the rate of an infusion source.
    Set,
}

/// Something that happens to one state at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// When, in hours.
    pub time_h: f64,
    /// To which state.
    pub state: usize,
    /// Whether the value is added or set.
    pub change: Change,
    /// The amount, or the new value.
    pub value: f64,
}

/// One thing to do, in order.
#[derive(Debug, Clone, Copy)]
enum Step {
    Advance(usize),
    Change(Event),
    Read(usize),
}

/// The walk that all subjects share: advances, events and reads in order of time.
#[derive(Debug, Clone)]
pub struct Plan {
    steps: Vec<Step>,
    /// Distinct step lengths in hours, and whether a matrix is kept for each.
    lengths: Vec<(f64, bool)>,
    times: usize,
}

impl Plan {
    /// Merge events and read times into one walk. Events of equal time keep their order.
    ///
    /// # Errors
    /// [`Error::Parameter`] for times that are not finite or not in order, or a bad event.
    pub fn new(network: &Network, events: &[Event], time_h: &[f64]) -> Result<Self> {
        check_times(time_h)?;
        let states = network.pattern.states();
        for (i, event) in events.iter().enumerate() {
            let rule = if !event.time_h.is_finite() {
                Some(("time_h", "must be finite", event.time_h))
            } else if !(event.value.is_finite() && event.value >= 0.0) {
                Some(("value", "must be finite and not negative", event.value))
            } else if event.state >= states {
                Some((
                    "state",
                    "must be a state of the network",
                    event.state as f64,
                ))
            } else {
                None
            };
            if let Some((field, rule, value)) = rule {
                return Err(Error::parameter(
                    format!("events[{i}].{field}"),
                    rule,
                    value,
                ));
            }
        }
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by(|&a, &b| events[a].time_h.total_cmp(&events[b].time_h));
        let mut walk = Walk::default();
        let mut due = order.into_iter().map(|i| events[i]).peekable();
        for (column, &time) in time_h.iter().enumerate() {
            while let Some(event) = due.next_if(|event| event.time_h <= time) {
                walk.advance_to(event.time_h);
                walk.steps.push(Step::Change(event));
            }
            walk.advance_to(time);
            walk.steps.push(Step::Read(column));
        }
        let kept = KEPT_MATRICES_BYTES / (network.pattern.entries().max(1) * size_of::<Lane>());
        let mut room = kept.max(1);
        let lengths = walk.lengths.iter().zip(&walk.uses).map(|(&hours, &uses)| {
            let keep = uses > 1 && room > 0;
            room -= usize::from(keep);
            (hours, keep)
        });
        Ok(Self {
            lengths: lengths.collect(),
            steps: walk.steps,
            times: time_h.len(),
        })
    }
}

/// A plan being made.
#[derive(Debug, Default)]
struct Walk {
    steps: Vec<Step>,
    lengths: Vec<f64>,
    uses: Vec<usize>,
    known: BTreeMap<u64, usize>,
    /// Where the walk stands: the exact sum of its steps, as a value and its rest.
    now: Option<(f64, f64)>,
}

impl Walk {
    /// Step to `time`, with a known step length if one arrives within the last digit of `time`.
    fn advance_to(&mut self, time: f64) {
        let Some((now, rest)) = self.now else {
            self.now = Some((time, 0.0));
            return;
        };
        let hours = (time - now) - rest;
        let slack = f64::EPSILON * time.abs();
        if hours <= slack {
            return;
        }
        let near = self
            .known
            .range((hours - slack).max(0.0).to_bits()..)
            .next();
        let index = match near {
            Some((&bits, &index)) if f64::from_bits(bits) <= hours + slack => index,
            _ => {
                self.known.insert(hours.to_bits(), self.lengths.len());
                self.lengths.push(hours);
                self.uses.push(0);
                self.lengths.len() - 1
            }
        };
        self.uses[index] += 1;
        self.steps.push(Step::Advance(index));
        let length = self.lengths[index];
        let sum = now + length;
        let lost = if now.abs() > length {
            (now - sum) + length
        } else {
            (length - sum) + now
        };
        self.now = Some((sum, rest + lost));
    }
}

fn check_times(time_h: &[f64]) -> Result<()> {
    for (i, time) in time_h.iter().enumerate() {
        if !time.is_finite() {
            return Err(Error::parameter(
                format!("time_h[{i}]"),
                "must be finite",
                time,
            ));
        }
        if i > 0 && *time < time_h[i - 1] {
            let rule = format!("must not be before the time before it, {}", time_h[i - 1]);
            return Err(Error::parameter(format!("time_h[{i}]"), rule, time));
        }
    }
    Ok(())
}

/// Run the plan for every subject. `out` is (subject, output, time), row-major.
///
/// Every state is zero before the first event. Returns the subjects that
/// failed, in order; their rows are NaN.
///
/// # Errors
/// [`Error::Parameter`] if `out` has the wrong length; [`Error::Cancelled`].
pub fn simulate(
    network: &Network,
    rates: &Rates<'_>,
    plan: &Plan,
    out: &mut [f64],
    work: &Work<'_>,
) -> Result<Vec<usize>> {
    let row = network.outputs * plan.times;
    if Some(out.len()) != row.checked_mul(rates.subjects) {
        let rule = format!(
            "must have {row} values for each of {} subjects",
            rates.subjects
        );
        return Err(Error::parameter("out", rule, out.len()));
    }
    let rows = if rates.subjects <= 512 {
        LANES
    } else {
        8 * LANES
    };
    let failed = Mutex::new(Vec::new());
    over_chunks(work, out, row, rows, |first, table| {
        let block = Block {
            network,
            rates,
            plan,
            first,
            table,
            work,
        };
        let lost = lanes::dispatch(work.level, block)?;
        failed
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .extend(lost);
        Ok(())
    })?;
    let mut failed = failed
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    failed.sort_unstable();
    Ok(failed)
}

/// Consecutive subjects, worked eight at a time.
struct Block<'a> {
    network: &'a Network,
    rates: &'a Rates<'a>,
    plan: &'a Plan,
    first: usize,
    table: &'a mut [f64],
    work: &'a Work<'a>,
}

impl Kernel for Block<'_> {
    type Output = Result<Vec<usize>>;

    #[inline(always)]
    fn run(self) -> Self::Output {
        let Block {
            network,
            rates,
            plan,
            first,
            table,
            work,
        } = self;
        let row = network.outputs * plan.times;
        let mut failed = Vec::new();
        let mut room = Room::new(network, plan);
        for (i, rows) in table.chunks_mut(LANES * row).enumerate() {
            let first = first + i * LANES;
            let used = rows.len() / row;
            room.load(network, rates, first);
            let right = room.walk(network, plan, rows, work)?;
            for lane in (0..used).filter(|&lane| !right[lane]) {
                rows[lane * row..(lane + 1) * row].fill(f64::NAN);
                failed.push(first + lane);
            }
        }
        Ok(failed)
    }
}

/// The numbers and the working memory of eight subjects.
struct Room {
    gain: Vec<Lane>,
    loss: Vec<Lane>,
    scale: Vec<Lane>,
    matrices: Vec<Option<Vec<Lane>>>,
    single: Vec<Lane>,
    scratch: Scratch,
    state: Vec<Lane>,
    next: Vec<Lane>,
    tile: Vec<Lane>,
}

impl Room {
    fn new(network: &Network, plan: &Plan) -> Self {
        let (states, entries) = (network.pattern.states(), network.pattern.entries());
        let matrices = plan
            .lengths
            .iter()
            .map(|&(_, keep)| keep.then(|| vec![ZERO; entries]));
        Self {
            gain: vec![ZERO; network.pattern.gains()],
            loss: vec![ZERO; states],
            scale: vec![ZERO; network.readouts.len()],
            matrices: matrices.collect(),
            single: vec![ZERO; entries],
            scratch: Scratch::new(&network.pattern),
            state: vec![ZERO; states],
            next: vec![ZERO; states],
            tile: vec![ZERO; network.outputs * TILE],
        }
    }

    /// Bring in eight subjects; past the last one, the last is repeated.
    #[inline(always)]
    fn load(&mut self, network: &Network, rates: &Rates<'_>, first: usize) {
        let count = rates.subjects;
        let tables = [
            (&mut self.gain, rates.gain),
            (&mut self.loss, rates.loss),
            (&mut self.scale, rates.scale),
        ];
        for (target, source) in tables {
            for (item, lane) in target.iter_mut().enumerate() {
                for (i, value) in lane.iter_mut().enumerate() {
                    *value = source[item * count + (first + i).min(count - 1)];
                }
            }
        }
        debug_assert_eq!(self.scale.len(), network.readouts.len());
        self.state.fill(ZERO);
    }

    /// Walk the plan and write the reads of the subjects that `rows` has room for.
    #[inline(always)]
    fn walk(
        &mut self,
        network: &Network,
        plan: &Plan,
        rows: &mut [f64],
        work: &Work<'_>,
    ) -> Result<[bool; LANES]> {
        let pattern = &network.pattern;
        let mut right = [true; LANES];
        for (matrix, &(hours, _)) in self.matrices.iter_mut().zip(&plan.lengths) {
            if let Some(matrix) = matrix {
                work.check()?;
                let fine =
                    pattern.exponential(&self.gain, &self.loss, hours, &mut self.scratch, matrix);
                both(&mut right, fine);
            }
        }
        for (count, step) in plan.steps.iter().enumerate() {
            if count % 4096 == 0 {
                work.check()?;
            }
            match *step {
                Step::Advance(index) => {
                    let matrix = match &self.matrices[index] {
                        Some(matrix) => matrix,
                        None => {
                            work.check()?;
                            let (hours, _) = plan.lengths[index];
                            let fine = pattern.exponential(
                                &self.gain,
                                &self.loss,
                                hours,
                                &mut self.scratch,
                                &mut self.single,
                            );
                            both(&mut right, fine);
                            &self.single
                        }
                    };
                    pattern.apply(matrix, &self.state, &mut self.next);
                    std::mem::swap(&mut self.state, &mut self.next);
                }
                Step::Change(event) => {
                    for value in &mut self.state[event.state] {
                        *value = match event.change {
                            Change::Add => *value + event.value,
                            Change::Set => event.value,
                        };
                    }
                }
                Step::Read(column) => {
                    self.read(network, column % TILE);
                    if column % TILE == TILE - 1 || column == plan.times - 1 {
                        self.write_tile(network, plan.times, column, rows);
                    }
                }
            }
        }
        for lane in 0..LANES {
            right[lane] &= self.state.iter().all(|value| value[lane].is_finite());
        }
        Ok(right)
    }

    #[inline(always)]
    fn read(&mut self, network: &Network, slot: usize) {
        for output in 0..network.outputs {
            self.tile[output * TILE + slot] = ZERO;
        }
        for (read, scale) in network.readouts.iter().zip(&self.scale) {
            add_product(
                &mut self.tile[read.output * TILE + slot],
                scale,
                &self.state[read.state],
            );
        }
    }

    /// Turn the gathered reads, time by time, into rows, subject by subject.
    #[inline(always)]
    fn write_tile(&mut self, network: &Network, times: usize, last: usize, rows: &mut [f64]) {
        let start = last - last % TILE;
        for (lane, subject) in rows.chunks_mut(network.outputs * times).enumerate() {
            for output in 0..network.outputs {
                let target = &mut subject[output * times + start..=output * times + last];
                let source = &self.tile[output * TILE..];
                for (value, read) in target.iter_mut().zip(source) {
                    *value = read[lane];
                }
            }
        }
    }
}

#[inline(always)]
fn both(right: &mut [bool; LANES], fine: [bool; LANES]) {
    for (mine, other) in right.iter_mut().zip(fine) {
        *mine &= other;
    }
}
