"""What follows from the occupancy of a comparison, as tables: content to side effects."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from vmatcore.chain import Run
from vmatcore.outcome import SIDE_EFFECTS, OutcomeResult, ToHalf
from vmatcore.result import median_of_known
from vmatcore.tables import Reading, Table, digits

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["fading_table", "missing", "outcome_readings", "outcome_table"]

_NOTHING = "no drug"
_SCALES = ("AIMS", "TMC", "points")


def missing(runs: Mapping[str, Run]) -> str:
    """Return why runs have no common outcome; an empty text if they have one.

    Examples
    --------
    >>> import vmatcore as vm
    >>> missing({"one": vm.simulate("valbenazine 40 mg")})
    ''
    >>> missing({"one": vm.simulate("valbenazine 40 mg q24h x 2 ss1")})
    'a steady state, before which vesicles have no history: give the doses that lead to it'
    """
    named = {person.condition for run in runs.values() for person in run.subjects}
    if any(run.regimen.ids for run in runs.values()):
        return "subjects with regimens of their own, whose days end at different times"
    if any(one.steady_state for run in runs.values() for one in run.regimen.courses):
        return (
            "a steady state, before which vesicles have no history: give the doses that lead to it"
        )
    if len(named) > 1:
        return f"people of different conditions: {', '.join(sorted(map(str, named)))}"
    if not all(len(run.subjects) and len(run.pk.time_h) for run in runs.values()):
        return "nobody, or no reads"
    return ""


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
        "content of vesicles, amine outside: mean of the day over that without drug",
        "benefit: beyond placebo, less than 0 is better",
        "D2 activation: by dopamine, with drug that holds D2 in competition",
        "in brackets: 95 % of the fit, two arms of two trials disagree on the half-effect; of",
        "parkinsonism and prolactin the range of an assumed number",
        "(h): a hypothesis; side effects are directions of a contrast, no rates",
    ]
    if first.condition is None:
        notes.append("responders need a condition whose scale a trial gives: none was given")
    hours = {run.outcome.interval_h for run in runs.values()}
    when = f", {first.interval_h[0]:g} to {first.interval_h[1]:g} h" if len(hours) == 1 else ""
    return Table(
        f"The last day{when}: content, signals, benefit and side effects",
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
        (_name(one[0]), *(_hours(arm.value) for arm in one)) for one in zip(*columns, strict=True)
    )
    return Table(
        "Hours after the last dose until each is half",
        ("", *dosed),
        tuple(rows),
        (
            "until it stays below half of its mean over the last dosing interval; of side effects,",
            "what brings them; with one recovery half-time, whose range stands above",
        ),
    )


def _day_readings(arm: str, found: OutcomeResult) -> list[Reading]:
    points = "points" if found.scale in _SCALES else "%"

    def one(
        item: str, metric: str, unit: str, *values: FloatArray, hypothesis: bool = False
    ) -> Reading:
        value, low, high = (median_of_known(part) for part in values) if len(values) > 1 else (
            median_of_known(values[0]), math.nan, math.nan)  # fmt: skip
        kind = "hypothesis" if hypothesis else "value"
        return Reading(
            arm=arm, item=item, metric=metric, unit=unit, kind=kind, value=value, low=low, high=high
        )

    benefit = (found.benefit, found.benefit_low, found.benefit_high)
    chances = (found.probability, found.probability_low, found.probability_high)
    return [
        *(one(site, "content", "ratio", values) for site, values in found.content.items()),
        *(one(site, "outside", "ratio", values) for site, values in found.amine.items()),
        one("D2", "activation", "ratio", 1.0 - found.d2_fall),
        one(found.scale, "benefit", points, *benefit),
        one(found.scale, "responders", "fraction", found.responders),
        *(
            one(
                name,
                "probability",
                "fraction",
                *(part[name] for part in chances),
                hypothesis=name in found.hypotheses,
            )
            for name in SIDE_EFFECTS
        ),
        one("prolactin", "over rest", "ratio", found.prolactin, hypothesis=True),
        one("QTc", "longest prolongation", "ms", found.qtc_ms),
    ]


def _fading_readings(arm: str, found: ToHalf, scale: str) -> list[Reading]:
    hours = {
        **{(site, "content to half"): values for site, values in found.content_h.items()},
        **{(site, "outside to half"): values for site, values in found.amine_h.items()},
        ("D2", "activation to half"): found.d2_h,
        (scale, "benefit to half"): found.benefit_h,
        **{(name, "probability to half"): found.side_effect_h[name] for name in SIDE_EFFECTS},
        ("QTc", "prolongation to half"): found.qtc_h,
    }
    return [
        Reading(arm=arm, item=item, metric=metric, value=median_of_known(values), unit="h")
        for (item, metric), values in hours.items()
    ]


def _cells(readings: list[Reading]) -> dict[str, str]:
    """Return what one arm's column says, by the name of the row."""
    cells = {}
    for one in readings:
        if one.metric == "benefit":
            cells[f"benefit, {one.item}"] = _signed(one.value)
            cells["  (95 % of the fit)"] = f"({_signed(one.low)}, {_signed(one.high)})"
        elif one.metric != "responders" or one.item in _SCALES:
            cells[_name(one)] = _cell(one)
    return cells


def _name(one: Reading) -> str:
    what = one.metric.removesuffix(" to half")
    mark = " (h)" if one.kind == "hypothesis" else ""
    if what in ("content", "outside"):
        return f"{what}, {one.item}"
    if what == "benefit":
        return f"benefit, {one.item}"
    if what == "responders":
        return what
    if one.item == "D2":
        return "D2 activation"
    if one.unit in ("ms", "ratio"):
        return f"{one.item}, {one.unit}{mark}"
    return one.item + mark


def _cell(one: Reading) -> str:
    if not math.isfinite(one.value):
        return "-"
    if one.metric == "probability":
        return f"{100 * one.value:.1f} % ({_share(one.low)}-{_share(one.high)})"
    if one.unit == "ms" or one.item == "prolactin":
        return digits(one.value)
    return f"{100 * one.value:.0f} %"


def _share(value: float) -> str:
    return f"{100 * value:.0f}" if value >= 0.1 else f"{100 * value:.2g}"


def _hours(value: float) -> str:
    return "> 2 years" if math.isinf(value) else digits(value)


def _at_rest(found: OutcomeResult, name: str) -> str:
    """Return the cell of a row without drug."""
    plain = name.removesuffix(" (h)")
    if plain in found.placebo:
        return f"{100 * found.placebo[plain]:.1f} %"
    if plain == "responders":
        return f"{100 * found.responders_placebo:.0f} %"
    if plain.startswith("benefit"):
        return "0"
    return {"  (95 % of the fit)": "", "prolactin, ratio": "1", "QTc, ms": "0"}.get(plain, "100 %")


def _signed(points: float) -> str:
    return f"{round(points, 1) + 0.0:+.1f}" if math.isfinite(points) else "-"  # no -0.0
