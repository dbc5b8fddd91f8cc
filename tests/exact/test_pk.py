"""Pharmacokinetics: the solver against 50 digits and to the bit, the drugs by closed forms."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vmatcore as vm
from tests.reference import pk as reference
from vmatcore import pk

NORMAL, POOR = vm.Subject(), vm.Subject(cyp2d6="poor")

# -- graphs as plain data: (source, target or None, rate per h, drains) ----------------


def graph(states, flows, reads=None):
    return pk.Graph(
        [f"state {i}" for i in range(states)],
        [
            pk.Flow(
                f"state {source}",
                None if target is None else f"state {target}",
                rate_per_h=rate,
                drains=drains,
            )
            for source, target, rate, drains in flows
        ],
        [pk.Readout(f"read {i}", f"state {i}") for i in range(states)] if reads is None else reads,
    )


def plain(states, flows):
    """Return the same graph for the reference."""
    loss = [0.0] * states
    for source, _, rate, drains in flows:
        if drains:
            loss[source] += rate
    gain = [(target, source, rate) for source, target, rate, _ in flows if target is not None]
    return reference.System(gain, loss)


def solve(states, flows, doses, time_h, **options):
    """Return (state, time), or (subject, state, time) if the rates are arrays."""
    inputs = [
        pk.Input(f"state {d.state}", d.amount, time_h=d.start_h, duration_h=d.duration_h)
        for d in doses
    ]
    values = pk.solve(graph(states, flows), inputs=inputs, time_h=time_h, **options)
    return values[0] if all(np.ndim(rate) == 0 for _, _, rate, _ in flows) else values


def bits(values):
    return np.ascontiguousarray(values, float).view(np.uint64)


def assert_same_bits(got, want):
    np.testing.assert_array_equal(bits(got), bits(want))


def on_the_grid(hours):
    """Round to 2^-20 h, so that sums and differences of times are exact."""
    return math.ldexp(round(math.ldexp(hours, 20)), -20)


rates = st.sampled_from([0.0, 1e-4, 1.0, 100.0]) | st.floats(-4, 2).map(lambda x: 10.0**x)
moments = (st.floats(0, 50) | st.floats(0, 1500)).map(on_the_grid)
amounts = st.sampled_from([0.0, 1.0]) | st.floats(1e-3, 1e3)


@st.composite
def cases(draw):
    """Draw a chain, tree, cycle or any graph with its followers, doses and read times."""
    states = draw(st.integers(1, 6))
    shape = draw(st.sampled_from(["chain", "tree", "cycle", "any"]))
    if shape == "chain":
        pairs = [(i, i + 1) for i in range(states - 1)]
    elif shape == "tree":
        pairs = [(draw(st.integers(0, i - 1)), i) for i in range(1, states)]
    elif shape == "cycle":
        pairs = [(i, (i + 1) % states) for i in range(states)] if states > 1 else []
    else:
        pairs = [(i, j) for i in range(states) for j in range(states) if i != j]
        pairs = [pair for pair in pairs if draw(st.integers(0, 2)) == 0]
    equal = draw(st.none() | rates)  # all rates equal, or each its own
    flows = [(i, j, draw(rates) if equal is None else equal, True) for i, j in pairs]
    flows += [(i, None, draw(rates), True) for i in range(states) if draw(st.booleans())]
    for _ in range(draw(st.integers(0, 2))):  # integrals, and brains driven by a plasma
        flows.append((draw(st.integers(0, states - 1)), states, draw(rates), False))
        flows += [(states, None, draw(rates), True)] * draw(st.integers(0, 1))
        states += 1
    into = st.integers(0, states - 1)
    lasting = st.floats(0.01, 60).map(on_the_grid)
    at_once = st.lists(st.builds(reference.Dose, into, amounts, moments, st.just(0.0)), max_size=2)
    slowly = st.lists(st.builds(reference.Dose, into, amounts, moments, lasting), max_size=2)
    doses = draw(at_once) + draw(slowly)
    read = moments | st.sampled_from([dose.start_h for dose in doses] or [0.0])
    return states, flows, doses, sorted(draw(st.lists(read, max_size=4)))


# The promise is 1e-10 up to a fastest rate times time of 1e5. Rounding grows in
# proportion to that product, so beyond it the promise grows with it.
@settings(derandomize=True, max_examples=400, deadline=None)
@given(cases())
def test_every_value_is_right_to_ten_digits_however_small(case):
    states, flows, doses, time_h = case
    got = solve(states, flows, doses, time_h)
    system = plain(states, flows)
    want = reference.exact(system, doses, time_h)
    span = time_h[-1] - min([0.0, *(dose.start_h for dose in doses)]) if time_h else 0.0
    bar = 1e-10 * max(1.0, max(system.loss) * span / 1e5)
    for state in range(states):
        for place, value in enumerate(want[state]):
            here = float(got[state, place])
            if value > 1e-290:
                error = float(abs(here / value - 1))
                assert error <= bar, f"state {state} at {time_h[place]} h: {error:.2g} > {bar:.2g}"
            else:
                assert 0.0 <= here <= 1e-289
                assert here == 0.0 or value > 0


@settings(derandomize=True, max_examples=400, deadline=None)
@given(cases())
def test_the_pure_python_walk_gives_the_bits_of_the_core(case):
    states, flows, doses, time_h = case
    want = np.array(reference.propagate(plain(states, flows), doses, time_h))
    assert_same_bits(solve(states, flows, doses, time_h), want.reshape(states, len(time_h)))


def test_the_pure_python_walk_gives_the_bits_of_the_core_on_uneven_times():
    time_h = [i * 0.1 for i in range(400)]  # steps differ in the last digit and become equal
    doses = [reference.Dose(0, 3.0, 0.25 * i, 0.625 * (i % 2)) for i in range(60)]
    system = plain(4, EXCHANGE)
    want = reference.propagate(system, doses, time_h)
    assert_same_bits(solve(4, EXCHANGE, doses, time_h), want)


def test_the_reference_is_right_to_50_digits():
    a, b = mpmath.mpf(100), mpmath.mpf(2) ** -10
    doses = [reference.Dose(0, 1.0), reference.Dose(1, 0.25, 2.0, 2.0)]
    chain = reference.exact(reference.System([(1, 0, 100.0)], [100.0, 2.0**-10]), doses, [5.0])
    loop = reference.System([(1, 0, 2.0), (0, 1, 2.0)], [0.0, 0.0])
    grown = reference.exact(loop, doses[:1], [9.0])
    with mpmath.workdps(400):
        passed = a / (a - b) * (mpmath.exp(-5 * b) - mpmath.exp(-5 * a))
        infused = (mpmath.exp(-b) - mpmath.exp(-3 * b)) / (8 * b)
        for got, want in [
            (chain[0][0], mpmath.exp(-5 * a)),  # 7e-218
            (chain[1][0], passed + infused),
            (grown[1][0], mpmath.sinh(18)),
        ]:
            assert abs(got / want - 1) < mpmath.mpf(10) ** -50


def test_a_loop_that_drains_nothing_grows_as_the_hyperbolic_functions():
    loop, time_h = [(0, 1, 2.0, False), (1, 0, 2.0, False)], np.array([1e-9, 1.0, 300.0])
    got = solve(2, loop, [reference.Dose(0, 1.0)], time_h)
    want = [np.cosh(2 * time_h), np.sinh(2 * time_h)]
    np.testing.assert_allclose(got, want, rtol=1e-12)


# -- laws that hold to the last bit, or nearly -----------------------------------------

# Gut, plasma, tissue, and a brain that follows the plasma.
EXCHANGE = [
    (0, 1, 2.3, True),
    (1, 2, 1.1, True),
    (2, 1, 0.4, True),
    (1, None, 0.3, True),
    (1, 3, 6.0, False),
    (3, None, 1.8, True),
]
DOSES = [
    reference.Dose(0, 100.0, 0.0),
    reference.Dose(1, 30.0, 5.5, 3.25),
    reference.Dose(1, 8.0, 7.0, 20.0),
    reference.Dose(1, 5.0, 8.0, 0.5),  # three at once
    reference.Dose(3, 1.0, 8.0),
    reference.Dose(0, 40.0, 100.0),
]
TIMES = [0.0, 0.25, 5.5, 6.0, 7.5, 8.0, 8.25, 8.75, 27.0, 27.5, 100.0, 100.0, 103.0, 1500.0]


def test_doses_add_up():
    together = solve(4, EXCHANGE, DOSES, TIMES)
    apart = sum(solve(4, EXCHANGE, [dose], TIMES) for dose in DOSES)
    np.testing.assert_allclose(together, apart, rtol=1e-13)  # seen: 1e-15


def test_four_times_the_doses_give_four_times_the_values_to_the_bit():
    fourfold = [dose._replace(amount=4 * dose.amount) for dose in DOSES]
    assert_same_bits(solve(4, EXCHANGE, fourfold, TIMES), 4 * solve(4, EXCHANGE, DOSES, TIMES))


@pytest.mark.parametrize("shift", [-4096.0, 0.25, 1e6])
def test_a_shift_in_time_changes_no_bit(shift):
    later = [dose._replace(start_h=dose.start_h + shift) for dose in DOSES]
    shifted = solve(4, EXCHANGE, later, np.array(TIMES) + shift)
    assert_same_bits(shifted, solve(4, EXCHANGE, DOSES, TIMES))


def test_a_dose_in_two_halves_at_one_time_is_the_dose_to_the_bit():
    halves = [dose._replace(amount=dose.amount / 2) for dose in DOSES for _ in range(2)]
    assert_same_bits(solve(4, EXCHANGE, halves, TIMES), solve(4, EXCHANGE, DOSES, TIMES))


def test_an_infusion_in_two_parts_is_the_infusion():
    whole = solve(4, EXCHANGE, [reference.Dose(1, 9.0, 1.0, 3.0)], TIMES)
    parts = [reference.Dose(1, 3.0, 1.0, 1.0), reference.Dose(1, 6.0, 2.0, 2.0)]
    np.testing.assert_allclose(solve(4, EXCHANGE, parts, TIMES), whole, rtol=1e-13)


def test_the_order_of_doses_and_zero_amounts_do_not_matter():
    mixed = [*DOSES[::-1], reference.Dose(2, 0.0, 6.0), reference.Dose(0, 0.0, 8.0, 1.0)]
    np.testing.assert_allclose(
        solve(4, EXCHANGE, mixed, TIMES), solve(4, EXCHANGE, DOSES, TIMES), rtol=1e-13
    )


def test_a_read_at_the_time_of_a_dose_sees_the_dose_and_one_before_does_not():
    doses = [reference.Dose(0, 7.0, 6.0), reference.Dose(0, 2.0, 6.0)]
    got = solve(4, EXCHANGE, doses, [-1.0, 0.0, math.nextafter(6.0, 0.0), 6.0])
    np.testing.assert_array_equal(got, [[0, 0, 0, 9], [0] * 4, [0] * 4, [0] * 4])


def test_no_dose_gives_zeros_and_no_time_and_no_subject_give_nothing():
    assert not solve(4, EXCHANGE, [], TIMES).any()
    assert solve(4, EXCHANGE, DOSES, []).shape == (4, 0)
    assert solve(1, [(0, None, np.ones(0), True)], [], [1.0]).shape == (0, 1, 1)
    assert pk.solve(pk.Graph([], [], []), inputs=[], time_h=[1.0]).shape == (1, 0, 1)


def test_one_compartment_falls_exponentially_from_one_time_to_the_next():
    got = solve(1, [(0, None, 0.37, True)], [reference.Dose(0, 5.0)], [3.0])
    assert got == pytest.approx(np.array([[5 * math.exp(-0.37 * 3)]]), rel=1e-15)


def test_equal_rates_of_absorption_and_elimination_give_k_t_exp_minus_k_t():
    time_h = np.array([1e-6, 0.1, 1.0, 7.0, 500.0])
    got = solve(2, [(0, 1, 0.9, True), (1, None, 0.9, True)], [reference.Dose(0, 1.0)], time_h)
    np.testing.assert_allclose(got[1], 0.9 * time_h * np.exp(-0.9 * time_h), rtol=1e-12)


def test_readings_of_one_name_add_up_with_their_factors():
    reads = [pk.Readout("sum", "state 1", per_amount=0.5), pk.Readout("sum", "state 2")]
    inputs = [pk.Input("state 0", 100.0)]
    got = pk.solve(graph(4, EXCHANGE, reads), inputs=inputs, time_h=TIMES)[0]
    each = solve(4, EXCHANGE, [reference.Dose(0, 100.0)], TIMES)
    assert_same_bits(got, [0.5 * each[1] + each[2]])


def test_many_reads_in_each_of_many_equal_intervals_are_right():
    hours = [0.0, 0.5, 1.0, 2.25, 5.0, 7.5]
    time_h = [8.0 * dose + after for dose in range(9) for after in hours]
    doses = [reference.Dose(0, 10.0, 8.0 * i) for i in range(9)]
    want = np.array(reference.exact(plain(4, EXCHANGE), doses, time_h), float)
    np.testing.assert_allclose(solve(4, EXCHANGE, doses, time_h), want, rtol=1e-13)


def test_a_regular_grid_and_an_irregular_one_agree_to_twelve_digits():
    regular = np.arange(2001) * 0.1
    irregular = np.unique(np.concatenate([regular, np.geomspace(1e-3, 199.0, 555)]))
    doses = [reference.Dose(0, 10.0, 0.7 * i) for i in range(30)]
    among = solve(4, EXCHANGE, doses, irregular)[:, np.searchsorted(irregular, regular)]
    np.testing.assert_allclose(solve(4, EXCHANGE, doses, regular), among, rtol=1e-12)


def oral(ka, ke, interval, elapsed, count):
    """Return the amount after ``count`` doses of one, by the closed form in working digits."""

    def left(rate):
        step = mpmath.exp(-rate * interval)
        return mpmath.exp(-rate * elapsed) * (1 - step**count) / (1 - step)

    if ka == ke:
        return -ka * mpmath.diff(left, ka)
    return ka / (ka - ke) * (left(ke) - left(ka))


@pytest.mark.parametrize("per_interval", [1e-6, 1e-3, 0.05, 1.0, 30.0, 1e3])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.0 + 1e-9, 40.0])
def test_repeated_oral_doses_follow_the_closed_form_to_steady_state(per_interval, ratio):
    interval, doses = 24.0, 2000
    ke = per_interval / interval
    ka = ke * ratio
    elapsed = [0.0, 3.0, 12.0, 21.0]
    last = (doses - 1) * interval
    flows = [(0, 1, ka, True), (1, None, ke, True)]
    taken = [reference.Dose(0, 1.0, i * interval) for i in range(doses)]
    got = solve(2, flows, taken, [last + hours for hours in elapsed])[1]
    steady = min(ka, ke) * interval * doses > 60
    with mpmath.workdps(60):
        rates = mpmath.mpf(ka), mpmath.mpf(ke)
        for value, hours in zip(got, elapsed, strict=True):
            for count in (doses, mpmath.inf) if steady else (doses,):
                want = oral(*rates, interval, hours, count)
                if want > 1e-290:
                    assert abs(value / want - 1) < 1e-10  # seen: 1.3e-11 at ka tau 4e4, else 8e-13


# -- subjects side by side -------------------------------------------------------------

MANY = 1000


@pytest.fixture(scope="module")
def crowd():
    """The rates of many subjects."""
    spread = np.random.default_rng(7).lognormal(sigma=1.0, size=(len(EXCHANGE), MANY))
    return [(i, j, r * s, drains) for (i, j, r, drains), s in zip(EXCHANGE, spread, strict=True)]


def some(flows, rows):
    return [(i, j, rate[rows], drains) for i, j, rate, drains in flows]


REGULAR = [reference.Dose(0, 10.0, 8.0 * i) for i in range(5)]


@pytest.mark.parametrize(("doses", "time_h"), [(DOSES, TIMES), (REGULAR, list(range(45)))])
def test_a_subject_has_the_same_bits_alone_and_in_every_crowd(crowd, doses, time_h):
    singly = [solve(4, some(crowd, slice(i, i + 1)), doses, time_h) for i in range(24)]
    alone = np.concatenate(singly)
    for size in range(1, 21):
        for first in (0, 3):
            group = slice(first, first + size)
            assert_same_bits(solve(4, some(crowd, group), doses, time_h), alone[group])
    for threads in (1, 2, 5):
        everybody = solve(4, crowd, doses, time_h, threads=threads)
        assert_same_bits(everybody[:24], alone)
        assert_same_bits(everybody[-7:], solve(4, some(crowd, slice(-7, None)), doses, time_h))


@pytest.mark.parametrize("absurd", [1e15, 1e300])
@pytest.mark.parametrize("flow", range(len(EXCHANGE)))
def test_absurd_rates_make_their_own_subject_nan_and_change_no_other_bit(crowd, absurd, flow):
    right = solve(4, some(crowd, slice(0, 20)), DOSES, TIMES)
    flows = [(i, j, rate[:20].copy(), drains) for i, j, rate, drains in crowd]
    flows[flow][2][11] = absurd
    got = solve(4, flows, DOSES, TIMES)
    others = np.arange(20) != 11
    assert_same_bits(got[others], right[others])
    drains = EXCHANGE[flow][3]
    # A gain that drains nothing scales what it feeds: large, but right.
    assert np.isnan(got[11]).all() if drains else np.isfinite(got[11]).all()


def test_a_subject_that_fails_is_named_and_the_others_are_as_without_it():
    steep = vm.drugs.get("valbenazine").with_parameters({"clearance_weight_exponent": 4.0})
    people = [NORMAL, vm.Subject(weight_kg=1e9), POOR]
    run = pk.simulate("valbenazine 80 mg q24h x 2", drugs=[steep], subjects=people)
    right = pk.simulate("valbenazine 80 mg q24h x 2", drugs=[steep], subjects=[NORMAL, POOR])
    assert run.failed == (1,)
    assert right.failed == ()
    for field in ("plasma_nmol_l", "brain_unbound_nmol_l"):
        assert np.isnan(getattr(run, field)[1]).all()
        assert_same_bits(getattr(run, field)[[0, 2]], getattr(right, field))


def test_ten_digits_hold_up_to_a_fastest_rate_times_time_of_1e5():
    random = np.random.default_rng(0)
    slow, fast = 10 ** random.uniform(-6, -3, 5000), random.uniform(50, 100, 5000)
    flows = [(0, None, slow, True), (1, None, fast, True)]
    got = solve(2, flows, [reference.Dose(0, 1.0)], [0.0, 1000.0])[:, 0, 1]
    np.testing.assert_allclose(got, np.exp(-slow * 1000), rtol=1e-10)


@pytest.mark.parametrize("duration_h", [1e-13, 1e-12, 1e-9])
def test_a_very_short_infusion_late_in_time_delivers_its_amount(duration_h):
    infusion = [reference.Dose(0, 100.0, 1500.0, duration_h)]
    assert solve(1, [], infusion, [1501.0])[0, 0] == pytest.approx(100.0, rel=1e-10)
