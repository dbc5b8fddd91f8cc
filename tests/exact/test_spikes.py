"""Trains of spikes against the reference spike for spike, and what is promised of them."""

from __future__ import annotations

import numpy as np
import pytest

import vmatcore as vm
from tests.reference import spikes as reference
from vmatcore.errors import ParameterError, ParameterTypeError

spikes = vm.spikes
STEPS = vm.filling.Steps(time_s=[0, 10, 12, 13], values=[4.0, 20.0, 0.0, 4.0])

CASES = {
    "poisson": (spikes.poisson, {"rate_hz": 5.0}, 1.0),
    "poisson-steps": (spikes.poisson, {"rate_hz": STEPS}, 1.0),
    "gamma-regular": (spikes.gamma, {"rate_hz": STEPS, "interval_cv": 0.25}, 16.0),
    "gamma-clustered": (spikes.gamma, {"rate_hz": 5.0, "interval_cv": 2.0}, 0.25),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [3, 2**64 - 1])
def test_trains_equal_the_pure_python_reference_spike_for_spike(name, seed):
    make, settings, shape = CASES[name]
    got = make(duration_s=30.0, synapses=5, seed=seed, first=7, **settings)
    rate = settings["rate_hz"]
    until, rates = ([30.0], [rate]) if rate is not STEPS else ([10, 12, 13, 30.0], STEPS.values)
    for row in range(5):
        want = reference.renewal(until, rates, shape, seed=seed, number=7 + row)
        np.testing.assert_array_equal(got.of(row), want)
    shared = make(duration_s=30.0, seed=seed, first=7, **settings)
    np.testing.assert_array_equal(shared.time_s, got.of(0))


def test_bursts_and_pauses_lie_where_they_should():
    train = spikes.tonic_burst(
        duration_s=40,
        tonic_hz=4,
        burst_hz=30,
        burst_s=0.5,
        pause_s=2,
        every_s=10,
        synapses=200,
        seed=1,
    )
    phase = (train.time_s - 5.0) % 10.0
    assert not ((phase >= 0.5) & (phase < 2.5)).any()
    bursts = (phase < 0.5).sum() / (200 * 4)
    assert abs(bursts - 15) < 6 * np.sqrt(15 / 800)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_and_more_trains_change_no_spike(threads):
    every = {"rate_hz": 5, "duration_s": 20, "seed": 4}
    many = spikes.poisson(synapses=700, threads=threads, **every)
    few = spikes.poisson(synapses=3, first=100, threads=1, **every)
    for row in range(3):
        np.testing.assert_array_equal(many.of(100 + row), few.of(row))


def test_a_longer_train_keeps_the_first_spikes():
    every = {"rate_hz": 5, "seed": 4}
    short = spikes.poisson(duration_s=20, **every).time_s
    long = spikes.poisson(duration_s=90, **every).time_s
    np.testing.assert_array_equal(long[: len(short)], short)
    assert long[len(short)] >= 20


def test_regular_spikes_lie_at_multiples_of_the_interval():
    train = spikes.regular(rate_hz=5, duration_s=60)
    np.testing.assert_array_equal(train.time_s, np.arange(300) / 5)
    assert train.rate_hz() == 5
    assert len(spikes.regular(rate_hz=0, duration_s=60).time_s) == 0
    assert len(spikes.regular(rate_hz=3, duration_s=0).time_s) == 0


def test_ones_own_times_are_taken_as_they_are():
    assert spikes.from_times(np.array([0, 1, 1], dtype=np.int8)).time_s.tolist() == [0, 1, 1]
    assert spikes.from_times([]).time_s.tolist() == []
    each = spikes.from_times([np.array([0.5]), [], (1, 2)], duration_s=3)
    assert each.synapses == 3
    assert each.of(2).tolist() == [1, 2]
    assert each.rate_hz() == pytest.approx(1 / 3)


BAD = {
    "rate negative": (lambda: spikes.regular(rate_hz=-1, duration_s=1), "`rate_hz`"),
    "rate a text": (lambda: spikes.poisson(rate_hz="5", duration_s=1), "`rate_hz`"),
    "rate steps": (
        lambda: spikes.poisson(
            rate_hz=vm.filling.Steps(time_s=[0, 1], values=[1, -2]), duration_s=1
        ),
        "`rate_hz.values\\[1\\]`",
    ),
    "duration": (lambda: spikes.poisson(rate_hz=1, duration_s=float("nan")), "`duration_s`"),
    "synapses": (lambda: spikes.poisson(rate_hz=1, duration_s=1, synapses=-1), "`synapses`"),
    "cv": (lambda: spikes.gamma(rate_hz=1, duration_s=1, interval_cv=0), "`interval_cv`"),
    "every": (lambda: spikes.tonic_burst(duration_s=9, every_s=1), "`every_s`"),
    "back": (lambda: spikes.from_times([1, 0.5]), "`times_s\\[1\\]`"),
    "negative": (lambda: spikes.from_times([[1], [-0.5]]), "`times_s\\[1\\]\\[0\\]`"),
    "end": (lambda: spikes.from_times([1, 2], duration_s=1), "`duration_s`"),
    "number": (lambda: spikes.from_times(3.0), "`times_s`"),
    "too many": (lambda: spikes.regular(rate_hz=1e6, duration_s=1e9), "`rate_hz`"),
    "too many at random": (lambda: spikes.poisson(rate_hz=1e6, duration_s=1e9), "`rate_hz`"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_are_refused_by_name(name):
    call, match = BAD[name]
    with pytest.raises((ParameterError, ParameterTypeError), match=match):
        call()
