"""Release, spikes and signal can be stopped, refuse what cannot fit, and never break."""

from __future__ import annotations

import multiprocessing
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vmatcore as vm
from tests.reference.stop import stopped_after_s
from vmatcore.errors import MemoryLimitError

release, spikes = vm.release, vm.spikes
TRAIN = spikes.regular(rate_hz=5, duration_s=60)
SYNAPSE = vm.Synapse(sites=20, probability=0.06)
CONTENTS = {
    "constant": vm.ConstantQuantum(molecules=3000),
    "lognormal": vm.LognormalQuantum(molecules=3000, cv=0.3),
    "filling": vm.FillingContent(vm.Vesicle()),
    "irreversible": vm.FillingContent(vm.Vesicle(), active=0.5, binding="irreversible"),
}


@pytest.mark.parametrize("keep", ["all", "fusions", release.Moments()], ids=str)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("sites", [20, 70])
def test_a_token_stops_a_long_call_soon(content, keep, sites):
    synapse = vm.Synapse(sites=sites, probability=0.06)

    def calls(token):
        for _ in range(100):
            release.simulate(
                synapse, TRAIN, content=content, synapses=100_000, keep=keep, cancel=token
            )

    assert stopped_after_s(calls) < 1.0


def test_a_token_stops_long_trains_and_signals_soon():
    mean = release.ReleaseMean(
        time_s=np.zeros(0),
        duration_s=3e4,
        quanta=np.zeros(0),
        molecules=np.zeros(0),
        provenance={"seed": 0},
    )
    for call in (
        lambda token: spikes.poisson(rate_hz=100, duration_s=1e4, synapses=1000, cancel=token),
        lambda token: vm.signal.simulate(mean, vm.Region.dorsal_striatum(), cancel=token),
    ):
        assert stopped_after_s(call) < 1.0


def test_what_cannot_fit_is_refused_and_says_what_to_keep_instead():
    with pytest.raises(MemoryLimitError, match=r"keep Moments\(\)"):
        release.simulate(SYNAPSE, TRAIN, synapses=10**9)
    huge = vm.Synapse(sites=2**24, probability=1.0, refill_s=1e-9)
    content = vm.LognormalQuantum(molecules=1, cv=1)
    with pytest.raises(MemoryLimitError):
        release.simulate(huge, TRAIN, content=content, synapses=1)
    with pytest.raises(MemoryLimitError):
        release.simulate(huge, TRAIN, content=content, synapses=1, keep=release.Moments())
    long = release.ReleaseMean(
        time_s=np.zeros(0),
        duration_s=1e9,
        quanta=np.zeros(0),
        molecules=np.zeros(0),
        provenance={"seed": 0},
    )
    with pytest.raises(vm.VmatError):
        vm.signal.simulate(long, vm.Region.dorsal_striatum(), step_s=1e-6)


def test_memory_of_the_result_is_what_was_claimed():
    tracemalloc.start()
    rel = release.simulate(SYNAPSE, TRAIN, synapses=10_000, seed=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    claimed = 10_000 * 300 * 12
    assert rel.quanta.nbytes + rel.molecules.nbytes == claimed
    assert claimed <= peak < 1.1 * claimed


def test_results_survive_pickle_and_cannot_be_written_to():
    rel = release.simulate(SYNAPSE, TRAIN, synapses=3, seed=1, keep="fusions")
    again = pickle.loads(pickle.dumps(rel))
    np.testing.assert_array_equal(again.molecules, rel.molecules)
    assert again.provenance == rel.provenance
    for array in (again.quanta, again.fusion_molecules, rel.time_s):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    sig = vm.signal.simulate(rel, vm.Region.dorsal_striatum())
    assert pickle.loads(pickle.dumps(sig)).occupancy.keys() == {"D1", "D2"}


def _molecules(content):
    return release.simulate(SYNAPSE, TRAIN, content=content, synapses=300, seed=8).molecules


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_gives_the_same_bits():
    want = [_molecules(content) for content in CONTENTS.values()]
    with multiprocessing.get_context("fork").Pool(1) as pool:
        for content, expected in zip(CONTENTS.values(), want, strict=True):
            got = pool.apply_async(_molecules, (content,)).get(timeout=60)
            np.testing.assert_array_equal(got, expected)


SHARES = st.floats(0, 1)


@settings(max_examples=60, deadline=None)
@given(
    sites=st.integers(0, 90),
    probability=SHARES,
    refill_s=st.floats(1e-6, 1e6),
    pauses=st.lists(st.floats(0, 1e3), max_size=8),
    pool=st.integers(1, 4),
    active=SHARES,
    binding=st.sampled_from(["fast", "irreversible", "telegraph"]),
    seed=st.integers(0, 2**64 - 1),
)
def test_whatever_the_synapse_its_sites_and_vesicles_are_never_exceeded(
    sites, probability, refill_s, pauses, pool, active, binding, seed
):
    synapse = vm.Synapse(
        sites=sites, probability=probability, refill_s=refill_s, pool_per_site=pool
    )
    train = spikes.from_times(np.cumsum(pauses))
    content = vm.FillingContent(vm.Vesicle(), active=active, binding=binding)
    rel = release.simulate(synapse, train, content=content, synapses=3, seed=seed)
    assert (rel.quanta <= sites).all()
    assert (rel.molecules >= 0).all()
    assert (rel.molecules[rel.quanta == 0] == 0).all()
    assert (rel.molecules == np.floor(rel.molecules)).all()
    assert (rel.molecules <= 6000.0 * rel.quanta).all()
    if probability in (0.0, 1.0) and pauses:
        assert (rel.quanta[:, 0] == sites * probability).all()
