"""The core's random numbers follow their laws, and neighbouring streams are strangers."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from tests.statistics.budget import deterministic, statistical
from tests.statistics.gates import (
    binomial_total,
    cells,
    distribution,
    mean_and_variance,
    uncorrelated,
    unit_waits,
)
from vmatcore import _core

COUNT = 200_000
TEST = 0  # number of the stage that tests draw from


def draws(kind, seed, *, stage=TEST, replicate=0, count=COUNT, draw=0):
    return _core.random_draws(kind, seed, stage, replicate, count, draw)


def spoiled(uniforms, factor):
    """Return uniforms whose exponential, -ln(u), has a rate wrong by a factor."""
    return uniforms**factor


@statistical("random/uniform/moments")
def test_uniforms_have_mean_one_half_and_variance_one_twelfth(check):
    values = spoiled(draws("uniform", check.seed), check.factor)
    mean_and_variance(values, mean=1 / 2, variance=1 / 12, fourth_moment=1 / 80, share=check.share)


@statistical("random/uniform/distribution")
def test_uniforms_are_uniform(check):
    values = spoiled(draws("uniform", check.seed), check.factor)
    distribution(values, lambda x: np.clip(x, 0, 1), share=check.share)


@statistical("random/uniform/cells")
def test_every_two_hundred_and_fiftieth_of_the_interval_gets_its_share(check):
    values = spoiled(draws("uniform", check.seed, count=1_000_000), check.factor)
    cells(np.histogram(values, 250, (0, 1))[0], np.full(250, 1 / 250), share=check.share)


@statistical("random/uniform/total")
def test_a_third_of_the_uniforms_is_below_one_third(check):
    below = draws("uniform", check.seed) < check.factor / 3
    binomial_total(int(below.sum()), COUNT, 1 / 3, share=check.share)


@statistical("random/uniform/bits")
def test_each_of_the_52_bits_is_set_half_of_the_time(check):
    words = (draws("uniform", check.seed) * 2.0**52).astype(np.uint64)
    extra = draws("uniform", check.seed, replicate=1) < check.factor - 1
    for bit in range(52):
        ones = (words >> np.uint64(bit) & np.uint64(1)).astype(bool) | extra
        binomial_total(int(ones.sum()), COUNT, 0.5, share=check.share / 52)


@statistical("random/exponential/moments")
def test_exponentials_have_mean_and_variance_one(check):
    values = draws("exponential", check.seed) * check.factor
    mean_and_variance(values, mean=1, variance=1, fourth_moment=9, share=check.share)


@statistical("random/exponential/waits")
def test_exponentials_are_waits_of_rate_one(check):
    unit_waits(draws("exponential", check.seed) * check.factor, share=check.share)


@statistical("random/exponential/total")
def test_the_right_share_of_exponentials_exceeds_one(check):
    above = draws("exponential", check.seed) * check.factor > 1
    binomial_total(int(above.sum()), COUNT, math.exp(-1), share=check.share)


@statistical("random/exponential/far-tail")
def test_the_right_share_of_exponentials_exceeds_five(check):
    count = 5_000_000
    above = draws("exponential", check.seed, count=count) * check.factor > 5
    binomial_total(int(above.sum()), count, math.exp(-5), share=check.share)


@statistical("random/normal/moments")
def test_normals_have_mean_zero_and_variance_one(check):
    values = draws("normal", check.seed) * check.factor
    mean_and_variance(values, mean=0, variance=1, fourth_moment=3, share=check.share)


@statistical("random/normal/distribution")
def test_normals_are_normal(check):
    values = draws("normal", check.seed, count=500_000) * check.factor
    distribution(values, special.ndtr, share=check.share)


@statistical("random/normal/cells")
def test_every_part_of_the_normal_law_gets_its_share(check):
    # The edges fall on either side of the joints of the three approximations.
    edges = np.array([-np.inf, -4, -3, -2, -1.5, -1.4, -0.5, 0, 0.5, 1.4, 1.5, 2, 3, 4, np.inf])
    values = draws("normal", check.seed, count=2_000_000) * check.factor
    chance = np.diff(special.ndtr(edges))
    cells(np.histogram(values, edges)[0], chance, share=check.share)


@statistical("random/replicates/distribution")
def test_the_first_number_of_many_replicates_is_uniform(check):
    first = [_core.philox_block(check.seed, TEST, row, 0)[1] for row in range(100_000)]
    values = spoiled((np.array(first) + 0.5) * 2.0**-32, check.factor)
    distribution(values, lambda x: np.clip(x, 0, 1), share=check.share)


def beside(seed, /, **other):
    """Return the stream of a seed and the one whose address differs as told."""
    there = {"seed": seed, "stage": TEST, "replicate": 0} | other
    return draws("uniform", seed), draws("uniform", **there)


NEIGHBOURS = {
    "next-seed": lambda seed: beside(seed, seed=seed ^ 1),
    "far-bit-of-seed": lambda seed: beside(seed, seed=seed ^ 1 << 63),
    "next-stage": lambda seed: beside(seed, stage=1),
    "far-bit-of-stage": lambda seed: beside(seed, stage=4),
    "next-replicate": lambda seed: beside(seed, replicate=1),
    "far-bit-of-replicate": lambda seed: beside(seed, replicate=1 << 63),
    "next-draw": lambda seed: draws("uniform", seed, count=4 * COUNT).reshape(-1, 4)[:, ::2].T,
    "far-draw": lambda seed: beside(seed, draw=1 << 47),
    "other-word-of-a-draw": lambda seed: draws("uniform", seed, count=2 * COUNT).reshape(-1, 2).T,
    "seed-and-replicate-exchanged": lambda seed: (
        draws("uniform", 1, replicate=seed),
        draws("uniform", seed, replicate=1),
    ),
}


@statistical("random/neighbours/correlation", cases=NEIGHBOURS)
def test_neighbouring_streams_are_not_correlated(check, case):
    first, second = case(check.seed)
    copied = draws("uniform", check.seed, replicate=7) < check.factor - 1
    verdict = uncorrelated(first, np.where(copied, first, second), share=check.share)
    assert verdict.catches < 0.05


@statistical("random/neighbours/cells", cases=NEIGHBOURS)
def test_neighbouring_streams_fill_the_square_evenly(check, case):
    first, second = case(check.seed)
    copied = draws("uniform", check.seed, replicate=7) < check.factor - 1
    second = np.where(copied, first, second)
    counts = np.histogram2d(first, second, 16, ((0, 1), (0, 1)))[0]
    cells(counts.astype(int), np.full(256, 1 / 256), share=check.share)


@deterministic
def test_the_stages_of_the_neighbours_are_those_of_the_core():
    assert dict(_core.random_stages())["test"] == TEST
