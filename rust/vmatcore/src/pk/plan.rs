//! The walk that all subjects share: advances, doses and reads in order of time.

use std::collections::{BTreeMap, HashMap};

use super::{Event, Network, Period, Table};
use crate::error::{Error, Result};
use crate::lanes::Lane;
use crate::parallel::Work;

/// Matrices of steps used more than once are kept while they fit in this many bytes a thread.
const KEPT_MATRICES_BYTES: usize = 32 << 20;

/// Rows of a span are kept if they fit in this many bytes: more would not stay in the cache.
const SPAN_BYTES: usize = 256 << 10;

/// Spans with fewer reads than this are not worth their rows.
const FEWEST_READS: usize = 4;

/// The caller may stop the making of a plan after this many times.
const CHECK_EVERY: usize = 1 << 14;

/// One thing to do, in order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// Advance by a length, named by its number.
    Advance(usize),
    /// Add to a state or set it.
    Change(Event),
    /// Read into a column.
    Read(usize),
    /// Make all reads of a span, by its number, from a column on; the state stays.
    Span(usize, usize),
}

/// A stretch between two doses that occurs more than once: its lengths and its reads (`None`).
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) steps: Vec<Option<usize>>,
    pub(super) reads: usize,
}

/// A step length and how its matrix is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Length {
    pub(super) hours: f64,
    /// Whether the matrix is kept.
    pub(super) keep: bool,
    /// Another length and how often it goes into this one: a power costs less than a series.
    pub(super) power_of: Option<(usize, u32)>,
}

/// The walk that all subjects share.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) steps: Vec<Step>,
    /// The distinct step lengths, the shorter parts of one before it.
    pub(super) lengths: Vec<Length>,
    pub(super) spans: Vec<Span>,
    /// The walks through the periods of steady states, and their lengths in hours.
    pub(super) periods: Vec<(Vec<Step>, f64)>,
    times: usize,
}

impl Plan {
    /// Merge events and read times into one walk. Events of equal time keep their order.
    ///
    /// # Errors
    /// [`Error::Parameter`] for times that are not finite or not in order, or a bad event;
    /// [`Error::Cancelled`].
    pub fn new(network: &Network, table: &Table, time_h: &[f64], work: &Work<'_>) -> Result<Self> {
        check_times(time_h)?;
        table.check(network.pattern.states())?;
        let events = &table.events[..];
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by(|&a, &b| events[a].time_h.total_cmp(&events[b].time_h));
        let mut walk = Walk::default();
        let mut due = order.into_iter().map(|i| events[i]).peekable();
        for (column, &time) in time_h.iter().enumerate() {
            while let Some(event) = due.next_if(|event| event.time_h <= time) {
                walk.advance_to(event.time_h);
                walk.steps.push(Step::Change(event));
            }
            if column % CHECK_EVERY == 0 {
                work.check()?;
            }
            walk.advance_to(time);
            walk.steps.push(Step::Read(column));
        }
        work.check()?;
        let spans = walk.share_spans(network.rows.lanes() * size_of::<Lane>());
        work.check()?;
        let periods = table.periods.iter().map(|period| walk.period(period)).collect::<Vec<_>>();
        let kept = KEPT_MATRICES_BYTES / (network.pattern.entries().max(1) * size_of::<Lane>());
        let lengths = walk.mark_kept(&spans, &periods, kept.max(1));
        Ok(Self { lengths, steps: walk.steps, spans, periods, times: time_h.len() })
    }

    /// How many times are read.
    pub fn times(&self) -> usize {
        self.times
    }
}

pub(super) fn check_times(time_h: &[f64]) -> Result<()> {
    for (i, time) in time_h.iter().enumerate() {
        if !time.is_finite() {
            return Err(Error::parameter(format!("time_h[{i}]"), "must be finite", time));
        }
        if i > 0 && *time < time_h[i - 1] {
            let rule = format!("must not be before the time before it, {}", time_h[i - 1]);
            return Err(Error::parameter(format!("time_h[{i}]"), rule, time));
        }
    }
    Ok(())
}

/// A plan being made.
#[derive(Debug, Default)]
struct Walk {
    steps: Vec<Step>,
    lengths: Vec<f64>,
    /// The lengths that are whole numbers of others.
    powers: HashMap<usize, (usize, u32)>,
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
        let index = self.length(hours, slack);
        self.steps.push(Step::Advance(index));
        let length = self.lengths[index];
        let sum = now + length;
        let lost = if now.abs() > length { (now - sum) + length } else { (length - sum) + now };
        self.now = Some((sum, rest + lost));
    }

    /// The number of a step length, new or within `slack` of a known one.
    fn length(&mut self, hours: f64, slack: f64) -> usize {
        match self.known.range((hours - slack).max(0.0).to_bits()..).next() {
            Some((&bits, &index)) if f64::from_bits(bits) <= hours + slack => index,
            _ => {
                self.known.insert(hours.to_bits(), self.lengths.len());
                self.lengths.push(hours);
                self.lengths.len() - 1
            }
        }
    }

    /// The walk through one period, from its start to its end.
    fn period(&mut self, period: &Period) -> (Vec<Step>, f64) {
        let mut steps = Vec::new();
        let mut now = 0.0;
        for event in &period.events {
            if event.time_h > now {
                steps.push(Step::Advance(self.length(event.time_h - now, 0.0)));
                now = event.time_h;
            }
            steps.push(Step::Change(*event));
        }
        steps.push(Step::Advance(self.length(period.every_h - now, 0.0)));
        (steps, period.every_h)
    }

    /// Replace stretches between doses that occur more than once by spans and one long step.
    fn share_spans(&mut self, bytes_per_read: usize) -> Vec<Span> {
        let steps = std::mem::take(&mut self.steps);
        let is_change = |step: &Step| matches!(step, Step::Change(_));
        let stretches: Vec<&[Step]> = steps.chunk_by(|a, b| is_change(a) == is_change(b)).collect();
        let mut found: BTreeMap<Vec<Option<usize>>, usize> = BTreeMap::new();
        for stretch in stretches.iter().filter(|stretch| !is_change(&stretch[0])) {
            *found.entry(shape(stretch)).or_default() += 1;
        }
        found.retain(|parts, uses| {
            let reads = parts.iter().filter(|part| part.is_none()).count();
            *uses > 1 && reads >= FEWEST_READS && reads * bytes_per_read <= SPAN_BYTES
        });
        let mut numbers: BTreeMap<&[Option<usize>], (usize, Option<usize>)> = BTreeMap::new();
        let mut spans = Vec::new();
        for stretch in stretches {
            let parts = shape(stretch);
            let first = stretch.iter().find_map(|step| match step {
                Step::Read(column) => Some(*column),
                _ => None,
            });
            // A stretch that only begins like one that comes again shares its reads, too.
            let same = found.get_key_value(&parts).map(|(span, _)| span);
            let longest = same.or_else(|| {
                let begun = found.keys().filter(|span| parts.starts_with(span));
                begun.max_by_key(|span| span.len())
            });
            let (Some(steps), Some(first)) = (longest, first) else {
                self.steps.extend_from_slice(stretch);
                continue;
            };
            let (number, whole) = *numbers.entry(steps).or_insert_with(|| {
                let reads = steps.iter().filter(|part| part.is_none()).count();
                spans.push(Span { steps: steps.clone(), reads });
                (spans.len() - 1, self.whole(steps))
            });
            self.steps.push(Step::Span(number, first));
            self.steps.extend(whole.map(Step::Advance));
            self.steps.extend_from_slice(&stretch[steps.len()..]);
        }
        spans
    }

    /// The number of the length of all steps together; none if they lead nowhere.
    fn whole(&mut self, steps: &[Option<usize>]) -> Option<usize> {
        let mut parts = steps.iter().flatten();
        let first = *parts.next()?;
        let hours: f64 = steps.iter().flatten().map(|&index| self.lengths[index]).sum();
        if steps.len() == 1 || !parts.all(|&index| index == first) {
            return Some(self.length(hours, 0.0));
        }
        let times = steps.iter().flatten().count() as u32;
        self.powers.insert(self.lengths.len(), (first, times));
        self.lengths.push(hours);
        Some(self.lengths.len() - 1)
    }

    /// Say for which lengths a matrix is kept: those used more than once, the first ones first.
    fn mark_kept(
        &self,
        spans: &[Span],
        periods: &[(Vec<Step>, f64)],
        mut room: usize,
    ) -> Vec<Length> {
        let mut uses = vec![0usize; self.lengths.len()];
        for span in spans {
            span.steps.iter().flatten().for_each(|&index| uses[index] += 1);
        }
        for step in self.steps.iter().chain(periods.iter().flat_map(|(steps, _)| steps)) {
            if let Step::Advance(index) = step {
                uses[*index] += 1;
            }
        }
        let kept = self.lengths.iter().zip(uses).enumerate().map(|(index, (&hours, uses))| {
            let keep = uses > 1 && room > 0;
            room -= usize::from(keep);
            Length { hours, keep, power_of: self.powers.get(&index).copied() }
        });
        kept.collect()
    }
}

/// What a stretch does, whatever its columns: lengths, and `None` for a read.
fn shape(stretch: &[Step]) -> Vec<Option<usize>> {
    let parts = stretch.iter().map(|step| match step {
        Step::Advance(index) => Some(*index),
        _ => None,
    });
    parts.collect()
}
