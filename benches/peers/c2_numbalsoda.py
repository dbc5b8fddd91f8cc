"""C2 with numbalsoda: the DOP853 and LSODA codes in compiled loops, restarted at every dose."""

from collections.abc import Callable

import numba
import numpy as np
from numbalsoda import dop853, lsoda, lsoda_sig

from .contest import Contender
from .work_c2 import DOSE_MG, DOSES, FRACTION, STEP_H, STEPS_PER_DOSE, Problem

READS_H = np.arange(STEPS_PER_DOSE + 1) * STEP_H


@numba.cfunc(lsoda_sig)
def derivative(_time, state, change, rates):
    absorbed = rates[0] * state[0]
    eliminated = rates[4] * state[1] / (rates[5] + state[1])
    exchanged = rates[1] * state[1] - rates[2] * state[2]
    change[0] = -absorbed
    change[1] = absorbed - exchanged - eliminated
    change[2] = exchanged
    change[3] = FRACTION * eliminated - rates[3] * state[3]


def compile_solver(method: Callable, relative: float, absolute: float) -> Callable:
    address = derivative.address

    @numba.njit(parallel=True)
    def solve(parameters, reads_h, out):
        ka, fastest, half, v1, q, v2, clm, vm = parameters
        for subject in numba.prange(ka.size):
            rates = np.empty(6)
            rates[0] = ka[subject]
            rates[1] = q[subject] / v1[subject]
            rates[2] = q[subject] / v2[subject]
            rates[3] = clm[subject] / vm[subject]
            rates[4] = fastest[subject]
            rates[5] = half[subject] * v1[subject]
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
    "LSODA": (compile_solver(lsoda, 5e-7, 5e-7), "rtol 5e-7, atol 5e-7"),
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
        size=500,
        note=note,
    )


CONTENDERS = tuple(contender(method) for method in SOLVERS)
