//! The master equation of the content, and of the working copies with it, by uniformisation.
//!
//! Jensen (1953), doi:10.1080/03461238.1953.10419459: events of a Poisson process
//! faster than any state can jump, some of them idle. Every term is positive. The
//! window of contents grows before each step by as many events as the step can
//! have, so nothing leaks through its ends, and is trimmed after it.

use super::cohort::Cohort;
use super::copies::{Class, Copies};
use super::distribution::{Column, at_start};
use crate::math::exp;
use crate::parallel::Work;
use crate::{Error, Result};

/// Events expected in one step.
const EVENTS_PER_STEP: f64 = 64.0;
/// Chance of events left out of one step; also what may be trimmed at each end.
const LEFT_OUT: f64 = 1e-18;
/// All that may be lost in a run.
const MOST_LOST: f64 = 1e-11;

/// The contents of vesicles in one class, over the common window.
#[derive(Debug, Clone, Default)]
struct Contents(Vec<f64>);

impl Class for Contents {
    fn take(&mut self) -> Self {
        let empty = Contents(vec![0.0; self.0.len()]);
        std::mem::replace(self, empty)
    }

    fn add(&mut self, share: f64, other: &Self) {
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            *own += share * more;
        }
    }
}

/// Transition chances of one class at one event.
#[derive(Debug, Default)]
struct Moves {
    /// To enter, at each content.
    up: Vec<f64>,
    /// To leave.
    down: Vec<f64>,
    /// To stay.
    rest: Vec<f64>,
    /// To gain and to lose a working copy.
    gain: f64,
    lose: f64,
}

/// Give `take` the distribution at every read.
pub(super) fn solve(
    cohort: &Cohort,
    work: &Work<'_>,
    take: &mut impl FnMut(Column) -> Result<()>,
) -> Result<()> {
    let (mut copies, chances) = Copies::new(cohort)?;
    let start = at_start(cohort)?;
    let scaled =
        |share: &f64| Contents(start.chances.iter().map(|chance| share * chance).collect());
    let classes: Vec<Contents> = chances.iter().map(scaled).collect();
    let mut state = State {
        lowest: start.lowest,
        largest: cohort.law.capacity().map_or(u64::MAX, u64::from),
        spare: classes.clone(),
        sum: classes.clone(),
        moves: classes.iter().map(|_| Moves::default()).collect(),
        classes,
        lost: 0.0,
    };
    let (mut now, mut segment) = (0.0, 0);
    for &time_s in &cohort.time_s {
        loop {
            let until_s = cohort.law.segments()[segment].until_s;
            let end = if until_s < time_s { until_s } else { time_s };
            state.advance(&copies, segment, end - now, work)?;
            now = end;
            if until_s > time_s {
                break;
            }
            segment += 1;
            copies.enter(segment, &mut state.classes);
        }
        take(state.column())?;
    }
    Ok(())
}

struct State {
    lowest: u64,
    largest: u64,
    classes: Vec<Contents>,
    spare: Vec<Contents>,
    sum: Vec<Contents>,
    moves: Vec<Moves>,
    lost: f64,
}

impl State {
    fn column(&self) -> Column {
        let mut chances = vec![0.0; self.classes[0].0.len()];
        for class in &self.classes {
            for (sum, chance) in chances.iter_mut().zip(&class.0) {
                *sum += chance;
            }
        }
        Column { lowest: self.lowest, chances }
    }

    fn advance(
        &mut self,
        copies: &Copies<'_>,
        segment: usize,
        span_s: f64,
        work: &Work<'_>,
    ) -> Result<()> {
        let mut left = span_s;
        while left > 0.0 {
            work.check()?;
            // The widest step: as many events as the Poisson law of the step allows.
            let terms = terms(EVENTS_PER_STEP);
            self.widen(terms);
            let fastest = self.set_moves(copies, segment);
            if fastest == 0.0 {
                self.trim();
                return Ok(());
            }
            let longest = EVENTS_PER_STEP / fastest;
            let step = if longest < left { longest } else { left };
            self.step(fastest * step, terms);
            self.trim();
            left = if step < left { left - step } else { 0.0 };
            if self.lost > MOST_LOST {
                return Err(Error::Solver {
                    what: "the distribution of contents".into(),
                    when: format!("{left} s before the next read or change of the drive"),
                    cause: "more than 1e-11 of it was trimmed: too many events".into(),
                });
            }
        }
        Ok(())
    }

    /// Make room for so many events up and down.
    fn widen(&mut self, events: usize) {
        let length = self.classes[0].0.len() as u64;
        let below = self.lowest.min(events as u64);
        let top = self.lowest + length - 1;
        let above = (self.largest - top).min(events as u64);
        self.lowest -= below;
        for class in &mut self.classes {
            let mut wider = Vec::with_capacity((below + length + above) as usize);
            wider.resize(below as usize, 0.0);
            wider.extend_from_slice(&class.0);
            wider.resize((below + length + above) as usize, 0.0);
            class.0 = wider;
        }
        for other in self.spare.iter_mut().chain(&mut self.sum) {
            other.0.clear();
            other.0.resize((below + length + above) as usize, 0.0);
        }
    }

    /// Chances of each move at an event; returns the rate of events per s.
    fn set_moves(&mut self, copies: &Copies<'_>, segment: usize) -> f64 {
        let length = self.classes[0].0.len();
        let mut fastest = 0.0_f64;
        for (class, moves) in self.moves.iter_mut().enumerate() {
            let rates = copies.rates(class, segment);
            (moves.gain, moves.lose) = copies.switches(class, segment);
            moves.up.clear();
            moves.down.clear();
            for i in 0..length {
                let content = (self.lowest + i as u64) as f64;
                let (up, down) = (rates.birth(content), rates.death(content));
                fastest = fastest.max(up + down + moves.gain + moves.lose);
                moves.up.push(up);
                moves.down.push(down);
            }
        }
        if fastest == 0.0 {
            return 0.0;
        }
        for moves in &mut self.moves {
            moves.gain /= fastest;
            moves.lose /= fastest;
            moves.rest.clear();
            for (up, down) in moves.up.iter_mut().zip(&mut moves.down) {
                *up /= fastest;
                *down /= fastest;
                let rest = 1.0 - *up - *down - moves.gain - moves.lose;
                moves.rest.push(if rest > 0.0 { rest } else { 0.0 });
            }
        }
        fastest
    }

    /// Mix the states after 0, 1, 2, ... events by the Poisson law of their number.
    fn step(&mut self, events: f64, most: usize) {
        let mut weight = exp(-events);
        for (sum, class) in self.sum.iter_mut().zip(&self.classes) {
            for (out, &chance) in sum.0.iter_mut().zip(&class.0) {
                *out = weight * chance;
            }
        }
        for event in 1..=most {
            self.jump();
            weight *= events / event as f64;
            for (sum, class) in self.sum.iter_mut().zip(&self.classes) {
                for (out, &chance) in sum.0.iter_mut().zip(&class.0) {
                    *out += weight * chance;
                }
            }
            if event as f64 > events && weight < LEFT_OUT {
                break;
            }
        }
        std::mem::swap(&mut self.classes, &mut self.sum);
    }

    /// One event of every vesicle.
    fn jump(&mut self) {
        let length = self.classes[0].0.len();
        for class in 0..self.classes.len() {
            let out = &mut self.spare[class].0[..length];
            let from = &self.classes[class].0[..length];
            let moves = &self.moves[class];
            let (up, down, rest) =
                (&moves.up[..length], &moves.down[..length], &moves.rest[..length]);
            for i in 0..length {
                out[i] = from[i] * rest[i];
            }
            for i in 1..length {
                out[i] += from[i - 1] * up[i - 1];
            }
            for i in 0..length - 1 {
                out[i] += from[i + 1] * down[i + 1];
            }
            if class > 0 && self.moves[class - 1].gain > 0.0 {
                let gain = self.moves[class - 1].gain;
                for (out, other) in out.iter_mut().zip(&self.classes[class - 1].0) {
                    *out += gain * other;
                }
            }
            if class + 1 < self.classes.len() && self.moves[class + 1].lose > 0.0 {
                let lose = self.moves[class + 1].lose;
                for (out, other) in out.iter_mut().zip(&self.classes[class + 1].0) {
                    *out += lose * other;
                }
            }
        }
        std::mem::swap(&mut self.classes, &mut self.spare);
    }

    /// Cut the ends that hold next to nothing, and count what is cut.
    fn trim(&mut self) {
        let length = self.classes[0].0.len();
        let at = |i: usize| self.classes.iter().map(|class| class.0[i]).sum::<f64>();
        let (mut first, mut last) = (0, length);
        let mut cut = 0.0;
        while first + 1 < last && cut + at(first) < LEFT_OUT {
            cut += at(first);
            first += 1;
        }
        let mut cut_above = 0.0;
        while last > first + 1 && cut_above + at(last - 1) < LEFT_OUT {
            cut_above += at(last - 1);
            last -= 1;
        }
        self.lost += cut + cut_above;
        for class in &mut self.classes {
            class.0.truncate(last);
            class.0.drain(..first);
        }
        self.lowest += first as u64;
    }
}

/// Events that a step can have, but for a chance below `LEFT_OUT`.
fn terms(events: f64) -> usize {
    let (mut weight, mut count) = (exp(-events), 0.0);
    while count <= events || weight >= LEFT_OUT {
        count += 1.0;
        weight *= events / count;
    }
    count as usize + 1
}
