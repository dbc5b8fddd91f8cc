"""The constants of four regions, each with its source and how far to trust it."""

from __future__ import annotations

from vmatcore.drugs.quantity import Quantity, Status

__all__ = ["DORSAL", "NOREPINEPHRINE", "RECEPTORS", "SEROTONIN", "VENTRAL"]


def _q(value: float, unit: str, source: str, status: Status, low: float, high: float) -> Quantity:
    return Quantity(value=value, unit=unit, source=source, status=status, low=low, high=high)


_DREYER = "Dreyer 2010, doi:10.1523/JNEUROSCI.1894-10.2010"
_EJDRUP = "a model of dopamine in two parts of the striatum, Ejdrup 2024"

#: Dorsal (motor) striatum.
DORSAL = {
    "density_per_um3": _q(0.104, "1/um3", f"varicosities, {_DREYER}", "measured", 0.04, 0.104),
    "volume_fraction": _q(
        0.21, "fraction", "Nicholson 1995, doi:10.1016/0166-2236(95)93926-L", "measured", 0.18, 0.24
    ),
    "uptake_nmol_l_s": _q(
        4100.0, "nmol/L/s", f"{_DREYER}; 3800 in Wu 2001", "measured", 3800.0, 6000.0
    ),
    "uptake_km_nmol_l": _q(210.0, "nmol/L", f"{_DREYER}; 220 in Wu 2001", "measured", 160.0, 220.0),
    "loss_per_s": _q(
        0.04,
        "1/s",
        "loss besides the transporter, Budygin 2002, as used in models",
        "recalled",
        0.0,
        0.1,
    ),
    "gain": _q(3.0, "ratio", "1/(1 + 3 a) in a model of dopamine terminals", "assumed", 0.0, 6.0),
    "autoreceptor_nmol_l": _q(
        100.0, "nmol/L", "terminal autoreceptor in the same model", "assumed", 7.0, 300.0
    ),
    "tonic_molecules_per_s": _q(
        720.0,
        "molecules/s",
        "derived: 3,000 molecules, 0.06 quanta per spike and varicosity, 4 spikes/s",
        "derived",
        300.0,
        1500.0,
    ),
}

#: Ventral (limbic) striatum: a third of the uptake.
VENTRAL = DORSAL | {
    "uptake_nmol_l_s": _q(
        1500.0,
        "nmol/L/s",
        f"2000 beside 6000 in the dorsal striatum, {_EJDRUP}; 1500 beside 4000 in another model; "
        "here in proportion to the dorsal value",
        "derived",
        1300.0,
        2000.0,
    ),
}

#: A serotonin region; release and density are assumed.
SEROTONIN = DORSAL | {
    "density_per_um3": _q(0.006, "1/um3", "assumed, sparser than dopamine", "assumed", 0.002, 0.03),
    "uptake_nmol_l_s": _q(
        780.0,
        "nmol/L/s",
        "rat substantia nigra, Bunin 1998, doi:10.1523/JNEUROSCI.18-13-04854.1998",
        "recalled",
        780.0,
        1300.0,
    ),
    "uptake_km_nmol_l": _q(
        170.0,
        "nmol/L",
        "Bunin 1998, doi:10.1523/JNEUROSCI.18-13-04854.1998",
        "recalled",
        60.0,
        170.0,
    ),
    "loss_per_s": _q(0.0, "1/s", "assumed: none besides the transporter", "assumed", 0.0, 0.1),
    "tonic_molecules_per_s": _q(
        270.0,
        "molecules/s",
        "assumed: 3,000 molecules, 0.06 quanta per spike, 1.5 spikes/s",
        "assumed",
        50.0,
        1500.0,
    ),
}

#: A norepinephrine region; release and density are assumed.
NOREPINEPHRINE = DORSAL | {
    "density_per_um3": _q(0.006, "1/um3", "assumed, sparser than dopamine", "assumed", 0.001, 0.01),
    "uptake_nmol_l_s": _q(
        72.0,
        "nmol/L/s",
        "derived: Km times 0.24/s, from a half-life of 2.9 s in the locus coeruleus, Palij 1994",
        "derived",
        30.0,
        200.0,
    ),
    "uptake_km_nmol_l": _q(300.0, "nmol/L", "0.25 to 0.7 umol/L", "recalled", 250.0, 700.0),
    "loss_per_s": _q(0.0, "1/s", "assumed: none besides the transporter", "assumed", 0.0, 0.1),
    "tonic_molecules_per_s": _q(
        360.0,
        "molecules/s",
        "assumed: 3,000 molecules, 0.06 quanta per spike, 2 spikes/s",
        "assumed",
        50.0,
        1500.0,
    ),
}

#: Dopamine receptors: EC50 in nmol/L and unbinding in 1/s.
RECEPTORS = {
    "d1_ec50_nmol_l": _q(1000.0, "nmol/L", _EJDRUP, "measured", 1000.0, 1600.0),
    "d1_off_per_s": _q(19.5, "1/s", _EJDRUP, "assumed", 0.01, 19.5),
    "d2_ec50_nmol_l": _q(7.0, "nmol/L", _EJDRUP, "measured", 7.0, 25.0),
    "d2_off_per_s": _q(0.2, "1/s", _EJDRUP, "assumed", 0.008, 0.2),
}
