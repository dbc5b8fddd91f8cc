"""Expected release against every last release written out, and trains of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest

import vmatcore as vm
from tests.exact.test_release import ARMS, CONTENTS, SMALL, TRAIN, law_of
from tests.reference import release as reference

release, spikes = vm.release, vm.spikes

MEAN_CONTENTS = ["steady", "drives", "full", "empty", "blocked", "only-entry", "places"]


@pytest.mark.parametrize("name", MEAN_CONTENTS)
def test_the_mean_follows_every_vesicle_by_its_last_release(name):
    """The mean over the chances of every last release, written out, at every spike."""
    content = CONTENTS[name]
    mean = release.expected(SMALL, TRAIN, content=content)
    law = law_of(content)
    level = reference.Level(reference.filling.Course(law, 0), content.start)
    means, exits = [-level.begin], [0.0]
    for now in TRAIN.time_s:
        level.advance(now)
        means.append(level.mean)
        exits.append(level.exit)
    docked, pool = np.zeros(12), np.zeros(12)
    docked[0], pool[0] = 1.0, SMALL.pool_per_site
    ready = mean.quanta / (SMALL.sites * SMALL.probability)
    for spike in range(11):
        moved = pool * ((ready[spike] - docked.sum()) / pool.sum())
        docked, pool = docked + moved, pool - moved
        ages = [
            means[spike + 1] - means[last] * math.exp(exits[last] - exits[spike + 1])
            for last in range(spike + 1)
        ]
        held = docked[: spike + 1] @ ages / docked.sum() * (law.capacity or 1.0)
        assert mean.molecules[spike] == pytest.approx(mean.quanta[spike] * held, rel=1e-9, abs=1e-9)
        pool[spike + 1] = docked.sum() * SMALL.probability
        docked = docked * (1.0 - SMALL.probability)


@pytest.mark.parametrize("name", [*MEAN_CONTENTS, "constant"])
def test_the_mean_of_trains_of_their_own_is_that_of_each_train(name):
    content = CONTENTS.get(name, vm.ConstantQuantum(molecules=7.0))
    rows = [TRAIN.time_s, [], [0.5], [0.1, 0.2, 9.0], []]
    trains = spikes.from_times(rows, duration_s=500.0)
    every = release.expected(SMALL, trains, content=content)
    np.testing.assert_array_equal(every.offsets, trains.offsets)
    for row, times in enumerate(rows):
        part = slice(int(trains.offsets[row]), int(trains.offsets[row + 1]))
        alone = release.expected(SMALL, spikes.from_times(times), content=content)
        np.testing.assert_allclose(every.quanta[part], alone.quanta, rtol=1e-13)
        np.testing.assert_allclose(every.molecules[part], alone.molecules, rtol=1e-12, atol=1e-12)
    heard = vm.signal.simulate(every, vm.Region.dorsal_striatum(), step_s=1.0)
    of_one = np.bincount(trains.time_s.astype(int), weights=every.molecules, minlength=500) / 5
    per_molecule = vm.Region.dorsal_striatum().release_nmol_l_s(1.0)
    np.testing.assert_allclose(heard.release_nmol_l_s, of_one * per_molecule, rtol=1e-12)


def test_many_spikes_cost_in_proportion():
    train = spikes.regular(rate_hz=50, duration_s=1000)
    mean = release.expected(SMALL, train, content=CONTENTS["steady"])
    assert len(mean.molecules) == 50_000
    assert mean.molecules[-1] == pytest.approx(mean.molecules[-2], rel=1e-9)


@pytest.mark.parametrize("content", ARMS.values(), ids=ARMS)
def test_fused_vesicles_of_trains_of_their_own_add_up_to_the_molecules(content):
    trains = spikes.poisson(rate_hz=2, duration_s=9, synapses=50, seed=1)
    synapse = vm.Synapse(sites=20, probability=0.3, pool_per_site=3)
    plain = release.simulate(synapse, trains, content=content, seed=9)
    kept = release.simulate(synapse, trains, content=content, seed=9, keep="fusions")
    np.testing.assert_array_equal(kept.molecules, plain.molecules)
    np.testing.assert_array_equal(kept.offsets, plain.offsets)
    assert len(kept.fusion_molecules) == plain.quanta.sum()
    want = reference.totals(kept.quanta, kept.fusion_molecules)
    np.testing.assert_allclose(kept.molecules, want, rtol=1e-14)
