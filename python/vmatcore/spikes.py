"""Trains of spikes: regular, Poisson, gamma, tonic with bursts and pauses, or your own times.

A train is shared by all synapses unless ``synapses`` asks for one each. Train ``i``
depends on the seed and ``first + i`` alone, so more synapses keep the first ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, check, seeds
from vmatcore.errors import ParameterError, shown
from vmatcore.result import Result, labelled, provenance
from vmatcore.steps import Steps
from vmatcore.work import CancelToken, Work, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = [
    "SpikeTrain",
    "SpikeTrains",
    "from_times",
    "gamma",
    "poisson",
    "regular",
    "tonic_burst",
    "tonic_burst_rate",
]

Progress = bool | Callable[[int], Any] | None

_MOST_HZ = 1e6
_MOST_S = 1e9
_MOST_TRAINS = 2**40
_MOST_SPIKES = 2**31


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SpikeTrain(Result):
    """Spikes that all synapses share.

    Attributes
    ----------
    time_s : ndarray (spike,)
        Times in s, in order.
    duration_s : float
        The end of the train in s.
    provenance : dict
        Versions, seed and every parameter.
    """

    time_s: FloatArray = labelled("spike", unit="s")
    duration_s: float
    provenance: dict[str, Any]

    def rate_hz(self) -> float:
        """Return the mean number of spikes per s and synapse.

        Examples
        --------
        >>> regular(rate_hz=5, duration_s=60).rate_hz()
        5.0
        """
        if self.duration_s <= 0:
            return math.nan
        return len(self.time_s) / self.duration_s


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SpikeTrains(SpikeTrain):
    """A train of its own for each synapse, one after another.

    Attributes
    ----------
    offsets : ndarray of uint64 (synapse + 1,)
        Spikes of synapse ``i`` are ``offsets[i]`` to ``offsets[i + 1]``.
    """

    offsets: npt.NDArray[np.uint64] = labelled("synapse + 1", unit="spikes")

    @property
    def synapses(self) -> int:
        """How many trains there are."""
        return len(self.offsets) - 1

    def of(self, synapse: int) -> FloatArray:
        """Return the times of one synapse's spikes, in s."""
        row = check.whole("synapse", synapse, minimum=0, maximum=len(self.offsets) - 2)
        return self.time_s[int(self.offsets[row]) : int(self.offsets[row + 1])]

    def rate_hz(self) -> float:
        """Return the mean number of spikes per s and synapse."""
        if self.duration_s <= 0 or not self.synapses:
            return math.nan
        return len(self.time_s) / self.duration_s / self.synapses


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
    rate = check.number("rate_hz", rate_hz, minimum=0, maximum=_MOST_HZ)
    duration = check.number("duration_s", duration_s, minimum=0, maximum=_MOST_S)
    start = check.number("start_s", start_s, minimum=0, maximum=_MOST_S)
    count = math.ceil(max(0.0, duration - start) * rate) + 1 if rate else 0
    if count > _MOST_SPIKES:
        raise ParameterError(f"`rate_hz` must give at most 2^31 spikes in a train, got {count}")
    claim("spikes", (count,), fewer="spikes")
    times = start + np.arange(count) / rate if rate else np.zeros(0)
    made = provenance(stage="spikes", kind="regular", rate_hz=rate, start_s=start)
    return SpikeTrain(time_s=times[times < duration], duration_s=duration, provenance=made)


def poisson(
    *,
    rate_hz: float | Steps,
    duration_s: float,
    synapses: int | None = None,
    seed: int | None = None,
    first: int = 0,
    threads: int | None = None,
    progress: Progress = None,
    cancel: CancelToken | None = None,
) -> Any:
    """Return spikes that come at random, independently of one another.

    Parameters
    ----------
    rate_hz : float or Steps
        Expected spikes per s.
    duration_s : float
        The train ends just before this time, in s.
    synapses : int, optional
        A train for each of so many synapses; by default one that all share.
    seed : int, optional
        From 0 to 2^64 - 1; by default one is drawn and recorded.
    first : int
        Number of the first train: those of one seed can be made in parts.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    SpikeTrain, or SpikeTrains where ``synapses`` is given

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the spikes would not fit.

    Examples
    --------
    >>> one = poisson(rate_hz=5, duration_s=60, seed=1)
    >>> each = poisson(rate_hz=5, duration_s=60, synapses=3, seed=1)
    >>> bool((each.of(0) == one.time_s).all()), each.synapses
    (True, 3)
    """
    settings = {"kind": "poisson", "shape": 1.0}
    rate = Steps.of("rate_hz", rate_hz, maximum=_MOST_HZ)
    calls = {"threads": threads, "progress": progress, "cancel": cancel}
    return _renewal(settings, rate, duration_s, synapses, seed, first, calls)


def gamma(
    *,
    rate_hz: float | Steps,
    duration_s: float,
    interval_cv: float,
    synapses: int | None = None,
    seed: int | None = None,
    first: int = 0,
    threads: int | None = None,
    progress: Progress = None,
    cancel: CancelToken | None = None,
) -> Any:
    """Return spikes whose intervals follow a gamma law.

    Parameters
    ----------
    rate_hz : float or Steps
        Expected spikes per s in the long run; where it changes, intervals are
        stretched so that the rate is met.
    duration_s : float
        The train ends just before this time, in s.
    interval_cv : float
        Coefficient of variation of the intervals: 1 is a Poisson train, less is
        more regular, more is more clustered.
    synapses, seed, first, threads, progress, cancel
        As for :func:`poisson`.

    Returns
    -------
    SpikeTrain, or SpikeTrains where ``synapses`` is given

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the spikes would not fit.

    Notes
    -----
    Barbieri 2001, doi:10.1016/S0165-0270(00)00344-7.

    Examples
    --------
    >>> import numpy as np
    >>> intervals = np.diff(gamma(rate_hz=10, duration_s=500, interval_cv=0.3, seed=1).time_s)
    >>> bool(abs(intervals.std() / intervals.mean() - 0.3) < 0.02)
    True
    """
    cv = check.number("interval_cv", interval_cv, minimum=1e-3, maximum=30)
    settings = {"kind": "gamma", "shape": 1.0 / (cv * cv)}
    rate = Steps.of("rate_hz", rate_hz, maximum=_MOST_HZ)
    calls = {"threads": threads, "progress": progress, "cancel": cancel}
    return _renewal(settings, rate, duration_s, synapses, seed, first, calls)


def tonic_burst(
    *,
    duration_s: float,
    tonic_hz: float = 4.0,
    burst_hz: float = 20.0,
    burst_s: float = 0.3,
    pause_s: float = 1.0,
    every_s: float = 10.0,
    first_burst_s: float | None = None,
    interval_cv: float = 1.0,
    synapses: int | None = None,
    seed: int | None = None,
    first: int = 0,
    threads: int | None = None,
    progress: Progress = None,
    cancel: CancelToken | None = None,
) -> Any:
    """Return tonic firing with bursts, each followed by a pause.

    Parameters
    ----------
    duration_s : float
        The train ends just before this time, in s.
    tonic_hz, burst_hz : float
        Rates between and in bursts. Models use 4 Hz and six spikes at 20 Hz
        (doi:10.1523/JNEUROSCI.1894-10.2010).
    burst_s, pause_s : float
        How long a burst and the silence after it last, in s. The pause is assumed.
    every_s : float
        Time from one burst to the next, in s; assumed.
    first_burst_s : float, optional
        Time of the first burst; by default half of ``every_s``.
    interval_cv : float
        Coefficient of variation of the intervals, in units of the rate: 1 is Poisson.
    synapses, seed, first, threads, progress, cancel
        As for :func:`poisson`.

    Returns
    -------
    SpikeTrain, or SpikeTrains where ``synapses`` is given

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or a burst and its pause do not fit in ``every_s``.
    MemoryLimitError
        If the spikes would not fit.

    Examples
    --------
    >>> train = tonic_burst(duration_s=20, seed=1, interval_cv=0.1)
    >>> in_burst = (train.time_s >= 5) & (train.time_s < 5.3)
    >>> int(in_burst.sum()), int(((train.time_s >= 5.3) & (train.time_s < 6.3)).sum())
    (6, 0)
    """
    steps = tonic_burst_rate(
        duration_s=duration_s,
        tonic_hz=tonic_hz,
        burst_hz=burst_hz,
        burst_s=burst_s,
        pause_s=pause_s,
        every_s=every_s,
        first_burst_s=first_burst_s,
    )
    cv = check.number("interval_cv", interval_cv, minimum=1e-3, maximum=30)
    settings = {"kind": "tonic_burst", "shape": 1.0 / (cv * cv)}
    calls = {"threads": threads, "progress": progress, "cancel": cancel}
    return _renewal(settings, steps, duration_s, synapses, seed, first, calls)


def tonic_burst_rate(
    *,
    duration_s: float,
    tonic_hz: float = 4.0,
    burst_hz: float = 20.0,
    burst_s: float = 0.3,
    pause_s: float = 1.0,
    every_s: float = 10.0,
    first_burst_s: float | None = None,
) -> Steps:
    """Return the rate of :func:`tonic_burst`: expected spikes per s over time.

    Parameters
    ----------
    duration_s, tonic_hz, burst_hz, burst_s, pause_s, every_s, first_burst_s
        As for :func:`tonic_burst`.

    Returns
    -------
    Steps

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or a burst and its pause do not fit in ``every_s``.

    Examples
    --------
    >>> tonic_burst_rate(duration_s=10).at([0, 5, 5.3, 6.3])
    array([ 4., 20.,  0.,  4.])
    """
    limit: dict[str, Any] = {"minimum": 0, "maximum": _MOST_HZ}
    tonic = check.number("tonic_hz", tonic_hz, **limit)
    burst = check.number("burst_hz", burst_hz, **limit)
    length = check.number("burst_s", burst_s, minimum=0, exclusive=True)
    pause = check.number("pause_s", pause_s, minimum=0)
    every = check.number("every_s", every_s, minimum=0, exclusive=True)
    duration = check.number("duration_s", duration_s, minimum=0, maximum=_MOST_S)
    if length + pause >= every:
        raise ParameterError(
            f"`every_s` must be more than a burst and its pause, {length + pause:g}, "
            f"got {shown(every_s)}"
        )
    begin = 0.5 * every
    if first_burst_s is not None:
        begin = check.number("first_burst_s", first_burst_s, minimum=0, maximum=_MOST_S)
    if duration / every > 1e6:
        raise ParameterError(f"`every_s` must leave at most 1e6 bursts, got {shown(every_s)}")
    times, rates = [0.0], [tonic]
    number = 0
    while (time_s := begin + number * every) < duration:
        for at, rate in ((time_s, burst), (time_s + length, 0.0), (time_s + length + pause, tonic)):
            if at > times[-1]:
                times.append(at)
                rates.append(rate)
            else:
                rates[-1] = rate
        number += 1
    return Steps(time_s=times, values=rates)


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
        end = check.number("duration_s", duration_s, minimum=0, maximum=_MOST_S)
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
        items = check.listed(name, row)
        times = np.array([check.number(f"{name}[{i}]", item) for i, item in enumerate(items)])
    wrong = np.flatnonzero(~(np.isfinite(times) & (times >= 0) & (times <= _MOST_S)))
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


def _renewal(
    settings: dict[str, Any],
    rate: Steps,
    duration_s: float,
    synapses: int | None,
    seed: int | None,
    first: int,
    calls: dict[str, Any],
) -> SpikeTrain:
    duration = check.number("duration_s", duration_s, minimum=0, maximum=_MOST_S)
    count = 1
    if synapses is not None:
        count = check.whole("synapses", synapses, minimum=0, maximum=_MOST_TRAINS)
    chosen = seeds.chosen(seed)
    offset = check.whole("first", first, minimum=0, maximum=2**64 - 1 - count)
    work = Work.start(**calls, total=count)
    begins = np.array(rate.time_s)
    inside = begins < duration
    until = np.array([*begins[inside][1:], duration]) if inside.any() else np.zeros(0)
    values = np.array(rate.values)[inside]
    claim("counts of spikes", (count,), fewer="synapses")
    law = (until, values, settings["shape"], chosen, offset)
    counts = _core.spikes_count(work, *law, count)
    claim("spikes", (int(counts.sum()),), fewer="synapses or spikes")
    times = _core.spikes_write(work.quiet(), *law, counts)
    made = provenance(
        stage="spikes", **settings, seed=chosen, first=offset, rate_hz=rate, synapses=synapses
    )
    if synapses is None:
        return SpikeTrain(time_s=times, duration_s=duration, provenance=made)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)
    return SpikeTrains(time_s=times, offsets=offsets, duration_s=duration, provenance=made)
