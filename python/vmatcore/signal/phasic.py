"""Bursts and dips in the mean field: functions of how much is released, tabulated once."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import spikes
from vmatcore.errors import ParameterError, ParameterTypeError, shown
from vmatcore.release import ConstantQuantum, ReleaseCourse, Synapse, expected_rate
from vmatcore.result import Result, labelled, provenance
from vmatcore.signal.region import Region
from vmatcore.signal.stage import simulate
from vmatcore.signal.steady import MOST_RELEASE

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Phasic", "phasic"]

#: Steps of the table in release relative to rest; 1 is one of its points.
_STEPS = 100

#: A burst and a pause each period, as in :func:`vmatcore.spikes.tonic_burst`.
_PERIOD_S = 10.0
_PERIODS = 2

#: Tables that were made, by their region.
_MADE: dict[str, Phasic] = {}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Phasic(Result):
    """Tonic level, bursts and dips over how much a spike releases; 1 is rest for all.

    Attributes
    ----------
    release : ndarray (point,)
        Release of a vesicle relative to rest: its content.
    tonic : ndarray (point,)
        Median amine.
    burst : ndarray (point,)
        Largest occupancy of D1.
    dip : ndarray (point,)
        How far the smallest amine lies below the median one.
    provenance : dict
        Versions, firing, synapse and region.
    """

    release: FloatArray = labelled("point", unit="ratio")
    tonic: FloatArray = labelled("point", unit="ratio")
    burst: FloatArray = labelled("point", unit="ratio")
    dip: FloatArray = labelled("point", unit="ratio")
    provenance: dict[str, Any]

    def at(self, name: str, release: FloatArray) -> FloatArray:
        """Return one of the three at releases of any shape, by straight lines; NaN stays NaN.

        Raises
        ------
        ParameterError
            If a release is beyond the table. What a solver's rounding puts below 0
            counts as 0.
        """
        values: FloatArray = getattr(self, name)
        most = float(np.nanmax(release, initial=0.0))
        if most > self.release[-1]:
            raise ParameterError(
                f"`release` must be at most {self.release[-1]:g} of rest, got {most:g}"
            )
        place = np.maximum(release, 0.0) * (_STEPS / MOST_RELEASE)
        below = np.minimum(np.nan_to_num(place).astype(np.int64), _STEPS - 1)
        low = values[below]
        found: FloatArray = low + (values[below + 1] - low) * (place - below)
        return found


def phasic(region: Region) -> Phasic:
    """Return how bursts and dips of a region follow what its vesicles release.

    Parameters
    ----------
    region : Region
        One with D1 receptors, such as :meth:`vmatcore.Region.dorsal_striatum`.

    Returns
    -------
    Phasic
        Made once for a region, and kept.

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is no such region, or releases nothing.

    Notes
    -----
    Every synapse fires at random and on its own at the rate of
    :func:`vmatcore.spikes.tonic_burst`: 4 Hz, six spikes at 20 Hz in 0.3 s, 1 s of
    silence, every 10 s. Expected release (:func:`vmatcore.release.expected_rate`) drives
    uptake, autoreceptor and D1 of :func:`vmatcore.signal.simulate`; the second of two
    periods is read. A quantum is such that tonic firing releases what the region does.

    Examples
    --------
    >>> import numpy as np
    >>> from vmatcore import Region
    >>> table = phasic(Region.dorsal_striatum())
    >>> table.at("burst", np.array([0.0, 0.5, 1.0])).round(2).tolist()
    [0.0, 0.55, 1.0]
    """
    if not isinstance(region, Region):
        raise ParameterTypeError(f"`region` must be a Region, got {shown(region)}")
    if "D1" not in region.receptors or not region.tonic_molecules_per_s > 0.0:
        raise ParameterError(
            "`region` must have receptors D1 and release some amine, got one "
            f"with {sorted(region.receptors)} and {region.tonic_molecules_per_s:g} molecules/s"
        )
    key = repr(region)
    if key not in _MADE:
        _MADE[key] = _table(region)
    return _MADE[key]


def _table(region: Region) -> Phasic:
    synapse = Synapse.dopamine()
    rate = spikes.tonic_burst_rate(duration_s=_PERIODS * _PERIOD_S)
    tonic_hz = rate.values[0]
    filled = 1.0 / (1.0 + synapse.probability * tonic_hz * synapse.refill_s)
    quanta_per_s = synapse.active_share * synapse.sites * synapse.probability * tonic_hz * filled
    released = expected_rate(
        synapse,
        rate,
        duration_s=_PERIODS * _PERIOD_S,
        content=ConstantQuantum(molecules=region.tonic_molecules_per_s / quanta_per_s),
        filled=filled,
    )
    releases: FloatArray = np.linspace(0.0, MOST_RELEASE, _STEPS + 1)
    read = np.array([_levels(region, released, float(one)) for one in releases])
    rest = int(np.flatnonzero(releases == 1.0)[0])
    tonic, burst, dip = np.ascontiguousarray((read / read[rest]).T)
    return Phasic(
        release=releases,
        tonic=tonic,
        burst=burst,
        dip=dip,
        provenance=provenance(
            stage="signal",
            kind="phasic",
            region=asdict(region),
            synapse=asdict(synapse),
            rate_hz=rate,
        ),
    )


def _levels(region: Region, released: ReleaseCourse, release: float) -> tuple[float, float, float]:
    """Return tonic level, burst and dip in the last period."""
    scaled = replace(released, molecules=released.molecules * release)
    start = region.steady_nmol_l(region.tonic_molecules_per_s * release)
    found = simulate(scaled, region, start=start, progress=False)
    read = found.readouts(since_s=(_PERIODS - 1) * _PERIOD_S)
    return read.tonic, read.d1_burst, read.pause_depth
