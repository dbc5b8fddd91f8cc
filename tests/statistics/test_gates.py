"""Each gate passes on the right law, fails on one 5 % wrong, and alarms as rarely as it says."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from tests.statistics import gates
from tests.statistics.budget import (
    BUDGET,
    Check,
    GateError,
    deterministic,
    rehearsal,
    seed_of,
    spend,
    statistical,
)


def exponential_cdf(x):
    return -np.expm1(-x)


@statistical("gates/binomial-total")
def test_a_binomial_total_of_the_right_rate_passes(check):
    total = check.generator().binomial(200_000, 0.3 * check.factor)
    verdict = gates.binomial_total(total, 200_000, 0.3, share=check.share)
    assert verdict.catches < 0.05


@statistical("gates/poisson-total")
def test_a_poisson_total_of_the_right_rate_passes(check):
    count = check.generator().poisson(100_000 * check.factor)
    assert gates.poisson_total(count, 100_000, share=check.share).catches < 0.05


@statistical("gates/binomial-sum")
def test_a_sum_of_unequal_binomials_passes(check):
    trials, chance = np.arange(1, 400), np.linspace(0, 0.9, 399)
    total = check.generator().binomial(trials, chance * check.factor).sum()
    assert gates.binomial_sum(total, trials, chance, share=check.share).catches < 0.05


@statistical("gates/bounded-mean")
def test_a_bounded_mean_passes_with_and_without_its_variance(check):
    values = np.minimum(check.generator().beta(2, 6, 200_000) * check.factor, 1)
    known = {"mean": 0.25, "low": 0, "high": 1}
    half = check.share / 2
    loose = gates.bounded_mean(values, **known, share=half)
    tight = gates.bounded_mean(values, **known, variance=1 / 48, share=half)
    assert tight.catches < loose.catches < 0.05


@statistical("gates/uncorrelated")
def test_independent_uniforms_pass_and_a_correlation_of_one_twentieth_does_not(check):
    first, second, choice = check.generator().random((3, 100_000))
    mixed = np.where(choice < check.factor - 1, first, second)
    assert gates.uncorrelated(first, mixed, share=check.share).catches < 0.05


@statistical("gates/moments")
def test_moments_of_several_skewed_laws_pass_together(check):
    shape = np.array([1, 2, 5])  # gamma laws: central moments k, k, 3 k^2 + 6 k
    values = check.generator().gamma(shape, size=(200_000, 3)) * [1, check.factor, 1]
    gates.mean_and_variance(
        values,
        mean=shape,
        variance=shape,
        fourth_moment=3 * shape**2 + 6 * shape,
        share=check.share,
    )


@statistical("gates/variance-alone")
def test_a_wrong_spread_about_the_right_mean_is_seen(check):
    values = check.generator().normal(0, math.sqrt(check.factor), 200_000)
    verdict = gates.mean_and_variance(
        values, mean=0, variance=1, fourth_moment=3, share=check.share
    )
    assert verdict.catches < 0.05


@statistical("gates/power-law")
def test_the_exponent_of_a_mean_over_sizes_passes(check):
    sizes = np.array([1.0, 10.0, 100.0, 1000.0])
    draws = check.generator()
    samples = [-draws.gamma(4.0, size**-check.factor, 4000) for size in sizes]
    verdict = gates.power_law(sizes, samples, exponent=-1.0, share=check.share)
    assert verdict.catches < 0.05
    with rehearsal():
        loose = gates.power_law(sizes, samples, exponent=-1.0, share=1e-9, tolerance=0.1)
        assert loose.high == pytest.approx(verdict.high + 0.1)
        with pytest.raises(GateError, match="power law: nan"):
            gates.power_law(sizes, [*samples[:3], -samples[3]], exponent=-1.0, share=1e-9)


@statistical("gates/cells")
def test_counts_in_the_cells_of_a_partition_pass(check):
    chance = stats.poisson(4 * check.factor).pmf(np.arange(12))
    right = stats.poisson(4).pmf(np.arange(12))
    counts = check.generator().multinomial(500_000, [*chance, 1 - chance.sum()])
    assert gates.cells(counts, [*right, 1 - right.sum()], share=check.share).catches < 0.05


@statistical("gates/distribution")
def test_a_continuous_sample_follows_its_distribution_function(check):
    values = check.generator().exponential(check.factor, 200_000)
    verdict = gates.distribution(values, exponential_cdf, share=check.share)
    assert 0.02 < verdict.catches < 0.05


@statistical("gates/distribution-with-atoms")
def test_a_lattice_sample_follows_its_distribution_function(check):
    law = stats.poisson(30)
    values = check.generator().poisson(30 * check.factor, 100_000)
    gates.distribution(values, law.cdf, left_cdf=lambda x: law.cdf(x - 1), share=check.share)


@statistical("gates/unit-waits")
def test_waits_of_rate_one_pass(check):
    waits = check.generator().exponential(check.factor, 100_000)
    assert gates.unit_waits(waits, share=check.share).catches < 0.05


@statistical("gates/choices")
def test_choices_with_changing_probabilities_pass(check):
    generator = check.generator()
    chance = generator.uniform(0.1, 0.9, 400_000)
    wrong = chance * check.factor / (chance * check.factor + 1 - chance)
    chosen = (generator.random(chance.size) >= wrong).astype(int)
    rows = np.stack([chance, 1 - chance], axis=1)
    assert gates.choices(chosen, rows, share=check.share).catches < 0.05


@statistical("gates/time-rescaling")
def test_a_birth_and_death_chain_passes_by_its_rates_alone(check):
    generator, state, events = check.generator(), 20, 200_000
    waits, chosen, rates = np.empty(events), np.empty(events, int), np.empty((events, 2))
    random = generator.random((events, 2))
    for event in range(events):
        rates[event] = 40.0, 2.0 * state  # arrivals, departures
        birth = 40.0 * check.factor
        total = birth + 2.0 * state
        waits[event] = -math.log1p(-random[event, 0]) / total
        chosen[event] = int(random[event, 1] * total >= birth)
        state += 1 - 2 * int(chosen[event])
    gates.time_rescaling(waits, chosen, rates, share=check.share)


REHEARSALS, LEVEL, SIZE = 300, 0.1, 6_000

CALIBRATED = {
    "moments": lambda x, share: gates.mean_and_variance(
        x, mean=1, variance=1, fourth_moment=9, share=share
    ),
    "distribution": lambda x, share: gates.distribution(x, exponential_cdf, share=share),
    "waits": lambda x, share: gates.unit_waits(x, share=share),
    "bounded-mean": lambda x, share: gates.bounded_mean(
        np.exp(-x), mean=0.5, low=0, high=1, variance=1 / 12, share=share
    ),
    "binomial-total": lambda x, share: gates.binomial_total(
        int((x > 1).sum()), SIZE, math.exp(-1), share=share
    ),
    "cells": lambda x, share: gates.cells(
        np.histogram(x, [0, 0.5, 1, 2, np.inf])[0],
        -np.diff(np.exp(-np.array([0, 0.5, 1, 2, np.inf]))),
        share=share,
    ),
}


@statistical("gates/false-alarms", cases=CALIBRATED)
def test_false_alarms_are_no_more_frequent_than_the_share(check, case):
    generator, alarms = check.generator(), 0
    for _ in range(REHEARSALS):
        with rehearsal():
            try:
                case(generator.exponential(check.factor, SIZE), LEVEL)
            except GateError:
                alarms += 1
    spend(check.share)
    if alarms > stats.binom(REHEARSALS, LEVEL).isf(check.share):
        raise GateError(f"{alarms} alarms in {REHEARSALS} at level {LEVEL}")


def limits(gate, *given, **named):
    """Return the limits of a gate, by giving it a statistic that it must refuse."""
    with pytest.raises(GateError) as failure:
        gate(*given, **named)
    low, high = str(failure.value).split("[")[-1].split("]")[0].split(",")
    return float(low), float(high)


def binomial_tails(trials, chance, low, high):
    """Return P(X < low) and P(X > high) exactly."""
    term = [
        math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(trials + 1)
    ]
    return sum(term[: int(low)]), sum(term[int(high) + 1 :])


@deterministic
def test_the_limits_of_a_binomial_total_are_the_tightest_exact_ones():
    chance, share = Fraction(1, 4), 1e-9
    low, high = limits(gates.binomial_total, -1, 600, 0.25, share=share)
    assert all(tail <= share / 2 for tail in binomial_tails(600, chance, low, high))
    assert all(tail > share / 2 for tail in binomial_tails(600, chance, low + 1, high - 1))


@deterministic
def test_chernoffs_limits_lie_just_outside_the_exact_ones():
    exact = limits(gates.binomial_total, -1, 600, 0.25, share=1e-9)
    bound = limits(gates.binomial_sum, -1, [200, 400], 0.25, share=1e-9)
    assert exact[0] - 6 < bound[0] <= exact[0]
    assert exact[1] <= bound[1] < exact[1] + 6


@deterministic
def test_the_limit_of_a_bounded_mean_solves_bernsteins_equation():
    share, count, variance, bound = 1e-9, 5_000, 0.02, 0.7
    _, high = limits(
        gates.bounded_mean, np.ones(count), mean=0.3, low=0, high=1, variance=variance, share=share
    )
    above = high - 0.3
    exponent = count * above**2 / (2 * variance + 2 * bound * above / 3)
    assert 2 * math.exp(-exponent) == pytest.approx(share, rel=1e-4)


@deterministic
def test_certain_laws_pass_only_with_their_one_value():
    gates.binomial_total(0, 10, 0.0, share=1e-9)
    gates.binomial_total(10, 10, 1.0, share=1e-9)
    gates.binomial_sum(7, [3, 4, 9], [1, 1, 0], share=1e-9)
    gates.mean_and_variance(np.full(9, 0.1), mean=0.1, variance=0, fourth_moment=0, share=1e-9)
    gates.cells([0, 9], [0, 1], share=1e-9)
    for bad in (
        lambda: gates.binomial_total(1, 10, 0.0, share=1e-9),
        lambda: gates.binomial_total(9, 10, 1.0, share=1e-9),
        lambda: gates.binomial_sum(8, [3, 4, 9], [1, 1, 0], share=1e-9),
        lambda: gates.mean_and_variance(
            np.full(9, 0.2), mean=0.1, variance=0, fourth_moment=0, share=1e-9
        ),
        lambda: gates.cells([1, 8], [0, 1], share=1e-9),
    ):
        with pytest.raises(GateError):
            bad()


@deterministic
def test_a_sample_with_a_missing_number_never_passes():
    values = np.append(np.ones(10), np.nan)
    with pytest.raises(GateError):
        gates.mean_and_variance(values, mean=1, variance=1, fourth_moment=9, share=1e-9)
    with pytest.raises(GateError):
        gates.distribution(values, exponential_cdf, share=1e-9)
    with pytest.raises(GateError):
        gates.unit_waits(values, share=1e-9)
    with pytest.raises(AssertionError, match="outside"):
        gates.bounded_mean(values, mean=1, low=0, high=2, share=1e-9)


@deterministic
def test_a_failure_names_statistic_limits_and_error_caught():
    with pytest.raises(GateError, match=r"binomial total: 900 with limits \[\d+, \d+\]; catches"):
        gates.binomial_total(900, 1000, 0.5, share=1e-9)


@deterministic
def test_a_seed_is_the_first_eight_bytes_of_the_hash_of_its_name():
    assert seed_of("abc") == 0xBA7816BF8F01CFEA
    assert gates.seed_of is seed_of


def runs_of(test, name="gates/cells"):
    """Return the right run and the twin of a test, declared under a listed name."""
    test.__name__ = "test_made_here"  # pytest does not take a lambda for a test
    declared = statistical(name)(test)
    share = BUDGET["checks"][name]
    return lambda: declared(Check(name, share, 1.0)), lambda: declared(Check(name, share, 1.05))


@deterministic
def test_a_test_must_be_listed_use_a_gate_and_stay_within_its_share():
    with pytest.raises(LookupError, match="no share"):
        statistical("nobody/listed-this")
    right, _ = runs_of(lambda check: check.seed)
    with pytest.raises(AssertionError, match="no gate"):
        right()
    right, _ = runs_of(lambda check: (spend(check.share), spend(check.share / 2)))
    with pytest.raises(RuntimeError, match="gates spent"):
        right()
    right, _ = runs_of(lambda check: [spend(check.share / 3) for _ in range(3)])
    right()


@deterministic
def test_a_twin_must_fail_and_must_fail_at_a_gate():
    _, twin = runs_of(lambda check: spend(check.share))
    with pytest.raises(AssertionError, match="wrong passed"):
        twin()

    def broken(check):
        spend(check.share)
        assert check.factor == 1, "not a gate"

    _, twin = runs_of(broken)
    with pytest.raises(AssertionError, match="not a gate"):
        twin()
