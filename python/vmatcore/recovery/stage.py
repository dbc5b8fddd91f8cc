"""The verb: the hours of every draw, their interval, and what sets them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, check, seeds
from vmatcore.chain import Run
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.metrics import HORIZON_H
from vmatcore.recovery.contents import contents
from vmatcore.recovery.result import WashoutInterval
from vmatcore.result import provenance
from vmatcore.terminal import SITES
from vmatcore.uncertainty import (
    Draws,
    constants_of,
    constants_of_terminal,
    draw,
    held,
    quantiles,
    rank_correlations,
)
from vmatcore.uncertainty.constants import in_terminal

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["washout"]

TARGETS = ("occupancy", "content")
RENEWALS = ("vesicles", "copies")

#: Reads: in a dosing interval, after the last dose, and at most before it.
_PER_INTERVAL = 4
_AFTER = 110
_MOST_BEFORE = 2500

#: A content may overshoot; what is away from normal is then next to nothing.
_LEAST_AWAY = 1e-9


def washout(
    run: Run,
    *,
    target: str = "occupancy",
    tolerance: float = 0.1,
    site: str = "striatal dopamine",
    renewal: str = "vesicles",
    draws: int = 100,
    level: float = 0.9,
    seed: int | None = None,
) -> WashoutInterval:
    """Return the hours until a target is back within its tolerance, with an interval.

    Parameters
    ----------
    run : Run
        What was taken, by whom.
    target : {"occupancy", "content"}
        The share of VMAT2 held, or the content of vesicles relative to no drug.
    tolerance : float
        How near the undrugged state, in (0, 1).
    site : str
        One of :data:`vmatcore.terminal.SITES`, for ``"content"``.
    renewal : {"vesicles", "copies"}
        What replaces VMAT2 held for good, for ``"content"``: whole new vesicles, or
        copies one by one.
    draws : int
        How often every constant with a spread is drawn, 1 to 10,000.
    level : float
        Share of the draws that the interval holds, in (0, 1).
    seed : int, optional
        By default one is drawn and recorded.

    Returns
    -------
    WashoutInterval

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or the run has no dose.

    Notes
    -----
    Each constant is drawn from a triangle between the ends of its spread with the peak
    at its value, on a logarithmic scale. Constants are drawn independently; one number
    that stands in several places is drawn once, and those without a spread stay. The
    interval is one of what is not known of the typical subject, not of differences
    between people.

    Constants that together leave a terminal's content at rest outside a third to three
    times its own value are drawn again, since no such terminal was seen; how often is
    recorded in ``provenance["drawn_again"]``. Here the one terminal counts; an interval of
    the outcome looks at three, and draws again together those that share a constant, so
    single draws of the two may differ. It matters for serotonin, whose
    transporter leaves the membrane below a set point: of independent draws nearly three in
    five would have emptied vesicles before any drug.

    Examples
    --------
    >>> import vmatcore as vm
    >>> run = vm.simulate("tetrabenazine 25 mg q8h x 6")
    >>> back = washout(run, tolerance=0.1, draws=20, seed=1)
    >>> bool(back.low_h[0] < back.hours[0] < back.high_h[0])
    True
    """
    if not isinstance(run, Run):
        raise ParameterTypeError(f"`run` must be a Run, got {shown(run)}")
    if check.text("target", target) not in TARGETS:
        raise unknown("target", target, TARGETS)
    if check.text("site", site) not in SITES:
        raise unknown("site", site, SITES)
    if check.text("renewal", renewal) not in RENEWALS:
        raise unknown("renewal", renewal, RENEWALS)
    tolerance = check.number("tolerance", tolerance, minimum=0, maximum=1, exclusive=True)
    count = check.whole("draws", draws, minimum=1, maximum=10_000)
    level = check.number("level", level, minimum=0, maximum=1, exclusive=True)
    chosen = seeds.chosen(seed)
    if run.regimen.ids:
        settings = (target, tolerance, site, renewal, count, level, chosen)
        return _joined(run, [_washout(one, *settings) for one in _one_by_one(run)])
    return _washout(run, target, tolerance, site, renewal, count, level, chosen)


def _one_by_one(run: Run) -> Iterator[Run]:
    """Each subject of a run with regimens of their own, as a run of one."""
    for row, name in enumerate(run.regimen.ids):
        regimen = run.regimen.of(name)
        if regimen.last_dose_h is None:
            raise ParameterError(
                f"`run` must have a dose to wash out for every subject, got none for {name!r}"
            )
        one = replace(run.pk.of_subjects(slice(row, row + 1)), regimen=regimen)
        yield replace(run, pk=one, occupancy=replace(run.occupancy, pk=one))


def _joined(run: Run, parts: list[WashoutInterval]) -> WashoutInterval:
    """The washouts of single subjects as one."""
    arrays: dict[str, Any] = {
        key: np.concatenate([getattr(part, key) for part in parts])
        for key in WashoutInterval.layout()
    }
    followed = (part.drivers for part in parts if not np.isnan(part.hours).any())
    drawn = {name: None for part in parts for name in part.provenance["drawn"]}
    return replace(
        parts[0],
        **arrays,
        drivers=next(followed, {}),
        provenance={**parts[0].provenance, "regimen": str(run.regimen), "drawn": tuple(drawn)},
    )


def _washout(
    run: Run,
    target: str,
    tolerance: float,
    site: str,
    renewal: str,
    count: int,
    level: float,
    chosen: int,
) -> WashoutInterval:
    """The washout of subjects who took the same."""
    last = run.regimen.last_dose_h
    if last is None:
        raise ParameterError("`run` must have a dose to wash out, got none")
    times = _grid(run, last)
    terminal = SITES[site]() if target == "content" else None
    constants = list(constants_of(run.occupancy, targets=("VMAT2",)))
    if terminal is not None:
        constants += constants_of_terminal(site, terminal)
    drawn = draw(constants, chosen, count, None if terminal is None else {site: terminal})

    each = [held(run.occupancy, times, {})]
    each += [held(run.occupancy, times, drawn.of(number)) for number in range(count)]
    if terminal is None:
        away = np.array([one.vmat2 for one in each])
    else:
        rows = drawn.starting(in_terminal(site))
        away = 1.0 - contents(each, terminal, rows, renewal)
    after = times >= last
    hours = np.array([_back(times[after] - last, one[:, after], tolerance) for one in away])
    hours_drawn = np.ascontiguousarray(hours[1:].T)
    return WashoutInterval(
        target=target,
        site=site if terminal is not None else None,
        tolerance=tolerance,
        level=level,
        hours=hours[0].copy(),
        low_h=quantiles(hours_drawn, (1 - level) / 2),
        high_h=quantiles(hours_drawn, (1 + level) / 2),
        draws_h=hours_drawn,
        drivers=_drivers(drawn, hours_drawn),
        provenance=provenance(
            stage="washout",
            seed=chosen,
            draws=count,
            renewal=renewal if terminal is not None else None,
            regimen=str(run.regimen),
            drawn=tuple(constant.name for constant in drawn.constants),
            drawn_again=drawn.drawn_again,
        ),
    )


def _grid(run: Run, last: float) -> FloatArray:
    times = sorted({dose.time_h for dose in run.regimen.doses()})
    gaps = np.diff(times)
    step = float(gaps.min()) / _PER_INTERVAL if len(gaps) else max(last, 1.0)
    step = max(step, last / _MOST_BEFORE, 1e-3)
    before = np.arange(0.0, last, step)
    after = last + np.concatenate([[0.0], np.geomspace(0.25, HORIZON_H, _AFTER)])
    return np.unique(np.concatenate([before, after]))


def _back(hours: FloatArray, away: FloatArray, tolerance: float) -> FloatArray:
    """When each row falls below the tolerance for the last time; exponential between reads."""
    found = np.zeros(len(away))
    for i, row in enumerate(away):
        if np.isnan(row).any():
            found[i] = math.nan
            continue
        above = np.flatnonzero(row > tolerance)
        if not len(above):
            continue
        last = above[-1]
        if last + 1 == len(row):
            found[i] = math.inf
            continue
        before, after = float(row[last]), max(float(row[last + 1]), _LEAST_AWAY)
        levels = np.array([before, tolerance, after])
        left, crossed, right = _core.math_ln(levels).tolist()
        share = (left - crossed) / (left - right)
        found[i] = hours[last] + share * (hours[last + 1] - hours[last])
    return found


def _drivers(drawn: Draws, hours: FloatArray) -> dict[str, float]:
    """Return the rank correlations of the first subject that could be followed."""
    followed = hours[~np.isnan(hours).any(axis=1)]
    return rank_correlations(drawn.unknowns(), followed[0]) if len(followed) else {}
