"""The results: a train of spikes that all synapses share, or one for each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.result import Result, labelled

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["MOST_HZ", "MOST_S", "SpikeTrain", "SpikeTrains"]

#: The highest rate, Hz.
MOST_HZ = 1e6

#: The longest train, s.
MOST_S = 1e9


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SpikeTrain(Result):
    """Spikes that all synapses share.

    Attributes
    ----------
    time_s : ndarray (spike,)
        Times in s, in order.
    duration_s : float
        The end of the train in s.
    provenance : dict
        Versions, seed and every parameter.
    """

    time_s: FloatArray = labelled("spike", unit="s")
    duration_s: float
    provenance: dict[str, Any]

    def rate_hz(self) -> float:
        """Return the mean number of spikes per s and synapse.

        Examples
        --------
        >>> from vmatcore.spikes import regular
        >>> regular(rate_hz=5, duration_s=60).rate_hz()
        5.0
        """
        if self.duration_s <= 0:
            return math.nan
        return len(self.time_s) / self.duration_s


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SpikeTrains(SpikeTrain):
    """A train of its own for each synapse, one after another.

    Attributes
    ----------
    offsets : ndarray of uint64 (synapse + 1,)
        Spikes of synapse ``i`` are ``offsets[i]`` to ``offsets[i + 1]``.
    """

    offsets: npt.NDArray[np.uint64] = labelled("synapse + 1", unit="spikes")

    @property
    def synapses(self) -> int:
        """How many trains there are."""
        return len(self.offsets) - 1

    def of(self, synapse: int) -> FloatArray:
        """Return the times of one synapse's spikes, in s."""
        row = check.whole("synapse", synapse, minimum=0, maximum=len(self.offsets) - 2)
        return self.time_s[int(self.offsets[row]) : int(self.offsets[row + 1])]

    def rate_hz(self) -> float:
        """Return the mean number of spikes per s and synapse."""
        if self.duration_s <= 0 or not self.synapses:
            return math.nan
        return len(self.time_s) / self.duration_s / self.synapses
