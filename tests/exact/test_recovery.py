"""Washout with an interval: closed forms, order, repetition, refusal."""

import math

import numpy as np
import pytest

import vmatcore as vm
from vmatcore import uncertainty

RESERPINE = "reserpine 0.25 mg q24h x 14"


@pytest.fixture(scope="module")
def reserpine():
    return vm.simulate(RESERPINE)


def test_hours_are_where_the_run_itself_crosses(reserpine):
    back = vm.washout(reserpine, tolerance=0.2, draws=5, seed=1)
    last = reserpine.regimen.last_dose_h
    around = reserpine.read([last + float(back.hours[0]) * x for x in (0.99, 1.01)])
    held = around.occupancy.vmat2[0]
    assert held[0] > 0.2 > held[1]
    assert abs(held.mean() - 0.2) < 1e-3


def test_late_washout_of_bound_vmat2_doubles_with_the_half_time():
    """Once the drug is gone, b falls with the recovery half-time alone."""
    found = [
        vm.washout(
            vm.simulate(RESERPINE, recovery_half_time_h=300.0), tolerance=limit, draws=1, seed=1
        ).hours[0]
        for limit in (0.02, 0.01)
    ]
    assert found[1] - found[0] == pytest.approx(300.0, rel=1e-3)


def test_the_same_seed_gives_the_same_interval_and_more_draws_keep_the_first(reserpine):
    one = vm.washout(reserpine, draws=6, seed=5)
    two = vm.washout(reserpine, draws=9, seed=5)
    np.testing.assert_array_equal(one.draws_h, two.draws_h[:, :6])
    assert one.provenance["seed"] == 5
    assert vm.washout(reserpine, draws=6, seed=6).draws_h.tolist() != one.draws_h.tolist()


def test_the_recovery_half_time_drives_reserpines_washout(reserpine):
    back = vm.washout(reserpine, draws=60, seed=2)
    assert back.low_h[0] <= back.hours[0] <= back.high_h[0]
    assert "recovery_half_time" in " ".join(list(back.drivers)[:2])
    assert "18" in repr(back) or "d, 90 % interval" in repr(back)


def test_content_is_back_before_occupancy_and_copies_are_faster(reserpine):
    hours = {
        renewal: vm.washout(reserpine, target="content", renewal=renewal, draws=2, seed=3).hours[0]
        for renewal in ("vesicles", "copies")
    }
    held = vm.washout(reserpine, draws=2, seed=3).hours[0]
    assert hours["copies"] < hours["vesicles"] < held


def test_a_half_time_that_was_set_is_not_drawn():
    run = vm.simulate(RESERPINE, recovery_half_time_h=200.0)
    back = vm.washout(run, draws=5, seed=1)
    assert not any("recovery" in name for name in back.drivers)


def test_reversible_drugs_are_back_in_days():
    run = vm.simulate("tetrabenazine 25 mg q8h x 9")
    back = vm.washout(run, target="content", draws=10, seed=1)
    assert back.high_h[0] < 72


def test_subjects_keep_their_axis():
    people = [vm.Subject(), vm.Subject(cyp2d6="poor")]
    run = vm.simulate("tetrabenazine 25 mg q8h x 9", subjects=people)
    for target in ("occupancy", "content"):
        back = vm.washout(run, target=target, draws=3, seed=1)
        assert back.hours.shape == (2,)
        assert back.draws_h.shape == (2, 3)
        assert back.hours[1] > back.hours[0]


def test_what_never_comes_back_is_infinite():
    run = vm.simulate(RESERPINE, recovery_half_time_h=math.inf)
    assert vm.washout(run, draws=1, seed=1).hours[0] == math.inf


def test_nobody_is_no_error():
    nobody = vm.simulate("tetrabenazine 25 mg q8h x 9", subjects=[])
    for target in ("occupancy", "content"):
        back = vm.washout(nobody, target=target, draws=3, seed=1)
        assert back.hours.shape == back.low_h.shape == back.high_h.shape == (0,)
        assert back.draws_h.shape == (0, 3)
        assert "nan" not in repr(back)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"target": "contents"}, ValueError, "did you mean 'content'?"),
        ({"site": "striatal"}, ValueError, "did you mean 'striatal dopamine'?"),
        ({"renewal": "copy"}, ValueError, "did you mean 'copies'?"),
        ({"tolerance": 0}, ValueError, "`tolerance` must be in (0, 1), got 0"),
        ({"level": 1}, ValueError, "`level` must be in (0, 1), got 1"),
        ({"draws": 0}, ValueError, "`draws` must be in [1, 10000], got 0"),
        ({"draws": 2.0}, TypeError, "`draws` must be a whole number, got 2.0"),
        ({"site": ["striatal dopamine"]}, TypeError, "`site` must be a text"),
        ({"target": None}, TypeError, "`target` must be a text"),
        ({"seed": -1}, ValueError, "`seed` must be in"),
    ],
)
def test_bad_arguments_are_refused_in_words(reserpine, arguments, error, message):
    with pytest.raises(error) as caught:
        vm.washout(reserpine, **arguments)
    assert isinstance(caught.value, vm.VmatError)
    assert message in str(caught.value)


def test_a_run_without_a_dose_and_what_is_no_run_are_refused():
    with pytest.raises(ValueError, match="`run` must have a dose"):
        vm.washout(
            vm.simulate(
                vm.Regimen.repeat("reserpine", dose_mg=1, every_h=24, doses=0), until_h=10.0
            )
        )
    with pytest.raises(TypeError, match="`run` must be a Run"):
        vm.washout("reserpine")


def test_each_subject_counts_from_the_last_dose_of_its_own_regimen():
    short, long = (vm.Regimen.parse(f"tetrabenazine 25 mg q8h x {n}") for n in (6, 60))
    run = vm.simulate(vm.Regimen.each({"short": short, "long": long}))
    for target in ("occupancy", "content"):
        both = vm.washout(run, target=target, draws=4, seed=1)
        assert both.draws_h.shape == (2, 4)
        for row, regimen in enumerate((short, long)):
            alone = vm.washout(vm.simulate(regimen), target=target, draws=4, seed=1)
            assert both.hours[row] == pytest.approx(alone.hours[0], rel=1e-9)
            np.testing.assert_allclose(both.draws_h[row], alone.draws_h[0], rtol=1e-9)
    assert abs(both.hours[0] - both.hours[1]) < 0.2


STEEP = vm.drugs.get("valbenazine").with_parameters({"clearance_weight_exponent": 4.0})
PEOPLE = [vm.Subject(), vm.Subject(weight_kg=1e9), vm.Subject(cyp2d6="poor")]


def test_a_subject_that_failed_is_nan_and_leaves_the_others_alone():
    run = vm.simulate("valbenazine 80 mg q24h x 2", drugs=[STEEP], subjects=PEOPLE)
    good = vm.simulate("valbenazine 80 mg q24h x 2", drugs=[STEEP], subjects=PEOPLE[::2])
    for target in ("occupancy", "content"):
        back = vm.washout(run, target=target, draws=3, seed=1)
        alone = vm.washout(good, target=target, draws=3, seed=1)
        assert math.isnan(back.hours[1])
        assert np.isnan([back.low_h[1], back.high_h[1], *back.draws_h[1]]).all()
        np.testing.assert_allclose(back.hours[[0, 2]], alone.hours, rtol=1e-6)
        assert "could not be followed" in repr(back)


def test_the_interval_holds_the_smallest_draw_that_a_share_lies_at_or_below():
    draws = np.array([[5.0, 1.0, 4.0, 2.0, 3.0, 10.0, 9.0, 8.0, 7.0, 6.0]])
    for share, value in ((0.05, 1), (0.1, 1), (0.11, 2), (0.5, 5), (0.9, 9), (0.95, 10), (1, 10)):
        assert uncertainty.quantiles(draws, share).tolist() == [value]
    with_nothing = np.array([[1.0, math.nan, 2.0], [1.0, math.inf, 2.0]])
    np.testing.assert_array_equal(uncertainty.quantiles(with_nothing, 0.5), [math.nan, 2.0])


def test_terminals_that_are_none_at_rest_are_drawn_again():
    """Most independent draws of serotonin's constants move SERT's set point past its rest."""
    run = vm.simulate("tetrabenazine 25 mg q8h x 3")
    site = {"target": "content", "site": "limbic serotonin", "seed": 4}
    few, more = (vm.washout(run, draws=draws, **site) for draws in (12, 16))
    assert more.provenance["drawn_again"] > 4
    np.testing.assert_array_equal(few.draws_h, more.draws_h[:, :12])
    terminal = vm.Terminal.serotonin()
    site = "limbic serotonin"
    constants = uncertainty.constants_of_terminal(site, terminal)
    found = uncertainty.draw(constants, 4, 16, {site: terminal})
    assert found.drawn_again == more.provenance["drawn_again"]
    rows = found.starting(f"terminal {site}: ")
    rest = vm.terminal.simulate(terminal=terminal.with_values(rows), time_h=[0]).resting["content"]
    own = vm.terminal.simulate(terminal=terminal, time_h=[0]).resting["content"]
    assert ((rest > own / 3) & (rest < 3 * own)).all()
