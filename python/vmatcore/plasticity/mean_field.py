"""The exact mean of the weights, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vmatcore.arithmetic import exponential
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.plasticity.drive import Drive
from vmatcore.plasticity.learning import Learning

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["epoch_mean", "expected"]


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
    ``most_weight`` or 0, where weights stop and this does not.

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
    weights = np.ones(1), np.ones(1)
    found = [weights]
    counts = rule.trials_of(drive.days)
    for trials, days, chance, burst, dip in zip(counts, *columns, strict=True):
        weights = epoch_mean(
            *weights,
            learning=rule,
            days=days,
            trials=trials,
            burst_chance=chance,
            burst=np.array([burst]),
            dip=np.array([dip]),
            trace=rule.mean_trace(),
        )
        found.append(weights)
    go, no_go = np.array(found)[:, :, 0].T
    return np.ascontiguousarray(go), np.ascontiguousarray(no_go)


def epoch_mean(
    go: FloatArray,
    no_go: FloatArray,
    *,
    learning: Learning,
    days: float,
    trials: int,
    burst_chance: float,
    burst: FloatArray,
    dip: FloatArray,
    trace: FloatArray | float,
) -> tuple[FloatArray, FloatArray]:
    """Return the mean weights of many subjects after one epoch, (subject,) each.

    Parameters
    ----------
    go, no_go : ndarray (subject,)
        Before it.
    learning : Learning
        The rule; its ``critic_rate`` is taken as 0.
    days : float
        Length of the epoch in d.
    trials : int
        How many it holds.
    burst_chance : float
        Chance of a burst in a trial.
    burst, dip : ndarray (subject,)
        Relative to those without drug.
    trace : ndarray (subject,) or float
        Mean eligibility trace at a trial.

    Examples
    --------
    >>> one = np.ones(1)
    >>> go, _ = epoch_mean(one, one, learning=Learning(), days=1.0, trials=24,
    ...                    burst_chance=0.8, burst=one, dip=one, trace=0.5)
    >>> bool(go[0] > 1.0)
    True
    """
    saved = burst_chance * learning.save_chances(burst) * (1.0 - learning.expected)
    delta = saved - (1.0 - burst_chance) * learning.expected * dip
    change = learning.learning_rate * trace * delta if trials else 0.0 * delta
    steps = max(trials, 1)
    kept = float(exponential(np.array([-learning.decay_per_day * days / steps]))[0])
    up, down = kept * (1.0 + change), kept * (1.0 - change)
    return _repeated(go, up, 1.0 - kept, steps), _repeated(no_go, down, 1.0 - kept, steps)


def _repeated(value: FloatArray, factor: FloatArray, added: float, times: int) -> FloatArray:
    """Apply x -> factor x + added so many times."""
    # By halving, so that a factor near 1 loses nothing to a division by 1 - factor.
    more = np.full_like(factor, added)
    while times:
        if times & 1:
            value = factor * value + more
        more = more + factor * more
        factor = factor * factor
        times >>= 1
    return value
