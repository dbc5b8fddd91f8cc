"""A vesicle that spends its proton gradient: against the reference, SciPy and a published model."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

import vmatcore as vm
from tests.exact.test_filling import DRIVE, cohort
from tests.reference import protons as reference
from vmatcore.errors import ParameterError, ParameterTypeError
from vmatcore.filling import ProtonSupply, Steps

TIME_S = [0.0, 1.0, 4.0, 4.0, 9.0]
SUPPLIED = vm.Vesicle(proton_supply=ProtonSupply())
SHORT = Steps(time_s=[0, 2, 5], values=[1.0, 0.0, 0.4])

CASES = {
    "filling": (SUPPLIED, {}),
    "stepped": (SUPPLIED, {"active": SHORT, "start": 30}),
    "one proton": (vm.Vesicle(protons_per_amine=1, proton_supply=ProtonSupply()), {}),
    "spread": (
        vm.Vesicle(volume_cv=0.4, transporters_vary=True, proton_supply=ProtonSupply()),
        {"start": 5},
    ),
    "switching copies": (
        SUPPLIED,
        {"active": SHORT, "binding": "telegraph", "residence_s": 2.0},
    ),
    "lost copies": (SUPPLIED, {"active": SHORT, "binding": "irreversible"}),
    "full of amine": (
        vm.Vesicle(proton_supply=ProtonSupply(start_ph=5.4, lumen_chloride_mmol_l=1.0)),
        {"start": 2500},
    ),
    "nothing works": (
        vm.Vesicle(
            cytosol_umol_l=0.0,
            proton_supply=ProtonSupply(pumps=0, proton_permeability_cm_s=0, chloride_exchangers=0),
        ),
        {},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_equals_the_pure_python_reference_proton_for_proton(name):
    law, settings = CASES[name]
    got = vm.filling.simulate(law, time_s=TIME_S, vesicles=4, seed=5, method="ssa", **settings)
    vesicles = cohort(law, seed=5, time_s=TIME_S, **settings)
    for row in range(4):
        want = np.array(reference.ssa(vesicles, law.supply(), row))
        np.testing.assert_array_equal(got.molecules[row], want[:, 0])
        np.testing.assert_array_equal(got.ph[row], want[:, 1])
        np.testing.assert_array_equal(got.potential_mv[row], want[:, 2])


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_threads_and_rows_change_no_bit(threads):
    every = {"time_s": TIME_S, "method": "ssa", "seed": 3}
    want = vm.filling.simulate(SUPPLIED, vesicles=40, threads=1, **every)
    got = vm.filling.simulate(SUPPLIED, vesicles=40, threads=threads, **every)
    np.testing.assert_array_equal(got.molecules, want.molecules)
    np.testing.assert_array_equal(got.potential_mv, want.potential_mv)
    part = vm.filling.simulate(SUPPLIED, vesicles=5, first=20, **every)
    np.testing.assert_array_equal(part.ph, want.ph[20:25])
    kept = vm.filling.simulate(SUPPLIED, vesicles=40, keep=vm.filling.Moments(), **every)
    np.testing.assert_allclose(kept.mean, want.molecules.mean(axis=0), rtol=1e-14)


def slopes(law, active):
    """The rate equations written apart from the core, from the constants of the vesicle."""
    supply = law.supply()

    def slope(_, state):
        molecules, protons, chloride = state
        lumen = reference.Lumen(supply, 1.0, 1.0, 0.0)
        lumen.molecules, lumen.protons, lumen.chloride = molecules, protons, chloride
        influx, efflux, _ = (float(c[0]) for c in law.per_copy(np.array([law.cytosol_umol_l])))
        rates = lumen.rates(influx, efflux, active * law.transporters, law.leak_per_s())
        flow = [0.0, 0.0, 0.0]
        for rate, change in zip(rates, reference.CHANGES, strict=True):
            flow[0] += rate * change[0]
            flow[1] += rate * (change[1] + law.protons_per_amine * change[2])
            flow[2] += rate * change[3]
        return flow

    return slope, [0.0, 0.0, math.floor(supply["start_chloride"])]


@pytest.mark.parametrize("active", [1.0, 0.2])
def test_the_rate_equations_equal_a_solution_of_scipy(active):
    slope, start = slopes(SUPPLIED, active)
    times = [2.0, 30.0, 400.0]
    want = integrate.solve_ivp(
        slope, (0, 400), start, t_eval=times, rtol=1e-11, atol=1e-9, method="LSODA"
    ).y
    got = vm.filling.simulate(SUPPLIED, active=active, time_s=times, method="mean")
    np.testing.assert_allclose(got.mean, want[0], rtol=1e-7)
    np.testing.assert_allclose(got.ph, 6.6 - want[1] / SUPPLIED.supply()["buffer_protons"])


def test_an_empty_vesicle_ends_at_the_published_gradient():
    # The published model at 35 degrees with 1.4 pumps: pH 6.6 to 5.98 with a half-time of about
    # 7 s, +29 mV at the end (Synthetic-Physiology-Lab/SynapticVesicles, re-run).
    bare = vm.Vesicle(cytosol_umol_l=0.0, temperature_k=308.15, proton_supply=ProtonSupply())
    got = vm.filling.simulate(bare, time_s=[7.0, 300.0], method="mean")
    assert got.ph[1] == pytest.approx(5.98, abs=0.01)
    assert got.potential_mv[1] == pytest.approx(29, abs=1)
    assert (6.6 - got.ph[0]) / (6.6 - got.ph[1]) == pytest.approx(0.5, abs=0.05)


def test_the_cell_pumps_protons_first_and_amine_follows():
    times = np.arange(0.0, 300.0, 1.0)
    got = vm.filling.simulate(SUPPLIED, time_s=times, method="mean")
    half_ph = np.argmax(got.ph < (got.ph[0] + got.ph[-1]) / 2)
    half_amine = np.argmax(got.mean > got.mean[-1] / 2)
    assert 3 < half_ph < half_amine < 60


def test_a_filling_vesicle_is_less_acid_than_an_empty_one_while_it_fills():
    times = np.linspace(0.0, 30.0, 31)
    filling = vm.filling.simulate(SUPPLIED, time_s=times, method="mean")
    empty = vm.filling.simulate(SUPPLIED, active=0.0, time_s=times, method="mean")
    assert (filling.ph[1:] > empty.ph[1:]).all()


def test_the_content_at_the_end_is_what_its_own_gradient_and_its_leak_allow():
    got = vm.filling.simulate(SUPPLIED, time_s=[3600.0], method="mean")
    held = vm.Vesicle(ph_lumen=float(got.ph[0]), potential_mv=float(got.potential_mv[0]))
    saturating = vm.Vesicle(
        ph_lumen=held.ph_lumen,
        potential_mv=held.potential_mv,
        lumen_km_mmol_l=held.km_umol_l * held.ceiling() / 1000,
    )
    assert got.mean[0] == pytest.approx(saturating.content(), rel=1e-9)


def test_wrong_supplies_are_refused_in_words():
    with pytest.raises(ParameterTypeError, match="`proton_supply` must be a ProtonSupply, got 3"):
        vm.Vesicle(proton_supply=3)
    with pytest.raises(ParameterError, match="`lumen_km_mmol_l` must be left out"):
        vm.Vesicle(proton_supply=ProtonSupply(), lumen_km_mmol_l=50.0)
    with pytest.raises(ParameterError, match=r"`pumps` must be .*, got -1"):
        ProtonSupply(pumps=-1)
    for what in ("content", "law", "refill_s"):
        with pytest.raises(ParameterError, match="without a proton supply"):
            getattr(SUPPLIED, what)()
    with pytest.raises(ParameterError, match="without a proton supply"):
        SUPPLIED.rates(10)
    every = {"time_s": [1.0], "vesicles": 2, "seed": 1}
    with pytest.raises(ParameterError, match=r'`method` must be "ssa" or "mean".*proton supply'):
        vm.filling.simulate(SUPPLIED, **every)
    with pytest.raises(ParameterError, match="`keep` must be"):
        vm.filling.simulate(SUPPLIED, method="ssa", keep="events", **every)
    with pytest.raises(ParameterError, match="`start` must be a number"):
        vm.filling.simulate(SUPPLIED, method="ssa", start="full", **every)
    with pytest.raises(ParameterError, match="without a proton supply for a distribution"):
        vm.filling.distribution(SUPPLIED, time_s=[1.0])
    with pytest.raises(ParameterError, match='must be "ssa"'):
        vm.filling.simulate(SUPPLIED, active=DRIVE, method="mean", binding="telegraph", **every)


def test_every_constant_of_a_supply_has_a_source():
    sources = ProtonSupply.sources()
    assert set(ProtonSupply.__dataclass_fields__) <= set(sources)
    for name, quantity in sources.items():
        low, high = quantity.spread
        assert low <= quantity.value <= high, name
        assert quantity.source
    for name in ProtonSupply.__dataclass_fields__:
        assert getattr(ProtonSupply(), name) == sources[name].value


def test_a_supply_with_very_many_exchangers_is_solved_and_never_not_a_number():
    """Too long a first step leaves fewer than no protons: it is taken again, shorter."""
    reads = [0.0, 1.0, 10.0, 600.0]
    for exchangers in (300.0, 1000.0):
        law = vm.Vesicle(proton_supply=ProtonSupply(chloride_exchangers=exchangers))
        found = vm.filling.simulate(law, method="mean", time_s=reads)
        for values in (found.mean, found.ph, found.potential_mv):
            assert np.isfinite(values).all()
        assert (found.mean >= 0).all()
