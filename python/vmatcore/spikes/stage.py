"""The stage: random trains, each a renewal process whose rate may change in steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vmatcore import _core, check, seeds
from vmatcore.errors import ParameterError, shown
from vmatcore.result import provenance
from vmatcore.spikes.train import MOST_HZ, MOST_S, SpikeTrain, SpikeTrains
from vmatcore.steps import Steps
from vmatcore.work import CancelToken, Work, claim

__all__ = ["gamma", "poisson", "tonic_burst", "tonic_burst_rate"]

Progress = bool | Callable[[int], Any] | None

_MOST_TRAINS = 2**40


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
    rate = Steps.of("rate_hz", rate_hz, maximum=MOST_HZ)
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
    rate = Steps.of("rate_hz", rate_hz, maximum=MOST_HZ)
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
    limit: dict[str, Any] = {"minimum": 0, "maximum": MOST_HZ}
    tonic = check.number("tonic_hz", tonic_hz, **limit)
    burst = check.number("burst_hz", burst_hz, **limit)
    length = check.number("burst_s", burst_s, minimum=0, exclusive=True)
    pause = check.number("pause_s", pause_s, minimum=0)
    every = check.number("every_s", every_s, minimum=0, exclusive=True)
    duration = check.number("duration_s", duration_s, minimum=0, maximum=MOST_S)
    if length + pause >= every:
        raise ParameterError(
            f"`every_s` must be more than a burst and its pause, {length + pause:g}, "
            f"got {shown(every_s)}"
        )
    begin = 0.5 * every
    if first_burst_s is not None:
        begin = check.number("first_burst_s", first_burst_s, minimum=0, maximum=MOST_S)
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


def _renewal(
    settings: dict[str, Any],
    rate: Steps,
    duration_s: float,
    synapses: int | None,
    seed: int | None,
    first: int,
    calls: dict[str, Any],
) -> SpikeTrain:
    duration = check.number("duration_s", duration_s, minimum=0, maximum=MOST_S)
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
