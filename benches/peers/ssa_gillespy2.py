"""Event by event with GillesPy2's C++ solver, compiled once."""

from collections.abc import Callable

import gillespy2
import numpy as np

from .contest import Contender
from .filling_problem import END_S, Problem


def model(problem: Problem) -> gillespy2.Model:
    made = gillespy2.Model(name="filling")
    made.add_species(gillespy2.Species(name="N", initial_value=0))
    death = gillespy2.Parameter(name="death", expression=problem.death_per_s)
    if problem.capacity is None:
        birth = gillespy2.Parameter(name="birth", expression=problem.birth_per_s)
        enter, leave = ({}, {"N": 1}), ({"N": 1}, {})
    else:
        made.add_species(gillespy2.Species(name="E", initial_value=problem.capacity))
        each = problem.birth_per_s / problem.capacity
        birth = gillespy2.Parameter(name="birth", expression=each)
        enter, leave = ({"E": 1}, {"N": 1}), ({"N": 1}, {"E": 1})
    made.add_parameter([birth, death])
    for name, (reactants, products), rate in (("enter", enter, birth), ("leave", leave, death)):
        made.add_reaction(
            gillespy2.Reaction(name=name, reactants=reactants, products=products, rate=rate)
        )
    made.timespan(np.array([0.0, END_S]))
    return made


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    solver = gillespy2.SSACSolver(model=model(problem))

    def call() -> np.ndarray:
        runs = solver.run(
            number_of_trajectories=problem.vesicles, seed=next(problem.seeds) * 1_000_003
        )
        return np.array([run["N"][-1] for run in runs]).astype(np.int64)

    return call


CONTENDERS = (
    Contender(
        name="GillesPy2 SSACSolver",
        prepare=prepare,
        packages=("gillespy2",),
        size=1_000,
        all_threads=False,
        note="C++, compiled in the first call",
    ),
)
