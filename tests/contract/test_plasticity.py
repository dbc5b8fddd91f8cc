"""Plasticity can be stopped, refuses what cannot fit, and never breaks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vmatcore as vm
from tests.reference.stop import stopped_after_s
from vmatcore.errors import MemoryLimitError

plasticity = vm.plasticity
Drive, Learning = plasticity.Drive, plasticity.Learning


def test_a_token_stops_a_long_call_soon():
    def call(token):
        plasticity.simulate(Drive(days=[1e6]), synapses=100_000, cancel=token)

    assert stopped_after_s(call) < 1.0


def test_what_cannot_fit_is_refused():
    with pytest.raises(MemoryLimitError, match="fewer synapses or epochs"):
        plasticity.simulate(Drive.steady(days=365), synapses=10**9)


def test_progress_counts_every_synapse():
    told = []
    plasticity.simulate(Drive.steady(days=5), synapses=333, progress=told.append)
    assert told[-1] == 333


share, size = st.floats(0.0, 1.0), st.floats(0.0, 1e6)


@settings(max_examples=100, deadline=None)
@given(
    days=st.lists(st.floats(0.0, 3.0), max_size=4),
    levels=st.tuples(size, size, share),
    rates=st.tuples(share, share, share),
    scales=st.tuples(st.floats(0.0, 1e6), st.floats(1e-6, 1e6), st.floats(1.0, 1e300)),
    sharp=st.one_of(st.just(math.inf), st.floats(1e-3, 1e6)),
    seed=st.integers(0, 2**64 - 1),
)
def test_weights_are_within_their_bounds_whatever_drives_them(
    days, levels, rates, scales, sharp, seed
):
    burst, dip, chance = levels
    rule = Learning(
        learning_rate=rates[0],
        critic_rate=rates[1],
        expected=rates[2],
        decay_per_day=scales[0],
        save_threshold=scales[1],
        most_weight=scales[2],
        save_steepness=sharp,
    )
    drive = Drive(days=days, burst=burst, dip=dip, burst_chance=chance)
    run = plasticity.simulate(drive, learning=rule, synapses=5, seed=seed)
    for weight in (run.go, run.no_go):
        assert np.isfinite(weight).all()
        assert weight.min() >= 0.0
        # Exactly, or a run could not go on from its own end.
        assert weight.max() <= scales[2]
    more = sum(rule.trials_of(drive.days, since=float(run.day[-1])))
    assert plasticity.simulate(drive, learning=rule, start=run).trials == run.trials + more
    assert run.expected.min() >= 0.0
    assert run.expected.max() <= 1.0
