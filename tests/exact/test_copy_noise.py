"""Residence time against filling time decides whether vesicles are dimmed alike or empty."""

from __future__ import annotations

import math

import numpy as np
import pytest

import vmatcore as vm
from docs.experiments import filling as experiment

PAGE = experiment.PAGE.read_text(encoding="utf-8")


def copy_noise(found):
    """Coefficient of variation beyond Poisson."""
    return math.sqrt(max(found.var() - found.mean(), 0.0)) / found.mean()


def by_classes(active, copies=10):
    """Mean and copy noise of steady contents when copies are lost for good, from the binomial."""
    vesicle = vm.Vesicle()
    working = np.arange(copies + 1)
    chance = [math.comb(copies, k) * active**k * (1 - active) ** (copies - k) for k in working]
    content = np.array([vesicle.content(k / copies) for k in working])
    mean = content @ chance
    return mean, math.sqrt(((content - mean) ** 2) @ chance) / mean


@pytest.mark.parametrize("active", [0.5, 0.2, 0.1])
def test_copies_lost_for_good_give_the_mixture_of_their_classes(active):
    mean, noise = by_classes(active)
    found = experiment.contents(active, None).astype(float)
    standard_error = mean * noise / math.sqrt(len(found))
    assert abs(found.mean() - mean) < 6 * standard_error
    assert copy_noise(found) == pytest.approx(noise, rel=0.05)
    exact = vm.filling.simulate(
        vm.Vesicle(), active=active, time_s=[1e6], method="mean", binding="irreversible"
    )
    assert exact.mean[0] == pytest.approx(mean, rel=1e-9)


def test_noise_grows_from_alike_to_empty_with_the_residence():
    # The prediction: about 3 % far below the filling time, half at an hour, most for life.
    noise = [copy_noise(experiment.contents(0.1, stay).astype(float)) for stay in (60, 3600, None)]
    assert noise[0] < 0.1
    assert 0.4 < noise[1] < 0.6
    assert 0.8 < noise[2] < 0.9


def test_the_mean_of_switching_copies_lies_between_the_two_ends():
    vesicle, active = vm.Vesicle(), 0.1
    lost, _ = by_classes(active)
    means = [
        vm.filling.simulate(
            vesicle,
            active=active,
            time_s=[2e4],
            method="mean",
            binding="telegraph",
            residence_s=stay,
        ).mean[0]
        for stay in (1.0, 120.0, 3600.0, 1e4)
    ]
    assert means[0] == pytest.approx(vesicle.content(active), rel=1e-3)
    assert means == sorted(means, reverse=True)
    assert means[2] > 0.94 * vesicle.content(active)
    assert means[-1] > lost


def test_the_tables_of_the_page_are_what_the_script_prints():
    residences = (600.0, 3600.0, None)
    for row in experiment.copy_rows(residences) + experiment.supply_rows():
        assert "| " + " | ".join(row) + " |" in PAGE
