"""The molecular level is the public stages under the drives of the mean field, and no more."""

from __future__ import annotations

import dataclasses
import pickle
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from click.testing import CliRunner

import vmatcore as vm
from vmatcore import cli, work
from vmatcore.errors import CancelledError, MemoryLimitError, ParameterError, ParameterTypeError
from vmatcore.molecular import drives as molecular_drives
from vmatcore.molecular import stage

REGIMEN = "tetrabenazine 25 mg q8h x 9"
RUN = vm.simulate(REGIMEN)
FEW = {"synapses": 40, "vesicles": 30, "seed": 3}
HOURS = (2.0, 50.3)
FOUND = vm.molecular.simulate(RUN, at_h=HOURS, **FEW)


def outcomes(one):
    """Every number that one snapshot simulated or expected."""
    held = [one.filling.molecules, one.filling_mean.mean]
    for part in (one.release, one.release_mean):
        held += [part.time_s, part.quanta, part.molecules]
    held.append(one.release.fusion_molecules)
    for part in (one.signal, one.signal_mean):
        held += [part.amine_nmol_l, *part.occupancy.values()]
    return held


def equal(mine, other):
    for one, two in zip(outcomes(mine), outcomes(other), strict=True):
        np.testing.assert_array_equal(one, two)


def test_each_step_of_a_drive_is_the_mean_of_two_exact_reads():
    ends = np.linspace(46.3, 50.3, 241)
    active = RUN.read(ends).occupancy.active[0]
    drives = FOUND.of(0, 1).drives
    np.testing.assert_allclose(drives.active.time_s, np.arange(240) * 60.0, atol=1e-7)
    np.testing.assert_allclose(drives.active.values, (active[:-1] + active[1:]) / 2, rtol=1e-9)
    terminal = vm.terminal.simulate(
        active=RUN.read(np.unique([*np.arange(0, 50.3, 0.25), *ends])).occupancy, time_h=ends
    )
    cytosol = terminal.cytosol_umol_l[0]
    middle = (cytosol[:-1] + cytosol[1:]) / 2
    np.testing.assert_allclose(drives.cytosol_umol_l.values, middle, rtol=1e-6)
    held = RUN.at(50.3).occupancy.off_target["D2"][0, 0]
    assert drives.d2_block == pytest.approx(held / (1.0 - held), rel=1e-9)


def test_before_the_first_dose_the_terminal_is_at_rest():
    drives = FOUND.of(0, 0).drives
    assert drives.active.time_s[:2] == (0.0, 7200.0)
    assert drives.active.values[0] == 1.0
    assert drives.cytosol_umol_l.values[0] == FOUND.baseline.drives.cytosol_umol_l.values[0]
    first = vm.molecular.simulate(RUN, at_h=[0.0], **FEW)
    equal(first.of(), FOUND.baseline)


def content_at(every_s, monkeypatch):
    monkeypatch.setattr(molecular_drives, "_EVERY_S", every_s)
    monkeypatch.setattr(molecular_drives, "_HISTORY_EVERY_H", 0.02)
    (drives,) = molecular_drives.drives_at(RUN.occupancy, 49.0, 14400.0)
    filled = vm.filling.simulate(
        vm.Vesicle(),
        active=drives.active,
        cytosol_umol_l=drives.cytosol_umol_l,
        time_s=[14400.0],
        start="full",
        method="mean",
    )
    return float(filled.mean[0])


def test_the_error_of_the_drives_falls_with_the_square_of_their_steps(monkeypatch):
    exact = content_at(3.75, monkeypatch)
    errors = [content_at(every_s, monkeypatch) - exact for every_s in (240.0, 120.0, 60.0)]
    for coarse, fine in pairwise(errors):
        assert 3.7 < coarse / fine < 4.3
    assert abs(errors[-1] / exact) < 2e-4


def test_a_longer_window_changes_no_expected_content():
    long = vm.molecular.simulate(RUN, at_h=[50.3], window_h=8.0, **FEW)
    want = FOUND.content_molecules[0, 1, 1]
    assert long.content_molecules[0, 0, 1] == pytest.approx(want, rel=1e-7)
    short = vm.molecular.simulate(RUN, at_h=[50.3], window_h=1.0, **FEW)
    assert abs(short.content_molecules[0, 0, 1] / want - 1.0) < 0.01


def test_the_stages_by_hand_give_the_same_bits():
    one = FOUND.of(0, 1)
    follow = {
        "active": one.drives.active,
        "cytosol_umol_l": one.drives.cytosol_umol_l,
        "start": "full",
    }
    filled = vm.filling.simulate(
        vm.Vesicle(), time_s=one.filling.time_s, vesicles=30, seed=3, **follow
    )
    np.testing.assert_array_equal(one.filling.molecules, filled.molecules)
    trains = vm.spikes.tonic_burst(duration_s=60, synapses=40, seed=3)
    late = dataclasses.replace(trains, time_s=trains.time_s + 14340.0, duration_s=14400.0)
    content = vm.FillingContent(vm.Vesicle(), **follow)
    rel = vm.release.simulate(vm.Synapse.dopamine(), late, content=content, seed=3)
    np.testing.assert_array_equal(one.release.molecules, rel.molecules)
    np.testing.assert_array_equal(one.release.quanta, rel.quanta)
    np.testing.assert_array_equal(one.release.time_s, trains.time_s)
    rel = dataclasses.replace(rel, time_s=trains.time_s, duration_s=60.0)
    sig = vm.signal.simulate(
        rel,
        vm.Region.dorsal_striatum(),
        start=one.signal.provenance["start"],
        block={"D2": one.drives.d2_block},
    )
    np.testing.assert_array_equal(one.signal.amine_nmol_l, sig.amine_nmol_l)
    np.testing.assert_array_equal(one.signal.of("D2"), sig.of("D2"))


def test_before_its_first_release_a_vesicle_holds_what_filling_expects():
    one = FOUND.of(0, 1)
    mean = one.release_mean
    firsts = mean.offsets[:-1].astype(int)
    vesicle = vm.filling.simulate(
        vm.Vesicle(),
        active=one.drives.active,
        cytosol_umol_l=one.drives.cytosol_umol_l,
        time_s=np.sort(mean.time_s[firsts]) + 14340.0,
        start="full",
        method="mean",
    )
    order = np.argsort(mean.time_s[firsts])
    contents = (mean.molecules[firsts] / mean.quanta[firsts])[order]
    np.testing.assert_allclose(contents, vesicle.mean, rtol=1e-10)


def test_arms_have_the_same_spikes_and_the_same_fusions():
    for one in (FOUND.of(0, 0), FOUND.of(0, 1)):
        np.testing.assert_array_equal(one.release.quanta, FOUND.baseline.release.quanta)
        np.testing.assert_array_equal(one.release.time_s, FOUND.baseline.release.time_s)
        np.testing.assert_array_equal(one.release_mean.quanta, FOUND.baseline.release_mean.quanta)
    other = vm.simulate("valbenazine 80 mg q24h x 3", molecular_at_h=[50.3], **FEW).molecular
    np.testing.assert_array_equal(other.of().release.quanta, FOUND.of().release.quanta)
    equal(other.baseline, FOUND.baseline)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_and_other_hours_change_no_bit(threads):
    for hour in range(2):
        alone = vm.molecular.simulate(RUN, at_h=[HOURS[hour]], threads=threads, **FEW)
        equal(alone.of(), FOUND.of(0, hour))
    again = vm.molecular.simulate(RUN, at_h=HOURS, threads=threads, **FEW)
    for hour in range(2):
        equal(again.of(0, hour), FOUND.of(0, hour))


def test_the_chain_gives_what_the_verb_alone_gives():
    run = vm.simulate(REGIMEN, molecular_at_h=HOURS, **FEW)
    for hour in range(2):
        equal(run.molecular.of(0, hour), FOUND.of(0, hour))
        assert run.filling[0][hour] is run.molecular.of(0, hour).filling
        assert run.release[0][hour] is run.molecular.of(0, hour).release
    assert run.provenance["molecular"]["seed"] == 3
    assert RUN.molecular is None
    assert RUN.filling is None
    assert RUN.release is None
    assert RUN.provenance["molecular"] is None
    assert "simulated  mean field    no drug" in repr(run)


def test_compared_arms_have_one_seed_also_when_none_is_given():
    arms = {"one": "valbenazine 80 mg q24h x 2", "none": "nothing"}
    found = vm.compare(arms, until_h=48, molecular_at_h=[40], synapses=50, vesicles=10)
    one, none = (found[arm].release[0][0] for arm in arms)
    np.testing.assert_array_equal(one.quanta, none.quanta)
    assert one.molecules.sum() < none.molecules.sum()
    assert found["one"].molecular.seed == found["none"].molecular.seed


def test_the_summary_is_that_of_the_snapshots():
    one, base = FOUND.of(0, 1), FOUND.baseline
    assert FOUND.content_molecules[0, 1, 0] == one.filling.molecules[:, -1].mean()
    sizes = one.release.fusion_molecules
    assert FOUND.quantum_molecules[0, 1, 0] == sizes.mean()
    normal = base.release.fusion_molecules.mean()
    assert FOUND.low_share[0, 1] == (sizes < 0.1 * normal).mean()
    read = one.signal.relative_to(base.signal, since_s=15.0)
    assert FOUND.readouts["tonic"][0, 1, 0] == read.tonic
    assert FOUND.readouts["d2_mean"][0, 1, 0] == read.d2_mean < 1.0
    assert FOUND.held[0, 1] == 1.0 - one.drives.active.values[-1]
    quantum = FOUND.quantum_molecules[0, 1]
    assert quantum[0] == pytest.approx(quantum[1], rel=0.02)


def test_a_subject_that_failed_is_nan_and_the_others_are_as_they_are_alone():
    bad = vm.Subject(weight_kg=1e-300)
    settings = {"until_h": 30.0, "molecular_at_h": [25.0], **FEW}
    run = vm.simulate("valbenazine 80 mg", subjects=[vm.Subject(), bad, vm.Subject()], **settings)
    alone = vm.simulate("valbenazine 80 mg", **settings)
    found = run.molecular
    assert found.failed == (1,)
    assert "subject 1" in repr(found)
    assert found.of(1) is None
    assert run.filling[1] == (None,)
    for name in found.layout():
        value = getattr(found, name)
        for array in value.values() if isinstance(value, dict) else [value]:
            if array.shape[0] == 3:
                assert np.isnan(array[1]).all()
                assert not np.isnan(array[[0, 2]]).any()
    for row in (0, 2):
        equal(found.of(row), alone.molecular.of())


def test_nobody_is_no_error():
    found = vm.simulate("valbenazine 80 mg", subjects=[], molecular_at_h=[5, 9], **FEW).molecular
    assert found.content_molecules.shape == (0, 2, 2)
    assert found.snapshots == ()


def test_one_train_for_all_and_switching_copies():
    train = vm.spikes.tonic_burst(duration_s=20, seed=1)
    found = vm.molecular.simulate(
        RUN, at_h=[50.3], train=train, binding="telegraph", residence_s=120.0, **FEW
    )
    one = found.of()
    assert one.release.quanta.shape == (40, len(train.time_s))
    assert one.release.duration_s == one.signal.time_s[-1] == 20.0
    assert one.filling.provenance["binding"] == "telegraph"
    assert found.provenance["residence_s"] == 120.0
    # Copies that switch within minutes hold about what fast ones do.
    assert found.quantum_molecules[0, 0, 0] == pytest.approx(
        found.quantum_molecules[0, 0, 1], rel=0.05
    )


def test_a_result_survives_pickling():
    copy = pickle.loads(pickle.dumps(FOUND))
    equal(copy.of(0, 1), FOUND.of(0, 1))
    assert repr(copy) == repr(FOUND)
    assert copy.seed == 3


def test_progress_counts_the_snapshots_and_a_cancelled_call_says_so():
    seen = []
    vm.molecular.simulate(RUN, at_h=HOURS, progress=seen.append, **FEW)
    assert seen == [1, 2, 3]
    token = vm.CancelToken()

    def stop(_):
        token.cancel()

    with pytest.raises(CancelledError):
        vm.molecular.simulate(RUN, at_h=HOURS, progress=stop, cancel=token, **FEW)


TRAINS = vm.spikes.poisson(rate_hz=4, duration_s=5, synapses=3, seed=1)
BAD = {
    "run": (lambda: vm.molecular.simulate(3, at_h=[1]), "`run` must be a Run"),
    "hours": (lambda: vm.molecular.simulate(RUN, at_h=3), "`at_h` must be a list"),
    "no hours": (lambda: vm.molecular.simulate(RUN, at_h=[]), "at least one hour"),
    "negative": (
        lambda: vm.molecular.simulate(RUN, at_h=[-1]),
        r"`at_h\[0\]` must be in \[0, 72\]",
    ),
    "outside": (lambda: vm.molecular.simulate(RUN, at_h=[1, 73]), r"`at_h\[1\]` .* got 73"),
    "nan": (lambda: vm.molecular.simulate(RUN, at_h=[float("nan")]), r"`at_h\[0\]`"),
    "back": (lambda: vm.molecular.simulate(RUN, at_h=[5, 5]), r"`at_h\[1\]` must rise"),
    "synapses": (lambda: vm.molecular.simulate(RUN, at_h=[1], synapses=0), "`synapses`"),
    "vesicles": (lambda: vm.molecular.simulate(RUN, at_h=[1], vesicles=0), "`vesicles`"),
    "seed": (lambda: vm.molecular.simulate(RUN, at_h=[1], seed=-1), "`seed`"),
    "window": (lambda: vm.molecular.simulate(RUN, at_h=[1], window_h=0.5), "`window_h`"),
    "binding": (
        lambda: vm.molecular.simulate(RUN, at_h=[1], binding="fats"),
        "did you mean 'fast'",
    ),
    "for good": (
        lambda: vm.molecular.simulate(RUN, at_h=[1], binding="irreversible"),
        '`binding` .* got "irreversible".*Renewal',
    ),
    "residence": (
        lambda: vm.molecular.simulate(RUN, at_h=[1], residence_s=9.0),
        '`residence_s` must go with binding="telegraph"',
    ),
    "long residence": (
        lambda: vm.molecular.simulate(RUN, at_h=[1], binding="telegraph", residence_s=1441.0),
        r"`residence_s` must be in \[1e-06, 1440\]",
    ),
    "train": (lambda: vm.molecular.simulate(RUN, at_h=[1], train=[0.1]), "`train`"),
    "silent train": (
        lambda: vm.molecular.simulate(RUN, at_h=[1], train=vm.spikes.from_times([])),
        "`train` must last longer",
    ),
    "long train": (
        lambda: vm.molecular.simulate(
            RUN, at_h=[1], window_h=1, train=vm.spikes.regular(rate_hz=1, duration_s=3601)
        ),
        "`train` must last .* at most the window of 3600 s",
    ),
    "trains": (
        lambda: vm.molecular.simulate(RUN, at_h=[1], train=TRAINS, synapses=4),
        "`synapses` must be the number of trains, 3, got 4",
    ),
    "a seed that is none": (lambda: vm.simulate(REGIMEN, seed=-1), "`seed`"),
    "a steady state": (
        lambda: vm.simulate("valbenazine 80 mg q24h x 2 ss1", molecular_at_h=[1]),
        "give the doses that lead to it",
    ),
    "synapses alone": (lambda: vm.simulate(REGIMEN, synapses=9), "`synapses` must go with"),
    "vesicles alone": (lambda: vm.simulate(REGIMEN, vesicles=9), "`vesicles` must go with"),
    "hours of the chain": (
        lambda: vm.simulate(REGIMEN, molecular_at_h=[99]),
        r"`molecular_at_h\[0\]` must be in \[0, 72\], got 99",
    ),
    "subject": (lambda: FOUND.of(1), "`subject`"),
    "hour": (lambda: FOUND.of(0, 2), "`hour`"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_are_refused_by_name(name):
    call, match = BAD[name]
    with pytest.raises((ParameterError, ParameterTypeError), match=match):
        call()


@pytest.mark.parametrize("many", [{"synapses": 2**31}, {"vesicles": 2**39}])
def test_what_would_not_fit_is_refused_before_it_is_made(many):
    with pytest.raises(MemoryLimitError, match="the molecular level"):
        vm.molecular.simulate(RUN, at_h=[1], **many)


def test_memory_is_claimed_as_it_is_taken(monkeypatch):
    claimed = []

    def claim(what, *shapes, **settings):
        claimed.append(work.claim(what, *shapes, **settings) + settings["working"])
        return claimed[-1]

    monkeypatch.setattr(stage, "claim", claim)
    many = {"synapses": 4000, "vesicles": 9000, "seed": 1, "threads": 2}
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    found = vm.molecular.simulate(RUN, at_h=HOURS, **many)
    kept, peak = (bytes_ - before for bytes_ in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    train = 8 * len(found.baseline.release.time_s)
    working = 128 * 245 * 4000
    assert claimed[0] - working == pytest.approx(kept - train, rel=0.05)
    assert 0.7 < peak / claimed[0] < 1.0


def test_the_command_line_prints_the_card():
    done = CliRunner().invoke(
        cli.main, ["simulate", REGIMEN, "--molecular-at-h", "2", "--seed", "3"]
    )
    assert done.exit_code == 0, done.output
    card = repr(vm.simulate(REGIMEN, molecular_at_h=[2], seed=3).molecular)
    assert card in done.output


def test_what_is_drawn_for_a_run_later_has_its_seed():
    run = vm.simulate(REGIMEN, seed=3)
    assert run.seed == run.at(2).seed == 3
    later = vm.molecular.simulate(run, at_h=[2], synapses=30, vesicles=10)
    own = vm.molecular.simulate(run, at_h=[2], synapses=30, vesicles=10, seed=4)
    alone = vm.molecular.simulate(run.occupancy, at_h=[2], synapses=30, vesicles=10, seed=3)
    assert (later.seed, own.seed) == (3, 4)
    np.testing.assert_array_equal(later.content_molecules, alone.content_molecules)
