"""The signal's means over epochs, read finely enough that the reads of a run do not matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vmatcore import occupancy as occupancy_stage
from vmatcore.epochs.days import SUBJECTS_AT_ONCE, means
from vmatcore.occupancy import OccupancyResult
from vmatcore.signal import SignalCourse, course
from vmatcore.terminal import sites
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["EVERY_H", "Means", "half_hours_between", "means_of"]

#: Reads are at most so far apart, in h. Half of it changes an engram by less than 1e-3.
EVERY_H = 0.5

#: Reads nearer than this are one, in h.
_SAME_H = 1e-6


class Means(NamedTuple):
    """Mean burst, dip and D2 activation, each (subject, epoch), and where they are from."""

    burst: FloatArray
    dip: FloatArray
    d2: FloatArray
    provenance: dict[str, Any]


def half_hours_between(reads_h: FloatArray) -> FloatArray:
    """Return reads that rise from 0 h, with every half hour that lies between them.

    Examples
    --------
    >>> half_hours_between(np.array([0.0, 1.0, 1.6])).tolist()
    [0.0, 0.5, 1.0, 1.5, 1.6]
    """
    halves = np.arange(0.0, reads_h[-1], EVERY_H)
    above = np.searchsorted(reads_h, halves)
    gap = np.minimum(
        np.abs(reads_h[above] - halves), np.abs(reads_h[np.maximum(above - 1, 0)] - halves)
    )
    return np.sort(np.concatenate([reads_h, halves[gap > _SAME_H]]))


def means_of(
    occupancy: OccupancyResult,
    signal: Callable[[], SignalCourse],
    edges_h: FloatArray,
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> Means:
    """Return the means of the signal over epochs, from reads at least every half hour.

    Parameters
    ----------
    occupancy : OccupancyResult
        Of the run; its reads rise from 0 h.
    signal : callable
        Returns the signal at these reads, which serves if none are further apart.
    edges_h : ndarray (epoch + 1,)
        Edges of the epochs in h, from the first read to the last.
    threads, cancel
        See :class:`vmatcore.work.Work`.
    """
    reads = occupancy.time_h
    subjects = len(occupancy.pk.subjects)
    if not subjects or (np.diff(reads) <= EVERY_H + _SAME_H).all():
        return _means(signal(), edges_h)
    fine = half_hours_between(reads)
    parts = []
    # Blocks of subjects, so that the fine reads of all are never held together.
    for block in occupancy.pk.blocks(SUBJECTS_AT_ONCE):
        held = occupancy_stage.simulate(
            block.read(fine, threads=threads, progress=False, cancel=cancel),
            recovery_half_time_h=occupancy.recovery_half_time_h,
            threads=threads,
            progress=False,
            cancel=cancel,
        )
        found = sites(active=held, threads=threads, progress=False, cancel=cancel)
        parts.append(_means(course(held, found), edges_h))
    burst, dip, d2 = (np.concatenate([part[place] for part in parts]) for place in range(3))
    return Means(burst, dip, d2, parts[0].provenance)


def _means(signal: SignalCourse, edges_h: FloatArray) -> Means:
    burst, dip, d2 = (
        means(signal.time_h, values, edges_h) for values in (signal.burst, signal.dip, signal.d2)
    )
    return Means(burst, dip, d2, signal.provenance)
