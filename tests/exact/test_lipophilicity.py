"""Lipophilicity: what the laws of brain entry say in closed form, and no more."""

from __future__ import annotations

import math

import numpy as np
import pytest

import vmatcore as vm
from vmatcore import lipophilicity
from vmatcore.errors import ParameterError, SolverError

SCAN = lipophilicity.scan()


def at(log_p):
    return int(np.flatnonzero(SCAN.log_p == log_p)[0])


def test_the_scan_goes_from_0_to_7():
    assert SCAN.log_p[0] == 0.0
    assert SCAN.log_p[-1] == 7.0
    assert len(SCAN.log_p) == 29


def test_the_plateau_does_not_depend_on_lipophilicity():
    np.testing.assert_allclose(SCAN.plateau, 1.0, rtol=1e-6)


def test_the_half_time_is_the_closed_form():
    for log_p, half_time in zip(SCAN.log_p, SCAN.equilibration_half_time_h, strict=True):
        permeability = 0.2 * 2.0 ** (log_p - 2.0)
        effective = permeability * 0.5 / (permeability + 0.5)
        free = 1.0 / (1.0 + 0.07 * 10.0 ** (0.7 * log_p))
        assert half_time == pytest.approx(math.log(2) / (60.0 * effective * free), rel=1e-12)
        assert SCAN.total_per_unbound[SCAN.log_p == log_p] == pytest.approx(1 / free, rel=1e-12)


def test_a_slow_brain_sets_onset_and_washout_by_its_own_half_time():
    """Where equilibration takes days, plasma is as good as constant: both are its half-time."""
    slow = SCAN.equilibration_half_time_h > 60.0
    assert slow.sum() >= 3
    # Doses come every 12 h, so the rise goes in steps of that width.
    assert (np.abs(SCAN.onset_h - SCAN.equilibration_half_time_h)[slow] < 4.0).all()
    # The washout of plasma, about 14 h, is added to that of the brain.
    added = SCAN.washout_h[slow] - SCAN.equilibration_half_time_h[slow]
    assert (np.abs(added - 14.1) < 0.3).all()


def test_a_drug_of_log_p_6_comes_and_goes_days_later_than_one_of_2():
    assert SCAN.onset_h[at(6.0)] > 50 * SCAN.onset_h[at(2.0)]
    assert SCAN.washout_h[at(6.0)] > SCAN.washout_h[at(2.0)] + 24.0


def test_neither_the_most_nor_the_least_lipophilic_is_the_fastest():
    fastest = SCAN.log_p[np.argmin(SCAN.onset_h)]
    highest = SCAN.log_p[np.argmax(SCAN.single_dose_peak)]
    for best in (fastest, highest):
        assert 0.5 < best < 3.0
    for curve, sign in ((SCAN.onset_h, 1), (SCAN.single_dose_peak, -1)):
        turns = np.diff(np.sign(np.diff(sign * curve)))
        assert (turns != 0).sum() == 1


def test_other_laws_move_the_optimum():
    fluid = lipophilicity.scan([0.0, 2.0, 6.0], brain=vm.pk.Brain.default(lipid_fraction=0.0))
    # Without membranes nothing slows a lipophilic drug.
    assert np.all(np.diff(fluid.onset_h) < 0)


def test_the_figure_shows_what_was_found():
    figure = SCAN.plot()
    lines = [line for axes in figure.axes for line in axes.lines]
    assert len(lines) == 6
    np.testing.assert_array_equal(lines[0].get_ydata(), SCAN.onset_h)


@pytest.mark.parametrize("log_p", [[], [8.0], [math.nan], [-30.0], [2.0, -16.0], [-1e308]])
def test_a_log_p_out_of_reach_is_an_error(log_p):
    with pytest.raises(ParameterError, match="log_p"):
        lipophilicity.scan(log_p)


def test_a_brain_too_slow_to_be_read_is_an_error_and_a_slow_one_is_not():
    laws = vm.pk.Brain.default(lipid_exponent=1.0)
    with pytest.raises(ParameterError, match=r"`log_p\[1\]` must .* at most 7884 h, got 7.0"):
        lipophilicity.scan([6.0, 7.0], brain=laws)
    for every_h in (0.1, 12.0, 240.0):
        for values, brain in (([6.6], laws), ([-15.0], None)):
            found = lipophilicity.scan(values, brain=brain, every_h=every_h)
            assert 5000 < found.onset_h[0] < found.washout_h[0] < 8760


def test_a_brain_too_fast_to_be_simulated_is_an_error():
    with pytest.raises(SolverError, match="the probe of log P 2 failed"):
        lipophilicity.scan([2.0], brain=vm.pk.Brain.default(volume=1e-14))
