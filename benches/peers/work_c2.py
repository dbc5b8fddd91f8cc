"""Work C2: C1 with a parent that is eliminated by a saturable enzyme.

    depot --ka--> parent --0.3 Vmax C/(Km + C)--> metabolite --CLm/Vm--> out
                  parent --0.7 Vmax C/(Km + C)--> out
                  parent <--Q/V2-- --Q/V1--> peripheral

C is the parent's concentration; Vmax is typically 10 mg/h and Km 0.5 mg/L. Doses, reads and the
spread of the eight parameters are those of C1.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from . import work_c1
from .contest import Work
from .work_c1 import DOSE_MG, DOSES, FRACTION, STEP_H, STEPS_PER_DOSE, SUBJECTS

SEED = 20_262
CV = work_c1.CV
TYPICAL = {  # per h, mg/h, mg/L, L/h and L
    "absorption_per_h": 1.0,
    "fastest_mg_h": 10.0,
    "half_mg_l": 0.5,
    "central_volume": 60.0,
    "exchange": 10.0,
    "peripheral_volume": 40.0,
    "metabolite_clearance": 10.0,
    "metabolite_volume": 100.0,
}
CHECKED_ROWS = 8
REFERENCE_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Problem:
    """The parameters, each a float64 array (subject,), the doses and the times of the reads."""

    absorption_per_h: np.ndarray
    fastest_mg_h: np.ndarray
    half_mg_l: np.ndarray
    central_volume: np.ndarray
    exchange: np.ndarray
    peripheral_volume: np.ndarray
    metabolite_clearance: np.ndarray
    metabolite_volume: np.ndarray
    dose_time_h: np.ndarray
    time_h: np.ndarray

    @property
    def subjects(self) -> int:
        return self.absorption_per_h.size

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the answer: subject, parent and metabolite, time."""
        return self.subjects, 2, self.time_h.size

    @property
    def parameters(self) -> tuple[np.ndarray, ...]:
        """The eight arrays, in the order of `TYPICAL`."""
        return tuple(getattr(self, name) for name in TYPICAL)


def make(subjects: int) -> Problem:
    """The first subjects of the work: a subject does not depend on how many are asked for."""
    spread = math.sqrt(math.log1p(CV**2))
    draws = np.random.default_rng(SEED).standard_normal((SUBJECTS, len(TYPICAL)))[:subjects]
    values = np.array(list(TYPICAL.values())) * np.exp(spread * draws)
    steps = DOSES * STEPS_PER_DOSE
    return Problem(
        *(np.ascontiguousarray(column) for column in values.T),
        dose_time_h=np.arange(DOSES) * STEPS_PER_DOSE * STEP_H,
        time_h=np.arange(steps + 1) * STEP_H,
    )


def slope(state, parameters):
    """The equations for amounts in mg, as any contender may write them."""
    ka, fastest, half, v1, q, v2, clm, vm = parameters
    depot, parent, peripheral, metabolite = state
    absorbed = ka * depot
    forth, back = q / v1 * parent, q / v2 * peripheral
    eliminated = fastest * parent / (half * v1 + parent)
    return (
        -absorbed,
        absorbed - forth + back - eliminated,
        forth - back,
        FRACTION * eliminated - clm / vm * metabolite,
    )


@cache
def reference(parameters: tuple[float, ...]) -> np.ndarray:
    """One subject's answer (2, time) by SciPy's DOP853 at a tolerance of 1e-12."""
    from scipy.integrate import solve_ivp

    v1, vm = parameters[3], parameters[7]
    reads = np.arange(STEPS_PER_DOSE + 1) * STEP_H
    answer = np.empty((2, DOSES * STEPS_PER_DOSE + 1))
    state = np.zeros(4)
    for dose in range(DOSES):
        state[0] += DOSE_MG
        solution = solve_ivp(
            lambda _time, state: slope(state, parameters),
            (0.0, reads[-1]),
            state,
            method="DOP853",
            t_eval=reads,
            rtol=REFERENCE_TOLERANCE,
            atol=REFERENCE_TOLERANCE,
        )
        first = dose * STEPS_PER_DOSE
        answer[0, first : first + reads.size] = solution.y[1] / v1
        answer[1, first : first + reads.size] = solution.y[3] / vm
        state = solution.y[:, -1].copy()
    return answer


def checked_rows(problem: Problem) -> np.ndarray:
    """Evenly spread rows with both ends, the fastest absorption and the least elimination."""
    spread = np.linspace(0, problem.subjects - 1, CHECKED_ROWS).astype(int)
    extremes = problem.absorption_per_h.argmax(), problem.fastest_mg_h.argmin()
    return np.unique([*spread, *(int(row) for row in extremes)])


def check(problem: Problem, answer: np.ndarray) -> float:
    """The largest relative error of the checked rows; where the truth is 0, so must the answer."""
    well_formed = (
        isinstance(answer, np.ndarray)
        and answer.shape == problem.shape
        and answer.dtype == np.float64
        and answer.flags.c_contiguous
        and bool(np.isfinite(answer).all())
    )
    if not well_formed:
        return math.inf
    worst = 0.0
    for row in checked_rows(problem):
        truth = reference(tuple(float(column[row]) for column in problem.parameters))
        positive = truth > 0
        if answer[row][~positive].any():
            return math.inf
        error = np.abs(answer[row][positive] / truth[positive] - 1)
        worst = max(worst, float(error.max()))
    return worst


WORK = Work(
    name="C2",
    title="saturable pharmacokinetics, 28 daily doses, 673 hourly reads",
    rule=(
        "The answer is a float64 array (subject, parent and metabolite in mg/L, time). "
        "The relative error of every positive output of the checked subjects, against SciPy's "
        "DOP853 at a tolerance of 1e-12, is at most 3e-6. Checked are 8 subjects spread evenly "
        "with both ends, and those with the fastest absorption and the least elimination. Every "
        "contender's tolerance is the loosest decade's half that keeps the rule."
    ),
    unit="subjects",
    size=SUBJECTS,
    make=make,
    check=check,
    error="largest relative error",
    tolerance=3e-6,
)
