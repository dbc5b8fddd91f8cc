"""The closed form in pure Python: a table of the distribution function, searched by halving."""

import bisect
import random
from collections.abc import Callable

import numpy as np

from .contest import Contender
from .filling_problem import Problem


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    law = problem.law

    def call() -> np.ndarray:
        low, high = int(law.ppf(1e-15)), int(law.isf(1e-15))
        below = law.cdf(np.arange(low, high + 1)).tolist()
        below[-1] = 1.0
        uniform = random.Random(next(problem.seeds)).random
        search = bisect.bisect_right
        return np.array([low + search(below, uniform()) for _ in range(problem.vesicles)])

    return call


CONTENDERS = (
    Contender(
        name="pure Python",
        prepare=prepare,
        packages=(),
        size=100_000,
        all_threads=False,
        note="the table is made in every call",
    ),
)
