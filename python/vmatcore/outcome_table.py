"""Benefit and side effects of a comparison, as a table and as records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from vmatcore.chain import Run
from vmatcore.outcome import SIDE_EFFECTS, OutcomeResult
from vmatcore.outcome.constants import conditions
from vmatcore.tables import Reading, Table, digits

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["outcome_readings", "outcome_table", "shared_condition"]


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
    """Return benefit, responders and side effects of every arm, one a row; medians."""
    return [reading for arm, run in runs.items() for reading in _readings(arm, _outcome(run))]


def outcome_table(runs: Mapping[str, Run]) -> Table:
    """Return benefit and side effects beside those of placebo."""
    rows: list[tuple[str, ...]] = []
    found: OutcomeResult | None = None
    for arm, run in runs.items():
        found = _outcome(run)
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


def _signed(points: float) -> str:
    return f"{round(points, 1) + 0.0:+.1f}"  # no -0.0


def _outcome(run: Run) -> OutcomeResult:
    return run.outcome()


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
