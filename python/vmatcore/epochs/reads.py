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
from vmatcore.terminal.drives import DRIVEN_EVERY_H, SAME_H, driven_times
from vmatcore.work import CancelToken

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Means", "means_of"]


class Means(NamedTuple):
    """Mean burst, dip and D2 activation, each (subject, epoch), and where they are from."""

    burst: FloatArray
    dip: FloatArray
    d2: FloatArray
    provenance: dict[str, Any]


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

    Examples
    --------
    >>> import vmatcore as vm
    >>> coarse, fine = (
    ...     vm.simulate("valbenazine 80 mg q24h x 2", every_h=every) for every in (24, 0.5)
    ... )
    >>> days = np.array([0.0, 24.0, 48.0])
    >>> one, other = (means_of(run.occupancy, lambda: run.signal, days) for run in (coarse, fine))
    >>> bool(abs(one.d2 - other.d2).max() < 1e-12)
    True
    """
    reads = occupancy.time_h
    subjects = len(occupancy.pk.subjects)
    if not subjects or (np.diff(reads) <= DRIVEN_EVERY_H + SAME_H).all():
        return _means(signal(), edges_h)
    fine = driven_times(reads)
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
