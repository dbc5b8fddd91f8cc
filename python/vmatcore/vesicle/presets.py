"""The constants of three kinds of vesicle, each with its source and how far to trust it."""

from __future__ import annotations

from vmatcore.drugs.quantity import Quantity, Status

__all__ = ["DOPAMINE", "NOREPINEPHRINE", "SEROTONIN"]


def _q(value: float, unit: str, source: str, status: Status, low: float, high: float) -> Quantity:
    return Quantity(value=value, unit=unit, source=source, status=status, low=low, high=high)


_ERICKSON = "human VMAT2, Erickson 1996, doi:10.1073/pnas.93.10.5166"

#: The vesicle of a dopamine terminal; the defaults of Vesicle.
DOPAMINE = {
    "diameter_nm": _q(
        40.0,
        "nm",
        "synaptic vesicles, mouse about 40, doi:10.1038/s41586-024-07610-x; human 39.5 +- 5.1",
        "measured",
        35.0,
        45.0,
    ),
    "transporters": _q(
        10.0, "copies", "assumed: VMAT2 was never counted; 2 to 10 are used", "assumed", 2.0, 20.0
    ),
    "kcat_per_s": _q(
        2.0,
        "1/s",
        "Peter 1994, J Biol Chem 269:7231: 0.2 to 5, by the site that is counted",
        "recalled",
        0.2,
        5.0,
    ),
    "km_umol_l": _q(1.4, "umol/L", _ERICKSON, "recalled", 0.3, 3.0),
    "cytosol_umol_l": _q(
        2.65,
        "umol/L",
        "steady state of a terminal model, Best 2009, doi:10.1186/1742-4682-6-21",
        "derived",
        0.1,
        20.0,
    ),
    "ph_cytosol": _q(7.4, "pH", "assumed: 7.2 to 7.4 are used", "assumed", 7.2, 7.4),
    "ph_lumen": _q(
        5.5,
        "pH",
        "assumed beside about 5.6 measured, doi:10.3389/neuro.04.003.2009",
        "assumed",
        5.4,
        5.8,
    ),
    "potential_mv": _q(
        70.0,
        "mV",
        "assumed: 40 to 80 in chromaffin ghosts with ATP, Njus 1986, recalled",
        "assumed",
        29.0,
        80.0,
    ),
    "protons_per_amine": _q(2.0, "protons", "doi:10.7554/eLife.91973", "measured", 2.0, 2.0),
    "leak_half_time_s": _q(
        450.0,
        "s",
        "assumed: minutes in isolated granules without a pH gradient, slower with it",
        "assumed",
        210.0,
        1800.0,
    ),
    "temperature_k": _q(310.15, "K", "body temperature", "assumed", 308.0, 312.0),
}

#: The vesicle of a serotonin terminal.
SEROTONIN = DOPAMINE | {
    "km_umol_l": _q(0.9, "umol/L", _ERICKSON, "recalled", 0.12, 0.9),
    "cytosol_umol_l": _q(
        2.65,
        "umol/L",
        "assumed equal to dopamine's: with the 0.0376 of a terminal model (Best 2010, "
        "doi:10.1186/1742-4682-7-34) this proton gradient holds 66 molecules, where quanta "
        "of thousands were reported",
        "assumed",
        0.0376,
        20.0,
    ),
}

#: The vesicle of a norepinephrine terminal.
NOREPINEPHRINE = DOPAMINE | {
    "km_umol_l": _q(3.4, "umol/L", _ERICKSON, "recalled", 1.4, 5.0),
    "cytosol_umol_l": _q(
        2.65, "umol/L", "assumed equal to dopamine's: no value was found", "assumed", 0.1, 20.0
    ),
}
