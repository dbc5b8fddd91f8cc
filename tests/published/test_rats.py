"""Rats: the constants are what the fit gives, and the rows are met as the page says."""

import pytest

import vmatcore as vm
from docs.validation import rat, report
from vmatcore import preclinical


def test_the_constants_are_those_of_the_fit():
    for name, value in rat.fit().items():
        assert preclinical.RAT[name].value == pytest.approx(value, rel=0.01), name


def test_the_load_of_tetrabenazine_is_that_of_the_halving_dose():
    published = float(report.observations()["E0677"]["value"])
    assert rat.halving_dose_mg_kg() == pytest.approx(published, rel=0.01)


def test_tetrabenazines_other_row_is_predicted_within_a_tenth():
    published = float(report.observations()["E0676"]["value"])
    assert rat.depletion(5.0) == pytest.approx(published, rel=0.10)


def test_every_fitted_row_is_within_a_factor_of_two_and_a_half():
    found = report.observations()
    for key in rat.FITTED:
        ratio = rat.simulated(key) / float(found[key]["value"])
        assert 0.4 < ratio < 2.5, (key, ratio)


def test_whole_vesicles_meet_the_dopamine_row_better_than_copies():
    published = float(report.observations()["E0644"]["value"])
    vesicles, copies = (rat.simulated("E0644", renewal) for renewal in ("vesicles", "copies"))
    assert abs(vesicles - published) < abs(copies - published)


def test_the_labels_waiting_time_lies_in_the_interval_of_occupancys_return():
    run = vm.simulate("reserpine 0.25 mg q24h x 28")
    back = vm.washout(run, tolerance=0.1, draws=60, seed=4)
    for row in ("E0243", "E0263"):
        label_h = 24.0 * float(report.observations()[row]["value"])
        assert back.low_h[0] < label_h < back.high_h[0]
        assert abs(back.hours[0] / label_h - 1.0) < 0.15
