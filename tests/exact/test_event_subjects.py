"""Event tables of several subjects: each has what it would have alone, at a fair cost."""

from __future__ import annotations

import numpy as np

import vmatcore as vm
from tests.exact.testazine import DRUG, TIME_H, simulated
from tests.reference.clock import growth
from vmatcore import pk
from vmatcore.dosing import Course, Regimen


def test_several_ids_make_several_subjects_with_their_own_rows(tmp_path):
    path = tmp_path / "doses.csv"
    path.write_text(
        "id,Time,amt,ii,addl,cmt,DV,WT\n"
        "7,0,5,8,3,1,.,70\n7,3,0,,,,12.1,70\nB,0,2,0,0,2,.,80\nB,5,1,0,0,2,.,80\n9,0,5,8,3,1,0,1\n"
    )
    regimen = Regimen.from_events(path, drug="testazine", ignore=("dv", "WT"))
    assert regimen.ids == ("7", "b", "9")
    together = simulated(regimen, TIME_H)
    first = simulated({"TIME": [0], "AMT": [5], "II": [8], "ADDL": [3], "CMT": [1]}, TIME_H)
    second = simulated({"TIME": [0, 5], "AMT": [2, 1], "CMT": [2, 2]}, TIME_H)
    np.testing.assert_array_equal(together, np.concatenate([first, second, first]))


def test_a_population_with_tables_of_its_own_equals_each_subject_alone_to_the_bit():
    random = np.random.default_rng(3)
    regimens, people = {}, []
    for i in range(40):
        dose_mg, every_h = random.integers(1, 30), random.integers(4, 25)
        steady = int(random.integers(0, 2))
        course = Course(
            drug="testazine", dose_mg=dose_mg, every_h=every_h, doses=5, steady_state=steady
        )
        regimens[f"s{i}"] = Regimen((course,))
        people.append(vm.Subject(weight_kg=50.0 + i))
    everybody = Regimen.each(regimens)
    for threads in (1, 2, 3):
        got = simulated(everybody, TIME_H, subjects=people, threads=threads)
        for i, name in enumerate(everybody.ids):
            alone = simulated(everybody.of(name), TIME_H, subject=people[i])
            np.testing.assert_array_equal(got[i], alone[0])


def crowded(subjects):
    """Return an event table of six rows for each of many subjects."""
    return {
        "ID": [number for number in range(subjects) for _ in range(6)],
        "TIME": [24.0 * day for day in range(6)] * subjects,
        "AMT": [number + 1 for number in range(subjects) for _ in range(6)],
    }


def test_four_times_the_subjects_with_tables_of_their_own_cost_about_four_times():
    def call(events):
        regimen = Regimen.from_events(events, drug="testazine")
        regimen.to_events()
        run = pk.simulate(regimen, time_h=[1.0, 100.0], drugs=[DRUG], threads=1, progress=False)
        assert len(list(run.blocks(1))) == len(regimen.ids)

    assert growth(call, crowded(400), crowded(1600), rounds=3) < 8  # seen: 3.6, and 12.6 by squares


def test_the_regimens_of_all_subjects_are_those_of_each():
    regimen = Regimen.from_events(crowded(9), drug="testazine")
    everybody = regimen.by_subject()
    assert tuple(everybody) == regimen.ids
    assert all(regimen.of(name) == own for name, own in everybody.items())
    assert Regimen.parse("testazine 5 mg").by_subject() == {}
    run = pk.simulate(regimen, time_h=[5.0], drugs=[DRUG])
    parts = list(run.blocks(4))
    assert [len(part.subjects) for part in parts] == [4, 4, 1]
    for part, rows in zip(parts, (slice(0, 4), slice(4, 8), slice(8, 9)), strict=True):
        chosen = run.of_subjects(rows)
        assert part.regimen == chosen.regimen
        assert part.regimen.by_subject() == {name: everybody[name] for name in regimen.ids[rows]}
        np.testing.assert_array_equal(part.read([5.0]).plasma_nmol_l, run.plasma_nmol_l[rows])


def test_large_numbers_of_subjects_are_told_apart():
    ids = [90071992547409921, 90071992547409923]
    events = {"TIME": [0, 0], "AMT": [5, 6], "ID": ids}
    regimen = Regimen.from_events(events, drug="testazine")
    assert regimen.ids == tuple(map(str, ids))
    assert Regimen.from_events(events | {"ID": np.array(ids)}, drug="testazine") == regimen
    floats = Regimen.from_events(events | {"ID": [1.0, 2.0]}, drug="testazine")
    assert floats.ids == ("1", "2")


def test_stopping_keeps_subjects_that_lose_all_doses():
    early, late = Regimen.parse("testazine 5 mg"), Regimen.parse("testazine 5 mg after 9 h")
    both = Regimen.each({"early": early, "late": late}).stop_at(3)
    assert both.ids == ("early", "late")
    assert both.of("late").doses() == ()
