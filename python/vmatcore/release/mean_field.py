"""Expected release given the trains: filled sites, and the content of the vesicle released."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore.arithmetic import exponential
from vmatcore.errors import ParameterError, shown
from vmatcore.release.content import FillingContent
from vmatcore.release.synapse import Synapse

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    Offsets = npt.NDArray[np.uint64]

__all__ = ["contents", "ready_share"]

#: Below this the series of (1 - exp(-x))/x is exact to the last bits.
_FEW = 0.02


def ready_share(synapse: Synapse, time_s: FloatArray, offsets: Offsets | None = None) -> FloatArray:
    """Return the share of sites that are filled just before each spike, (spike,).

    Sites are independent, so the expected share obeys a linear recursion. With
    ``offsets`` the spikes are those of one synapse after another.

    Examples
    --------
    >>> never = Synapse(sites=1, probability=0.5, refill_s=math.inf)
    >>> ready_share(never, np.array([0.0, 1.0, 2.0])).tolist()
    [1.0, 0.5, 0.25]
    """
    share = np.empty(len(time_s))
    stay = exponential(-_pauses(time_s, offsets) / synapse.refill_s)
    empty = np.zeros(1 if offsets is None else len(offsets) - 1)
    for spikes in _together(time_s, offsets):
        some = slice(len(spikes))
        empty[some] *= stay[spikes]
        share[spikes] = 1.0 - empty[some]
        empty[some] += (1.0 - empty[some]) * synapse.probability
    return share


def contents(
    content: FillingContent,
    synapse: Synapse,
    time_s: FloatArray,
    ready: FloatArray,
    offsets: Offsets | None = None,
) -> FloatArray:
    """Return the expected molecules of a vesicle released at each spike, (spike,).

    Follows the mean content of the vesicles in sites and of those in the pool. Both
    fill by the same linear law; a vesicle that fuses joins the pool with nothing.

    Examples
    --------
    >>> from vmatcore.vesicle import Vesicle
    >>> synapse = Synapse(sites=20, probability=0.06)
    >>> times = np.arange(10.0)
    >>> means = contents(FillingContent(Vesicle()), synapse, times, ready_share(synapse, times))
    >>> round(float(means[0])), bool(means[9] < means[0])
    (2997, True)
    """
    settings = content.settings()
    if content.binding != "fast" or settings["log_volume_sd"] or settings["copies_vary"]:
        raise ParameterError(
            "`content` must be of vesicles that are alike, with fast binding, for its mean, "
            f"got {shown(content)}: simulate many instead"
        )
    stay, gain = _between(settings, time_s, offsets)
    rows = 1 if offsets is None else len(offsets) - 1
    # Vesicles for each site, and what those in sites and those in the pool hold together.
    docked, pool = np.ones(rows), np.full(rows, float(synapse.pool_per_site))
    in_sites = np.full(rows, _begin(content, settings))
    in_pool = in_sites * pool
    found = np.zeros(len(time_s))
    keep = 1.0 - synapse.probability
    for spikes in _together(time_s, offsets):
        some = slice(len(spikes))
        in_sites[some] = in_sites[some] * stay[spikes] + docked[some] * gain[spikes]
        in_pool[some] = in_pool[some] * stay[spikes] + pool[some] * gain[spikes]
        filled = np.maximum(ready[spikes] - docked[some], 0.0)
        moved = in_pool[some] * (filled / pool[some])
        docked[some] += filled
        pool[some] -= filled
        in_sites[some] += moved
        in_pool[some] -= moved
        here = docked[some]
        found[spikes] = np.divide(in_sites[some], here, out=np.zeros_like(here), where=here > 0)
        pool[some] += here * synapse.probability
        in_sites[some] *= keep
        docked[some] *= keep
    return found * (settings["capacity"] or 1.0)


def _begin(content: FillingContent, settings: dict[str, Any]) -> float:
    """Return the mean content, or share of places taken, before the first release."""
    if content.start == "empty":
        return 0.0
    full = (
        content
        if content.start == "steady"
        else FillingContent(content.vesicle, active=1.0, cytosol_umol_l=content.cytosol_umol_l)
    )
    begin = full.mean_from_empty() / (settings["capacity"] or 1.0)
    if math.isinf(begin):
        raise ParameterError(
            f'`start` must be "empty" where nothing leaves the vesicle, got "{content.start}"'
        )
    return begin


def _together(time_s: FloatArray, offsets: Offsets | None) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the first spikes of all rows, then their second ones, and so on.

    Rows with more spikes come first, so those that are left are the first rows.
    """
    if offsets is None:
        for spike in range(len(time_s)):
            yield np.array([spike])
        return
    counts = np.diff(offsets).astype(np.intp)
    order = np.argsort(-counts, kind="stable")
    starts, counts = offsets[:-1].astype(np.intp)[order], counts[order]
    for spike in range(int(counts[0]) if len(counts) else 0):
        yield starts[: np.searchsorted(-counts, -spike, side="left")] + spike


def _pauses(time_s: FloatArray, offsets: Offsets | None) -> FloatArray:
    """Return the time from the spike before, or from 0 s, to each spike."""
    pauses = np.diff(time_s, prepend=0.0)
    firsts = _firsts(time_s, offsets)
    pauses[firsts] = time_s[firsts]
    return pauses


def _firsts(time_s: FloatArray, offsets: Offsets | None) -> npt.NDArray[np.intp]:
    """Return the places of the first spike of every row that has one."""
    if offsets is None:
        return np.arange(min(1, len(time_s)))
    starts = offsets.astype(np.intp)
    return starts[:-1][starts[:-1] < starts[1:]]


def _between(
    settings: dict[str, Any], time_s: FloatArray, offsets: Offsets | None
) -> tuple[FloatArray, FloatArray]:
    """Return what is left of a content from spike to spike, and what an empty vesicle gains."""
    mean, exits = _from_empty(settings, time_s)
    firsts = _firsts(time_s, offsets)
    before_mean, before_exits = np.roll(mean, 1), np.roll(exits, 1)
    before_mean[firsts] = before_exits[firsts] = 0.0
    stay = exponential(-(exits - before_exits))
    return stay, np.maximum(mean - before_mean * stay, 0.0)


def _from_empty(settings: dict[str, Any], time_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean content from empty at 0 s and the integral of the exit rate at some times."""
    working = settings["copies"] * settings["active"]
    come = working * settings["influx_per_s"]
    leave = working * settings["efflux_per_s"] + settings["leak_per_s"]
    if settings["capacity"] is not None:  # of places, the share that is taken
        come = come / settings["capacity"]
        leave = leave + come
    until = settings["until_s"]
    begins = np.concatenate([[0.0], until[:-1]])
    mean, exits = np.zeros(len(until)), np.zeros(len(until))
    for here in range(1, len(until)):
        span = begins[here] - begins[here - 1]
        mean[here] = _filled(mean[here - 1], come[here - 1], leave[here - 1], span)
        exits[here] = exits[here - 1] + leave[here - 1] * span
    place = np.searchsorted(until, time_s, side="right")
    span = time_s - begins[place]
    rate = leave[place]
    return _filled(mean[place], come[place], rate, span), exits[place] + rate * span


def _filled(mean: Any, come: Any, leave: Any, span: Any) -> Any:
    """Return a mean after a span of m' = come - leave m."""
    passed = np.asarray(leave * span)
    stay = exponential(-passed)
    few = passed < _FEW
    # (1 - exp(-x))/x; where x is small, by its series, which does not cancel.
    large = (1.0 - stay) / np.where(few, 1.0, passed)
    share = np.where(few, _series(np.where(few, passed, 0.0)), large)
    return mean * stay + come * span * share


def _series(x: FloatArray) -> FloatArray:
    total: FloatArray = np.ones_like(x)
    for order in range(8, 1, -1):
        total = 1.0 - x / order * total
    return total
