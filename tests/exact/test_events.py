"""Event tables mean the superposition of the doses that they say, to ten digits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.exact.testazine import (
    GUT,
    LAG_H,
    MADE,
    PLASMA,
    SYSTEM,
    TIME_H,
    V,
    available,
    bolus,
    expected,
    infusion,
    oral,
    simulated,
)
from tests.reference import pk as reference
from tests.reference.clock import growth
from vmatcore import pk
from vmatcore.pk import entries


def test_the_superposition_is_the_reference_of_the_solver():
    doses = [oral(0.3, 5), infusion(1.0, 6.0, 2.0)]
    amounts = reference.exact(SYSTEM, doses, [0.5, 2.0, 50.0])
    want = np.array([[float(value) for value in amounts[row]] for row in (PLASMA, MADE)]) / V
    np.testing.assert_allclose(expected(doses, [0.5, 2.0, 50.0]), want, rtol=1e-14)


ENDLESS = range(1, 120)  # after 120 intervals of 8 h or more less than 1e-12 is left

# Each scenario: the rows of the table, and the doses that it means by superposition.
SCENARIOS = {
    "a bolus": (
        {"TIME": [0.0], "AMT": [5.0], "CMT": [2]},
        [bolus(0, 5)],
    ),
    "an oral dose with its lag and availability": (
        {"TIME": [0.3], "AMT": [5.0], "CMT": [1]},
        [oral(0.3, 5)],
    ),
    "the compartment 0 is where the drug says": (
        {"TIME": [0.3], "AMT": [5.0], "CMT": ["."]},
        [oral(0.3, 5)],
    ),
    "a compartment by name": (
        {"TIME": [0.3], "AMT": [5.0], "CMT": ["plasma"]},
        [bolus(0.3, 5)],
    ),
    "an infusion": (
        {"TIME": [1.0], "AMT": [6.0], "RATE": [2.0], "CMT": [2]},
        [infusion(1, 6, 2)],
    ),
    "an infusion into the gut lasts F times AMT over RATE, after the lag": (
        {"TIME": [1.0], "AMT": [6.0], "RATE": [2.0]},
        [reference.Dose(GUT, 6000.0 * available(6), 1.0 + LAG_H, 3.0 * available(6))],
    ),
    "additional doses": (
        {"TIME": [2.0], "AMT": [5.0], "II": [8.0], "ADDL": [4]},
        [oral(2 + 8 * i, 5) for i in range(5)],
    ),
    "additional infusions longer than their interval": (
        {"TIME": [0.0], "AMT": [20.0], "RATE": [1.0], "II": [8.0], "ADDL": [5], "CMT": [2]},
        [infusion(8 * i, 20, 1) for i in range(6)],
    ),
    "rows of equal time add up": (
        {"TIME": [3.0, 3.0, 3.0], "AMT": [5.0, 2.0, 1.0], "CMT": [1, 2, 2]},
        [oral(3, 5), bolus(3, 2), bolus(3, 1)],
    ),
    "observations and other events do nothing": (
        {"TIME": [0, 1, 2, 3], "AMT": [5, 0, 0, 5], "EVID": [1, 0, 2, 1], "CMT": [2, 2, 3, 2]},
        [bolus(0, 5), bolus(3, 5)],
    ),
    "a steady state of boluses": (
        {"TIME": [0.0], "AMT": [5.0], "II": [8.0], "SS": [1], "CMT": [2]},
        [bolus(-8 * i, 5) for i in (0, *ENDLESS)],
    ),
    "a steady state of oral doses with their lag": (
        {"TIME": [0.3], "AMT": [5.0], "II": [8.0], "SS": [1], "ADDL": [2]},
        [oral(0.3 - 8 * i, 5) for i in (-2, -1, 0, *ENDLESS)],
    ),
    "a steady state whose lag is longer than its interval": (
        {"TIME": [0.0], "AMT": [1.0], "II": [0.3], "SS": [1]},
        [oral(-0.3 * i, 1) for i in range(3200)],
    ),
    "a steady state of infusions": (
        {"TIME": [1.0], "AMT": [6.0], "RATE": [2.0], "II": [8.0], "SS": [1], "CMT": [2]},
        [infusion(1 - 8 * i, 6, 2) for i in (0, *ENDLESS)],
    ),
    "a steady state of infusions longer than their interval": (
        {"TIME": [1.0], "AMT": [40.0], "RATE": [2.0], "II": [8.0], "SS": [1], "CMT": [2]},
        [infusion(1 - 8 * i, 40, 2) for i in (0, *ENDLESS)],
    ),
    "a steady state of infusions of exactly its interval": (
        {"TIME": [1.0], "AMT": [16.0], "RATE": [2.0], "II": [8.0], "SS": [1], "CMT": [2]},
        [infusion(1 - 8 * i, 16, 2) for i in (0, *ENDLESS)],
    ),
    "a steady state that is added": (
        {
            "TIME": [0.0, 0.0, 1.0],
            "AMT": [7.0, 30.0, 5.0],
            "RATE": [0, 3, 0],
            "II": [0, 0, 12],
            "SS": [0, 0, 2],
            "CMT": [1, 2, 1],
        },
        [oral(0, 7), infusion(0, 30, 3), *(oral(1 - 12 * i, 5) for i in (0, *ENDLESS))],
    ),
    "two steady states, morning and evening": (
        {"TIME": [0.0, 9.0], "AMT": [5.0, 2.0], "II": [24, 24], "SS": [1, 2], "ADDL": [1, 1]},
        [oral(-24 * i, 5) for i in (-1, 0, *ENDLESS)]
        + [oral(9 - 24 * i, 2) for i in (-1, 0, *ENDLESS)],
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_table_is_the_superposition_of_its_doses(scenario):
    events, doses = SCENARIOS[scenario]
    # The steady state is put in place at its record; nothing is known of the time before.
    steady = [t for t, ss in zip(events["TIME"], events.get("SS", [0] * 9), strict=False) if ss]
    time_h = TIME_H[max(steady, default=0.0) <= TIME_H]
    want = expected(doses, time_h)
    got = simulated(events, time_h)[0]
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12 * want.max())


# Scenarios that end something: the doses that count before, and those from then on.
ENDINGS = {
    "a reset stops an infusion and cancels doses that are due or lag": (
        {
            "TIME": [0.0, 0.0, 7.5, 8.0],
            "AMT": [5.0, 40.0, 9.0, 0.0],
            "RATE": [0, 2, 0, 0],
            "II": [4, 0, 0, 0],
            "ADDL": [9, 0, 0, 0],
            "EVID": [1, 1, 1, 3],
            "CMT": [1, 2, 1, 0],
        },
        8.0,
        [oral(0, 5), oral(4, 5), infusion(0, 40, 2)],
        [],
    ),
    "a reset with a dose": (
        {"TIME": [0.0, 8.0], "AMT": [5.0, 2.0], "EVID": [1, 4], "CMT": [1, 2]},
        8.0,
        [oral(0, 5)],
        [bolus(8, 2)],
    ),
    "a dose before a reset at one time is lost, one after it counts": (
        {
            "TIME": [0, 8, 8, 8],
            "AMT": [5.0, 3.0, 0.0, 2.0],
            "EVID": [1, 1, 3, 1],
            "CMT": [1, 2, 2, 2],
        },
        8.0,
        [oral(0, 5)],
        [bolus(8, 2)],
    ),
    "a steady state takes the place of what was given": (
        {
            "TIME": [0.0, 0.0, 8.0],
            "AMT": [5.0, 40.0, 3.0],
            "RATE": [0, 2, 0],
            "II": [4, 0, 6],
            "ADDL": [9, 0, 1],
            "SS": [0, 0, 1],
            "CMT": [1, 2, 1],
        },
        8.0,
        [oral(0, 5), oral(4, 5), infusion(0, 40, 2)],
        [oral(8 - 6 * i, 3) for i in (-1, 0, *range(1, 160))],
    ),
    "a reset ends what a steady state still had under way": (
        {
            "TIME": [0.0, 8.0],
            "AMT": [40.0, 0.0],
            "RATE": [2, 0],
            "II": [12, 0],
            "SS": [1, 0],
            "EVID": [1, 3],
            "CMT": [2, 0],
        },
        8.0,
        [infusion(-12 * i, 40, 2) for i in (0, *ENDLESS)],
        [],
    ),
}


@pytest.mark.parametrize("scenario", ENDINGS)
def test_what_ends_at_an_event_counts_before_it_and_not_after(scenario):
    events, ends_h, before, after = ENDINGS[scenario]
    early, late = TIME_H[ends_h > TIME_H], TIME_H[ends_h <= TIME_H]
    got = simulated(events, TIME_H)[0]
    want = np.hstack([expected(before, early), expected(after, late)])
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12 * want.max())


def test_four_times_the_infusions_cost_about_four_times():
    def call(count):
        infusions = [pk.Input("plasma", 1.0 + i % 7, 1.0 * i, 5.0) for i in range(count)]
        entries.table({"plasma": 0}, {"plasma": 1}, infusions)

    assert growth(call, 500, 2000, rounds=3) < 8  # seen: 4.0, and 12.6 by squares


def test_overlapping_infusions_add_up_exactly_and_leave_nothing_behind():
    random = np.random.default_rng(5)
    infusions = [
        pk.Input("plasma", float(amount), float(start), float(hours))
        for amount, start, hours in zip(
            10.0 ** random.uniform(-12, 12, 60), random.integers(0, 30, 60),
            random.integers(1, 20, 60), strict=True,
        )
    ]  # fmt: skip
    made = entries.table({"plasma": 0}, {"plasma": 1}, infusions).events
    assert [time for time, *_ in made] == sorted({time for time, *_ in made})
    for time, _, _, rate in made:
        running = [i for i in infusions if i.time_h <= time < i.time_h + i.duration_h]
        assert rate == math.fsum(i.amount / i.duration_h for i in running)
    assert made[-1][-1] == 0.0
