"""Expected release given the train: filled sites, and the content of the vesicle released."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore.errors import ParameterError, shown
from vmatcore.release.content import FillingContent
from vmatcore.release.synapse import Synapse

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["contents", "ready_share"]

_MOST_SPIKES = 20_000


def ready_share(synapse: Synapse, time_s: FloatArray) -> FloatArray:
    """Return the share of sites that are filled just before each spike, (spike,).

    Sites are independent, so the expected share obeys a linear recursion.

    Examples
    --------
    >>> never = Synapse(sites=1, probability=0.5, refill_s=math.inf)
    >>> ready_share(never, np.array([0.0, 1.0, 2.0])).tolist()
    [1.0, 0.5, 0.25]
    """
    share = np.empty(len(time_s))
    empty = 0.0
    before = 0.0
    for spike, now in enumerate(time_s):
        empty *= math.exp(-(now - before) / synapse.refill_s)
        share[spike] = 1.0 - empty
        empty += (1.0 - empty) * synapse.probability
        before = now
    return share


def contents(
    content: FillingContent, synapse: Synapse, time_s: FloatArray, ready: FloatArray
) -> FloatArray:
    """Return the expected molecules of a vesicle released at each spike, (spike,).

    Follows how many vesicles, in sites and in the pool, were last released at which
    spike.

    Examples
    --------
    >>> from vmatcore.vesicle import Vesicle
    >>> synapse = Synapse(sites=20, probability=0.06)
    >>> times = np.arange(10.0)
    >>> means = contents(FillingContent(Vesicle()), synapse, times, ready_share(synapse, times))
    >>> round(float(means[0])), bool(means[9] < means[0])
    (2997, True)
    """
    if len(time_s) > _MOST_SPIKES:
        raise ParameterError(
            f"`train` must hold at most {_MOST_SPIKES} spikes for the mean of a FillingContent, "
            f"got {len(time_s)}"
        )
    settings = content.settings()
    if content.binding != "fast" or settings["log_volume_sd"] or settings["copies_vary"]:
        raise ParameterError(
            "`content` must be of vesicles that are alike, with fast binding, for its mean, "
            f"got {shown(content)}: simulate many instead"
        )
    begin = 0.0
    if content.start != "empty":
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
    mean, exits = _grid(settings, time_s)
    # Place 0 stands for vesicles that were never released; see release/pool.rs.
    mean, exits = np.concatenate([[-begin], mean]), np.concatenate([[0.0], exits])
    spikes = len(time_s)
    docked, pool = np.zeros(spikes + 1), np.zeros(spikes + 1)
    docked[0], pool[0] = 1.0, float(synapse.pool_per_site)
    found = np.empty(spikes)
    for spike in range(spikes):
        here = spike + 1
        filled = ready[spike] - docked[:here].sum()
        moved = pool[:here] * (max(filled, 0.0) / pool[:here].sum())
        docked[:here] += moved
        pool[:here] -= moved
        ages = mean[here] - mean[:here] * np.exp(-(exits[here] - exits[:here]))
        total = docked[:here].sum()
        found[spike] = docked[:here] @ ages / total if total else 0.0
        fused = docked[:here].sum() * synapse.probability
        docked[:here] *= 1.0 - synapse.probability
        pool[here] = fused
    return found * (settings["capacity"] or 1.0)


def _grid(settings: dict[str, Any], time_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean content from empty and the integral of the exit rate at each spike."""
    means, exits = np.empty(len(time_s)), np.empty(len(time_s))
    mean = total = now = 0.0
    segment = 0
    working = settings["copies"] * settings["active"]
    come = working * settings["influx_per_s"]
    leave = working * settings["efflux_per_s"] + settings["leak_per_s"]
    if settings["capacity"] is not None:  # of places, the share that is taken
        come = come / settings["capacity"]
        leave = leave + come
    for spike, time in enumerate(time_s):
        while now < time:
            end = min(float(settings["until_s"][segment]), time)
            span, rate = end - now, float(leave[segment])
            gone = -math.expm1(-rate * span)
            mean = mean * math.exp(-rate * span)
            mean += float(come[segment]) * (gone / rate if rate else span)
            total += rate * span
            now = end
            if end == settings["until_s"][segment]:
                segment += 1
        means[spike], exits[spike] = mean, total
    return means, exits
