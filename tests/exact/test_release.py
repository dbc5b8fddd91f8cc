"""Release against the reference quantum for quantum, and what is promised of its bits."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

import vmatcore as vm
from tests.exact.test_filling import cohort
from tests.reference import release as reference
from tests.reference.levels import HERE
from vmatcore.errors import ParameterError, ParameterTypeError

release, spikes = vm.release, vm.spikes
Steps = vm.filling.Steps
TRAIN = spikes.from_times([0.0, 0.2, 0.25, 1.0, 1.0, 7.0, 30.0, 30.1, 31.0, 400.0, 400.2])
DRIVE = Steps(time_s=[0, 20, 350], values=[1.0, 0.2, 0.6])

SYNAPSES = {
    "benchmark": vm.Synapse(sites=20, probability=0.06),
    "dopamine": vm.Synapse.dopamine(),
    "one-site": vm.Synapse(sites=1, probability=0.7, refill_s=0.5),
    "certain": vm.Synapse(sites=7, probability=1.0, refill_s=2.0),
    "never": vm.Synapse(sites=7, probability=0.0),
    "no-sites": vm.Synapse(sites=0, probability=0.5),
    "not-refilled": vm.Synapse(sites=9, probability=0.4, refill_s=math.inf),
    "most-tabled": vm.Synapse(sites=63, probability=0.5, refill_s=0.3, active_share=0.5),
    "fewest-sampled": vm.Synapse(sites=64, probability=0.5, refill_s=0.3, active_share=0.5),
    "a-million": vm.Synapse(sites=10**6, probability=0.3, refill_s=5.0),
}


def oracle(synapse, seed=5):
    return reference.Synapse(
        synapse.sites,
        synapse.probability,
        synapse.refill_s,
        synapse.active_share,
        synapse.pool_per_site,
        seed,
    )


def law_of(content):
    """The law of the vesicles for the reference, its read times left out."""
    return cohort(
        content.vesicle,
        active=content.active,
        cytosol_umol_l=content.cytosol_umol_l,
        binding=content.binding,
        residence_s=content.residence_s or 120.0,
        time_s=(),
    )


@pytest.mark.parametrize("name", SYNAPSES)
def test_counts_equal_the_pure_python_reference_quantum_for_quantum(name):
    synapse = SYNAPSES[name]
    got = release.simulate(synapse, TRAIN, synapses=11, seed=5, first=3)
    counter = reference.Counter(oracle(synapse))
    for row in range(11):
        quanta, _ = counter.counts(3 + row, TRAIN.time_s)
        np.testing.assert_array_equal(got.quanta[row], quanta)
    np.testing.assert_array_equal(got.molecules, got.quanta)


@pytest.mark.parametrize("name", ["benchmark", "dopamine", "certain", "no-sites", "fewest-sampled"])
def test_lognormal_quanta_equal_the_reference_bit_for_bit(name):
    synapse = SYNAPSES[name]
    content = vm.LognormalQuantum(molecules=3000, cv=0.7)
    got = release.simulate(synapse, TRAIN, content=content, synapses=9, seed=5, keep="fusions")
    variance = reference.transforms.ln(1.0 + 0.7 * 0.7)
    log_mean = reference.transforms.ln(3000.0) - 0.5 * variance
    counter, place = reference.Counter(oracle(synapse)), 0
    for row in range(9):
        quanta, _ = counter.counts(row, TRAIN.time_s)
        sizes = reference.lognormal(oracle(synapse), row, quanta, log_mean, math.sqrt(variance))
        held = got.fusion_molecules[place : place + len(sizes)]
        np.testing.assert_array_equal(held, sizes)
        np.testing.assert_array_equal(got.molecules[row], reference.totals(quanta, sizes))
        place += len(sizes)
    assert place == len(got.fusion_molecules)


SMALL = vm.Synapse(sites=4, probability=0.4, refill_s=2.0, pool_per_site=2)
CONTENTS = {
    "steady": vm.FillingContent(vm.Vesicle(), active=0.2),
    "drives": vm.FillingContent(
        vm.Vesicle(),
        active=DRIVE,
        cytosol_umol_l=Steps(time_s=[0, 5, 399], values=[2.65, 5, 1]),
    ),
    "full": vm.FillingContent(vm.Vesicle(), active=DRIVE, start="full"),
    "empty": vm.FillingContent(vm.Vesicle.serotonin(), start="empty"),
    "blocked": vm.FillingContent(vm.Vesicle(), active=0.0, start="full"),
    "spread": vm.FillingContent(
        vm.Vesicle(volume_cv=0.4, transporters_vary=True), active=DRIVE, start="full"
    ),
    "irreversible": vm.FillingContent(vm.Vesicle(), active=DRIVE, binding="irreversible"),
    "irreversible-steady": vm.FillingContent(vm.Vesicle(), active=0.2, binding="irreversible"),
    "telegraph": vm.FillingContent(
        vm.Vesicle(), active=DRIVE, binding="telegraph", residence_s=9.0
    ),
    "immigration-death": vm.FillingContent(
        vm.filling.BirthDeath(birth_per_s=25.0, death_per_s=0.007), start="empty"
    ),
    "only-entry": vm.FillingContent(
        vm.filling.BirthDeath(birth_per_s=3.0, death_per_s=0.0), start="empty"
    ),
    "places": vm.FillingContent(
        vm.filling.BirthDeath(birth_per_s=25.0, death_per_s=0.002, capacity=500), active=DRIVE
    ),
}


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("own", [False, True])
def test_contents_of_vesicles_equal_the_reference_molecule_for_molecule(name, own):
    content = CONTENTS[name]
    train = TRAIN
    if own:
        train = spikes.poisson(rate_hz=0.4, duration_s=60, synapses=6, seed=2)
    got = release.simulate(SMALL, train, content=content, synapses=6, seed=5)
    counter, law = reference.Counter(oracle(SMALL)), law_of(content)
    for row in range(6):
        times = list(train.of(row) if own else train.time_s)
        quanta, filled = counter.counts(row, times)
        sizes = reference.fillings(oracle(SMALL), row, times, quanta, filled, law, content.start)
        want = reference.totals(quanta, sizes)
        held = got.of(row)[2] if own else got.molecules[row]
        np.testing.assert_array_equal(held, want)
        np.testing.assert_array_equal(got.of(row)[1] if own else got.quanta[row], quanta)


LOGNORMAL = vm.LognormalQuantum(molecules=3000, cv=0.3)
ARMS = {
    "lognormal": LOGNORMAL,
    "filling": CONTENTS["drives"],
    "irreversible": CONTENTS["irreversible"],
}


def arrays(**settings):
    found = []
    for content in ARMS.values():
        synapse = vm.Synapse(sites=20, probability=0.3, pool_per_site=3, active_share=0.8)
        for train in (TRAIN, spikes.poisson(rate_hz=2, duration_s=9, synapses=603, seed=1)):
            got = release.simulate(
                synapse, train, content=content, synapses=603, seed=9, **settings
            )
            found += [got.quanta, got.molecules]
    return found


@pytest.mark.parametrize("threads", [2, 3, 64])
def test_threads_and_chunks_change_no_bit(threads):
    for got, want in zip(arrays(threads=threads), arrays(threads=1), strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("level", HERE)
def test_no_cpu_level_changes_a_bit(level, monkeypatch):
    want = arrays()
    monkeypatch.setenv("VMATCORE_CPU", level)
    for got, expected in zip(arrays(), want, strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("content", ARMS.values(), ids=ARMS)
def test_synapses_are_the_same_in_any_batch(content):
    synapse = vm.Synapse(sites=20, probability=0.3, pool_per_site=3)
    every = {"content": content, "seed": 4}
    many = release.simulate(synapse, TRAIN, synapses=500, **every)
    few = release.simulate(synapse, TRAIN, synapses=13, first=487, **every)
    np.testing.assert_array_equal(many.molecules[487:], few.molecules)
    np.testing.assert_array_equal(many.quanta[487:], few.quanta)


@pytest.mark.parametrize("content", ARMS.values(), ids=ARMS)
@pytest.mark.parametrize("sites", [20, 100])
def test_later_spikes_change_no_earlier_bit(content, sites):
    synapse = vm.Synapse(sites=sites, probability=0.3, pool_per_site=3)
    short = spikes.from_times(TRAIN.time_s[:6])
    every = {"content": content, "seed": 4, "synapses": 40}
    long = release.simulate(synapse, TRAIN, **every)
    first = release.simulate(synapse, short, **every)
    np.testing.assert_array_equal(long.molecules[:, :6], first.molecules)
    np.testing.assert_array_equal(long.quanta[:, :6], first.quanta)


def test_counts_are_the_same_whatever_the_vesicles_hold():
    synapse = vm.Synapse(sites=20, probability=0.3, pool_per_site=3)
    every = {"seed": 4, "synapses": 40}
    want = release.simulate(synapse, TRAIN, **every).quanta
    for content in (*ARMS.values(), *CONTENTS.values()):
        got = release.simulate(synapse, TRAIN, content=content, **every).quanta
        np.testing.assert_array_equal(got, want)


def test_a_train_for_each_synapse_gives_what_a_shared_one_gives():
    synapse = vm.Synapse(sites=20, probability=0.3, pool_per_site=3)
    each = spikes.from_times([TRAIN.time_s] * 21)
    for content in ARMS.values():
        shared = release.simulate(synapse, TRAIN, content=content, synapses=21, seed=2)
        own = release.simulate(synapse, each, content=content, seed=2)
        np.testing.assert_array_equal(own.molecules.reshape(21, -1), shared.molecules)
        np.testing.assert_array_equal(own.quanta.reshape(21, -1), shared.quanta)


@pytest.mark.parametrize("content", ARMS.values(), ids=ARMS)
@pytest.mark.parametrize("threads", [1, 3])
def test_summaries_are_those_of_all_numbers(content, threads):
    synapse = vm.Synapse(sites=20, probability=0.3, pool_per_site=3, active_share=0.9)
    every = {"content": content, "synapses": 700, "seed": 3, "threads": threads}
    full = release.simulate(synapse, TRAIN, keep="fusions", **every)
    kept = release.simulate(synapse, TRAIN, keep=release.Moments(), **every)
    np.testing.assert_allclose(kept.quanta_mean, full.quanta.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(kept.quanta_variance, full.quanta.var(axis=0, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(kept.molecules_mean, full.molecules.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(
        kept.molecules_variance, full.molecules.var(axis=0, ddof=1), rtol=1e-6
    )
    np.testing.assert_array_equal(kept.failures, (full.quanta == 0).sum(axis=0))
    edges = [0, 300, 1000, 3000, 3001]
    bins = release.simulate(synapse, TRAIN, keep=release.Histogram(edges=edges), **every)
    spike = np.repeat(np.tile(np.arange(len(TRAIN.time_s)), 700), full.quanta.ravel())
    for number in range(len(TRAIN.time_s)):
        held = full.fusion_molecules[spike == number]
        want = [((low <= held) & (held < high)).sum() for low, high in pairwise(edges)]
        np.testing.assert_array_equal(bins.counts[number], want)
        assert bins.below[number] == 0
        assert bins.above[number] == (held >= 3001).sum()


def test_empty_requests_give_empty_results():
    silent = spikes.from_times([])
    for content in ARMS.values():
        assert release.simulate(SMALL, silent, content=content, synapses=4).quanta.shape == (4, 0)
        assert release.simulate(SMALL, TRAIN, content=content, synapses=0).quanta.shape == (0, 11)
        kept = release.simulate(SMALL, silent, content=content, synapses=4, keep=release.Moments())
        assert kept.quanta_mean.shape == (0,)


CROWDED = vm.Vesicle(lumen_km_mmol_l=50.0)
BAD = {
    "synapse": (lambda: release.simulate(3, TRAIN), "`synapse`"),
    "train": (lambda: release.simulate(SMALL, [0.0, 1.0]), "`train`"),
    "content": (lambda: release.simulate(SMALL, TRAIN, content=3000), "`content`"),
    "sites": (lambda: vm.Synapse(sites=-1, probability=0.1), "`sites`"),
    "sites a float": (lambda: vm.Synapse(sites=2.0, probability=0.1), "`sites`"),
    "probability": (lambda: vm.Synapse(sites=1, probability=1.1), "`probability`"),
    "refill": (lambda: vm.Synapse(sites=1, probability=1, refill_s=0), "`refill_s`"),
    "pool": (lambda: vm.Synapse(sites=1, probability=1, pool_per_site=0), "`pool_per_site`"),
    "share": (lambda: vm.Synapse(sites=1, probability=1, active_share=2), "`active_share`"),
    "synapses": (lambda: release.simulate(SMALL, TRAIN, synapses=-1), "`synapses`"),
    "first": (lambda: release.simulate(SMALL, TRAIN, synapses=2, first=2**64 - 1), "`first`"),
    "seed": (lambda: release.simulate(SMALL, TRAIN, seed=-1), "`seed`"),
    "keep": (lambda: release.simulate(SMALL, TRAIN, keep="most"), "`keep`"),
    "keep a number": (lambda: release.simulate(SMALL, TRAIN, keep=3), "`keep`"),
    "keep of own trains": (
        lambda: release.simulate(SMALL, spikes.from_times([[1], [2]]), keep=release.Moments()),
        "`keep`",
    ),
    "trains": (
        lambda: release.simulate(SMALL, spikes.from_times([[1], [2]]), synapses=3),
        "`synapses`",
    ),
    "quantum": (lambda: vm.ConstantQuantum(molecules=-1), "`molecules`"),
    "cv": (lambda: vm.LognormalQuantum(molecules=1, cv=-1), "`cv`"),
    "crowded": (lambda: vm.FillingContent(CROWDED), "`vesicle`.*no closed form"),
    "start": (lambda: vm.FillingContent(vm.Vesicle(), start="half"), "`start`"),
    "start of switching copies": (
        lambda: vm.FillingContent(vm.Vesicle(), binding="telegraph", start="steady"),
        "`start`",
    ),
    "nothing leaves": (
        lambda: release.simulate(
            SMALL,
            TRAIN,
            content=vm.FillingContent(vm.filling.BirthDeath(birth_per_s=1, death_per_s=0)),
        ),
        "`start`",
    ),
    "active": (lambda: vm.FillingContent(vm.Vesicle(), active=2), "`active`"),
    "binding": (lambda: vm.FillingContent(vm.Vesicle(), binding="fats"), "did you mean 'fast'"),
    "too many vesicles": (
        lambda: release.simulate(
            vm.Synapse(sites=10**6, probability=0.1),
            TRAIN,
            content=vm.FillingContent(vm.Vesicle()),
        ),
        "`pool_per_site`",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_are_refused_by_name(name):
    call, match = BAD[name]
    with pytest.raises((ParameterError, ParameterTypeError), match=match):
        call()


def test_memory_is_refused_before_it_is_taken():
    with pytest.raises(vm.errors.MemoryLimitError, match="quanta and molecules"):
        release.simulate(SMALL, TRAIN, synapses=2**40)


@pytest.mark.parametrize("start", ["steady", "full", "empty"])
def test_the_mean_of_vesicles_with_a_capacity_is_that_of_many(start):
    law = vm.filling.BirthDeath(birth_per_s=3.0, death_per_s=0.2, capacity=40)
    content = vm.FillingContent(law, active=0.5, start=start)
    synapse = vm.Synapse(sites=20, probability=0.3, refill_s=2.0)
    train = spikes.from_times([0.5, 2.0, 4.0])
    many = release.simulate(synapse, train, content=content, synapses=5000, seed=11)
    mean = release.expected(synapse, train, content=content)
    # Five standard errors of many, and 2 in 1,000 for the size of the pool.
    error = 5 * many.molecules.std(axis=0) / math.sqrt(5000) + 0.002 * mean.molecules
    assert (np.abs(many.molecules.mean(axis=0) - mean.molecules) < error).all()


@pytest.mark.parametrize("start", ["steady", "full"])
def test_what_nothing_leaves_has_no_start_for_the_mean_either(start):
    law = vm.filling.BirthDeath(birth_per_s=1, death_per_s=0)
    content = vm.FillingContent(law, start=start)
    rule = f'`start` must be "empty" where nothing leaves the vesicle, got "{start}"'
    for call in (release.simulate, release.expected):
        with pytest.raises(ParameterError) as caught:
            call(SMALL, TRAIN, content=content)
        assert str(caught.value) == rule


@pytest.mark.parametrize("molecules", [1e-9, 1e-4, 1.0003, 3000.0, 1e7, 1e12])
def test_moments_of_quanta_of_any_size_are_those_of_all_numbers(molecules):
    for content in (
        vm.ConstantQuantum(molecules=molecules),
        vm.LognormalQuantum(molecules=molecules, cv=0.5),
    ):
        every = {"content": content, "synapses": 500, "seed": 2}
        full = release.simulate(SMALL, TRAIN, **every).molecules
        kept = release.simulate(SMALL, TRAIN, keep=release.Moments(), **every)
        np.testing.assert_allclose(kept.molecules_mean, full.mean(axis=0), rtol=1e-6)
        np.testing.assert_allclose(kept.molecules_variance, full.var(axis=0, ddof=1), rtol=1e-5)
