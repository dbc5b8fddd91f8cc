"""What the mean-field chain hands to single vesicles: working VMAT2 and cytosolic amine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import occupancy as occupancy_stage
from vmatcore.occupancy import OccupancyResult
from vmatcore.outcome.levels import MEMORY_H
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
    at_h: Sequence[float],
    window_s: float,
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> list[list[Drives | str]]:
    """Return the drives of every subject (outer) at every hour, or why there are none.

    Working VMAT2 and cytosolic amine are read every 60 s, exactly; each step holds the
    mean of its two ends, so the error falls with the square of 60 s. Terminals are at
    rest until 0 h, or where a window begins later than a terminal remembers.
    """
    windows = [_window(hour, window_s) for hour in at_h]
    times = _grid(windows)
    subjects = len(occupancy.pk.subjects)
    claim("drives of the molecular level", *[(subjects, len(times))] * 12)
    # A dose at the last hour or later plays no part in what was before.
    before = replace(occupancy.pk, regimen=occupancy.pk.regimen.stop_at(float(times[-1])))
    read = occupancy_stage.simulate(
        before.read(times, threads=threads, progress=False, cancel=cancel),
        recovery_half_time_h=occupancy.recovery_half_time_h,
        threads=threads,
        progress=False,
        cancel=cancel,
    )
    active = np.clip(read.active, 0.0, 1.0)
    lost = np.isnan(active).any(axis=1)
    active[lost] = 1.0
    terminal = terminal_stage(
        active=Profile(time_h=times - times[0], values=active),
        terminal=Terminal.default(),
        time_h=times - times[0],
        threads=threads,
        progress=False,
        cancel=cancel,
    )
    rest = float(terminal.resting["cytosol"][0])
    found: list[list[Drives | str]] = []
    for row in range(subjects):
        if lost[row]:
            found.append([read.status[row]] * len(windows))
        elif terminal.failed[row]:
            reason = f"subject {row}: its dopamine terminal could not be followed"
            found.append([reason] * len(windows))
        else:
            cytosol, held = terminal.cytosol_umol_l[row], read.off_target["D2"][row]
            found.append(
                [
                    _drives(window, window_s, times, active[row], cytosol, held, rest)
                    for window in windows
                ]
            )
    return found


def _window(hour: float, window_s: float) -> FloatArray:
    """Return times at most 60 s apart from the window's start, or 0 h, to the hour."""
    start = max(hour - window_s / _SECONDS_PER_H, 0.0)
    steps = math.ceil((hour - start) * _SECONDS_PER_H / _EVERY_S - 1e-9)
    return np.linspace(start, hour, steps + 1)


def _grid(windows: Sequence[FloatArray]) -> FloatArray:
    """Return all windows, and before the first of them what a terminal remembers."""
    start = max(min(window[0] for window in windows) - MEMORY_H, 0.0)
    end = max(window[-1] for window in windows)
    history = np.arange(start, end, _HISTORY_EVERY_H)
    return np.unique(np.concatenate([[start], history, *windows]))


def _drives(
    window: FloatArray,
    window_s: float,
    times: FloatArray,
    active: FloatArray,
    cytosol: FloatArray,
    held: FloatArray,
    rest: float,
) -> Drives:
    places = np.searchsorted(times, window)
    block = float(held[places[-1]])
    # The window's part before 0 h, where nothing was taken.
    lead_s = max(window_s - window[-1] * _SECONDS_PER_H, 0.0)
    begins = lead_s + (window[:-1] - window[0]) * _SECONDS_PER_H
    steps = []
    for values, before in ((active[places], 1.0), (cytosol[places], rest)):
        middle = (values[:-1] + values[1:]) / 2.0
        if lead_s > 0.0:
            steps.append(Steps(time_s=[0.0, *begins.tolist()], values=[before, *middle.tolist()]))
        else:
            steps.append(Steps(time_s=begins.tolist(), values=middle.tolist()))
    return Drives(
        window_s=window_s,
        active=steps[0],
        cytosol_umol_l=steps[1],
        d2_block=block / (1.0 - block),
    )
