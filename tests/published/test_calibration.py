"""The rows that the catalogue was calibrated on come back, and the fit is the one that ships."""

import pytest

import vmatcore as vm
from docs.validation import calibrate, report
from docs.validation.simulated import SIMULATED

OBSERVED = report.observations()

WITHIN_A_TENTH = [f"E{number:04d}" for number in range(73, 81)]


def relative_error(row: str) -> float:
    return SIMULATED[row]() / float(OBSERVED[row]["value"]) - 1.0


@pytest.mark.parametrize("row", WITHIN_A_TENTH)
def test_valbenazine_areas_in_patients_are_within_a_tenth(row):
    assert abs(relative_error(row)) <= 0.10


def test_poor_metabolisers_have_twice_the_area_after_valbenazine():
    assert abs(relative_error("E0161")) <= 0.10


@pytest.mark.parametrize("row", ["E0096", "E0097"])
def test_alpha_lasts_seven_hours_and_beta_five(row):
    assert abs(relative_error(row)) <= 0.15


def test_the_area_of_total_htbz_is_within_a_fifth():
    assert abs(relative_error("E0117")) <= 0.20


@pytest.mark.parametrize("row", ["E0194", "E0206"])
def test_paroxetine_multiplies_the_area_of_alpha_as_published(row):
    assert abs(relative_error(row)) <= 0.15


@pytest.mark.parametrize("row", ["E0343", "E0344", "E0345", "E0346"])
def test_isomer_shares_are_within_a_factor_of_one_and_a_half(row):
    assert 1 / 1.5 <= 1.0 + relative_error(row) <= 1.5


@pytest.mark.parametrize("drug", ["tetrabenazine", "deutetrabenazine", "reserpine"])
def test_the_catalogue_holds_what_the_calibration_finds(drug):
    shipped = vm.drugs.get(drug)
    for name, value in calibrate.fit()[drug].items():
        effect = name.removeprefix("isotope_effect.")
        table = shipped.parameters if effect == name else shipped.isotope_effects
        assert table[effect].value == pytest.approx(value, rel=1e-3), name


def test_a_row_that_is_not_for_calibration_is_refused():
    with pytest.raises(ValueError, match="context row"):
        calibrate.observed("E0081")


def test_every_simulated_row_is_a_published_row():
    assert set(SIMULATED) <= set(OBSERVED)


def test_every_observation_has_a_source_and_a_use():
    for row in OBSERVED.values():
        assert row["use"] in {"calibration", "context", "input"}
        assert row["source"]


def test_the_page_of_misses_is_what_the_package_says_today():
    written = (report.HERE / "README.md").read_text(encoding="utf-8")
    assert written == report.text(), "run python -m docs.validation.report --write"
