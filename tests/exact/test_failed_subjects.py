"""One subject that cannot be simulated is a row of NaN; all others are as they are alone."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import vmatcore as vm
from vmatcore.drugs import Quantity
from vmatcore.errors import ParameterError
from vmatcore.subject import Subject

GOOD = Subject(weight_kg=80.0)
BAD = {
    "light": (Subject(weight_kg=1e-300), "must be in \\[0, 1e\\+300\\]"),
    "share": (
        Subject(deviations=[("valbenazine", "fraction_to_alpha", 3.0)]),
        "`fraction_to_alpha` must be at most 1",
    ),
    "fast": (Subject(deviations=[("valbenazine", "clearance", 60.0)]), "too fast"),
}
REGIMEN = "valbenazine 80 mg q24h x 2"


def same(found, alone):
    """Row 1 of the arrays of ``found`` fails, rows 0 and 2 are those of ``alone``."""
    for name in found.layout():
        values, want = getattr(found, name), getattr(alone, name)
        pairs = [(values, want)]
        if isinstance(values, dict):
            pairs = [(values[key], want[key]) for key in values]
        for value, one in pairs:
            if value.shape == one.shape:  # the same for all subjects
                continue
            assert np.isnan(value[1]).all(), name
            np.testing.assert_array_equal(value[[0, 2]], np.repeat(one, 2, axis=0))


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_subject_is_a_row_of_nan_in_every_stage(kind):
    bad, message = BAD[kind]
    settings = {"every_h": 0.5, "until_h": 48.0, "progress": False}
    run = vm.simulate(REGIMEN, subjects=[GOOD, bad, GOOD], **settings)
    alone = vm.simulate(REGIMEN, subject=GOOD, **settings)
    assert run.pk.failed == (1,)
    assert run.pk.status[::2] == ("ok", "ok")
    assert re.search(message, run.pk.status[1])
    same(run.pk, alone.pk)
    same(run.occupancy, alone.occupancy)
    for stage in ("pk", "occupancy"):
        same(run.metrics(stage), alone.metrics(stage))
    same(run.washout(), alone.washout())
    exposure = run.pk.exposure_nmol_h_l(0.0, 24.0)
    assert np.isnan(exposure[1]).all()
    np.testing.assert_array_equal(exposure[0], alone.pk.exposure_nmol_h_l(0.0, 24.0)[0])
    for site, terminal in run.terminal.items():
        assert terminal.failed.tolist() == [False, True, False]
        assert np.isnan(terminal.content[1]).all()
        np.testing.assert_array_equal(terminal.content[2], alone.terminal[site].content[0])


def test_a_run_of_bad_subjects_alone_has_rows_too():
    run = vm.simulate(REGIMEN, subject=BAD["light"][0], progress=False)
    assert run.pk.failed == (0,)
    assert np.isnan(run.occupancy.vmat2).all()
    assert all(site.failed.all() for site in run.terminal.values())


@pytest.mark.parametrize("how", ["slow", "for good"])
def test_binding_too_fast_to_follow_loses_one_subject_alone(how):
    drug = vm.drugs.get("valbenazine" if how == "slow" else "reserpine")
    # Nothing else binds, and nothing at equilibrium: it would slow the binding down.
    *others, active = [replace(moiety, affinities={}) for moiety in drug.moieties]
    if how == "slow":
        affinities = drug.moieties[-1].affinities
        rate = Quantity.of(1.0, "1/h")
        active = replace(active, affinities=affinities, dissociation_rate=rate)
    drug = replace(drug, moieties=(*others, active))
    # With all space this small the concentration, and the rate of binding, is enormous.
    small = [name for name in drug.parameters if name.endswith(("clearance", "volume", "exchange"))]
    tiny = Subject(deviations=[(drug.name, name, -30.0) for name in small])
    regimen = f"{drug.name} 80 mg q24h x 2"
    people = [GOOD] * 64 + [GOOD, tiny, GOOD]
    run = vm.pk.simulate(regimen, subjects=people, drugs=[drug], time_h=[0.0, 1.0, 30.0])
    assert run.failed == ()
    for threads in (1, 2):
        held = vm.occupancy.simulate(run, threads=threads)
        assert held.failed == (65,)
        assert re.search("subject 65: binding at .* h is too fast to follow", held.status[65])
        assert np.isnan(held.vmat2[65]).all()
        assert np.isnan(held.bound[65]).all()
        one = vm.occupancy.simulate(run.of_subjects(slice(0, 1)))
        assert one.status == ("ok",)
        np.testing.assert_array_equal(held.vmat2[[64, 66]], np.repeat(one.vmat2, 2, axis=0))
    everywhere = vm.terminal.sites(active=held)
    assert all(np.flatnonzero(site.failed).tolist() == [65] for site in everywhere.values())


def test_metrics_of_a_subject_who_takes_nothing_are_nan():
    events = {"ID": [1, 2, 3], "TIME": [0, 0, 0], "AMT": [40, 0, 40]}
    regimen = vm.Regimen.from_events(events, drug="valbenazine")
    run = vm.simulate(regimen, progress=False)
    alone = vm.simulate("valbenazine 40 mg", progress=False)
    assert run.pk.failed == ()
    for stage in ("pk", "occupancy"):
        found = run.metrics(stage)
        assert found.interval_h == alone.metrics(stage).interval_h
        same(found, alone.metrics(stage))
    same(run.washout(), alone.washout())
    nobody = vm.Regimen.from_events(events | {"AMT": [0, 0, 0]}, drug="valbenazine")
    for call in (lambda run: run.metrics("pk"), lambda run: run.washout()):
        with pytest.raises(ParameterError, match="`regimen` must have a dose"):
            call(vm.simulate(nobody, progress=False))
