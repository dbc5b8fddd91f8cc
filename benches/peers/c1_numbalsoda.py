"""C1 with numbalsoda: the DOP853 and LSODA codes in compiled loops, restarted at every dose.

`pip install numbalsoda` builds from source and needs gfortran and cmake below 4 (or
CMAKE_POLICY_VERSION_MINIMUM=3.5).
"""

from collections.abc import Callable

import numba
import numpy as np
from numbalsoda import dop853, lsoda, lsoda_sig

from .contest import Contender
from .work_c1 import DOSE_MG, DOSES, FRACTION, STEP_H, STEPS_PER_DOSE, Problem

READS_H = np.arange(STEPS_PER_DOSE + 1) * STEP_H


@numba.cfunc(lsoda_sig)
def derivative(_time, state, change, rates):
    absorption = rates[0] * state[0]
    change[0] = -absorption
    change[1] = absorption - rates[1] * state[1] + rates[2] * state[2]
    change[2] = rates[3] * state[1] - rates[2] * state[2]
    change[3] = rates[4] * state[1] - rates[5] * state[3]


def compile_solver(method: Callable, relative: float, absolute: float) -> Callable:
    address = derivative.address

    @numba.njit(parallel=True)
    def solve(parameters, reads_h, out):
        ka, cl, v1, q, v2, clm, vm = parameters
        for subject in numba.prange(ka.size):
            rates = np.empty(6)
            rates[0] = ka[subject]
            rates[1] = (cl[subject] + q[subject]) / v1[subject]
            rates[2] = q[subject] / v2[subject]
            rates[3] = q[subject] / v1[subject]
            rates[4] = FRACTION * cl[subject] / v1[subject]
            rates[5] = clm[subject] / vm[subject]
            state = np.zeros(4)
            for dose in range(DOSES):
                state[0] += DOSE_MG
                states, _success = method(
                    address, state, reads_h, data=rates, rtol=relative, atol=absolute
                )
                for read in range(reads_h.size):
                    column = dose * STEPS_PER_DOSE + read
                    out[subject, 0, column] = states[read, 1] / v1[subject]
                    out[subject, 1, column] = states[read, 3] / vm[subject]
                state = states[-1].copy()

    return solve


SOLVERS = {
    "DOP853": (compile_solver(dop853, 1e-11, 3e-10), "rtol 1e-11, atol 3e-10"),
    "LSODA": (compile_solver(lsoda, 1e-10, 2e-10), "rtol 1e-10, atol 2e-10"),
}


def contender(method: str) -> Contender:
    solver, note = SOLVERS[method]

    def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
        def call() -> np.ndarray:
            numba.set_num_threads(threads)
            out = np.empty(problem.shape)
            solver(problem.parameters, READS_H, out)
            return out

        return call

    return Contender(
        name=f"numbalsoda {method}",
        prepare=prepare,
        packages=("numbalsoda", "numba", "numpy"),
        size=1_000,
        note=note,
    )


CONTENDERS = tuple(contender(method) for method in SOLVERS)
