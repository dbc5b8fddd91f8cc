"""Poisson and binomial numbers of the core follow their laws, cell by cell."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.statistics.budget import statistical
from tests.statistics.gates import cells, mean_and_variance
from vmatcore import _core

#: Enough numbers for a twin 5 per cent off to be seen; more where the mean says little.
MEANS = {
    "tiny": (0.02, 4_000_000),
    "small": (0.7, 400_000),
    "below-the-switch": (9.99, 400_000),
    "at-the-switch": (10.0, 400_000),
    "above-the-switch": (13.9, 400_000),
    "middle": (50.0, 200_000),
    "vesicle": (2690.4, 200_000),
    "large": (1e6, 200_000),
    "huge": (2e9, 100_000),
}

TRIALS = {
    "one": (1, 0.3, 200_000),
    "few": (10, 0.5, 200_000),
    "below-the-switch": (20, 0.499, 400_000),
    "at-the-switch": (20, 0.5, 400_000),
    "above-the-switch": (21, 0.5, 400_000),
    "flipped": (40, 0.74, 400_000),
    "vesicle": (5000, 0.538, 200_000),
    "nearly-all": (5000, 0.999, 400_000),
    "rare": (2**31, 1e-8, 400_000),
    "huge": (2**31, 0.4, 100_000),
}


def partition(law, count):
    """Return edges of cells that each expect at least fifty of the numbers, and their chances."""
    low, high = int(law.ppf(60 / count)), int(law.ppf(1 - 60 / count))
    width = max(1, (high - low) // 60)
    inner = np.arange(low, high + width, width) + 0.5
    chance = np.diff(law.cdf(inner), prepend=0.0, append=1.0)
    return np.concatenate([[-np.inf], inner, [np.inf]]), chance


@statistical("random/poisson/cells", cases=MEANS)
def test_poisson_numbers_fill_their_cells(check, case):
    mean, count = case
    edges, chance = partition(stats.poisson(mean), count)
    got = _core.random_poisson(mean * check.factor, check.seed, 0, count)
    cells(np.histogram(got, edges)[0], chance / chance.sum(), share=check.share)


@statistical("random/poisson/moments", cases=MEANS)
def test_poisson_numbers_have_their_mean_and_variance(check, case):
    mean, count = case
    got = _core.random_poisson(mean * check.factor, check.seed, 0, count)
    fourth = 3 * mean**2 + mean
    mean_and_variance(got, mean=mean, variance=mean, fourth_moment=fourth, share=check.share)


@statistical("random/poisson/table", cases={k: v for k, v in MEANS.items() if v[0] < 1e7})
def test_tabled_poisson_numbers_fill_their_cells(check, case):
    mean, count = case
    edges, chance = partition(stats.poisson(mean), count)
    got = _core.random_poisson(mean * check.factor, check.seed, 0, count, True)
    cells(np.histogram(got, edges)[0], chance / chance.sum(), share=check.share)


@statistical("random/binomial/cells", cases=TRIALS)
def test_binomial_numbers_fill_their_cells(check, case):
    binomial_cells(check, case, tabled=False)


@statistical("random/binomial/table", cases={k: v for k, v in TRIALS.items() if v[0] < 1e6})
def test_tabled_binomial_numbers_fill_their_cells(check, case):
    binomial_cells(check, case, tabled=True)


def binomial_cells(check, case, *, tabled):
    trials, stay, count = case
    law = stats.binom(trials, stay)
    if trials == 1:
        edges, chance = np.array([-np.inf, 0.5, np.inf]), law.pmf([0, 1])
    else:
        edges, chance = partition(law, count)
    got = _core.random_binomial(trials, wrong(stay, check), check.seed, 0, count, tabled)
    cells(np.histogram(got, edges)[0], chance / chance.sum(), share=check.share)


@statistical("random/binomial/moments", cases=TRIALS)
def test_binomial_numbers_have_their_mean_and_variance(check, case):
    trials, stay, count = case
    got = _core.random_binomial(trials, wrong(stay, check), check.seed, 0, count)
    # The rarer outcome is counted: its mean shows the error.
    rare = min(stay, 1 - stay)
    got = got if rare == stay else trials - got
    variance = trials * rare * (1 - rare)
    fourth = variance * (1 + (3 * trials - 6) * rare * (1 - rare))
    mean_and_variance(
        got, mean=trials * rare, variance=variance, fourth_moment=fourth, share=check.share
    )


def wrong(stay, check):
    """Return the chance that makes the rarer outcome 5 per cent too frequent in a twin."""
    return stay * check.factor if stay <= 0.5 else 1 - (1 - stay) * check.factor
