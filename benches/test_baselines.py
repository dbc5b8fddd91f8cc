"""The package against the pure-Python baselines: `pytest benches/ --benchmark-only`."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

#: The work, how many units, its pure-Python contender and ours.
WORKS = {
    "A2, every event": ("work_a2_ssa", 64, "ssa_pure_python", "ssa_vmatcore"),
    "A2, closed form": ("work_a2_closed", 20_000, "closed_pure_python", "closed_vmatcore"),
    "B, quanta": ("work_b", 6_000, "release_pure_python", "release_vmatcore"),
    "B2, filling quanta": ("work_b2", 3_000, "vesicles_pure_python", "vesicles_vmatcore"),
    "C1, linear pharmacokinetics": ("work_c1", 200, "c1_pure_python", "c1_vmatcore"),
    "C2, saturable pharmacokinetics": ("work_c2", 4, "c2_pure_python", "c2_vmatcore"),
}


def module(name: str) -> Any:
    return importlib.import_module(f"benches.peers.{name}")


def run(benchmark, name: str, contender: str, threads: int) -> None:
    work_name, units, *_ = WORKS[name]
    work = module(work_name).WORK
    problem = work.make(units)
    answer = benchmark(module(contender).CONTENDERS[0].prepare(problem, threads))
    assert work.check(problem, answer) < work.tolerance


@pytest.mark.parametrize("name", WORKS)
def test_pure_python_is_right(benchmark, name):
    benchmark.group = name
    run(benchmark, name, WORKS[name][2], 1)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", WORKS)
def test_vmatcore_is_right(benchmark, name, threads):
    benchmark.group = name
    run(benchmark, name, WORKS[name][3], threads)
