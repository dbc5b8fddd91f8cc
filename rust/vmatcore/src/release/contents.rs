//! One exact draw for the content of each released vesicle.
//!
//! Most draws are decided by two words and the squeeze of the Poisson sampler, all
//! lanes at once; of the rest most by the exact test on the same words, again in
//! lanes; what is still left draws from a stream of its own.

use super::synapse::{DRAWS_EACH_QUANTUM, Use, reserve, stream};
use crate::Result;
use crate::lanes::{Kernel, LANES, Level, dispatch};
use crate::math::exp;
use crate::random::binomial::{Binomial, Survival};
use crate::random::poisson::{Poisson, attempt, rejected, second_attempt};
use crate::random::uniform::uniform;
use crate::random::xoshiro::Xoshiro;

/// Vesicles at their release: what the mean of each content follows from.
#[derive(Default)]
pub(super) struct Released {
    /// Mean from empty at the release; later the mean of the content.
    now: Vec<f64>,
    /// Mean from empty at the release before.
    then: Vec<f64>,
    /// Integral of the exit rate between the two.
    exit: Vec<f64>,
    centres: Vec<f64>,
    heights: Vec<f64>,
    pending: Vec<u32>,
}

impl Released {
    /// Nothing, with room for `count` vesicles.
    pub(super) fn open(&mut self, count: usize) -> Result<()> {
        for column in
            [&mut self.now, &mut self.then, &mut self.exit, &mut self.centres, &mut self.heights]
        {
            column.clear();
            reserve(column, count.next_multiple_of(LANES), "released vesicles")?;
        }
        self.pending.clear();
        reserve(&mut self.pending, count, "released vesicles")
    }

    #[inline]
    pub(super) fn push(&mut self, now: f64, then: f64, exit: f64) {
        self.now.push(now);
        self.then.push(then);
        self.exit.push(exit);
    }

    /// The content of each vesicle at the end of `sizes`; a law with `capacity` has places.
    pub(super) fn contents(
        &mut self,
        seed: u64,
        synapse: u64,
        capacity: Option<u32>,
        sizes: &mut Vec<f64>,
        level: Level,
    ) -> Result<()> {
        let count = self.now.len();
        let begin = sizes.len();
        reserve(sizes, count.next_multiple_of(LANES) + 3, "contents of vesicles")?;
        let again =
            |number: usize| stream(seed, synapse, Use::Again, number as u64 * DRAWS_EACH_QUANTUM);
        if let Some(places) = capacity {
            for number in 0..count {
                let share = mean_of(self.now[number], self.then[number], self.exit[number]);
                let taken = Binomial::new(Survival::from_probability(share.min(1.0)));
                sizes.push(taken.draw(u64::from(places), &mut again(number)?) as f64);
            }
            return Ok(());
        }
        let mut generator = Xoshiro::from_stream(&mut stream(seed, synapse, Use::Contents, 0)?);
        let padded = count.next_multiple_of(LANES);
        for column in [&mut self.now, &mut self.then, &mut self.exit] {
            column.resize(padded, 0.0);
        }
        for _ in 0..count {
            self.centres.push(uniform(generator.word()) - 0.5);
            self.heights.push(uniform(generator.word()));
        }
        self.centres.resize(padded, 0.0);
        self.heights.resize(padded, 0.5);
        sizes.resize(begin + padded, 0.0);
        dispatch(level, Attempts { released: self, count, out: &mut sizes[begin..] });
        sizes.truncate(begin + count);
        for &number in &self.pending {
            let number = number as usize;
            let place = &mut sizes[begin + number];
            let mean = self.now[number];
            if *place == -1.0 {
                *place = Poisson::new(mean).draw(&mut again(number)?) as f64;
            } else if *place < -1.0 {
                let (from_centre, height) = (self.centres[number], self.heights[number]);
                *place = rejected(mean, from_centre, height, &mut again(number)?) as f64;
            }
        }
        Ok(())
    }
}

/// The mean since the last release; rounding must not leave it below 0.
#[inline(always)]
fn mean_of(now: f64, then: f64, exit: f64) -> f64 {
    let mean = now - then * exp(-exit);
    if mean > 0.0 { mean } else { 0.0 }
}

/// Means, the first two attempts at each content, and the list of those that failed the first.
struct Attempts<'a> {
    released: &'a mut Released,
    count: usize,
    out: &'a mut [f64],
}

impl Kernel for Attempts<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { released, count, out } = self;
        let Released { now, then, exit, centres, heights, pending } = released;
        let columns = now.as_chunks_mut::<LANES>().0.iter_mut().zip(then.as_chunks::<LANES>().0);
        let columns = columns.zip(exit.as_chunks::<LANES>().0);
        let pairs = centres.as_chunks::<LANES>().0.iter().zip(heights.as_chunks::<LANES>().0);
        let numbers = out.as_chunks_mut::<LANES>().0.iter_mut().zip(pairs);
        for (((now, then), exit), (out, (centres, heights))) in columns.zip(numbers) {
            // Copies, which nothing else can change: so each loop becomes vector instructions.
            let (before, since, mut mean) = (*then, *exit, *now);
            for i in 0..LANES {
                mean[i] = mean_of(mean[i], before[i], since[i]);
            }
            let (centre, height, mut first) = (*centres, *heights, [0.0; LANES]);
            for i in 0..LANES {
                first[i] = attempt(mean[i], centre[i], height[i]);
            }
            (*now, *out) = (mean, first);
        }
        pending.clear();
        for (number, &content) in out[..count].iter().enumerate() {
            if content < 0.0 {
                pending.push(number as u32);
            }
        }
        for group in pending.chunks(LANES) {
            let (mut mean, mut centre, mut height) = ([0.0; LANES], [0.0; LANES], [0.5; LANES]);
            for (i, &number) in group.iter().enumerate() {
                let number = number as usize;
                (mean[i], centre[i], height[i]) = (now[number], centres[number], heights[number]);
            }
            let mut second = [0.0; LANES];
            for i in 0..LANES {
                second[i] = second_attempt(mean[i], centre[i], height[i]);
            }
            for (i, &number) in group.iter().enumerate() {
                out[number as usize] = second[i];
            }
        }
    }
}
