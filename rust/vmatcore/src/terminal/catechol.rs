//! What the dopamine and the norepinephrine terminal share: tyrosine, tyrosine
//! hydroxylase, its cofactor and AADC, after Best, Nijhout and Reed 2009,
//! doi:10.1186/1742-4682-6-21.

use super::model::saturable;

/// Names of the parameters, in the order of a row.
pub const PARAMETERS: [&str; 31] = [
    "blood_tyrosine_umol_l",
    "tyrosine_import_vmax_umol_l_h",
    "tyrosine_import_km_umol_l",
    "tyrosine_to_pool_per_h",
    "tyrosine_from_pool_per_h",
    "tyrosine_loss_per_h",
    "pool_loss_per_h",
    "th_vmax_umol_l_h",
    "th_km_tyrosine_umol_l",
    "th_km_bh4_umol_l",
    "th_ki_cytosol_umol_l",
    "th_substrate_factor",
    "th_ki_tyrosine_umol_l",
    "autoreceptor_gain",
    "autoreceptor_slope",
    "autoreceptor_floor",
    "autoreceptor_reference_umol_l",
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
    "mao_per_h",
    "acid_loss_per_h",
    "release_per_h",
    "cytosol_fraction",
];

/// How many constants are made of [`PARAMETERS`].
pub const CONSTANTS: usize = 29;

/// Quantities that both terminals begin with.
pub const TYROSINE: usize = 0;
pub const POOL: usize = 1;
pub const BH4: usize = 2;
pub const DOPA: usize = 3;
pub const CYTOSOL: usize = 4;

// Places of the constants.
const IMPORT: usize = 0;
const TO_POOL: usize = 1;
const FROM_POOL: usize = 2;
const TYROSINE_LOSS: usize = 3;
const POOL_LOSS: usize = 4;
const TH_VMAX: usize = 5;
const TH_KM: usize = 6;
const TH_PRODUCT: usize = 7;
const TH_PER_CYTOSOL: usize = 8;
const TH_FACTOR: usize = 9;
const TH_KI: usize = 10;
const GAIN: usize = 11;
const SLOPE: usize = 12;
const FLOOR: usize = 13;
const PER_REFERENCE: usize = 14;
const BIOPTERIN: usize = 15;
const REDUCTION: usize = 16;
const REDUCTION_KM: usize = 17;
const OXIDATION: usize = 18;
const OXIDATION_KM: usize = 19;
const AADC: usize = 20;
const AADC_KM: usize = 21;
pub const MAO: usize = 22;
pub const ACID_LOSS: usize = 23;
pub const RELEASE: usize = 24;
pub const PER_FRACTION: usize = 25;
const POOL_OUT: usize = 26;
const TYROSINE_OUT: usize = 27;
const GAIN_SLOPE: usize = 28;

/// The constants, into the first places of `out`.
pub fn constants(p: &[f64], out: &mut [f64]) {
    out[IMPORT] = p[1] * p[0] / (p[2] + p[0]);
    out[TO_POOL] = p[3];
    out[FROM_POOL] = p[4];
    out[TYROSINE_LOSS] = p[5];
    out[POOL_LOSS] = p[6];
    out[TH_VMAX] = p[7];
    out[TH_KM] = p[8];
    out[TH_PRODUCT] = p[8] * p[9];
    out[TH_PER_CYTOSOL] = p[8] * p[9] / p[10];
    out[TH_FACTOR] = p[11] * p[12];
    out[TH_KI] = p[12];
    out[GAIN] = p[13];
    out[SLOPE] = p[14];
    out[FLOOR] = p[15];
    out[PER_REFERENCE] = 1.0 / p[16];
    out[BIOPTERIN] = p[17];
    out[REDUCTION] = p[18] * p[22] / (p[24] + p[22]);
    out[REDUCTION_KM] = p[19];
    out[OXIDATION] = p[20] * p[23] / (p[24] + p[23]);
    out[OXIDATION_KM] = p[21];
    out[AADC] = p[25];
    out[AADC_KM] = p[26];
    out[MAO] = p[27];
    out[ACID_LOSS] = p[28];
    out[RELEASE] = p[29];
    out[PER_FRACTION] = 1.0 / p[30];
    out[POOL_OUT] = p[4] + p[6];
    out[TYROSINE_OUT] = p[3] + p[5];
    out[GAIN_SLOPE] = 4.0 * p[13] * p[14] / p[16];
}

/// The steady state of Best 2009, for the shared quantities.
pub const GUESS: [f64; 5] = [125.7, 942.8, 319.14, 0.3559, 2.647];

/// The flux through tyrosine hydroxylase, and its derivatives by tyrosine, BH4, cytosolic
/// amine and extracellular amine.
#[inline(always)]
fn hydroxylase(k: &[f64], y: &[f64], outside: f64) -> (f64, [f64; 4]) {
    let (tyrosine, bh4) = (y[TYROSINE], y[BH4]);
    let inhibited = 1.0 / (k[TH_KI] + tyrosine);
    let substrate = k[TH_FACTOR] * inhibited;
    let ratio = outside * k[PER_REFERENCE];
    let square = ratio * ratio;
    let shut = 1.0 / (k[SLOPE] * square * square + 1.0);
    let receptor = k[GAIN] * shut + k[FLOOR];
    let product = tyrosine * bh4;
    let rest = k[TH_PRODUCT] + k[TH_PER_CYTOSOL] * y[CYTOSOL];
    let share = 1.0 / (product + k[TH_KM] * bh4 + rest);
    let control = substrate * receptor;
    let reaction = k[TH_VMAX] * product * share;
    let flux = control * reaction;
    let common = control * k[TH_VMAX] * share * share;
    let by_tyrosine = common * bh4 * (k[TH_KM] * bh4 + rest) - flux * inhibited;
    let by_bh4 = common * tyrosine * rest;
    let by_cytosol = -(common * product * k[TH_PER_CYTOSOL]);
    let by_outside = -(substrate * reaction * k[GAIN_SLOPE] * square * ratio * shut * shut);
    (flux, [by_tyrosine, by_bh4, by_cytosol, by_outside])
}

/// Fluxes of tyrosine hydroxylase and AADC.
#[inline(always)]
pub fn fluxes(k: &[f64], y: &[f64], outside: f64) -> [f64; 2] {
    let (hydroxylation, _) = hydroxylase(k, y, outside);
    let (decarboxylation, _) = saturable(k[AADC], k[AADC_KM], y[DOPA]);
    [hydroxylation, decarboxylation]
}

/// Slopes of tyrosine, its pool, BH4 and L-DOPA; returns the flux through AADC.
#[inline(always)]
pub fn slopes(k: &[f64], y: &[f64], outside: f64, out: &mut [f64]) -> f64 {
    let [hydroxylation, decarboxylation] = fluxes(k, y, outside);
    let bh2 = k[BIOPTERIN] - y[BH4];
    let (reduction, _) = saturable(k[REDUCTION], k[REDUCTION_KM], bh2);
    let (oxidation, _) = saturable(k[OXIDATION], k[OXIDATION_KM], y[BH4]);
    out[TYROSINE] =
        k[IMPORT] - hydroxylation - k[TYROSINE_OUT] * y[TYROSINE] + k[FROM_POOL] * y[POOL];
    out[POOL] = k[TO_POOL] * y[TYROSINE] - k[POOL_OUT] * y[POOL];
    out[BH4] = reduction - oxidation - hydroxylation;
    out[DOPA] = hydroxylation - decarboxylation;
    decarboxylation
}

/// Derivatives of the same four slopes; returns AADC's by L-DOPA.
#[inline(always)]
pub fn jacobian<const N: usize>(
    k: &[f64],
    y: &[f64; N],
    outside: usize,
    by: &mut [[f64; N]; N],
) -> f64 {
    let (_, by_th) = hydroxylase(k, y, y[outside]);
    let (_, by_dopa) = saturable(k[AADC], k[AADC_KM], y[DOPA]);
    let (_, by_bh2) = saturable(k[REDUCTION], k[REDUCTION_KM], k[BIOPTERIN] - y[BH4]);
    let (_, by_bh4) = saturable(k[OXIDATION], k[OXIDATION_KM], y[BH4]);
    by[TYROSINE][TYROSINE] = -by_th[0];
    by[TYROSINE][BH4] = -by_th[1];
    by[TYROSINE][CYTOSOL] = -by_th[2];
    by[TYROSINE][outside] = -by_th[3];
    by[BH4][TYROSINE] = -by_th[0];
    by[BH4][BH4] = -by_th[1];
    by[BH4][CYTOSOL] = -by_th[2];
    by[BH4][outside] = -by_th[3];
    by[DOPA][TYROSINE] = by_th[0];
    by[DOPA][BH4] = by_th[1];
    by[DOPA][CYTOSOL] = by_th[2];
    by[DOPA][outside] = by_th[3];
    by[TYROSINE][TYROSINE] -= k[TYROSINE_OUT];
    by[TYROSINE][POOL] += k[FROM_POOL];
    by[POOL][TYROSINE] = k[TO_POOL];
    by[POOL][POOL] = -k[POOL_OUT];
    by[BH4][BH4] -= by_bh2 + by_bh4;
    by[DOPA][DOPA] -= by_dopa;
    by_dopa
}
