"""Release with vmatcore, at the best CPU level and at the lowest."""

import os
from collections.abc import Callable

import numpy as np

import vmatcore as vm

from .contest import Contender
from .quanta_problem import CV, MEAN, POOL, PROBABILITY, REFILL_S, SITES, SPIKES, Problem

SYNAPSE = vm.Synapse(sites=SITES, probability=PROBABILITY, refill_s=REFILL_S, pool_per_site=POOL)


def release(problem: Problem, threads: int, content: vm.LognormalQuantum) -> np.ndarray:
    return vm.release.simulate(
        SYNAPSE,
        problem.trains,
        content=content,
        synapses=problem.synapses,
        seed=next(problem.seeds),
        threads=threads,
    ).molecules


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    content = vm.LognormalQuantum(molecules=MEAN, cv=CV)
    return lambda: release(problem, threads, content)


def prepare_baseline(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    content = vm.LognormalQuantum(molecules=MEAN, cv=CV)

    def call() -> np.ndarray:
        os.environ["VMATCORE_CPU"] = "baseline"
        try:
            return release(problem, threads, content)
        finally:
            del os.environ["VMATCORE_CPU"]

    return call


CONTENDERS = (
    Contender(
        name="vmatcore",
        prepare=prepare,
        packages=("vmatcore", "numpy"),
        size=10_000 * SPIKES,
        note="writes the quanta of every spike, too",
    ),
    Contender(
        name="vmatcore, plain x86-64",
        prepare=prepare_baseline,
        packages=("vmatcore", "numpy"),
        size=3_000 * SPIKES,
        note="VMATCORE_CPU=baseline: no instruction that not every x86-64 processor has",
    ),
)
