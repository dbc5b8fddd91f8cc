"""Saturable flows: tolerance kept, against closed forms and a slow reference of high order."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from tests.reference import saturable as reference
from tests.reference.clock import growth
from vmatcore import _core, pk
from vmatcore.errors import ParameterError

#: The promise: five times the tolerance, everywhere.
TIMES_TOLERANCE = 5.0
TOLERANCES = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10]


def one_compartment(maximum, half, **flows):
    return pk.Graph(
        ["plasma"],
        [pk.Saturable("plasma", None, maximum_per_h=maximum, half_amount=half)],
        [pk.Readout("plasma", "plasma")],
        **flows,
    )


def by_lambert(amount, maximum, half, hours):
    """What Michaelis-Menten elimination leaves of a bolus (Schnell and Mendoza 1997)."""
    with mpmath.workdps(40):
        a, v, k, t = map(mpmath.mpf, (amount, maximum, half, hours))
        # W(exp(x)) by Newton's method on w + ln w = x: exp(x) can be huge.
        x = mpmath.log(a / k) + (a - v * t) / k
        w = x if x > 1 else mpmath.exp(x)
        for _ in range(100):
            w = w * (1 + x - mpmath.log(w)) / (1 + w)
        return float(k * w)


@pytest.mark.parametrize("rtol", TOLERANCES)
def test_elimination_of_a_bolus_follows_the_lambert_function(rtol):
    atol = 1e-3 * rtol
    time_h = np.array([0.0, 1e-6, 0.01, 0.1, 0.77, 1.0, 2.5, 7.9, 8.0, 8.1, 9.0, 12.0, 20.0, 100.0])
    for amount, maximum, half in [(80.0, 10.0, 0.5), (80.0, 10.0, 30.0), (1.0, 10.0, 30.0)]:
        inputs = [pk.Input("plasma", amount)]
        graph = one_compartment(maximum, half)
        got = pk.solve(graph, inputs=inputs, time_h=time_h, rtol=rtol, atol=atol)[0, 0]
        want = np.array([by_lambert(amount, maximum, half, t) for t in time_h])
        assert (np.abs(got - want) <= TIMES_TOLERANCE * (atol + rtol * want)).all()


# -- any graph, against an independent solver of eighth order --------------------------


def slope_of(case):
    """The equations of a case, written without our code."""
    states, linear, saturable = case

    def slope(_time, state):
        change = np.zeros(states)
        for source, target, rate in linear:
            change[source] -= rate * state[source]
            if target is not None:
                change[target] += rate * state[source]
        for source, target, maximum, half in saturable:
            moved = maximum * state[source] / (half + state[source])
            change[source] -= moved
            if target is not None:
                change[target] += moved
        return change

    return slope


def graph_of(case):
    states, linear, saturable = case

    def name(i):
        return None if i is None else f"state {i}"

    flows = [pk.Flow(name(i), name(j), rate_per_h=rate) for i, j, rate in linear]
    flows += [
        pk.Saturable(name(i), name(j), maximum_per_h=maximum, half_amount=half)
        for i, j, maximum, half in saturable
    ]
    places = [f"state {i}" for i in range(states)]
    return pk.Graph(places, flows, [pk.Readout(place, place) for place in places])


#: A depot, plasma with tissue, saturable elimination and formation, a metabolite.
BODY = (
    4,
    [(0, 1, 1.0), (1, 2, 0.17), (2, 1, 0.25), (3, None, 0.1)],
    [(1, 3, 3.0, 30.0), (1, None, 7.0, 30.0)],
)


def by_scipy(case, doses, time_h):
    """Amounts [state][time] after boluses (time, state, amount), with tolerances of 1e-13."""
    state, now = np.zeros(case[0]), 0.0
    answer = np.zeros((case[0], len(time_h)))
    stops = sorted({time for time, *_ in doses} | {float(time_h[-1])})
    for stop in stops:
        if stop > now:
            inside = [t for t in time_h if now <= t < stop]
            solution = solve_ivp(
                slope_of(case), (now, stop), state, method="DOP853", rtol=1e-13, atol=1e-14,
                t_eval=[*inside, stop],
            )  # fmt: skip
            for t, column in zip(inside, solution.y.T, strict=False):
                answer[:, np.flatnonzero(np.asarray(time_h) == t)] = column[:, None]
            state, now = solution.y[:, -1].copy(), stop
        for time, place, amount in doses:
            if time == stop:
                state[place] += amount
    answer[:, np.asarray(time_h) == now] = state[:, None]
    return answer


@pytest.mark.parametrize("rtol", TOLERANCES)
def test_reads_at_any_time_keep_the_tolerance_of_steps(rtol):
    time_h = np.sort(np.concatenate([np.arange(0, 73.0), np.geomspace(1e-4, 71.7, 400)]))
    doses = [(24.0 * i, 0, 80.0) for i in range(3)] + [(30.0, 1, 25.0)]
    want = by_scipy(BODY, doses, time_h)
    inputs = [pk.Input(f"state {place}", amount, time) for time, place, amount in doses]
    atol = 1e-3 * rtol
    got = pk.solve(graph_of(BODY), inputs=inputs, time_h=time_h, rtol=rtol, atol=atol)[0]
    excess = np.abs(got - want) / (atol + rtol * np.abs(want))
    assert excess.max() <= TIMES_TOLERANCE


rates = st.floats(-2, 1).map(lambda x: 10.0**x)


@st.composite
def graphs(draw):
    states = draw(st.integers(1, 5))
    pairs = [(i, j) for i in range(states) for j in [*range(states), None] if i != j]
    chosen = [pair for pair in pairs if draw(st.integers(0, 2)) == 0]
    linear = [(i, j, draw(rates)) for i, j in chosen]
    curved = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=3))
    halves = st.floats(-1, 2).map(lambda x: 10.0**x)
    saturable = [(i, j, 10 * draw(rates), draw(halves)) for i, j in curved]
    return states, linear, saturable


@settings(derandomize=True, max_examples=40, deadline=None)
@given(graphs(), st.sampled_from([1e-3, 1e-5, 1e-8]))
def test_any_graph_keeps_its_tolerance(case, rtol):
    time_h = [0.0, 0.1, 1.0, 3.3, 10.0, 12.5, 30.0]
    doses = [(0.0, 0, 50.0), (10.0, case[0] - 1, 5.0)]
    want = by_scipy(case, doses, time_h)
    inputs = [pk.Input(f"state {place}", amount, time) for time, place, amount in doses]
    got = pk.solve(graph_of(case), inputs=inputs, time_h=time_h, rtol=rtol, atol=1e-3 * rtol)[0]
    largest = np.max(np.abs(want), axis=1, keepdims=True)
    # An amount far below its own past maximum carries the error of what it fell from.
    allowed = TIMES_TOLERANCE * (1e-3 * rtol + rtol * np.maximum(np.abs(want), 1e-3 * largest))
    assert (np.abs(got - want) <= allowed).all()


def test_far_from_saturation_it_is_the_linear_graph():
    time_h = np.arange(0, 50.0)
    inputs = [pk.Input("plasma", 1e-6), pk.Input("plasma", 2e-6, 5.0, 10.0)]
    curved = pk.solve(one_compartment(3.0, 10.0), inputs=inputs, time_h=time_h, rtol=1e-10)
    straight = pk.Graph(
        ["plasma"], [pk.Flow("plasma", None, rate_per_h=0.3)], [pk.Readout("plasma", "plasma")]
    )
    want = pk.solve(straight, inputs=inputs, time_h=time_h)
    np.testing.assert_allclose(curved, want, rtol=5e-7, atol=1e-9)


def test_infusions_stop_exactly_and_resets_empty():
    time_h = np.array([0.0, 1.0, 2.0, 2.999999, 3.0, 4.0, 5.0, 5.5])
    graph = one_compartment(0.0, 1.0)
    entries = [pk.Input("plasma", 6.0, 1.0, 2.0), pk.Reset(5.0), pk.Input("plasma", 2.0, 5.0)]
    got = pk.solve(graph, inputs=entries, time_h=time_h)[0, 0]
    np.testing.assert_allclose(got, [0, 0, 3, 5.999997, 6, 6, 2, 2], rtol=1e-14)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(graphs(), st.sampled_from([1e-3, 1e-6, 1e-9]))
def test_the_pure_python_walk_gives_the_bits_of_the_core(case, rtol):
    states, linear, saturable = case
    time_h = [0.0, 0.1, 1.0, 1.0, 3.3, 10.0, 12.5, 30.0]
    doses = [(0.25, 0, 50.0), (10.0, states - 1, 5.0), (10.0, 0, 1.0), (11.0, 0, 3.0)]
    loss = [0.0] * states
    for source, _, rate in linear:
        loss[source] += rate
    gain = [(target, source, rate) for source, target, rate in linear if target is not None]
    system = reference.System(gain, loss, saturable)
    want = reference.integrate(system, doses, time_h, rtol=rtol, atol=1e-3 * rtol)
    inputs = [pk.Input(f"state {place}", amount, time) for time, place, amount in doses]
    got = pk.solve(graph_of(case), inputs=inputs, time_h=time_h, rtol=rtol, atol=1e-3 * rtol)[0]
    np.testing.assert_array_equal(got.view(np.uint64), np.array(want).view(np.uint64))


# -- steady states ---------------------------------------------------------------------


@pytest.mark.parametrize("rtol", [1e-4, 1e-6, 1e-9])
def test_a_steady_state_equals_a_long_run(rtol):
    graph, atol = graph_of(BODY), 1e-3 * rtol
    dose = pk.Input("state 0", 80.0)
    after = np.array([0.0, 1.0, 12.0, 24.0])
    steady = [pk.SteadyState([dose], every_h=24.0), dose]
    got = pk.solve(graph, inputs=steady, time_h=after, rtol=rtol, atol=atol)[0]
    long = [pk.Input("state 0", 80.0, 24.0 * i) for i in range(60)]
    want = pk.solve(graph, inputs=long, time_h=after + 59 * 24.0, rtol=1e-11, atol=1e-13)[0]
    assert (np.abs(got - want) <= TIMES_TOLERANCE * (atol + rtol * want)).all()


def test_a_steady_infusion_fills_to_the_amount_where_elimination_equals_it():
    # Half the fastest rate holds the half amount, exactly.
    dose = pk.Input("plasma", 12.0, 0.0, 24.0)
    entries = [pk.SteadyState([dose], every_h=24.0), dose]
    got = pk.solve(one_compartment(1.0, 7.0), inputs=entries, time_h=[0.0, 24.0], rtol=1e-9)
    np.testing.assert_allclose(got, 7.0, rtol=5e-9)


@pytest.mark.parametrize("share", [0.9, 0.97, 0.99])
def test_a_steady_state_close_to_the_fastest_elimination_is_found(share):
    every_h, fastest, half = 12.0, 10.0, 30.0
    dose = pk.Input("plasma", share * fastest * every_h)
    entries = [pk.SteadyState([dose], every_h=every_h), dose]
    graph = one_compartment(fastest, half)
    got = pk.solve(graph, inputs=entries, time_h=[0.0, every_h - 1e-9])[0, 0]
    # Over an interval half ln(peak/trough) + dose = fastest * every_h.
    ratio = math.exp((fastest * every_h - dose.amount) / half)
    trough = dose.amount / (ratio - 1)
    assert got[0] == pytest.approx(trough + dose.amount, rel=1e-7)
    assert got[1] == pytest.approx(trough, rel=1e-7)


def test_many_steps_in_each_interval_do_not_hide_a_steady_state():
    graph = pk.Graph(
        ["gut", "plasma"],
        [
            pk.Flow("gut", "plasma", rate_per_h=60.0),  # over a hundred steps in an interval
            pk.Saturable("plasma", None, maximum_per_h=10.0, half_amount=30.0),
        ],
        [pk.Readout("plasma", "plasma")],
    )
    dose = pk.Input("gut", 0.97 * 240.0)
    entries = [pk.SteadyState([dose], every_h=24.0), dose]
    got = pk.solve(graph, inputs=entries, time_h=[0.0, 24.0 - 1e-9])[0, 0]
    assert got[1] == pytest.approx(got[0], rel=1e-7)
    assert 850 < got[0] < 870


def test_adding_a_steady_state_to_a_system_that_does_not_add_is_an_error():
    dose = pk.Input("plasma", 5.0)
    steady = pk.SteadyState([dose], every_h=24.0, replaces=False)
    with pytest.raises(ParameterError, match="must not add a steady state"):
        pk.solve(one_compartment(1.0, 1.0), inputs=[steady], time_h=[1.0])


# -- subjects side by side -------------------------------------------------------------

MANY = 300


@pytest.fixture(scope="module")
def crowd():
    random = np.random.default_rng(5)
    return random.lognormal(sigma=0.7, size=(4, MANY))


def crowd_graph(spread, rows=slice(None)):
    return pk.Graph(
        ["gut", "plasma", "tissue"],
        [
            pk.Flow("gut", "plasma", rate_per_h=1.1 * spread[0, rows]),
            pk.Flow("plasma", "tissue", rate_per_h=0.4 * spread[1, rows]),
            pk.Flow("tissue", "plasma", rate_per_h=0.2),
            pk.Saturable(
                "plasma",
                None,
                maximum_per_h=9.0 * spread[2, rows],
                half_amount=20.0 * spread[3, rows],
            ),
        ],
        [pk.Readout("plasma", "plasma"), pk.Readout("tissue", "tissue")],
    )


READ_H = np.arange(0, 60, 0.5)


def own_inputs(number):
    return [pk.Input("gut", 20.0 + number, 7.0 * i + 0.1 * (number % 9)) for i in range(4)]


def test_a_subject_has_the_same_bits_alone_and_in_every_crowd(crowd):
    tables = [own_inputs(number) for number in range(MANY)]
    everybody = pk.solve(crowd_graph(crowd), inputs=tables, time_h=READ_H, threads=1)
    for threads in (2, 5):
        got = pk.solve(crowd_graph(crowd), inputs=tables, time_h=READ_H, threads=threads)
        assert got.tobytes() == everybody.tobytes()
    for row in range(0, MANY, 23):
        graph = crowd_graph(crowd, slice(row, row + 1))
        alone = pk.solve(graph, inputs=tables[row], time_h=READ_H)
        assert alone.tobytes() == everybody[row : row + 1].tobytes()
    some = crowd_graph(crowd, slice(100, 117))
    got = pk.solve(some, inputs=tables[100:117], time_h=READ_H)
    assert got.tobytes() == everybody[100:117].tobytes()


def test_a_subject_too_fast_for_the_solver_fails_alone_and_in_words(crowd):
    fast = crowd[:, :20].copy()
    fast[0, 7] = 1e9
    found = pk.solution(crowd_graph(fast), inputs=own_inputs(0), time_h=READ_H)
    assert found.failed == (7,)
    assert found.status[7] == "too many steps: rates too fast for an explicit method"
    assert np.isnan(found.values[7]).all()
    others = np.arange(20) != 7
    right = pk.solve(crowd_graph(crowd[:, :20]), inputs=own_inputs(0), time_h=READ_H)
    np.testing.assert_array_equal(found.values[others], right[others])


def test_twice_the_subjects_cost_no_more_than_about_twice():
    graphs = [crowd_graph(np.ones((4, subjects))) for subjects in (1024, 2048)]

    def call(graph):
        pk.solve(graph, inputs=own_inputs(0), time_h=READ_H, threads=1, progress=False)

    assert 1.2 < growth(call, *graphs) < 3.0


def test_tolerances_out_of_range_are_errors():
    for name, value in [("rtol", 0.5), ("rtol", 1e-14), ("atol", 0.0), ("atol", math.nan)]:
        with pytest.raises(ParameterError, match=f"`{name}` must be"):
            pk.solve(one_compartment(1.0, 1.0), inputs=[], time_h=[1.0], **{name: value})


def test_no_dose_and_no_time_and_no_subject_are_good():
    graph = one_compartment(1.0, 1.0)
    assert not pk.solve(graph, inputs=[], time_h=[0.0, 5.0]).any()
    assert pk.solve(graph, inputs=[pk.Input("plasma", 1.0)], time_h=[]).shape == (1, 1, 0)
    empty = one_compartment(np.ones(0), 1.0)
    assert pk.solve(empty, inputs=[], time_h=[1.0]).shape == (0, 1, 1)
    assert _core.cpu_level()
