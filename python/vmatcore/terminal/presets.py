"""The constants of the terminals, each with its source and how far to trust it."""

from __future__ import annotations

from vmatcore.drugs.quantity import Quantity, Status

__all__ = ["BEST_2009", "NOREPINEPHRINE", "SEROTONIN", "STRUCTURE"]

_BEST = "Best, Nijhout, Reed 2009, doi:10.1186/1742-4682-6-21, as in BioModels MODEL1502230000"
_BEST_2010 = (
    "serotonin terminal of Best, Nijhout, Reed 2010, doi:10.1186/1742-4682-7-34, as in the "
    "code of its successor (sermeor/Escitalopram-Terminal-Modeling)"
)


def _q(
    value: float, unit: str, source: str, status: Status = "measured", factor: float = 2.0
) -> Quantity:
    """A constant of a published model; its spread, a factor either way, is assumed."""
    return Quantity(
        value=value,
        unit=unit,
        source=source,
        status=status,
        low=value / factor,
        high=value * factor,
    )


_COFACTOR = (
    "the 2010 serotonin model of the same group; missing in the model file of 2009, and the "
    "published steady state follows from it"
)

#: Tyrosine to dopamine: the same for both catecholamines.
_CATECHOL = {
    "blood_tyrosine_umol_l": _q(97.0, "umol/L", _BEST),
    "tyrosine_import_vmax_umol_l_h": _q(
        400.0, "umol/L/h", _BEST + "; its file multiplies by blood tyrosine once too often"
    ),
    "tyrosine_import_km_umol_l": _q(64.0, "umol/L", _BEST),
    "tyrosine_to_pool_per_h": _q(6.0, "1/h", _BEST),
    "tyrosine_from_pool_per_h": _q(0.6, "1/h", _BEST),
    "tyrosine_loss_per_h": _q(0.2, "1/h", _BEST),
    "pool_loss_per_h": _q(0.2, "1/h", _BEST),
    "th_vmax_umol_l_h": _q(125.0, "umol/L/h", _BEST),
    "th_km_tyrosine_umol_l": _q(46.0, "umol/L", _BEST),
    "th_km_bh4_umol_l": _q(60.0, "umol/L", _BEST),
    "th_ki_cytosol_umol_l": _q(110.0, "umol/L", _BEST),
    "th_substrate_factor": _q(0.56, "ratio", _BEST),
    "th_ki_tyrosine_umol_l": _q(160.0, "umol/L", _BEST),
    "autoreceptor_gain": _q(4.5, "ratio", _BEST),
    "autoreceptor_slope": _q(8.0, "ratio", _BEST),
    "autoreceptor_floor": _q(0.5, "ratio", _BEST),
    "autoreceptor_reference_umol_l": _q(0.002024, "umol/L", _BEST),
    "biopterin_total_umol_l": _q(360.0, "umol/L", _BEST + ": BH4 319 + BH2 41", "derived"),
    "bh2_reduction_vmax_umol_l_h": _q(200.0, "umol/L/h", _BEST),
    "bh2_reduction_km_umol_l": _q(100.0, "umol/L", _BEST),
    "bh4_oxidation_vmax_umol_l_h": _q(80.0, "umol/L/h", _BEST),
    "bh4_oxidation_km_umol_l": _q(10.0, "umol/L", _BEST),
    "nadph_umol_l": _q(330.0, "umol/L", _COFACTOR),
    "nadp_umol_l": _q(26.0, "umol/L", _COFACTOR),
    "nadph_km_umol_l": _q(75.0, "umol/L", _BEST),
    "aadc_vmax_umol_l_h": _q(10_000.0, "umol/L/h", _BEST),
    "aadc_km_umol_l": _q(130.0, "umol/L", _BEST),
    "mao_per_h": _q(10.0, "1/h", _BEST),
    "acid_loss_per_h": _q(3.45, "1/h", _BEST),
    "release_per_h": _q(1.0, "1/h", _BEST),
    "cytosol_fraction": _q(
        1.0, "fraction", _BEST + ": all compartments have the size 1", factor=1.0
    ),
}

_OUTSIDE = {
    "outside_catabolism_vmax_umol_l_h": _q(30.0, "umol/L/h", _BEST),
    "outside_catabolism_km_umol_l": _q(3.0, "umol/L", _BEST),
    "outside_loss_per_h": _q(400.0, "1/h", _BEST),
}

#: The dopamine terminal as published.
BEST_2009 = (
    _CATECHOL
    | {
        "vmat_vmax_umol_l_h": _q(7082.0, "umol/L/h", _BEST),
        "vmat_km_umol_l": _q(3.0, "umol/L", _BEST),
        "vmat_efflux_per_h": _q(0.0, "1/h", _BEST + ": VMAT2 carries nothing out"),
        "vesicle_leak_per_h": _q(
            40.0, "1/h", _BEST + "; a half-time of 1 min, faster than any measured depletion"
        ),
        "dat_vmax_umol_l_h": _q(8000.0, "umol/L/h", _BEST),
        "dat_km_umol_l": _q(0.2, "umol/L", _BEST),
    }
    | _OUTSIDE
)

_COUPLED = "derived from the vesicle and the density of vesicles that keeps Best 2009's content"

#: What :meth:`vmatcore.Terminal.default` assumes beside the vesicle.
STRUCTURE = {
    "cytosol_fraction": Quantity(
        value=0.01,
        unit="fraction",
        source="assumed: litres of terminal cytosol in a litre of tissue; changes how fast "
        "cytosolic amine follows, never where it settles",
        status="assumed",
        low=0.003,
        high=0.05,
    ),
    "coupled": Quantity(value=0.0, unit="ratio", source=_COUPLED, status="derived"),
}

#: The norepinephrine terminal beside its vesicle.
NOREPINEPHRINE = (
    _CATECHOL
    | {
        "autoreceptor_reference_umol_l": Quantity(
            value=0.003210349802973937,
            unit="umol/L",
            source="derived: this terminal's own extracellular norepinephrine at rest, so that "
            "the receptor is neutral there; its law is assumed to be the dopamine terminal's",
            status="derived",
        ),
        "dbh_vmax_umol_l_h": _q(
            200.0,
            "umol/L/h",
            "assumed: leaves a few per cent of the vesicles' catecholamine as dopamine",
            "assumed",
            4.0,
        ),
        "dbh_km_umol_l": _q(
            20.0, "umol/L", "assumed, in the units of the vesicular pool", "assumed", 4.0
        ),
        "net_vmax_umol_l_h": _q(8000.0, "umol/L/h", "assumed equal to DAT's", "assumed", 4.0),
        "net_km_dopamine_umol_l": _q(0.2, "umol/L", "assumed equal to DAT's", "assumed", 2.0),
        "net_km_umol_l": Quantity(
            value=0.4,
            unit="umol/L",
            source="0.25 to 0.7, recalled, source not checked",
            status="recalled",
            low=0.25,
            high=0.7,
        ),
    }
    | _OUTSIDE
)

_DERIVED_POOL = "follows from the published steady state"

#: The serotonin terminal as published.
SEROTONIN = {
    "blood_tryptophan_umol_l": _q(96.0, "umol/L", _BEST_2010),
    "tryptophan_import_vmax_umol_l_h": _q(700.0, "umol/L/h", _BEST_2010),
    "tryptophan_import_km_umol_l": _q(330.0, "umol/L", _BEST_2010),
    "tryptophan_to_pool_per_h": _q(9.0, "1/h", _BEST_2010),
    "tryptophan_from_pool_per_h": _q(0.6, "1/h", _BEST_2010),
    "tryptophan_loss_per_h": _q(2.0, "1/h", _BEST_2010),
    "pool_loss_per_h": _q(1.0, "1/h", _BEST_2010),
    "tph_vmax_umol_l_h": _q(278.0, "umol/L/h", _BEST_2010),
    "tph_km_tryptophan_umol_l": _q(40.0, "umol/L", _BEST_2010),
    "tph_ki_tryptophan_umol_l": _q(1000.0, "umol/L", _BEST_2010),
    "tph_km_bh4_umol_l": _q(20.0, "umol/L", _BEST_2010),
    "synthesis_inhibition": _q(0.5, "ratio", _BEST_2010),
    "biopterin_total_umol_l": _q(1.0, "umol/L", _DERIVED_POOL, "derived"),
    "bh2_reduction_vmax_umol_l_h": _q(5000.0, "umol/L/h", _BEST_2010),
    "bh2_reduction_km_umol_l": _q(100.0, "umol/L", _BEST_2010),
    "bh4_oxidation_vmax_umol_l_h": _q(3.0, "umol/L/h", _BEST_2010),
    "bh4_oxidation_km_umol_l": _q(10.0, "umol/L", _BEST_2010),
    "nadph_umol_l": _q(330.0, "umol/L", _BEST_2010),
    "nadp_umol_l": _q(26.0, "umol/L", _BEST_2010),
    "nadph_km_umol_l": _q(75.0, "umol/L", _BEST_2010),
    "aadc_vmax_umol_l_h": _q(400.0, "umol/L/h", _BEST_2010),
    "aadc_km_umol_l": _q(160.0, "umol/L", _BEST_2010),
    "vmat_vmax_umol_l_h": _q(1230.0, "umol/L/h", _BEST_2010),
    "vmat_km_umol_l": _q(0.2, "umol/L", _BEST_2010 + ", which cites 0.123 to 0.252"),
    "vmat_efflux_per_h": _q(0.0, "1/h", _BEST_2010 + ": VMAT2 carries nothing out"),
    "vesicle_leak_per_h": _q(1.0, "1/h", _BEST_2010),
    "sert_vmax_umol_l_h": _q(250.0, "umol/L/h", _BEST_2010),
    "sert_km_umol_l": _q(0.06, "umol/L", _BEST_2010),
    "uptake2_vmax_umol_l_h": _q(70.0, "umol/L/h", _BEST_2010 + ": 0.05 of 1400"),
    "uptake2_km_umol_l": _q(0.17, "umol/L", _BEST_2010),
    "uptake2_threshold_umol_l": _q(0.0605, "umol/L", _BEST_2010, factor=1.0),
    "uptake2_ramp_umol_l": _q(0.02, "umol/L", _BEST_2010),
    "mao_vmax_umol_l_h": _q(4000.0, "umol/L/h", _BEST_2010),
    "mao_km_umol_l": _q(95.0, "umol/L", _BEST_2010),
    "outward_diffusion_per_h": _q(1.0, "1/h", _BEST_2010),
    "outside_loss_per_h": _q(40.0, "1/h", _BEST_2010),
    "acid_loss_per_h": _q(1.0, "1/h", _BEST_2010),
    "release_per_h": _q(1.89, "1/h", _BEST_2010),
    "release_inhibition": _q(0.5, "1/h", _BEST_2010),
    "histamine_g": _q(
        0.6947,
        "ratio",
        _BEST_2010 + ": where its histamine cascade settles at 1.39 umol/L histamine",
        "derived",
        1.0,
    ),
    "histamine_g_reference": _q(0.6947, "ratio", _BEST_2010, factor=1.0),
    "receptor_on_per_umol_l_h": _q(36_000.0, "L/umol/h", _BEST_2010),
    "receptor_off_per_h": _q(20_000.0, "1/h", _BEST_2010),
    "receptor_total": _q(10.0, "ratio", _BEST_2010, factor=1.0),
    "g_on_per_h": _q(20.0, "1/h", _BEST_2010),
    "g_off_per_h": _q(200.0, "1/h", _BEST_2010),
    "g_total": _q(10.0, "ratio", _BEST_2010, factor=1.0),
    "regulator_on_per_h": _q(30.0, "1/h", _BEST_2010),
    "regulator_off_per_h": _q(200.0, "1/h", _BEST_2010),
    "regulator_total": _q(10.0, "ratio", _BEST_2010, factor=1.0),
    "g_reference": _q(0.8639, "ratio", _BEST_2010, factor=1.0),
    "sert_total": _q(2.0, "ratio", _DERIVED_POOL, "derived", 1.0),
    "sert_insertion_per_h": _q(2.0, "1/h", _BEST_2010),
    "sert_steepness": _q(500.0, "ratio", _BEST_2010, factor=1.0),
    "sert_removal_per_h": _q(1.0, "1/h", _BEST_2010),
    "ssri_umol_l": _q(0.0, "umol/L", "none is taken", "assumed"),
    "ssri_inhibition_umol_l": _q(0.184, "umol/L", _BEST_2010 + ": 0.0276/0.15", "derived"),
    "ssri_removal_umol_l": _q(0.02, "umol/L", _BEST_2010),
    "cytosol_fraction": _q(1.0, "fraction", _BEST_2010, factor=1.0),
}
