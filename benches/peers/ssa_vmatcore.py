"""Filling event by event with vmatcore, at the best CPU level and at the lowest."""

import os
from collections.abc import Callable

import numpy as np

import vmatcore as vm

from .contest import Contender
from .filling_problem import END_S, Problem


def fill(problem: Problem, threads: int, method: str) -> np.ndarray:
    law = vm.filling.BirthDeath(
        birth_per_s=problem.birth_per_s,
        death_per_s=problem.death_per_s,
        capacity=problem.capacity,
    )
    return vm.filling.simulate(
        law,
        time_s=[END_S],
        vesicles=problem.vesicles,
        method=method,
        seed=next(problem.seeds),
        threads=threads,
    ).molecules


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    return lambda: fill(problem, threads, "ssa")


def prepare_baseline(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    def call() -> np.ndarray:
        os.environ["VMATCORE_CPU"] = "baseline"
        try:
            return fill(problem, threads, "ssa")
        finally:
            del os.environ["VMATCORE_CPU"]

    return call


CONTENDERS = (
    Contender(name="vmatcore", prepare=prepare, packages=("vmatcore", "numpy"), size=100_000),
    Contender(
        name="vmatcore, plain x86-64",
        prepare=prepare_baseline,
        packages=("vmatcore", "numpy"),
        size=20_000,
        note="VMATCORE_CPU=baseline: no instruction that not every x86-64 processor has",
    ),
)
