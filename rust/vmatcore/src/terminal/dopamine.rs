//! The dopamine terminal of Best, Nijhout and Reed 2009, doi:10.1186/1742-4682-6-21,
//! with a reversible VMAT2 and a cytosol of its own volume.
//!
//! VMAT2 carries f vmax c/(km + c) in and f efflux v km/(km + c) out, and the leak
//! is leak v. Without the efflux and with a cytosol as large as the tissue this is
//! the published model.

use super::catechol::{
    self, ACID_LOSS, BH4, CONSTANTS as SHARED, CYTOSOL, DOPA, MAO, PER_FRACTION, POOL, RELEASE,
    TYROSINE,
};
use super::model::{Drives, Model, bits, joined, saturable};

/// The dopamine terminal.
pub struct Dopamine;

const VESICLES: usize = 5;
const OUTSIDE: usize = 6;
const ACIDS: usize = 7;

const VMAT: usize = SHARED;
const VMAT_KM: usize = SHARED + 1;
const EFFLUX: usize = SHARED + 2;
const LEAK: usize = SHARED + 3;
const DAT: usize = SHARED + 4;
const DAT_KM: usize = SHARED + 5;
const CATABOLISM: usize = SHARED + 6;
const CATABOLISM_KM: usize = SHARED + 7;
const DRAIN: usize = SHARED + 8;

const STATES: usize = 8;
const PARAMETERS: usize = 40;
const CONSTANTS: usize = SHARED + 9;
const FLUXES: usize = 10;

impl Model<STATES, PARAMETERS, CONSTANTS, FLUXES> for Dopamine {
    const PARAMETERS: [&'static str; PARAMETERS] = joined(
        &catechol::PARAMETERS,
        &[
            "vmat_vmax_umol_l_h",
            "vmat_km_umol_l",
            "vmat_efflux_per_h",
            "vesicle_leak_per_h",
            "dat_vmax_umol_l_h",
            "dat_km_umol_l",
            "outside_catabolism_vmax_umol_l_h",
            "outside_catabolism_km_umol_l",
            "outside_loss_per_h",
        ],
    );
    const STATES: [&'static str; STATES] =
        ["tyrosine", "tyrosine_pool", "bh4", "ldopa", "cytosol", "content", "outside", "acids"];
    const FLUXES: [&'static str; FLUXES] = [
        "hydroxylation",
        "decarboxylation",
        "vmat_uptake",
        "vmat_efflux",
        "leak",
        "release",
        "reuptake",
        "oxidation",
        "outside_catabolism",
        "outside_loss",
    ];

    const PATTERN: [u32; STATES] = [
        bits(&[TYROSINE, POOL, BH4, CYTOSOL, OUTSIDE]),
        bits(&[TYROSINE, POOL]),
        bits(&[TYROSINE, BH4, CYTOSOL, OUTSIDE]),
        bits(&[TYROSINE, BH4, DOPA, CYTOSOL, OUTSIDE]),
        bits(&[DOPA, CYTOSOL, VESICLES, OUTSIDE]),
        bits(&[CYTOSOL, VESICLES]),
        bits(&[VESICLES, OUTSIDE]),
        bits(&[CYTOSOL, OUTSIDE, ACIDS]),
    ];

    fn constants(parameters: &[f64; PARAMETERS]) -> [f64; CONSTANTS] {
        let mut out = [0.0; CONSTANTS];
        catechol::constants(parameters, &mut out);
        out[SHARED..].copy_from_slice(&parameters[catechol::PARAMETERS.len()..]);
        out
    }

    fn guess(_: &[f64; PARAMETERS]) -> [f64; STATES] {
        let [tyrosine, pool, bh4, dopa, cytosol] = catechol::GUESS;
        [tyrosine, pool, bh4, dopa, cytosol, 80.97, 0.002_024, 7.68]
    }

    #[inline(always)]
    fn fluxes(k: &[f64; CONSTANTS], drives: &Drives, y: &[f64; STATES]) -> [f64; FLUXES] {
        let [hydroxylation, decarboxylation] = catechol::fluxes(k, y, y[OUTSIDE]);
        let share = drives.active / (k[VMAT_KM] + y[CYTOSOL]);
        let (reuptake, _) = saturable(k[DAT], k[DAT_KM], y[OUTSIDE]);
        let (catabolism, _) = saturable(k[CATABOLISM], k[CATABOLISM_KM], y[OUTSIDE]);
        [
            hydroxylation,
            decarboxylation,
            k[VMAT] * y[CYTOSOL] * share,
            k[EFFLUX] * y[VESICLES] * k[VMAT_KM] * share,
            k[LEAK] * y[VESICLES],
            drives.firing * k[RELEASE] * y[VESICLES],
            reuptake,
            k[MAO] * y[CYTOSOL],
            catabolism,
            k[DRAIN] * y[OUTSIDE],
        ]
    }

    #[inline(always)]
    fn slopes(k: &[f64; CONSTANTS], drives: &Drives, y: &[f64; STATES], out: &mut [f64; STATES]) {
        let made = catechol::slopes(k, y, y[OUTSIDE], out);
        let share = drives.active / (k[VMAT_KM] + y[CYTOSOL]);
        let filled = (k[VMAT] * y[CYTOSOL] - k[EFFLUX] * k[VMAT_KM] * y[VESICLES]) * share
            - k[LEAK] * y[VESICLES];
        let release = drives.firing * k[RELEASE] * y[VESICLES];
        let (reuptake, _) = saturable(k[DAT], k[DAT_KM], y[OUTSIDE]);
        let (catabolism, _) = saturable(k[CATABOLISM], k[CATABOLISM_KM], y[OUTSIDE]);
        let oxidation = k[MAO] * y[CYTOSOL];
        out[CYTOSOL] = (made - filled + reuptake - oxidation) * k[PER_FRACTION];
        out[VESICLES] = filled - release;
        out[OUTSIDE] = release - reuptake - catabolism - k[DRAIN] * y[OUTSIDE];
        out[ACIDS] = oxidation + catabolism - k[ACID_LOSS] * y[ACIDS];
    }

    #[inline(always)]
    fn jacobian(
        k: &[f64; CONSTANTS],
        drives: &Drives,
        y: &[f64; STATES],
        by: &mut [[f64; STATES]; STATES],
        by_time: &mut [f64; STATES],
    ) {
        let by_dopa = catechol::jacobian(k, y, OUTSIDE, by);
        let per = 1.0 / (k[VMAT_KM] + y[CYTOSOL]);
        let net = (k[VMAT] * y[CYTOSOL] - k[EFFLUX] * k[VMAT_KM] * y[VESICLES]) * per;
        let share = drives.active * per;
        // Filling by cytosol, and (with its sign turned) by content.
        let by_cytosol = (k[VMAT] - net) * share;
        let emptied = k[EFFLUX] * k[VMAT_KM] * share + k[LEAK];
        let rate = drives.firing * k[RELEASE];
        let (_, by_dat) = saturable(k[DAT], k[DAT_KM], y[OUTSIDE]);
        let (_, by_cat) = saturable(k[CATABOLISM], k[CATABOLISM_KM], y[OUTSIDE]);
        let inside = k[PER_FRACTION];
        by[CYTOSOL][DOPA] = by_dopa * inside;
        by[CYTOSOL][CYTOSOL] = -(by_cytosol + k[MAO]) * inside;
        by[CYTOSOL][VESICLES] = emptied * inside;
        by[CYTOSOL][OUTSIDE] = by_dat * inside;
        by[VESICLES][CYTOSOL] = by_cytosol;
        by[VESICLES][VESICLES] = -(emptied + rate);
        by[OUTSIDE][VESICLES] = rate;
        by[OUTSIDE][OUTSIDE] = -(by_dat + by_cat + k[DRAIN]);
        by[ACIDS][CYTOSOL] = k[MAO];
        by[ACIDS][OUTSIDE] = by_cat;
        by[ACIDS][ACIDS] = -k[ACID_LOSS];
        let filling = drives.active_slope * net;
        let release = drives.firing_slope * k[RELEASE] * y[VESICLES];
        by_time[CYTOSOL] = -filling * inside;
        by_time[VESICLES] = filling - release;
        by_time[OUTSIDE] = release;
    }
}
