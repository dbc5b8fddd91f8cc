"""C2 in pure Python: the classical fourth-order rule in plain floats, steps of a fixed length.

Steps are finer in the first hours after a dose, where absorption is fast. No NumPy in the loops.
"""

from collections.abc import Callable

import numpy as np

from .contest import Contender
from .work_c2 import DOSE_MG, DOSES, FRACTION, STEPS_PER_DOSE, Problem

FINE_HOURS = 3
FINE, COARSE = 32, 5
"""Steps in each hour soon after a dose, and later."""


def solve_subject(parameters: tuple[float, ...]) -> tuple[list[float], list[float]]:
    """The concentrations of the parent and of the metabolite at every hour."""
    ka, fastest, half_c, v1, q, v2, clm, vm = parameters
    forth, back, half, clear = q / v1, q / v2, half_c * v1, clm / vm

    def slope(y0, y1, y2, y3):
        absorbed = ka * y0
        exchanged = forth * y1 - back * y2
        eliminated = fastest * y1 / (half + y1)
        return (
            -absorbed,
            absorbed - exchanged - eliminated,
            exchanged,
            FRACTION * eliminated - clear * y3,
        )

    y0 = y1 = y2 = y3 = 0.0
    parents, metabolites = [0.0], [0.0]
    for _ in range(DOSES):
        y0 += DOSE_MG
        for hour in range(STEPS_PER_DOSE):
            steps = FINE if hour < FINE_HOURS else COARSE
            h = 1.0 / steps
            for _ in range(steps):
                a0, a1, a2, a3 = slope(y0, y1, y2, y3)
                g = 0.5 * h
                b0, b1, b2, b3 = slope(y0 + g * a0, y1 + g * a1, y2 + g * a2, y3 + g * a3)
                c0, c1, c2, c3 = slope(y0 + g * b0, y1 + g * b1, y2 + g * b2, y3 + g * b3)
                d0, d1, d2, d3 = slope(y0 + h * c0, y1 + h * c1, y2 + h * c2, y3 + h * c3)
                g = h / 6
                y0 += g * (a0 + 2 * (b0 + c0) + d0)
                y1 += g * (a1 + 2 * (b1 + c1) + d1)
                y2 += g * (a2 + 2 * (b2 + c2) + d2)
                y3 += g * (a3 + 2 * (b3 + c3) + d3)
            parents.append(y1 / v1)
            metabolites.append(y3 / vm)
    return parents, metabolites


def solve(problem: Problem) -> np.ndarray:
    out = np.empty(problem.shape)
    subjects = zip(*(column.tolist() for column in problem.parameters), strict=True)
    for subject, parameters in enumerate(subjects):
        out[subject] = solve_subject(parameters)
    return out


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    return lambda: solve(problem)


CONTENDERS = (
    Contender(
        name="pure Python",
        prepare=prepare,
        packages=(),
        size=20,
        all_threads=False,
        note="Runge and Kutta's rule with fixed steps, written out in floats",
    ),
)
