//! The rate laws of the serotonin terminal that are more than a product, with their derivatives.

use super::constants::*;
use super::{BH4, G, OUTSIDE, SERT, STATES, TRYPTOPHAN, VESICLES};
use crate::math::exp;
use crate::terminal::model::saturable;

/// Rates and their derivatives.
pub struct Rates {
    pub tph: f64,
    pub tph_by: [f64; 3],
    pub release: f64,
    pub release_by: [f64; 2],
    pub release_by_firing: f64,
    pub sert: f64,
    pub sert_by: [f64; 2],
    pub uptake2: f64,
    pub uptake2_by: f64,
    pub insertion: f64,
    pub insertion_by: f64,
}

/// The rate laws that are more than a product.
#[inline(always)]
pub fn rates(k: &[f64; NAMES.len()], firing: f64, y: &[f64; STATES]) -> Rates {
    let excess = y[G] - k[G_REFERENCE];
    let synthesis = 1.0 - k[SYNTHESIS] * excess;
    let (tryptophan, bh4) = (y[TRYPTOPHAN], y[BH4]);
    let over = tryptophan * k[PER_TPH_KI];
    let by_substrate = 1.0 / (k[TPH_KM] + tryptophan + tryptophan * over);
    let (cofactor, cofactor_by) = saturable(k[TPH], k[TPH_KM_BH4], bh4);
    let substrate = tryptophan * by_substrate;
    let substrate_by = (k[TPH_KM] - tryptophan * over) * by_substrate * by_substrate;

    let strength = k[RELEASE] - k[RELEASE_INHIBITION] * excess;
    let common = k[HISTAMINE] * firing;

    let (carried, carried_by) = saturable(k[SERT_VMAX], k[SERT_KM], y[OUTSIDE]);

    // Uptake 2 opens linearly between two concentrations.
    let ramp = (y[OUTSIDE] - k[THRESHOLD]) * k[PER_RAMP];
    // Without a short circuit, which would be a branch.
    let between = (ramp > 0.0) & (ramp < 1.0);
    let beyond = if ramp <= 0.0 { 0.0 } else { 1.0 };
    let open = if between { ramp } else { beyond };
    let inside = if between { 1.0 } else { 0.0 };
    let (full, full_by) = saturable(k[UPTAKE2], k[UPTAKE2_KM], y[OUTSIDE]);

    let push = exp(-(k[STEEPNESS] * excess));
    let half = 1.0 / (1.0 + push);
    let insertion = k[INSERTION] * half;
    Rates {
        tph: synthesis * substrate * cofactor,
        tph_by: [
            synthesis * substrate_by * cofactor,
            synthesis * substrate * cofactor_by,
            -(k[SYNTHESIS] * substrate * cofactor),
        ],
        release: strength * common * y[VESICLES],
        release_by: [strength * common, -(k[RELEASE_INHIBITION] * common * y[VESICLES])],
        release_by_firing: strength * k[HISTAMINE] * y[VESICLES],
        sert: carried * y[SERT],
        sert_by: [carried_by * y[SERT], carried],
        uptake2: open * full,
        uptake2_by: open * full_by + inside * k[PER_RAMP] * full,
        insertion,
        // (1 - half) is exact where the exponential is large.
        insertion_by: insertion * k[STEEPNESS] * (1.0 - half),
    }
}
