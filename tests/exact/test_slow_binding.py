"""Slow binding and the brain of two pools: their limits, and an independent solver."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import vmatcore as vm
from vmatcore import lipophilicity, occupancy, pk
from vmatcore.drugs import Quantity
from vmatcore.errors import ParameterError

TIME_H = np.concatenate([[0.0, 0.1, 0.5], np.arange(1.0, 60.0, 1.0)])


def slowed(drug, off_per_h):
    """Return a drug some of whose moieties leave VMAT2 at these rates."""
    moieties = []
    for moiety in drug.moieties:
        rate = off_per_h.get(moiety.name)
        if rate is not None:
            rate = Quantity(value=rate, unit="1/h", source="test", status="assumed")
        moieties.append(replace(moiety, dissociation_rate=rate))
    return replace(drug, moieties=tuple(moieties))


def held(drugs, regimen, time_h=TIME_H, **settings):
    run = pk.simulate(regimen, time_h=time_h, drugs=drugs, **settings)
    return occupancy.simulate(run)


VALBENAZINE = vm.drugs.get("valbenazine")
REGIMEN = "valbenazine 80 mg q24h x 2"


def test_a_fast_k_off_is_the_equilibrium():
    fast = slowed(VALBENAZINE, {"(+)-alpha-HTBZ": 40.0})
    got, want = held([fast], REGIMEN).vmat2, held([VALBENAZINE], REGIMEN).vmat2
    faster = slowed(VALBENAZINE, {"(+)-alpha-HTBZ": 400.0})
    closer = held([faster], REGIMEN).vmat2
    assert np.abs(closer - want).max() < 2e-3
    # The lag is 1/k_off, so ten times faster is ten times closer.
    ratio = np.abs(got - want)[0, 5:].max() / np.abs(closer - want)[0, 5:].max()
    assert 8 < ratio < 12


def by_scipy(run, off_per_h, irreversible_on, recovery_per_h):
    """Solve the same equations with an implicit method and the exact concentrations."""
    names = [moiety.name for moiety in run.moieties]
    per_ki = np.array([moiety.per_ki("VMAT2") for moiety in run.moieties])
    off = np.array([off_per_h.get(name, 0.0) for name in names])
    on = np.where(off > 0, off * per_ki, 0.0)
    fast = np.where(off > 0, 0.0, per_ki)
    on_for_good = np.array([irreversible_on.get(name, 0.0) for name in names])
    grid = np.arange(0.0, TIME_H[-1] + 1e-9, 1 / 512)
    at = run.read(grid).brain_unbound_nmol_l[0]

    def slope(time, share):
        free_drug = np.array([np.interp(time, grid, row) for row in at])
        free = (1 - share.sum()) / (1 + (free_drug * fast).sum())
        change = on * free_drug * free - off * share[:-1]
        good = (on_for_good * free_drug).sum() * free - recovery_per_h * share[-1]
        return np.append(change, good)

    answer = solve_ivp(
        slope, (0, TIME_H[-1]), np.zeros(len(names) + 1), t_eval=TIME_H, method="LSODA",
        rtol=1e-9, atol=1e-11, max_step=0.1,
    )  # fmt: skip
    shares = answer.y
    free_drug = run.brain_unbound_nmol_l[0]
    load = (free_drug * fast[:, None]).sum(axis=0)
    taken = shares.sum(axis=0)
    return taken + (1 - taken) * load / (1 + load), shares[-1]


def test_slow_ligands_compete_with_each_other_and_with_fast_ones():
    off = {"(+)-alpha-HTBZ": 0.2, "(+)-beta-HTBZ": 1.5}
    drug = slowed(vm.drugs.get("tetrabenazine"), off)
    found = held([drug], "tetrabenazine 25 mg q8h x 4")
    want, _ = by_scipy(found.pk, off, {}, 0.0)
    np.testing.assert_allclose(found.vmat2[0], want, atol=2e-6)
    assert not found.bound.any()


def test_a_slow_ligand_protects_against_one_that_binds_for_good():
    off = {"(+)-alpha-HTBZ": 0.05}
    drug = slowed(VALBENAZINE, off)
    regimen = "valbenazine 80 mg & reserpine 1 mg after 3 h"
    found = held([drug], regimen)
    reserpine = next(m for m in found.pk.moieties if m.irreversible_on is not None)
    rate = np.log(2) / found.recovery_half_time_h
    on = {reserpine.name: reserpine.irreversible_on.value}
    want, bound = by_scipy(found.pk, off, on, rate)
    np.testing.assert_allclose(found.bound[0], bound, atol=2e-6)
    np.testing.assert_allclose(found.vmat2[0], want, atol=2e-6)
    alone = held([], "reserpine 1 mg after 3 h")
    assert found.bound[0, -1] < alone.bound[0, -1]


def test_occupancy_outlasts_plasma_by_the_residence_of_a_slow_ligand():
    drug = slowed(vm.drugs.get("tetrabenazine"), {"(+)-beta-HTBZ": 0.01})
    late = [150.0, 250.0]
    found = held([drug], "tetrabenazine 25 mg", time_h=late)
    plasma = found.pk.plasma_nmol_l[0].sum(axis=0)
    assert plasma[1] / plasma[0] < 0.01
    assert found.vmat2[0, 1] / found.vmat2[0, 0] == pytest.approx(np.exp(-1.0), rel=0.01)


INFUSED = [
    (slowed(VALBENAZINE, {"(+)-alpha-HTBZ": 1.0}), 'at 0.27 mg/h into "(+)-alpha-HTBZ"', "8"),
    (vm.drugs.get("reserpine"), 'at 0.0016872 mg/h into "reserpine"', "0.05"),
]


@pytest.mark.parametrize(("drug", "how", "dose_mg"), INFUSED, ids=["slow", "for good"])
def test_the_read_times_change_no_value_after_an_infusion(drug, how, dose_mg):
    regimen = f"{drug.name} {dose_mg} mg {how}"
    some = np.array([30.2, 32.0, 60.0])
    dense = np.unique(np.concatenate([np.arange(0.0, 61.0, 1 / 64), some]))
    got = held([drug], regimen, some).vmat2[0]
    want = held([drug], regimen, dense).vmat2[0, np.searchsorted(dense, some)]
    # Seen: 1e-7 of all transporters, when most of a slow ligand has left; else 2e-9.
    np.testing.assert_allclose(got, want, rtol=1e-7, atol=2e-7)


def test_subjects_and_threads_change_no_bit_of_slow_binding():
    drug = slowed(VALBENAZINE, {"(+)-alpha-HTBZ": 0.3})
    people = [vm.Subject(weight_kg=40.0 + i) for i in range(70)]
    run = pk.simulate(REGIMEN, time_h=TIME_H, drugs=[drug], subjects=people)
    together = [occupancy.simulate(run, threads=n).vmat2.tobytes() for n in (1, 3)]
    assert together[0] == together[1]
    one = occupancy.simulate(run.of_subjects(slice(66, 67))).vmat2
    assert occupancy.simulate(run).vmat2[66:67].tobytes() == one.tobytes()


def test_a_steady_state_with_slow_binding_is_refused_in_words():
    drug = slowed(VALBENAZINE, {"(+)-alpha-HTBZ": 0.3})
    with pytest.raises(ParameterError, match=r"binds slowly or for good.*give the doses"):
        held([drug], "valbenazine 80 mg q24h x 3 ss1")


def test_a_rate_without_an_affinity_is_an_error():
    rate = Quantity(value=1.0, unit="1/h", source="test", status="assumed")
    probe = lipophilicity.probe(2.0).moieties[0]
    with pytest.raises(ParameterError, match="must come with a Ki at VMAT2"):
        replace(probe, dissociation_rate=rate)


# -- the brain of two pools ------------------------------------------------------------


def brain_course(log_p, brain, regimen="probe 10 mg q12h x 3"):
    drug = lipophilicity.probe(log_p)
    run = pk.simulate(regimen, time_h=np.arange(0.0, 60.0, 0.25), drugs=[drug], brain=brain)
    return run.brain_unbound_nmol_l[0, 0]


@pytest.mark.parametrize("log_p", [1.0, 3.0, 5.0])
def test_fast_exchange_with_membranes_is_one_pool(log_p):
    one = brain_course(log_p, pk.Brain.default())
    errors = []
    for rate in (1e3, 1e4):
        two = brain_course(log_p, pk.Brain.default(pools=2, membrane_exit=rate))
        errors.append(np.abs(two - one)[1:].max() / one.max())
    assert errors[0] < 2e-2
    assert 6 < errors[0] / errors[1] < 15


def test_slow_membranes_let_water_rise_first_and_fall_back_later():
    one = brain_course(5.0, pk.Brain.default(), "probe 10 mg")
    two = brain_course(5.0, pk.Brain.default(pools=2, membrane_exit=0.02), "probe 10 mg")
    assert two[4] > 2 * one[4]
    assert two.max() > 1.5 * one.max()


def test_two_pools_have_the_same_steady_state_mean():
    means = []
    for brain in (pk.Brain.default(), pk.Brain.default(pools=2, membrane_exit=0.5)):
        drug = lipophilicity.probe(4.0)
        time_h = np.linspace(0.0, 12.0, 481)
        run = pk.simulate("probe 10 mg q12h x 1 ss1", time_h=time_h, drugs=[drug], brain=brain)
        means.append(np.trapezoid(run.brain_unbound_nmol_l[0, 0], time_h))
    assert means[0] == pytest.approx(means[1], rel=1e-5)


@pytest.mark.parametrize("pools", [0, 3])
def test_a_brain_has_one_or_two_pools(pools):
    with pytest.raises(ParameterError, match="`pools` must be in \\[1, 2\\]"):
        pk.Brain.default(pools=pools)
