"""D with libRoadRunner: an SBML model of rate rules, CVODE's BDF, restarted at every dose."""

from collections.abc import Callable

import numpy as np
import roadrunner

from .contest import Contender
from .sbml_d import PARAMETERS, STATE_NAMES, model
from .work_d import DOSES, INTERVAL_H, READ, READS_PER_DOSE, Problem, loads

RELATIVE, ABSOLUTE = 2e-7, 1e-12


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    runner = roadrunner.RoadRunner(model())
    runner.timeCourseSelections = [STATE_NAMES[i] for i in READ]
    settings = {
        "relative_tolerance": RELATIVE,
        "absolute_tolerance": ABSOLUTE,
        "maximum_num_steps": 100_000,
        "stiff": True,
    }
    for name, value in settings.items():
        runner.getIntegrator().setValue(name, value)
    amplitudes = [loads(row) for row in problem.parameters]
    state = runner.model

    def call() -> np.ndarray:
        out = np.empty(problem.shape)
        for row, parameters in enumerate(problem.parameters):
            for name, value in zip(PARAMETERS, parameters, strict=True):
                state[name] = float(value)
            for name, value in zip(STATE_NAMES, problem.start[row], strict=True):
                state[name] = float(value)
            slow, fast = amplitudes[row]
            for dose in range(DOSES):
                state["slow"], state["fast"] = float(slow[dose]), float(fast[dose])
                found = np.asarray(runner.simulate(0, INTERVAL_H, READS_PER_DOSE + 1))
                first = dose * READS_PER_DOSE
                out[row, :, first : first + READS_PER_DOSE + 1] = found.T
        return out

    return call


CONTENDERS = (
    Contender(
        name="libRoadRunner CVODE",
        prepare=prepare,
        packages=("libroadrunner", "numpy"),
        size=10,
        all_threads=False,
        note=f"rtol {RELATIVE:g}, atol {ABSOLUTE:g}",
    ),
)
