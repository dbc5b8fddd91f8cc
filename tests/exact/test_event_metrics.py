"""Metrics where events end what was given, and of subjects with tables of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest

import vmatcore as vm
from tests.exact.testazine import DRUG
from vmatcore import pk
from vmatcore.dosing import Regimen


def test_metrics_of_subjects_with_their_own_tables_are_those_of_each_alone():
    each = {
        "one": Regimen.parse("testazine 5 mg q8h x 6"),
        "two": Regimen.parse("testazine 9 mg q12h x 4 ss1"),
        "three": Regimen.parse("testazine 5 mg q8h x 6"),
    }
    settings = {"until_h": 60.0, "drugs": [DRUG]}
    run = vm.simulate(Regimen.each(each), **settings)
    for stage in ("pk", "occupancy"):
        found = run.metrics(stage)
        for row, regimen in enumerate(each.values()):
            alone = vm.simulate(regimen, **settings).metrics(stage)
            for name in ("cmax", "tmax_h", "auc", "mean", "trough"):
                np.testing.assert_array_equal(getattr(found, name)[row], getattr(alone, name)[0])
    assert np.isnan(found.interval_h[0]).all()
    falls = run.washout()
    for row, regimen in enumerate(each.values()):
        alone = vm.simulate(regimen, **settings).washout()
        assert falls.plasma_half_h[row] == alone.plasma_half_h[0]


def test_a_trough_is_read_before_what_happens_at_the_end_of_its_interval():
    plain = Regimen.parse("testazine 5 mg q8h x 2")
    emptied = plain + Regimen.parse("testazine 0 mg x 0 after 16 h reset")
    for stage in ("pk", "occupancy"):
        found, want = (
            vm.simulate(regimen, until_h=24, drugs=[DRUG]).metrics(stage)
            for regimen in (emptied, plain)
        )
        np.testing.assert_array_equal(found.trough, want.trough)
        np.testing.assert_array_equal(found.mean, want.mean)


def test_a_read_at_a_dose_sees_it_and_a_trough_does_not():
    events = {"TIME": [0, 16], "AMT": [5, 50], "II": [8, 0], "ADDL": [1, 0], "CMT": [2, 3]}
    both = Regimen.from_events(events, drug="testazine")
    assert vm.simulate(both, until_h=24, drugs=[DRUG]).metrics("pk").interval_h[0] == (16, 24)
    plain = Regimen.from_events({k: v[:1] for k, v in events.items()}, drug="testazine")
    late = plain + Regimen.parse('testazine 50 mg after 16 h into "2"')
    run = vm.simulate(plain, until_h=24, drugs=[DRUG])
    trough = run.metrics("pk").trough[0, 0]
    read = pk.simulate(late, time_h=[np.nextafter(16, 0), 16], drugs=[DRUG]).plasma_ng_ml[0, 0]
    assert trough == pytest.approx(read[0], rel=1e-9)
    assert read[1] > 2 * read[0]


def valbenazine(**columns):
    return Regimen.from_events({name.upper(): cells for name, cells in columns.items()},
                               drug="valbenazine")  # fmt: skip


def interval_and_washout(regimen):
    run = vm.simulate(regimen, progress=False)
    hours = run.washout()
    return (*run.metrics("pk").interval_h, float(hours.plasma_half_h[0]), run.pk.time_h[-1])


CANCELLED = [
    (
        valbenazine(time=[0, 100], amt=[40, 80], ii=[24, 8], addl=[27, 1], evid=[1, 4]),
        valbenazine(time=[0, 100], amt=[40, 80], ii=[24, 8], addl=[4, 1], evid=[1, 4]),
        (108.0, 8.0),
    ),
    (
        valbenazine(time=[0, 168], amt=[40, 80], ii=[24, 24], addl=[27, 0], ss=[0, 1]),
        valbenazine(time=[0, 168], amt=[40, 80], ii=[24, 24], addl=[6, 0], ss=[0, 1]),
        (168.0, 24.0),
    ),
    (
        valbenazine(time=[0, 100], amt=[40, 0], ii=[24, 0], addl=[27, 0], evid=[1, 3]),
        valbenazine(time=[0, 100], amt=[40, 0], ii=[24, 0], addl=[4, 0], evid=[1, 3]),
        (96.0, 24.0),
    ),
]


@pytest.mark.parametrize(("cancelled", "never", "expected"), CANCELLED)
def test_doses_that_a_reset_cancels_count_for_no_interval_and_no_washout(
    cancelled, never, expected
):
    assert (cancelled.last_dose_h, cancelled.interval_h()) == expected
    assert cancelled.interval_h("valbenazine") == expected[1]
    assert cancelled.last_dose_h == cancelled.times_h[-1]
    found = interval_and_washout(cancelled)
    assert found == interval_and_washout(never)
    assert not math.isnan(found[-2])
