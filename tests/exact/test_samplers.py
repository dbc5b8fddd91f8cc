"""The samplers of the core equal the reference number for number."""

from __future__ import annotations

import numpy as np
import pytest

from tests.reference import samplers
from tests.reference.philox import Stream
from tests.reference.xoshiro import Xoshiro
from vmatcore import _core
from vmatcore.errors import ParameterError

MEANS = [0.0, 1e-9, 0.3, 5.0, 9.999, 10.0, 10.7, 31.4, 500.0, 2690.4, 1e6, 3e9]
CHANCES = [0.0, 1e-12, 1e-3, 0.1, 0.3, 0.5, 0.500001, 0.9, 0.9999, 1.0]
TRIALS = [0, 1, 7, 20, 21, 100, 5000, 2**20, 2**32 - 1]


@pytest.mark.parametrize("mean", MEANS)
def test_poisson_numbers_equal_the_reference(mean):
    stream = Stream(11, 0, 3)
    want = [samplers.poisson(mean, stream) for _ in range(300)]
    np.testing.assert_array_equal(_core.random_poisson(mean, 11, 3, 300), want)


@pytest.mark.parametrize("mean", [mean for mean in MEANS if 0 < mean < 1e6])
def test_tabled_poisson_numbers_equal_the_reference(mean):
    stream, table = Stream(12, 0, 3), samplers.Table.poisson(mean)
    want = [table.draw(stream.uniform()) for _ in range(300)]
    np.testing.assert_array_equal(_core.random_poisson(mean, 12, 3, 300, True), want)


@pytest.mark.parametrize("trials", TRIALS)
@pytest.mark.parametrize("stay", CHANCES)
def test_binomial_numbers_equal_the_reference(trials, stay):
    stream, law = Stream(13, 0, 3), samplers.Survival.from_probability(stay)
    want = [samplers.binomial(trials, law, stream) for _ in range(100)]
    np.testing.assert_array_equal(_core.random_binomial(trials, stay, 13, 3, 100), want)


@pytest.mark.parametrize("trials", [1, 7, 100, 5000])
@pytest.mark.parametrize("stay", CHANCES[1:-1])
def test_tabled_binomial_numbers_equal_the_reference(trials, stay):
    stream, law = Stream(14, 0, 3), samplers.Survival.from_probability(stay)
    table = samplers.Table.binomial(trials, law)
    want = [table.draw(stream.uniform()) for _ in range(100)]
    np.testing.assert_array_equal(_core.random_binomial(trials, stay, 14, 3, 100, True), want)


def test_the_fast_generator_equals_the_reference():
    generator = Xoshiro.from_stream(Stream(15, 0, 2**63))
    want = [generator.word() for _ in range(1000)]
    np.testing.assert_array_equal(_core.random_xoshiro(15, 2**63, 1000), np.array(want, np.uint64))


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf"), 1e10])
def test_a_mean_out_of_range_is_refused(bad):
    with pytest.raises(ParameterError, match="`mean` must be in"):
        _core.random_poisson(bad, 1, 0, 1)


@pytest.mark.parametrize("bad", [-1e-9, 1.0000001, float("nan")])
def test_a_chance_out_of_range_is_refused(bad):
    with pytest.raises(ParameterError, match="`stay` must be in"):
        _core.random_binomial(5, bad, 1, 0, 1)
