"""The claim: a VMAT2 inhibitor lowers the quantum q, never the sites n or the chance p."""

from __future__ import annotations

import functools
from itertools import pairwise

import numpy as np
import pytest

import vmatcore as vm

SYNAPSE = vm.Synapse(sites=6, probability=0.4)
TRAIN = vm.spikes.regular(rate_hz=20, duration_s=0.5)
NORMAL = vm.Vesicle().content()
OCCUPANCIES = (0.0, 0.5, 0.8, 0.9)


@functools.cache
def arm(binding, occupancy):
    content = vm.FillingContent(vm.Vesicle(), active=1 - occupancy, binding=binding)
    rel = vm.release.simulate(
        SYNAPSE, TRAIN, content=content, synapses=4000, seed=1, keep="fusions"
    )
    held = rel.fusion_molecules
    # As from spontaneous events, whose spread is known.
    found = vm.release.estimate(rel, quantum_cv=held.std() / held.mean())
    return rel, found


@pytest.mark.parametrize("binding", ["fast", "irreversible"])
def test_q_falls_with_occupancy_while_n_and_p_stay_within_their_intervals(binding):
    quanta = []
    for occupancy in OCCUPANCIES:
        _, found = arm(binding, occupancy)
        assert 6 in found.sites
        assert 0.4 in found.probability
        quanta.append(found.quantum)
    for higher, lower in pairwise(quanta):
        assert lower.high < higher.low
    steady = [vm.Vesicle().content(1 - occupancy) for occupancy in OCCUPANCIES]
    if binding == "fast":
        for found, content in zip(quanta, steady, strict=True):
            assert found.value == pytest.approx(content, rel=0.03)
    else:  # content is concave in live copies, so it lies below that at the mean
        for found, content in zip(quanta[1:], steady[1:], strict=True):
            assert 0.8 * content < found.value < content


@pytest.mark.parametrize("binding", ["fast", "irreversible"])
def test_vesicles_still_fuse(binding):
    without = arm("fast", 0.0)[0].quanta
    for occupancy in OCCUPANCIES:
        np.testing.assert_array_equal(arm(binding, occupancy)[0].quanta, without)


def share_nearly_empty(binding, occupancy):
    return float((arm(binding, occupancy)[0].fusion_molecules < 0.1 * NORMAL).mean())


def test_irreversible_binding_empties_some_vesicles_and_fast_binding_dims_all():
    for occupancy in OCCUPANCIES[1:]:
        assert share_nearly_empty("fast", occupancy) < 0.01
    shares = [share_nearly_empty("irreversible", occupancy) for occupancy in OCCUPANCIES]
    assert shares == sorted(shares)
    # Ten copies, each dead with the chance of the occupancy.
    for occupancy in (0.8, 0.9):
        assert share_nearly_empty("irreversible", occupancy) == pytest.approx(
            occupancy**10, abs=0.02
        )


def test_the_signal_falls_with_the_quantum():
    train = vm.spikes.tonic_burst(duration_s=60, interval_cv=0.2, seed=2)
    tonic = []
    for active in (1.0, 0.5, 0.2):
        rel = vm.release.simulate(
            vm.Synapse.dopamine(),
            train,
            content=vm.FillingContent(vm.Vesicle(), active=active),
            synapses=3000,
            seed=1,
        )
        tonic.append(vm.signal.simulate(rel, vm.Region.dorsal_striatum()))
    reads = [run.relative_to(tonic[0], since_s=3) for run in tonic]
    peaks = [read.burst_peak for read in reads]
    assert peaks == sorted(peaks, reverse=True)
    assert reads[2].burst_peak < 0.6
    # The slow receptor is near saturation, so it falls less than the fast one.
    assert reads[2].d1_burst < reads[2].d2_mean < 1
