//! The serotonin terminal of Best, Nijhout and Reed 2010, doi:10.1186/1742-4682-7-34,
//! with the autoreceptor's cascade of its successors.
//!
//! The 5-HT1B cascade (bound receptor, G protein, regulator) slows synthesis and
//! release and sets how much SERT stands in the membrane. Pools that sum to a
//! constant are followed by one quantity each: BH2 = total - BH4, and SERT in
//! store = total - SERT in the membrane.

use super::model::{Drives, Model, bits, saturable};
use crate::math::exp;

/// The serotonin terminal.
pub struct Serotonin;

const TRYPTOPHAN: usize = 0;
const POOL: usize = 1;
const BH4: usize = 2;
const HTP: usize = 3;
const CYTOSOL: usize = 4;
const VESICLES: usize = 5;
const OUTSIDE: usize = 6;
const GLIA: usize = 7;
const ACIDS: usize = 8;
const BOUND: usize = 9;
const G: usize = 10;
const REGULATOR: usize = 11;
const SERT: usize = 12;

const STATES: usize = 13;
const FLUXES: usize = 10;

const NAMES: [&str; 59] = [
    "blood_tryptophan_umol_l",
    "tryptophan_import_vmax_umol_l_h",
    "tryptophan_import_km_umol_l",
    "tryptophan_to_pool_per_h",
    "tryptophan_from_pool_per_h",
    "tryptophan_loss_per_h",
    "pool_loss_per_h",
    "tph_vmax_umol_l_h",
    "tph_km_tryptophan_umol_l",
    "tph_ki_tryptophan_umol_l",
    "tph_km_bh4_umol_l",
    "synthesis_inhibition",
    "biopterin_total_umol_l",
    "bh2_reduction_vmax_umol_l_h",
    "bh2_reduction_km_umol_l",
    "bh4_oxidation_vmax_umol_l_h",
    "bh4_oxidation_km_umol_l",
    "nadph_umol_l",
    "nadp_umol_l",
    "nadph_km_umol_l",
    "aadc_vmax_umol_l_h",
    "aadc_km_umol_l",
    "vmat_vmax_umol_l_h",
    "vmat_km_umol_l",
    "vmat_efflux_per_h",
    "vesicle_leak_per_h",
    "sert_vmax_umol_l_h",
    "sert_km_umol_l",
    "uptake2_vmax_umol_l_h",
    "uptake2_km_umol_l",
    "uptake2_threshold_umol_l",
    "uptake2_ramp_umol_l",
    "mao_vmax_umol_l_h",
    "mao_km_umol_l",
    "outward_diffusion_per_h",
    "outside_loss_per_h",
    "acid_loss_per_h",
    "release_per_h",
    "release_inhibition",
    "histamine_g",
    "histamine_g_reference",
    "receptor_on_per_umol_l_h",
    "receptor_off_per_h",
    "receptor_total",
    "g_on_per_h",
    "g_off_per_h",
    "g_total",
    "regulator_on_per_h",
    "regulator_off_per_h",
    "regulator_total",
    "g_reference",
    "sert_total",
    "sert_insertion_per_h",
    "sert_steepness",
    "sert_removal_per_h",
    "ssri_umol_l",
    "ssri_inhibition_umol_l",
    "ssri_removal_umol_l",
    "cytosol_fraction",
];

// Places of the constants; those not listed keep their parameter's place.
const IMPORT: usize = 0;
const TRYPTOPHAN_OUT: usize = 1;
const POOL_OUT: usize = 2;
const TO_POOL: usize = 3;
const FROM_POOL: usize = 4;
const REDUCTION: usize = 13;
const OXIDATION: usize = 15;
const SERT_KM: usize = 27;
const PER_RAMP: usize = 31;
const HISTAMINE: usize = 39;
const SERT_OUT: usize = 54;
const PER_FRACTION: usize = 58;

const TPH: usize = 7;
const TPH_KM: usize = 8;
const PER_TPH_KI: usize = 9;
const TPH_KM_BH4: usize = 10;
const SYNTHESIS: usize = 11;
const BIOPTERIN: usize = 12;
const REDUCTION_KM: usize = 14;
const OXIDATION_KM: usize = 16;
const AADC: usize = 20;
const AADC_KM: usize = 21;
const VMAT: usize = 22;
const VMAT_KM: usize = 23;
const EFFLUX: usize = 24;
const LEAK: usize = 25;
const SERT_VMAX: usize = 26;
const UPTAKE2: usize = 28;
const UPTAKE2_KM: usize = 29;
const THRESHOLD: usize = 30;
const MAO: usize = 32;
const MAO_KM: usize = 33;
const DIFFUSION: usize = 34;
const DRAIN: usize = 35;
const ACID_LOSS: usize = 36;
const RELEASE: usize = 37;
const RELEASE_INHIBITION: usize = 38;
const RECEPTOR_ON: usize = 41;
const RECEPTOR_OFF: usize = 42;
const RECEPTORS: usize = 43;
const G_ON: usize = 44;
const G_OFF: usize = 45;
const GS: usize = 46;
const REGULATOR_ON: usize = 47;
const REGULATOR_OFF: usize = 48;
const REGULATORS: usize = 49;
const G_REFERENCE: usize = 50;
const SERTS: usize = 51;
const INSERTION: usize = 52;
const STEEPNESS: usize = 53;

struct Rates {
    tph: f64,
    tph_by: [f64; 3],
    release: f64,
    release_by: [f64; 2],
    release_by_firing: f64,
    sert: f64,
    sert_by: [f64; 2],
    uptake2: f64,
    uptake2_by: f64,
    insertion: f64,
    insertion_by: f64,
}

/// The rate laws that are more than a product.
#[inline(always)]
fn rates(k: &[f64; NAMES.len()], firing: f64, y: &[f64; STATES]) -> Rates {
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

impl Model<STATES, { NAMES.len() }, { NAMES.len() }, FLUXES> for Serotonin {
    const PARAMETERS: [&'static str; NAMES.len()] = NAMES;
    const STATES: [&'static str; STATES] = [
        "tryptophan",
        "tryptophan_pool",
        "bh4",
        "hydroxytryptophan",
        "cytosol",
        "content",
        "outside",
        "glia",
        "acids",
        "bound_autoreceptor",
        "g_protein",
        "regulator",
        "sert_in_membrane",
    ];
    const FLUXES: [&'static str; FLUXES] = [
        "hydroxylation",
        "decarboxylation",
        "vmat_uptake",
        "vmat_efflux",
        "leak",
        "release",
        "reuptake",
        "glial_uptake",
        "oxidation",
        "outside_loss",
    ];

    const PATTERN: [u32; STATES] = [
        bits(&[TRYPTOPHAN, POOL, BH4, G]),
        bits(&[TRYPTOPHAN, POOL]),
        bits(&[TRYPTOPHAN, BH4, G]),
        bits(&[TRYPTOPHAN, BH4, HTP, G]),
        bits(&[HTP, CYTOSOL, VESICLES, OUTSIDE, SERT]),
        bits(&[CYTOSOL, VESICLES, G]),
        bits(&[CYTOSOL, VESICLES, OUTSIDE, GLIA, BOUND, G, SERT]),
        bits(&[OUTSIDE, GLIA]),
        bits(&[CYTOSOL, GLIA, ACIDS]),
        bits(&[OUTSIDE, BOUND]),
        bits(&[BOUND, G, REGULATOR]),
        bits(&[G, REGULATOR]),
        bits(&[G, SERT]),
    ];

    fn constants(p: &[f64; NAMES.len()]) -> [f64; NAMES.len()] {
        let mut out = *p;
        out[IMPORT] = p[1] * p[0] / (p[2] + p[0]);
        out[TRYPTOPHAN_OUT] = p[3] + p[5];
        out[POOL_OUT] = p[4] + p[6];
        out[PER_TPH_KI] = 1.0 / p[PER_TPH_KI];
        out[REDUCTION] = p[REDUCTION] * p[17] / (p[19] + p[17]);
        out[OXIDATION] = p[OXIDATION] * p[18] / (p[19] + p[18]);
        out[SERT_KM] = p[SERT_KM] * (1.0 + p[55] / p[56]);
        out[PER_RAMP] = 1.0 / p[PER_RAMP];
        out[HISTAMINE] = 1.0 - (p[HISTAMINE] - p[40]);
        // The drug's tenth power, over its own and that of the constant.
        let ratio = p[55] / p[57];
        let square = ratio * ratio;
        let tenth = square * square * square * square * square;
        out[SERT_OUT] = p[SERT_OUT] * (1.0 + 1.75 * tenth / (1.0 + tenth));
        out[PER_FRACTION] = 1.0 / p[PER_FRACTION];
        out
    }

    fn guess(_: &[f64; NAMES.len()]) -> [f64; STATES] {
        [
            20.165, 113.4, 0.85, 1.611, 0.0376, 67.43, 0.0601, 0.001, 1.585, 0.9757, 0.8639,
            1.0068, 1.0,
        ]
    }

    #[inline(always)]
    fn fluxes(k: &[f64; NAMES.len()], drives: &Drives, y: &[f64; STATES]) -> [f64; FLUXES] {
        let r = rates(k, drives.firing, y);
        let share = drives.active / (k[VMAT_KM] + y[CYTOSOL]);
        let (made, _) = saturable(k[AADC], k[AADC_KM], y[HTP]);
        let (oxidised, _) = saturable(k[MAO], k[MAO_KM], y[CYTOSOL]);
        [
            r.tph,
            made,
            k[VMAT] * y[CYTOSOL] * share,
            k[EFFLUX] * k[VMAT_KM] * y[VESICLES] * share,
            k[LEAK] * y[VESICLES],
            r.release,
            r.sert,
            r.uptake2,
            oxidised,
            k[DRAIN] * y[OUTSIDE],
        ]
    }

    #[inline(always)]
    fn slopes(k: &[f64; NAMES.len()], drives: &Drives, y: &[f64; STATES], out: &mut [f64; STATES]) {
        let r = rates(k, drives.firing, y);
        let share = drives.active / (k[VMAT_KM] + y[CYTOSOL]);
        let filled = (k[VMAT] * y[CYTOSOL] - k[EFFLUX] * k[VMAT_KM] * y[VESICLES]) * share
            - k[LEAK] * y[VESICLES];
        let (made, _) = saturable(k[AADC], k[AADC_KM], y[HTP]);
        let (oxidised, _) = saturable(k[MAO], k[MAO_KM], y[CYTOSOL]);
        let (oxidised_glia, _) = saturable(k[MAO], k[MAO_KM], y[GLIA]);
        let (reduction, _) = saturable(k[REDUCTION], k[REDUCTION_KM], k[BIOPTERIN] - y[BH4]);
        let (oxidation, _) = saturable(k[OXIDATION], k[OXIDATION_KM], y[BH4]);
        let (out_c, out_g) = (k[DIFFUSION] * y[CYTOSOL], k[DIFFUSION] * y[GLIA]);
        let free = k[RECEPTORS] - y[BOUND];
        let binding = k[RECEPTOR_ON] * y[OUTSIDE] * free - k[RECEPTOR_OFF] * y[BOUND];
        out[TRYPTOPHAN] =
            k[IMPORT] - r.tph - k[TRYPTOPHAN_OUT] * y[TRYPTOPHAN] + k[FROM_POOL] * y[POOL];
        out[POOL] = k[TO_POOL] * y[TRYPTOPHAN] - k[POOL_OUT] * y[POOL];
        out[BH4] = reduction - oxidation - r.tph;
        out[HTP] = r.tph - made;
        out[CYTOSOL] = (made - filled + r.sert - oxidised - out_c) * k[PER_FRACTION];
        out[VESICLES] = filled - r.release;
        out[OUTSIDE] =
            r.release - r.sert - r.uptake2 - k[DRAIN] * y[OUTSIDE] - binding + out_c + out_g;
        out[GLIA] = r.uptake2 - oxidised_glia - out_g;
        out[ACIDS] = oxidised + oxidised_glia - k[ACID_LOSS] * y[ACIDS];
        out[BOUND] = binding;
        out[G] = k[G_ON] * y[BOUND] * y[BOUND] * (k[GS] - y[G]) - k[G_OFF] * y[REGULATOR] * y[G];
        out[REGULATOR] = k[REGULATOR_ON] * y[G] * y[G] * (k[REGULATORS] - y[REGULATOR])
            - k[REGULATOR_OFF] * y[REGULATOR];
        out[SERT] = r.insertion * (k[SERTS] - y[SERT]) - k[SERT_OUT] * y[SERT];
    }

    #[inline(always)]
    fn jacobian(
        k: &[f64; NAMES.len()],
        drives: &Drives,
        y: &[f64; STATES],
        by: &mut [[f64; STATES]; STATES],
        by_time: &mut [f64; STATES],
    ) {
        let r = rates(k, drives.firing, y);
        let per = 1.0 / (k[VMAT_KM] + y[CYTOSOL]);
        let net = (k[VMAT] * y[CYTOSOL] - k[EFFLUX] * k[VMAT_KM] * y[VESICLES]) * per;
        let share = drives.active * per;
        let by_cytosol = (k[VMAT] - net) * share;
        let emptied = k[EFFLUX] * k[VMAT_KM] * share + k[LEAK];
        let (_, by_htp) = saturable(k[AADC], k[AADC_KM], y[HTP]);
        let (_, by_mao) = saturable(k[MAO], k[MAO_KM], y[CYTOSOL]);
        let (_, by_mao_glia) = saturable(k[MAO], k[MAO_KM], y[GLIA]);
        let (_, by_bh2) = saturable(k[REDUCTION], k[REDUCTION_KM], k[BIOPTERIN] - y[BH4]);
        let (_, by_bh4) = saturable(k[OXIDATION], k[OXIDATION_KM], y[BH4]);
        let inside = k[PER_FRACTION];

        by[TRYPTOPHAN][TRYPTOPHAN] = -r.tph_by[0];
        by[TRYPTOPHAN][BH4] = -r.tph_by[1];
        by[TRYPTOPHAN][G] = -r.tph_by[2];
        by[BH4][TRYPTOPHAN] = -r.tph_by[0];
        by[BH4][BH4] = -r.tph_by[1];
        by[BH4][G] = -r.tph_by[2];
        by[HTP][TRYPTOPHAN] = r.tph_by[0];
        by[HTP][BH4] = r.tph_by[1];
        by[HTP][G] = r.tph_by[2];
        by[TRYPTOPHAN][TRYPTOPHAN] -= k[TRYPTOPHAN_OUT];
        by[TRYPTOPHAN][POOL] = k[FROM_POOL];
        by[POOL][TRYPTOPHAN] = k[TO_POOL];
        by[POOL][POOL] = -k[POOL_OUT];
        by[BH4][BH4] -= by_bh2 + by_bh4;
        by[HTP][HTP] = -by_htp;

        by[CYTOSOL][HTP] = by_htp * inside;
        by[CYTOSOL][CYTOSOL] = -(by_cytosol + by_mao + k[DIFFUSION]) * inside;
        by[CYTOSOL][VESICLES] = emptied * inside;
        by[CYTOSOL][OUTSIDE] = r.sert_by[0] * inside;
        by[CYTOSOL][SERT] = r.sert_by[1] * inside;

        by[VESICLES][CYTOSOL] = by_cytosol;
        by[VESICLES][VESICLES] = -(emptied + r.release_by[0]);
        by[VESICLES][G] = -r.release_by[1];

        let binding_by_outside = k[RECEPTOR_ON] * (k[RECEPTORS] - y[BOUND]);
        let unbinding = k[RECEPTOR_ON] * y[OUTSIDE] + k[RECEPTOR_OFF];
        by[OUTSIDE][VESICLES] = r.release_by[0];
        by[OUTSIDE][G] = r.release_by[1];
        by[OUTSIDE][OUTSIDE] = -(r.sert_by[0] + r.uptake2_by + k[DRAIN] + binding_by_outside);
        by[OUTSIDE][SERT] = -r.sert_by[1];
        by[OUTSIDE][BOUND] = unbinding;
        by[OUTSIDE][CYTOSOL] = k[DIFFUSION];
        by[OUTSIDE][GLIA] = k[DIFFUSION];

        by[GLIA][OUTSIDE] = r.uptake2_by;
        by[GLIA][GLIA] = -(by_mao_glia + k[DIFFUSION]);
        by[ACIDS][CYTOSOL] = by_mao;
        by[ACIDS][GLIA] = by_mao_glia;
        by[ACIDS][ACIDS] = -k[ACID_LOSS];

        by[BOUND][OUTSIDE] = binding_by_outside;
        by[BOUND][BOUND] = -unbinding;
        by[G][BOUND] = 2.0 * k[G_ON] * y[BOUND] * (k[GS] - y[G]);
        by[G][G] = -(k[G_ON] * y[BOUND] * y[BOUND] + k[G_OFF] * y[REGULATOR]);
        by[G][REGULATOR] = -(k[G_OFF] * y[G]);
        by[REGULATOR][G] = 2.0 * k[REGULATOR_ON] * y[G] * (k[REGULATORS] - y[REGULATOR]);
        by[REGULATOR][REGULATOR] = -(k[REGULATOR_ON] * y[G] * y[G] + k[REGULATOR_OFF]);
        by[SERT][G] = r.insertion_by * (k[SERTS] - y[SERT]);
        by[SERT][SERT] = -(r.insertion + k[SERT_OUT]);

        let filling = drives.active_slope * net;
        let release = drives.firing_slope * r.release_by_firing;
        by_time[CYTOSOL] = -filling * inside;
        by_time[VESICLES] = filling - release;
        by_time[OUTSIDE] = release;
    }
}
