"""C2 with SciPy's DOP853: one call of `solve_ivp` per subject and dose interval."""

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

from .contest import Contender
from .work_c2 import DOSE_MG, DOSES, STEP_H, STEPS_PER_DOSE, Problem, slope

RELATIVE_TOLERANCE = 1e-7
ABSOLUTE_TOLERANCE = 2e-9
READS_H = np.arange(STEPS_PER_DOSE + 1) * STEP_H


def solve(problem: Problem) -> np.ndarray:
    out = np.empty(problem.shape)
    for subject, parameters in enumerate(zip(*problem.parameters, strict=True)):
        amounts = np.empty((4, problem.time_h.size))
        state = np.zeros(4)
        for dose in range(DOSES):
            first = dose * STEPS_PER_DOSE
            state[0] += DOSE_MG
            solution = solve_ivp(
                lambda _time, state, parameters=parameters: slope(state, parameters),
                (0.0, READS_H[-1]),
                state,
                method="DOP853",
                t_eval=READS_H,
                rtol=RELATIVE_TOLERANCE,
                atol=ABSOLUTE_TOLERANCE,
            )
            amounts[:, first : first + STEPS_PER_DOSE + 1] = solution.y
            state = solution.y[:, -1].copy()
        out[subject, 0] = amounts[1] / problem.central_volume[subject]
        out[subject, 1] = amounts[3] / problem.metabolite_volume[subject]
    return out


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    return lambda: solve(problem)


CONTENDERS = (
    Contender(
        name="SciPy solve_ivp DOP853",
        prepare=prepare,
        packages=("numpy", "scipy"),
        size=8,
        all_threads=False,
        note=f"rtol {RELATIVE_TOLERANCE:g}, atol {ABSOLUTE_TOLERANCE:g}",
    ),
)
