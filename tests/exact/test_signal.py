"""Signal against its closed forms, SciPy, and the mean field."""

from __future__ import annotations

import dataclasses
import math
import threading
import time

import numpy as np
import pytest
from scipy import integrate, optimize

import vmatcore as vm
from vmatcore.errors import ParameterError, ParameterTypeError

signal, release, spikes = vm.signal, vm.release, vm.spikes
Region = vm.Region
DORSAL = Region.dorsal_striatum()
PRESETS = {
    "dorsal": DORSAL,
    "ventral": Region.ventral_striatum(),
    "serotonin": Region.serotonin(),
    "norepinephrine": Region.norepinephrine(),
}


def constant(molecules_per_s, *, duration_s=400.0, step_s=0.25):
    """A release that is the same in every step."""
    count = round(duration_s / step_s)
    times = (np.arange(count) + 0.5) * step_s
    return release.ReleaseMean(
        time_s=times,
        duration_s=duration_s,
        quanta=np.ones(count),
        molecules=np.full(count, molecules_per_s * step_s),
        provenance={"seed": 0},
    )


@pytest.mark.parametrize("region", PRESETS.values(), ids=PRESETS)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("feedback", [True, False])
def test_a_steady_release_ends_at_the_closed_form(region, share, feedback):
    rate = share * region.tonic_molecules_per_s
    want = region.steady_nmol_l(rate, feedback=feedback)
    run = signal.simulate(constant(rate), region, step_s=0.25, feedback=feedback)
    assert run.amine_nmol_l[-1] == pytest.approx(want, rel=1e-6, abs=1e-9)
    for name, receptor in region.receptors.items():
        assert run.of(name)[-1] == pytest.approx(receptor.occupancy(want), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("region", PRESETS.values(), ids=PRESETS)
def test_closed_forms_balance_release_and_uptake(region):
    for loss in (0.0, 0.3):
        one = dataclasses.replace(region, loss_per_s=loss)
        for share in (1e-6, 0.2, 1.0, 2.0):
            rate = share * one.tonic_molecules_per_s
            for feedback in (True, False):
                amine = one.steady_nmol_l(rate, feedback=feedback)
                gain = one.gain if feedback else 0.0
                occupied = amine / (amine + one.autoreceptor_nmol_l)
                factor = (1 + gain * one.rest_occupancy()) / (1 + gain * occupied)
                uptake = one.uptake_nmol_l_s * amine / (one.uptake_km_nmol_l + amine)
                released = one.release_nmol_l_s(rate) * factor
                assert released == pytest.approx(uptake + loss * amine, rel=1e-9)
    plain = dataclasses.replace(region, loss_per_s=0.0, gain=0.0)
    rate = plain.release_nmol_l_s(plain.tonic_molecules_per_s)
    simple = plain.uptake_km_nmol_l * rate / (plain.uptake_nmol_l_s - rate)
    assert plain.tonic_nmol_l() == pytest.approx(simple, rel=1e-12)


def test_without_drug_the_autoreceptor_changes_nothing():
    tonic = DORSAL.tonic_molecules_per_s
    assert DORSAL.steady_nmol_l(tonic) == pytest.approx(DORSAL.tonic_nmol_l(), rel=1e-12)
    # With feedback the amine falls less than release does.
    low = DORSAL.steady_nmol_l(0.5 * tonic) / DORSAL.tonic_nmol_l()
    bare = DORSAL.steady_nmol_l(0.5 * tonic, feedback=False) / DORSAL.tonic_nmol_l()
    assert 0.5 < low < 1
    assert bare < low


def test_levels_equal_a_solution_of_scipy():
    train = spikes.tonic_burst(duration_s=20, interval_cv=0.2, seed=4)
    rel = release.simulate(
        vm.Synapse.dopamine(),
        train,
        content=vm.LognormalQuantum(molecules=3000, cv=0.3),
        synapses=200,
        seed=1,
    )
    block = {"D2": 0.7}
    run = signal.simulate(rel, DORSAL, step_s=0.05, block=block)
    d1, d2 = DORSAL.receptors["D1"], DORSAL.receptors["D2"].blocked(0.7)
    rest, gain = DORSAL.rest_occupancy(), DORSAL.gain
    state = np.array(
        [DORSAL.tonic_nmol_l(), *(r.occupancy(DORSAL.tonic_nmol_l()) for r in (d1, d2))]
    )
    for step, released in enumerate(run.release_nmol_l_s):

        def slope(_, y, released=released):
            occupied = y[0] / (y[0] + DORSAL.autoreceptor_nmol_l)
            come = released * (1 + gain * rest) / (1 + gain * occupied)
            gone = DORSAL.uptake_nmol_l_s * y[0] / (DORSAL.uptake_km_nmol_l + y[0])
            bound = [
                r.off_per_s * (y[0] / r.ec50_nmol_l * (1 - y[i]) - y[i])
                for i, r in ((1, d1), (2, d2))
            ]
            return [come - gone - DORSAL.loss_per_s * y[0], *bound]

        state = integrate.solve_ivp(
            slope, (0, 0.05), state, rtol=1e-11, atol=1e-13, method="DOP853"
        ).y[:, -1]
        assert run.amine_nmol_l[step] == pytest.approx(state[0], rel=1e-7)
        assert run.of("D1")[step] == pytest.approx(state[1], rel=1e-7)
        assert run.of("D2")[step] == pytest.approx(state[2], rel=1e-7)


def test_molecules_are_spread_over_the_tissue():
    per_s = 720.0
    want = 0.104 * 1e15 * per_s / (0.21 * 6.02214076e23) * 1e9
    assert DORSAL.release_nmol_l_s(per_s) == pytest.approx(want, rel=1e-12)
    times = np.array([0.1, 0.11, 0.5])
    rel = release.simulate(
        vm.Synapse(sites=3, probability=1.0),
        spikes.from_times(times, duration_s=1.0),
        content=vm.ConstantQuantum(molecules=10.0),
        synapses=5,
        seed=1,
    )
    run = signal.simulate(rel, DORSAL, step_s=0.1)
    molecules = run.release_nmol_l_s * 0.1 / DORSAL.release_nmol_l_s(1.0)
    assert molecules.sum() == pytest.approx(rel.molecules.mean(axis=0).sum(), rel=1e-12)
    assert molecules[1] == pytest.approx(rel.molecules[:, :2].sum() / 5, rel=1e-12)


def test_rows_moments_and_means_of_release_are_taken_alike():
    train = spikes.regular(rate_hz=5, duration_s=4)
    each = spikes.from_times([train.time_s] * 50, duration_s=4)
    synapse, content = vm.Synapse.dopamine(), vm.ConstantQuantum(molecules=3000)
    shared = release.simulate(synapse, train, content=content, synapses=50, seed=1)
    own = release.simulate(synapse, each, content=content, seed=1)
    kept = release.simulate(
        synapse, train, content=content, synapses=50, seed=1, keep=release.Moments()
    )
    want = signal.simulate(shared, DORSAL).amine_nmol_l
    np.testing.assert_allclose(signal.simulate(own, DORSAL).amine_nmol_l, want, rtol=1e-9)
    np.testing.assert_allclose(signal.simulate(kept, DORSAL).amine_nmol_l, want, rtol=1e-9)


def test_the_gap_to_the_mean_field_falls_as_one_over_the_synapses():
    region = dataclasses.replace(DORSAL, gain=0.0, loss_per_s=0.0)
    train = spikes.regular(rate_hz=4, duration_s=30)
    synapse = vm.Synapse(sites=5, probability=0.11)
    content = vm.ConstantQuantum(molecules=900)
    field = release.expected(synapse, train, content=content)
    exact = signal.simulate(field, region, step_s=0.25)
    late = slice(20, None)
    gaps = []
    sizes = (4, 16, 64)
    for number in sizes:
        repeats = 900
        rel = release.simulate(
            synapse, train, content=content, synapses=number * repeats, seed=number
        ).molecules.reshape(repeats, number, -1)
        rows = []
        for one in rel:
            mean = dataclasses.replace(field, molecules=one.mean(axis=0))
            run = signal.simulate(mean, region, step_s=0.25)
            released = run.release_nmol_l_s[late].mean() - exact.release_nmol_l_s[late].mean()
            rows.append((run.amine_nmol_l[late].mean() - exact.amine_nmol_l[late].mean(), released))
        apart, released = np.array(rows).T
        # What the mean release of a run explains has no expected value of its own.
        slope = np.cov(apart, released)[0, 1] / released.var(ddof=1)
        gaps.append(apart.mean() - slope * released.mean())
    assert min(gaps) > 0
    fall = np.polyfit(np.log(sizes), np.log(gaps), 1)[0]
    assert fall == pytest.approx(-1.0, abs=0.12)


def test_release_at_or_above_uptake_is_refused_with_both_numbers():
    region = Region(
        density_per_um3=0.1, volume_fraction=0.21, uptake_nmol_l_s=1000.0, uptake_km_nmol_l=200.0
    )
    limit = 1000.0 / region.release_nmol_l_s(1.0)
    assert region.steady_nmol_l(0.999 * limit) > 1e5
    with pytest.raises(ParameterError, match=r"below the largest uptake of 1000 .* got 1000 nmol"):
        region.steady_nmol_l(1.0000001 * limit)
    with pytest.raises(ParameterError, match="of 1000 nmol/L/s on average, got 1100 nmol"):
        signal.simulate(constant(1.1 * limit), region, step_s=0.25)
    with pytest.raises(ParameterError, match="largest uptake"):
        dataclasses.replace(region, tonic_molecules_per_s=2 * limit)
    lossy = dataclasses.replace(region, loss_per_s=0.5)
    assert lossy.steady_nmol_l(2 * limit) == pytest.approx(
        optimize.brentq(lambda c: 2000 - 1000 * c / (200 + c) - 0.5 * c, 1, 1e5), rel=1e-9
    )


def test_a_drug_that_blocks_d2_competes_with_the_amine():
    run = signal.simulate(constant(720.0), DORSAL, step_s=0.25, block={"D2": 3.0})
    amine = run.amine_nmol_l[-1]
    assert run.of("D2")[-1] == pytest.approx(amine / (amine + 28.0), rel=1e-6)
    with pytest.raises(vm.errors.UnknownNameError, match="did you mean 'D2'"):
        signal.simulate(constant(720.0), DORSAL, block={"d2": 1.0})


def test_readouts_are_relative_to_a_baseline():
    train = spikes.tonic_burst(duration_s=60, interval_cv=0.1, seed=3)
    synapse = vm.Synapse.dopamine()
    runs = [
        signal.simulate(
            release.expected(synapse, train, content=vm.ConstantQuantum(molecules=size)), DORSAL
        )
        for size in (3000.0, 900.0)
    ]
    alike = runs[0].relative_to(runs[0], since_s=3)
    assert dataclasses.asdict(alike) == dict.fromkeys(dataclasses.asdict(alike), 1.0)
    low = runs[1].relative_to(runs[0], since_s=3)
    assert 0.2 < low.tonic < 0.5
    assert 0.2 < low.burst_peak < 0.5
    assert low.d1_burst < low.d2_mean < 1


BAD = {
    "region": (lambda: signal.simulate(constant(1), 3), "`region`"),
    "released": (lambda: signal.simulate([1.0], DORSAL), "`released`"),
    "step": (lambda: signal.simulate(constant(1), DORSAL, step_s=0), "`step_s`"),
    "start": (lambda: signal.simulate(constant(1), DORSAL, start="full"), "`start`"),
    "start negative": (lambda: signal.simulate(constant(1), DORSAL, start=-1), "`start`"),
    "feedback": (lambda: signal.simulate(constant(1), DORSAL, feedback=1), "`feedback`"),
    "block": (lambda: signal.simulate(constant(1), DORSAL, block={"D2": -1}), "`block\\['D2'\\]`"),
    "block of a receptor of another region": (
        lambda: signal.simulate(constant(1), Region.serotonin(), block={"D2": 0.3}),
        "unknown receptor 'D2'",
    ),
    "block a text": (
        lambda: signal.simulate(constant(1), Region.serotonin(), block="ab"),
        "`block` must be a mapping",
    ),
    "start an array": (
        lambda: signal.simulate(constant(1), DORSAL, start=np.array([1.0, 2.0])),
        "`start` must be a number",
    ),
    "since": (lambda: signal.simulate(constant(1), DORSAL).readouts(since_s="a"), "`since_s`"),
    "since negative": (
        lambda: signal.simulate(constant(1), DORSAL).readouts(since_s=-1),
        "`since_s`",
    ),
    "density": (lambda: dataclasses.replace(DORSAL, density_per_um3=-1), "`density_per_um3`"),
    "km": (lambda: dataclasses.replace(DORSAL, uptake_km_nmol_l=0), "`uptake_km_nmol_l`"),
    "receptors": (lambda: dataclasses.replace(DORSAL, receptors={"D1": 3}), "`receptors"),
    "gain": (lambda: dataclasses.replace(DORSAL, gain=math.nan), "`gain`"),
    "baseline": (lambda: signal.simulate(constant(1), DORSAL).relative_to(3), "`baseline`"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_are_refused_by_name(name):
    call, match = BAD[name]
    with pytest.raises((ParameterError, ParameterTypeError), match=match):
        call()


@pytest.mark.parametrize("step", [0.1, 0.01, 0.07, 1e-3])
def test_a_spike_on_the_edge_of_a_step_is_released_after_it(step):
    """0.3 / 0.1 is a little less than 3; the fourth step must have it all the same."""
    count = 200
    rel = release.ReleaseMean(
        time_s=np.arange(count) * step,
        duration_s=count * step,
        quanta=np.ones(count),
        molecules=np.ones(count),
        provenance={"seed": 0},
    )
    run = signal.simulate(rel, DORSAL, step_s=step)
    assert len(run.time_s) == count
    assert len(np.unique(run.release_nmol_l_s)) == 1


def test_a_release_that_lasts_no_time_is_refused():
    rel = release.simulate(vm.Synapse.dopamine(), spikes.from_times([0.0]), synapses=10, seed=1)
    with pytest.raises(ParameterError, match=r"`released` must last longer than 0 s.*duration_s"):
        signal.simulate(rel, DORSAL)
    longer = spikes.from_times([0.0], duration_s=0.5)
    rel = release.simulate(vm.Synapse.dopamine(), longer, synapses=10, seed=1)
    assert len(signal.simulate(rel, DORSAL).time_s) == 50


def test_stiff_kinetics_stop_when_asked_to():
    """One step of the grid takes very many of the solver; the wish is heard within it."""
    token, outcome = vm.CancelToken(), []

    def run():
        try:
            signal.simulate(constant(100.0), DORSAL, start=1e12, cancel=token)
        except vm.errors.CancelledError as error:
            outcome.append(error)

    runner = threading.Thread(target=run, daemon=True)
    runner.start()
    time.sleep(0.2)
    assert runner.is_alive()
    token.cancel()
    runner.join(5.0)
    assert len(outcome) == 1
