"""Calibrate the catalogue on published observations, and say what is left over.

    python -m docs.validation.calibrate           print the fit and the residuals
    python -m docs.validation.calibrate --write   put the values into the catalogue

Only rows of observations.csv with use = calibration are used, with one exception:
the only published scale of reserpine's plasma level is a recalled context row
(E0159), and its volume is scaled to it. Two rows are stretched: the isomer shares
were published for deutetrabenazine and stand for tetrabenazine, and the absorbed
fraction is a lower bound taken as the value. Each parameter marked "calibrated by
docs/validation/calibrate.py" comes from here.
"""

from __future__ import annotations

import argparse
import math
import re
from functools import cache

import numpy as np
from scipy import optimize

import vmatcore as vm
from docs.validation.rows import HERE, observations
from docs.validation.simulated import ALPHA, BETA
from vmatcore.drugs import Drug

DATA = HERE.parents[1] / "python" / "vmatcore" / "drugs" / "data"

# A single dose is followed this finely while it peaks, and this long to its last slope.
PEAK_H = np.linspace(0.0, 12.0, 2401)
LATE_H = np.array([72.0, 84.0])


@cache
def observed(row: str) -> float:
    """Return the value of a calibration row; any other row is refused."""
    found = observations()[row]
    if found["use"] != "calibration":
        raise ValueError(f"{row} is a {found['use']} row and must not be calibrated on")
    return float(found["value"])


def plasma_ng_ml(drug: Drug, dose_mg: float, time_h, moieties, **subject) -> np.ndarray:
    """Return the summed plasma concentration after one dose."""
    pk = vm.pk.simulate(
        vm.Regimen.once(drug.name, dose_mg=dose_mg),
        time_h=time_h,
        subject=vm.Subject(**subject),
        drugs=[drug],
        threads=1,
    )
    return pk.plasma_ng_ml[0, [pk.index(name) for name in moieties]].sum(axis=0)


def auc_ng_h_ml(drug: Drug, dose_mg: float, moieties, **subject) -> float:
    """Return the summed area from 0 to infinity (2,000 h) after one dose."""
    pk = vm.pk.simulate(
        vm.Regimen.once(drug.name, dose_mg=dose_mg),
        time_h=[0.0],
        subject=vm.Subject(**subject),
        drugs=[drug],
    )
    areas = pk.exposure_nmol_h_l(0.0, 2000.0)[0]
    return sum(areas[pk.index(n)] * drug.moiety(n).molar_mass.value / 1000 for n in moieties)


def half_life_h(drug: Drug, moieties) -> float:
    """Return the half-life of the last slope."""
    early, late = plasma_ng_ml(drug, 25.0, LATE_H, moieties)
    return math.log(2.0) * (LATE_H[1] - LATE_H[0]) / math.log(early / late)


def peak(drug: Drug, dose_mg: float, moieties, **subject) -> tuple[float, float]:
    """Return Cmax (ng/mL) and tmax (h)."""
    course = plasma_ng_ml(drug, dose_mg, PEAK_H, moieties, **subject)
    return float(course.max()), float(PEAK_H[course.argmax()])


def tetrabenazine_clearances() -> dict[str, float]:
    """Solve isomer shares, total AUC and absorbed fraction for clearances and formation.

    The AUC of an isomer formed in the liver is D f_a fr/x, and the two isomers of
    an enantiomer share its half of the dose, so x of alpha and beta follow from
    two linear equations. The AUC ratio without CYP2D6 is x/x_other.
    """
    drug = vm.drugs.get("tetrabenazine")
    metabolite = drug.moiety("(+)-alpha-HTBZ").molar_mass.value
    per_enantiomer = 0.5 * 25.0 / drug.parameters["molar_mass"].value * observed("E0093")  # mmol
    total = observed("E0117") / 1000.0 / metabolite  # mmol h/L
    plus_alpha, minus_alpha = observed("E0345") / 100, observed("E0343") / 100
    plus_beta, minus_beta = observed("E0344") / 100, observed("E0346") / 100
    shares = np.array([[plus_alpha, plus_beta], [minus_alpha, minus_beta]]) * total
    alpha, beta = np.linalg.solve(shares, [per_enantiomer, per_enantiomer])
    other = alpha / observed("E0194")
    plus = plus_alpha * total * alpha / per_enantiomer
    minus = minus_alpha * total * alpha / per_enantiomer
    return {
        "plus_to_alpha": plus,
        "minus_to_alpha": minus,
        "alpha_cyp2d6_clearance": alpha - other,
        "alpha_other_clearance": other,
        "beta_cyp2d6_clearance": beta - other,
        "beta_other_clearance": other,
    }


def tetrabenazine_disposition(clearances: dict[str, float]) -> dict[str, float]:
    """Fit the volumes, their exchange and the absorption rate to half-lives and peak."""
    names = ("central_volume", "peripheral_volume", "exchange", "absorption_rate")
    start = vm.drugs.get("tetrabenazine").with_parameters(clearances)

    def residuals(logs: np.ndarray) -> list[float]:
        drug = start.with_parameters(dict(zip(names, np.exp(logs), strict=True)))
        cmax, tmax = peak(drug, 25.0, ALPHA + BETA)
        return [
            math.log(half_life_h(drug, ALPHA) / observed("E0096")),
            math.log(half_life_h(drug, BETA) / observed("E0097")),
            math.log(cmax / observed("E0116")),
            math.log(tmax / observed("E0104")),
        ]

    guess = np.log([62.0, 200.0, 83.0, 2.1])
    fit = optimize.least_squares(residuals, guess, diff_step=1e-3, xtol=1e-10)
    return dict(zip(names, np.exp(fit.x), strict=True))


def deutetrabenazine(tetrabenazine: dict[str, float]) -> dict[str, float]:
    """Solve the isotope effects from the AUC ratio and the paroxetine ratio, then the tablet."""
    heavy = vm.drugs.get("deutetrabenazine")
    own = set(heavy.parameters)
    base = vm.drugs.get("tetrabenazine").with_parameters(tetrabenazine)
    inherited = {k: v for k, v in tetrabenazine.items() if k in own and k != "absorption_rate"}
    light_area = auc_ng_h_ml(base, 25.0, ALPHA + BETA)
    alpha = tuple(f"d6-{name}" for name in ALPHA)
    every = alpha + tuple(f"d6-{name}" for name in BETA)

    def with_effects(effects: np.ndarray) -> Drug:
        named = {"isotope_effect.CYP2D6": effects[0], "isotope_effect.other": effects[1]}
        return heavy.with_parameters({**inherited, **named})

    def misses(logs: np.ndarray) -> list[float]:
        drug = with_effects(np.exp(logs))
        ratio = auc_ng_h_ml(drug, 22.5, alpha, cyp2d6="poor") / auc_ng_h_ml(drug, 22.5, alpha)
        return [
            math.log(auc_ng_h_ml(drug, 25.0, every) / light_area / observed("E0121")),
            math.log(ratio / observed("E0206")),
        ]

    effects = np.exp(optimize.fsolve(misses, np.log([2.65, 1.19]), xtol=1e-12))
    drug = with_effects(effects)

    def late(log_rate: float) -> float:
        tablet = drug.with_parameters({"absorption_rate": math.exp(log_rate)})
        return peak(tablet, 25.0, every)[1] - observed("E0126")

    rate = math.exp(optimize.brentq(late, math.log(0.02), math.log(2.0), xtol=1e-6))
    return {
        "isotope_effect.CYP2D6": float(effects[0]),
        "isotope_effect.other": float(effects[1]),
        "absorption_rate": rate,
    }


def reserpine() -> dict[str, float]:
    """Turn the two half-lives and the share of the first into clearances and volumes.

    The share of the initial phase, 0.8 of the initial concentration, is assumed.
    """
    first, last, share = observed("E0148"), observed("E0154"), 0.8
    fast, slow = math.log(2.0) / first, math.log(2.0) / last
    back = share * slow + (1.0 - share) * fast
    out = fast * slow / back
    there = fast + slow - back - out
    drug = vm.drugs.get("reserpine")

    def at_volume(volume: float) -> dict[str, float]:
        return {
            "central_volume": volume,
            "clearance": out * volume,
            "exchange": there * volume,
            "peripheral_volume": there / back * volume,
        }

    cmax, _ = peak(drug.with_parameters(at_volume(100.0)), 0.5, ("reserpine",))
    return at_volume(100.0 * cmax / CMAX_RESERPINE_NG_ML)


#: Peak after 0.5 mg, ng/mL (row E0159): the only published scale of the plasma level.
CMAX_RESERPINE_NG_ML = 1.1


def fit() -> dict[str, dict[str, float]]:
    """Return all calibrated values by drug."""
    clearances = tetrabenazine_clearances()
    light = {**clearances, **tetrabenazine_disposition(clearances)}
    return {
        "tetrabenazine": light,
        "deutetrabenazine": deutetrabenazine(light),
        "reserpine": reserpine(),
    }


def rounded(value: float) -> float:
    """Return four significant digits; more would pretend."""
    return float(f"{value:.4g}")


def write(found: dict[str, dict[str, float]]) -> None:
    """Put the values into the catalogue's files."""
    for drug, values in found.items():
        path = DATA / f"{drug}.toml"
        text = path.read_text(encoding="utf-8")
        for name, value in values.items():
            key = name.removeprefix("isotope_effect.")
            pattern = rf"(?m)^({re.escape(key)} = \{{ value = )[^,]+"
            text, count = re.subn(pattern, rf"\g<1>{rounded(value)!r}", text, count=1)
            if count != 1:
                raise ValueError(f"{path.name} has no {key}")
        path.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the values into the catalogue")
    found = fit()
    for drug, values in found.items():
        shipped = vm.drugs.get(drug)
        for name, value in values.items():
            effect = name.removeprefix("isotope_effect.")
            table = shipped.parameters if effect == name else shipped.isotope_effects
            print(f"{drug:17} {name:24} {value:10.4g}   in the catalogue {table[effect].value:g}")
    if parser.parse_args().write:
        write(found)


if __name__ == "__main__":
    main()
