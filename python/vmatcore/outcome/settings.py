"""What the outcome is asked for, checked: of whom, when, and by which law."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.metrics import last_interval_h
from vmatcore.occupancy import OccupancyResult
from vmatcore.outcome.constants import DRIVERS, HAZARDS, conditions
from vmatcore.outcome.day import DAY_H

__all__ = ["end_of_day_h", "occupancy_of", "settings_of", "several_of"]


def occupancy_of(run: Any) -> OccupancyResult:
    """Return the occupancy of a run, or what is one."""
    occupancy = run if isinstance(run, OccupancyResult) else getattr(run, "occupancy", None)
    if not isinstance(occupancy, OccupancyResult):
        raise ParameterTypeError(f"`run` must be a Run or an OccupancyResult, got {shown(run)}")
    return occupancy


def several_of(occupancies: object) -> list[OccupancyResult]:
    """Return occupancies that were given together."""
    several = check.listed("occupancies", occupancies)
    for i, one in enumerate(several):
        if not isinstance(one, OccupancyResult):
            raise ParameterTypeError(
                f"`occupancies[{i}]` must be an OccupancyResult, got {shown(one)}"
            )
    if not several:
        raise ParameterError("`occupancies` must hold at least one result, got none")
    return several


def end_of_day_h(at_h: float | None, several: Sequence[OccupancyResult]) -> float:
    """Return when the day that is looked at ends, in h.

    Examples
    --------
    >>> import vmatcore as vm
    >>> end_of_day_h(None, [vm.simulate("valbenazine 80 mg q24h x 7").occupancy])
    168.0
    """
    ends = {_end_h(at_h, one) for one in several}
    if len(ends) > 1:
        raise ParameterError(
            "`at_h` must be given where last dosing intervals do not end together, "
            f"got {shown(sorted(ends))}"
        )
    return ends.pop()


def _end_h(at_h: float | None, occupancy: OccupancyResult) -> float:
    pk = occupancy.pk
    if at_h is not None:
        return check.number("at_h", at_h, minimum=0, maximum=1e7, exclusive=True)
    if pk.regimen.ids:
        raise ParameterError("`at_h` must be given where subjects have regimens of their own")
    last = float(pk.time_h[-1]) if len(pk.time_h) else 0.0
    if pk.regimen.last_dose_h is not None:
        return last_interval_h(pk.regimen, last, single_h=DAY_H)[1]
    if not last > 0:
        raise ParameterError("`at_h` must be given for a run without a dose and without reads")
    return last


def settings_of(
    several: Sequence[OccupancyResult],
    *,
    condition: str | None,
    history: object,
    susceptibility: object,
    driver: str,
    hazard: str,
    baseline_score: object,
) -> dict[str, Any]:
    """Return the checked settings of :func:`of_day`."""
    chosen = _condition(condition, several)
    if not isinstance(history, bool):
        raise ParameterTypeError(f"`history` must be True or False, got {shown(history)}")
    if check.text("driver", driver) not in DRIVERS:
        raise unknown("driver", driver, DRIVERS)
    if check.text("hazard", hazard) not in HAZARDS:
        raise unknown("hazard", hazard, HAZARDS)
    if susceptibility is not None:
        susceptibility = check.number("susceptibility", susceptibility, minimum=0, maximum=1e6)
    if baseline_score is not None:
        baseline_score = check.number(
            "baseline_score", baseline_score, minimum=0, maximum=1e6, exclusive=True
        )
    return {
        "condition": chosen,
        "history": history,
        "susceptibility": susceptibility,
        "driver": driver,
        "hazard": hazard,
        "baseline_score": baseline_score,
    }


def _condition(condition: str | None, several: Sequence[OccupancyResult]) -> str | None:
    if condition is None:
        named = {person.condition for one in several for person in one.pk.subjects}
        if len(named) > 1:
            raise ParameterError(
                "`condition` must be given where the subjects do not share one, "
                f"got {shown(sorted(map(str, named)))}"
            )
        condition = named.pop() if named else None
        # Their own condition may have no scale; the share of a score needs none.
        return condition if condition in conditions() else None
    if condition is not None and check.text("condition", condition) not in conditions():
        raise unknown("condition with a scale", condition, conditions())
    return condition
