"""The contrasts between the drugs: what their design is said to bring comes out of the model."""

import pytest

from docs.validation import contrasts


@pytest.mark.parametrize(
    ("drug", "during", "after"),
    [("tetrabenazine", 0.25, 0.03), ("deutetrabenazine", 0.08, 0.03), ("valbenazine", 0.03, 0.02)],
)
def test_reversible_occupancy_follows_plasma(drug, during, after):
    # The only delay is brain entry, 0.4 h; it shows while a fast tablet is absorbed.
    found = contrasts.largest_lag_difference(contrasts.REVERSIBLE[drug])
    assert found[0] < during
    assert found[1] < after


def test_reserpine_outlasts_its_plasma_at_both_ends_of_the_recovery_range():
    found = contrasts.reserpine_outlasts_by_h()
    longer = [found[days][2] for days in contrasts.RECOVERY_D]
    assert min(contrasts.RECOVERY_D) == 1.4
    assert max(contrasts.RECOVERY_D) == 18.0
    assert longer[0] > 24.0, "the sign at the short end is plus"
    assert longer[-1] > 30 * 24.0, "the sign at the long end is plus"
    assert longer == sorted(longer)


def test_half_a_week_of_recovery_means_an_effect_of_more_than_a_week():
    plasma, held, _ = contrasts.reserpine_outlasts_by_h()[5.0]
    assert plasma < 7 * 24.0 < held


def test_valbenazine_holds_at_least_ten_times_less_d2_at_equal_vmat2():
    found = contrasts.d2_at_equal_vmat2()
    assert found["ratio"] >= 10.0
    assert found["ratio_weakest"] >= 10.0, "at the weak end of every recalled Ki"
    assert found["tetrabenazine"] > 0.05


def test_deutetrabenazine_is_flatter_at_equal_area():
    found = contrasts.flatness_at_equal_area()
    assert abs(found["area_ratio"] - 1.0) <= 0.02
    assert found["ratio"] <= 0.6


def test_the_isotope_alone_flattens_too():
    assert contrasts.isotope_alone() < 0.75


def test_valbenazine_loads_vmat2_several_times_more_at_label_doses():
    assert 5.0 <= contrasts.load_ratio_at_label_doses() <= 7.0
