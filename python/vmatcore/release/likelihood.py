"""Maximum likelihood of one condition: how many sites, how likely, how large a quantum.

Amplitudes are a mixture: k of n quanta with a binomial chance, and the sum of k
quanta a gamma law of mean k q and variance k (cv q)^2. That is exact for gamma
quanta and matches mean and variance of any others; k = 0 is a failure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["LEAST_CV", "MOST_SITES", "Fit", "fits", "share_of"]

#: More sites than this cannot be told from infinitely many.
MOST_SITES = 400

#: Quanta are not taken to be more alike than this: without a floor, amplitudes of equal
#: quanta have no largest likelihood.
LEAST_CV = 0.01

_STEP = 1e-4
_ROUNDS = 60

#: Numbers of sites, and CVs where none is known, among which the search begins.
_SITES = (1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40, 60, 100, 200)
_CVS = (0.012, 0.03, 0.07, 0.15, 0.3, 0.6, 1.2)

#: Peaks of single counts are looked for up to this many sites.
_MOST_PEAKS = 60

#: How far around the quantum of the moments, on a logarithmic scale.
_REACH = 0.4

#: At so many amplitudes, evenly through their order, the search begins.
_SAMPLE = 400

#: How many of the best beginnings are climbed from.
_CLIMBS = 6

#: So many numbers of sites in a row must be worse before the walk over them ends.
_PATIENCE = 3

#: How often the counts of the best fit are numbered anew at most.
_RENUMBERINGS = 10


@dataclass(frozen=True, slots=True)
class Fit:
    """The best fit of one number of sites: logarithms of odds, quantum and CV, and their spread."""

    sites: int
    value: float
    point: FloatArray
    covariance: FloatArray


class _Amplitudes:
    """The likelihood of some amplitudes."""

    def __init__(self, amplitudes: FloatArray, failures: float, cv: float | None) -> None:
        self.positive = amplitudes
        self.logarithms = np.log(amplitudes)
        self.failures = failures
        self.cv = cv

    def value(self, sites: int, point: FloatArray) -> float:
        """Return the logarithm of the likelihood at logit p, ln q and ln cv."""
        logit, log_q, log_cv = point if self.cv is None else (*point, math.log(self.cv))
        log_cv = max(log_cv, math.log(LEAST_CV))
        smaller = math.log1p(math.exp(-abs(logit)))
        log_p, log_rest = min(logit, 0.0) - smaller, min(-logit, 0.0) - smaller
        k = np.arange(1, sites + 1)
        shape = math.exp(-2.0 * log_cv)
        log_scale = log_q + 2.0 * log_cv
        weights = _log_weights(sites, shape) + k * log_p + (sites - k) * log_rest
        weights -= k * shape * log_scale
        # A row for each k, so that sums over k run along whole rows of amplitudes.
        terms = np.multiply.outer(k * shape - 1.0, self.logarithms)
        terms += weights[:, None]
        highest = terms.max(axis=0)
        terms -= highest
        sums = highest + np.log(np.exp(terms, out=terms).sum(axis=0))
        total = float(sums.sum() - self.positive.sum() * math.exp(-log_scale))
        return float(total + self.failures * sites * log_rest)

    def slopes(self, sites: int, point: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the value, its gradient and its matrix of second derivatives."""
        count = len(point)
        middle = self.value(sites, point)
        gradient, curvature = np.empty(count), np.empty((count, count))
        moved = np.eye(count) * _STEP
        up = [self.value(sites, point + step) for step in moved]
        down = [self.value(sites, point - step) for step in moved]
        for i in range(count):
            gradient[i] = (up[i] - down[i]) / (2 * _STEP)
            curvature[i, i] = (up[i] - 2 * middle + down[i]) / _STEP**2
            for j in range(i):
                both = self.value(sites, point + moved[i] + moved[j])
                none = self.value(sites, point - moved[i] - moved[j])
                mixed = both + none - up[i] - up[j] - down[i] - down[j] + 2 * middle
                curvature[i, j] = curvature[j, i] = mixed / (2 * _STEP**2)
        return middle, gradient, curvature

    def climb(self, sites: int, point: FloatArray) -> Fit:
        """Return the best fit near a point: Newton's method, its steps held in check."""
        value, gradient, curvature = self.slopes(sites, point)
        for _ in range(_ROUNDS):
            roots, axes = np.linalg.eigh(-curvature)
            roots = np.maximum(np.abs(roots), 1e-3)
            step = axes @ ((axes.T @ gradient) / roots)
            step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-300))
            length = 1.0
            while length > 1e-6 and not self.value(sites, point + length * step) >= value:
                length *= 0.5
            if length <= 1e-6:
                break
            point = point + length * step
            before = value
            value, gradient, curvature = self.slopes(sites, point)
            if value - before < 1e-8:
                break
        roots, axes = np.linalg.eigh(-curvature)
        spread = axes @ np.diag(1.0 / np.maximum(np.abs(roots), 1e-9)) @ axes.T
        return Fit(sites, value, point, spread)


@lru_cache(maxsize=1024)
def _log_weights(sites: int, shape: float) -> FloatArray:
    """Return what of the mixture depends on the sites and the gamma law's shape alone."""
    return np.array(
        [
            math.lgamma(sites + 1)
            - math.lgamma(k + 1)
            - math.lgamma(sites - k + 1)
            - math.lgamma(k * shape)
            for k in range(1, sites + 1)
        ]
    )


def fits(amplitudes: FloatArray, failures: int, *, cv: float | None, drop: float) -> list[Fit]:
    """Return fits of every number of sites that is not much worse than the best.

    One number may have several: the peaks that were found.

    Parameters
    ----------
    amplitudes : ndarray
        Amplitudes that are not failures.
    failures : int
        How many failures there are.
    cv : float or None
        CV of a quantum, if it is known; else it is fitted, at :data:`LEAST_CV` or above.
    drop : float
        Fits whose logarithm of the likelihood is lower by this end the search.

    Notes
    -----
    Where counts stand apart, the likelihood has a peak for every way to number them. The
    search begins at the best of many, each with the mean and variance of the data, and
    at the end the counts of the best fit are numbered anew.

    Examples
    --------
    >>> sizes = np.array([1.0, 1.1, 0.9, 2.05, 1.95, 1.0])
    >>> found = fits(sizes, 3, cv=None, drop=2.0)
    >>> 2 in [fit.sites for fit in found]
    True
    """
    law = _Amplitudes(amplitudes, failures, cv)
    starts = _starts(amplitudes, failures, cv)
    climbed = [law.climb(sites, point) for sites, point in starts[:_CLIMBS]]
    best = max(climbed, key=_value)
    found = climbed + _walk(law, best, drop)
    for _ in range(_RENUMBERINGS):
        best = max(found, key=_value)
        better = [law.climb(sites, point) for sites, point in _renumbered(best)]
        found += better
        highest = max(better, key=_value, default=best)
        if highest.value <= best.value + 1e-6:
            break
        found += _walk(law, highest, drop)
    return sorted(found, key=lambda fit: (fit.sites, -fit.value))


def _value(fit: Fit) -> float:
    return fit.value


def _starts(
    amplitudes: FloatArray, failures: int, cv: float | None
) -> list[tuple[int, FloatArray]]:
    """Return numbers of sites and points with the moments of the data, most likely first.

    For each number of sites mean and variance give p and q. That q is known only to
    the error of the variance, and the likelihood may have many peaks within it, so
    those around it are tried, each with the p of the mean.
    """
    total = len(amplitudes) + failures
    mean = float(amplitudes.sum()) / total
    relative = float((amplitudes**2).sum()) / total / mean**2 - 1.0
    kept = min(len(amplitudes), _SAMPLE)
    places = ((np.arange(kept) + 0.5) * (len(amplitudes) / kept)).astype(np.int64)
    sample = np.sort(amplitudes)[places]
    law = _Amplitudes(sample, failures * kept / len(amplitudes), cv)
    found = []
    for one in _CVS if cv is None else (cv,):
        for sites in _SITES:
            share = min((1.0 + one * one) / (1.0 + sites * max(relative, 0.0)), 0.98)
            size = mean / (sites * share)
            # As wide as the peak of the counts that are most common.
            width = max(one / math.sqrt(max(sites * share, 1.0)), 0.005)
            count = math.ceil(_REACH / width) if sites <= _MOST_PEAKS else 0
            for step in range(-count, count + 1):
                moved = size * math.exp(step * width)
                chance = mean / (sites * moved)
                if chance >= 0.999:
                    continue
                point = [math.log(chance / (1.0 - chance)), math.log(moved)]
                if cv is None:
                    point.append(math.log(one))
                start = np.array(point)
                found.append((law.value(sites, start), sites, start))
    found.sort(key=lambda start: -start[0])
    return [(sites, start) for _, sites, start in found]


def _walk(law: _Amplitudes, begin: Fit, drop: float) -> list[Fit]:
    """Fit more and fewer sites from a fit on, until they are worse for good."""
    found, best = [], begin.value
    for direction in (1, -1):
        fit, number, worse = begin, begin.sites, 0
        while worse < _PATIENCE:
            step = 1 if number < 40 else number // 20
            number += direction * step
            if number < 1 or number > MOST_SITES:
                break
            # The mean number of quanta is what the data know best.
            mean = fit.sites * share_of(float(fit.point[0]))
            share = min(mean / number, 0.98)
            point = fit.point.copy()
            point[0] = math.log(share / (1.0 - share))
            fit = law.climb(number, point)
            found.append(fit)
            best = max(best, fit.value)
            worse = worse + 1 if fit.value < best - drop else 0
    return found


def _renumbered(fit: Fit) -> list[tuple[int, FloatArray]]:
    """Return starts at which every count is taken for one or two more, or fewer."""
    share = share_of(float(fit.point[0]))
    quanta = fit.sites * share
    starts = []
    for shift in (-2, -1, 1, 2):
        more = (quanta + shift) / quanta
        # With as many sites, and with as many as keep the variance.
        left = 1.0 - (1.0 - share) * more
        for sites in {fit.sites, round(quanta * more / left) if left > 0.01 else fit.sites}:
            chance = quanta * more / max(sites, 1)
            if more > 0.0 and 1 <= sites <= MOST_SITES and 0.001 < chance < 0.999:
                point = fit.point.copy()
                point[0] = math.log(chance / (1.0 - chance))
                point[1] -= math.log(more)
                starts.append((sites, point))
    return starts


def share_of(logit: float) -> float:
    """Return p of its logit, however large."""
    small = math.exp(-abs(logit))
    return 1.0 / (1.0 + small) if logit >= 0 else small / (1.0 + small)
