"""C1 in pure Python: one matrix exponential a subject, then 4 x 4 products in plain floats.

The matrix is lower triangular but for the exchange of parent and peripheral, so 11 of its 16
entries can differ from zero; the products are written out for those. No NumPy in the loops.
"""

import math
from collections.abc import Callable

import numpy as np

from .contest import Contender
from .work_c1 import DOSE_MG, DOSES, FRACTION, STEP_H, STEPS_PER_DOSE, Problem

Matrix = tuple[float, ...]
"""Its 11 entries, row by row: 00, 10 11 12, 20 21 22, 30 31 32 33."""

NORM = 0.5
DEGREE = 14
"""0.5**15 / 15! is below 1e-16."""


def product(left: Matrix, right: Matrix) -> Matrix:
    l00, l10, l11, l12, l20, l21, l22, l30, l31, l32, l33 = left
    r00, r10, r11, r12, r20, r21, r22, r30, r31, r32, r33 = right
    return (
        l00 * r00,
        l10 * r00 + l11 * r10 + l12 * r20,
        l11 * r11 + l12 * r21,
        l11 * r12 + l12 * r22,
        l20 * r00 + l21 * r10 + l22 * r20,
        l21 * r11 + l22 * r21,
        l21 * r12 + l22 * r22,
        l30 * r00 + l31 * r10 + l32 * r20 + l33 * r30,
        l31 * r11 + l32 * r21 + l33 * r31,
        l31 * r12 + l32 * r22 + l33 * r32,
        l33 * r33,
    )


IDENTITY: Matrix = (1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def exponential(rates: Matrix) -> Matrix:
    """Taylor's series of the matrix over a power of two, then squared as often."""
    squarings = max(0, math.ceil(math.log2(4 * max(map(abs, rates)) / NORM)))
    scaled = tuple(rate / 2**squarings for rate in rates)
    result = IDENTITY
    for order in range(DEGREE, 0, -1):
        term = product(scaled, result)
        result = tuple(one + value / order for one, value in zip(IDENTITY, term, strict=True))
    for _ in range(squarings):
        result = product(result, result)
    return result


def solve_subject(parameters: tuple[float, ...]) -> tuple[list[float], list[float]]:
    """The concentrations of the parent and of the metabolite at every hour."""
    ka, cl, v1, q, v2, clm, vm = parameters
    rates = (
        -ka,
        *(ka, -(cl + q) / v1, q / v2),
        *(0.0, q / v1, -q / v2),
        *(0.0, FRACTION * cl / v1, 0.0, -clm / vm),
    )
    step = exponential(tuple(rate * STEP_H for rate in rates))
    e00, e10, e11, e12, e20, e21, e22, e30, e31, e32, e33 = step
    depot = parent = peripheral = metabolite = 0.0
    parents, metabolites = [], []
    for _ in range(DOSES):
        depot += DOSE_MG
        for _ in range(STEPS_PER_DOSE):
            parents.append(parent / v1)
            metabolites.append(metabolite / vm)
            metabolite = e30 * depot + e31 * parent + e32 * peripheral + e33 * metabolite
            parent, peripheral = (
                e10 * depot + e11 * parent + e12 * peripheral,
                e20 * depot + e21 * parent + e22 * peripheral,
            )
            depot *= e00
    parents.append(parent / v1)
    metabolites.append(metabolite / vm)
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
        size=1_000,
        all_threads=False,
        note="Taylor matrix exponential per subject, stepping written out in floats",
    ),
)
