"""The window: what it says is what single runs say, and its ranges are where the curves cross."""

import numpy as np
import pytest

import vmatcore as vm
from vmatcore.errors import ParameterError, UnknownNameError
from vmatcore.outcome import SIDE_EFFECTS

TD = "tardive dyskinesia"


@pytest.fixture(scope="module")
def found():
    return vm.window("tetrabenazine", condition=TD, doses_mg_per_day=[10, 30, 75, 150], every_h=8)


def test_each_dose_is_the_run_of_that_dose(found):
    run = vm.simulate("tetrabenazine 25 mg q8h x 84", subject=vm.Subject(condition=TD))
    alone = vm.outcome.evaluate(run)
    assert found.outcome.benefit[2] == pytest.approx(alone.benefit[0], rel=1e-6)
    assert found.occupancy[2] == pytest.approx(alone.occupancy[0], rel=1e-9)
    for name in SIDE_EFFECTS:
        assert found.outcome.probability[name][2] == pytest.approx(
            alone.probability[name][0], rel=1e-6
        )


def test_weights_weigh(found):
    weights = {"benefit": 2.0, "depression": 3.0, "akathisia": 0.0}
    other = vm.window(
        "tetrabenazine",
        condition=TD,
        doses_mg_per_day=[10, 30, 75, 150],
        every_h=8,
        weights=weights,
    )
    assert other.benefit == pytest.approx(2.0 * found.benefit)
    more = 2.0 * found.outcome.excess("depression") - found.outcome.excess("akathisia")
    assert other.harm == pytest.approx(found.harm + more)


def test_benefit_and_harm_grow_with_dose_and_occupancy(found):
    for values in (found.occupancy, found.benefit, found.harm):
        assert (np.diff(values) > 0).all()


def test_without_weight_on_harm_every_dose_is_in_the_range():
    nothing = dict.fromkeys(SIDE_EFFECTS, 0.0)
    found = vm.window("valbenazine", condition=TD, doses_mg_per_day=[10, 40, 80], weights=nothing)
    assert found.ranges_mg_per_day() == ((10.0, 80.0),)
    assert found.best_mg_per_day() == 80.0


def test_without_weight_on_benefit_there_is_no_range():
    found = vm.window(
        "valbenazine", condition=TD, doses_mg_per_day=[10, 40, 80], weights={"benefit": 0.0}
    )
    assert found.ranges_mg_per_day() == ()
    assert "(hypothesis), mg/d: none" in repr(found)


def test_the_condition_is_that_of_the_person_too():
    found = vm.window("valbenazine", condition=TD, doses_mg_per_day=[80], days=28)
    arms = {"v": "valbenazine 80 mg q24h x 28"}
    compared = vm.compare(arms, subject=vm.Subject(condition=TD))["v"].outcome
    assert found.outcome.benefit == pytest.approx(compared.benefit, rel=1e-9)
    plain = vm.Subject()
    other = vm.window("valbenazine", condition=TD, doses_mg_per_day=[80], days=28, subject=plain)
    assert other.outcome.benefit != found.outcome.benefit


def test_the_ends_of_the_fits_lie_on_both_sides(found):
    assert (found.net_low < found.net).all()
    assert (found.net < found.net_high).all()
    benefit, harm = found.weights["benefit"], found.weights
    result = found.outcome
    least = -benefit * result.benefit_high / result.baseline_score
    worst = sum(
        harm[name] * (result.probability_high[name] - result.placebo[name]) for name in SIDE_EFFECTS
    )
    np.testing.assert_allclose(found.net_low, least - worst, rtol=1e-12)
    assert found.ranges_mg_per_day("worst") == ()
    assert found.ranges_mg_per_day("best")[0][1] == 150.0
    with pytest.raises(UnknownNameError, match="fits"):
        found.ranges_mg_per_day("largest")


def test_prolactin_counts_only_if_asked_to(found):
    assert found.weights["prolactin raised"] == 0.0
    four = sum(found.outcome.excess(name) for name in SIDE_EFFECTS if "prolactin" not in name)
    np.testing.assert_allclose(found.harm, four, rtol=1e-12)


def test_whom_nobody_could_follow_has_no_best_dose():
    lost = vm.Subject(weight_kg=1e-300)
    found = vm.window("valbenazine", doses_mg_per_day=[20, 40], days=2, subject=lost)
    assert np.isnan(found.best_mg_per_day())


def test_the_range_ends_where_benefit_equals_harm():
    settings = {"condition": TD, "weights": {"prolactin raised": 0.4}, "days": 14}
    found = vm.window("valbenazine", **settings)
    ((low, high),) = found.ranges_mg_per_day()
    assert 0 < low < high < found.dose_mg_per_day[-1]
    at = vm.window("valbenazine", doses_mg_per_day=[low * 0.95, high, high * 1.05], **settings)
    assert abs(at.net[1]) < 0.002
    assert at.net[2] < at.net[1]


def test_the_interval_and_the_doses_come_from_the_label():
    found = vm.window("deutetrabenazine", condition=TD, days=3)
    assert found.every_h == 12.0
    assert len(found.dose_mg_per_day) == 25
    assert found.dose_mg_per_day[-1] == pytest.approx(72.0)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"weights": {"benefits": 1}}, UnknownNameError, "did you mean 'benefit'"),
        ({"weights": {"benefit": -1}}, ParameterError, "weights"),
        ({"every_h": 7}, ParameterError, "divisor of 24"),
        ({"doses_mg_per_day": [40, 20]}, ParameterError, "more than the dose before it"),
        ({"doses_mg_per_day": [0]}, ParameterError, "doses_mg_per_day"),
        ({"doses_mg_per_day": []}, ParameterError, "number of doses"),
        ({"condition": "tardive dystonia"}, UnknownNameError, "condition with a scale"),
    ],
)
def test_what_breaks_a_rule_is_refused(settings, error, words):
    with pytest.raises(error, match=words):
        vm.window("valbenazine", **({"condition": TD, "days": 2} | settings))


def test_without_a_condition_the_same_doses_do_more_good_than_harm():
    bare, named = (
        vm.window(
            "valbenazine",
            condition=condition,
            doses_mg_per_day=[20, 60],
            days=3,
            subject=vm.Subject(),
        )
        for condition in (None, TD)
    )
    np.testing.assert_allclose(bare.net, named.net, rtol=1e-12)
    assert repr(bare).startswith("Window of valbenazine every 24 h, 2 doses")


def test_the_figure_shows_benefit_harm_and_every_side_effect(found):
    pytest.importorskip("matplotlib")
    figure = found.plot()
    assert len(figure.axes) == 2
    labels = {text.get_text() for text in figure.axes[0].get_legend().get_texts()}
    assert {"benefit", "harm, the sum of:"} <= labels
    assert len(labels) == 1 + len(SIDE_EFFECTS)  # prolactin has no weight
    weighted = vm.window(
        "valbenazine",
        doses_mg_per_day=[20, 40],
        days=2,
        weights={"prolactin raised": 0.4, "akathisia": 0.0},
    )
    lines = weighted.plot().axes[0].get_lines()
    parts = {line.get_label(): line.get_ydata() for line in lines}
    np.testing.assert_allclose(
        sum(parts[name] for name in parts if not name.startswith(("benefit", "harm"))),
        parts["harm, the sum of:"],
        rtol=1e-12,
    )
    assert "prolactin raised, times 0.4" in parts
    assert "akathisia" not in parts
