"""Release follows its laws: counts, failures, amplitudes, contents, and what analysis finds."""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
from scipy import stats

import vmatcore as vm
from tests.statistics.budget import statistical
from tests.statistics.gates import (
    binomial_sum,
    binomial_total,
    bounded_mean,
    cells,
    mean_and_variance,
)

release, spikes = vm.release, vm.spikes

SYNAPSES = {
    "benchmark": vm.Synapse(sites=20, probability=0.06),
    "dopamine": vm.Synapse.dopamine(),
    "one-site": vm.Synapse(sites=1, probability=0.4, refill_s=0.5),
    "slow-refill": vm.Synapse(sites=6, probability=0.8, refill_s=0.3),
    "sampled": vm.Synapse(sites=70, probability=0.3, refill_s=1.0),
}
TRAIN = spikes.from_times([0.0, 0.1, 0.35, 1.2, 1.25, 3.0])
MANY = 40_000


def spoiled(synapse, check):
    return dataclasses.replace(synapse, probability=min(1.0, synapse.probability * check.factor))


def number_of(case):
    """Most synapses of a varicosity are silent, so more of them are needed."""
    return 20 * MANY if case.active_share < 1.0 else MANY


@functools.cache
def chain(sites, probability, refill_s):
    """The exact chain of filled sites: joint chances of the counts at neighbouring spikes."""
    count = np.arange(sites + 1)
    fuse = np.array([stats.binom.pmf(count, ready, probability) for ready in count])
    ready = np.zeros(sites + 1)
    ready[sites] = 1.0
    found = []
    for pause in np.diff(TRAIN.time_s):
        filled = -math.expm1(-pause / refill_s)
        joint = np.zeros((sites + 1, sites + 1))
        after = np.zeros(sites + 1)
        for before in count:
            for fused in range(before + 1):
                here = ready[before] * fuse[before, fused]
                if here < 1e-18:
                    continue
                left = before - fused
                come = stats.binom.pmf(np.arange(sites - left + 1), sites - left, filled)
                after[left:] += here * come
                joint[fused] += here * (come @ fuse[left:])
        found.append(joint)
        ready = after
    return found


@statistical("release/counts/chain", cases={name: SYNAPSES[name] for name in list(SYNAPSES)[:4]})
def test_counts_at_neighbouring_spikes_follow_the_exact_chain(check, case):
    got = release.simulate(
        spoiled(case, check), TRAIN, synapses=number_of(case), seed=check.seed
    ).quanta
    laws = chain(case.sites, case.probability, case.refill_s)
    many = number_of(case)
    for place, active in enumerate(laws):
        law = case.active_share * active
        law[0, 0] += 1.0 - case.active_share
        counts = np.zeros_like(law)
        np.add.at(counts, (got[:, place], got[:, place + 1]), 1)
        # Cells of few expected synapses are taken together.
        rare = law * many < 20
        chance = [*law[~rare], max(law[rare].sum(), 0.0)]
        chance[-1] = max(0.0, 1.0 - sum(chance[:-1]))
        cells([*counts[~rare], counts[rare].sum()], chance, share=check.share / len(laws))


@statistical("release/counts/total", cases=SYNAPSES)
def test_all_quanta_of_a_spike_together_follow_the_binomial_law(check, case):
    got = release.simulate(
        spoiled(case, check), TRAIN, synapses=number_of(case), seed=check.seed
    ).quanta
    ready = release.expected(case, TRAIN).quanta / max(case.sites * case.active_share, 1e-300)
    if case.active_share < 1.0:  # the first spike alone, silent synapses left out
        got = got[got.any(axis=1)]
        failure = (1.0 - case.probability) ** case.sites
        binomial_total(
            int((got[:, 0] > 0).sum()),
            len(got),
            float((1.0 - failure) / releasing_share(case)),
            share=check.share,
        )
        return
    for spike in range(len(TRAIN.time_s)):
        binomial_total(
            int(got[:, spike].sum()),
            case.sites * MANY,
            float(ready[spike]),
            share=check.share / len(TRAIN.time_s),
        )


@functools.cache
def releasing_share(case):
    """The share of active synapses that release at all in the train, from the exact chain."""
    count = np.arange(case.sites + 1)
    ready = np.zeros(case.sites + 1)
    ready[case.sites] = 1.0
    for pause in [*np.diff(TRAIN.time_s), 0.0]:
        ready = ready * (1.0 - case.probability) ** count
        filled = -math.expm1(-pause / case.refill_s)
        after = np.zeros_like(ready)
        for left in count:
            come = stats.binom.pmf(np.arange(case.sites - left + 1), case.sites - left, filled)
            after[left:] += ready[left] * come
        ready = after
    return 1.0 - ready.sum()


@statistical("release/counts/million", cases={"rare": 1e-4, "half": 0.5})
def test_a_million_sites_follow_the_binomial_law(check, case):
    synapse = vm.Synapse(sites=10**6, probability=case * check.factor, refill_s=1.0)
    got = release.simulate(synapse, TRAIN, synapses=400, seed=check.seed).quanta
    exact = vm.Synapse(sites=10**6, probability=case, refill_s=1.0)
    ready = release.expected(exact, TRAIN).quanta / 10**6
    for spike, chance in enumerate(ready):
        binomial_total(int(got[:, spike].sum()), 400 * 10**6, float(chance), share=check.share / 6)


@statistical("release/failures")
def test_failures_follow_their_exact_law(check):
    synapse = vm.Synapse(sites=20, probability=0.06 * check.factor)
    kept = release.simulate(
        synapse, TRAIN, synapses=400_000, seed=check.seed, keep=release.Moments()
    )
    ready = release.expected(vm.Synapse(sites=20, probability=0.06), TRAIN).quanta / 20
    for spike, chance in enumerate(ready):
        binomial_total(
            int(kept.failures[spike]), 400_000, (1 - float(chance)) ** 20, share=check.share / 6
        )


@statistical("release/active", cases={"few": 0.3, "most": 0.9})
def test_the_share_of_active_synapses_is_the_one_given(check, case):
    synapse = vm.Synapse(sites=1, probability=1.0, active_share=min(1.0, case * check.factor))
    one = spikes.from_times([0.0])
    got = release.simulate(synapse, one, synapses=400_000, seed=check.seed).quanta
    binomial_total(int(got.sum()), 400_000, case, share=check.share)


def compound(sites, chance, law_moments):
    """Mean, variance and fourth central moment of a binomial number of quanta together."""
    mean, variance, third, fourth = law_moments
    count = np.arange(sites + 1)
    weight = stats.binom.pmf(count, sites, chance)
    of_each = [
        count * mean,
        count * variance,
        count * third,
        count * fourth + 3 * count * (count - 1) * variance**2,
    ]
    centre = weight @ of_each[0]
    shift = of_each[0] - centre
    second = weight @ (of_each[1] + shift**2)
    last = weight @ (of_each[3] + 4 * shift * of_each[2] + 6 * shift**2 * of_each[1] + shift**4)
    return centre, second, last


def lognormal_moments(mean, cv):
    widened = 1 + cv * cv
    raw = [mean**k * widened ** (k * (k - 1) / 2) for k in range(5)]
    return (
        mean,
        raw[2] - mean**2,
        raw[3] - 3 * mean * raw[2] + 2 * mean**3,
        raw[4] - 4 * mean * raw[3] + 6 * mean**2 * raw[2] - 3 * mean**4,
    )


CONTENTS = {
    "constant": (vm.ConstantQuantum(molecules=3000), (3000.0, 0.0, 0.0, 0.0)),
    "lognormal": (vm.LognormalQuantum(molecules=3000, cv=0.3), lognormal_moments(3000.0, 0.3)),
    "wide": (vm.LognormalQuantum(molecules=10, cv=0.8), lognormal_moments(10.0, 0.8)),
}


@statistical("release/amplitudes/moments", cases=CONTENTS)
def test_amplitudes_have_the_mean_and_variance_of_the_compound_law(check, case):
    content, of_one = case
    exact = vm.Synapse(sites=20, probability=0.06)
    got = release.simulate(
        spoiled(exact, check), TRAIN, content=content, synapses=200_000, seed=check.seed
    ).molecules
    chances = release.expected(exact, TRAIN).quanta / 20
    laws = np.array([compound(20, float(chance), of_one) for chance in chances]).T
    mean, variance, fourth = laws
    mean_and_variance(got, mean=mean, variance=variance, fourth_moment=fourth, share=check.share)


@statistical("release/quantum/sizes", cases={"narrow": 0.3, "wide": 0.8})
def test_lognormal_quanta_follow_the_lognormal_law(check, case):
    synapse = vm.Synapse(sites=1, probability=1.0)
    content = vm.LognormalQuantum(molecules=3000 * check.factor, cv=case)
    got = release.simulate(
        synapse, spikes.from_times([0.0]), content=content, synapses=400_000, seed=check.seed
    ).molecules[:, 0]
    sd = math.sqrt(math.log1p(case**2))
    law = stats.norm(math.log(3000) - sd**2 / 2, sd)
    edges = law.ppf(np.arange(1, 40) / 40)
    counts = np.bincount(np.searchsorted(edges, np.log(got)), minlength=40)
    cells(counts, np.full(40, 1 / 40), share=check.share)


@statistical("release/mean-field", cases={"shared": None, "own": 1})
def test_the_mean_of_release_is_the_mean_field_given_the_train(check, case):
    exact = vm.Synapse(sites=20, probability=0.2, refill_s=2.0)
    synapse = spoiled(exact, check)
    if case is None:
        train = spikes.poisson(rate_hz=4, duration_s=12, seed=7)
        got = release.simulate(synapse, train, synapses=MANY, seed=check.seed).quanta
        chances = release.expected(exact, train).quanta / 20
        for spike, chance in enumerate(chances):
            total = int(got[:, spike].sum())
            binomial_total(total, 20 * MANY, float(chance), share=check.share / len(chances))
        return
    trains = spikes.poisson(rate_hz=4, duration_s=12, synapses=20_000, seed=7)
    got = release.simulate(synapse, trains, seed=check.seed)
    second = [
        int(at) + 1
        for at, end in zip(trains.offsets, trains.offsets[1:], strict=False)
        if end - at > 1
    ]
    pauses = [float(trains.time_s[at] - trains.time_s[at - 1]) for at in second]
    empty = exact.probability * np.exp(-np.array(pauses) / exact.refill_s)
    chance = exact.probability * (1.0 - empty)
    total = int(got.quanta[second].sum())
    binomial_sum(total, np.full(len(second), 20), chance, share=check.share)


# One site that always releases and is filled at once, one vesicle in the pool: of two vesicles
# one is docked by the toss of a coin, so ages are known exactly.
COIN = vm.Synapse(sites=1, probability=1.0, refill_s=1e-9, pool_per_site=1)
VESICLES = {
    "dopamine": (vm.Vesicle(), {}),
    "drives": (
        vm.Vesicle(),
        {"active": vm.filling.Steps(time_s=[0, 55, 100], values=[1.0, 0.3, 0.7])},
    ),
    "places": (vm.filling.BirthDeath(birth_per_s=25.0, death_per_s=0.002, capacity=1000), {}),
}
BEATS = np.arange(6) * 30.0


def ages():
    """Chances of the last release of the vesicle released at the last spike; 0 is none."""
    spikes_ = len(BEATS)
    docked, pool = np.zeros(spikes_ + 1), np.zeros(spikes_ + 1)
    docked[0] = pool[0] = 1.0
    for spike in range(spikes_ - 1):
        pool[spike + 1] += 1.0
        docked = pool / 2.0
        pool = pool - docked
    return docked


@functools.cache
def content_law(name):
    """The law of the content at the last spike, from the master equation of filling."""
    law, settings = VESICLES[name]
    found = np.zeros(6000)
    for last, chance in enumerate(ages()):
        if chance == 0.0:
            continue
        begin = 0.0 if last == 0 else float(BEATS[last - 1])
        active = settings.get("active", 1.0)
        if not isinstance(active, float):
            later = [
                (time, value)
                for time, value in zip(active.time_s, active.values, strict=True)
                if time > begin
            ]
            now = active.at([begin])[0]
            active = vm.filling.Steps(
                time_s=[0, *(time - begin for time, _ in later)],
                values=[float(now), *(value for _, value in later)],
            )
        one = vm.filling.distribution(
            law,
            active=active,
            time_s=[float(BEATS[-1]) - begin],
            start="full" if last == 0 else 0,
            method="uniformisation",
        ).probability[:, 0]
        found[: len(one)] += chance * one
    return found / found.sum()


@statistical("release/filling/cells", cases=VESICLES)
def test_content_by_one_draw_has_the_law_of_the_master_equation(check, case):
    law, settings = case
    if isinstance(law, vm.Vesicle):
        wrong = dataclasses.replace(law, kcat_per_s=law.kcat_per_s * check.factor)
    else:
        wrong = dataclasses.replace(law, birth_per_s=law.birth_per_s * check.factor)
    content = vm.FillingContent(wrong, start="full", **settings)
    got = release.simulate(
        COIN, spikes.from_times(BEATS), content=content, synapses=MANY, seed=check.seed
    )
    assert (got.quanta == 1).all()
    into_cells(check, got.molecules[:, -1])


@statistical("release/filling/ssa", cases=VESICLES)
def test_content_molecule_by_molecule_has_the_same_law(check, case):
    law, settings = case
    if isinstance(law, vm.Vesicle):
        wrong = dataclasses.replace(law, kcat_per_s=law.kcat_per_s * check.factor)
    else:
        wrong = dataclasses.replace(law, birth_per_s=law.birth_per_s * check.factor)
    coin = check.generator()
    last = coin.choice(len(BEATS) + 1, size=MANY, p=ages() / ages().sum())
    contents = np.empty(MANY)
    for place in np.unique(last):
        rows = last == place
        begin = 0.0 if place == 0 else float(BEATS[place - 1])
        active = settings.get("active", 1.0)
        if not isinstance(active, float):
            times = [time for time in active.time_s if time > begin]
            active = vm.filling.Steps(
                time_s=[0, *(time - begin for time in times)],
                values=[float(value) for value in active.at([begin, *times])],
            )
        contents[rows] = vm.filling.simulate(
            wrong,
            active=active,
            time_s=[float(BEATS[-1]) - begin],
            vesicles=int(rows.sum()),
            start="full" if place == 0 else 0,
            method="ssa",
            seed=check.seed + int(place) & (2**64 - 1),
        ).molecules[:, 0]
    into_cells(check, contents)


def into_cells(check, contents):
    law = content_law(check.name.rsplit("/", 1)[1])
    below = np.cumsum(law)
    edges = np.unique(np.searchsorted(below, np.arange(1, 20) / 20))
    chance = np.diff(np.concatenate([[0.0], below[edges], [1.0]]))
    counts = np.bincount(np.searchsorted(edges, contents), minlength=len(chance))
    cells(counts, chance / chance.sum(), share=check.share)


@statistical("release/filling/pool", cases={"50": 50, "200": 200, "1000": 1000})
def test_the_content_of_the_pool_falls_with_use_as_its_mean_field_says(check, case):
    synapse = vm.Synapse(sites=5, probability=0.06, pool_per_site=case)
    train = spikes.regular(rate_hz=5, duration_s=1500)
    vesicle = vm.Vesicle()
    law = vesicle.law()
    wrong = dataclasses.replace(law, birth_per_s=law.birth_per_s * check.factor)
    got = release.simulate(
        synapse, train, content=vm.FillingContent(wrong), synapses=1500, seed=check.seed
    )
    mean = release.expected(synapse, train, content=vm.FillingContent(vesicle))
    part = slice(-1000, None)
    want = float((mean.molecules[part] / mean.quanta[part]).mean())
    # The content of each synapse's vesicles is its own: one value for each.
    values = got.molecules[:, part].sum(axis=1) / got.quanta[:, part].sum(axis=1)
    assert values.var() < 80.0**2
    bounded_mean(values, mean=want, low=0, high=4000, variance=80.0**2, share=check.share)
    # Beside the closed form of a pool without sites, lambda/(mu + r).
    turnover = float(mean.quanta[-1]) * 5 / (5 * case)
    closed = vesicle.content() / (1.0 + turnover * vesicle.refill_s())
    assert abs(want / closed - 1.0) < 0.015
    expected = {50: 0.62, 200: 0.86, 1000: 0.97}[case]
    assert abs(want / vesicle.content() - expected) < 0.01


TRAIN_20 = spikes.regular(rate_hz=20, duration_s=0.5)


COVERAGE = {
    "parabola": ("parabola", 120, (6, 0.4, 0.2), 2000),
    "likelihood": ("likelihood", 100, (6, 0.4, 0.2), 2000),
    # Counts around ten stand apart: the likelihood has many peaks.
    "likelihood of many sites": ("likelihood", 80, (20, 0.5, 0.1), 500),
}


@statistical("release/estimate/coverage", cases=COVERAGE)
def test_intervals_cover_the_truth_as_often_as_they_say(check, case):
    method, times, (sites, probability, cv), trials = case
    synapse = vm.Synapse(sites=sites, probability=probability)
    content = vm.LognormalQuantum(molecules=3000 * check.factor, cv=cv)
    covered = np.zeros(3, int)
    for number in range(times):
        rel = release.simulate(
            synapse,
            TRAIN_20 if method == "parabola" else spikes.from_times([0.0]),
            content=content,
            synapses=trials,
            seed=check.seed,
            first=trials * number,
        )
        found = release.estimate(rel, method=method, quantum_cv=cv, resamples=200)
        covered += [
            sites in found.sites,
            probability in found.probability,
            3000 in found.quantum,
        ]
    for count in covered:
        binomial_total(int(count), times, 0.95, share=check.share / 3)


@statistical("release/expected-rate", cases={"one-site": 1, "five": 5})
def test_trains_of_their_own_follow_the_mean_field_of_their_rate(check, case):
    exact = vm.Synapse(sites=case, probability=0.4, refill_s=0.5)
    rate = spikes.tonic_burst_rate(duration_s=10)
    trains = spikes.poisson(rate_hz=rate, duration_s=10, synapses=MANY, seed=check.seed)
    got = release.simulate(spoiled(exact, check), trains, seed=check.seed)
    mean = release.expected_rate(exact, rate, duration_s=10, step_s=0.1)
    synapse = np.repeat(np.arange(MANY), np.diff(trains.offsets).astype(int))
    parts = ((0.0, 1.0), (1.0, 5.0), (5.0, 5.3), (6.3, 10.0))
    for begin, end in parts:
        inside = (trains.time_s >= begin) & (trains.time_s < end)
        total = np.bincount(synapse[inside], weights=got.quanta[inside], minlength=MANY)
        wanted = float(mean.quanta[(mean.time_s > begin) & (mean.time_s < end)].sum())
        # A site releases no more evenly than at random; sites of a synapse share its spikes.
        bounded_mean(
            total,
            mean=wanted,
            low=0.0,
            high=40.0 * case,
            variance=case * wanted,
            share=check.share / len(parts),
        )
