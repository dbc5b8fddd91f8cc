"""Reserpine and tetrabenazine in the rat: fit three numbers of reserpine and one, show the rest.

python -m docs.validation.rat     fit anew and print

Fitted are rows marked *calibration*: losses per mg/kg, half-life of the exposure and
renewal to five tissue contents after reserpine, the load per mg/kg to one dose of
tetrabenazine. Context rows, and the second row of tetrabenazine, are predictions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

import vmatcore as vm
from docs.validation.rows import observations, said
from vmatcore import preclinical

NORADRENALINE, DOPAMINE, SEROTONIN = (
    vm.Terminal.norepinephrine,
    vm.Terminal.default,
    vm.Terminal.serotonin,
)


class Row(NamedTuple):
    """One tissue content: which terminal, dose in mg/kg, hours after it."""

    terminal: Callable[[], vm.Terminal]
    dose_mg_kg: float
    time_h: float


#: Rows of observations.csv that are contents after one dose of reserpine, in per cent.
RESERPINE: Mapping[str, Row] = {
    "E0638": Row(SEROTONIN, 5.0, 24.0),
    "E0644": Row(DOPAMINE, 2.5, 24.0),
    "E0648": Row(NORADRENALINE, 1.25, 2.0),
    "E0649": Row(NORADRENALINE, 1.25, 24.0),
    "E0650": Row(NORADRENALINE, 1.25, 120.0),
    "E0657": Row(NORADRENALINE, 0.1, 24.0),
    "E0658": Row(NORADRENALINE, 7.5, 24.0),
}

#: What the fit sees.
FITTED = ("E0638", "E0644", "E0648", "E0649", "E0650")

_NAMES = ("hits_per_mg_kg", "exposure_half_life_h", "recovery_half_time_h")


def content(row: Row, renewal: str = "vesicles", values: Mapping[str, float] | None = None):
    """Return the content in per cent of control."""
    run = preclinical.reserpine(
        row.dose_mg_kg,
        time_h=[row.time_h],
        terminal=row.terminal(),
        renewal=renewal,
        values=values,
    )
    return 100.0 * float(run.content[0, 0])


def halving_dose_mg_kg(load_per_mg_kg: float | None = None) -> float:
    """Return the dose of tetrabenazine that halves striatal dopamine in an hour."""
    values = {} if load_per_mg_kg is None else {"tetrabenazine_load_per_mg_kg": load_per_mg_kg}
    low, high = 1e-3, 1e3
    for _ in range(60):
        dose = math.sqrt(low * high)
        run = preclinical.tetrabenazine(dose, time_h=[1.0], values=values)
        low, high = (dose, high) if run.content[0, 0] > 0.5 else (low, dose)
    return low


def depletion(dose_mg_kg: float) -> float:
    """Return the fall of striatal dopamine an hour after tetrabenazine, in per cent."""
    run = preclinical.tetrabenazine(dose_mg_kg, time_h=[1.0])
    return 100.0 * (1.0 - float(run.content[0, 0]))


#: Rows of observations.csv that :func:`table` shows beside a simulation.
SHOWN = (*RESERPINE, "E0676", "E0677")


def simulated(key: str, renewal: str = "vesicles") -> float:
    """Return what the package says for a row, in the row's unit."""
    if key == "E0676":
        return depletion(5.0)
    if key == "E0677":
        return halving_dose_mg_kg()
    return content(RESERPINE[key], renewal)


def table(found: Mapping[str, Mapping[str, str]]) -> str:
    """Return the rows as a table: published, and both ways of renewal."""
    lines = [
        "| row | use | what | published | whole vesicles renewed | copies renewed |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for key in SHOWN:
        row = found[key]
        use = "fitted" if key in FITTED or key == "E0677" else "predicted"
        both = [f"{simulated(key):.3g}", f"{simulated(key, 'copies'):.3g}"]
        if key not in RESERPINE:
            both[1] = ""
        lines.append(
            f"| {key} | {use} | {row['drug']}, {said(row)} | {float(row['value']):g} | "
            f"{both[0]} | {both[1]} |"
        )
    return "\n".join(lines)


@cache
def fit(renewal: str = "vesicles") -> dict[str, float]:
    """Return the three constants that meet the fitted rows best, by relative error."""
    from scipy.optimize import least_squares

    found = observations()
    published = np.array([float(found[key]["value"]) for key in FITTED])

    def misfit(logs: np.ndarray) -> np.ndarray:
        values = dict(zip(_NAMES, np.exp(logs), strict=True))
        simulated = [content(RESERPINE[key], renewal, values) for key in FITTED]
        return np.log(np.array(simulated) / published)

    start = np.log([1.8, 1.0, 180.0])
    best = least_squares(misfit, start, diff_step=1e-3, xtol=1e-6)
    return dict(zip(_NAMES, np.exp(best.x).tolist(), strict=True))


if __name__ == "__main__":
    for renewal in ("vesicles", "copies"):
        values = fit(renewal)
        print(renewal, {name: round(value, 3) for name, value in values.items()})
        for key, row in RESERPINE.items():
            published = observations()[key]["value"]
            print(f"  {key}: {content(row, renewal, values):.1f} % beside {published}")
    # The load at which the dose that halves is the published one: it scales with 1/dose.
    published = float(observations()["E0677"]["value"])
    print("load per mg/kg", round(halving_dose_mg_kg(1.0) / published, 3))
