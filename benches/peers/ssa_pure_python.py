"""Gillespie's direct method in pure Python, as one would write it."""

import random
from collections.abc import Callable
from math import log

import numpy as np

from .contest import Contender
from .filling_problem import END_S, Problem


def fill(problem: Problem, uniform: Callable[[], float]) -> int:
    birth, death = problem.birth_per_s, problem.death_per_s
    per_molecule = 0.0 if problem.capacity is None else birth / problem.capacity
    time_s, molecules = 0.0, 0
    while True:
        entering = birth - per_molecule * molecules
        total = entering + death * molecules
        time_s -= log(1.0 - uniform()) / total
        if time_s > END_S:
            return molecules
        molecules += 1 if uniform() * total < entering else -1


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    def call() -> np.ndarray:
        uniform = random.Random(next(problem.seeds)).random
        return np.array([fill(problem, uniform) for _ in range(problem.vesicles)])

    return call


CONTENDERS = (
    Contender(
        name="pure Python",
        prepare=prepare,
        packages=(),
        size=100,
        all_threads=False,
        note="random.random and math.log",
    ),
)
