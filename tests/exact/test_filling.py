"""Filling against the reference molecule for molecule, and the methods against one another."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import linalg

import vmatcore as vm
from tests.reference import filling as reference
from tests.reference.levels import HERE
from vmatcore.errors import ParameterError

filling = vm.filling
Steps = filling.Steps

TIME_S = [0.0, 7.5, 40.0, 55.0, 55.0, 100.0, 130.0, 200.0]
DRIVE = Steps(time_s=[0, 40, 100, 160], values=[1.0, 0.3, 0.0, 0.6])
AMINE = Steps(time_s=[0, 25, 100], values=[2.65, 5.0, 1.0])
CROWDED = vm.Vesicle(lumen_km_mmol_l=40.0)

CASES = {
    "dopamine": (vm.Vesicle(), {}),
    "serotonin": (vm.Vesicle.serotonin(), {"active": 0.3, "start": 700}),
    "norepinephrine": (vm.Vesicle.norepinephrine(), {"active": DRIVE}),
    "drives": (vm.Vesicle(), {"active": DRIVE, "cytosol_umol_l": AMINE, "start": "full"}),
    "immigration-death": (filling.BirthDeath(birth_per_s=25.0, death_per_s=0.007), {}),
    "capacity": (
        filling.BirthDeath(birth_per_s=25.0, death_per_s=0.002, capacity=500),
        {"active": DRIVE, "start": 33},
    ),
    "capacity-full": (
        filling.BirthDeath(birth_per_s=2.0, death_per_s=0.02, capacity=500),
        {"start": "full"},
    ),
    "nothing-happens": (filling.BirthDeath(birth_per_s=0.0, death_per_s=0.0), {"start": 12}),
    "only-entry": (filling.BirthDeath(birth_per_s=3.0, death_per_s=0.0), {}),
    "only-exit": (filling.BirthDeath(birth_per_s=0.0, death_per_s=0.02), {"start": 300}),
    "blocked": (vm.Vesicle(), {"active": 0.0, "start": 3000}),
    "spread": (
        vm.Vesicle(volume_cv=0.5, transporters_vary=True),
        {"active": DRIVE, "start": "full"},
    ),
    "volumes": (vm.Vesicle(volume_cv=0.3), {"active": 0.4, "start": list(range(6))}),
    "telegraph": (
        vm.Vesicle(volume_cv=0.2),
        {"active": DRIVE, "binding": "telegraph", "residence_s": 20.0, "start": "full"},
    ),
    "irreversible": (vm.Vesicle(), {"active": DRIVE, "binding": "irreversible"}),
    "far-rows": (vm.Vesicle(), {"active": 0.2, "first": 2**63 + 5}),
    "crowded": (CROWDED, {"active": DRIVE, "start": 1000}),
    "crowded-telegraph": (CROWDED, {"active": 0.5, "binding": "telegraph", "start": 50}),
}


def cohort(law, *, active=1.0, cytosol_umol_l=None, binding="fast", residence_s=120.0, **given):
    """The same vesicles for the reference."""
    active = Steps.of("active", active)
    common = {"binding": binding, "residence_s": residence_s, "time_s": TIME_S} | given
    if isinstance(law, filling.BirthDeath):
        ends, (shares,) = Steps.merged(active)
        segments = [
            reference.Segment(float(end), float(share), law.birth_per_s)
            for end, share in zip(ends, shares, strict=True)
        ]
        return reference.Cohort(
            segments, leak_per_s=law.death_per_s, capacity=law.capacity, **common
        )
    amine = Steps.of("c", law.cytosol_umol_l if cytosol_umol_l is None else cytosol_umol_l)
    ends, (shares, cytosol) = Steps.merged(active, amine)
    columns = law.per_copy(cytosol)
    rows = zip(ends, shares, *columns, strict=True)
    return reference.Cohort(
        [reference.Segment(*(float(value) for value in row)) for row in rows],
        copies=law.transporters,
        leak_per_s=law.leak_per_s(),
        log_volume_sd=math.sqrt(reference.transforms.ln(1.0 + law.volume_cv * law.volume_cv)),
        copies_vary=law.transporters_vary,
        **common,
    )


@pytest.mark.parametrize("seed", [7, 2**64 - 1])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("method", ["ssa", "closed_form"])
def test_equals_the_pure_python_reference_molecule_for_molecule(name, method, seed):
    law, settings = CASES[name]
    if name.startswith("crowded") and method == "closed_form":
        with pytest.raises(ParameterError, match='`method` must be "ssa" or "mean"'):
            filling.simulate(law, time_s=TIME_S, vesicles=6, seed=seed, **settings)
        return
    got = filling.simulate(
        law, time_s=TIME_S, vesicles=6, seed=seed, method=method, **settings
    ).molecules
    vesicles = cohort(law, seed=seed, **settings)
    want = [getattr(reference, method)(vesicles, row) for row in range(6)]
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("name", [name for name in CASES if name != "volumes"])
def test_every_event_of_the_list_equals_the_reference_and_leads_to_the_contents(name):
    law, settings = CASES[name]
    got = filling.simulate(
        law, time_s=TIME_S, vesicles=3, seed=3, method="ssa", keep="events", **settings
    )
    vesicles = cohort(law, seed=3, **settings)
    for row in range(3):
        course = reference.Course(vesicles, row)
        events = reference.Events(reference.Xoshiro.from_stream(vesicles.stream(row, "events")))
        want = list(reference.history(course, events, TIME_S[-1]))
        times, changes = got.of(row)
        np.testing.assert_array_equal(times, [time for time, _ in want])
        np.testing.assert_array_equal(changes, [change for _, change in want])
        content = course.start() + np.concatenate([[0], np.cumsum(changes, dtype=int)])
        read = content[np.searchsorted(times, TIME_S, side="right")]
        np.testing.assert_array_equal(got.molecules[row], read)


@pytest.mark.parametrize("threads", [1, 2, 3, 8, 64])
@pytest.mark.parametrize("method", ["ssa", "closed_form"])
def test_threads_and_chunks_change_no_bit(method, threads):
    for name in ("drives", "spread", "telegraph", "irreversible"):
        law, settings = CASES[name]
        every = {"time_s": TIME_S, "method": method, "seed": 9} | settings
        want = filling.simulate(law, vesicles=1500, threads=1, **every).molecules
        got = filling.simulate(law, vesicles=1500, threads=threads, **every).molecules
        np.testing.assert_array_equal(got, want)
        kept = filling.simulate(
            law, vesicles=1500, threads=threads, keep=filling.Moments(), **every
        )
        np.testing.assert_allclose(kept.mean, want.mean(axis=0), rtol=1e-15)
        np.testing.assert_array_equal(kept.least, want.min(axis=0))
        np.testing.assert_array_equal(kept.most, want.max(axis=0))


@pytest.mark.parametrize("level", HERE)
@pytest.mark.parametrize("method", ["ssa", "closed_form"])
def test_no_cpu_level_changes_a_bit(method, level, monkeypatch):
    for name, (law, settings) in CASES.items():
        if name == "volumes" or (name.startswith("crowded") and method == "closed_form"):
            continue
        every = {"time_s": TIME_S, "method": method, "seed": 9, "vesicles": 203} | settings
        monkeypatch.delenv("VMATCORE_CPU", raising=False)
        want = filling.simulate(law, **every).molecules
        monkeypatch.setenv("VMATCORE_CPU", level)
        np.testing.assert_array_equal(filling.simulate(law, **every).molecules, want)


@pytest.mark.parametrize("method", ["ssa", "closed_form"])
def test_the_first_vesicles_of_a_million_are_those_run_alone(method):
    law = filling.BirthDeath(birth_per_s=0.5, death_per_s=0.01)
    every = {"time_s": [20.0, 60.0], "method": method, "seed": 5}
    many = filling.simulate(law, vesicles=1_000_000, **every).molecules
    few = filling.simulate(law, vesicles=10, **every).molecules
    np.testing.assert_array_equal(many[:10], few)
    later = filling.simulate(law, vesicles=10, first=999_990, **every).molecules
    np.testing.assert_array_equal(many[-10:], later)


@pytest.mark.parametrize("name", ["drives", "telegraph", "irreversible", "capacity", "crowded"])
def test_the_read_out_grid_changes_nothing_for_ssa(name):
    law, settings = CASES[name]
    every = {"method": "ssa", "seed": 2, "vesicles": 50} | settings
    fine = np.round(np.linspace(0.0, 200.0, 801), 2)
    got = filling.simulate(law, time_s=fine, **every).molecules
    coarse = filling.simulate(law, time_s=TIME_S, **every).molecules
    places = np.searchsorted(fine, TIME_S)
    np.testing.assert_array_equal(got[:, places], coarse)


@pytest.mark.parametrize("name", ["drives", "telegraph", "irreversible", "capacity", "spread"])
def test_later_times_change_no_earlier_bit_of_the_closed_form(name):
    law, settings = CASES[name]
    every = {"seed": 2, "vesicles": 50} | settings
    long = filling.simulate(law, time_s=np.arange(60.0) * 5, **every).molecules
    short = filling.simulate(law, time_s=np.arange(20.0) * 5, **every).molecules
    np.testing.assert_array_equal(long[:, :20], short)


LINEAR = [name for name in CASES if not name.startswith("crowded") and name != "volumes"]
ALIKE = [name for name in LINEAR if name not in ("spread", "telegraph", "far-rows")]


@pytest.mark.parametrize("name", ALIKE)
def test_convolution_and_master_equation_agree(name):
    law, settings = CASES[name]
    master = filling.distribution(law, time_s=TIME_S, method="uniformisation", **settings)
    assert np.abs(master.probability.sum(axis=0) - 1).max() < 1e-10
    if settings.get("binding", "fast") != "fast":
        return
    other = filling.distribution(law, time_s=TIME_S, method="convolution", **settings)
    rows = max(len(master.probability), len(other.probability))
    pad = [np.pad(d.probability, ((0, rows - len(d.probability)), (0, 0))) for d in (master, other)]
    assert np.abs(pad[0] - pad[1]).sum(axis=0).max() / 2 < 1e-10


TELEGRAPH = {"active": DRIVE, "binding": "telegraph", "residence_s": 20.0, "start": "full"}


@pytest.mark.parametrize("name", [*ALIKE, "telegraph"])
def test_mean_equals_the_mean_of_the_distribution(name):
    law, settings = CASES[name] if name in ALIKE else (vm.Vesicle(), TELEGRAPH)
    mean = filling.simulate(law, time_s=TIME_S, method="mean", **settings).mean
    law_mean = filling.distribution(law, time_s=TIME_S, **settings).mean
    np.testing.assert_allclose(mean, law_mean, rtol=1e-9, atol=1e-12)


def generator(law, copies, active, residence_s, most):
    """The master equation of (working copies, molecules) as a dense matrix, made anew."""
    matrix = np.zeros((copies + 1, most + 1, copies + 1, most + 1))
    influx, efflux, crowding = (float(c[0]) for c in law.per_copy(np.array([law.cytosol_umol_l])))
    for k in range(copies + 1):
        for n in range(most + 1):
            slowed = 1 + crowding * n
            moves = {
                (k, n + 1): k * influx / slowed,
                (k, n - 1): n * (k * efflux / slowed + law.leak_per_s()),
                (k + 1, n): (copies - k) / residence_s,
                (k - 1, n): k * (1 - active) / (active * residence_s),
            }
            for (to_k, to_n), rate in moves.items():
                if 0 <= to_k <= copies and 0 <= to_n <= most:
                    matrix[k, n, to_k, to_n] += rate
                    matrix[k, n, k, n] -= rate
    size = (copies + 1) * (most + 1)
    return matrix.reshape(size, size)


@pytest.mark.parametrize("saturation", [None, 1.0])
def test_the_master_equation_with_switching_copies_equals_a_matrix_exponential(saturation):
    law = vm.Vesicle(
        transporters=2, cytosol_umol_l=0.02, leak_half_time_s=20.0, lumen_km_mmol_l=saturation
    )
    active, residence_s, most = 0.4, 30.0, 60
    got = filling.distribution(
        law, active=active, time_s=[50.0], binding="telegraph", residence_s=residence_s
    ).probability[:, 0]
    start = np.zeros((3, most + 1))
    start[:, 0] = [0.36, 0.48, 0.16]
    matrix = generator(law, 2, active, residence_s, most)
    want = (start.ravel() @ linalg.expm(50.0 * matrix)).reshape(3, -1).sum(axis=0)
    size = min(len(got), len(want))
    assert np.abs(got[:size] - want[:size]).max() < 1e-12
    assert want[size:].sum() + got[size:].sum() < 1e-12


def test_the_rate_equation_ends_at_the_content_where_both_directions_balance():
    mean = filling.simulate(CROWDED, time_s=[1e5], method="mean").mean[0]
    assert mean == pytest.approx(CROWDED.content(), rel=1e-9)


def test_the_rate_equation_equals_a_solution_of_scipy():
    from scipy import integrate

    def slope(_, content):
        entering, leaving = CROWDED.rates(content, 0.3)
        return entering - leaving

    times = [1.0, 30.0, 400.0]
    want = integrate.solve_ivp(
        slope, (0, 400), [200.0], t_eval=times, rtol=1e-11, atol=1e-9, method="DOP853"
    ).y[0]
    got = filling.simulate(CROWDED, active=0.3, time_s=times, start=200, method="mean").mean
    np.testing.assert_allclose(got, want, rtol=1e-9)


def test_switching_copies_under_a_crowded_law_have_no_rate_equation():
    with pytest.raises(ParameterError, match='must be "ssa" or a distribution'):
        filling.simulate(CROWDED, active=0.5, time_s=[1], method="mean", binding="telegraph")


def test_a_histogram_counts_what_the_contents_hold():
    edges = [0, 100, 250.5, 251, 400]
    every = {"time_s": [0.0, 20.0], "vesicles": 3000, "seed": 1, "start": 5}
    kept = filling.simulate(vm.Vesicle(), keep=filling.Histogram(edges=edges), **every)
    contents = filling.simulate(vm.Vesicle(), **every).molecules
    for time in range(2):
        column = contents[:, time].astype(float)
        bins = np.array(
            [((low <= column) & (column < high)).sum() for low, high in itertools.pairwise(edges)]
        )
        np.testing.assert_array_equal(kept.counts[time], bins)
        assert kept.below[time] == 0
        assert kept.above[time] == (column >= 400).sum()


def test_more_vesicles_than_an_array_could_hold_are_reduced():
    kept = filling.simulate(
        filling.BirthDeath(birth_per_s=25.0, death_per_s=0.007),
        time_s=[200.0],
        vesicles=10_000_000,
        keep=filling.Moments(),
        seed=1,
    )
    mean = 25 / 0.007 * -math.expm1(-1.4)
    assert abs(kept.mean[0] - mean) < 7 * math.sqrt(mean / 1e7)


def test_seed_none_is_drawn_recorded_and_gives_the_same_again():
    first = filling.simulate(vm.Vesicle(), time_s=[60], vesicles=5)
    other = filling.simulate(vm.Vesicle(), time_s=[60], vesicles=5)
    assert first.seed != other.seed
    again = filling.simulate(vm.Vesicle(), time_s=[60], vesicles=5, seed=first.seed)
    np.testing.assert_array_equal(again.molecules, first.molecules)


def test_empty_requests_give_empty_results():
    assert filling.simulate(vm.Vesicle(), time_s=[], vesicles=4, seed=1).molecules.shape == (4, 0)
    assert filling.simulate(vm.Vesicle(), time_s=[1], vesicles=0, seed=1).molecules.shape == (0, 1)
    for method in ("ssa", "closed_form"):
        kept = filling.simulate(
            vm.Vesicle(), time_s=[1], vesicles=0, seed=1, method=method, keep=filling.Moments()
        )
        assert np.isnan(kept.mean[0])
