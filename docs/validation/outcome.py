"""The outcome: fit one number for both scales, one hazard for each side effect, two slopes.

python -m docs.validation.outcome     fit anew and print

Only rows marked *calibration* and *input* are seen by a fit. Where the arms disagree, the
interval of a number is widened by the misfit; no second parameter absorbs it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import optimize

import vmatcore as vm
from docs.validation.rows import observations
from vmatcore.outcome import effects
from vmatcore.outcome.day import last_day
from vmatcore.signal import SignalCourse

TD, HD = "tardive dyskinesia", "Huntington's chorea"
FITTED_USES = ("calibration", "input")

#: 95 % of a chi-square with one degree of freedom.
LIMIT = 3.841

VALBENAZINE_80 = ("valbenazine 40 mg q24h x 7 then 80 mg q24h x 35", TD)
VALBENAZINE_40 = ("valbenazine 40 mg q24h x 42", TD)
#: Mean doses: I0002 in thirds, I0003 and I0006 in halves.
TETRABENAZINE = ("tetrabenazine 21 mg q8h x 84", HD)
FIRST_HD = ("deutetrabenazine 20 mg q12h x 56", HD)
ARM_TD = ("deutetrabenazine 19 mg q12h x 56", TD)
AIM_TD = tuple((f"deutetrabenazine {mg} mg q12h x 56", TD) for mg in (6, 12, 18))
#: AIM-TD 12, 24, 36 mg/d and ARM-TD in equal shares; their sizes are nearly equal.
POOLED_TD = (*AIM_TD, ARM_TD)

Treated = tuple[str, str]


class Arm(NamedTuple):
    """A treated arm of a trial: its row, placebo's row, who took what."""

    row: str
    placebo: str
    treated: tuple[Treated, ...]


ARMS: Mapping[str, Sequence[Arm]] = {
    "akathisia": (
        Arm("E0393", "E0392", (VALBENAZINE_40,)),
        Arm("E0394", "E0392", (VALBENAZINE_80,)),
        Arm("E0484", "E0485", (TETRABENAZINE,)),
        Arm("E0565", "E0566", POOLED_TD),
    ),
    "somnolence": (
        Arm("E0390", "E0389", (VALBENAZINE_40,)),
        Arm("E0391", "E0389", (VALBENAZINE_80,)),
        Arm("E0502", "E0503", (FIRST_HD,)),
        Arm("E0504", "E0505", (TETRABENAZINE,)),
        Arm("E0561", "E0562", POOLED_TD),
    ),
    "depression": (
        Arm("E0492", "E0493", (TETRABENAZINE,)),
        Arm("E0567", "E0568", POOLED_TD),
    ),
}

#: Row: regimen, phenotype, hours after which the day ends.
QTC: Mapping[str, tuple[str, str, float]] = {
    "E0228": ("valbenazine 80 mg q24h x 28", "normal", 672.0),
    "E0229": ("valbenazine 80 mg q24h x 28", "poor", 672.0),
    "E0252": ("tetrabenazine 50 mg", "normal", 24.0),
    "E0287": ("deutetrabenazine 24 mg", "normal", 24.0),
}


class Fit(NamedTuple):
    """A number with its 95 % interval, and how the rows it saw are met."""

    value: float
    low: float
    high: float
    chi_square: float
    residuals: dict[str, tuple[float, float, float]]
    """By row: observed, fitted, standard error of the observed."""


def seen(row: str) -> dict[str, str]:
    """Return an observation that a fit may see."""
    found = observations()[row]
    if found["use"] not in FITTED_USES:
        raise ValueError(f"{row} is a {found['use']} row: not for a fit")
    return found


def number(row: str) -> float:
    return float(seen(row)["value"])


def people(row: str) -> int:
    """Return how many people a row speaks of."""
    found = re.search(r"n=(\d+)", observations()[row]["condition"])
    assert found is not None
    return int(found.group(1))


@cache
def levels(regimen: str, condition: str | None) -> SignalCourse:
    """Return the last day of a regimen."""
    run = vm.simulate(regimen, subject=vm.Subject(condition=condition))
    return last_day([run.occupancy], float(run.pk.time_h[-1]))[0]


def without_d2(name: str) -> vm.drugs.Drug:
    """Return a drug of the catalogue that does not hold D2: Ki at infinity."""
    drug = vm.drugs.get(name)
    moieties = tuple(
        replace(one, affinities={t: a for t, a in one.affinities.items() if t != "D2"})
        for one in drug.moieties
    )
    return replace(drug, moieties=moieties)


def benefit_arms() -> dict[str, tuple[Treated, float, float, float]]:
    """Return the two arms: treatment, baseline score, arm minus placebo, standard error."""
    kinect = number("E0369") - number("E0371")
    tetra = seen("E0468")
    error = (float(tetra["high"]) - float(tetra["low"])) / (2.0 * 1.96)
    return {
        "KINECT 3, 80 mg": (
            VALBENAZINE_80,
            number("E0373"),
            kinect,
            number("E0372") * math.sqrt(2.0),
        ),
        "TETRA-HD": (TETRABENAZINE, number("I0001"), float(tetra["value"]), error),
    }


def interval(excess: Callable[[float], float], best: float, misfit: float) -> tuple[float, float]:
    """Return where a chi-square has grown by the limit times the misfit, about its minimum."""
    limit = LIMIT * max(1.0, misfit)

    def over(logarithm: float) -> float:
        return excess(math.exp(logarithm)) - excess(best) - limit

    middle = math.log(best)
    ends = []
    for step in (-1.0, 1.0):
        far = middle + step
        while over(far) < 0.0 and abs(far - middle) < 12.0:
            far += step
        ends.append(
            math.exp(optimize.brentq(over, middle, far)) if over(far) > 0 else math.exp(far)
        )
    return ends[0], ends[1]


def minimum(function: Callable[[float], float], low: float, high: float) -> float:
    found = optimize.minimize_scalar(
        lambda x: function(math.exp(x)),
        bounds=(math.log(low), math.log(high)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return math.exp(found.x)


def fit_arms(driven: Mapping[str, float]) -> Fit:
    """Return the half-effect that meets the two arms best, given what drives each."""
    arms = benefit_arms()

    def predicted(name: str, half: float) -> float:
        return float(-arms[name][1] * effects.share_of_score(np.array([driven[name]]), half)[0])

    def chi_square(half: float) -> float:
        return sum(((predicted(n, half) - arm[2]) / arm[3]) ** 2 for n, arm in arms.items())

    best = minimum(chi_square, 1e-4, 1e3)
    misfit = chi_square(best)
    low, high = interval(chi_square, best, misfit)
    met = {name: (arm[2], predicted(name, best), arm[3]) for name, arm in arms.items()}
    return Fit(best, low, high, misfit, met)


@cache
def fit_half_effect(driver: str) -> Fit:
    """Return the half-effect of a driver from the two arms."""
    arms = benefit_arms()
    return fit_arms(
        {name: float(effects.drive(levels(*arm[0]), driver)[0]) for name, arm in arms.items()}
    )


def placebo_rate(row: str) -> float:
    """Return placebo's chance in a trial; half an event is added, so none seen is not never."""
    size = people(row)
    return (round(number(row) / 100.0 * size) + 0.5) / (size + 1.0)


def chance(arm: Arm, side_effect: str, hazard: str, rate: float, placebo: float) -> float:
    """Return the chance in an arm, averaged over what its people took."""
    found = []
    for treated in arm.treated:
        exposed = rate * effects.exposure(levels(*treated), side_effect, hazard)
        variance = (
            vm.outcome.sources("depression")["susceptibility_variance"].value
            if side_effect == "depression"
            else 0.0
        )
        found.append(effects.with_placebo(placebo, effects.frail(exposed, variance))[0])
    return float(np.mean(found))


@cache
def fit_hazard(side_effect: str, hazard: str) -> Fit:
    """Return the hazard of a side effect, by binomial likelihood beside each trial's placebo."""
    arms = {arm.row: arm for arm in ARMS[side_effect]}
    sizes = {row: people(row) for row in arms}
    events = {row: round(number(row) / 100.0 * sizes[row]) for row in arms}
    rest = {row: placebo_rate(arm.placebo) for row, arm in arms.items()}

    def predicted(row: str, rate: float) -> float:
        return min(max(chance(arms[row], side_effect, hazard, rate, rest[row]), 1e-9), 1.0 - 1e-9)

    def deviance(rate: float) -> float:
        total = 0.0
        for row, count in events.items():
            p = predicted(row, rate)
            total -= 2.0 * (count * math.log(p) + (sizes[row] - count) * math.log1p(-p))
        return total

    best = minimum(deviance, 1e-5, 1e4)
    errors = {}
    for row in arms:
        p = predicted(row, best)
        errors[row] = math.sqrt(p * (1.0 - p) / sizes[row])
    misfit = sum(
        ((events[row] / sizes[row] - predicted(row, best)) / errors[row]) ** 2 for row in arms
    )
    low, high = interval(deviance, best, misfit / (len(arms) - 1))
    met = {
        row: (100.0 * events[row] / sizes[row], 100.0 * predicted(row, best), 100.0 * errors[row])
        for row in arms
    }
    return Fit(best, low, high, misfit, met)


@cache
def _peak_ng_ml(row: str) -> dict[str, float]:
    """Return the largest total plasma of each metabolite over the day, d6 as the others."""
    regimen, phenotype, end_h = QTC[row]
    run = vm.simulate(regimen, subject=vm.Subject(cyp2d6=phenotype), until_h=end_h)
    pk = run.pk.read(np.linspace(end_h - 24.0, end_h, 241))
    return {
        moiety.name.removeprefix("d6-"): float(pk.plasma_ng_ml[0, i].max())
        for i, moiety in enumerate(pk.moieties)
        if "HTBZ" in moiety.name
    }


def _error_ms(row: str) -> float:
    """Return the standard error from a 90 % interval, or from its upper end."""
    found = seen(row)
    if found["low"]:
        return (float(found["high"]) - float(found["low"])) / (2.0 * 1.645)
    return (float(found["high"]) - float(found["value"])) / 1.645


@cache
def fit_slope(metabolite: bool) -> Fit:
    """Return ms per ng/mL: of valbenazine's metabolite, or of the other isomers."""
    rows = ("E0228", "E0229") if metabolite else ("E0252", "E0287")
    other = fit_slope(True).value if not metabolite else 0.0
    shares, wanted, errors = [], [], []
    for row in rows:
        peaks = _peak_ng_ml(row)
        own = peaks["(+)-alpha-HTBZ"]
        shares.append(own if metabolite else sum(peaks.values()) - own)
        wanted.append(number(row) - (0.0 if metabolite else other * own))
        errors.append(_error_ms(row))
    x, y, e = (np.array(values) for values in (shares, wanted, errors))
    slope = float((x * y / e**2).sum() / (x * x / e**2).sum())
    misfit = float((((y - slope * x) / e) ** 2).sum())
    half = 1.96 * math.sqrt(max(1.0, misfit) / (x * x / e**2).sum())
    met = {
        row: (number(row), number(row) - float(y[i] - slope * x[i]), float(e[i]))
        for i, row in enumerate(rows)
    }
    return Fit(slope, max(slope - half, 0.0), slope + half, misfit, met)


def fits() -> dict[str, Fit]:
    """Return every fitted number, by part and name."""
    found = {f"half_effect.{driver}": fit_half_effect(driver) for driver in vm.outcome.DRIVERS}
    for name in ("akathisia", "somnolence"):
        for hazard in vm.outcome.HAZARDS:
            found[f"hazard.{name}_{hazard}"] = fit_hazard(name, hazard)
    found["hazard.depression"] = fit_hazard("depression", "linear")
    found["qtc.(+)-alpha-HTBZ"] = fit_slope(True)
    found["qtc.(-)-alpha-HTBZ"] = fit_slope(False)
    return found


def main() -> None:
    for name, fit in fits().items():
        print(
            f"{name} = {fit.value:.4g} ({fit.low:.4g} to {fit.high:.4g})  chi2 {fit.chi_square:.2f}"
        )
        for row, (wanted, found, error) in fit.residuals.items():
            print(
                f"    {row}: observed {wanted:.2f}, fitted {found:.2f}, "
                f"residual {wanted - found:+.2f}, standard errors {(wanted - found) / error:+.1f}"
            )


if __name__ == "__main__":
    main()
