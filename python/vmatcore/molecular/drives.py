"""What the mean-field chain hands to single vesicles: working VMAT2 and cytosolic amine."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import occupancy as occupancy_stage
from vmatcore.occupancy import OccupancyResult
from vmatcore.outcome.day import MEMORY_H
from vmatcore.steps import Steps
from vmatcore.terminal import Profile, Terminal
from vmatcore.terminal import simulate as terminal_stage
from vmatcore.work import CancelToken, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Drives", "drives_at", "resting"]

#: Reads inside a window, s, and before it, h.
_EVERY_S = 60.0
_HISTORY_EVERY_H = 0.25

_SECONDS_PER_H = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Drives:
    """What one subject's vesicles live through before an hour; 0 s is the window's start.

    Attributes
    ----------
    window_s : float
        The window in s; it ends at the hour.
    active : Steps
        Share of VMAT2 that works.
    cytosol_umol_l : Steps
        Cytosolic dopamine in umol/L.
    d2_block : float
        Sum C_u/K_i at D2 at the hour.
    """

    window_s: float
    active: Steps
    cytosol_umol_l: Steps
    d2_block: float


def resting(window_s: float) -> Drives:
    """Return the drives of a terminal without drug.

    Examples
    --------
    >>> drives = resting(14400.0)
    >>> drives.active.values, round(drives.cytosol_umol_l.values[0], 3)
    ((1.0,), 2.647)
    """
    rest = terminal_stage(active=1.0, time_h=[0.0], progress=False)
    cytosol = float(rest.resting["cytosol"][0])
    return Drives(
        window_s=window_s,
        active=Steps(time_s=[0.0], values=[1.0]),
        cytosol_umol_l=Steps(time_s=[0.0], values=[cytosol]),
        d2_block=0.0,
    )


def drives_at(
    occupancy: OccupancyResult,
    hour: float,
    window_s: float,
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> list[Drives | str]:
    """Return the drives of every subject at an hour, or why there are none.

    Working VMAT2 and cytosolic amine are read every 60 s, exactly; each step holds the
    mean of its two ends, so the error falls with the square of 60 s. Terminals are at
    rest at 0 h, or as long before the window as a terminal remembers.
    """
    subjects = len(occupancy.pk.subjects)
    if not subjects:
        return []
    window = _window(hour, window_s)
    times = _grid(window)
    claim("drives of the molecular level", *[(subjects, len(times))] * 12)
    # A dose at the hour or later plays no part in what was before.
    before = replace(occupancy.pk, regimen=occupancy.pk.regimen.stop_at(hour))
    read = occupancy_stage.simulate(
        before.read(times, threads=threads, progress=False, cancel=cancel),
        recovery_half_time_h=occupancy.recovery_half_time_h,
        threads=threads,
        progress=False,
        cancel=cancel,
    )
    active = np.clip(read.active, 0.0, 1.0)
    lost = np.asarray(np.isnan(active).any(axis=1), dtype=np.bool_)
    active[lost] = 1.0
    first = len(times) - len(window)
    terminal = terminal_stage(
        active=Profile(time_h=times - times[0], values=active),
        terminal=Terminal.default(),
        time_h=times[first:] - times[0],
        threads=threads,
        progress=False,
        cancel=cancel,
    )
    rest = float(terminal.resting["cytosol"][0])
    held = read.off_target["D2"][:, -1]
    found: list[Drives | str] = []
    for row in range(subjects):
        if lost[row]:
            found.append(read.status[row])
        elif terminal.failed[row]:
            found.append(f"subject {row}: its dopamine terminal could not be followed")
        else:
            courses = (active[row, first:], 1.0), (terminal.cytosol_umol_l[row], rest)
            share, cytosol = (_steps(window, window_s, *course) for course in courses)
            block = float(held[row] / (1.0 - held[row]))
            found.append(
                Drives(window_s=window_s, active=share, cytosol_umol_l=cytosol, d2_block=block)
            )
    return found


def _window(hour: float, window_s: float) -> FloatArray:
    """Return times at most 60 s apart from the window's start, or 0 h, to the hour."""
    start = max(hour - window_s / _SECONDS_PER_H, 0.0)
    steps = math.ceil((hour - start) * _SECONDS_PER_H / _EVERY_S - 1e-9)
    return np.linspace(start, hour, steps + 1)


def _grid(window: FloatArray) -> FloatArray:
    """Return the window, and before it what a terminal remembers."""
    start = max(float(window[0]) - MEMORY_H, 0.0)
    history = np.arange(start, window[0], _HISTORY_EVERY_H)
    return np.concatenate([history, window])


def _steps(window: FloatArray, window_s: float, values: FloatArray, before: float) -> Steps:
    """Return means of neighbouring values as steps; what holds before 0 h comes first."""
    # The window's part before 0 h, where nothing was taken.
    lead_s = max(window_s - float(window[-1]) * _SECONDS_PER_H, 0.0)
    begins = (lead_s + (window[:-1] - window[0]) * _SECONDS_PER_H).tolist()
    middle = ((values[:-1] + values[1:]) / 2.0).tolist()
    if lead_s > 0.0:
        return Steps(time_s=[0.0, *begins], values=[before, *middle])
    return Steps(time_s=begins, values=middle)
