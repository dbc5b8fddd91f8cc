//! xoshiro256++: a fast generator for long chains of events.
//!
//! Blackman and Vigna (2021), doi:10.1145/3460772. Each replicate seeds one of
//! its own from its addressed stream, so what holds for streams holds for it. Two
//! of them overlap within 2^50 words each with a chance below 2^-200.

use crate::lanes::LANES;
use crate::random::Stream;

/// One generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Xoshiro {
    state: [u64; 4],
}

impl Xoshiro {
    /// The generator that the next four words of a stream seed.
    #[must_use]
    pub fn from_stream(stream: &mut Stream) -> Self {
        let mut state = [0; 4];
        state.fill_with(|| stream.word());
        Self::from_state(state)
    }

    /// A generator in a state; the only forbidden one, all zero, gives a fixed other one.
    #[must_use]
    pub fn from_state(state: [u64; 4]) -> Self {
        Self { state: if state == [0; 4] { [1, 0, 0, 0] } else { state } }
    }

    /// The next 64 bits.
    #[inline(always)]
    pub fn word(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let word = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        word
    }
}

/// One word for each lane.
pub type Words = [u64; LANES];

/// Eight generators side by side.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct XoshiroLanes {
    state: [Words; 4],
}

impl XoshiroLanes {
    /// Lanes without a generator; each must be set before its words mean anything.
    pub const ZERO: Self = Self { state: [[0; LANES]; 4] };

    /// Put a generator into a lane.
    pub fn set(&mut self, lane: usize, generator: Xoshiro) {
        for (row, word) in self.state.iter_mut().zip(generator.state) {
            row[lane] = word;
        }
    }

    /// The next 64 bits of every lane.
    #[inline(always)]
    pub fn words(&mut self) -> Words {
        // Copies, and a loop for each operation: so each row stays in one vector register.
        let [mut a, mut b, mut c, mut d] = self.state;
        let mut words = each(&a, &d, |a, d| a.wrapping_add(d).rotate_left(23));
        words = each(&words, &a, u64::wrapping_add);
        let shifted = each(&b, &b, |b, _| b << 17);
        c = each(&c, &a, |c, a| c ^ a);
        d = each(&d, &b, |d, b| d ^ b);
        b = each(&b, &c, |b, c| b ^ c);
        a = each(&a, &d, |a, d| a ^ d);
        c = each(&c, &shifted, |c, shifted| c ^ shifted);
        d = each(&d, &d, |d, _| d.rotate_left(45));
        self.state = [a, b, c, d];
        words
    }
}

#[inline(always)]
fn each(left: &Words, right: &Words, operation: impl Fn(u64, u64) -> u64) -> Words {
    let mut out = [0; LANES];
    for i in 0..LANES {
        out[i] = operation(left[i], right[i]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stage;

    #[test]
    fn the_published_words_come_out() {
        // The first words after the state 1, 2, 3, 4, as the authors' C code gives them.
        let mut generator = Xoshiro::from_state([1, 2, 3, 4]);
        let expected = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
            9_228_616_714_210_784_205,
            9_973_669_472_204_895_162,
            14_011_001_112_246_962_877,
            12_406_186_145_184_390_807,
            15_849_039_046_786_891_736,
            10_450_023_813_501_588_000,
        ];
        assert_eq!(expected.map(|_| generator.word()), expected);
    }

    #[test]
    fn lanes_give_the_words_of_their_own_generators() {
        let mut lanes = XoshiroLanes::ZERO;
        let seeds =
            |lane: usize| Xoshiro::from_stream(&mut Stream::new(7, Stage::Test, lane as u64));
        let mut alone: [Xoshiro; LANES] = std::array::from_fn(seeds);
        for (lane, generator) in alone.iter().enumerate() {
            lanes.set(lane, *generator);
        }
        for _ in 0..1000 {
            assert_eq!(lanes.words(), std::array::from_fn(|lane| alone[lane].word()));
        }
    }

    #[test]
    fn a_state_of_zeros_is_replaced() {
        assert_eq!(Xoshiro::from_state([0; 4]), Xoshiro::from_state([1, 0, 0, 0]));
    }
}
