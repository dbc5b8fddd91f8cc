"""The numbers a vesicle states, against plain formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

import vmatcore as vm

FARADAY, GAS = 96485.33212, 8.314462618


def test_the_defaults_give_the_content_and_the_refill_time_they_should():
    vesicle = vm.Vesicle()
    assert vesicle == vm.Vesicle.dopamine().__class__()
    assert vesicle.content() == pytest.approx(2996, abs=2)
    assert vesicle.refill_s() == pytest.approx(229, abs=0.5)
    ratios = [vesicle.content(active) / vesicle.content() for active in (0.5, 0.2, 0.1)]
    np.testing.assert_allclose(ratios, [0.74, 0.41, 0.24], atol=0.005)


def test_one_proton_cannot_fill_a_vesicle_and_two_can():
    one, two = vm.Vesicle(protons_per_amine=1), vm.Vesicle()
    assert one.ceiling() == pytest.approx(10**1.9, rel=1e-12)
    assert round(one.content()) == 4
    assert two.ceiling() == pytest.approx(8.66e4, rel=2e-3)


@pytest.mark.parametrize("protons", [1, 2])
@pytest.mark.parametrize(("outside", "inside"), [(7.4, 5.5), (7.2, 5.78), (7.0, 7.0)])
@pytest.mark.parametrize("millivolt", [-30.0, 0.0, 70.0])
def test_the_ceiling_is_the_thermodynamic_one(protons, outside, inside, millivolt):
    vesicle = vm.Vesicle(
        protons_per_amine=protons, ph_cytosol=outside, ph_lumen=inside, potential_mv=millivolt
    )
    logarithm = protons * math.log(10) * (outside - inside)
    logarithm += (protons - 1) * FARADAY * millivolt / 1000 / (GAS * 310.15)
    assert vesicle.ceiling() == pytest.approx(math.exp(logarithm), rel=1e-12)


def test_the_published_ceilings_with_two_protons_come_out():
    low = vm.Vesicle(ph_cytosol=7.2, ph_lumen=5.78, potential_mv=0)
    assert low.ceiling() == pytest.approx(7e2, rel=0.02)
    assert vm.Vesicle().ceiling() == pytest.approx(9e4, rel=0.05)


@pytest.mark.parametrize("saturation", [None, 50.0])
@pytest.mark.parametrize("active", [0.01, 0.3, 1.0])
def test_without_a_leak_both_directions_balance_at_the_ceiling(active, saturation):
    vesicle = vm.Vesicle(leak_half_time_s=math.inf, lumen_km_mmol_l=saturation)
    entering, leaving = vesicle.rates(vesicle.ceiling_molecules(), active)
    assert float(entering) == pytest.approx(float(leaving), rel=1e-12)
    assert vesicle.content(active) == pytest.approx(vesicle.ceiling_molecules(), rel=1e-12)


@pytest.mark.parametrize("saturation", [None, 50.0])
@pytest.mark.parametrize("active", [0.0, 0.1, 1.0])
def test_entry_equals_exit_at_the_stated_content(active, saturation):
    vesicle = vm.Vesicle(lumen_km_mmol_l=saturation)
    entering, leaving = vesicle.rates(vesicle.content(active), active)
    assert float(entering) == pytest.approx(float(leaving), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("preset", ["dopamine", "serotonin", "norepinephrine"])
def test_every_preset_is_made_of_its_sources(preset):
    vesicle = getattr(vm.Vesicle, preset)()
    for name, quantity in vm.Vesicle.sources(preset).items():
        assert getattr(vesicle, name) == quantity.value, name
        assert quantity.source
        low, high = quantity.spread
        assert low <= quantity.value <= high


def test_every_number_of_the_defaults_has_a_source():
    options = {"volume_l", "lumen_km_mmol_l", "proton_supply", "volume_cv", "transporters_vary"}
    assert set(vm.Vesicle.__dataclass_fields__) - options == set(vm.Vesicle.sources())


def test_volume_and_diameter_say_the_same():
    by_diameter = vm.Vesicle(diameter_nm=46.0)
    by_volume = vm.Vesicle(volume_l=by_diameter.litres())
    assert by_volume.content() == by_diameter.content()
    assert vm.Vesicle().litres() == pytest.approx(3.35e-20, rel=1e-3)


def test_content_scales_with_the_volume_at_every_share_of_working_transporters():
    # The same seed draws the same volumes, so contents divided by them agree with and without drug.
    sized = vm.Vesicle(volume_cv=0.4, transporters=1000.0)
    every = {"time_s": [5000.0], "vesicles": 4000, "seed": 8}
    for active in (1.0, 0.1):
        with_spread = vm.filling.simulate(sized, active=active, **every).molecules[:, 0]
        noise = 1.0 / sized.content(active)
        cv = with_spread.std() / with_spread.mean()
        assert math.sqrt(cv**2 - noise) == pytest.approx(0.4, abs=0.02)
