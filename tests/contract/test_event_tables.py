"""What an event table may hold, and the errors that name the row that breaks a rule."""

from __future__ import annotations

import numpy as np
import pytest

from tests.exact.testazine import TIME_H, simulated
from vmatcore.dosing import Regimen
from vmatcore.errors import ParameterError


def test_a_data_frame_is_a_table():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"TIME": [0, 1.5], "AMT": [5, np.nan], "EVID": [1, 0], "DV": [0, 3.1]})
    regimen = Regimen.from_events(frame, drug="testazine", ignore=["DV"])
    assert regimen == Regimen.once("testazine", dose_mg=5)


BAD = [
    ({"TIME": [0], "AMT": [-5]}, "row 1 of `events`: AMT must be positive for a dose, got -5.0"),
    ({"TIME": [0, 1], "AMT": [5, 5], "RATE": [0, -2]}, "row 2 of `events`: RATE must not be neg"),
    ({"TIME": [0], "AMT": [5], "RATE": [-1]}, "durations of the model \\(-1, -2\\) are not hon"),
    ({"TIME": [0], "AMT": [0], "SS": [1], "II": [8], "EVID": [1]}, "endless infusion"),
    ({"TIME": [0], "AMT": [5], "SS": [3], "II": [8]}, "row 1 of `events`: SS must be a whole numb"),
    ({"TIME": [0], "AMT": [5], "SS": [1]}, "row 1 of `events`: II must be positive with SS"),
    ({"TIME": [0], "AMT": [5], "ADDL": [2]}, "row 1 of `events`: II must be positive with ADDL"),
    ({"TIME": [0], "AMT": [5], "II": [8]}, "II must be 0 without ADDL or SS"),
    ({"TIME": [0], "AMT": [5], "ADDL": [-1], "II": [8]}, "ADDL must be a whole number from 0"),
    ({"TIME": [0], "AMT": [5], "ADDL": [1.5], "II": [8]}, "ADDL must be a whole number"),
    ({"TIME": [0], "AMT": [5], "EVID": [5]}, "EVID must be a whole number from 0 to 4"),
    ({"TIME": [0], "AMT": [5], "EVID": [0]}, "AMT must be 0 without a dose"),
    ({"TIME": [0], "AMT": [0], "EVID": [3], "SS": [1]}, "SS must be 0 without a dose"),
    ({"TIME": [5, 3], "AMT": [5, 5]}, "row 2 of `events`: TIME must not go back"),
    ({"TIME": [-5], "AMT": [5]}, "row 1 of `events`: `start_h` must be finite and not negative"),
    ({"TIME": ["."], "AMT": [5]}, "row 1 of `events` must have a TIME"),
    ({"TIME": [0, 0, 0], "AMT": [5, 5, 5], "ID": [1, 2, 1]}, "rows of ID '1' must follow"),
    ({"TIME": [0], "AMT": [5], "ID": ["."]}, "row 1 of `events` must have an ID"),
    ({"TIME": [0, 0], "AMT": [5, 5], "ID": ["S1", "s1"]}, "row 2 .* capitals, got 's1' after 'S1'"),
    ({"TIME": [0, 0], "AMT": [5, 5], "ID": [1, np.inf]}, "row 2 of `events`: ID must be finite"),
    (
        {"TIME": [0], "AMT": [5], "ID": [9007199254740994.0]},
        "row 1 of `events`: ID must be at most",
    ),
    ({"TIME": [0, 0], "AMT": [5, 5], "CMT": [1, np.inf]}, "row 2 of `events`: CMT must be finite"),
    ({"TIME": [0], "AMT": ["8_0"]}, "row 1 of `events`: AMT must be a number, got '8_0'"),
    ({"TIME": [0], "AMT": ["\uff18\uff10"]}, "row 1 of `events`: AMT must be a number"),
    ({"TIME": [0], "AMT": ["inf"]}, "row 1 of `events`: AMT must be finite"),
    ({"TIME": [0], "AMT": [5], "CMT": [-2]}, "turning a compartment off is not honoured"),
    ({"TIME": [0], "AMT": [5], "CMT": [1.5]}, "CMT must be a name or a number from 1"),
    ({"TIME": [0], "AMT": ["five"]}, "row 1 of `events`: AMT must be a number, got 'five'"),
    ({"TIME": [0], "AMT": [5], "DV": [1]}, "unknown column of `events` 'DV'.*list it in `ignore`"),
    ({"TIME": [0], "AMT": [5], "amt": [5]}, "one column AMT, got two"),
    ({"TIME": [0]}, "`events` must have a column AMT"),
    ({"TIME": [0, 1], "AMT": [5]}, "columns of one length, got \\[1, 2\\]"),
]


@pytest.mark.parametrize(("events", "message"), BAD, ids=range(len(BAD)))
def test_what_is_not_honoured_is_an_error_that_names_the_row(events, message):
    with pytest.raises(ParameterError, match=message):
        Regimen.from_events(events, drug="testazine")


@pytest.mark.parametrize("name", ["AMT", "ID", "CMT", "EVID"])
@pytest.mark.parametrize("cell", [True, np.True_, "1"], ids=repr)
def test_truth_values_are_no_numbers(name, cell):
    events = {"TIME": [0, 0], "AMT": [5, 5], "ID": [1, 1], "CMT": [1, 1], "EVID": [1, 1]}
    events |= {name: [1, cell]}
    if cell == "1" and isinstance(cell, str):
        assert len(Regimen.from_events(events, drug="testazine").courses) == 2
        return
    with pytest.raises(TypeError, match=f"row 2 of `events`: {name} must be a number, got"):
        Regimen.from_events(events, drug="testazine")


def test_names_that_differ_in_capitals_alone_are_refused():
    one = Regimen.parse("testazine 5 mg")
    with pytest.raises(ParameterError, match=r"`regimens\['p1'\]` must differ .* got 'P1' too"):
        Regimen.each({"P1": one, "p1": one})


def test_missing_compartments_of_a_file_are_the_drugs_own(tmp_path):
    path = tmp_path / "doses.csv"
    path.write_text("TIME,AMT,CMT\n0,5,NaN\n1,5,.\n2,5,0\n3,5,+2.0\n4,5,Plasma\n")
    regimen = Regimen.from_events(path, drug="testazine")
    assert [c.compartment for c in regimen.courses] == [None, None, None, "2", "plasma"]


def test_a_compartment_that_the_drug_lacks_is_an_error():
    for place, message in (("5", "must be in \\[1, 4\\]"), ("plasmaa", "did you mean 'plasma'")):
        events = {"TIME": [0], "AMT": [5], "CMT": [place]}
        with pytest.raises(ParameterError, match=message):
            simulated(events, TIME_H)
    events = {"ID": ["one", "two", "two"], "TIME": [0, 0, 7], "AMT": 3 * [5], "CMT": [1, 1, 9]}
    with pytest.raises(ParameterError, match="the course at 7 h of subject 'two': `compartment`"):
        simulated(events, TIME_H)
