"""D with SciPy: one call of `solve_ivp` per terminal and dose interval, LSODA or BDF."""

from collections.abc import Callable

import numpy as np

from .contest import Contender
from .work_d import Problem, solve_by_scipy

SETTINGS = {"LSODA": (1e-6, 1e-11), "BDF": (2e-7, 1e-12)}


def contender(method: str) -> Contender:
    relative, absolute = SETTINGS[method]

    def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
        def call() -> np.ndarray:
            out = np.empty(problem.shape)
            for row in range(problem.terminals):
                out[row] = solve_by_scipy(
                    problem.parameters[row], problem.start[row], relative, absolute, method
                )
            return out

        return call

    return Contender(
        name=f"SciPy solve_ivp {method}",
        prepare=prepare,
        packages=("numpy", "scipy"),
        size=2,
        all_threads=False,
        note=f"rtol {relative:g}, atol {absolute:g}",
    )


CONTENDERS = tuple(contender(method) for method in SETTINGS)
