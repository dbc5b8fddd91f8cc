"""Event by event with rebop; limited places are a second species, so mass action holds."""

from collections.abc import Callable

import numpy as np
import rebop

from .contest import Contender
from .filling_problem import END_S, Problem


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    system = rebop.Gillespie()
    if problem.capacity is None:
        system.add_reaction(problem.birth_per_s, [], ["N"])
        system.add_reaction(problem.death_per_s, ["N"], [])
        start = {"N": 0}
    else:
        system.add_reaction(problem.birth_per_s / problem.capacity, ["E"], ["N"])
        system.add_reaction(problem.death_per_s, ["N"], ["E"])
        start = {"N": 0, "E": problem.capacity}

    def call() -> np.ndarray:
        first = next(problem.seeds) * 1_000_003
        out = np.empty(problem.vesicles, np.int64)
        for vesicle in range(problem.vesicles):
            run = system.run(start, END_S, 1, rng=first + vesicle, var_names=["N"])
            out[vesicle] = int(run["N"][-1])
        return out

    return call


CONTENDERS = (
    Contender(name="rebop", prepare=prepare, packages=("rebop",), size=500, all_threads=False),
)
