"""The loop over epochs never leaves its bounds, whatever a signal and settings are."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import vmatcore as vm

epochs = vm.epochs


@functools.cache
def a_run():
    run = vm.simulate("valbenazine 80 mg q24h x 4")
    return run, run.signal


level = st.floats(0.0, 2.0)


@settings(max_examples=100, deadline=None)
@given(
    levels=st.tuples(*[st.lists(level, min_size=9, max_size=9)] * 3),
    shares=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
    slow=st.tuples(st.floats(0.0, 100.0), st.floats(1e-3, 1e6)),
    days=st.tuples(st.floats(0.0, 50.0), st.floats(0.05, 20.0)),
    share=st.floats(0.0, 1.0),
)
def test_levels_stay_in_their_bounds(levels, shares, slow, days, share):
    run, signal = a_run()
    names = ("burst", "dip", "d2")
    every_12_h = np.arange(0.0, 97.0, 12.0)
    arrays = {
        name: np.interp(signal.time_h, every_12_h, row)[None]
        for name, row in zip(names, levels, strict=True)
    }

    class Made:
        subjects = run.subjects
        occupancy = run.occupancy

    Made.signal = dataclasses.replace(signal, **arrays)
    got = epochs.simulate(
        Made(),
        ill_days=days[0],
        every_days=days[1],
        adaptation=epochs.Adaptation(gain=slow[0], time_days=slow[1]),
        activity_feedback=shares[0],
        burst_chance=shares[1],
    )
    assert len(got.day) == got.tone.shape[1] + 1
    assert (np.diff(got.day) > 0).all()
    assert got.day[-1] == 4.0 or abs(got.day[-1] - 4.0) < 1e-9
    assert (got.tone > 0).all()
    assert (got.tone < 2).all()
    assert (got.receptor_number >= 1.0).all()
    assert (got.receptor_number <= 1.0 + slow[0] * (1 + 1e-12)).all()
    assert (got.go >= 0).all()
    assert (got.no_go >= 0).all()
    mix = vm.plasticity.Condition(name="any", tone_share=share)
    assert (got.severity(mix) >= 0).all()
