"""Occupancy: the law by hand, and binding for good against a tight integration."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import vmatcore as vm
from tests.reference import occupancy as reference
from tests.reference.pk import Dose, System
from vmatcore.drugs import Affinity, Quantity
from vmatcore.occupancy import OFF_TARGETS

RESERPINE = vm.drugs.get("reserpine")


def changed(*, name="own", on=0.87, ki=12.0, recovery_h=120.0, **parameters):
    """Return reserpine with other numbers, under a name of its own."""
    moiety = replace(
        RESERPINE.moieties[0],
        name=name,
        affinities={"VMAT2": Affinity(ki=Quantity.of(ki, "nmol/L"))},
        irreversible_on=None if on is None else Quantity.of(on, "L/nmol/h"),
        recovery_half_time=None if recovery_h is None else Quantity.of(recovery_h, "h"),
    )
    places = [replace(place, moiety=place.moiety and name) for place in RESERPINE.compartments]
    drug = RESERPINE.with_parameters(parameters)
    return replace(
        drug, name=name, moieties=(moiety,), compartments=tuple(places), reported_together={}
    )


def integrated(drug, regimen, time_h, *, recovery_h=120.0, guards=()):
    """Return the reference's bound share for drugs that have the graph of reserpine."""
    brain, gain, loss, doses, ligands = vm.pk.Brain.default(), [], [], [], []
    for taken in (drug, *guards):
        number = {name: quantity.value for name, quantity in taken.parameters.items()}
        moiety = taken.moieties[0]
        gut = len(loss)
        central, tissue, mind = gut + 1, gut + 2, gut + 3
        entry, leaving, free = brain.rates(moiety)
        absorbed, volume = number["absorption_rate"], number["central_volume"]
        gain += [
            (central, gut, absorbed * number["fraction_absorbed"]),
            (tissue, central, number["exchange"] / volume),
            (central, tissue, number["exchange"] / number["peripheral_volume"]),
            (mind, central, entry * moiety.fraction_unbound.value / volume),
        ]
        cleared = (number["exchange"] + number["clearance"]) / volume
        loss += [absorbed, cleared, number["exchange"] / number["peripheral_volume"], leaving]
        nmol_per_mg = 1e6 / number["molar_mass"]
        mine = [dose for dose in vm.Regimen.parse(regimen).doses() if dose.drug == taken.name]
        doses += [Dose(gut, dose.dose_mg * nmol_per_mg, dose.time_h) for dose in mine]
        on = moiety.irreversible_on.value if moiety.irreversible_on else 0.0
        ligands.append(reference.Ligand(mind, free, moiety.affinities["VMAT2"].ki.value, on))
    rate = math.log(2) / recovery_h
    return np.array(reference.bound(System(gain, loss), doses, ligands, rate, time_h))


def simulated(drug, regimen, time_h, *others, **options):
    return vm.simulate(regimen, time_h=time_h, drugs=[drug, *others], **options).occupancy


# -- reversible ------------------------------------------------------------------------


@pytest.mark.parametrize("regimen", [
    "valbenazine 80 mg q24h x 3",
    "tetrabenazine 25 mg q8h x 6",
    "deutetrabenazine 12 mg q12h x 4 & valbenazine 40 mg q24h x 2",
])  # fmt: skip
@pytest.mark.parametrize("target", ["VMAT2", *OFF_TARGETS])
def test_ligands_compete_for_a_target_by_the_law_of_mass_action(regimen, target):
    run = vm.simulate(regimen, every_h=3.0, subjects=[vm.Subject(), vm.Subject(cyp2d6="poor")])
    unbound = run.pk.brain_unbound_nmol_l
    moieties = [(row, moiety) for row, moiety in enumerate(run.pk.moieties)]

    def law(at_most):
        known = [
            (row, moiety.affinities[target].ki.value)
            for row, moiety in moieties
            if target in moiety.affinities and (at_most or not moiety.affinities[target].at_least)
        ]
        return [
            [
                reference.held([subject[row, i] for row, _ in known], [ki for _, ki in known])
                for i in range(unbound.shape[2])
            ]
            for subject in unbound
        ]

    if target == "VMAT2":
        np.testing.assert_allclose(run.occupancy.vmat2, law(at_most=True), rtol=1e-14)
        np.testing.assert_array_equal(run.occupancy.active, 1 - run.occupancy.vmat2)
        assert not run.occupancy.bound.any()
        assert run.occupancy.recovery_half_time_h is None
    else:
        held = run.occupancy.off_target[target]
        np.testing.assert_allclose(held, law(at_most=False), rtol=1e-14)
        at_most = run.occupancy.off_target_at_most[target]
        np.testing.assert_allclose(at_most, law(at_most=True), rtol=1e-14)
        assert (at_most >= held).all()


def test_a_published_lower_bound_counts_only_at_most_and_an_unknown_affinity_is_named():
    held = vm.simulate("valbenazine 80 mg q24h x 3").occupancy
    assert not held.off_target["D2"].any()  # both moieties have bounds alone
    assert held.off_target_at_most["D2"].max() > 0
    assert not held.off_target_at_most["5-HT7"].any()
    assert held.no_affinity_known == {"D2": (), "5-HT7": ("valbenazine", "(+)-alpha-HTBZ")}
    racemate = vm.simulate("tetrabenazine 25 mg").occupancy
    assert "(-)-beta-HTBZ" not in racemate.no_affinity_known["5-HT7"]
    assert "(+)-beta-HTBZ" in racemate.no_affinity_known["5-HT7"]


def test_a_second_ligand_takes_less_than_it_would_alone_and_the_loads_add_up():
    one, other = "valbenazine 40 mg q24h x 3", "tetrabenazine 12.5 mg q8h x 9"
    together = vm.simulate(f"{one} & {other}", time_h=[49.0, 60.0]).occupancy.vmat2
    alone = [vm.simulate(regimen, time_h=[49.0, 60.0]).occupancy.vmat2 for regimen in (one, other)]
    load = [share / (1 - share) for share in (together, *alone)]
    np.testing.assert_allclose(load[0], load[1] + load[2], rtol=1e-12)
    assert (together < alone[0] + alone[1]).all()


def test_half_is_held_at_the_dissociation_constant():
    drug = changed(on=None)
    peak = vm.pk.simulate("own 1 mg", drugs=[drug]).brain_unbound_nmol_l[0, 0]
    same = changed(on=None, ki=float(peak.max()))
    held = vm.simulate("own 1 mg", drugs=[same]).occupancy.vmat2
    assert held.max() == pytest.approx(0.5, abs=1e-15)


def test_no_dose_holds_nothing():
    held = vm.simulate("nothing", time_h=[0.0, 5.0]).occupancy
    np.testing.assert_array_equal(held.vmat2, [[0.0, 0.0]])
    np.testing.assert_array_equal(held.active, [[1.0, 1.0]])


# -- for good --------------------------------------------------------------------------

LABEL = "own 0.5 mg q24h x 14 then 0.25 mg q24h x 14"
TIMES = [0.0, 0.3, 1.0, 2.5, 7.0, 23.9, 24.0, 25.0, 100.0, 335.0, 337.0, 600.0, 700.0, 1300.0]

# The promise is 1e-6, the aim 1e-7. Seen: 1.5e-7 (label 1.3e-7),
# 3.7e-7 when absorbed fast, 5.5e-7 in the first half hour of a very fast ligand.
CASES = {
    "label": (LABEL, {}),
    "once": ("own 0.25 mg", {}),
    "once, late": ("own 0.25 mg after 24 h", {}),
    "fast": (LABEL, {"on": 40.0}),
    "very fast": ("own 0.25 mg q24h x 5", {"on": 1000.0}),
    "tight": (LABEL, {"ki": 0.05, "on": 20.0}),
    "short-lived": (LABEL, {"recovery_h": 33.6}),
    "long-lived": ("own 2 mg q8h x 30", {"recovery_h": 4000.0}),
    "absorbed fast": ("own 0.25 mg q24h x 5", {"absorption_rate": 4.0, "clearance": 60.0}),
}


@pytest.mark.parametrize("case", CASES)
def test_binding_for_good_equals_the_tight_integration(case):
    regimen, numbers = CASES[case]
    drug = changed(**numbers)
    want = integrated(drug, regimen, TIMES, recovery_h=numbers.get("recovery_h", 120.0))
    got = simulated(drug, regimen, TIMES).bound[0]
    after = want > 0
    assert not got[~after].any()
    worst = np.abs(got[after] / want[after] - 1).max()
    assert worst < 1e-6, f"{worst:.2g}"


def test_a_reversible_ligand_protects_as_the_integration_says():
    guard = changed(name="guard", on=None, ki=0.05)
    regimen = "own 0.25 mg q24h x 10 & guard 1 mg q12h x 20"
    want = integrated(changed(), regimen, TIMES, guards=[guard])
    got = simulated(changed(), regimen, TIMES, guard).bound[0]
    np.testing.assert_allclose(got[1:], want[1:], rtol=1e-6)  # seen: 1e-7
    unguarded = simulated(changed(), "own 0.25 mg q24h x 10", TIMES).bound[0]
    assert (got[4:] < 0.9 * unguarded[4:]).all()


def test_tetrabenazine_protects_from_reserpine():
    alone = vm.simulate("reserpine 0.25 mg q24h x 14")
    both = vm.simulate("reserpine 0.25 mg q24h x 14 & tetrabenazine 25 mg q8h x 42")
    last = both.occupancy.bound[0, -1], alone.occupancy.bound[0, -1]
    assert 0.05 < last[0] < 0.8 * last[1]


def test_what_is_held_is_what_is_bound_and_the_reversible_share_of_the_rest():
    run = vm.simulate("reserpine 0.25 mg q24h x 5 & tetrabenazine 25 mg q8h x 9", every_h=5.0)
    unbound, gone = run.pk.brain_unbound_nmol_l[0], run.occupancy.bound[0]
    ki = [moiety.affinities["VMAT2"].ki.value for moiety in run.pk.moieties]
    want = [reference.held(list(unbound[:, i]), ki, gone[i]) for i in range(len(gone))]
    np.testing.assert_allclose(run.occupancy.vmat2[0], want, rtol=1e-14)


@pytest.mark.parametrize("on", [0.87, 40.0])
@pytest.mark.parametrize("regimen", [LABEL, "own 0.25 mg"])
def test_the_read_times_change_no_value(regimen, on):
    drug = changed(on=on)
    fine = np.arange(0.0, 700.0, 0.25)
    dense = simulated(drug, regimen, fine).bound[0]
    for every in (7, 97, 1200):
        coarse = simulated(drug, regimen, fine[::every]).bound[0]
        np.testing.assert_allclose(coarse[1:], dense[::every][1:], rtol=1e-6)  # seen: 1.6e-7
    alone = simulated(drug, regimen, [600.0]).bound[0, 0]
    assert alone == pytest.approx(dense[2400], rel=1e-6)


def test_recovery_after_washout_is_exponential_with_its_half_time():
    drug = changed(on=40.0, clearance=200.0, exchange=0.0)  # gone from plasma and brain within days
    for half_time in (33.6, 120.0, 432.0):
        time_h = 700.0 + half_time * np.arange(4.0)
        bound = simulated(drug, "own 5 mg q24h x 14", time_h, recovery_half_time_h=half_time).bound[
            0
        ]
        np.testing.assert_allclose(bound[1:] / bound[:-1], 0.5, rtol=1e-10)
        assert bound[0] > 1e-5


def test_without_renewal_nothing_is_lost_and_a_half_time_of_the_caller_goes_first():
    kept = simulated(changed(recovery_h=None), "own 0.25 mg q24h x 5", [120.0, 1000.0, 9000.0])
    assert kept.recovery_half_time_h == math.inf
    assert (np.diff(kept.bound[0]) >= 0).all()
    own = simulated(changed(recovery_h=50.0), LABEL, TIMES)
    given = simulated(changed(recovery_h=120.0), LABEL, TIMES, recovery_half_time_h=50.0)
    assert given.recovery_half_time_h == own.recovery_half_time_h == 50.0
    np.testing.assert_array_equal(given.bound, own.bound)


def assert_a_share(held):
    assert held.bound.min() == 0.0
    assert held.bound.max() <= 1.0
    assert held.vmat2.max() <= 1.0
    assert (held.vmat2 >= held.bound).all()


@pytest.mark.parametrize("on", [1e-3, 0.87, 40.0, 1000.0])
@pytest.mark.parametrize("recovery_h", [0.5, 33.6, 432.0])
def test_the_bound_share_never_leaves_0_to_1(on, recovery_h):
    drug = changed(on=on, recovery_h=recovery_h)
    assert_a_share(simulated(drug, "own 5 mg q12h x 20", np.arange(0.0, 400.0, 1.7)))


@pytest.mark.parametrize("on", [0.87, 40.0, 1000.0])
def test_the_bound_share_never_leaves_0_to_1_without_renewal(on):
    drug = changed(on=on, recovery_h=None)
    assert_a_share(simulated(drug, "own 5 mg q12h x 20", np.arange(0.0, 400.0, 1.7)))


def test_a_run_without_renewal_can_be_read_again():
    run = vm.simulate("own 5 mg q24h x 3", drugs=[changed(recovery_h=None)])
    alone, with_more = (run.read(reads).occupancy.bound[0, 0] for reads in ([70.0], [70.0, 80.0]))
    # Which steps lead to a read depends on what is read after it; the digits do not.
    assert alone == pytest.approx(with_more, rel=1e-14)


def test_every_subject_is_its_own():
    weights = [50.0, 70.0, 120.0] * 30  # more than one block
    drug = replace(
        changed(),
        weight_exponents={"clearance": "fraction_absorbed"},
    )
    people = [vm.Subject(weight_kg=weight) for weight in weights]
    held = simulated(drug, "own 0.25 mg q24h x 4", [50.0, 99.0], subjects=people).bound
    for row in (0, 1, 2):
        single = simulated(drug, "own 0.25 mg q24h x 4", [50.0, 99.0], subject=people[row]).bound
        np.testing.assert_array_equal(held[row::3], np.repeat(single, 30, axis=0))
    assert held[0, 1] > held[1, 1] > held[2, 1]
