"""All vesicles in lockstep with NumPy: one event of each at a time, those at the end dropped."""

from collections.abc import Callable

import numpy as np

from .contest import Contender
from .filling_problem import END_S, Problem

BATCH = 4_000
"""Vesicles whose arrays fit the cache."""
EVERY = 64
"""Events between two looks for vesicles that are at the end."""


def fill(problem: Problem, vesicles: int, generator: np.random.Generator) -> np.ndarray:
    birth, death = problem.birth_per_s, problem.death_per_s
    per_molecule = 0.0 if problem.capacity is None else birth / problem.capacity
    out = np.empty(vesicles, np.int64)
    place = np.arange(vesicles)
    time_s, molecules = np.zeros(vesicles), np.zeros(vesicles)
    while place.size:
        size = place.size
        waits = generator.standard_exponential((EVERY, size))
        choices = generator.random((EVERY, size))
        for wait, choice in zip(waits, choices, strict=True):
            entering = birth - per_molecule * molecules
            total = entering + death * molecules
            time_s += wait / total
            going = time_s <= END_S
            change = np.where(choice * total < entering, 1.0, -1.0)
            molecules += np.where(going, change, 0.0)
        over = time_s > END_S
        if over.any():
            out[place[over]] = molecules[over]
            place, time_s, molecules = place[~over], time_s[~over], molecules[~over]
    return out


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    def call() -> np.ndarray:
        generator = np.random.Generator(np.random.SFC64(next(problem.seeds)))
        sizes = [
            min(BATCH, problem.vesicles - first) for first in range(0, problem.vesicles, BATCH)
        ]
        return np.concatenate([fill(problem, size, generator) for size in sizes])

    return call


CONTENDERS = (
    Contender(
        name="NumPy, lockstep",
        prepare=prepare,
        packages=("numpy",),
        size=4_000,
        all_threads=False,
        note=f"batches of {BATCH} vesicles, SFC64, ziggurat exponentials",
    ),
)
