"""Release expected from a rate: the closed form, the equation itself, the sums of steps."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import integrate

import vmatcore as vm
from vmatcore.errors import MemoryLimitError, ParameterError, ParameterTypeError
from vmatcore.filling import Steps

SYNAPSE = vm.Synapse(sites=7, probability=0.3, refill_s=2.0, active_share=0.4)
BURSTS = vm.spikes.tonic_burst_rate(duration_s=30)


def expected(synapse=SYNAPSE, rate=4.0, **settings):
    settings.setdefault("duration_s", 30.0)
    return vm.release.expected_rate(synapse, rate, **settings)


@pytest.mark.parametrize("filled", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("rate", [0.0, 0.3, 4.0, 50.0])
def test_a_constant_rate_has_the_closed_form_of_its_equation(rate, filled):
    found = expected(rate=rate, filled=filled, step_s=0.125)
    edges = np.arange(241) * 0.125
    leave, come = 0.3 * rate, 0.5
    steady = come / (come + leave)
    decayed = np.exp(-(come + leave) * edges)
    assert found.filled == pytest.approx(steady + (filled - steady) * decayed, rel=1e-13, abs=1e-15)
    since_0 = leave * (
        steady * edges + (filled - steady) * -np.expm1(-(come + leave) * edges) / (come + leave)
    )
    assert np.cumsum(found.quanta) == pytest.approx(0.4 * 7 * since_0[1:], rel=1e-12, abs=1e-15)


def test_a_rate_that_changes_solves_the_equation_of_the_filled_share():
    def slope(time_s, state):
        leave = 0.3 * float(BURSTS.at([time_s])[0])
        return [(1.0 - state[0]) / 2.0 - leave * state[0], leave * state[0]]

    state = np.array([1.0, 0.0])
    times = [*BURSTS.time_s, 30.0]
    for begin, end in itertools.pairwise(times):
        middle = 0.5 * (begin + end)  # the solver must not see the next rate at the end
        solved = integrate.solve_ivp(
            lambda _, now, at=middle: slope(at, now), (begin, end), state, rtol=1e-11, atol=1e-13
        )
        state = solved.y[:, -1]
    found = expected(rate=BURSTS)
    assert found.filled[-1] == pytest.approx(state[0], rel=1e-9)
    assert found.quanta.sum() == pytest.approx(0.4 * 7 * state[1], rel=1e-9)


@pytest.mark.parametrize("step_s", [0.003, 0.01, 0.7, 45.0])
def test_steps_of_any_length_sum_to_the_same(step_s):
    fine, found = expected(rate=BURSTS, step_s=0.05), expected(rate=BURSTS, step_s=step_s)
    assert found.quanta.sum() == pytest.approx(fine.quanta.sum(), rel=1e-12)
    assert found.filled[-1] == pytest.approx(fine.filled[-1], rel=1e-12)
    assert found.time_s[-1] < found.duration_s == 30.0


def test_molecules_are_quanta_times_what_one_holds():
    plain = expected(rate=BURSTS)
    for content in (
        vm.ConstantQuantum(molecules=3000),
        vm.LognormalQuantum(molecules=3000, cv=0.5),
    ):
        found = expected(rate=BURSTS, content=content)
        assert found.molecules == pytest.approx(3000 * plain.quanta, rel=1e-15)


def test_sites_that_are_never_refilled_release_once():
    never = vm.Synapse(sites=5, probability=0.5, refill_s=math.inf)
    found = expected(never, 10.0)
    assert found.quanta.sum() == pytest.approx(5.0, rel=1e-12)
    assert found.filled[1] == pytest.approx(math.exp(-0.05), rel=1e-13)
    assert not expected(never, 0.0).quanta.any()


def test_nothing_fires_in_a_pause_and_sites_fill():
    found = expected(rate=BURSTS)
    pause = (found.time_s > 5.3) & (found.time_s < 6.3)
    assert not found.quanta[pause].any()
    assert (np.diff(found.filled[:-1][pause]) > 0).all()


def test_the_signal_of_a_steady_rate_is_the_steady_state_of_the_region():
    region, synapse = vm.Region.dorsal_striatum(), vm.Synapse.dopamine()
    found = expected(synapse, content=vm.ConstantQuantum(molecules=3000), duration_s=60)
    amine = vm.signal.simulate(found, region).amine_nmol_l[-1]
    per_s = found.molecules[-1] / 0.01
    assert amine == pytest.approx(region.steady_nmol_l(per_s), rel=1e-6)


def test_no_time_is_no_release():
    found = expected(duration_s=0.0)
    assert found.quanta.shape == (0,)
    assert found.filled.tolist() == [1.0]


def test_what_breaks_a_rule_is_refused():
    for settings, error, words in (
        ({"synapse": 3}, ParameterTypeError, "`synapse` must be a Synapse"),
        ({"rate": -1.0}, ParameterError, "`rate_hz`"),
        ({"rate": Steps(time_s=[0, 1], values=[1, -2])}, ParameterError, r"`rate_hz.values\[1\]`"),
        ({"duration_s": math.inf}, ParameterError, "`duration_s`"),
        ({"step_s": 0.0}, ParameterError, "`step_s`"),
        ({"filled": 1.1}, ParameterError, "`filled`"),
        ({"content": vm.FillingContent(vm.Vesicle())}, ParameterTypeError, "ConstantQuantum or a"),
        ({"duration_s": 1e9, "step_s": 1e-3}, ParameterError, "at most 1e8 steps"),
    ):
        with pytest.raises(error, match=words):
            expected(**settings)


def test_what_cannot_fit_is_refused(monkeypatch):
    monkeypatch.setattr("vmatcore.work.available_bytes", lambda: 1000)
    with pytest.raises(MemoryLimitError, match="fewer steps"):
        expected()
