"""Laws that every event table keeps: written back, doubled, shifted, split and spelled out."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exact.testazine import simulated
from vmatcore.dosing import Regimen

ROWS = st.fixed_dictionaries(
    {
        "TIME": st.integers(0, 60).map(float),
        "AMT": st.integers(1, 50).map(float),
        "RATE": st.sampled_from([0.0, 0.0, 0.5, 4.0]),
        "II": st.integers(1, 30).map(float),
        "ADDL": st.integers(0, 6),
        "SS": st.sampled_from([0, 0, 0, 1, 2]),
        "EVID": st.sampled_from([1, 1, 1, 1, 3, 4]),
        "CMT": st.sampled_from(["1", "2"]),
    }
)


@st.composite
def tables(draw):
    """Draw a table whose rows obey the rules."""
    rows = sorted(draw(st.lists(ROWS, min_size=1, max_size=6)), key=lambda row: row["TIME"])
    for row in rows:
        if row["EVID"] == 3:
            row |= {"AMT": 0.0, "RATE": 0.0, "II": 0.0, "ADDL": 0, "SS": 0}
        elif not (row["ADDL"] or row["SS"]):
            row["II"] = 0.0
    return {name: [row[name] for row in rows] for name in rows[0]}


READ_H = [0.0, 3.5, 20.0, 61.0, 90.0, 200.0]


def close(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-13 * np.max(want))


@settings(derandomize=True, max_examples=150, deadline=None)
@given(tables())
def test_a_table_comes_back_from_its_regimen_and_from_its_sentence(events):
    regimen = Regimen.from_events(events, drug="testazine")
    assert Regimen.from_events(regimen.to_events(), drug="testazine") == regimen
    assert Regimen.parse(str(regimen)) == regimen


@settings(derandomize=True, max_examples=60, deadline=None)
@given(tables())
def test_a_doubled_table_gives_twice_the_amounts_where_availability_is_one(events):
    events = events | {"CMT": ["2"] * len(events["TIME"])}
    twice = events | {name: [2 * value for value in events[name]] for name in ("AMT", "RATE")}
    close(simulated(twice, READ_H), 2 * simulated(events, READ_H))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(tables(), st.sampled_from([0.25, 7.0, 1024.0]))
def test_a_shifted_table_gives_shifted_results(events, shift):
    later = events | {"TIME": [time + shift for time in events["TIME"]]}
    close(simulated(later, [t + shift for t in READ_H]), simulated(events, READ_H))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(tables())
def test_rows_split_into_two_halves_give_the_same(events):
    """Half the dose twice, into plasma; a reset or a steady state goes with the first half."""
    events = events | {"CMT": ["2"] * len(events["TIME"])}
    split = {name: [] for name in events}
    for row in range(len(events["TIME"])):
        cells = {name: values[row] for name, values in events.items()}
        if cells["EVID"] != 3:
            cells |= {"AMT": cells["AMT"] / 2, "RATE": cells["RATE"] / 2}
        second = cells | {"EVID": 1, "SS": 2 if cells["SS"] else 0}
        for half in [cells] if cells["EVID"] == 3 else [cells, second]:
            for name, cells in split.items():
                cells.append(half[name])
    close(simulated(split, READ_H), simulated(events, READ_H))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(tables())
def test_additional_doses_as_rows_of_their_own_give_the_same(events):
    rows = []
    for row in range(len(events["TIME"])):
        cells = {name: values[row] for name, values in events.items()}
        rows.append(
            (cells["TIME"], row, cells | {"ADDL": 0, "II": cells["II"] * bool(cells["SS"])})
        )
        for i in range(1, cells["ADDL"] + 1):
            time = cells["TIME"] + i * cells["II"]
            plain = cells | {"TIME": time, "SS": 0, "II": 0.0, "ADDL": 0, "EVID": 1}
            # What a later record would cancel is not written.
            cancels = [
                events["TIME"][other]
                for other in range(row + 1, len(events["TIME"]))
                if events["SS"][other] == 1 or events["EVID"][other] > 2
            ]
            if time < min(cancels, default=math.inf):
                rows.append((time, row, plain))
    rows.sort(key=lambda item: item[:2])
    written = {name: [cells[name] for *_, cells in rows] for name in events}
    close(simulated(written, READ_H), simulated(events, READ_H))
