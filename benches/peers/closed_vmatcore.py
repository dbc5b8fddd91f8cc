"""Filling by closed form with vmatcore."""

from collections.abc import Callable

import numpy as np

from .contest import Contender
from .filling_problem import Problem
from .ssa_vmatcore import fill


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    return lambda: fill(problem, threads, "closed_form")


CONTENDERS = (
    Contender(name="vmatcore", prepare=prepare, packages=("vmatcore", "numpy"), size=1_000_000),
)
