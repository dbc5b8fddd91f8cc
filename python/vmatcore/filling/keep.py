"""What to keep of the contents when not every one is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmatcore import check
from vmatcore.errors import ParameterError

__all__ = ["Histogram", "Moments"]


@dataclass(frozen=True, slots=True)
class Moments:
    """Keep mean, variance and extremes at each time: memory does not grow with vesicles.

    Examples
    --------
    >>> import vmatcore as vm
    >>> kept = vm.filling.simulate(
    ...     vm.Vesicle(), time_s=[600], vesicles=10_000, keep=Moments(), seed=1
    ... )
    >>> bool(2740 < kept.mean[0] < 2790)
    True
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Keep counts of contents in bins at each time.

    Parameters
    ----------
    edges : sequence of float
        Edges of the bins, rising; a bin holds its lower edge and not its upper one.
        What lies below the first or from the last edge on is counted apart.

    Raises
    ------
    ParameterError, ParameterTypeError
        If there are fewer than two edges, or they do not rise.

    Examples
    --------
    >>> Histogram(edges=range(0, 5000, 1000)).edges
    (0.0, 1000.0, 2000.0, 3000.0, 4000.0)
    """

    edges: Sequence[float]

    def __post_init__(self) -> None:
        edges = tuple(check.numbers("edges", self.edges))
        if len(edges) < 2:
            raise ParameterError(f"`edges` must hold at least two numbers, got {len(edges)}")
        for i in range(1, len(edges)):
            if edges[i] <= edges[i - 1]:
                raise ParameterError(
                    f"`edges[{i}]` must be above the one before it, got {edges[i]!r}"
                )
        object.__setattr__(self, "edges", edges)
