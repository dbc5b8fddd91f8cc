"""Maximum likelihood of one condition: how many sites, how likely, how large a quantum.

Amplitudes are a mixture: k of n quanta with a binomial chance, and the sum of k
quanta a gamma law of mean k q and variance k (cv q)^2. That is exact for gamma
quanta and matches mean and variance of any others; k = 0 is a failure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Fit", "fits"]

#: More sites than this cannot be told from infinitely many.
MOST_SITES = 400

_STEP = 1e-4
_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Fit:
    """The best fit of one number of sites: logarithms of odds, quantum and CV, and their spread."""

    sites: int
    value: float
    point: FloatArray
    covariance: FloatArray


class _Amplitudes:
    """The likelihood of some amplitudes."""

    def __init__(self, amplitudes: FloatArray, failures: int, cv: float | None) -> None:
        self.positive = amplitudes
        self.logarithms = np.log(amplitudes)
        self.failures = failures
        self.cv = cv

    def value(self, sites: int, point: FloatArray) -> float:
        """Return the logarithm of the likelihood at logit p, ln q and ln cv."""
        logit, log_q, log_cv = point if self.cv is None else (*point, math.log(self.cv))
        log_p = -math.log1p(math.exp(-logit)) if logit > -500 else logit
        log_rest = -math.log1p(math.exp(logit)) if logit < 500 else -logit
        k = np.arange(1, sites + 1)
        shape = math.exp(-2.0 * log_cv)
        log_scale = log_q + 2.0 * log_cv
        weights = np.array(
            [
                math.lgamma(sites + 1)
                - math.lgamma(j + 1)
                - math.lgamma(sites - j + 1)
                - math.lgamma(j * shape)
                for j in range(1, sites + 1)
            ]
        )
        weights += k * log_p + (sites - k) * log_rest - k * shape * log_scale
        terms = weights + np.multiply.outer(self.logarithms, k * shape - 1.0)
        highest = terms.max(axis=1)
        sums = highest + np.log(np.exp(terms - highest[:, None]).sum(axis=1))
        total = float(sums.sum() - self.positive.sum() * math.exp(-log_scale))
        return total + self.failures * sites * log_rest

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


def fits(
    amplitudes: FloatArray,
    failures: int,
    *,
    start: FloatArray,
    sites: int,
    cv: float | None,
    drop: float,
) -> list[Fit]:
    """Return the best fits of every number of sites that is not much worse than the best.

    Parameters
    ----------
    amplitudes : ndarray
        Amplitudes that are not failures.
    failures : int
        How many failures there are.
    start : ndarray
        Logit of p, ln q and, without a given CV, ln cv to begin with.
    sites : int
        Number of sites to begin with.
    cv : float or None
        CV of a quantum, if it is known.
    drop : float
        Fits whose logarithm of the likelihood is lower by this end the search.

    Examples
    --------
    >>> sizes = np.array([1.0, 1.1, 0.9, 2.05, 1.95, 1.0])
    >>> found = fits(sizes, 3, start=np.array([0.0, 0.0, -2.0]), sites=2, cv=None, drop=2.0)
    >>> 2 in [fit.sites for fit in found]
    True
    """
    law = _Amplitudes(amplitudes, failures, cv)
    first = law.climb(sites, start)
    found = {sites: first}
    for direction in (1, -1):
        fit, number = first, sites
        while True:
            step = 1 if number < 40 else number // 20
            number += direction * step
            if number < 1 or number > MOST_SITES:
                break
            # The mean number of quanta is what the data know best.
            mean = fit.sites / (1.0 + math.exp(-float(fit.point[0])))
            share = min(mean / number, 0.98)
            point = fit.point.copy()
            point[0] = math.log(share / (1.0 - share))
            fit = law.climb(number, point)
            found[number] = fit
            if fit.value < max(one.value for one in found.values()) - drop:
                break
    return sorted(found.values(), key=lambda fit: fit.sites)
