"""What follows from the occupancy of a comparison, as tables: content to side effects."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from vmatcore.chain import Run
from vmatcore.outcome import SIDE_EFFECTS, OutcomeResult, ToHalf
from vmatcore.outcome.constants import conditions
from vmatcore.tables import Reading, Table, digits

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["fading_table", "has_outcome", "outcome_readings", "outcome_table"]

_NOTHING = "no drug"


def has_outcome(runs: Mapping[str, Run]) -> bool:
    """Return whether all people share a condition that has a scale, or have none.

    Not so where subjects have regimens of their own: their days end at different times.

    Examples
    --------
    >>> import vmatcore as vm
    >>> has_outcome({"one": vm.simulate("valbenazine 40 mg")})
    True
    >>> person = vm.Subject(condition="tardive dystonia")
    >>> has_outcome({"one": vm.simulate("valbenazine 40 mg", subject=person)})
    False
    """
    named = {person.condition for run in runs.values() for person in run.subjects}
    alone = any(run.regimen.ids for run in runs.values())
    empty = not all(len(run.subjects) and len(run.pk.time_h) for run in runs.values())
    return len(named) == 1 and named <= {None, *conditions()} and not alone and not empty


def outcome_readings(runs: Mapping[str, Run]) -> list[Reading]:
    """Return content, signals, outcome and hours to half of every arm, one a row; medians."""
    found = []
    for arm, run in runs.items():
        found += _day_readings(arm, run.outcome)
        if run.regimen.last_dose_h is not None:
            found += _fading_readings(arm, run.to_half, run.outcome.scale)
    return found


def outcome_table(runs: Mapping[str, Run]) -> Table:
    """Return content, signals, benefit and side effects of the last day, an arm a column."""
    columns = [_cells(_day_readings(arm, run.outcome)) for arm, run in runs.items()]
    first = next(iter(runs.values())).outcome
    names = list(columns[0])
    rest = [_at_rest(first, name) for name in names]
    rows = zip(names, *(column.values() for column in columns), rest, strict=True)
    notes = [
        "content of the vesicles and amine outside them, mean of the day over that without drug",
        "D2 activation is that by dopamine, with drug that holds D2 in competition",
        "95 % of the fit: over the fitted half-effect, on which two arms of two trials disagree",
        "side effects are directions of a contrast, no rates: the fits miss the trials' rates",
    ]
    if first.condition is None:
        notes.append("responders need a condition, whose trial has the spread: none was given")
    return Table(
        "The last day: content, signals, benefit and side effects",
        ("", *runs, _NOTHING),
        tuple(rows),
        tuple(notes),
    )


def fading_table(runs: Mapping[str, Run]) -> Table | None:
    """Return the hours to half of each after the last dose; None if no arm has a dose."""
    dosed = {arm: run for arm, run in runs.items() if run.regimen.last_dose_h is not None}
    if not dosed:
        return None
    columns = [_fading_readings(arm, run.to_half, run.outcome.scale) for arm, run in dosed.items()]
    rows = (
        (f"{one[0].item}, {one[0].metric.removesuffix(' to half')}", *map(_hours, one))
        for one in zip(*columns, strict=True)
    )
    return Table(
        "Hours after the last dose until each is half",
        ("", *dosed),
        tuple(rows),
        (
            "until a fall, a rise or a hazard stays below half of its mean over the last dosing",
            "interval; what is bound for good comes back with new transporters, as above",
        ),
    )


def _day_readings(arm: str, found: OutcomeResult) -> list[Reading]:
    def one(item: str, metric: str, unit: str, values: FloatArray, *ends: FloatArray) -> Reading:
        low, high = (_median(end) for end in ends) if ends else (math.nan, math.nan)
        return Reading(
            arm=arm,
            item=item,
            metric=metric,
            value=_median(values),
            unit=unit,
            low=low,
            high=high,
        )

    ends = (found.benefit_low, found.benefit_high)
    chances = (found.probability, found.probability_low, found.probability_high)
    return [
        *(one(site, "content", "ratio", values) for site, values in found.content.items()),
        *(one(site, "outside", "ratio", values) for site, values in found.amine.items()),
        one("D2", "activation", "ratio", 1.0 - found.d2_fall),
        one(found.scale, "benefit", "points", found.benefit, *ends),
        one(found.scale, "responders", "fraction", found.responders),
        *(
            one(name, "probability", "fraction", *(part[name] for part in chances))
            for name in SIDE_EFFECTS
        ),
        one("prolactin", "over rest", "ratio", found.prolactin),
        one("QTc", "longest prolongation", "ms", found.qtc_ms),
    ]


def _fading_readings(arm: str, found: ToHalf, scale: str) -> list[Reading]:
    hours = {
        ("VMAT2", "occupancy to half"): found.occupancy_h,
        **{(site, "content to half"): values for site, values in found.content_h.items()},
        **{(site, "outside to half"): values for site, values in found.amine_h.items()},
        ("D2", "activation to half"): found.d2_h,
        (scale, "benefit to half"): found.benefit_h,
        **{(name, "hazard to half"): found.side_effect_h[name] for name in SIDE_EFFECTS},
        ("QTc", "prolongation to half"): found.qtc_h,
    }
    return [
        Reading(arm=arm, item=item, metric=metric, value=_median(values), unit="h")
        for (item, metric), values in hours.items()
    ]


def _cells(readings: list[Reading]) -> dict[str, str]:
    """Return what one arm's column says, by the name of the row."""
    cells = {}
    for one in readings:
        if one.metric == "benefit":
            cells[f"{one.item} beyond placebo"] = _signed(one.value)
            cells["  95 % of the fit"] = f"{_signed(one.low)}, {_signed(one.high)}"
        elif one.metric != "responders" or math.isfinite(one.value):
            cells[_name(one)] = _cell(one)
    return cells


def _name(one: Reading) -> str:
    if one.metric == "probability":
        return one.item
    if one.metric == "responders":
        return "responders"
    if one.item in ("prolactin", "QTc"):
        return f"{one.item}, {one.unit}"
    return f"{one.item}, {one.metric}"


def _cell(one: Reading) -> str:
    if one.metric == "probability":
        return f"{100 * one.value:.1f} %"
    if one.unit == "ms" or one.item == "prolactin":
        return digits(one.value)
    return f"{100 * one.value:.0f} %" if math.isfinite(one.value) else "-"


def _at_rest(found: OutcomeResult, name: str) -> str:
    """Return the cell of a row without drug."""
    if name in found.placebo:
        return f"{100 * found.placebo[name]:.1f} %"
    if name == "responders":
        return f"{100 * found.responders_placebo:.0f} %"
    if name.endswith("beyond placebo"):
        return "0"
    return {"  95 % of the fit": "", "prolactin, ratio": "1", "QTc, ms": "0"}.get(name, "100 %")


def _hours(one: Reading) -> str:
    return digits(one.value)


def _median(values: FloatArray) -> float:
    return math.nan if np.isnan(values).all() else float(np.nanmedian(values))


def _signed(points: float) -> str:
    return f"{round(points, 1) + 0.0:+.1f}"  # no -0.0
