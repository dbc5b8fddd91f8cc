"""Expected release of synapses with Poisson trains of their own, from the rate alone."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.release.content import ConstantQuantum, LognormalQuantum
from vmatcore.release.result import ReleaseCourse
from vmatcore.release.synapse import Synapse
from vmatcore.result import provenance
from vmatcore.steps import Steps
from vmatcore.work import claim

__all__ = ["expected_rate"]

_ONE = ConstantQuantum(molecules=1.0)
_MOST_STEPS = 10**8
_MOST_HZ = 1e6


def expected_rate(
    synapse: Synapse,
    rate_hz: float | Steps,
    *,
    duration_s: float,
    step_s: float = 0.01,
    content: ConstantQuantum | LognormalQuantum = _ONE,
    filled: float = 1.0,
) -> ReleaseCourse:
    """Return the expected release of one synapse in equal steps, from a rate of spikes.

    Exact for Poisson trains of that rate, one for each synapse: the mean field of
    :func:`vmatcore.release.simulate` with ``spikes.poisson(rate_hz=..., synapses=...)``.

    Parameters
    ----------
    synapse : Synapse
        Sites, chance, refilling.
    rate_hz : float or Steps
        Expected spikes per s.
    duration_s : float
        The end in s; the last step may be shorter.
    step_s : float
        Steps in s over which release is summed.
    content : ConstantQuantum or LognormalQuantum
        What a vesicle holds; one molecule by default.
    filled : float
        Share of the sites that are filled at 0 s.

    Returns
    -------
    ReleaseCourse
        Silent synapses included.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the result would not fit.

    Notes
    -----
    A filled site releases at the rate p r(t) and an empty one is filled at 1/refill,
    whatever the other sites do, so the filled share obeys

        dx/dt = (1 - x)/refill - p r(t) x

    and a synapse releases sites p r(t) x quanta per s. Where r is constant both have a
    closed form, which is summed between the edges of the steps and of the rate.

    Examples
    --------
    >>> from vmatcore.release import Synapse
    >>> found = expected_rate(Synapse.dopamine(), 4.0, duration_s=60)
    >>> [round(float(share), 4) for share in found.filled[[0, -1]]]
    [1.0, 0.3623]
    """
    if not isinstance(synapse, Synapse):
        raise ParameterTypeError(f"`synapse` must be a Synapse, got {shown(synapse)}")
    if not isinstance(content, ConstantQuantum | LognormalQuantum):
        raise ParameterTypeError(
            f"`content` must be a ConstantQuantum or a LognormalQuantum, got {shown(content)}"
        )
    rate = Steps.of("rate_hz", rate_hz, maximum=_MOST_HZ)
    duration = check.number("duration_s", duration_s, minimum=0, maximum=1e9)
    step = check.number("step_s", step_s, minimum=1e-6, maximum=1e6)
    share = check.number("filled", filled, minimum=0, maximum=1)
    steps = math.ceil(duration / step - 1e-9)
    if steps > _MOST_STEPS:
        raise ParameterError(f"`step_s` must give at most 1e8 steps, got {steps}")
    claim("release in steps", (steps, 8), fewer="steps")
    edges = np.append(np.arange(steps) * step, duration) if steps else np.zeros(1)
    released, shares = _follow(synapse, rate, edges, share)
    quanta = (synapse.active_share * synapse.sites) * released
    return ReleaseCourse(
        time_s=0.5 * (edges[1:] + edges[:-1]),
        duration_s=duration,
        quanta=quanta,
        molecules=quanta * content.molecules,
        filled=shares,
        provenance=provenance(
            stage="release",
            kind="expected rate",
            seed=0,
            synapse=asdict(synapse),
            content={"type": type(content).__name__} | asdict(content),
            rate_hz=rate,
            step_s=step,
        ),
    )


def _follow(
    synapse: Synapse, rate: Steps, edges: np.ndarray, filled: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the quanta of a site in each step, and the filled share at the edges."""
    refill = 0.0 if math.isinf(synapse.refill_s) else 1.0 / synapse.refill_s
    released = np.zeros(len(edges) - 1)
    shares = np.empty(len(edges))
    shares[0] = filled
    ends = rate.until_s().tolist()
    part, now = 0, 0.0
    for place, end in enumerate(edges[1:].tolist()):
        while now < end:
            until = min(ends[part], end)
            leave = synapse.probability * rate.values[part]
            total, span = refill + leave, until - now
            if total > 0.0:
                steady = refill / total
                gone = -math.expm1(-total * span)
                released[place] += leave * (steady * span + (filled - steady) * (gone / total))
                filled += (steady - filled) * gone
            now = until
            if until == ends[part]:
                part += 1
        shares[place + 1] = filled
    return released, shares
