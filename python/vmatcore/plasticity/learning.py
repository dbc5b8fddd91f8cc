"""The rule by which weights learn and forget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import check
from vmatcore.arithmetic import exponential, logarithms
from vmatcore.errors import ParameterError
from vmatcore.plasticity.presets import LEARNING

if TYPE_CHECKING:
    import numpy.typing as npt

    from vmatcore.drugs.quantity import Quantity

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Learning"]

_LIMITS = {
    "learning_rate": (0.0, 1.0),
    "critic_rate": (0.0, 1.0),
    "expected": (0.0, 1.0),
    "trials_per_day": (0.0, 1e6),
    "decay_per_day": (0.0, 1e6),
    "save_threshold": (1e-6, 1e6),
    "most_weight": (1.0, 1e300),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Learning:
    """How bursts change the weights for (G) and against (N) a motor program. A hypothesis.

    Parameters
    ----------
    learning_rate : float
        Relative change of a weight in a trial of full trace and delta = 1.
    critic_rate : float
        The same for the expectation V; 0 keeps it.
    expected : float
        V at the start: the chance of a burst that is taken for granted.
    trials_per_day : float
        Occasions to learn.
    activity_per_s : float
        How often the program runs, in 1/s; infinite if it always just ran.
    trace_s : float
        Time constant of the eligibility trace, in s.
    decay_per_day : float
        Rate at which weights fall back to 1, in 1/d.
    save_threshold : float
        Burst that is saved half the time, as a share of the region's own D1 burst
        occupancy without drug.
    save_steepness : float
        Hill exponent of that; ``math.inf`` for all or none.
    most_weight : float
        No weight grows beyond it.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Notes
    -----
    With a trace e = exp(-lag/tau), the lag exponential, each trial changes

        G' = G (1 + alpha e delta),  N' = N (1 - alpha e delta)

    with delta = 1 - V after a saved burst, 0 after a burst too weak, and -V times the
    depth of dips where there is none. Collins and Frank 2014, doi:10.1037/a0037015;
    trace and threshold stand before it here.

    Examples
    --------
    >>> Learning().save_chance(0.5)
    0.5
    >>> Learning(activity_per_s=1.0).mean_trace()
    0.5
    """

    learning_rate: float = LEARNING["learning_rate"].value
    critic_rate: float = LEARNING["critic_rate"].value
    expected: float = LEARNING["expected"].value
    trials_per_day: float = LEARNING["trials_per_day"].value
    activity_per_s: float = LEARNING["activity_per_s"].value
    trace_s: float = LEARNING["trace_s"].value
    decay_per_day: float = LEARNING["decay_per_day"].value
    save_threshold: float = LEARNING["save_threshold"].value
    save_steepness: float = LEARNING["save_steepness"].value
    most_weight: float = LEARNING["most_weight"].value

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            value = check.number(name, getattr(self, name), minimum=low, maximum=high)
            object.__setattr__(self, name, value)
        for name in ("activity_per_s", "trace_s", "save_steepness"):
            given = getattr(self, name)
            if name != "trace_s" and isinstance(given, float) and given == math.inf:
                continue
            value = check.number(name, given, minimum=1e-3, maximum=1e6)
            object.__setattr__(self, name, value)
        if self.lag_per_trace() > 1e6:
            raise ParameterError(
                f"`trace_s` must be at least 1e-6 of the time between two runs of the program, "
                f"got {self.trace_s!r}"
            )

    @staticmethod
    def sources() -> dict[str, Quantity]:
        """Return every constant with unit, reason, status and spread.

        Examples
        --------
        >>> Learning.sources()["learning_rate"].status
        'assumed'
        """
        return {entry.name: LEARNING[entry.name] for entry in fields(Learning)}

    def lag_per_trace(self) -> float:
        """Return the mean lag since the program ran, over the trace's time constant."""
        return 1.0 / (self.activity_per_s * self.trace_s)

    def trials_of(self, days: Sequence[float], *, since: float = 0.0) -> list[int]:
        """Return the trials of epochs of so many days, the first of which begins on a day.

        They are counted from day 0, so cutting an epoch in two changes no sum.

        Examples
        --------
        >>> Learning(trials_per_day=0.5).trials_of([1.0, 1.0, 1.0, 1.0])
        [0, 1, 1, 0]
        >>> sum(Learning().trials_of([0.01] * 100)), Learning().trials_of([1.0])
        (24, [24])
        """
        ends = accumulate(days, initial=since)
        counted = [round(day * self.trials_per_day) for day in ends]
        return [after - before for before, after in pairwise(counted)]

    def mean_trace(self) -> float:
        """Return the mean trace at a trial, 1/(1 + lag/tau)."""
        return 1.0 / (1.0 + self.lag_per_trace())

    def save_chance(self, burst: float) -> float:
        """Return the chance that a burst of some size, relative to that without drug, is saved."""
        size = check.number("burst", burst, minimum=0, maximum=1e6)
        return float(self.save_chances(np.array([size]))[0])

    def save_chances(self, burst: FloatArray) -> FloatArray:
        """Return the same for bursts of many sizes, in their shape; NaN stays NaN.

        Examples
        --------
        >>> Learning().save_chances(np.array([0.0, 0.5])).tolist()
        [0.0, 0.5]
        """
        nothing = burst * 0.0  # NaN where a burst is not known
        if math.isinf(self.save_steepness):
            return nothing + (burst >= self.save_threshold)
        some = burst > 0.0
        with np.errstate(over="ignore"):  # a burst of next to nothing
            ratio = self.save_threshold / np.where(some, burst, 1.0)
        odds = self.save_steepness * logarithms(ratio)
        chances: FloatArray = np.where(some, 1.0 / (1.0 + exponential(odds)), nothing)
        return chances
