"""Every method of filling follows one law, and the events that of the direct method."""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np

import vmatcore as vm
from tests.statistics.budget import statistical
from tests.statistics.gates import (
    binomial_total,
    bounded_mean,
    cells,
    mean_and_variance,
    poisson_total,
    time_rescaling,
)

filling = vm.filling
Steps = filling.Steps

STEPPED = Steps(time_s=[0, 30, 90], values=[1.0, 0.3, 0.7])
TIME_S = [10.0, 90.0, 200.0]

CASES = {
    "dopamine": (vm.Vesicle(), {}),
    "dopamine-stepped": (vm.Vesicle(), {"active": STEPPED}),
    "serotonin": (vm.Vesicle.serotonin(), {"start": 200}),
    "serotonin-stepped": (vm.Vesicle.serotonin(), {"active": STEPPED}),
    "norepinephrine": (vm.Vesicle.norepinephrine(), {"start": "full", "active": 0.2}),
    "norepinephrine-stepped": (
        vm.Vesicle.norepinephrine(),
        {"active": STEPPED, "cytosol_umol_l": Steps(time_s=[0, 50], values=[1.0, 4.0])},
    ),
    "telegraph": (
        vm.Vesicle(),
        {"active": STEPPED, "binding": "telegraph", "residence_s": 40.0},
    ),
    "irreversible": (vm.Vesicle(), {"active": STEPPED, "binding": "irreversible"}),
    "immigration-death": (filling.BirthDeath(birth_per_s=25.0, death_per_s=0.007), {}),
    "capacity": (filling.BirthDeath(birth_per_s=25.0, death_per_s=0.002, capacity=5000), {}),
}

VESICLES = {"closed_form": 40_000, "ssa": 20_000}


def spoiled(law, check):
    """Return the law with entry wrong by the factor of the check."""
    if isinstance(law, filling.BirthDeath):
        return dataclasses.replace(law, birth_per_s=law.birth_per_s * check.factor)
    return dataclasses.replace(law, kcat_per_s=law.kcat_per_s * check.factor)


def contents(case, check, method, vesicles):
    law, settings = case
    return filling.simulate(
        spoiled(law, check),
        time_s=TIME_S,
        vesicles=vesicles,
        seed=check.seed,
        method=method,
        **settings,
    ).molecules


@functools.cache
def law_of(name):
    law, settings = CASES[name]
    return filling.distribution(law, time_s=TIME_S, **settings)


def named(check):
    return check.name.rsplit("/", 1)[1]


def in_cells(check, case, method):
    law = law_of(named(check)).probability
    compare_cells(law, contents(case, check, method, VESICLES[method]), share=check.share)


def compare_cells(law, got, share):
    """Every twentieth of the law holds as many contents as it should, at every time."""
    for time in range(len(TIME_S)):
        below = np.cumsum(law[:, time])
        edges = np.unique(np.searchsorted(below, np.arange(1, 20) / 20))
        chance = np.diff(np.concatenate([[0.0], below[edges], [1.0]]))
        counts = np.bincount(np.searchsorted(edges, got[:, time]), minlength=len(chance))
        cells(counts, chance / chance.sum(), share=share / len(TIME_S))


@statistical("filling/closed-form/cells", cases=CASES)
def test_closed_form_fills_the_cells_of_the_master_equation(check, case):
    in_cells(check, case, "closed_form")


@statistical("filling/ssa/cells", cases=CASES)
def test_ssa_fills_the_cells_of_the_master_equation(check, case):
    in_cells(check, case, "ssa")


def moments(check, case, method):
    law = law_of(named(check))
    content = np.arange(len(law.probability))[:, None]
    fourth = ((content - law.mean) ** 4 * law.probability).sum(axis=0)
    got = contents(case, check, method, VESICLES[method])
    mean_and_variance(
        got, mean=law.mean, variance=law.variance, fourth_moment=fourth, share=check.share
    )


@statistical("filling/closed-form/moments", cases=CASES)
def test_closed_form_has_the_mean_and_variance_of_the_distribution(check, case):
    moments(check, case, "closed_form")


@statistical("filling/ssa/moments", cases=CASES)
def test_ssa_has_the_mean_and_variance_of_the_distribution(check, case):
    moments(check, case, "ssa")


@statistical("filling/protons/cells", cases={"constant": 1.0, "stepped": STEPPED})
def test_with_a_gradient_that_cannot_move_protons_change_nothing(check, case):
    """A vast buffer and capacitance hold the gradient: exit saturates, and that is all."""
    frozen = filling.ProtonSupply(
        pumps=0,
        proton_permeability_cm_s=0,
        chloride_exchangers=0,
        buffer_mmol_l=1e9,
        capacitance_uf_cm2=1e9,
        start_ph=5.8,
        start_potential_mv=20.0,
    )
    gradient = {"ph_lumen": 5.8, "potential_mv": 20.0}
    plain = vm.Vesicle(**gradient)
    saturation = plain.km_umol_l * plain.ceiling() / 1000
    law = filling.distribution(
        vm.Vesicle(lumen_km_mmol_l=saturation, **gradient), active=case, time_s=TIME_S
    ).probability
    got = filling.simulate(
        spoiled(vm.Vesicle(proton_supply=frozen), check),
        active=case,
        time_s=TIME_S,
        vesicles=8_000,
        seed=check.seed,
        method="ssa",
    ).molecules
    compare_cells(law, got, share=check.share)


TOTALS = {name: CASES[name] for name in ("immigration-death", "capacity")}


def total(check, case, method):
    law, _ = case
    got = contents(case, check, method, VESICLES[method])[:, -1]
    if law.capacity is None:
        mean = law.content() * -math.expm1(-law.death_per_s * TIME_S[-1])
        poisson_total(int(got.sum()), mean * len(got), share=check.share)
    else:
        each = law.birth_per_s / law.capacity
        rate = each + law.death_per_s
        chance = each / rate * -math.expm1(-rate * TIME_S[-1])
        binomial_total(int(got.sum()), law.capacity * len(got), chance, share=check.share)


@statistical("filling/closed-form/total", cases=TOTALS)
def test_all_molecules_of_the_closed_form_together_follow_their_exact_law(check, case):
    total(check, case, "closed_form")


@statistical("filling/ssa/total", cases=TOTALS)
def test_all_molecules_of_ssa_together_follow_their_exact_law(check, case):
    total(check, case, "ssa")


EVENTS = CASES | {
    "crowded": (vm.Vesicle(lumen_km_mmol_l=30.0), {"start": 1500}),
    "crowded-stepped": (vm.Vesicle(lumen_km_mmol_l=30.0), {"active": STEPPED}),
}
for _name in ("telegraph", "irreversible"):  # their rates are random themselves
    del EVENTS[_name]
# From a full vesicle most events are leaks, which the twin leaves alone.
EVENTS["norepinephrine"] = (vm.Vesicle.norepinephrine(), {"active": 0.2})

#: Of each vesicle the first so many events, fixed before the run.
EVENTS_EACH = 100


def rates_at(law, settings, time_s, content):
    """Entry and exit rates just before an event, written apart from the core."""
    share = settings.get("active", 1.0)
    share = share.at(time_s) if isinstance(share, Steps) else np.full(len(time_s), share)
    if isinstance(law, filling.BirthDeath):
        room = 1.0 if law.capacity is None else 1.0 - content / law.capacity
        return share * law.birth_per_s * room, content * law.death_per_s
    amine = settings.get("cytosol_umol_l", law.cytosol_umol_l)
    amine = amine.at(time_s) if isinstance(amine, Steps) else np.full(len(time_s), amine)
    litres = math.pi / 6 * 64000e-24
    lumen = content / (6.02214076e23 * litres) * 1e6
    gradient = 10 ** (2 * (7.4 - 5.5)) * math.exp(0.07 * 96485.33212 / (8.314462618 * 310.15))
    saturation = math.inf if law.lumen_km_mmol_l is None else 1000 * law.lumen_km_mmol_l
    crowd = lumen / saturation
    turnover = share * law.transporters * law.kcat_per_s / (1 + amine / law.km_umol_l + crowd)
    entry = turnover * amine / law.km_umol_l
    exit_ = turnover * lumen / (law.km_umol_l * gradient)
    return entry, exit_ + content * math.log(2) / 450.0


@statistical("filling/ssa/events", cases=EVENTS)
def test_events_come_at_the_rates_of_the_law(check, case):
    law, settings = case
    wrong = spoiled(law, check)
    got = filling.simulate(
        wrong,
        time_s=[400.0],
        vesicles=400,
        seed=check.seed,
        method="ssa",
        keep="events",
        **settings,
    )
    drive = settings.get("active")
    edges = np.array([0.0] if not isinstance(drive, Steps) else drive.time_s)
    amine = settings.get("cytosol_umol_l")
    if isinstance(amine, Steps):
        edges = np.union1d(edges, amine.time_s)
    waits, chosen, rates = [], [], []
    begin = filling.simulate(
        wrong, time_s=[0.0], vesicles=400, seed=check.seed, method="ssa", **settings
    ).molecules[:, 0]
    for row in range(400):
        times, changes = (part[:EVENTS_EACH] for part in got.of(row))
        assert len(times) == EVENTS_EACH
        content = begin[row] + np.concatenate([[0], np.cumsum(changes[:-1], dtype=int)])
        before = np.concatenate([[0.0], times[:-1]])
        # A wait may run through several rates: add rate times time over the pieces.
        hazard = np.zeros(EVENTS_EACH)
        for low, high in zip(edges, [*edges[1:], math.inf], strict=True):
            inside = np.clip(np.minimum(times, high) - np.maximum(before, low), 0, None)
            hazard += sum(rates_at(law, settings, np.full(EVENTS_EACH, low), content)) * inside
        here = np.stack(rates_at(law, settings, times, content), axis=1)
        waits.append(hazard / here.sum(axis=1))
        chosen.append((changes < 0).astype(int))
        rates.append(here)
    time_rescaling(
        np.concatenate(waits), np.concatenate(chosen), np.concatenate(rates), share=check.share
    )


@statistical("filling/ssa/occupied")
def test_the_share_of_places_taken_has_its_mean(check):
    law = filling.BirthDeath(birth_per_s=4.0 * check.factor, death_per_s=0.02, capacity=200)
    got = filling.simulate(
        law, time_s=[1000.0], vesicles=20_000, seed=check.seed, method="ssa"
    ).molecules[:, 0]
    bounded_mean(got / 200, mean=0.5, low=0, high=1, variance=0.25 / 200, share=check.share)


@statistical("filling/million/moments", cases={"linear": None, "limited": 5000})
def test_a_million_vesicles_have_the_closed_forms_mean_and_variance(check, case):
    law = filling.BirthDeath(birth_per_s=25.0 * check.factor, death_per_s=0.004, capacity=case)
    got = filling.simulate(law, time_s=[100.0], vesicles=1_000_000, seed=check.seed).molecules
    if case is None:
        mean = 25 / 0.004 * -math.expm1(-0.4)
        variance, fourth = mean, 3 * mean**2 + mean
    else:
        rate = 25 / case + 0.004
        chance = 25 / case / rate * -math.expm1(-rate * 100)
        mean, variance = case * chance, case * chance * (1 - chance)
        fourth = variance * (1 + (3 * case - 6) * chance * (1 - chance))
    mean_and_variance(
        got[:, 0], mean=mean, variance=variance, fourth_moment=fourth, share=check.share
    )


@statistical("filling/empty-share", cases={"half": 0.5, "a-fifth": 0.2, "a-tenth": 0.1})
def test_with_irreversible_binding_a_share_of_vesicles_stays_empty(check, case):
    vesicle = vm.Vesicle()
    got = filling.simulate(
        vesicle,
        active=min(1.0, case * check.factor),
        time_s=[3600.0],
        vesicles=400_000,
        seed=check.seed,
        binding="irreversible",
        keep=filling.Histogram(edges=[0, 1, 1e6]),
    )
    binomial_total(int(got.counts[0, 0]), 400_000, (1 - case) ** 10, share=check.share)
