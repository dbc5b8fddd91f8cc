"""Benefit and side effects of a comparison, as a table and as records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from vmatcore.chain import Run
from vmatcore.outcome import SIDE_EFFECTS, OutcomeResult, ToHalf, to_half
from vmatcore.outcome.constants import conditions
from vmatcore.tables import Reading, Table, digits

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["outcome_readings", "outcome_table", "shared_condition", "signal_table"]


def shared_condition(runs: Mapping[str, Run]) -> str | None:
    """Return the condition that all people of all runs have, if it has a scale; else None.

    Examples
    --------
    >>> import vmatcore as vm
    >>> person = vm.Subject(condition="Huntington's chorea")
    >>> shared_condition({"one": vm.simulate("valbenazine 40 mg", subject=person)})
    "Huntington's chorea"
    """
    named = {person.condition for run in runs.values() for person in run.subjects}
    alone = any(run.regimen.ids for run in runs.values())
    if len(named) != 1 or alone:
        return None
    condition = named.pop()
    return condition if condition in conditions() else None


def outcome_readings(runs: Mapping[str, Run]) -> list[Reading]:
    """Return outcome, content, signals and hours to half of every arm, one a row; medians."""
    found = []
    for arm, run in runs.items():
        outcome = run.outcome()
        found += [*_readings(arm, outcome), *_signal_readings(arm, outcome, _to_half(run))]
    return found


def outcome_table(runs: Mapping[str, Run]) -> Table:
    """Return benefit and side effects beside those of placebo."""
    rows: list[tuple[str, ...]] = []
    found: OutcomeResult | None = None
    for arm, run in runs.items():
        found = run.outcome()
        benefit, responders, *chances, prolactin, qtc = _readings(arm, found)
        rows.append(
            (
                arm,
                f"{_signed(benefit.value)} ({_signed(benefit.low)} to {_signed(benefit.high)})",
                f"{100 * responders.value:.0f} %",
                *(f"{100 * one.value:.1f} %" for one in chances),
                digits(prolactin.value),
                digits(qtc.value),
            )
        )
    scale = "" if found is None else found.scale
    if found is not None:
        rest = (f"{100 * found.placebo[name]:.1f} %" for name in SIDE_EFFECTS)
        share = f"{100 * found.responders_placebo:.0f} %"
        rows.append(("placebo", "+0.0", share, *rest, "1", "0"))
    return Table(
        "Benefit and side effects on the last day of the last dosing interval",
        (
            "arm",
            f"{scale} beyond placebo",
            "responders",
            *SIDE_EFFECTS,
            "prolactin, ratio",
            "QTc, ms",
        ),
        tuple(rows),
        (
            "in brackets: 95 % of the fitted half-effect, which two arms of two trials disagree on",
            "side effects are directions of a contrast, no rates: the fits miss the trials' rates",
        ),
    )


def signal_table(runs: Mapping[str, Run]) -> Table:
    """Return content and extracellular amine at three sites, and hours to half."""
    rows: list[tuple[str, ...]] = []
    for arm, run in runs.items():
        found = _signal_readings(arm, run.outcome(), _to_half(run))
        shares, hours = found[:7], found[7:]
        rows.append(
            (
                arm,
                *(f"{100 * one.value:.0f} %" for one in shares),
                *(digits(one.value) for one in hours or [_NOTHING] * 4),
            )
        )
    return Table(
        "Content and signals on that day, relative to rest, and hours after the last dose to half",
        (
            "arm",
            *(f"{amine} {what}" for what in ("held", "outside") for amine in _SHORT.values()),
            "D2 active",
            "Occupancy, h",
            "Striatal content, h",
            "D2, h",
            "Benefit, h",
        ),
        tuple(rows),
        (
            "held: content of the vesicles; outside: extracellular amine; D2 active: by dopamine",
            "hours: until the fall stays below half of its mean over the last dosing interval",
        ),
    )


_SHORT = {
    "striatal dopamine": "DA",
    "limbic serotonin": "5-HT",
    "cortical norepinephrine": "NE",
}
_NOTHING = Reading(arm="", item="", metric="", value=float("nan"), unit="h")


def _to_half(run: Run) -> ToHalf | None:
    return None if run.regimen.last_dose_h is None else to_half(run)


def _signal_readings(arm: str, found: OutcomeResult, fading: ToHalf | None) -> list[Reading]:
    def one(item: str, metric: str, unit: str, values: FloatArray) -> Reading:
        value = float(np.median(values))
        return Reading(arm=arm, item=item, metric=metric, value=value, unit=unit)

    readings = [one(site, "content", "ratio", found.content[site]) for site in _SHORT]
    readings += [one(site, "outside", "ratio", found.amine[site]) for site in _SHORT]
    readings.append(one("D2", "active", "ratio", 1.0 - found.d2_fall))
    if fading is not None:
        readings += [
            one("VMAT2", "to half, outcome", "h", fading.occupancy_h),
            one("striatal dopamine", "content to half", "h", fading.content_h["striatal dopamine"]),
            one("D2", "to half", "h", fading.d2_h),
            one(found.scale, "benefit to half", "h", fading.benefit_h),
        ]
    return readings


def _signed(points: float) -> str:
    return f"{round(points, 1) + 0.0:+.1f}"  # no -0.0


def _readings(arm: str, found: OutcomeResult) -> list[Reading]:
    def one(item: str, metric: str, unit: str, values: FloatArray, *ends: FloatArray) -> Reading:
        low, high = (float(np.median(end)) for end in ends) if ends else (np.nan, np.nan)
        value = float(np.median(values))
        return Reading(
            arm=arm, item=item, metric=metric, value=value, unit=unit, low=low, high=high
        )

    return [
        one(
            found.scale,
            "benefit",
            "points",
            found.benefit,
            found.benefit_low,
            found.benefit_high,
        ),
        one(found.scale, "responders", "fraction", found.responders),
        *(
            one(
                name,
                "probability",
                "fraction",
                found.probability[name],
                found.probability_low[name],
                found.probability_high[name],
            )
            for name in SIDE_EFFECTS
        ),
        one("prolactin", "over rest", "ratio", found.prolactin),
        one("QTc", "longest prolongation", "ms", found.qtc_ms),
    ]
