"""What the package says for each published observation, in the observation's own unit.

Each entry of :data:`SIMULATED` is a row of observations.csv and the function
that simulates it. Rows that no stage can simulate yet are not here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np

import vmatcore as vm

TD, HD = "tardive dyskinesia", "Huntington's chorea"
ALPHA = ("(+)-alpha-HTBZ", "(-)-alpha-HTBZ")
BETA = ("(+)-beta-HTBZ", "(-)-beta-HTBZ")
HEAVY_ALPHA = tuple(f"d6-{name}" for name in ALPHA)
HEAVY_BETA = tuple(f"d6-{name}" for name in BETA)
ACTIVE = ("(+)-alpha-HTBZ",)
ISOMERS = {"E0343": 1, "E0344": 2, "E0345": 0, "E0346": 3}


@cache
def run(regimen: str, **subject: object) -> vm.Run:
    """Simulate once, whoever asks."""
    return vm.simulate(regimen, subject=vm.Subject(**subject), until_h=None)  # type: ignore[arg-type]


def steady(regimen: str, moieties: tuple[str, ...], **subject: object):
    """Return the metrics of the summed moieties over the last dosing interval."""
    return run(regimen, **subject).metrics("pk", totals={"sum": list(moieties)})


def course(regimen: str, moieties: tuple[str, ...], time_h, **subject: object) -> np.ndarray:
    """Return the summed plasma concentration in ng/mL."""
    pk = run(regimen, **subject).pk.read(time_h)
    return pk.plasma_ng_ml[0, [pk.index(name) for name in moieties]].sum(axis=0)


def area(regimen: str, moieties: tuple[str, ...], **subject: object) -> float:
    """Return the area to infinity (2,000 h) in ng h/mL."""
    pk = run(regimen, **subject).pk
    areas = pk.exposure_nmol_h_l(0.0, 2000.0)[0]
    return float(
        sum(
            areas[pk.index(name)] * pk.moieties[pk.index(name)].molar_mass.value / 1000
            for name in moieties
        )
    )


def peak(regimen: str, moieties: tuple[str, ...], **subject: object) -> tuple[float, float]:
    """Return Cmax (ng/mL) and tmax (h)."""
    hours = np.linspace(0.0, 24.0, 4801)
    values = course(regimen, moieties, hours, **subject)
    return float(values.max()), float(hours[values.argmax()])


def half_life(
    regimen: str, moieties: tuple[str, ...], window_h: tuple[float, float], **subject: object
) -> float:
    """Return the half-life between two times."""
    early, late = course(regimen, moieties, np.array(window_h), **subject)
    return math.log(2.0) * (window_h[1] - window_h[0]) / math.log(early / late)


def _valbenazine(name: str) -> float:
    """A parameter of valbenazine; apparent ones times F 0.49 (E0001) are comparable to iv."""
    return vm.drugs.get("valbenazine").parameters[name].value


def _per_mg(moieties: tuple[str, ...], **subject: object) -> float:
    """Mean concentration per mg of valbenazine in patients with tardive dyskinesia."""
    return steady(_daily(80), moieties, condition=TD, **subject).mean.item() / 80.0


def _apparent_clearance(moieties: tuple[str, ...]) -> float:
    """Dose over area after deutetrabenazine, in L/h."""
    return 25.0 * 1000.0 / area(DTBZ, moieties)


def _daily(dose_mg: int) -> str:
    return f"valbenazine {dose_mg} mg q24h x 28"


def peak_ratio(regimen: str, moieties: tuple[str, ...], **subject: object) -> float:
    """Return Cmax in this subject over that in the reference subject."""
    return peak(regimen, moieties, **subject)[0] / peak(regimen, moieties)[0]


def area_ratio(regimen: str, moieties: tuple[str, ...], **subject: object) -> float:
    """Return the area to infinity in this subject over that in the reference subject."""
    return area(regimen, moieties, **subject) / area(regimen, moieties)


TBZ, DTBZ, VBZ, RES = (
    "tetrabenazine 25 mg", "deutetrabenazine 25 mg", "valbenazine 80 mg", "reserpine 0.5 mg",
)  # fmt: skip
LAST_SLOPE_H = (72.0, 84.0)
SAMPLED_H = (12.0, 24.0)

SIMULATED: dict[str, Callable[[], float]] = {
    # valbenazine
    "E0002": lambda: peak(VBZ, ("valbenazine",))[1],
    "E0003": lambda: peak(VBZ, ACTIVE)[1],
    "E0004": lambda: half_life(VBZ, ("valbenazine",), LAST_SLOPE_H),
    "E0005": lambda: half_life(VBZ, ACTIVE, LAST_SLOPE_H),
    "E0006": lambda: half_life(VBZ, ("valbenazine",), LAST_SLOPE_H),
    "E0007": lambda: half_life(VBZ, ACTIVE, LAST_SLOPE_H),
    "E0009": lambda: peak(VBZ, ACTIVE)[1],
    "E0010": lambda: 0.49 * _valbenazine("clearance"),
    "E0011": lambda: 0.49 * (_valbenazine("central_volume") + _valbenazine("peripheral_volume")),
    "E0040": lambda: _per_mg(("valbenazine",)),
    "E0041": lambda: _per_mg(ACTIVE),
    "E0161": lambda: (
        steady(_daily(80), ACTIVE, cyp2d6="poor").auc / steady(_daily(80), ACTIVE).auc
    ).item(),
    "E0162": lambda: (
        steady(_daily(80), ACTIVE, cyp2d6="poor").cmax / steady(_daily(80), ACTIVE).cmax
    ).item(),
    "E0163": lambda: (
        steady(_daily(80), ACTIVE, cyp2d6="intermediate").auc / steady(_daily(80), ACTIVE).auc
    ).item(),
    "E0176": lambda: _per_mg(("valbenazine",), cyp2d6="poor"),
    "E0177": lambda: _per_mg(ACTIVE, cyp2d6="poor"),
    "E0019": lambda: peak_ratio(VBZ, ("valbenazine",), food="fed"),
    "E0020": lambda: area_ratio(VBZ, ("valbenazine",), food="fed"),
    "E0021": lambda: area_ratio(VBZ, ACTIVE, food="fed"),
    "E0179": lambda: peak_ratio(VBZ, ("valbenazine",), comedication=("ketoconazole",)),
    "E0180": lambda: area_ratio(VBZ, ("valbenazine",), comedication=("ketoconazole",)),
    "E0181": lambda: peak_ratio(VBZ, ACTIVE, comedication=("ketoconazole",)),
    "E0182": lambda: area_ratio(VBZ, ACTIVE, comedication=("ketoconazole",)),
    "E0183": lambda: peak_ratio(VBZ, ("valbenazine",), comedication=("rifampin",)),
    "E0184": lambda: area_ratio(VBZ, ("valbenazine",), comedication=("rifampin",)),
    "E0185": lambda: peak_ratio(VBZ, ACTIVE, comedication=("rifampin",)),
    "E0186": lambda: area_ratio(VBZ, ACTIVE, comedication=("rifampin",)),
    "E0187": lambda: peak_ratio(VBZ, ACTIVE, comedication=("paroxetine",)),
    "E0188": lambda: area_ratio(VBZ, ACTIVE, comedication=("paroxetine",)),
    "E0191": lambda: area_ratio(VBZ, ACTIVE, hepatic_impairment="moderate"),
    "E0089": lambda: (
        (area("valbenazine 60 mg", ("valbenazine",)) / area("valbenazine 40 mg", ("valbenazine",)))
        / 1.5
    ),
    "E0090": lambda: area(VBZ, ("valbenazine",)) / area("valbenazine 40 mg", ("valbenazine",)) / 2,
    # tetrabenazine
    "E0091": lambda: _parent_bioavailability(),
    "E0092": lambda: _parent_bioavailability(),
    "E0094": lambda: half_life(TBZ, ("(+)-TBZ",), SAMPLED_H),
    "E0096": lambda: half_life(TBZ, ALPHA, LAST_SLOPE_H),
    "E0097": lambda: half_life(TBZ, BETA, LAST_SLOPE_H),
    "E0098": lambda: half_life(TBZ, ALPHA, LAST_SLOPE_H),
    "E0099": lambda: half_life(TBZ, BETA, LAST_SLOPE_H),
    "E0100": lambda: half_life(TBZ, ALPHA + BETA, SAMPLED_H),
    "E0101": lambda: half_life(TBZ, ALPHA, LAST_SLOPE_H),
    "E0102": lambda: peak(TBZ, ALPHA)[1],
    "E0104": lambda: peak(TBZ, ALPHA + BETA)[1],
    "E0112": lambda: run("tetrabenazine 25 mg q8h x 84").washout().occupancy_half_h.item(),
    "E0116": lambda: peak(TBZ, ALPHA + BETA)[0],
    "E0117": lambda: area(TBZ, ALPHA + BETA),
    "E0118": lambda: half_life(TBZ, ALPHA + BETA, SAMPLED_H),
    "E0111": lambda: area_ratio(TBZ, ALPHA + BETA, food="fed"),
    "E0193": lambda: peak_ratio("tetrabenazine 50 mg", ALPHA, comedication=("paroxetine",)),
    "E0194": lambda: area_ratio("tetrabenazine 50 mg", ALPHA, comedication=("paroxetine",)),
    "E0200": lambda: half_life(TBZ, ALPHA, LAST_SLOPE_H, hepatic_impairment="moderate"),
    "E0201": lambda: half_life(TBZ, BETA, LAST_SLOPE_H, hepatic_impairment="moderate"),
    "E0202": lambda: area_ratio(TBZ, ALPHA + BETA, hepatic_impairment="moderate"),
    # deutetrabenazine
    "E0120": lambda: (
        half_life(DTBZ, HEAVY_ALPHA + HEAVY_BETA, SAMPLED_H)
        / half_life(TBZ, ALPHA + BETA, SAMPLED_H)
    ),
    "E0121": lambda: area(DTBZ, HEAVY_ALPHA + HEAVY_BETA) / area(TBZ, ALPHA + BETA),
    "E0125": lambda: half_life(DTBZ, HEAVY_ALPHA + HEAVY_BETA, LAST_SLOPE_H),
    "E0126": lambda: peak(DTBZ, HEAVY_ALPHA + HEAVY_BETA)[1],
    "E0131": lambda: (
        _apparent_clearance(HEAVY_ALPHA)
        * half_life(DTBZ, HEAVY_ALPHA, LAST_SLOPE_H)
        / math.log(2.0)
    ),
    "E0132": lambda: _apparent_clearance(HEAVY_ALPHA),
    "E0137": lambda: area(DTBZ, HEAVY_ALPHA) / area(DTBZ, HEAVY_BETA),
    "E0138": lambda: peak(DTBZ, ("d6-(+)-TBZ", "d6-(-)-TBZ"))[0],
    "E0141": lambda: peak("deutetrabenazine-xr 24 mg", HEAVY_ALPHA + HEAVY_BETA)[1],
    "E0206": lambda: area_ratio(
        "deutetrabenazine 22.5 mg", HEAVY_ALPHA, comedication=("paroxetine",)
    ),
    # reserpine
    "E0147": lambda: peak("reserpine 0.25 mg", ("reserpine",))[1],
    "E0154": lambda: half_life(RES, ("reserpine",), (200.0, 224.0)),
    "E0155": lambda: peak(RES, ("reserpine",))[1],
    "E0158": lambda: half_life(RES, ("reserpine",), (200.0, 224.0)) / 24.0,
    "E0159": lambda: peak(RES, ("reserpine",))[0],
}

for _row, _dose in (("E0073", 20), ("E0074", 40), ("E0075", 60), ("E0076", 80)):
    SIMULATED[_row] = lambda dose=_dose: steady(_daily(dose), ACTIVE, condition=HD).auc.item()  # type: ignore[misc]
for _row, _dose in (("E0077", 20), ("E0078", 40), ("E0079", 60), ("E0080", 80)):
    SIMULATED[_row] = lambda dose=_dose: steady(_daily(dose), ACTIVE, condition=TD).auc.item()  # type: ignore[misc]
for _row, _dose in (("E0081", 20), ("E0083", 40), ("E0085", 60), ("E0087", 80)):
    SIMULATED[_row] = lambda dose=_dose: steady(_daily(dose), ACTIVE, condition=HD).cmax.item()  # type: ignore[misc]
for _row, _dose in (("E0082", 20), ("E0084", 40), ("E0086", 60), ("E0088", 80)):
    SIMULATED[_row] = lambda dose=_dose: steady(_daily(dose), ACTIVE, condition=HD).trough.item()  # type: ignore[misc]


def _isomer_share(number: int) -> float:
    """The share of one isomer in the area of all four after deutetrabenazine, in percent."""
    names = HEAVY_ALPHA + HEAVY_BETA
    order = (names[0], names[1], names[2], names[3])
    return 100.0 * area(DTBZ, (order[number],)) / area(DTBZ, names)


for _row, _number in ISOMERS.items():
    SIMULATED[_row] = lambda number=_number: _isomer_share(number)  # type: ignore[misc]


def _parent_bioavailability() -> float:
    """The share of an oral dose of tetrabenazine that reaches the blood as itself.

    The area over dose, times the hepatic clearance, which is the parent's only way out.
    """
    drug = vm.drugs.get("tetrabenazine")
    flow = drug.parameters["liver_blood_flow"].value
    intrinsic = drug.parameters["parent_clearance"].value
    clearance = flow * intrinsic / (flow + intrinsic)
    return area(TBZ, ("(+)-TBZ", "(-)-TBZ")) / 1000.0 * clearance / 25.0


# The shares were published for deutetrabenazine; they are used for tetrabenazine,
# whose isomer pattern is known to be alike (Skor 2017).
