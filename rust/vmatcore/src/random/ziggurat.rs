//! Normal numbers at a third of the price: the ziggurat.
//!
//! Marsaglia and Tsang (2000), doi:10.18637/jss.v005.i08, with 256 layers and, after
//! Doornik (2005), a uniform number of full precision beside the choice of the layer:
//! both come from one word. About 1 in 100 draws meets the edge of its layer and goes
//! on with numbers of a stream. The numbers are exact; unlike
//! [`super::normal::normal`] they do not follow the order of the words.

use std::sync::LazyLock;

use super::uniform::uniform;
use super::xoshiro::Words;
use crate::lanes::{LANES, Lane, ZERO};
use crate::math::{exp, ln};
use crate::random::Stream;

/// Layers of equal area.
const LAYERS: usize = 256;
/// Where the tail begins.
const TAIL: f64 = 3.654_152_885_361_009;
/// The area of each layer under exp(-x^2/2).
const AREA: f64 = 0.004_928_673_233_974_655;

/// The edges of the layers, widest first, and how much of each lies under the next.
#[derive(Debug)]
pub struct Layers {
    edge: [f64; LAYERS + 1],
    inside: [f64; LAYERS],
}

static LAYERS_OF_THE_NORMAL_LAW: LazyLock<Layers> = LazyLock::new(Layers::new);

fn height(x: f64) -> f64 {
    exp(-0.5 * x * x)
}

impl Layers {
    fn new() -> Self {
        let mut edge = [0.0; LAYERS + 1];
        edge[0] = AREA / height(TAIL);
        edge[1] = TAIL;
        for i in 2..LAYERS {
            edge[i] = (-2.0 * ln(AREA / edge[i - 1] + height(edge[i - 1]))).sqrt();
        }
        let mut inside = [0.0; LAYERS];
        for i in 0..LAYERS {
            inside[i] = edge[i + 1] / edge[i];
        }
        Self { edge, inside }
    }

    /// The layers, made once.
    #[must_use]
    pub fn get() -> &'static Self {
        &LAYERS_OF_THE_NORMAL_LAW
    }

    /// A number, and whether it stands; if not, [`Self::rejected`] goes on.
    #[inline(always)]
    #[must_use]
    pub fn attempt(&self, word: u64) -> (f64, bool) {
        let side = 2.0 * uniform(word) - 1.0;
        let layer = (word & (LAYERS as u64 - 1)) as usize;
        (side * self.edge[layer], side.abs() < self.inside[layer])
    }

    /// [`Self::attempt`] for each lane; 1 where it stands.
    #[inline(always)]
    #[must_use]
    pub fn attempts(&self, words: &Words) -> (Lane, Words) {
        let (mut edge, mut inside, mut normal) = (ZERO, ZERO, ZERO);
        let mut stands = [0; LANES];
        for i in 0..LANES {
            let layer = (words[i] & (LAYERS as u64 - 1)) as usize;
            edge[i] = self.edge[layer];
            inside[i] = self.inside[layer];
        }
        for i in 0..LANES {
            let side = 2.0 * uniform(words[i]) - 1.0;
            normal[i] = side * edge[i];
            stands[i] = u64::from(side.abs() < inside[i]);
        }
        (normal, stands)
    }

    /// The number after an attempt that did not stand.
    #[cold]
    pub fn rejected(&self, mut word: u64, stream: &mut Stream) -> f64 {
        loop {
            let side = 2.0 * uniform(word) - 1.0;
            let layer = (word & (LAYERS as u64 - 1)) as usize;
            if layer == 0 {
                return tail(side < 0.0, stream);
            }
            let x = side * self.edge[layer];
            let (low, high) = (height(self.edge[layer]), height(self.edge[layer + 1]));
            if low + stream.uniform() * (high - low) < height(x) {
                return x;
            }
            word = stream.word();
            let (x, stands) = self.attempt(word);
            if stands {
                return x;
            }
        }
    }
}

/// A number beyond [`TAIL`]: Marsaglia (1964), doi:10.1080/00401706.1964.10490150.
fn tail(negative: bool, stream: &mut Stream) -> f64 {
    loop {
        let x = -ln(stream.uniform()) / TAIL;
        let y = -ln(stream.uniform());
        if y + y > x * x {
            return if negative { -(TAIL + x) } else { TAIL + x };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stage;

    #[test]
    fn layers_have_one_area_and_end_at_zero() {
        let layers = Layers::get();
        for i in 1..LAYERS {
            let area = layers.edge[i] * (height(layers.edge[i + 1]) - height(layers.edge[i]));
            let error = (area / AREA - 1.0).abs();
            // The top layer takes up what rounding left over.
            assert!(error < if i < LAYERS - 1 { 1e-12 } else { 1e-9 }, "{i} {error:e}");
        }
        assert_eq!(layers.edge[LAYERS], 0.0);
    }

    #[test]
    fn shares_of_the_numbers_are_those_of_the_normal_law() {
        let layers = Layers::get();
        let mut stream = Stream::new(9, Stage::Test, 0);
        let count = 2_000_000_u32;
        // Shares below 1/2, 1, 2, 3 and 4 standard deviations.
        let limits = [
            (0.5, 0.691_462_461_274_013_1),
            (1.0, 0.841_344_746_068_542_9),
            (-2.0, 0.022_750_131_948_179_2),
            (3.0, 0.998_650_101_968_369_9),
            (-4.0, 3.167_124_183_311_986e-5),
        ];
        let mut below = [0_u32; 5];
        for _ in 0..count {
            let word = stream.word();
            let (number, stands) = layers.attempt(word);
            let number = if stands { number } else { layers.rejected(word, &mut stream) };
            for (found, (limit, _)) in below.iter_mut().zip(limits) {
                *found += u32::from(number < limit);
            }
        }
        for (found, (limit, share)) in below.into_iter().zip(limits) {
            let expected = share * f64::from(count);
            let error = (expected * (1.0 - share)).sqrt();
            assert!((f64::from(found) - expected).abs() < 6.0 * error, "{limit} {found}");
        }
    }
}
