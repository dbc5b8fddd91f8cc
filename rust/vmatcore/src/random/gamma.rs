//! Gamma numbers: squeezed rejection from a normal number.
//!
//! Marsaglia and Tsang (2000), doi:10.1145/358407.358414. Each attempt takes two
//! words of the stream; a shape below 1 takes one more.

use crate::math::{exp, ln};
use crate::random::Stream;

/// Gamma numbers of one shape and scale 1.
#[derive(Debug, Clone, Copy)]
pub struct Gamma {
    shape: f64,
    centre: f64,
    spread: f64,
}

impl Gamma {
    /// Numbers of a shape that is finite and positive.
    #[must_use]
    pub fn new(shape: f64) -> Self {
        let lifted = if shape < 1.0 { shape + 1.0 } else { shape };
        let centre = lifted - 1.0 / 3.0;
        Self { shape, centre, spread: 1.0 / (9.0 * centre).sqrt() }
    }

    /// The next number.
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        let number = loop {
            let (normal, uniform) = (stream.normal(), stream.uniform());
            let root = 1.0 + self.spread * normal;
            if root <= 0.0 {
                continue;
            }
            let cube = root * root * root;
            let height = 0.5 * normal * normal + self.centre * (1.0 - cube + ln(cube));
            if ln(uniform) < height {
                break self.centre * cube;
            }
        };
        if self.shape < 1.0 { number * exp(ln(stream.uniform()) / self.shape) } else { number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stage;

    #[test]
    fn mean_and_variance_are_the_shape() {
        for (replicate, shape) in [0.3, 1.0, 2.5, 40.0].into_iter().enumerate() {
            let law = Gamma::new(shape);
            let mut stream = Stream::new(3, Stage::Test, replicate as u64);
            let count = 200_000;
            let numbers: Vec<f64> = (0..count).map(|_| law.draw(&mut stream)).collect();
            let mean = numbers.iter().sum::<f64>() / f64::from(count);
            let squares = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            let variance = squares / f64::from(count);
            // Six standard errors; the fourth moment of a gamma law is 3 k^2 + 6 k.
            let error = (shape / f64::from(count)).sqrt();
            assert!((mean - shape).abs() < 6.0 * error, "{shape} {mean}");
            let error = ((2.0 * shape * shape + 6.0 * shape) / f64::from(count)).sqrt();
            assert!((variance - shape).abs() < 6.0 * error, "{shape} {variance}");
        }
    }
}
