"""The closed form by NumPy's own Poisson and binomial numbers."""

from collections.abc import Callable

import numpy as np

from .contest import Contender
from .filling_problem import Problem


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    law = problem.law

    def call() -> np.ndarray:
        generator = np.random.Generator(np.random.SFC64(next(problem.seeds)))
        if problem.capacity is None:
            return generator.poisson(*law.args, size=problem.vesicles)
        return generator.binomial(*law.args, size=problem.vesicles)

    return call


CONTENDERS = (
    Contender(
        name="NumPy Generator",
        prepare=prepare,
        packages=("numpy",),
        size=1_000_000,
        all_threads=False,
        note="SFC64, NumPy's fastest bit generator",
    ),
)
