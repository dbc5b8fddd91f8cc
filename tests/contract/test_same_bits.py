"""The same call gives the same bits, whatever runs it."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

import vmatcore as vm
from tests.reference.levels import HERE
from vmatcore import diagnosis
from vmatcore.pk import Flow, Graph, Input, Readout, solve

REGIMEN = "valbenazine 40 mg q24h x 3 & reserpine 0.25 mg q24h x 2 & tetrabenazine 12.5 mg q8h x 5"
PEOPLE = [
    vm.Subject(cyp2d6=phenotype, weight_kg=weight)
    for phenotype in ("poor", "intermediate", "normal", "ultrarapid")
    for weight in (41.0, 70.0, 133.7)
]

#: More subjects than one chunk holds, and no multiple of the lanes.
SUBJECTS = 601


def some_rates(low, high, subjects=SUBJECTS):
    """Rates without a pattern, the same on every machine: no logarithm, no random generator."""
    steps = (np.arange(subjects) * 7919 % 1009) / 1009.0
    return low + (high - low) * steps


def graph(rows=slice(None)):
    return Graph(
        ["gut", "plasma", "tissue"],
        [
            Flow("gut", "plasma", rate_per_h=some_rates(0.2, 3.0)[rows]),
            Flow("plasma", "tissue", rate_per_h=some_rates(0.01, 0.9)[::-1][rows]),
            Flow("tissue", "plasma", rate_per_h=0.05),
            Flow("plasma", None, rate_per_h=some_rates(1e-3, 0.4)[rows]),
        ],
        [
            Readout("plasma", "plasma", per_amount=1.0 / some_rates(20.0, 70.0)[rows]),
            Readout("all", "plasma"),
            Readout("all", "tissue"),
        ],
    )


INPUTS = [Input("gut", 100.0), Input("plasma", 30.0, 5.5, 2.25), Input("gut", 50.0, 12.0)]
TIME_H = np.concatenate([np.linspace(0.0, 24.0, 49), [24.1, 24.1, 30.0, 171.3]])


def solved(rows=slice(None), **settings):
    return solve(graph(rows), inputs=INPUTS, time_h=TIME_H, **settings)


def bits(run: vm.Run) -> str:
    """A hash of every array of a run."""
    held = run.occupancy
    arrays = [run.pk.time_h, run.pk.plasma_nmol_l, run.pk.brain_unbound_nmol_l, held.vmat2]
    arrays += [held.bound, *held.off_target.values(), *held.off_target_at_most.values()]
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()


def simulated(people=PEOPLE, **settings) -> vm.Run:
    return vm.simulate(REGIMEN, every_h=1.5, subjects=people, **settings)


REFERENCE = solved(threads=1)
REFERENCE_RUN = simulated(threads=1)


def test_the_reference_has_numbers_in_every_row():
    assert REFERENCE.shape == (SUBJECTS, 2, len(TIME_H))
    assert np.isfinite(REFERENCE).all()
    assert (REFERENCE[:, :, 1:] > 0).all()
    assert len(np.unique(REFERENCE[:, 0, 9])) > SUBJECTS // 2
    assert REFERENCE_RUN.occupancy.bound.max() > 0.01


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_the_number_of_threads_changes_no_bit(threads):
    for _ in range(5):
        assert solved(threads=threads).tobytes() == REFERENCE.tobytes()
    assert bits(simulated(threads=threads)) == bits(REFERENCE_RUN)


def test_the_number_of_threads_in_the_environment_changes_no_bit(monkeypatch):
    for threads in ("1", "5"):
        monkeypatch.setenv("VMATCORE_NUM_THREADS", threads)
        assert solved().tobytes() == REFERENCE.tobytes()


HASHES = """
import json, sys
from vmatcore import diagnosis
assert diagnosis.facts()["cpu level"] == sys.argv[1]
print(json.dumps(diagnosis.hashes()))
"""


@pytest.mark.parametrize("level", HERE)
def test_no_cpu_level_changes_a_golden_hash(level):
    done = subprocess.run(
        [sys.executable, "-c", HASHES, level],
        env={**os.environ, "VMATCORE_CPU": level, "VMATCORE_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == diagnosis.hashes()


@pytest.mark.parametrize("level", HERE)
def test_no_cpu_level_changes_a_bit_of_many_subjects(level, monkeypatch):
    monkeypatch.setenv("VMATCORE_CPU", level)
    assert diagnosis.facts()["cpu level"] == level
    assert solved(threads=3).tobytes() == REFERENCE.tobytes()
    assert bits(simulated(threads=3)) == bits(REFERENCE_RUN)


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_gives_the_same_bits_and_hands_them_back(start):
    if start not in multiprocessing.get_all_start_methods():
        start = "spawn"
    context = multiprocessing.get_context(start)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        waiting = [
            pool.submit(vm.simulate, REGIMEN, every_h=1.5, subjects=PEOPLE, threads=threads)
            for threads in (1, 2, 3)
        ]
        runs = [future.result(timeout=60) for future in waiting]
    assert {bits(run) for run in runs} == {bits(REFERENCE_RUN)}
    assert not runs[0].pk.plasma_nmol_l.flags.writeable


def test_python_threads_side_by_side_give_the_same_bits():
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: solved(threads=1 + n % 3).tobytes(), range(16)))
    assert set(found) == {REFERENCE.tobytes()}


def test_a_subject_has_the_same_bits_in_any_batch_and_at_any_place():
    backwards = solved(slice(None, None, -1))
    assert backwards[::-1].tobytes() == REFERENCE.tobytes()
    for first, last in [(0, 1), (600, 601), (3, 11), (0, 512), (1, 514), (88, 601)]:
        assert solved(slice(first, last)).tobytes() == REFERENCE[first:last].tobytes()
    order = np.argsort(some_rates(0.0, 1.0), kind="stable")
    assert solved(order).tobytes() == REFERENCE[order].tobytes()


def test_a_person_has_the_same_bits_alone_and_among_others():
    for i, person in enumerate(PEOPLE):
        alone = vm.simulate(REGIMEN, every_h=1.5, subject=person)
        among = REFERENCE_RUN.pk.plasma_nmol_l[i]
        assert alone.pk.plasma_nmol_l[0].tobytes() == among.tobytes()
        assert alone.occupancy.vmat2[0].tobytes() == REFERENCE_RUN.occupancy.vmat2[i].tobytes()
    hundred = simulated([PEOPLE[i % len(PEOPLE)] for i in range(100)])
    for i in range(100):
        expected = REFERENCE_RUN.occupancy.vmat2[i % len(PEOPLE)]
        assert hundred.occupancy.vmat2[i].tobytes() == expected.tobytes()


def test_what_was_pickled_gives_the_same_bits():
    def again(value):
        return pickle.loads(pickle.dumps(value))

    values = solve(again(graph()), inputs=again(INPUTS), time_h=again(TIME_H))
    assert values.tobytes() == REFERENCE.tobytes()
    regimen = again(vm.Regimen.parse(REGIMEN))
    drugs = [again(vm.drugs.get(name)) for name in regimen.drugs]
    run = vm.simulate(
        regimen,
        every_h=1.5,
        subjects=again(PEOPLE),
        drugs=drugs,
        brain=again(vm.pk.Brain.default()),
    )
    assert bits(run) == bits(REFERENCE_RUN) == bits(again(REFERENCE_RUN))
    assert bits(again(REFERENCE_RUN).read(REFERENCE_RUN.pk.time_h)) == bits(REFERENCE_RUN)


def test_the_golden_hashes_are_reproduced():
    assert len(diagnosis.golden()) >= 150
    assert set(diagnosis.hashes()) == set(diagnosis.golden())
    assert diagnosis.wrong_hashes() == []


def test_a_result_that_differs_in_its_last_bit_is_found(monkeypatch):
    honest = diagnosis.hashes()
    monkeypatch.setattr(diagnosis, "golden", lambda: honest)
    assert diagnosis.wrong_hashes() == []

    def changed(*arguments, **settings):
        values = solve(*arguments, **settings)
        values[-1, -1, -1] = np.nextafter(values[-1, -1, -1], np.inf)
        return values

    monkeypatch.setattr("vmatcore.golden.solve", changed)
    assert diagnosis.wrong_hashes() == [name for name in honest if "graph" in name]
    assert sum("graph" in name for name in honest) >= 20
