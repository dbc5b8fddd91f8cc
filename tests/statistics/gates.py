"""Gates: does a sample obey its law, with a stated chance of a false alarm?

In order of preference:

- S1 exact totals: :func:`binomial_total`, :func:`poisson_total`, :func:`binomial_sum`
- S2 means of bounded quantities: :func:`bounded_mean`, :func:`uncorrelated`
- S3 moments: :func:`mean_and_variance`, :func:`power_law`
- S4 whole distributions: :func:`cells`, :func:`distribution`
- S5 events without a reference: :func:`unit_waits`, :func:`choices`, :func:`time_rescaling`

S1, S2, S4 and S5 hold for any sample size; S3 is a central limit theorem and is
widened by its first correction. Every gate takes its ``share``, the probability
of a false alarm, books it on the running test and returns a :class:`Verdict` or
raises :class:`GateError` with the statistic, its limits and the smallest
relative error that the gate would catch 999 times in 1,000.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from tests.statistics.budget import GateError, seed_of, spend

__all__ = [
    "GateError",
    "Verdict",
    "binomial_sum",
    "binomial_total",
    "bounded_mean",
    "cells",
    "choices",
    "distribution",
    "mean_and_variance",
    "poisson_total",
    "power_law",
    "seed_of",
    "time_rescaling",
    "uncorrelated",
    "unit_waits",
]

Floats = NDArray[np.float64]

MISSED = 1e-3
"""Chance of missing an error as large as a gate says it catches."""
_MARGIN = float(stats.norm.isf(MISSED))


@dataclass(frozen=True)
class Verdict:
    """The most extreme statistic of a gate, between its limits."""

    gate: str
    statistic: float
    low: float
    high: float
    catches: float
    """Smallest relative error caught with probability 0.999."""

    def __str__(self) -> str:
        return (
            f"{self.gate}: {self.statistic:.9g} with limits [{self.low:.9g}, {self.high:.9g}]"
            f"; catches a relative error of {self.catches:.2g}"
        )


def _judge(
    gate: str, statistic: ArrayLike, low: ArrayLike, high: ArrayLike, catches: ArrayLike
) -> Verdict:
    """Return the verdict on the entry that lies furthest out; NaN is outside."""
    rows = np.broadcast_arrays(*(np.asarray(row, float) for row in (statistic, low, high, catches)))
    value, bottom, top, caught = (np.ravel(row) for row in rows)
    outside = ~((bottom <= value) & (value <= top))
    half = np.maximum((top - bottom) / 2, np.finfo(float).tiny)
    with np.errstate(over="ignore", invalid="ignore"):
        distance = np.nan_to_num(np.abs(value - (top + bottom) / 2) / half, nan=np.inf)
    worst = int(np.argmax(np.where(outside, np.inf, distance)))
    where = gate if value.size == 1 else f"{gate}[{worst} of {value.size}]"
    verdict = Verdict(
        where, float(value[worst]), float(bottom[worst]), float(top[worst]), float(caught.min())
    )
    if outside.any():
        raise GateError(str(verdict))
    return verdict


def _ratio(error: ArrayLike, size: ArrayLike) -> Floats:
    """Return error / size, infinite where the size is zero."""
    error, size = np.broadcast_arrays(np.asarray(error, float), np.abs(np.asarray(size, float)))
    out: Floats = np.full(error.shape, np.inf)
    np.divide(error, size, out=out, where=size > 0)
    return out


# S1: exact totals


def _total(gate: str, total: ArrayLike, law: Any, share: float) -> Verdict:
    """Judge totals by the quantiles of their law, half the share on each side."""
    low, high = law.ppf(share / 2), law.isf(share / 2)
    catches = _ratio((high - low) / 2 + _MARGIN * law.std(), law.mean())
    return _judge(gate, total, low, high, catches)


def binomial_total(successes: int, trials: int, probability: float, *, share: float) -> Verdict:
    """Judge a number of successes by the exact binomial law."""
    spend(share)
    return _total("binomial total", successes, stats.binom(trials, probability), share)


def poisson_total(count: int, expected: float, *, share: float) -> Verdict:
    """Judge a count by the exact Poisson law."""
    spend(share)
    return _total("Poisson total", count, stats.poisson(expected), share)


def binomial_sum(total: int, trials: ArrayLike, probability: ArrayLike, *, share: float) -> Verdict:
    """Judge a sum of independent binomial numbers by Chernoff's bound.

    The bound is within a factor of the tail itself, and needs no convolution.
    """
    spend(share)
    trials, chance = np.broadcast_arrays(np.asarray(trials, float), np.asarray(probability, float))
    mean = float((trials * chance).sum())
    certain = float(trials[chance == 1].sum())
    uncertain = (chance > 0) & (chance < 1)
    trials, chance = trials[uncertain], chance[uncertain]
    spread = float(np.sqrt((trials * chance * (1 - chance)).sum()))

    def slope(tilt: float) -> float:
        """Mean of the sum under the tilted law."""
        return float((trials * chance / (chance + (1 - chance) * np.exp(-tilt))).sum())

    def excess(tilt: float) -> float:
        """Logarithm of Chernoff's bound at that mean, above the share allowed."""
        cumulant = float((trials * np.log1p(chance * np.expm1(tilt))).sum())
        return float(cumulant - tilt * slope(tilt) - np.log(share / 2))

    def limit(furthest: float, end: float) -> float:
        # Where even the end of the range is likely enough there is no limit.
        return end if excess(furthest) >= 0 else slope(float(optimize.brentq(excess, 0, furthest)))

    low = certain + limit(-50.0, 0.0)
    high = certain + limit(50.0, float(trials.sum()))
    catches = _ratio(max(high - mean, mean - low) + _MARGIN * spread, mean)
    return _judge("sum of binomials", total, low, high, catches)


# S2: means of bounded quantities


def _bernstein(variance_sum: ArrayLike, bound: float, log_inverse: float) -> Floats:
    """Deviation of a sum that is exceeded with probability exp(-log_inverse).

    Bernstein for independent terms, Freedman (1975) for martingales:
    doi:10.1214/aop/1176996452.
    """
    linear = bound * log_inverse / 3
    return linear + np.sqrt(linear**2 + 2 * np.asarray(variance_sum, float) * log_inverse)


def bounded_mean(
    values: ArrayLike,
    *,
    mean: float,
    low: float,
    high: float,
    share: float,
    variance: float | None = None,
    scale: float | None = None,
) -> Verdict:
    """Judge the mean of independent values in [low, high] by Bernstein's bound.

    Parameters
    ----------
    variance
        The law's variance; without it the largest that the range and the mean
        allow, (high - mean)(mean - low): doi:10.1080/00029890.2000.12005203.
    scale
        What the error is relative to; the mean if not given.
    """
    spend(share)
    values = np.asarray(values, float)
    assert values.size, "no values"
    assert np.all((low <= values) & (values <= high)), f"values outside [{low}, {high}]"
    largest = (high - mean) * (mean - low)
    variance = largest if variance is None else variance
    bound = max(high - mean, mean - low)
    limit = float(_bernstein(values.size * variance, bound, np.log(2 / share))) / values.size
    error = limit + _MARGIN * np.sqrt(variance / values.size)
    catches = _ratio(error, mean if scale is None else scale)
    return _judge("bounded mean", values.mean(), mean - limit, mean + limit, catches)


def uncorrelated(first: ArrayLike, second: ArrayLike, *, share: float) -> Verdict:
    """Judge the correlation of pairs of uniforms; pairs must be independent of each other."""
    product = 12 * (np.asarray(first, float) - 0.5) * (np.asarray(second, float) - 0.5)
    return bounded_mean(product, mean=0, low=-3, high=3, variance=1, scale=1, share=share)


# S3: mean and variance


def mean_and_variance(
    values: ArrayLike,
    *,
    mean: ArrayLike,
    variance: ArrayLike,
    fourth_moment: ArrayLike,
    share: float,
) -> Verdict:
    """Judge mean and variance of each column by Z, with the law's own moments.

    Parameters
    ----------
    values
        Independent rows: (n,) or (n, K).
    mean, variance, fourth_moment
        Of the law; the fourth moment is central, as the variance is.

    Notes
    -----
    2 K checks share the level. The normal quantile z is widened to
    z + skewness (z^2 - 1) / (6 sqrt(n)), the first term by which the
    distribution of a mean differs from the normal one (Cornish and Fisher). The
    skewness is the sample's; for means it is capped by the square root of the
    law's kurtosis, or a sample far off would excuse itself.
    """
    spend(share)
    values = np.asarray(values, float)
    values = values[:, None] if values.ndim == 1 else values
    count, columns = values.shape
    mean, variance, fourth = (
        np.broadcast_to(np.asarray(x, float), columns) for x in (mean, variance, fourth_moment)
    )
    quantile = stats.norm.isf(share / (4 * columns))
    from_mean = values - mean

    def scores(
        terms: Floats, spread: Floats, size: Floats, most: Floats | float
    ) -> tuple[Floats, Floats, Floats]:
        centre = terms.mean(axis=0)
        error = np.sqrt(spread / count)
        score = np.where(centre == 0, 0.0, np.copysign(_ratio(np.abs(centre), error), centre))
        third = np.abs((terms**3).mean(axis=0))
        skewness = np.divide(third, spread**1.5, out=np.zeros(columns), where=spread > 0)
        skewness = np.minimum(skewness, most)
        limit = quantile + skewness * (quantile**2 - 1) / (6 * np.sqrt(count))
        return score, limit, _ratio((limit + _MARGIN) * error, size)

    # A mean of zero has no relative error; its standard deviation stands in.
    mean_size = np.where(mean == 0, np.sqrt(variance), mean)
    cap = np.sqrt(_ratio(fourth, variance**2))
    means = scores(from_mean, variance, mean_size, cap)
    spread = np.maximum(fourth - variance**2, 0)
    variances = scores(from_mean**2 - variance, spread, variance, np.inf)
    score, limit, catches = (np.concatenate(pair) for pair in zip(means, variances, strict=True))
    return _judge("Z of means, then variances", score, -limit, limit, catches)


def power_law(
    sizes: ArrayLike,
    samples: Sequence[ArrayLike],
    *,
    exponent: float,
    share: float,
    tolerance: float = 0.0,
) -> Verdict:
    """Judge the exponent with which the mean of a sample follows a size.

    Weighted least squares on the logarithms of the means, each with the error that its
    own sample shows; by the t law with the degrees of freedom of the smallest sample.
    The error caught is one of the exponent, as it is.

    Parameters
    ----------
    sizes
        At least two, (size,).
    samples
        Independent values for each size, all of one sign on average.
    tolerance
        How far the exponent itself may lie off, because the law holds in the limit only.
    """
    spend(share)
    rows = [np.asarray(row, float) for row in samples]
    means = np.array([row.mean() for row in rows])
    errors = np.array([row.std(ddof=1) / np.sqrt(row.size) for row in rows])
    if not (means > 0).all() and not (means < 0).all():
        return _judge("power law", np.nan, exponent, exponent, np.inf)
    weights = (means / errors) ** 2
    x = np.log(np.asarray(sizes, float))
    centred = x - (weights @ x) / weights.sum()
    information = float(weights @ centred**2)
    slope = float(weights @ (centred * np.log(np.abs(means)))) / information
    freedom = min(row.size for row in rows) - 1
    limit = tolerance + stats.t.isf(share / 2, freedom) / np.sqrt(information)
    catches = limit + tolerance + _MARGIN / np.sqrt(information)
    return _judge("power law", slope, exponent - limit, exponent + limit, catches)


# S4: whole distributions


def cells(counts: ArrayLike, probabilities: ArrayLike, *, share: float) -> Verdict:
    """Judge the count in every cell of a partition by the exact binomial law."""
    spend(share)
    counts, chance = np.ravel(np.asarray(counts)), np.ravel(np.asarray(probabilities, float))
    assert counts.shape == chance.shape, "one probability for each cell"
    assert abs(chance.sum() - 1) < 1e-9, f"probabilities add up to {chance.sum()!r}"
    law = stats.binom(int(counts.sum()), chance)
    return _total("cells", counts, law, share / counts.size)


def distribution(
    values: ArrayLike,
    cdf: Callable[[Floats], Floats],
    *,
    share: float,
    left_cdf: Callable[[Floats], Floats] | None = None,
) -> Verdict:
    """Judge a whole sample by the bound of Dvoretzky, Kiefer, Wolfowitz and Massart.

    Massart (1990), doi:10.1214/aop/1176990746. Holds for any law; the error
    it catches is one of scale.

    Parameters
    ----------
    cdf
        P(X <= x) for an array of x.
    left_cdf
        P(X < x), for a law with atoms.
    """
    spend(share)
    points, counts = np.unique(np.asarray(values, float), return_counts=True)
    total = int(counts.sum())
    after = np.cumsum(counts) / total
    at, left = cdf(points), (left_cdf or cdf)(points)
    gap = max(np.abs(after - at).max(), np.abs(after - counts / total - left).max())
    limit = np.sqrt(np.log(2 / share) / (2 * total))
    visible = limit + np.sqrt(np.log(2 / MISSED) / (2 * total))
    some = points[:: max(1, points.size // 500)]

    def excess(error: float) -> float:
        return float(np.abs(cdf(some * (1 + error)) - cdf(some)).max() - visible)

    catches = optimize.brentq(excess, 0, 10) if excess(10) > 0 else np.inf
    return _judge("distribution", gap, 0, limit, catches)


# S5: events without a reference


def unit_waits(waits: ArrayLike, *, share: float) -> Verdict:
    """Judge waiting times that should be independent and of rate one.

    Half the share goes to the exact gamma law of their sum, half to their
    distribution. Their number must be fixed before the run: "the first 10,000
    events", never "the events until 60 s".
    """
    waits = np.asarray(waits, float)
    spend(share / 2)
    verdict = _total("sum of waits", waits.sum(), stats.gamma(waits.size), share / 2)
    distribution(waits, lambda x: -np.expm1(-np.maximum(x, 0)), share=share / 2)
    return verdict


def choices(chosen: ArrayLike, probabilities: ArrayLike, *, share: float) -> Verdict:
    """Judge which channel fired, each time with its own probabilities.

    Chosen minus expected is a martingale, so Freedman's bound holds although
    the probabilities depend on the past. It asks for a variance known in
    advance; a ladder of 25 per cent steps under n/4 divides the share instead.

    Parameters
    ----------
    chosen
        Channel of each event, (n,).
    probabilities
        Of every channel just before each event, (n, K), rows adding up to one.
    """
    spend(share)
    chance = np.asarray(probabilities, float)
    events, channels = chance.shape
    assert np.allclose(chance.sum(axis=1), 1, rtol=0, atol=1e-9), "rows must add up to one"
    expected, variance = chance.sum(axis=0), (chance * (1 - chance)).sum(axis=0)
    excess = np.bincount(np.asarray(chosen), minlength=channels) - expected
    ladder = events / 4 * 0.8 ** np.arange(max(1, int(np.ceil(np.log(events) / np.log(1.25)))))
    rung = np.array([ladder[ladder >= min(v, events / 4)].min() for v in variance])
    limit = _bernstein(rung, 1.0, np.log(2 * channels * ladder.size / share))
    catches = _ratio(limit + _MARGIN * np.sqrt(variance), expected)
    return _judge("channel choices", excess, -limit, limit, catches)


def time_rescaling(
    waits: ArrayLike, chosen: ArrayLike, rates: ArrayLike, *, share: float
) -> Verdict:
    """Judge a chain of events by the rates that an independent function gives.

    A wait times the total rate during it is exponential with mean one:
    doi:10.1162/08997660252741149. A third of the share goes to the choices,
    two thirds to the waits.

    Parameters
    ----------
    waits
        Time before each event, (n,), n fixed before the run.
    chosen
        Channel of each event, (n,).
    rates
        Rate of every channel during each wait, (n, K).
    """
    rates = np.asarray(rates, float)
    total = rates.sum(axis=1)
    choices(chosen, rates / total[:, None], share=share / 3)
    return unit_waits(np.asarray(waits, float) * total, share=2 * share / 3)
