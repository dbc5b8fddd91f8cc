//! The serotonin terminal of Best, Nijhout and Reed 2010, doi:10.1186/1742-4682-7-34,
//! with the autoreceptor's cascade of its successors.
//!
//! The 5-HT1B cascade (bound receptor, G protein, regulator) slows synthesis and
//! release and sets how much SERT stands in the membrane. Pools that sum to a
//! constant are followed by one quantity each: BH2 = total - BH4, and SERT in
//! store = total - SERT in the membrane. `constants` names the parameters, `rates` holds
//! the laws that are more than a product.

mod constants;
mod rates;

use super::model::{Drives, Model, bits, saturable};
use constants::*;
use rates::rates;

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

    fn constants(parameters: &[f64; NAMES.len()]) -> [f64; NAMES.len()] {
        constants::of(parameters)
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
