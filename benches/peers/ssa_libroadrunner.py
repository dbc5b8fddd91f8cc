"""Event by event with libRoadRunner's Gillespie integrator."""

from collections.abc import Callable

import numpy as np
import roadrunner

from .contest import Contender
from .filling_problem import END_S, Problem
from .sbml_filling import model


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    runner = roadrunner.RoadRunner(model(problem))
    runner.setIntegrator("gillespie")
    runner.timeCourseSelections = ["N"]
    runner.getIntegrator().setValue("variable_step_size", False)

    def call() -> np.ndarray:
        runner.getIntegrator().setValue("seed", next(problem.seeds) * 1_000_003)
        out = np.empty(problem.vesicles, np.int64)
        for vesicle in range(problem.vesicles):
            runner.reset()
            out[vesicle] = round(float(np.asarray(runner.simulate(0, END_S, 2))[-1, 0]))
        return out

    return call


CONTENDERS = (
    Contender(
        name="libRoadRunner Gillespie",
        prepare=prepare,
        packages=("libroadrunner",),
        size=100,
        all_threads=False,
    ),
)
