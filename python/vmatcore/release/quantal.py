"""Quantal analysis: n, p and q of any amplitudes, with confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, check
from vmatcore.errors import ParameterError, shown, unknown
from vmatcore.release.amplitudes import amplitudes_of
from vmatcore.release.likelihood import LEAST_CV, MOST_SITES, fits, share_of

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["METHODS", "Interval", "QuantalEstimate", "estimate"]

#: How n, p and q are found.
METHODS = ("parabola", "moments", "failures", "cv", "likelihood")

_LEAST_TRIALS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """An estimate and the ends of its confidence interval; an end may be infinite."""

    value: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return bool(self.low <= value <= self.high)


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantalEstimate:
    """What quantal analysis found.

    Attributes
    ----------
    sites : Interval
        n, the number of sites.
    probability : Interval
        p, the chance of release, in the first condition.
    quantum : Interval
        q, the mean size of a quantum, in the unit of the amplitudes.
    method : str
        How they were found.
    confidence : float
        Level of the intervals.
    trials, conditions : int
        Size of the data that were used.
    silent : int
        Synapses left out because the record of the release says that they are silent.
    """

    sites: Interval
    probability: Interval
    quantum: Interval
    method: str
    confidence: float
    trials: int
    conditions: int
    silent: int = 0


def estimate(
    data: Any,
    *,
    method: str = "parabola",
    quantum_cv: float | None = None,
    quantum: float | None = None,
    confidence: float = 0.95,
    failure_below: float = 0.0,
    resamples: int = 400,
    seed: int = 0,
) -> QuantalEstimate:
    """Return n, p and q of some amplitudes.

    Parameters
    ----------
    data : ReleaseResult, array_like or path
        Amplitudes (trial, condition): a row for each trial or synapse, a column for
        each spike or level of release; one column may be given flat. A path names a
        CSV file of such rows, with or without a line of names. Synapses that a
        ReleaseResult records as silent are left out, and counted in ``silent``; those of
        an array cannot be known.
    method : {"parabola", "moments", "failures", "cv", "likelihood"}
        ``parabola``: variance against mean over the conditions, which must differ in
        release. The others take the first condition alone. ``moments``: mean,
        variance and third moment. ``failures``: mean, variance and share of
        failures. ``cv``: mean and variance, where the quantum is known.
        ``likelihood``: the whole distribution.
    quantum_cv : float, optional
        Coefficient of variation of one quantum, known from elsewhere; 0 by default.
        For ``likelihood`` at least 0.01, and fitted by default.
    quantum : float, optional
        Mean size of one quantum, known from elsewhere; for ``cv``, which needs it.
    confidence : float
        Level of the intervals.
    failure_below : float
        Amplitudes at or below this are failures.
    resamples : int
        How often trials are drawn anew for the spread of the estimates.
    seed : int
        Seed of these draws.

    Returns
    -------
    QuantalEstimate

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule, or the data do not fit the method.
    FileFormatError
        If the file cannot be read.

    Notes
    -----
    Sites are taken to be alike and independent, and the trials to be independent: then
    the count at each spike of a train is binomial, too, with p falling as sites
    empty. Variance-mean: Clements and Silver 2000, doi:10.1016/S0166-2236(99)01520-9.
    Intervals of the moment methods are normal, on the bootstrap's spread (Efron 1979,
    doi:10.1214/aos/1176344552), of 1/n, p and q; of the likelihood, from its
    profile over n.

    Examples
    --------
    >>> import vmatcore as vm
    >>> train = vm.spikes.regular(rate_hz=20, duration_s=1)
    >>> rel = vm.release.simulate(
    ...     vm.Synapse(sites=8, probability=0.4),
    ...     train,
    ...     content=vm.LognormalQuantum(molecules=3000, cv=0.3),
    ...     synapses=2000,
    ...     seed=1,
    ... )
    >>> found = estimate(rel, quantum_cv=0.3)
    >>> 8 in found.sites, 0.4 in found.probability, 3000 in found.quantum
    (True, True, True)
    """
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    level = check.number("confidence", confidence, minimum=0, maximum=1, exclusive=True)
    cv = None
    if quantum_cv is not None:
        cv = check.number("quantum_cv", quantum_cv, minimum=0, maximum=10)
    if (quantum is None) == (method == "cv"):
        raise ParameterError(
            f'`quantum` must be given for method="cv" and for no other, got {shown(quantum)}'
        )
    known = None if quantum is None else check.number("quantum", quantum, minimum=1e-300)
    failure = check.number("failure_below", failure_below, minimum=0)
    draws = check.whole("resamples", resamples, minimum=20, maximum=100_000)
    own_seed = check.whole("seed", seed, minimum=0, maximum=2**64 - 1)
    amplitudes, silent = amplitudes_of(data)
    trials, conditions = amplitudes.shape
    if trials < _LEAST_TRIALS:
        raise ParameterError(f"`data` must hold at least {_LEAST_TRIALS} trials, got {trials}")
    if method == "parabola" and conditions < 2:
        raise ParameterError(
            f'`data` must hold at least two conditions for method="parabola", got {conditions}'
        )
    if not amplitudes[:, 0].any():
        raise ParameterError("`data` must hold amplitudes above 0 in the first condition, got none")
    z = _normal_quantile(0.5 + 0.5 * level)
    if method == "likelihood":
        sites, chance, size = _by_likelihood(amplitudes[:, 0], failure, cv, z)
    else:
        if method != "parabola":
            amplitudes = amplitudes[:, :1]
        rest = (method, cv or 0.0, known, failure)
        sites, chance, size = _by_moments(amplitudes, rest, z, draws, own_seed)
    return QuantalEstimate(
        sites=sites,
        probability=chance,
        quantum=size,
        method=method,
        confidence=level,
        trials=trials,
        conditions=conditions,
        silent=silent,
    )


def _normal_quantile(share: float) -> float:
    """Return the standard normal quantile by bisection on the error function."""
    low, high = -40.0, 40.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if 0.5 * math.erfc(-middle / math.sqrt(2.0)) < share:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _by_moments(
    amplitudes: FloatArray,
    rest: tuple[str, float, float | None, float],
    z: float,
    resamples: int,
    seed: int,
) -> tuple[Interval, Interval, Interval]:
    """Return the intervals of a method of moments: estimate, and spread by the bootstrap."""
    trials = len(amplitudes)
    scale = float(amplitudes.mean()) or 1.0
    scaled = amplitudes / scale
    failures = (amplitudes[:, :1] <= rest[3]).astype(float)
    powers = np.concatenate([scaled, scaled**2, scaled**3, failures], axis=1)
    whole = _parameters(powers.mean(axis=0), trials, rest, scale)
    spread = np.empty((resamples, 3))
    stage = dict(_core.random_stages())["release"]
    for number in range(resamples):
        # Draws far beyond those of any synapse's own uses.
        uniform = _core.random_draws("uniform", seed, stage, number, trials, 15 << 44)
        counts = np.bincount((uniform * trials).astype(np.int64), minlength=trials)
        spread[number] = _parameters(counts @ powers / trials, trials, rest, scale)
    good = spread[np.isfinite(spread).all(axis=1)]
    if not np.isfinite(whole).all() or len(good) < resamples // 2:
        raise ParameterError(
            "`data` must have moments that some n, p and q could give: take more trials, a "
            f"smaller quantum_cv or another method, got mean {scale:g}"
        )
    # Quantiles, not the standard deviation: a few wild draws must not decide.
    low, high = np.quantile(good, [0.16, 0.84], axis=0)
    error = (high - low) / (2.0 * 0.994457883209753)
    inverse, chance, size = (
        Interval(value=float(value), low=float(value - z * one), high=float(value + z * one))
        for value, one in zip(whole, error, strict=True)
    )
    if chance.high <= 0.0 or inverse.high <= 0.0 or chance.low > 1.0:
        raise ParameterError(
            "`data` must have a p between 0 and 1, got one in "
            f"[{chance.low:.3g}, {chance.high:.3g}]: the trials are not alike (silent synapses "
            "among them?), or quantum_cv is too small or too large"
        )
    sites = Interval(
        value=1.0 / inverse.value if inverse.value > 0 else math.inf,
        low=1.0 / inverse.high if inverse.high > 0 else math.inf,
        high=1.0 / inverse.low if inverse.low > 0 else math.inf,
    )
    chance = Interval(
        value=min(max(chance.value, 0.0), 1.0), low=max(chance.low, 0.0), high=min(chance.high, 1.0)
    )
    return sites, chance, Interval(value=size.value, low=max(size.low, 0.0), high=size.high)


def _parameters(
    means: FloatArray, trials: int, rest: tuple[str, float, float | None, float], scale: float
) -> FloatArray:
    """Return 1/n, p and q from the means of amplitudes, their squares, cubes, and failures."""
    method, cv, known, _ = rest
    conditions = (len(means) - 1) // 3
    first, second, third = (means[i * conditions : (i + 1) * conditions] for i in range(3))
    unbiased = trials / (trials - 1.0)
    variance = (second - first**2) * unbiased
    widened = 1.0 + cv * cv
    if method == "parabola":
        return _parabola(first, variance, widened, scale)
    mean, spread = float(first[0]), float(variance[0])
    nothing = np.full(3, np.nan)
    if mean <= 0.0 or spread <= 0.0:
        return nothing
    if method == "cv":
        assert known is not None
        quanta = mean * scale / known
        chance = widened - spread / mean**2 * quanta
        return np.array([chance / quanta, chance, known])
    if method == "failures":
        share = float(means[-1])
        if not 0.0 < share < 1.0:
            return nothing
        relative = spread / mean**2

        def excess(p: Any) -> Any:
            return (widened - p) / (p * relative) * np.log1p(-p) - math.log(share)
    else:
        cumulant = float(third[0]) - 3 * mean * float(second[0]) + 2 * mean**3
        skew = cumulant * mean / spread**2

        def excess(p: Any) -> Any:
            ratio = (widened**3 - 3 * p * widened + 2 * p * p) / (widened - p) ** 2
            return skew - ratio

    chance = _root(excess)
    size = spread / mean / (widened - chance)
    return np.array([chance * size / mean, chance, size * scale])


def _parabola(mean: FloatArray, variance: FloatArray, widened: float, scale: float) -> FloatArray:
    """Fit variance = a mean - b mean^2, weighted by what the fit itself expects of its error."""
    used = mean > 0.0
    x, y = mean[used], variance[used]
    expected = np.maximum(y, 1e-12 * float(y.max()))
    rise = fall = 0.0
    for _ in range(5):
        weight = 1.0 / expected**2
        xx, xy, yy = (float((weight * x**power).sum()) for power in (2, 3, 4))
        to_x, to_xx = float((weight * x * y).sum()), float((weight * x**2 * y).sum())
        determinant = xx * yy - xy * xy
        if determinant <= 0.0:
            return np.full(3, np.nan)
        rise = (to_x * yy - to_xx * xy) / determinant
        fall = (to_x * xy - to_xx * xx) / determinant
        expected = np.maximum(rise * x - fall * x * x, 1e-3 * float(y.max()))
    size = rise / widened
    if size <= 0.0:
        return np.full(3, np.nan)
    return np.array([fall, mean[0] * fall / size, size * scale])


#: Where a change of sign is looked for: the smallest p that solves the equations is taken.
_GRID = np.linspace(1e-4, 1.0 - 1e-4, 400)


def _root(excess: Callable[[Any], Any]) -> float:
    """Return the smallest p at which a function of p changes its sign; NaN if nowhere."""
    signs = excess(_GRID) > 0.0
    changes = np.flatnonzero(signs[1:] != signs[:-1])
    if not changes.size:
        return math.nan
    low, high = float(_GRID[changes[0]]), float(_GRID[changes[0] + 1])
    for _ in range(60):
        middle = 0.5 * (low + high)
        if bool(excess(middle) > 0.0) == bool(signs[changes[0]]):
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _by_likelihood(
    amplitudes: FloatArray, failure: float, cv: float | None, z: float
) -> tuple[Interval, Interval, Interval]:
    positive = amplitudes[amplitudes > failure]
    failures = len(amplitudes) - len(positive)
    if cv is not None and cv < LEAST_CV:
        raise ParameterError(
            f'`quantum_cv` must be at least {LEAST_CV:g} for method="likelihood", got {cv:g}'
        )
    if not len(positive):
        raise ParameterError(
            "`failure_below` must leave amplitudes above it in the first condition, got "
            f"{failure:g}"
        )
    if not failures and positive.min() == positive.max():
        raise ParameterError(
            "`data` must differ from trial to trial: any number of sites that never fail gives "
            f"the same amplitude, got {float(positive[0]):g} in all {len(positive)} trials"
        )
    scale = float(positive.mean())
    drop = 0.5 * z * z
    found = fits(positive / scale, failures, cv=cv, drop=drop + 1.0)
    best = max(found, key=lambda fit: fit.value)
    inside = [fit for fit in found if best.value - fit.value <= drop]
    numbers = [fit.sites for fit in inside]
    most = float(max(numbers))
    step = 1 if most < 40 else most // 20
    sites = Interval(
        value=float(best.sites),
        low=float(min(numbers)),
        high=math.inf if most + step > MOST_SITES else most,
    )

    def interval(place: int, back: Callable[[float], float]) -> Interval:
        ends = []
        for fit in inside:
            # What of the drop is left for p and q after that of n.
            room = math.sqrt(2.0 * (drop - (best.value - fit.value)))
            reach = room * math.sqrt(float(fit.covariance[place, place]))
            ends += [back(float(fit.point[place]) - reach), back(float(fit.point[place]) + reach)]
        return Interval(value=back(float(best.point[place])), low=min(ends), high=max(ends))

    def size(logarithm: float) -> float:
        return scale * math.exp(logarithm) if logarithm < 700.0 else math.inf

    return sites, interval(0, share_of), interval(1, size)
