"""Quantal analysis: large data give the truth back, and bad data are refused in words."""

from __future__ import annotations

import math

import numpy as np
import pytest

import vmatcore as vm
from vmatcore.errors import FileFormatError, ParameterError, ParameterTypeError, UnknownNameError

release, spikes = vm.release, vm.spikes
SYNAPSE = vm.Synapse(sites=8, probability=0.4)
TRAIN = spikes.regular(rate_hz=20, duration_s=0.5)
REL = release.simulate(
    SYNAPSE,
    TRAIN,
    content=vm.LognormalQuantum(molecules=3000, cv=0.3),
    synapses=200_000,
    seed=3,
)
SETTINGS = {
    "parabola": ({"quantum_cv": 0.3}, 0.02),
    "moments": ({"quantum_cv": 0.3}, 0.15),
    "failures": ({"quantum_cv": 0.3}, 0.15),
    "cv": ({"quantum_cv": 0.3, "quantum": 3000.0}, 0.02),
}


@pytest.mark.parametrize("method", SETTINGS)
def test_many_trials_give_n_p_and_q_back(method):
    settings, error = SETTINGS[method]
    found = release.estimate(REL, method=method, resamples=30, **settings)
    assert found.sites.value == pytest.approx(8, rel=error)
    assert found.probability.value == pytest.approx(0.4, rel=error)
    assert found.quantum.value == pytest.approx(3000, rel=error)
    for one in (found.sites, found.probability, found.quantum):
        assert one.low <= one.value <= one.high


def test_the_likelihood_finds_the_number_of_sites_itself():
    narrow = release.simulate(
        vm.Synapse(sites=5, probability=0.3),
        spikes.from_times([0.0]),
        content=vm.LognormalQuantum(molecules=50, cv=0.1),
        synapses=5000,
        seed=1,
    )
    found = release.estimate(narrow, method="likelihood")
    assert (found.sites.value, 5 in found.sites) == (5, True)
    assert found.probability.value == pytest.approx(0.3, abs=0.02)
    assert found.quantum.value == pytest.approx(50, rel=0.01)


def test_arrays_lists_and_files_are_taken_alike(tmp_path):
    part = REL.molecules[:300, :4]
    want = release.estimate(part, resamples=40)
    assert release.estimate(part.tolist(), resamples=40) == want
    plain, named = tmp_path / "plain.csv", tmp_path / "named.csv"
    lines = [",".join(map(repr, row)) for row in part.tolist()]
    plain.write_text("\n".join(lines))
    named.write_text("\n".join(["first,second,third,fourth", *lines]) + "\n")
    assert release.estimate(plain, resamples=40) == want
    assert release.estimate(str(named), resamples=40) == want


def test_the_same_seed_gives_the_same_intervals():
    part = REL.molecules[:200]
    first = release.estimate(part, seed=4, resamples=30)
    assert first == release.estimate(part, seed=4, resamples=30)
    assert first != release.estimate(part, seed=5, resamples=30)


def bad_file(tmp_path, text):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    return path


def test_bad_data_are_refused_in_words(tmp_path):
    few = np.ones((5, 3))
    good = REL.molecules[:50]
    for call, error, match in [
        (lambda: release.estimate(few), ParameterError, "at least 20 trials, got 5"),
        (lambda: release.estimate(good[:, 0]), ParameterError, "two conditions"),
        (lambda: release.estimate(good * 0), ParameterError, "above 0"),
        (lambda: release.estimate(-good), ParameterError, r"`data\[\d+, 0\]`"),
        (lambda: release.estimate(good + math.nan), ParameterError, r"`data\[0, 0\]`"),
        (lambda: release.estimate("no such file"), FileFormatError, "cannot read"),
        (lambda: release.estimate(None), ParameterTypeError, "`data`"),
        (lambda: release.estimate([[1, 2], [3]]), ParameterTypeError, "`data`"),
        (lambda: release.estimate(good, method="parabel"), UnknownNameError, "parabola"),
        (lambda: release.estimate(good, method="cv"), ParameterError, "`quantum`"),
        (lambda: release.estimate(good, quantum=3.0), ParameterError, "`quantum`"),
        (lambda: release.estimate(good, confidence=1), ParameterError, "`confidence`"),
        (
            lambda: release.estimate(good, method="likelihood", failure_below=1e9),
            ParameterError,
            "`failure_below` must leave amplitudes",
        ),
        (
            lambda: release.estimate(np.full(100, 5.0), method="likelihood"),
            ParameterError,
            "differ from trial to trial",
        ),
        (
            lambda: release.estimate(good, method="likelihood", quantum_cv=0.001),
            ParameterError,
            "`quantum_cv` must be at least 0.01",
        ),
        (lambda: release.estimate(good, resamples=3), ParameterError, "`resamples`"),
        (lambda: release.estimate(good, seed=-1), ParameterError, "`seed`"),
        (
            lambda: release.estimate(bad_file(tmp_path, "1,2\n3,x\n")),
            FileFormatError,
            "row 2: must hold numbers",
        ),
        (
            lambda: release.estimate(bad_file(tmp_path, "1.0 oops,2\n" + "1,2\n3,4\n" * 20)),
            FileFormatError,
            "row 1: must hold numbers",
        ),
        (
            lambda: release.estimate(bad_file(tmp_path, "1,2\n3\n")),
            FileFormatError,
            "row 2: must hold 2 numbers",
        ),
    ]:
        with pytest.raises(error, match=match):
            call()


DOPAMINE = release.simulate(
    vm.Synapse.dopamine(),
    spikes.regular(rate_hz=5, duration_s=60),
    content=vm.FillingContent(vm.Vesicle(), active=0.2),
    synapses=4000,
    seed=5,
)


@pytest.mark.parametrize("method", ["parabola", "moments", "failures", "likelihood"])
def test_synapses_recorded_as_silent_are_left_out_and_counted(method):
    found = release.estimate(DOPAMINE, method=method, resamples=40)
    # Over 300 spikes every active synapse has released.
    silent = int((DOPAMINE.quanta.sum(axis=1) == 0).sum())
    assert (found.silent, found.trials) == (silent, 4000 - silent)
    assert 0.6 < silent / 4000 < 0.8
    assert 2.5 < found.sites.value < 15
    one = found.probability
    assert 0.05 < one.value < 0.2
    assert 0 <= one.low < one.value < one.high < 0.4
    assert found.quantum.value == pytest.approx(1243, rel=0.06)


def test_active_synapses_that_failed_throughout_are_kept():
    once = spikes.from_times([0.0], duration_s=1.0)
    synapse = vm.Synapse(sites=5, probability=0.11, active_share=0.3)
    rel = release.simulate(synapse, once, synapses=4000, seed=3, first=7)
    found = release.estimate(rel, method="cv", quantum=1.0)
    failed = int((rel.quanta == 0).sum())
    assert found.silent < failed
    assert found.silent == pytest.approx(0.7 * 4000, abs=5 * math.sqrt(4000 * 0.21))
    assert found.silent == pytest.approx(failed - 1200 * 0.89**5, abs=120)


@pytest.mark.parametrize("method", ["parabola", "moments", "failures"])
def test_a_p_that_cannot_be_is_refused_with_its_reason(method):
    """Silent synapses among the rows of an array leave no p between 0 and 1."""
    with pytest.raises(ParameterError, match=r"must have (a p between 0 and 1|moments)"):
        release.estimate(DOPAMINE.molecules, method=method, resamples=40)


def test_values_stay_between_0_and_1():
    sure = vm.Synapse(sites=3, probability=0.97)
    for seed in range(20):
        rel = release.simulate(
            sure,
            spikes.from_times([0.0]),
            content=vm.LognormalQuantum(molecules=1, cv=0.3),
            synapses=30,
            seed=seed,
        )
        found = release.estimate(rel, method="cv", quantum=1.0, quantum_cv=0.3, resamples=40)
        one = found.probability
        assert 0 <= one.low <= one.value <= one.high <= 1


@pytest.mark.parametrize("fitted", [False, True])
@pytest.mark.parametrize("sites", [10, 20])
def test_the_likelihood_finds_counts_that_stand_apart(sites, fitted):
    """Its peaks are many; the search must not stay on the one it meets first."""
    rel = release.simulate(
        vm.Synapse(sites=sites, probability=0.5),
        spikes.from_times([0.0]),
        content=vm.LognormalQuantum(molecules=3000, cv=0.1),
        synapses=500,
        seed=1,
    )
    found = release.estimate(rel, method="likelihood", quantum_cv=None if fitted else 0.1)
    assert abs(found.sites.value - sites) <= 0.2 * sites
    assert found.sites.low < found.sites.high < 2 * sites
    assert found.quantum.value == pytest.approx(3000, rel=0.02)


def test_the_likelihood_says_when_it_cannot_tell_many_sites():
    """At 25 quanta of 10 % spread the counts merge: a wide interval, not an overflow."""
    rel = release.simulate(
        vm.Synapse(sites=50, probability=0.5),
        spikes.from_times([0.0]),
        content=vm.LognormalQuantum(molecules=3000, cv=0.1),
        synapses=500,
        seed=0,
    )
    found = release.estimate(rel, method="likelihood", quantum_cv=0.1)
    assert 50 in found.sites
    assert found.sites.high > 1.5 * found.sites.low


@pytest.mark.parametrize("seed", range(3))
def test_equal_quanta_are_counted_by_the_likelihood(seed):
    """Their likelihood has no largest value without a floor under the CV."""
    rel = release.simulate(
        vm.Synapse(sites=5, probability=0.4), spikes.from_times([0.0]), synapses=500, seed=seed
    )
    found = release.estimate(rel, method="likelihood")
    assert 5 in found.sites
    assert found.sites.high < 9
    assert found.quantum.value == pytest.approx(1.0, rel=1e-3)
    assert 0.4 in found.probability
