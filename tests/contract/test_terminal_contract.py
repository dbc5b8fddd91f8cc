"""Terminals: the same bits whatever runs them, stopped at once, refused before memory is taken."""

import pickle

import numpy as np
import pytest

import vmatcore as vm
from tests.reference.levels import HERE
from tests.reference.stop import stopped_after_s

#: More than one chunk holds, and no multiple of the lanes.
COUNT = 141
MAO = 5.0 + 20.0 * ((np.arange(COUNT) * 7919 % 1009) / 1009.0)
LOAD = vm.terminal.Load.oral(
    4.0 + MAO / 10.0, absorption_per_h=1.0, elimination_per_h=0.12, every_h=12, doses=4
)
TIME_H = np.array([0.0, 0.5, 3.3, 12.0, 12.0, 30.0])


def simulated(chosen=slice(None), **settings):
    drug = vm.terminal.Load(
        knots_h=LOAD.knots_h,
        amplitudes=LOAD.amplitudes[chosen],
        rates_per_h=LOAD.rates_per_h[chosen],
    )
    terminal = vm.Terminal.default().with_values({"mao_per_h": MAO[chosen]})
    return vm.terminal.simulate(active=drug, terminal=terminal, time_h=TIME_H, **settings)


def bits(run, chosen=slice(None)):
    arrays = (run.content_umol_l, run.cytosol_umol_l, run.outside_umol_l, run.acids_umol_l)
    return b"".join(np.ascontiguousarray(array[chosen]).tobytes() for array in arrays)


REFERENCE = simulated(threads=1)


def test_the_reference_has_numbers_that_differ():
    assert REFERENCE.content.shape == (COUNT, len(TIME_H))
    assert np.isfinite(REFERENCE.content).all()
    assert len(np.unique(REFERENCE.content[:, 2])) > COUNT // 2


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_the_number_of_threads_changes_no_bit(threads):
    assert bits(simulated(threads=threads)) == bits(REFERENCE)


@pytest.mark.parametrize("level", HERE)
def test_no_cpu_level_changes_a_bit(level, monkeypatch):
    monkeypatch.setenv("VMATCORE_CPU", level)
    assert bits(simulated()) == bits(REFERENCE)


def test_a_terminal_has_the_same_bits_in_any_batch_and_at_any_place():
    backwards = simulated(slice(None, None, -1))
    assert bits(backwards, slice(None, None, -1)) == bits(REFERENCE)
    for chosen in (slice(0, 1), slice(3, 12), slice(100, COUNT)):
        assert bits(simulated(chosen)) == bits(REFERENCE, chosen)


def test_more_reads_and_fluxes_change_the_others_by_no_more_than_the_tolerance():
    time_h = np.unique(np.concatenate([TIME_H, np.linspace(0, 30, 301)]))
    settings = {"terminal": vm.Terminal.default(), "active": 0.3}
    fine = vm.terminal.simulate(time_h=time_h, fluxes=True, **settings)
    coarse = vm.terminal.simulate(time_h=TIME_H, **settings)
    there = np.searchsorted(time_h, TIME_H)
    np.testing.assert_allclose(fine.content[:, there], coarse.content, rtol=5e-8)


def test_results_are_frozen_and_survive_pickle():
    back = pickle.loads(pickle.dumps(REFERENCE))
    assert bits(back) == bits(REFERENCE)
    assert not back.content_umol_l.flags.writeable
    assert "note: acid metabolites" in repr(back)
    with pytest.raises(ValueError, match="read-only"):
        REFERENCE.cytosol_umol_l[0, 0] = 1.0


def test_a_token_stops_a_long_call_at_once():
    many = vm.Terminal.default().with_values({"mao_per_h": np.linspace(5, 20, 20_000)})

    def call(token):
        vm.terminal.simulate(active=LOAD_ONE, terminal=many, time_h=[1e4], cancel=token)

    assert stopped_after_s(call, used_after_s=0.3) < 1.0


LOAD_ONE = vm.terminal.Load.oral(
    5.0, absorption_per_h=1.0, elimination_per_h=0.1, every_h=12, doses=800
)


def test_progress_grows_to_the_number_of_terminals():
    seen = []
    simulated(progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == COUNT


def test_what_cannot_fit_is_refused_before_any_of_it_is_taken():
    many = vm.Terminal.default().with_values({"mao_per_h": np.full(200_000, 10.0)})
    with pytest.raises(MemoryError, match="amine in terminals") as caught:
        vm.terminal.simulate(terminal=many, time_h=np.arange(100_000.0))
    assert isinstance(caught.value, vm.VmatError)


def test_an_oral_load_is_the_superposition_of_its_doses():
    load = vm.terminal.Load.oral(
        5.0, absorption_per_h=1.3, elimination_per_h=0.1, every_h=8.0, doses=5
    )
    time_h = np.linspace(0, 60, 121)
    amplitudes, rates = load.on(np.unique(np.concatenate([load.knots_h, time_h])))
    knots = np.unique(np.concatenate([load.knots_h, time_h]))
    got = amplitudes.sum(axis=2)[0][np.searchsorted(knots, time_h)]
    want = np.zeros_like(time_h)
    for dose in range(5):
        since = np.maximum(time_h - 8.0 * dose, 0.0)
        want += 5.0 * 1.3 / 1.2 * (np.exp(-0.1 * since) - np.exp(-1.3 * since))
    np.testing.assert_allclose(got, want, atol=1e-12)
    assert rates.tolist() == [[0.1, 1.3]]


def test_a_load_drives_as_the_fine_profile_of_its_share():
    time_h = np.linspace(0, 30, 16)
    load = vm.terminal.Load.oral(
        5.0, absorption_per_h=1.0, elimination_per_h=0.1, every_h=12.0, doses=3
    )
    fine = np.unique(np.concatenate([[0.0, 12.0, 24.0], np.linspace(0, 30, 6001)]))
    share = 1.0 / (1.0 + load.on(fine)[0].sum(axis=2)[0])
    lines = vm.terminal.Profile(time_h=fine, values=share)
    smooth = vm.terminal.simulate(active=load, time_h=time_h)
    stepped = vm.terminal.simulate(active=lines, time_h=time_h, relative_tolerance=1e-6)
    np.testing.assert_allclose(smooth.content, stepped.content, rtol=2e-5)
