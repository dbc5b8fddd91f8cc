"""The bare process: molecules that come and go."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vmatcore import check
from vmatcore.errors import ParameterError

__all__ = ["BirthDeath"]

_LARGEST_PER_S = 1e15
_MOST_PLACES = 2**31


@dataclass(frozen=True, kw_only=True, slots=True)
class BirthDeath:
    """Molecules enter at a rate, and each one leaves at a rate of its own.

    Parameters
    ----------
    birth_per_s : float
        Molecules entering an empty vesicle per s.
    death_per_s : float
        Rate per s at which each molecule leaves.
    capacity : int, optional
        With a capacity C, molecules enter with birth_per_s (1 - N / C).

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> BirthDeath(birth_per_s=25.0, death_per_s=0.005).content()
    5000.0
    >>> BirthDeath(birth_per_s=25.0, death_per_s=0.005, capacity=5000).content()
    2500.0
    """

    birth_per_s: float
    death_per_s: float
    capacity: int | None = None

    def __post_init__(self) -> None:
        for name in ("birth_per_s", "death_per_s"):
            value = check.number(name, getattr(self, name), minimum=0, maximum=_LARGEST_PER_S)
            object.__setattr__(self, name, value)
        if self.capacity is not None:
            places = check.whole("capacity", self.capacity, minimum=1, maximum=_MOST_PLACES)
            object.__setattr__(self, "capacity", places)

    def content(self) -> float:
        """Return the steady mean number of molecules; infinite if nothing leaves."""
        if self.birth_per_s == 0:
            if self.death_per_s == 0:
                raise ParameterError("`content` needs a rate above 0, got none")
            return 0.0
        if self.capacity is None:
            return self.birth_per_s / self.death_per_s if self.death_per_s else math.inf
        each = self.birth_per_s / self.capacity
        return self.capacity * (each / (each + self.death_per_s))

    def refill_s(self) -> float:
        """Return the time constant in s with which the content nears its steady value."""
        rate = self.death_per_s
        if self.capacity is not None:
            rate += self.birth_per_s / self.capacity
        return 1.0 / rate if rate else math.inf
