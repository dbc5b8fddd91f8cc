"""Steady states: a long run of doses, and random regimens against 50 digits."""

from __future__ import annotations

import mpmath
import numpy as np

from tests.exact.testazine import TIME_H, simulated
from vmatcore import pk


def test_a_steady_state_equals_a_long_run_of_additional_doses():
    steady = {"TIME": [0.0], "AMT": [5.0], "II": [12.0], "SS": [1], "ADDL": [3]}
    late_h = 400 * 12.0
    long = {"TIME": [0.0], "AMT": [5.0], "II": [12.0], "ADDL": [403]}
    got = simulated(steady, TIME_H)
    np.testing.assert_allclose(got, simulated(long, TIME_H + late_h), rtol=1e-11)


def endless(ka, ke, interval, duration, phase):
    """One-compartment amounts after endless doses of one, `phase` h after the last one."""
    ka, ke, interval, duration, phase = map(mpmath.mpf, (ka, ke, interval, duration, phase))

    def left(rate):
        return mpmath.exp(-rate * phase) / -mpmath.expm1(-rate * interval)

    if ka and ka == ke:
        ka *= 1 + mpmath.mpf(10) ** -30
    if ka:
        return ka / (ka - ke) * (left(ke) - left(ka))
    if not duration:
        return left(ke)
    # Infusions: whole intervals always run, the rest of one may be over.
    whole = mpmath.floor(duration / interval)
    rest = duration - whole * interval
    rate = 1 / duration
    if phase < rest:
        running = -mpmath.expm1(-ke * phase) / ke
        before = mpmath.exp(-ke * (interval + phase - rest)) * -mpmath.expm1(-ke * rest) / ke
        before /= -mpmath.expm1(-ke * interval)
        partial = running + before
    else:
        partial = mpmath.exp(-ke * (phase - rest)) * -mpmath.expm1(-ke * rest) / ke
        partial /= -mpmath.expm1(-ke * interval)
    return rate * (whole / ke + partial)


def _worst(kind, own, step, ke, ka, duration, phase):
    """The largest relative error over some subjects of one interval, each with its inputs."""
    flows = [
        pk.Flow("gut", "plasma", rate_per_h=ka[own]),
        pk.Flow("plasma", None, rate_per_h=ke[own]),
    ]
    graph = pk.Graph(["gut", "plasma"], flows, [pk.Readout("plasma", "plasma")])
    times = np.unique(phase[own])
    tables = []
    for row in own:
        hours = float(duration[row]) if kind == "infusion" else 0.0
        dose = pk.Input("gut" if kind == "oral" else "plasma", 1.0, 0.0, hours)
        tables.append([pk.SteadyState([dose], every_h=step), dose])
    got = pk.solve(graph, inputs=tables, time_h=times)[:, 0]
    worst = 0.0
    for i, row in enumerate(own):
        absorbed = float(ka[row]) if kind == "oral" else 0.0
        hours = float(duration[row]) if kind == "infusion" else 0.0
        want = endless(absorbed, float(ke[row]), step, hours, float(phase[row]))
        if want > 1e-280:
            value = float(got[i, np.searchsorted(times, phase[row])])
            worst = max(worst, float(abs(value / want - 1)))
    return worst


def test_ten_thousand_random_steady_states_are_right_to_twelve_digits():
    random = np.random.default_rng(20)
    worst = 0.0
    kinds = np.repeat(["bolus", "oral", "infusion"], [3000, 4000, 3000])
    interval = 2.0 ** random.integers(-2, 8, len(kinds))
    ke = 10 ** random.uniform(-6, 3, len(kinds)) / interval
    ka = ke * np.where(random.random(len(kinds)) < 0.3, 1 + 10 ** random.uniform(-15, -3), 1.0)
    ka *= np.where(random.random(len(kinds)) < 0.5, 10 ** random.uniform(-2, 2, len(kinds)), 1.0)
    ka = np.minimum(ka, 1e3 / interval)
    duration = interval * 2.0 ** random.integers(-6, 3, len(kinds))
    phase = interval * random.integers(0, 16, len(kinds)) / 16
    with mpmath.workdps(500):  # equal rates early in an interval leave 50 of these
        for kind in ("bolus", "oral", "infusion"):
            rows = np.flatnonzero(kinds == kind)
            for step in np.unique(interval[rows]):
                own = rows[interval[rows] == step]
                worst = max(worst, _worst(kind, own, step, ke, ka, duration, phase))
    assert worst < 1e-12
