"""C2 with libRoadRunner: an SBML model, the doses as its event, CVODE's Adams method.

Restarting `simulate` at every dose is slower, and so are the backward differentiation formulas.
"""

from collections.abc import Callable

import numpy as np
import roadrunner

from .contest import Contender
from .sbml_c1 import INTERVAL_H, SPECIES
from .sbml_c2 import model
from .work_c2 import TYPICAL, Problem

TOLERANCE = 1e-8


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    runner = roadrunner.RoadRunner(model())
    runner.timeCourseSelections = ["parent", "metabolite"]
    settings = {
        "relative_tolerance": TOLERANCE,
        "absolute_tolerance": TOLERANCE,
        "maximum_num_steps": 100_000,
        "stiff": False,
    }
    for name, value in settings.items():
        runner.getIntegrator().setValue(name, value)
    state = runner.model

    def call() -> np.ndarray:
        out = np.empty(problem.shape)
        for subject, values in enumerate(zip(*problem.parameters, strict=True)):
            start = {**dict(zip(TYPICAL, values, strict=True)), **SPECIES}
            for name, value in start.items():
                state[name] = value
            state["next_dose_h"] = INTERVAL_H
            amounts = np.asarray(runner.simulate(0, problem.time_h[-1], problem.time_h.size))
            out[subject, 0] = amounts[:, 0] / start["central_volume"]
            out[subject, 1] = amounts[:, 1] / start["metabolite_volume"]
        return out

    return call


CONTENDERS = (
    Contender(
        name="libRoadRunner CVODE",
        prepare=prepare,
        packages=("libroadrunner", "numpy"),
        size=100,
        all_threads=False,
        note=f"rtol and atol {TOLERANCE:g}; doses as an SBML event",
    ),
)
