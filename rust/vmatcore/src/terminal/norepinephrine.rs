//! The norepinephrine terminal: dopamine enters the vesicle, and dopamine beta-hydroxylase
//! turns it into norepinephrine there.
//!
//! Synthesis is that of the dopamine terminal. Both amines compete for VMAT2 and,
//! outside, for NET; VMAT2 carries f vmax_i (c_i/km_i)/D in and f efflux_i v_i/D out,
//! D = 1 + sum c_i/km_i. A block of VMAT2 so stops synthesis as well as storage.

use super::catechol::{
    self, ACID_LOSS, BH4, CONSTANTS as SHARED, CYTOSOL, DOPA, MAO, PER_FRACTION, POOL, RELEASE,
    TYROSINE,
};
use super::model::{Drives, Model, bits, joined, saturable};

/// The norepinephrine terminal.
pub struct Norepinephrine;

// Dopamine in the cytosol stands at CYTOSOL.
const DOPAMINE_INSIDE: usize = 5;
const AMINE: usize = 6;
const VESICLES: usize = 7;
const DOPAMINE_OUTSIDE: usize = 8;
const OUTSIDE: usize = 9;
const ACIDS: usize = 10;
const GLYCOLS: usize = 11;

const VMAT: usize = SHARED;
const PER_KM_DOPAMINE: usize = SHARED + 1;
const PER_KM: usize = SHARED + 2;
const EFFLUX_DOPAMINE: usize = SHARED + 3;
const EFFLUX: usize = SHARED + 4;
const LEAK: usize = SHARED + 5;
const DBH: usize = SHARED + 6;
const DBH_KM: usize = SHARED + 7;
const NET: usize = SHARED + 8;
const NET_PER_KM_DOPAMINE: usize = SHARED + 9;
const NET_PER_KM: usize = SHARED + 10;
const CATABOLISM: usize = SHARED + 11;
const CATABOLISM_KM: usize = SHARED + 12;
const DRAIN: usize = SHARED + 13;

const STATES: usize = 12;
const PARAMETERS: usize = 45;
const CONSTANTS: usize = SHARED + 14;
const FLUXES: usize = 11;

/// Rates of two amines that compete, as shares of their maximal ones, and what they divide by.
#[inline(always)]
fn competing(first: f64, second: f64) -> [f64; 3] {
    let share = 1.0 / (1.0 + first + second);
    [first * share, second * share, share]
}

struct Carried {
    /// Net filling by dopamine and by norepinephrine through VMAT2, per active share.
    net: [f64; 2],
    share: f64,
}

#[inline(always)]
fn carried(k: &[f64; CONSTANTS], y: &[f64; STATES]) -> Carried {
    let [dopamine, amine, share] = competing(y[CYTOSOL] * k[PER_KM_DOPAMINE], y[AMINE] * k[PER_KM]);
    Carried {
        net: [
            k[VMAT] * dopamine - k[EFFLUX_DOPAMINE] * y[DOPAMINE_INSIDE] * share,
            k[VMAT] * amine - k[EFFLUX] * y[VESICLES] * share,
        ],
        share,
    }
}

impl Model<STATES, PARAMETERS, CONSTANTS, FLUXES> for Norepinephrine {
    const PARAMETERS: [&'static str; PARAMETERS] = joined(
        &catechol::PARAMETERS,
        &[
            "vmat_vmax_umol_l_h",
            "vmat_km_dopamine_umol_l",
            "vmat_km_umol_l",
            "vmat_efflux_dopamine_per_h",
            "vmat_efflux_per_h",
            "vesicle_leak_per_h",
            "dbh_vmax_umol_l_h",
            "dbh_km_umol_l",
            "net_vmax_umol_l_h",
            "net_km_dopamine_umol_l",
            "net_km_umol_l",
            "outside_catabolism_vmax_umol_l_h",
            "outside_catabolism_km_umol_l",
            "outside_loss_per_h",
        ],
    );
    const STATES: [&'static str; STATES] = [
        "tyrosine",
        "tyrosine_pool",
        "bh4",
        "ldopa",
        "cytosolic_dopamine",
        "vesicular_dopamine",
        "cytosol",
        "content",
        "outside_dopamine",
        "outside",
        "dopamine_acids",
        "acids",
    ];
    const FLUXES: [&'static str; FLUXES] = [
        "hydroxylation",
        "decarboxylation",
        "dopamine_filling",
        "beta_hydroxylation",
        "vmat_net",
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
        bits(&[DOPA, CYTOSOL, DOPAMINE_INSIDE, AMINE, DOPAMINE_OUTSIDE, OUTSIDE]),
        bits(&[CYTOSOL, DOPAMINE_INSIDE, AMINE]),
        bits(&[CYTOSOL, AMINE, VESICLES, DOPAMINE_OUTSIDE, OUTSIDE]),
        bits(&[CYTOSOL, DOPAMINE_INSIDE, AMINE, VESICLES]),
        bits(&[DOPAMINE_INSIDE, DOPAMINE_OUTSIDE, OUTSIDE]),
        bits(&[VESICLES, DOPAMINE_OUTSIDE, OUTSIDE]),
        bits(&[CYTOSOL, DOPAMINE_OUTSIDE, ACIDS]),
        bits(&[AMINE, OUTSIDE, GLYCOLS]),
    ];

    fn constants(parameters: &[f64; PARAMETERS]) -> [f64; CONSTANTS] {
        let mut out = [0.0; CONSTANTS];
        catechol::constants(parameters, &mut out);
        out[SHARED..].copy_from_slice(&parameters[catechol::PARAMETERS.len()..]);
        for place in [PER_KM_DOPAMINE, PER_KM, NET_PER_KM_DOPAMINE, NET_PER_KM] {
            out[place] = 1.0 / out[place];
        }
        out
    }

    fn guess(_: &[f64; PARAMETERS]) -> [f64; STATES] {
        let [tyrosine, pool, bh4, dopa, _] = catechol::GUESS;
        [tyrosine, pool, bh4, dopa, 0.3, 8.0, 2.6, 80.0, 0.0004, 0.004, 1.0, 8.0]
    }

    #[inline(always)]
    fn fluxes(k: &[f64; CONSTANTS], drives: &Drives, y: &[f64; STATES]) -> [f64; FLUXES] {
        let [hydroxylation, decarboxylation] = catechol::fluxes(k, y, y[OUTSIDE]);
        let Carried { net, .. } = carried(k, y);
        let [_, reuptake, _] =
            competing(y[DOPAMINE_OUTSIDE] * k[NET_PER_KM_DOPAMINE], y[OUTSIDE] * k[NET_PER_KM]);
        let (hydroxylated, _) = saturable(k[DBH], k[DBH_KM], y[DOPAMINE_INSIDE]);
        let (catabolism, _) = saturable(k[CATABOLISM], k[CATABOLISM_KM], y[OUTSIDE]);
        [
            hydroxylation,
            decarboxylation,
            drives.active * net[0],
            hydroxylated,
            drives.active * net[1],
            k[LEAK] * y[VESICLES],
            drives.firing * k[RELEASE] * y[VESICLES],
            k[NET] * reuptake,
            k[MAO] * y[AMINE],
            catabolism,
            k[DRAIN] * y[OUTSIDE],
        ]
    }

    #[inline(always)]
    fn slopes(k: &[f64; CONSTANTS], drives: &Drives, y: &[f64; STATES], out: &mut [f64; STATES]) {
        let made = catechol::slopes(k, y, y[OUTSIDE], out);
        let Carried { net, .. } = carried(k, y);
        let rate = drives.firing * k[RELEASE];
        let [back_dopamine, back, _] =
            competing(y[DOPAMINE_OUTSIDE] * k[NET_PER_KM_DOPAMINE], y[OUTSIDE] * k[NET_PER_KM]);
        let (hydroxylated, _) = saturable(k[DBH], k[DBH_KM], y[DOPAMINE_INSIDE]);
        let (lost_dopamine, _) = saturable(k[CATABOLISM], k[CATABOLISM_KM], y[DOPAMINE_OUTSIDE]);
        let (lost, _) = saturable(k[CATABOLISM], k[CATABOLISM_KM], y[OUTSIDE]);
        let filled_dopamine = drives.active * net[0] - k[LEAK] * y[DOPAMINE_INSIDE];
        let filled = drives.active * net[1] - k[LEAK] * y[VESICLES];
        let (oxidised_dopamine, oxidised) = (k[MAO] * y[CYTOSOL], k[MAO] * y[AMINE]);
        let inside = k[PER_FRACTION];
        out[CYTOSOL] =
            (made - filled_dopamine + k[NET] * back_dopamine - oxidised_dopamine) * inside;
        out[DOPAMINE_INSIDE] = filled_dopamine - hydroxylated - rate * y[DOPAMINE_INSIDE];
        out[AMINE] = (k[NET] * back - filled - oxidised) * inside;
        out[VESICLES] = filled + hydroxylated - rate * y[VESICLES];
        out[DOPAMINE_OUTSIDE] = rate * y[DOPAMINE_INSIDE]
            - k[NET] * back_dopamine
            - lost_dopamine
            - k[DRAIN] * y[DOPAMINE_OUTSIDE];
        out[OUTSIDE] = rate * y[VESICLES] - k[NET] * back - lost - k[DRAIN] * y[OUTSIDE];
        out[ACIDS] = oxidised_dopamine + lost_dopamine - k[ACID_LOSS] * y[ACIDS];
        out[GLYCOLS] = oxidised + lost - k[ACID_LOSS] * y[GLYCOLS];
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
        let carried = carried(k, y);
        let net =
            competing(y[DOPAMINE_OUTSIDE] * k[NET_PER_KM_DOPAMINE], y[OUTSIDE] * k[NET_PER_KM]);
        one_amine::<0>(k, drives, y, &carried, &net, by, by_time);
        one_amine::<1>(k, drives, y, &carried, &net, by, by_time);
        by[CYTOSOL][DOPA] += by_dopa * k[PER_FRACTION];
        let (_, by_dbh) = saturable(k[DBH], k[DBH_KM], y[DOPAMINE_INSIDE]);
        by[DOPAMINE_INSIDE][DOPAMINE_INSIDE] -= by_dbh;
        by[VESICLES][DOPAMINE_INSIDE] = by_dbh;
    }
}

/// Derivatives of what the amines share, dopamine (I = 0) and norepinephrine (I = 1): filling,
/// release, reuptake and breakdown.
#[inline(always)]
fn one_amine<const I: usize>(
    k: &[f64; CONSTANTS],
    drives: &Drives,
    y: &[f64; STATES],
    carried: &Carried,
    net: &[f64; 3],
    by: &mut [[f64; STATES]; STATES],
    by_time: &mut [f64; STATES],
) {
    let (own, other) = (I, 1 - I);
    let cytosols = [CYTOSOL, AMINE];
    let (cytosol, content) = (cytosols[own], [DOPAMINE_INSIDE, VESICLES][own]);
    let outsides = [DOPAMINE_OUTSIDE, OUTSIDE];
    let (outside, metabolites) = (outsides[own], [ACIDS, GLYCOLS][own]);
    let inside = k[PER_FRACTION];
    let rate = drives.firing * k[RELEASE];

    // Filling by each cytosolic amine: the entry of its own, less what it takes from both.
    let active = drives.active * carried.share;
    let per_km = [k[PER_KM_DOPAMINE], k[PER_KM]];
    let taken = active * carried.net[own];
    let by_own = active * (k[VMAT] * per_km[own]) - taken * per_km[own];
    let by_other = -(taken * per_km[other]);
    let emptied = active * [k[EFFLUX_DOPAMINE], k[EFFLUX]][own] + k[LEAK];
    by[content][cytosol] = by_own;
    by[content][cytosols[other]] = by_other;
    by[content][content] = -(emptied + rate);
    by[cytosol][cytosol] = -by_own * inside - k[MAO] * inside;
    by[cytosol][cytosols[other]] = -by_other * inside;
    by[cytosol][content] = emptied * inside;

    let per = [k[NET_PER_KM_DOPAMINE], k[NET_PER_KM]];
    let back = k[NET] * net[own];
    let free = net[2];
    let uptake_by_own = k[NET] * per[own] * free - back * per[own] * free;
    let uptake_by_other = -(back * per[other] * free);
    let (_, by_lost) = saturable(k[CATABOLISM], k[CATABOLISM_KM], y[outside]);
    by[cytosol][outside] = uptake_by_own * inside;
    by[cytosol][outsides[other]] = uptake_by_other * inside;
    by[outside][outside] = -uptake_by_own - (by_lost + k[DRAIN]);
    by[outside][outsides[other]] = -uptake_by_other;
    by[outside][content] = rate;
    by[metabolites][cytosol] = k[MAO];
    by[metabolites][outside] = by_lost;
    by[metabolites][metabolites] = -k[ACID_LOSS];

    let filling = drives.active_slope * carried.net[own];
    let release = drives.firing_slope * k[RELEASE] * y[content];
    by_time[content] = filling - release;
    by_time[cytosol] = -filling * inside;
    by_time[outside] = release;
}
