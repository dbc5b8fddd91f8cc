"""The steady amine of a region under many releases at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vmatcore.errors import ParameterError

if TYPE_CHECKING:
    import numpy.typing as npt

    from vmatcore.signal.region import Region

    FloatArray = npt.NDArray[np.float64]

__all__ = ["MOST_RELEASE", "steady_amine_nmol_l"]

#: Release relative to rest that is followed; what a drug leaves hardly exceeds 1.
MOST_RELEASE = 2.0

#: Points of the table that Newton's method starts from, and how far it reaches.
_POINTS = 4096
_REACH = 8.0

#: From so near a start each step doubles the correct digits; the last one changes nothing.
_STEPS = 4

#: Numbers that are worked on together: they and what they need fit in a cache.
_AT_ONCE = 16384


def steady_amine_nmol_l(region: Region, release: FloatArray) -> FloatArray:
    """Return the steady amine of a region for many releases relative to rest.

    :meth:`vmatcore.Region.steady_nmol_l` for one of them. Release is a closed form of
    the amine and rises with it, so the amine is found by Newton's method from a table.

    Parameters
    ----------
    region : Region
        One with some tonic release.
    release : ndarray
        Release over that at rest, from 0 to :data:`MOST_RELEASE`; NaN stays NaN. A
        solver's rounding below 0 counts as 0.

    Raises
    ------
    ParameterError
        If a release is larger, or has no steady state.

    Examples
    --------
    >>> from vmatcore import Region
    >>> region = Region.dorsal_striatum()
    >>> levels = steady_amine_nmol_l(region, np.array([0.0, 1.0])) / region.tonic_nmol_l()
    >>> levels.round(9).tolist()
    [0.0, 1.0]
    """
    most = float(np.nanmax(release, initial=0.0))
    if most > MOST_RELEASE:
        raise ParameterError(f"`release` must be at most {MOST_RELEASE:g} of rest, got {most:g}")
    amine = np.linspace(0.0, _REACH * region.tonic_nmol_l(), _POINTS)
    table, _ = _release(region, amine)
    unit = region.release_nmol_l_s(region.tonic_molecules_per_s)
    if table[-1] < most * unit:
        raise ParameterError(
            f"`release` must have a steady state below {_REACH:g} times that at rest, got {most:g}"
        )
    flat = np.maximum(release, 0.0).ravel() * unit
    found = np.empty_like(flat)
    for begin in range(0, len(flat), _AT_ONCE):
        wanted = flat[begin : begin + _AT_ONCE]
        now = amine[np.minimum(np.searchsorted(table, wanted), _POINTS - 1)]
        for _ in range(_STEPS):
            value, slope = _release(region, now)
            now = now - (value - wanted) / slope
        found[begin : begin + _AT_ONCE] = np.maximum(now, 0.0)
    return found.reshape(release.shape)


def _release(region: Region, amine: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the release before the autoreceptor that holds an amine steady, and its slope."""
    gain, half = region.gain, region.autoreceptor_nmol_l
    rest = 1.0 + gain * region.rest_occupancy()
    km = region.uptake_km_nmol_l
    uptake = region.uptake_nmol_l_s / (km + amine)
    removed = amine * (uptake + region.loss_per_s)
    removed_slope = uptake * (km / (km + amine)) + region.loss_per_s
    share = 1.0 / (amine + half)
    held = (1.0 + gain * (amine * share)) / rest
    held_slope = gain * half * share * share / rest
    return removed * held, removed_slope * held + removed * held_slope
