//! Philox 4x32-10: a block of 128 random bits for every address.
//!
//! Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as
//! 1, 2, 3", doi:10.1145/2063384.2063405. A keyed bijection of 128 bits: it has
//! no state, so any draw can be had without the ones before it.

use crate::lanes::LANES;
use crate::{Error, Result};

/// The two multipliers of the paper.
const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// The key steps of the paper: the golden ratio and sqrt(3) - 1, times 2^32.
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
/// Rounds; the paper finds seven enough and recommends ten.
const ROUNDS: usize = 10;
/// Bits of the counter that number the draws of a stream.
const DRAW_BITS: u32 = 48;
const DRAW_MASK: u64 = (1 << DRAW_BITS) - 1;

/// The block that belongs to a counter under a key, all words lowest first.
#[inline(always)]
#[must_use]
pub fn block(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut left, mut right] = key;
    for _ in 0..ROUNDS {
        let first = u64::from(a) * MULTIPLIERS[0];
        let second = u64::from(c) * MULTIPLIERS[1];
        (a, b, c, d) = (
            (second >> 32) as u32 ^ b ^ left,
            second as u32,
            (first >> 32) as u32 ^ d ^ right,
            first as u32,
        );
        left = left.wrapping_add(KEY_STEPS[0]);
        right = right.wrapping_add(KEY_STEPS[1]);
    }
    [a, b, c, d]
}

/// The two words of the same draw of [`LANES`] replicates in a row, the low words first: the
/// rounds of [`block`], side by side.
#[inline(always)]
#[must_use]
pub fn words_of_lanes(first: Address) -> [[u64; LANES]; 2] {
    let low = |word: u64| word & 0xffff_ffff;
    let [mut left, mut right] = first.key();
    let mut a = [low(first.stage_and_draw); LANES];
    let mut b = [first.stage_and_draw >> 32; LANES];
    let (mut c, mut d) = ([0; LANES], [0; LANES]);
    for i in 0..LANES {
        let replicate = first.replicate.wrapping_add(i as u64);
        (c[i], d[i]) = (low(replicate), replicate >> 32);
    }
    for _ in 0..ROUNDS {
        for i in 0..LANES {
            let (one, two) = (low(a[i]) * MULTIPLIERS[0], low(c[i]) * MULTIPLIERS[1]);
            a[i] = two >> 32 ^ b[i] ^ u64::from(left);
            b[i] = low(two);
            c[i] = one >> 32 ^ d[i] ^ u64::from(right);
            d[i] = low(one);
        }
        left = left.wrapping_add(KEY_STEPS[0]);
        right = right.wrapping_add(KEY_STEPS[1]);
    }
    let mut words = [[0; LANES]; 2];
    for i in 0..LANES {
        words[0][i] = a[i] | b[i] << 32;
        words[1][i] = c[i] | d[i] << 32;
    }
    words
}

/// Where a block is: seed, stage, replicate and draw, one to one onto Philox's
/// key and counter.
///
/// | bits | hold |
/// | --- | --- |
/// | key 0..64 | seed |
/// | counter 0..48 | draw |
/// | counter 48..64 | stage |
/// | counter 64..128 | replicate |
///
/// For one seed no two addresses give the same block, because Philox is a
/// bijection of the counter; for two seeds the keys differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    seed: u64,
    replicate: u64,
    /// Stage above, draw below, as in the counter.
    stage_and_draw: u64,
}

impl Address {
    /// The address of any draw of any stage number.
    ///
    /// # Errors
    ///
    /// `draw` must be below 2^48.
    #[inline]
    pub fn new(seed: u64, stage: u16, replicate: u64, draw: u64) -> Result<Self> {
        Self::first(seed, stage, replicate).at(draw)
    }

    /// The address of the first draw of a stream.
    #[inline]
    #[must_use]
    pub const fn first(seed: u64, stage: u16, replicate: u64) -> Self {
        Self { seed, replicate, stage_and_draw: (stage as u64) << DRAW_BITS }
    }

    /// Another draw of the same stream.
    ///
    /// # Errors
    ///
    /// `draw` must be below 2^48.
    #[inline]
    pub fn at(self, draw: u64) -> Result<Self> {
        if draw > DRAW_MASK {
            return Err(Error::parameter("draw", "must be below 2^48", draw));
        }
        Ok(self.with_draw(draw))
    }

    /// The next draw of the same stream; after the last one, the first.
    #[inline(always)]
    #[must_use]
    pub const fn following(self) -> Self {
        self.with_draw(self.draw().wrapping_add(1) & DRAW_MASK)
    }

    /// The same draw of a later replicate.
    #[inline(always)]
    #[must_use]
    pub const fn plus(self, replicates: u64) -> Self {
        Self { replicate: self.replicate.wrapping_add(replicates), ..self }
    }

    #[inline(always)]
    const fn with_draw(self, draw: u64) -> Self {
        Self { stage_and_draw: (self.stage_and_draw & !DRAW_MASK) | draw, ..self }
    }

    /// The seed of the run.
    #[must_use]
    pub const fn seed(self) -> u64 {
        self.seed
    }

    /// The number of the stage that draws.
    #[must_use]
    pub const fn stage(self) -> u16 {
        (self.stage_and_draw >> DRAW_BITS) as u16
    }

    /// The replicate: a vesicle, a subject, a synapse.
    #[must_use]
    pub const fn replicate(self) -> u64 {
        self.replicate
    }

    /// The number of the draw, below 2^48.
    #[inline(always)]
    #[must_use]
    pub const fn draw(self) -> u64 {
        self.stage_and_draw & DRAW_MASK
    }

    /// Philox's key.
    #[inline(always)]
    #[must_use]
    pub const fn key(self) -> [u32; 2] {
        halves(self.seed)
    }

    /// Philox's counter.
    #[inline(always)]
    #[must_use]
    pub const fn counter(self) -> [u32; 4] {
        let [a, b] = halves(self.stage_and_draw);
        let [c, d] = halves(self.replicate);
        [a, b, c, d]
    }

    /// The address that has this key and counter; there is always exactly one.
    #[must_use]
    pub const fn from_key_and_counter(key: [u32; 2], counter: [u32; 4]) -> Self {
        let [a, b, c, d] = counter;
        Self { seed: joined(key[0], key[1]), replicate: joined(c, d), stage_and_draw: joined(a, b) }
    }

    /// The 128 bits found here.
    #[inline(always)]
    #[must_use]
    pub fn block(self) -> [u32; 4] {
        block(self.counter(), self.key())
    }

    /// The same bits as two words, the low one first.
    #[inline(always)]
    #[must_use]
    pub fn words(self) -> [u64; 2] {
        let [a, b, c, d] = self.block();
        [joined(a, b), joined(c, d)]
    }
}

#[inline(always)]
const fn halves(word: u64) -> [u32; 2] {
    [word as u32, (word >> 32) as u32]
}

#[inline(always)]
const fn joined(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The published known answers for philox4x32-10: counter, key, block.
    const KNOWN: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];

    proptest! {
        #[test]
        fn lanes_hold_the_words_of_their_own_addresses(seed: u64, stage: u16, replicate: u64, draw in 0_u64..1 << 48) {
            let first = Address::new(seed, stage, replicate, draw).unwrap();
            let words = words_of_lanes(first);
            let lanes = words[0].into_iter().zip(words[1]);
            for (i, (low, high)) in lanes.enumerate() {
                let own = Address::new(seed, stage, replicate.wrapping_add(i as u64), draw).unwrap();
                prop_assert_eq!([low, high], own.words());
            }
        }
    }

    #[test]
    fn the_known_answers_of_random123_come_out() {
        for (counter, key, want) in KNOWN {
            assert_eq!(block(counter, key), want);
            let address = Address::from_key_and_counter(key, counter);
            assert_eq!(address.block(), want);
        }
    }

    #[test]
    fn each_field_owns_its_bits_and_all_bits_are_owned() {
        let zero = Address::new(0, 0, 0, 0).unwrap();
        assert_eq!((zero.key(), zero.counter()), ([0; 2], [0; 4]));
        let draw = Address::new(0, 0, 0, DRAW_MASK).unwrap();
        assert_eq!(draw.counter(), [u32::MAX, 0xffff, 0, 0]);
        let stage = Address::new(0, u16::MAX, 0, 0).unwrap();
        assert_eq!(stage.counter(), [0, 0xffff_0000, 0, 0]);
        let replicate = Address::new(0, 0, u64::MAX, 0).unwrap();
        assert_eq!(replicate.counter(), [0, 0, u32::MAX, u32::MAX]);
        let seed = Address::new(u64::MAX, 0, 0, 0).unwrap();
        assert_eq!((seed.key(), seed.counter()), ([u32::MAX; 2], [0; 4]));
    }

    proptest! {
        #[test]
        fn the_address_map_can_be_inverted(
            seed: u64, stage: u16, replicate: u64, draw in 0..=DRAW_MASK,
        ) {
            let address = Address::new(seed, stage, replicate, draw).unwrap();
            let back = Address::from_key_and_counter(address.key(), address.counter());
            prop_assert_eq!(back, address);
            prop_assert_eq!(
                (back.seed(), back.stage(), back.replicate(), back.draw()),
                (seed, stage, replicate, draw)
            );
        }

        #[test]
        fn every_key_and_counter_is_the_address_of_something(key: [u32; 2], counter: [u32; 4]) {
            let address = Address::from_key_and_counter(key, counter);
            let again = Address::new(
                address.seed(), address.stage(), address.replicate(), address.draw(),
            ).unwrap();
            prop_assert_eq!((again.key(), again.counter()), (key, counter));
        }

        #[test]
        fn a_draw_beyond_48_bits_is_refused(draw in DRAW_MASK + 1..) {
            prop_assert!(Address::new(0, 0, 0, draw).is_err());
        }

        #[test]
        fn the_next_draw_changes_nothing_else(seed: u64, stage: u16, replicate: u64, draw in 0..DRAW_MASK) {
            let next = Address::new(seed, stage, replicate, draw).unwrap().following();
            prop_assert_eq!(next, Address::new(seed, stage, replicate, draw + 1).unwrap());
        }
    }
}
