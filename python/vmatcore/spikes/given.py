"""Trains without chance: spikes at equal distances, or at times of your own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.errors import ParameterError, shown
from vmatcore.result import provenance
from vmatcore.spikes.train import MOST_HZ, MOST_S, SpikeTrain, SpikeTrains
from vmatcore.work import claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["from_times", "regular"]

_MOST_SPIKES = 2**31


def regular(*, rate_hz: float, duration_s: float, start_s: float = 0.0) -> SpikeTrain:
    """Return spikes at equal distances.

    Parameters
    ----------
    rate_hz : float
        Spikes per s.
    duration_s : float
        The train ends just before this time, in s.
    start_s : float
        Time of the first spike in s.

    Returns
    -------
    SpikeTrain

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> regular(rate_hz=4, duration_s=1).time_s.tolist()
    [0.0, 0.25, 0.5, 0.75]
    """
    rate = check.number("rate_hz", rate_hz, minimum=0, maximum=MOST_HZ)
    duration = check.number("duration_s", duration_s, minimum=0, maximum=MOST_S)
    start = check.number("start_s", start_s, minimum=0, maximum=MOST_S)
    count = math.ceil(max(0.0, duration - start) * rate) + 1 if rate else 0
    if count > _MOST_SPIKES:
        raise ParameterError(f"`rate_hz` must give at most 2^31 spikes in a train, got {count}")
    claim("spikes", (count,), fewer="spikes")
    times = start + np.arange(count) / rate if rate else np.zeros(0)
    made = provenance(stage="spikes", kind="regular", rate_hz=rate, start_s=start)
    return SpikeTrain(time_s=times[times < duration], duration_s=duration, provenance=made)


def from_times(times_s: Any, *, duration_s: float | None = None) -> Any:
    """Return a train from spike times of your own.

    Parameters
    ----------
    times_s : sequence of float, or of such sequences
        Times in s, in order: one train that all synapses share, or one for each.
    duration_s : float, optional
        The end of the train in s; by default that of the last spike.

    Returns
    -------
    SpikeTrain or SpikeTrains

    Raises
    ------
    ParameterError, ParameterTypeError
        If times are negative or go back, or a spike comes after the end.

    Examples
    --------
    >>> from_times([0.1, 0.5]).time_s.tolist()
    [0.1, 0.5]
    >>> from_times([[0.1, 0.5], [], [0.3]]).offsets.tolist()
    [0, 2, 2, 3]
    """
    rows = check.listed("times_s", times_s)
    each = bool(rows) and all(hasattr(row, "__len__") and not isinstance(row, str) for row in rows)
    trains = rows if each else [times_s]
    found = [_own(f"times_s[{i}]" if each else "times_s", row) for i, row in enumerate(trains)]
    flat = np.concatenate([np.zeros(0), *found])
    last = float(flat.max()) if flat.size else 0.0
    end = last
    if duration_s is not None:
        end = check.number("duration_s", duration_s, minimum=0, maximum=MOST_S)
        if last > end:
            raise ParameterError(
                f"`duration_s` must not be before the last spike, {last!r}, got {shown(duration_s)}"
            )
    made = provenance(stage="spikes", kind="from_times")
    common: dict[str, Any] = {"time_s": flat, "duration_s": end, "provenance": made}
    if not each:
        return SpikeTrain(**common)
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in found])]).astype(np.uint64)
    return SpikeTrains(offsets=offsets, **common)


def _own(name: str, row: Any) -> FloatArray:
    array = np.asarray(row) if isinstance(row, np.ndarray) else None
    if array is not None and array.ndim == 1 and array.dtype.kind in "iuf":
        times = array.astype(float)
    else:
        times = np.array(check.numbers(name, row))
    wrong = np.flatnonzero(~(np.isfinite(times) & (times >= 0) & (times <= MOST_S)))
    if wrong.size:
        place = int(wrong[0])
        raise ParameterError(f"`{name}[{place}]` must be in [0, 1e9], got {times[place]!r}")
    back = np.flatnonzero(np.diff(times) < 0)
    if back.size:
        place = int(back[0]) + 1
        raise ParameterError(
            f"`{name}[{place}]` must not be before the spike before it, got {times[place]!r}"
        )
    return times
