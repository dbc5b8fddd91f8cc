//! The parameters of the serotonin terminal by name, and what is computed of them once.

pub const NAMES: [&str; 59] = [
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
pub const IMPORT: usize = 0;
pub const TRYPTOPHAN_OUT: usize = 1;
pub const POOL_OUT: usize = 2;
pub const TO_POOL: usize = 3;
pub const FROM_POOL: usize = 4;
pub const REDUCTION: usize = 13;
pub const OXIDATION: usize = 15;
pub const SERT_KM: usize = 27;
pub const PER_RAMP: usize = 31;
pub const HISTAMINE: usize = 39;
pub const SERT_OUT: usize = 54;
pub const PER_FRACTION: usize = 58;

pub const TPH: usize = 7;
pub const TPH_KM: usize = 8;
pub const PER_TPH_KI: usize = 9;
pub const TPH_KM_BH4: usize = 10;
pub const SYNTHESIS: usize = 11;
pub const BIOPTERIN: usize = 12;
pub const REDUCTION_KM: usize = 14;
pub const OXIDATION_KM: usize = 16;
pub const AADC: usize = 20;
pub const AADC_KM: usize = 21;
pub const VMAT: usize = 22;
pub const VMAT_KM: usize = 23;
pub const EFFLUX: usize = 24;
pub const LEAK: usize = 25;
pub const SERT_VMAX: usize = 26;
pub const UPTAKE2: usize = 28;
pub const UPTAKE2_KM: usize = 29;
pub const THRESHOLD: usize = 30;
pub const MAO: usize = 32;
pub const MAO_KM: usize = 33;
pub const DIFFUSION: usize = 34;
pub const DRAIN: usize = 35;
pub const ACID_LOSS: usize = 36;
pub const RELEASE: usize = 37;
pub const RELEASE_INHIBITION: usize = 38;
pub const RECEPTOR_ON: usize = 41;
pub const RECEPTOR_OFF: usize = 42;
pub const RECEPTORS: usize = 43;
pub const G_ON: usize = 44;
pub const G_OFF: usize = 45;
pub const GS: usize = 46;
pub const REGULATOR_ON: usize = 47;
pub const REGULATOR_OFF: usize = 48;
pub const REGULATORS: usize = 49;
pub const G_REFERENCE: usize = 50;
pub const SERTS: usize = 51;
pub const INSERTION: usize = 52;
pub const STEEPNESS: usize = 53;

/// The constants of a terminal from its parameters.
pub fn of(p: &[f64; NAMES.len()]) -> [f64; NAMES.len()] {
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
