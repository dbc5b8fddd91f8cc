"""The last day of a run, read finely: the signal that the outcome is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import occupancy as occupancy_stage
from vmatcore.occupancy import OccupancyResult
from vmatcore.signal import SignalCourse, course
from vmatcore.terminal import Profile, Terminal, sites
from vmatcore.terminal.drives import refuse_steady_states
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["DAY_H", "DAY_STEPS", "MEMORY_H", "grid", "last_day", "signal_from"]

#: The day that is looked at; a single dose is looked at for so long.
DAY_H = 24.0

#: How far back a terminal remembers. What lies before changes the content of dopamine by
#: less than 1e-8, and that of serotonin by less than 2e-4 even after a massive dose.
MEMORY_H = 240.0

#: Steps between reads during the last day, and the time between reads before it.
DAY_STEPS = 240
_EVERY_H = 0.5


def grid(end_h: float) -> FloatArray:
    """Return the times that are read: what a terminal remembers, and the last day finely.

    Examples
    --------
    >>> times = grid(480.0)
    >>> times[0], round(times[-1] - times[-2], 3), times[-1]
    (np.float64(216.0), np.float64(0.1), np.float64(480.0))
    """
    day = np.linspace(max(end_h - DAY_H, 0.0), end_h, DAY_STEPS + 1)
    start = max(day[0] - MEMORY_H, 0.0)
    history: FloatArray = np.concatenate([np.arange(start, day[0], _EVERY_H), day])
    return history


def last_day(
    occupancies: Sequence[OccupancyResult],
    end_h: float,
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> tuple[SignalCourse, list[OccupancyResult]]:
    """Return the signal over the 24 h before ``end_h``, and the occupancies of that day.

    The rows are the subjects of all runs, one after the other. What is given at
    ``end_h`` or later plays no part.
    """
    times = grid(end_h)
    read = [_read(one, times, threads, cancel) for one in occupancies]
    first = len(times) - DAY_STEPS - 1
    return signal_from(read, first, threads=threads, cancel=cancel), read


def signal_from(
    read: Sequence[OccupancyResult],
    first: int,
    *,
    terminals: Mapping[str, Terminal] | None = None,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> SignalCourse:
    """Return the signal at the reads from the one numbered ``first`` on.

    All runs must have the same reads. Terminals are at rest at the first of them,
    which is 0 h or lies :data:`MEMORY_H` before the reads that are returned. Whom the
    kinetics or a terminal could not follow is NaN.
    """
    for one in read:
        refuse_steady_states("run", one)
    times = read[0].time_h
    active = np.concatenate([np.clip(one.active, 0.0, 1.0) for one in read])
    # Whom the kinetics could not follow has no signal either; the others have theirs.
    active[~np.isfinite(active).all(axis=1)] = 1.0
    found = sites(
        active=Profile(time_h=times - times[0], values=active),
        time_h=times[first:] - times[0],
        terminals=terminals,
        threads=threads,
        progress=False,
        cancel=cancel,
    )
    late = {site: replace(one, time_h=times[first:].copy()) for site, one in found.items()}
    return course(read, late)


def _read(
    occupancy: OccupancyResult,
    times: FloatArray,
    threads: int | None,
    cancel: CancelToken | None,
) -> OccupancyResult:
    pk = occupancy.pk
    before = replace(pk, regimen=pk.regimen.stop_at(float(times[-1])))
    return occupancy_stage.simulate(
        before.read(times, progress=False),
        recovery_half_time_h=occupancy.recovery_half_time_h,
        threads=threads,
        progress=False,
        cancel=cancel,
    )
