"""A subject that a compartment system cannot follow fails alone, and says why."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import vmatcore as vm
from vmatcore import pk
from vmatcore.errors import UnknownNameError

NO_DIGITS = "rates too fast for any correct digit"
NO_STEADY_STATE = "no steady state: as much is given as can leave, or nearly"
TOO_MANY_STEPS = "too many steps: rates too fast for an explicit method"

DOSE, SWALLOWED = pk.Input("plasma", 48.0), pk.Input("gut", 48.0)
ENDLESS = [pk.SteadyState([DOSE], every_h=24.0), DOSE]
TIME_H = [0.0, 5.0]


def plasma(*flows):
    return pk.Graph(["gut", "plasma"], flows, [pk.Readout("plasma", "plasma")])


def leaving(rates):
    return plasma(pk.Flow("plasma", None, rate_per_h=rates))


def saturable(most, absorbed=1.0):
    return plasma(
        pk.Flow("gut", "plasma", rate_per_h=absorbed),
        pk.Saturable("plasma", None, maximum_per_h=most, half_amount=5.0),
    )


CASES = {
    "linear and too fast": (leaving([0.1, 1e200, 0.1]), [DOSE], NO_DIGITS),
    "linear without an exit": (leaving([0.1, 0.0, 0.1]), ENDLESS, NO_STEADY_STATE),
    "saturated for good": (saturable([10.0, 1.0, 10.0]), ENDLESS, NO_STEADY_STATE),
    "too fast for its steps": (saturable(10.0, [1.0, 1e9, 1.0]), [SWALLOWED], TOO_MANY_STEPS),
}


@pytest.mark.parametrize("case", CASES)
def test_the_subject_that_fails_says_why_and_changes_no_other(case):
    graph, inputs, reason = CASES[case]
    found = pk.solution(graph, inputs=inputs, time_h=TIME_H)
    assert found.status == ("ok", reason, "ok")
    assert found.failed == (1,)
    assert np.isnan(found.values[1]).all()
    assert np.isfinite(found.values[::2]).all()
    assert (found.values[::2] > 0).any()
    np.testing.assert_array_equal(found.values[0], found.values[2])


@pytest.mark.parametrize("case", CASES)
def test_solve_gives_the_values_alone_and_they_may_be_written_to(case):
    graph, inputs, _ = CASES[case]
    values = pk.solve(graph, inputs=inputs, time_h=TIME_H)
    assert type(values) is np.ndarray
    np.testing.assert_array_equal(values, pk.solution(graph, inputs=inputs, time_h=TIME_H).values)
    values[0] = 7.0


def test_the_reason_is_the_one_that_a_drug_gives():
    fast = vm.Subject(deviations=[("valbenazine", "clearance", 500.0)])
    run = pk.simulate("valbenazine 80 mg", subjects=[vm.Subject(), fast])
    assert run.status == ("ok", NO_DIGITS)


def test_a_solution_is_a_frozen_result_that_knows_its_readings():
    graph = pk.Graph(
        ["plasma"],
        [pk.Flow("plasma", None, rate_per_h=[0.1, 0.2])],
        [pk.Readout("amount", "plasma"), pk.Readout("level", "plasma", per_amount=0.5)],
    )
    found = pk.solution(graph, inputs=[DOSE], time_h=TIME_H)
    assert found.names == ("amount", "level")
    assert found.time_h.tolist() == TIME_H
    np.testing.assert_array_equal(found.of("level"), 0.5 * found.of("amount"))
    assert found.status == ("ok", "ok")
    assert found.failed == ()
    with pytest.raises(UnknownNameError, match="did you mean 'level'"):
        found.of("levels")
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.values, found.values)
    for values in (found.values, again.values):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0.0
    assert repr(found).splitlines()[2] == (
        "  values (subject 2, reading 2, time 2), as the readouts say"
    )


def test_nobody_has_no_status():
    found = pk.solution(leaving(np.ones(0)), inputs=[DOSE], time_h=TIME_H)
    assert found.values.shape == (0, 1, 2)
    assert found.status == ()
