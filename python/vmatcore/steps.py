"""A drive that changes in steps: the share of working transporters, an amine concentration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import check
from vmatcore.errors import ParameterError, shown

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Steps"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """A value that is constant between given times.

    Parameters
    ----------
    time_s : sequence of float
        Times in s that rise, the first one 0.
    values : sequence of float
        Value ``i`` holds from ``time_s[i]`` to just before ``time_s[i + 1]``, the
        last one for good.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> drive = Steps(time_s=[0, 600], values=[1.0, 0.2])
    >>> drive.at([0, 599.9, 600, 1e6])
    array([1. , 1. , 0.2, 0.2])
    """

    time_s: Sequence[float]
    values: Sequence[float]

    def __post_init__(self) -> None:
        for name in ("time_s", "values"):
            object.__setattr__(self, name, tuple(check.numbers(name, getattr(self, name))))
        if len(self.time_s) != len(self.values):
            raise ParameterError(
                f"`values` must have one number for each of {len(self.time_s)} times, "
                f"got {len(self.values)}"
            )
        if not self.time_s or self.time_s[0] != 0:
            raise ParameterError(f"`time_s` must begin with 0, got {shown(list(self.time_s))}")
        for i in range(1, len(self.time_s)):
            if self.time_s[i] <= self.time_s[i - 1]:
                raise ParameterError(f"`time_s[{i}]` must rise, got {self.time_s[i]!r}")

    @staticmethod
    def of(
        name: str, value: object, *, minimum: float = 0.0, maximum: float | None = None
    ) -> Steps:
        """Return a drive from a number or a drive, its values checked against limits."""
        drive = value
        if not isinstance(drive, Steps):
            one = check.number(name, value, minimum=minimum, maximum=maximum)
            return Steps(time_s=(0.0,), values=(one,))
        for i, item in enumerate(drive.values):
            check.number(f"{name}.values[{i}]", item, minimum=minimum, maximum=maximum)
        return drive

    def at(self, time_s: object) -> FloatArray:
        """Return the values that hold at some times (s)."""
        times = np.asarray(check.listed("time_s", time_s), float)
        places = np.searchsorted(np.array(self.time_s), times, side="right") - 1
        return np.array(self.values)[np.maximum(places, 0)]

    def until_s(self) -> FloatArray:
        """Return the end of each step in s; the last one is infinite."""
        return np.array([*self.time_s[1:], math.inf])

    @staticmethod
    def merged(*drives: Steps) -> tuple[FloatArray, list[FloatArray]]:
        """Return the ends of the steps that several drives make together, and their values."""
        times = sorted({time for drive in drives for time in drive.time_s})
        ends = np.array([*times[1:], math.inf])
        return ends, [drive.at(times) for drive in drives]
