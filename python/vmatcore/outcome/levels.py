"""The last day of a run as the mean field sees it: from occupancy to D2 activation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vmatcore import occupancy as occupancy_stage
from vmatcore.errors import SolverError
from vmatcore.occupancy import OccupancyResult
from vmatcore.signal import Region
from vmatcore.terminal import Profile, sites
from vmatcore.work import CancelToken, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["DAY_READS", "Levels", "last_day", "levels_from", "tonic_nmol_l", "trapezoid"]

_DAY_H = 24.0

#: How far back a terminal remembers; what lies before changes its content by less than 1e-8.
MEMORY_H = 240.0

#: Reads before the last day, and during it.
_EVERY_H = 0.5
_DAY_STEPS = 240

#: Reads of the last day, which end those of a run.
DAY_READS = _DAY_STEPS + 1

#: Halvings of the interval that holds the amine; more than a float64 has bits.
_HALVINGS = 80


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Levels over one day, (row, time); 1 is the level without drug.

    Attributes
    ----------
    weights : ndarray (time,)
        Shares of the day, which sum to 1: a mean is ``values @ weights``.
    vmat2, serotonin_7 : ndarray
        Shares of VMAT2 and of 5-HT7 receptors held by drug.
    dopamine, serotonin, norepinephrine : ndarray
        Content of the vesicles at three sites, relative to rest; release follows it.
    amine : dict of ndarray
        Steady extracellular amine at the three sites.
    block : ndarray
        Sum C_u/K_i of what competes with dopamine at D2.
    d2 : ndarray
        Activation of striatal D2 by dopamine, relative to rest.
    """

    weights: FloatArray
    vmat2: FloatArray
    serotonin_7: FloatArray
    dopamine: FloatArray
    serotonin: FloatArray
    norepinephrine: FloatArray
    amine: dict[str, FloatArray]
    block: FloatArray
    d2: FloatArray

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the mean over the day, (row,)."""
        total: FloatArray = (values * self.weights).sum(axis=1)
        return total


def grid(end_h: float) -> FloatArray:
    """Return the times that are read: what a terminal remembers, and the last day finely."""
    day = np.linspace(max(end_h - _DAY_H, 0.0), end_h, _DAY_STEPS + 1)
    start = max(day[0] - MEMORY_H, 0.0)
    history: FloatArray = np.concatenate([np.arange(start, day[0], _EVERY_H), day])
    return history


def last_day(
    occupancies: Sequence[OccupancyResult],
    end_h: float,
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> tuple[Levels, list[OccupancyResult]]:
    """Return the levels over the 24 h before ``end_h``, and the occupancies of that day.

    The rows are the subjects of all runs, one after the other. What is given at
    ``end_h`` or later plays no part.
    """
    times = grid(end_h)
    read = [_read(one, times, threads, cancel) for one in occupancies]
    first = len(times) - _DAY_STEPS - 1
    return levels_from(read, times, first, threads=threads, cancel=cancel), read


def levels_from(
    read: Sequence[OccupancyResult],
    times: FloatArray,
    first: int,
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> Levels:
    """Return the levels at the times from the one numbered ``first`` on.

    All runs must have been read at ``times``. Terminals are at rest at the first of them,
    which is 0 h or lies :data:`MEMORY_H` before the times that are returned.
    """
    rows = sum(len(one.pk.subjects) for one in read)
    claim("levels of the outcome", *[(rows, len(times))] * 12)
    active = np.concatenate([np.clip(one.active, 0.0, 1.0) for one in read])
    # Whom the kinetics could not follow has no outcome either; the others have theirs.
    lost = ~np.isfinite(active).all(axis=1)
    active[lost] = 1.0
    found = sites(
        active=Profile(time_h=times - times[0], values=active),
        time_h=times[first:] - times[0],
        threads=threads,
        progress=False,
        cancel=cancel,
    )
    if any(one.failed.any() for one in found.values()):
        raise SolverError("a terminal could not be followed to the end; see terminal.sites")
    contents = [np.where(lost[:, None], np.nan, one.content) for one in found.values()]
    held = np.concatenate([one.off_target["D2"][:, first:] for one in read])
    block = held / (1.0 - held)
    region = Region.dorsal_striatum()
    half = region.receptors["D2"].ec50_nmol_l
    rest = region.tonic_nmol_l()
    amine = tonic_nmol_l(region, contents[0])
    activation = amine / (amine + half * (1.0 + block))
    return Levels(
        weights=trapezoid(times[first:]),
        vmat2=np.concatenate([one.vmat2[:, first:] for one in read]),
        serotonin_7=np.concatenate([one.off_target["5-HT7"][:, first:] for one in read]),
        dopamine=contents[0],
        serotonin=contents[1],
        norepinephrine=contents[2],
        amine={
            "striatal dopamine": amine / rest,
            "limbic serotonin": _relative(Region.serotonin(), contents[1]),
            "cortical norepinephrine": _relative(Region.norepinephrine(), contents[2]),
        },
        block=block,
        d2=activation / (rest / (rest + half)),
    )


def _relative(region: Region, release: FloatArray) -> FloatArray:
    return tonic_nmol_l(region, release) / region.tonic_nmol_l()


def trapezoid(times: FloatArray) -> FloatArray:
    """Return weights of a mean over time of straight lines between reads; they sum to 1.

    Examples
    --------
    >>> trapezoid(np.array([0.0, 1.0, 4.0])).tolist()
    [0.125, 0.5, 0.375]
    """
    weights = np.zeros_like(times)
    gaps = np.diff(times)
    weights[:-1] += gaps
    weights[1:] += gaps
    shares: FloatArray = weights / weights.sum()
    return shares


def _read(
    occupancy: OccupancyResult,
    times: FloatArray,
    threads: int | None,
    cancel: CancelToken | None,
) -> OccupancyResult:
    pk = occupancy.pk
    before = replace(pk, regimen=pk.regimen.stop_at(float(times[-1])))
    return occupancy_stage.simulate(
        before.read(times, progress=False),
        recovery_half_time_h=occupancy.recovery_half_time_h,
        threads=threads,
        progress=False,
        cancel=cancel,
    )


def tonic_nmol_l(region: Region, release: FloatArray) -> FloatArray:
    """Return the steady amine of a region for many releases relative to rest.

    :meth:`vmatcore.Region.steady_nmol_l` for one of them. Release is a closed form of
    the amine and rises with it, so the amine is found by halving an interval.

    Examples
    --------
    >>> region = Region.dorsal_striatum()
    >>> levels = tonic_nmol_l(region, np.array([0.0, 1.0])) / region.tonic_nmol_l()
    >>> levels.round(9).tolist()
    [0.0, 1.0]
    """
    gain, rest = region.gain, region.rest_occupancy()
    wanted = release * region.release_nmol_l_s(region.tonic_molecules_per_s)
    low = np.zeros_like(wanted)
    # Content hardly exceeds rest; above it the autoreceptor only lowers the level.
    high = np.full_like(wanted, region.tonic_nmol_l()) * np.maximum(1.0, 2.0 * release)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        removed = middle * (
            region.uptake_nmol_l_s / (region.uptake_km_nmol_l + middle) + region.loss_per_s
        )
        bound = middle / (middle + region.autoreceptor_nmol_l)
        above = removed * (1.0 + gain * bound) / (1.0 + gain * rest) > wanted
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    return 0.5 * (low + high)
