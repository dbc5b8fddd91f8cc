"""Event by event with bioscrape's stochastic simulator."""

from collections.abc import Callable

import numpy as np
from bioscrape.random import py_seed_random
from bioscrape.simulator import ModelCSimInterface, SSASimulator
from bioscrape.types import Model

from .contest import Contender
from .filling_problem import END_S, Problem


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    if problem.capacity is None:
        reactions = [
            ([], ["N"], "massaction", {"k": problem.birth_per_s}),
            (["N"], [], "massaction", {"k": problem.death_per_s}),
        ]
        start = {"N": 0}
    else:
        reactions = [
            (["E"], ["N"], "massaction", {"k": problem.birth_per_s / problem.capacity}),
            (["N"], ["E"], "massaction", {"k": problem.death_per_s}),
        ]
        start = {"N": 0, "E": problem.capacity}
    model = Model(species=list(start), reactions=reactions, initial_condition_dict=start)
    interface = ModelCSimInterface(model)
    simulator = SSASimulator()
    place = model.get_species_index("N")
    times = np.array([0.0, END_S])

    def call() -> np.ndarray:
        py_seed_random(next(problem.seeds))
        out = np.empty(problem.vesicles, np.int64)
        for vesicle in range(problem.vesicles):
            run = simulator.py_simulate(interface, times)
            out[vesicle] = run.py_get_result()[-1, place]
        return out

    return call


CONTENDERS = (
    Contender(
        name="bioscrape", prepare=prepare, packages=("bioscrape",), size=500, all_threads=False
    ),
)
