"""Work C1: linear pharmacokinetics of 10,000 subjects, a dose a day and a read an hour.

    depot --ka--> parent --0.3 CL/V1--> metabolite --CLm/Vm--> out
                  parent --0.7 CL/V1--> out
                  parent <--Q/V2-- --Q/V1--> peripheral

80 mg enter the depot at 0, 24, ... 648 h; the concentrations of parent and metabolite (mg/L) are
read at 0, 1, ... 672 h, after a dose given at the same time. Each of the seven parameters is
lognormal about its typical value (the median) with a CV of 30 %, independent of the others. The
fraction 0.3 is the same for all: a lognormal fraction could exceed 1.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from .contest import Work

SEED = 20_261
SUBJECTS = 10_000
CV = 0.30
FRACTION = 0.3
DOSE_MG = 80.0
DOSES = 28
STEPS_PER_DOSE = 24
STEP_H = 1.0
TYPICAL = {  # per h, L/h and L
    "absorption_per_h": 1.0,
    "clearance": 7.2,
    "central_volume": 60.0,
    "exchange": 10.0,
    "peripheral_volume": 40.0,
    "metabolite_clearance": 10.0,
    "metabolite_volume": 100.0,
}
CHECKED_ROWS = 30
REFERENCE_DIGITS = 50


@dataclass(frozen=True)
class Problem:
    """The parameters, each a float64 array (subject,), the doses and the times of the reads."""

    absorption_per_h: np.ndarray
    clearance: np.ndarray
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
        """The seven arrays, in the order of `TYPICAL`."""
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


@cache
def reference(parameters: tuple[float, ...]) -> np.ndarray:
    """One subject's answer (2, time) from a matrix exponential with 50 digits."""
    import mpmath

    with mpmath.workdps(REFERENCE_DIGITS):
        ka, cl, v1, q, v2, clm, vm = (mpmath.mpf(value) for value in parameters)
        fraction = mpmath.mpf(FRACTION)
        rates = mpmath.matrix(
            [
                [-ka, 0, 0, 0],
                [ka, -(cl + q) / v1, q / v2, 0],
                [0, q / v1, -q / v2, 0],
                [0, fraction * cl / v1, 0, -clm / vm],
            ]
        )
        step = mpmath.expm(rates * mpmath.mpf(STEP_H))
        amounts = mpmath.matrix([0, 0, 0, 0])
        answer = np.empty((2, DOSES * STEPS_PER_DOSE + 1))
        for read in range(answer.shape[1]):
            if read:
                amounts = step * amounts
            if read % STEPS_PER_DOSE == 0 and read < DOSES * STEPS_PER_DOSE:
                amounts[0] += mpmath.mpf(DOSE_MG)
            answer[:, read] = float(amounts[1] / v1), float(amounts[3] / vm)
    return answer


def checked_rows(problem: Problem) -> np.ndarray:
    """Evenly spread rows with both ends, and the fastest and slowest absorption."""
    absorption = problem.absorption_per_h
    spread = np.linspace(0, problem.subjects - 1, CHECKED_ROWS).astype(int)
    return np.unique([*spread, int(absorption.argmin()), int(absorption.argmax())])


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
    name="C1",
    title="linear pharmacokinetics, 28 daily doses, 673 hourly reads",
    rule=(
        "The answer is a float64 array (subject, parent and metabolite in mg/L, time). "
        "The relative error of every positive output of the checked subjects, against a matrix "
        "exponential with 50 digits, is below 1e-9. Checked are 30 subjects spread evenly with "
        "both ends, and those with the fastest and the slowest absorption."
    ),
    unit="subjects",
    size=SUBJECTS,
    make=make,
    check=check,
    error="largest relative error",
    tolerance=1e-9,
)
