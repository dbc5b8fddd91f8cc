//! Random numbers whose every bit has an address.
//!
//! - [`philox`]: the address of a draw and the block of 128 bits found there
//! - [`uniform`]: 64 bits to a number in the open interval (0, 1)
//! - [`exponential`]: a uniform to a waiting time of rate one
//! - [`normal`]: a uniform to a standard normal number
//! - [`ziggurat`]: a word to a standard normal number, faster and in no order
//! - [`gamma`]: numbers of a gamma law, by rejection
//! - [`poisson`], [`binomial`]: exact numbers of events, by inversion or rejection
//! - [`table`], [`alias`]: the same by one look-up, for laws that many draws share
//! - [`pmf`], [`window`]: the probabilities behind them, one or all that matter
//! - [`xoshiro`]: a fast generator for long chains of events, seeded by a stream
//!
//! A [`Stream`] reads the draws of one replicate of one [`Stage`] in order. It
//! shares nothing with any other stream, so threads, chunks, order, resuming
//! and the number of replicates change no bit.

pub mod alias;
pub mod binomial;
pub mod exponential;
pub mod gamma;
pub mod normal;
pub mod philox;
pub mod pmf;
pub mod poisson;
pub mod table;
pub mod uniform;
pub mod window;
pub mod xoshiro;
pub mod ziggurat;

use crate::lanes::LANES;
use crate::{Error, Result};
use philox::Address;

/// Version of the map from (seed, stage, replicate, draw) to numbers. Any
/// change of a bit, in the generator or in a transform, raises it.
pub const STREAM_VERSION: u32 = 1;

/// Who draws. Numbers are never reused or changed; new stages are appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
#[non_exhaustive]
pub enum Stage {
    /// Tests of the generator itself.
    Test = 0,
    /// Differences between subjects in plasma.
    Plasma = 1,
    /// Molecules entering and leaving a vesicle.
    Filling = 2,
    /// Times of action potentials.
    Spikes = 3,
    /// Which vesicles are released.
    Release = 4,
    /// Noise of the measured signal.
    Signal = 5,
    /// Parameters of a virtual subject.
    Population = 6,
    /// Changes of weights.
    Plasticity = 7,
}

impl Stage {
    /// Every stage, in the order of the numbers.
    pub const ALL: [Self; 8] = [
        Self::Test,
        Self::Plasma,
        Self::Filling,
        Self::Spikes,
        Self::Release,
        Self::Signal,
        Self::Population,
        Self::Plasticity,
    ];

    /// The number that stands in the address.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The name by which Python knows the stage.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Plasma => "plasma",
            Self::Filling => "filling",
            Self::Spikes => "spikes",
            Self::Release => "release",
            Self::Signal => "signal",
            Self::Population => "population",
            Self::Plasticity => "plasticity",
        }
    }
}

impl TryFrom<u16> for Stage {
    type Error = Error;

    fn try_from(number: u16) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.number() == number)
            .ok_or_else(|| Error::parameter("stage", "must be the number of a stage", number))
    }
}

/// What a stream can be asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the open interval (0, 1).
    Uniform,
    /// Mean one.
    Exponential,
    /// Mean zero, variance one.
    Normal,
}

impl std::str::FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "uniform" => Ok(Self::Uniform),
            "exponential" => Ok(Self::Exponential),
            "normal" => Ok(Self::Normal),
            _ => Err(Error::parameter(
                "kind",
                "must be \"uniform\", \"exponential\" or \"normal\"",
                format!("{name:?}"),
            )),
        }
    }
}

/// The words of one replicate of one stage, in order.
///
/// A draw is a block of 128 bits and holds two words: word `2 d` is the low
/// half of draw `d` (its first two 32-bit numbers, the first one lowest), word
/// `2 d + 1` the high half. Every uniform, exponential or normal number takes
/// exactly one word, so number `i` of any mixture comes from word `i` and a
/// longer run only appends.
///
/// After its last draw, 2^48 - 1, a stream starts over: its period is 2^49
/// words, more than a week of drawing without pause. It never runs into
/// another stream, because the other fields of the address do not change.
#[derive(Debug, Clone)]
pub struct Stream {
    next: Address,
    words: [u64; 2],
    /// How many of the words were given out.
    given: usize,
}

impl Stream {
    /// A stream before its first word.
    #[inline]
    #[must_use]
    pub fn new(seed: u64, stage: Stage, replicate: u64) -> Self {
        Self { next: Address::first(seed, stage.number(), replicate), words: [0; 2], given: 2 }
    }

    /// The same stream before the first word of one draw.
    ///
    /// # Errors
    ///
    /// `draw` must be below 2^48.
    #[inline]
    pub fn at(self, draw: u64) -> Result<Self> {
        Ok(Self { next: self.next.at(draw)?, words: [0; 2], given: 2 })
    }

    /// The next 64 bits.
    #[inline]
    pub fn word(&mut self) -> u64 {
        if self.given == 2 {
            self.words = self.next.words();
            self.next = self.next.following();
            self.given = 0;
        }
        let word = self.words[self.given];
        self.given += 1;
        word
    }

    /// The next number in the open interval (0, 1).
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        uniform::uniform(self.word())
    }

    /// The next waiting time of rate one.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        exponential::exponential(self.uniform())
    }

    /// The next number of mean zero and variance one.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal::normal(self.uniform())
    }

    /// Fill a slice with the next numbers of one kind.
    pub fn fill(&mut self, kind: Kind, out: &mut [f64]) {
        match kind {
            Kind::Uniform => out.fill_with(|| self.uniform()),
            Kind::Exponential => out.fill_with(|| self.exponential()),
            Kind::Normal => out.fill_with(|| self.normal()),
        }
    }
}

/// The streams of [`LANES`] replicates in a row, read side by side.
#[derive(Debug, Clone)]
pub struct StreamLanes {
    first: Stream,
    words: [[u64; LANES]; 2],
}

impl StreamLanes {
    /// From the stream of the first replicate, which must stand between two draws.
    #[inline(always)]
    #[must_use]
    pub fn new(first: Stream) -> Self {
        debug_assert_eq!(first.given, 2, "between two draws");
        Self { first, words: [[0; LANES]; 2] }
    }

    /// The next 64 bits of every stream.
    #[inline(always)]
    pub fn words(&mut self) -> [u64; LANES] {
        if self.first.given == 2 {
            self.words = philox::words_of_lanes(self.first.next);
            self.first.next = self.first.next.following();
            self.first.given = 0;
        }
        let words = self.words[self.first.given];
        self.first.given += 1;
        words
    }

    /// The stream of one replicate, as far as it was read.
    #[inline]
    #[must_use]
    pub fn stream(&self, lane: usize) -> Stream {
        Stream {
            next: self.first.next.plus(lane as u64),
            words: [self.words[0][lane], self.words[1][lane]],
            given: self.first.given,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stage_numbers_are_those_of_version_one() {
        let numbers = Stage::ALL.map(Stage::number);
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7]);
        for stage in Stage::ALL {
            assert_eq!(Stage::try_from(stage.number()), Ok(stage));
        }
        assert_eq!(
            Stage::try_from(8).unwrap_err().to_string(),
            "`stage` must be the number of a stage, got 8"
        );
    }

    #[test]
    fn one_draw_gives_its_low_word_and_then_its_high_word() {
        let mut stream = Stream::new(7, Stage::Filling, 3);
        for draw in 0..5 {
            let block = Address::new(7, 2, 3, draw).unwrap().block();
            let [a, b, c, d] = block.map(u64::from);
            assert_eq!(stream.word(), a | b << 32);
            assert_eq!(stream.word(), c | d << 32);
        }
    }

    #[test]
    fn draws_beyond_48_bits_cannot_be_addressed() {
        let stream = Stream::new(1, Stage::Test, 0);
        assert!(stream.clone().at((1 << 48) - 1).is_ok());
        assert_eq!(
            stream.at(1 << 48).unwrap_err().to_string(),
            "`draw` must be below 2^48, got 281474976710656"
        );
    }

    #[test]
    fn after_its_last_draw_a_stream_starts_over_and_stays_itself() {
        let first = Stream::new(1, Stage::Test, 5).word();
        let mut stream = Stream::new(1, Stage::Test, 5).at((1 << 48) - 1).unwrap();
        let _ = (stream.word(), stream.word());
        assert_eq!(stream.word(), first);
    }

    #[test]
    fn an_unknown_kind_is_refused_with_the_known_ones() {
        assert_eq!(
            "gamma".parse::<Kind>().unwrap_err().to_string(),
            "`kind` must be \"uniform\", \"exponential\" or \"normal\", got \"gamma\""
        );
    }

    proptest! {
        #[test]
        fn lanes_of_streams_are_the_streams_alone(seed: u64, replicate: u64, draw in 0_u64..40, side_by_side in 0..6) {
            let of = |own: u64| Stream::new(seed, Stage::Filling, own).at(draw).unwrap();
            let mut lanes = StreamLanes::new(of(replicate));
            let together: Vec<_> = (0..side_by_side).map(|_| lanes.words()).collect();
            for i in 0..LANES {
                let mut alone = of(replicate.wrapping_add(i as u64));
                for words in &together {
                    prop_assert_eq!(words[i], alone.word());
                }
                let mut after = lanes.stream(i);
                for _ in 0..4 {
                    prop_assert_eq!(after.word(), alone.word());
                }
            }
        }

        #[test]
        fn jumping_to_a_draw_equals_reading_up_to_it(seed: u64, replicate: u64, draw in 0_u64..40) {
            let mut read = Stream::new(seed, Stage::Spikes, replicate);
            for _ in 0..2 * draw {
                read.word();
            }
            let mut jumped = Stream::new(seed, Stage::Spikes, replicate).at(draw).unwrap();
            for _ in 0..5 {
                prop_assert_eq!(read.word(), jumped.word());
            }
        }

        #[test]
        fn every_number_takes_one_word_whatever_its_kind(seed: u64, kinds in prop::collection::vec(0..3, 1..30)) {
            let mut words = Stream::new(seed, Stage::Test, 0);
            let mut mixed = Stream::new(seed, Stage::Test, 0);
            for kind in kinds {
                let uniform = uniform::uniform(words.word());
                let (got, want) = match kind {
                    0 => (mixed.uniform(), uniform),
                    1 => (mixed.exponential(), exponential::exponential(uniform)),
                    _ => (mixed.normal(), normal::normal(uniform)),
                };
                prop_assert_eq!(got.to_bits(), want.to_bits());
            }
        }

        #[test]
        fn asking_for_more_numbers_keeps_the_first_ones(seed: u64, few in 0_usize..20, more in 0_usize..20) {
            let mut short = vec![0.0; few];
            let mut long = vec![0.0; few + more];
            Stream::new(seed, Stage::Signal, 1).fill(Kind::Normal, &mut short);
            Stream::new(seed, Stage::Signal, 1).fill(Kind::Normal, &mut long);
            prop_assert_eq!(&short[..], &long[..few]);
        }
    }
}
