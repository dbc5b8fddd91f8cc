"""The signal over a whole run: what it takes from the stages below, and its tables."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

import vmatcore as vm
from vmatcore.errors import ParameterError, ParameterTypeError
from vmatcore.signal import phasic
from vmatcore.signal.phasic import _levels
from vmatcore.signal.steady import steady_amine_nmol_l

DORSAL = vm.Region.dorsal_striatum()
SITES = ("striatal dopamine", "limbic serotonin", "cortical norepinephrine")
REGIONS = (DORSAL, vm.Region.serotonin(), vm.Region.norepinephrine())


@pytest.fixture(scope="module")
def run():
    return vm.simulate("tetrabenazine 25 mg q8h x 9", until_h=200)


@pytest.mark.parametrize("release", [0.0, 1e-9, 1e-4, 0.1, 0.5, 0.9999, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("region", REGIONS, ids=SITES)
def test_many_steady_levels_are_the_regions_own(region, release):
    wanted = region.steady_nmol_l(release * region.tonic_molecules_per_s)
    found = steady_amine_nmol_l(region, np.array([[release]]))[0, 0]
    assert found == pytest.approx(wanted, rel=1e-13, abs=1e-300)


def test_nothing_is_known_of_a_release_that_is_not():
    found = steady_amine_nmol_l(DORSAL, np.array([np.nan, -1e-9, 1.0]))
    assert np.isnan(found[0])
    assert found[1] == 0.0
    assert found[2] == pytest.approx(DORSAL.tonic_nmol_l(), rel=1e-14)
    table = phasic(DORSAL)
    read = table.at("burst", np.array([np.nan, -1e-9, 1.0]))
    assert np.isnan(read[0])
    assert read[1:].tolist() == [0.0, 1.0]


def test_a_release_far_above_rest_is_refused():
    with pytest.raises(ParameterError, match=r"must be at most 2 of rest, got 2\.5"):
        steady_amine_nmol_l(DORSAL, np.array([0.1, 2.5]))
    with pytest.raises(ParameterError, match=r"must be at most 2 of rest, got 2\.5"):
        phasic(DORSAL).at("dip", np.array([2.5]))
    bare = replace(DORSAL, uptake_nmol_l_s=700.0, loss_per_s=0.0, gain=0.0)
    with pytest.raises(ParameterError, match="must have a steady state"):
        steady_amine_nmol_l(bare, np.array([1.2]))


def test_bursts_and_dips_rise_with_release_from_0_to_1_at_rest():
    table = phasic(DORSAL)
    for values in (table.tonic, table.burst, table.dip):
        assert values[0] == 0.0
        assert (np.diff(values) > 0).all()
        assert table.at("burst", np.array([1.0]))[0] == 1.0
    assert phasic(vm.Region.dorsal_striatum()) is table


@pytest.mark.parametrize("release", [0.01, 0.05, 0.13, 0.31, 0.57, 0.89, 1.03])
def test_the_table_is_the_signal_between_its_points_too(release):
    table = phasic(DORSAL)
    synapse = vm.Synapse.dopamine()
    rate = vm.spikes.tonic_burst_rate(duration_s=60)
    ready = 1.0 / (1.0 + synapse.probability * 4.0 * synapse.refill_s)

    def levels(share):
        content = vm.ConstantQuantum(molecules=share * 720.0 / (0.3 * 5 * 0.11 * 4.0 * ready))
        mean = vm.release.expected_rate(synapse, rate, duration_s=60, content=content)
        return vm.signal.simulate(mean, DORSAL).readouts(since_s=50)

    found, rest = levels(release), levels(1.0)
    for name, part in (("tonic", "tonic"), ("burst", "d1_burst"), ("dip", "pause_depth")):
        wanted = getattr(found, part) / getattr(rest, part)
        assert table.at(name, np.array([release]))[0] == pytest.approx(wanted, abs=1e-3), name


def test_a_hundred_points_of_straight_lines_are_enough():
    table = phasic(DORSAL)
    rate = vm.spikes.tonic_burst_rate(duration_s=20)
    synapse = vm.Synapse.dopamine()
    ready = 1.0 / (1.0 + synapse.probability * 4.0 * synapse.refill_s)
    released = vm.release.expected_rate(
        synapse,
        rate,
        duration_s=20,
        content=vm.ConstantQuantum(molecules=720.0 / (0.3 * 5 * 0.11 * 4.0 * ready)),
        filled=ready,
    )
    rest = _levels(DORSAL, released, 1.0)
    worst = 0.0
    for release in np.arange(0.01, 1.2, 0.02):  # half-way between the points
        found = _levels(DORSAL, released, float(release))
        for place, name in enumerate(("tonic", "burst", "dip")):
            read = table.at(name, np.array([release]))[0]
            worst = max(worst, abs(read - found[place] / rest[place]))
    assert 1e-6 < worst < 1e-3


def test_at_rest_every_level_is_one():
    signal = vm.simulate("nothing", until_h=48).signal
    for values in (*signal.content.values(), *signal.amine.values(), signal.d2, signal.burst):
        assert values == pytest.approx(1.0, abs=1e-7)
    assert not signal.d2_block.any()
    assert not signal.vmat2.any()


def test_the_signal_is_that_of_the_runs_terminals(run):
    signal = run.signal
    assert run.signal is signal
    assert signal.time_h.tolist() == run.pk.time_h.tolist()
    for site, region in zip(SITES, REGIONS, strict=True):
        content = run.terminal[site].content
        assert signal.content[site].tolist() == content.tolist()
        for i in (0, 9, 100, 400):
            amine = region.steady_nmol_l(region.tonic_molecules_per_s * content[0, i])
            wanted = amine / region.tonic_nmol_l()
            assert signal.amine[site][0, i] == pytest.approx(wanted, rel=1e-12)


def test_drug_at_d2_competes_with_dopamine(run):
    signal = run.signal
    receptor = DORSAL.receptors["D2"]
    rest = receptor.occupancy(DORSAL.tonic_nmol_l())
    held = run.occupancy.off_target["D2"][0]
    assert held.max() > 0.01
    for i in (9, 100, 150):
        block = float(held[i] / (1.0 - held[i]))
        amine = float(signal.amine[SITES[0]][0, i]) * DORSAL.tonic_nmol_l()
        wanted = receptor.blocked(block).occupancy(amine) / rest
        assert signal.d2_block[0, i] == pytest.approx(block, rel=1e-14)
        assert signal.d2[0, i] == pytest.approx(wanted, rel=1e-12)


def test_terminals_are_not_computed_again(run, monkeypatch):
    fresh = replace(run)
    assert set(fresh.terminal) == set(SITES)
    monkeypatch.setattr("vmatcore.chain.sites", None)
    assert fresh.signal.d2.tolist() == run.signal.d2.tolist()


def test_several_occupancies_follow_one_another(run):
    other = vm.simulate("valbenazine 80 mg q24h x 3", until_h=200)
    both = {
        site: replace(
            run.terminal[site],
            **{
                name: np.concatenate([getattr(one.terminal[site], name) for one in (run, other)])
                for name in ("cytosol_umol_l", "content_umol_l", "outside_umol_l", "acids_umol_l")
            },
            resting={
                name: np.concatenate([value, other.terminal[site].resting[name]])
                for name, value in run.terminal[site].resting.items()
            },
        )
        for site in SITES
    }
    found = vm.signal.course([run.occupancy, other.occupancy], both)
    for row, alone in enumerate((run, other)):
        for name in ("d2", "d2_block", "burst", "dip", "vmat2"):
            assert getattr(found, name)[row].tolist() == getattr(alone.signal, name)[0].tolist()


def test_whom_the_kinetics_lost_is_nan_and_the_others_are_not():
    lost = vm.Subject(weight_kg=1e-300)
    run = vm.simulate("valbenazine 80 mg", subjects=[vm.Subject(), lost], until_h=48)
    alone = vm.simulate("valbenazine 80 mg", until_h=48).signal
    for name in ("d2", "burst", "dip"):
        values = getattr(run.signal, name)
        assert np.isnan(values[1]).all()
        assert values[0] == pytest.approx(getattr(alone, name)[0], rel=1e-9)


def test_the_mean_over_the_reads_is_that_of_straight_lines():
    signal = vm.simulate("valbenazine 80 mg", time_h=[0, 1, 4, 30]).signal
    d2 = signal.d2[0]
    area = 0.5 * (d2[0] + d2[1]) + 1.5 * (d2[1] + d2[2]) + 13.0 * (d2[2] + d2[3])
    assert signal.mean(signal.d2)[0] == pytest.approx(area / 30.0, rel=1e-14)


def test_a_thousand_people_over_eight_weeks_take_seconds():
    reads, people = 2689, 1000
    run = vm.simulate("valbenazine 80 mg q24h x 56")
    many = {
        name: np.repeat(getattr(run.occupancy, name), people, axis=0) for name in ("vmat2", "bound")
    }
    held = np.repeat(run.occupancy.off_target["D2"], people, axis=0)
    pk = replace(run.pk, subjects=run.subjects * people)
    occupancy = replace(run.occupancy, pk=pk, off_target={"D2": held}, **many)
    terminal = {}
    for site, one in run.terminal.items():
        names = ("cytosol_umol_l", "content_umol_l", "outside_umol_l", "acids_umol_l")
        wide = {name: np.repeat(getattr(one, name), people, axis=0) for name in names}
        rest = {name: np.repeat(value, people) for name, value in one.resting.items()}
        terminal[site] = replace(one, resting=rest, **wide)
    start = time.perf_counter()
    found = vm.signal.course(occupancy, terminal)
    assert time.perf_counter() - start < 20.0
    assert found.burst.shape == (people, reads)


def test_what_breaks_a_rule_is_refused(run):
    short = vm.simulate("valbenazine 80 mg", until_h=10)
    with pytest.raises(ParameterTypeError, match=r"`occupancy\[0\]` must be an OccupancyResult"):
        vm.signal.course([run], run.terminal)
    with pytest.raises(ParameterError, match="`occupancy` must hold at least one"):
        vm.signal.course([], run.terminal)
    with pytest.raises(ParameterTypeError, match="a TerminalResult for 'limbic serotonin'"):
        vm.signal.course(run.occupancy, {SITES[0]: run.terminal[SITES[0]]})
    with pytest.raises(ParameterError, match="`terminal` must be read when"):
        vm.signal.course(run.occupancy, short.terminal)
    with pytest.raises(ParameterError, match="must have 2 terminals"):
        vm.signal.course([run.occupancy] * 2, run.terminal)
    with pytest.raises(ParameterTypeError, match="`region` must be a Region"):
        phasic("dorsal_striatum")
    with pytest.raises(ParameterError, match="must have receptors D1"):
        phasic(vm.Region.serotonin())


def test_reads_are_chosen_by_index_slice_or_mask_and_otherwise_refused():
    signal = vm.simulate("valbenazine 80 mg q24h x 2").signal
    for reads in (0, slice(0, 1), signal.time_h == 0.0, [0]):
        one = signal.at(reads)
        assert one.d2.shape == (1, 1)
        assert repr(one)
    for wrong in (99_999, "a", 0.5):
        with pytest.raises(vm.errors.ParameterError, match="`reads` must choose among 97 reads"):
            signal.at(wrong)
