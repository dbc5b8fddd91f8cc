"""Trains of spikes follow their laws."""

from __future__ import annotations

import numpy as np
from scipy import stats

import vmatcore as vm
from tests.statistics.budget import statistical
from tests.statistics.gates import distribution, mean_and_variance, poisson_total, unit_waits

spikes = vm.spikes
RATE = vm.filling.Steps(time_s=[0, 10, 12, 13], values=[4.0, 20.0, 0.0, 6.0])


MANY = 40_000


@statistical("spikes/counts")
def test_spikes_of_a_poisson_train_come_at_its_rate_in_every_step(check):
    wrong = vm.filling.Steps(time_s=RATE.time_s, values=[check.factor * v for v in RATE.values])
    train = spikes.poisson(rate_hz=wrong, duration_s=30, synapses=5000, seed=check.seed)
    ends = [*RATE.time_s[1:], 30.0]
    for low, high, rate in zip(RATE.time_s, ends, RATE.values, strict=True):
        count = int(((train.time_s >= low) & (train.time_s < high)).sum())
        if rate == 0.0:
            assert count == 0
        else:
            poisson_total(count, 5000 * rate * (high - low), share=check.share / 3)


@statistical("spikes/intervals", cases={"poisson": 1.0, "regular": 0.2, "clustered": 2.0})
def test_intervals_follow_their_gamma_law_in_stretched_time(check, case):
    train = spikes.gamma(
        rate_hz=5.0 * check.factor,
        duration_s=60,
        interval_cv=case,
        synapses=MANY,
        seed=check.seed,
    )
    # The first so many of each train, fixed before the run: those that reach the end count less.
    first = 10
    waits = []
    for row in range(MANY):
        own = train.of(row)
        if len(own) < first:  # a train that ends too soon would choose its intervals
            assert case > 1.0
            own = np.concatenate([own, np.full(first - len(own), np.inf)])
        waits.append(np.diff(own[:first], prepend=0.0) * 5.0)
    waits = np.array(waits)
    if case == 1.0:
        unit_waits(waits.ravel(), share=check.share)
        return
    law = stats.gamma(case**-2, scale=case**2)
    column = waits[:, :5].ravel()
    assert np.isfinite(column).all()
    distribution(column, law.cdf, share=check.share / 2)
    fourth = (3 + 6 * case**2) * case**4
    mean_and_variance(
        column, mean=1.0, variance=case**2, fourth_moment=fourth, share=check.share / 2
    )
