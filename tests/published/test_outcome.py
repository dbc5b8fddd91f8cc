"""The frozen numbers are what the fit gives, from rows that a fit may see; misses are printed."""

import math

import pytest

import vmatcore as vm
from docs.validation import clinical, drawn, outcome, report
from vmatcore.outcome import DRIVERS, sources

FITS = outcome.fits()


def frozen(name):
    part, key = name.split(".", 1)
    return sources(part)[key]


@pytest.mark.parametrize("name", FITS)
def test_the_frozen_number_and_its_interval_are_those_of_the_fit(name):
    fit, stored = FITS[name], frozen(name)
    assert stored.value == pytest.approx(fit.value, rel=0.006)
    assert stored.high == pytest.approx(fit.high, rel=0.006)
    assert stored.low == pytest.approx(fit.low, rel=0.006, abs=0.01 * fit.value)
    assert stored.low < stored.value < stored.high


#: Side effect: placebo rows, and how many people each counts.
PLACEBO = {
    "akathisia": {"E0392": 76, "E0485": 30, "E0566": 131},
    "somnolence": {"E0389": 76, "E0503": 45, "E0505": 30, "E0562": 131},
    "depression": {"E0493": 30, "E0568": 131},
}


@pytest.mark.parametrize("side_effect", PLACEBO)
def test_the_chance_without_drug_is_that_of_the_placebo_arms_together(side_effect):
    rows = report.observations()
    events = 0
    for row, people in PLACEBO[side_effect].items():
        assert (rows[row]["use"], rows[row]["drug"]) == ("calibration", "placebo")
        events += round(float(rows[row]["value"]) / 100.0 * people)
    stored = sources("placebo")[side_effect]
    pooled = sum(PLACEBO[side_effect].values())
    assert f"{events} of {pooled}" in stored.source
    assert stored.value == pytest.approx(events / pooled, rel=0.01)


def test_what_no_row_gives_is_what_it_says():
    hazard = sources("hazard")
    assert hazard["parkinsonism"].value == hazard["akathisia_linear"].value
    assert hazard["parkinsonism"].status == "assumed"


def test_scores_and_their_spread_are_those_of_the_rows():
    for condition, score, placebo in (
        ("tardive dyskinesia", "E0373", "E0371"),
        ("Huntington's chorea", "I0001", "E0467"),
    ):
        people = sources(condition)
        assert people["baseline_score"].value == outcome.number(score)
        assert people["placebo_fall"].value == -outcome.number(placebo)
    spread = outcome.number("E0372") * math.sqrt(outcome.people("E0389"))
    assert sources("tardive dyskinesia")["change_sd"].value == pytest.approx(spread, rel=0.02)
    assert "SE 0.8" in outcome.seen("E0468")["quantity"]
    apart = math.sqrt(1 / outcome.people("E0466") + 1 / outcome.people("E0467"))
    assert sources("Huntington's chorea")["change_sd"].value == pytest.approx(0.8 / apart, rel=0.02)


def test_the_other_isomers_share_one_slope():
    slope = sources("qtc")["(-)-alpha-HTBZ"]
    for name in ("(+)-beta-HTBZ", "(-)-beta-HTBZ"):
        assert sources("qtc")[name] == slope


def test_no_fit_sees_a_context_row():
    with pytest.raises(ValueError, match="context row"):
        outcome.seen("E0601")
    for arms in outcome.ARMS.values():
        for arm in arms:
            outcome.seen(arm.row)
            outcome.seen(arm.placebo)
    for row in outcome.QTC:
        outcome.seen(row)


def test_the_fitted_half_effect_is_the_best_of_its_neighbours():
    arms = outcome.benefit_arms()
    fit = FITS["half_effect.d2"]

    def chi_square(half):
        total = 0.0
        for treated, score, wanted, error in arms.values():
            d = outcome.effects.drive(outcome.levels(*treated), "d2")[0]
            total += ((-score * d / (half + d) - wanted) / error) ** 2
        return total

    assert chi_square(fit.value) == pytest.approx(fit.chi_square, rel=1e-9)
    for factor in (0.95, 1.05):
        assert chi_square(fit.value * factor) > fit.chi_square


def test_two_residuals_have_opposite_signs_and_are_printed_with_their_errors(capsys):
    for driver in DRIVERS:
        residuals = [a - b for a, b, _ in FITS[f"half_effect.{driver}"].residuals.values()]
        assert len(residuals) == 2
        assert residuals[0] * residuals[1] < 0
    outcome.main()
    printed = capsys.readouterr().out
    assert printed.count("TETRA-HD: observed -3.50") == 3
    assert "standard errors" in printed


def test_the_interval_is_widened_by_the_misfit():
    fit = FITS["half_effect.d2"]
    arms = outcome.benefit_arms()
    grown = []
    for half in (fit.low, fit.high):
        total = 0.0
        for treated, score, wanted, error in arms.values():
            d = outcome.effects.drive(outcome.levels(*treated), "d2")[0]
            total += ((-score * d / (half + d) - wanted) / error) ** 2
        grown.append(total - fit.chi_square)
    assert grown == pytest.approx([outcome.LIMIT * fit.chi_square] * 2, rel=1e-4)


def test_the_half_effect_of_the_catalogue_predicts_the_calibration_arm():
    treated, score, *_ = outcome.benefit_arms()["KINECT 3, 80 mg"]
    run = vm.simulate(treated[0], subject=vm.Subject(condition=treated[1]))
    found = vm.outcome.evaluate(run)
    fitted = FITS["half_effect.d2"].residuals["KINECT 3, 80 mg"][1]
    assert found.baseline_score == score
    assert found.benefit[0] == pytest.approx(fitted, rel=0.005)


def test_every_clinical_row_is_on_the_page():
    page = clinical.text()
    for row in clinical.shown():
        assert row in report.observations(), row
    for row in {*clinical.CHANCES, *outcome.QTC, "E0374", "E0376", "E0599", "E0601"}:
        assert f"| {row} |" in page, row
    assert page.count("**miss**") >= 1


def test_intervals_of_predictions_carry_the_fitted_number_and_the_chain():
    """With the chain the interval is wider than draws of the half-effect alone make it."""
    for treated, score, _ in clinical.ARMS.values():
        points = outcome.number(score)
        alone = clinical.of_the_half_effect(treated, points)
        value, low, high = clinical.benefit(treated, points)
        assert low < value < high < 0
        assert high - low > alone[1] - alone[0]


def test_draws_of_the_half_effect_have_its_interval():
    """Of 200 draws 5 are expected beyond either end, 100 on either side of the value."""
    halves, (low, high) = drawn.half_effects("d2"), FITS["half_effect.d2"][1:3]
    assert 1 <= (halves < low).sum() <= 15
    assert 1 <= (halves > high).sum() <= 15
    assert abs((halves < FITS["half_effect.d2"].value).sum() - 100) < 40


def test_draws_of_a_fit_are_those_of_the_arms():
    arm = drawn.arm(outcome.VALBENAZINE_80)
    halves = drawn.half_effects("d2")
    assert arm.constants["outcome half_effect: d2"].tolist() == halves.tolist()
    benefit = drawn.benefits(outcome.VALBENAZINE_80, 100.0, "d2")
    assert benefit == pytest.approx(arm.draws.benefit[0], rel=1e-12)


def test_a_chance_with_its_own_placebo_keeps_what_the_drug_brings():
    own = drawn.chances([outcome.VALBENAZINE_80], "akathisia", None)
    assert own == pytest.approx(
        100.0 * drawn.arm(outcome.VALBENAZINE_80).draws.probability["akathisia"][0], rel=1e-12
    )
    known = drawn.chances([outcome.VALBENAZINE_80], "akathisia", 0.2)
    assert (known > 20.0 - 1e-9).all()
    assert (known < 100.0).all()


def test_the_fit_anew_is_the_fit_where_nothing_is_drawn():
    arms = outcome.benefit_arms()
    falls = {
        name: float(outcome.effects.drive(outcome.levels(*one[0]), "d2")[0])
        for name, one in arms.items()
    }
    assert outcome.fit_arms(falls) == FITS["half_effect.d2"]


def test_some_draws_meet_both_arms_and_each_is_counted_by_its_residuals():
    anew = drawn.refitted()
    assert len(anew.misfits) == drawn.DRAWS
    assert anew.misfits.min() < FITS["half_effect.d2"].chi_square < anew.misfits.max()
    # One residual of two beyond two standard errors is a chi-square above four, and both
    # within is one of at most eight.
    assert (anew.misfits > 8.0).mean() <= 1.0 - anew.met
    assert (anew.misfits <= 4.0).mean() <= anew.met
    assert 0.0 < anew.met < 1.0
    page = clinical.text()
    assert f"in {100 * anew.met:.0f} % of draws" in page
