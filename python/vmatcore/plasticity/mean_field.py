"""The exact mean of the weights, in closed form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.plasticity.drive import Drive
from vmatcore.plasticity.learning import Learning

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["expected"]


def expected(drive: Drive, *, learning: Learning | None = None) -> tuple[FloatArray, FloatArray]:
    """Return the mean of G and N over endlessly many synapses, each (time,).

    Parameters
    ----------
    drive, learning
        As for :func:`vmatcore.plasticity.simulate`; ``critic_rate`` must be 0.

    Returns
    -------
    go, no_go : ndarray (time,)
        Before the first epoch and after every one.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Notes
    -----
    Trace and burst of a trial do not depend on the weight before it, so the mean obeys

        E[G'] = 1 + k (E[G] (1 + alpha E[e] d) - 1),  d = p s (1 - V) - (1 - p) V dip

    with s the chance to save and k what decay leaves. One action, all saved, trace and
    dip 1, no decay: E[G'/G] = 1 + alpha (p - V). Exact as long as no weight reaches
    ``most_weight``, which this leaves out.

    Examples
    --------
    >>> one = Learning(learning_rate=0.1, decay_per_day=0, activity_per_s=float("inf"),
    ...                save_steepness=float("inf"), trials_per_day=1)
    >>> go, no_go = expected(Drive.steady(days=1, burst_chance=0.8), learning=one)
    >>> round(float(go[1]), 12), round(float(no_go[1]), 12)
    (1.03, 0.97)
    """
    rule = Learning() if learning is None else learning
    for name, value, kind in (("drive", drive, Drive), ("learning", rule, Learning)):
        if not isinstance(value, kind):
            raise ParameterTypeError(f"`{name}` must be a {kind.__name__}, got {shown(value)}")
    if rule.critic_rate != 0.0:
        raise ParameterError(f"`critic_rate` must be 0 for a mean, got {rule.critic_rate!r}")
    columns = (drive.column(name) for name in ("days", "burst_chance", "burst", "dip"))
    state = [1.0, 1.0]
    found = [tuple(state)]
    for days, chance, burst, dip in zip(*columns, strict=True):
        trials = round(days * rule.trials_per_day)
        saved = chance * rule.save_chance(burst) * (1.0 - rule.expected)
        delta = saved - (1.0 - chance) * rule.expected * dip
        change = rule.learning_rate * rule.mean_trace() * delta if trials else 0.0
        steps = max(trials, 1)
        kept = math.exp(-rule.decay_per_day * days / steps)
        for place, factor in enumerate((1.0 + change, 1.0 - change)):
            state[place] = _repeated(state[place], kept * factor, 1.0 - kept, steps)
        found.append(tuple(state))
    go, no_go = np.array(found).T
    return np.ascontiguousarray(go), np.ascontiguousarray(no_go)


def _repeated(value: float, factor: float, added: float, times: int) -> float:
    """Apply x -> factor x + added so many times."""
    # By halving, so that a factor near 1 loses nothing to a division by 1 - factor.
    while times:
        if times & 1:
            value = factor * value + added
        added += factor * added
        factor *= factor
        times >>= 1
    return value
