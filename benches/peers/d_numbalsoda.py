"""D with numbalsoda: the LSODA code in a compiled loop, restarted at every dose.

Install it as `c1_numbalsoda.py` says.
"""

from collections.abc import Callable

import numba
import numpy as np
from numbalsoda import lsoda, lsoda_sig

from .contest import Contender
from .work_d import DOSES, INTERVAL_H, READ, READS_PER_DOSE, STATES, Problem, loads, rates

RELATIVE, ABSOLUTE = 1e-6, 1e-11
READS_H = np.linspace(0.0, INTERVAL_H, READS_PER_DOSE + 1)
READ_STATES = np.array(READ)

_rates = numba.njit(rates)


@numba.cfunc(lsoda_sig)
def derivative(time, state, change, p):
    load = p[10] * np.exp(-p[9] * time) + p[11] * np.exp(-p[8] * time)
    found = _rates(
        state[0],
        state[1],
        state[2],
        state[3],
        state[4],
        state[5],
        state[6],
        state[7],
        p,
        1.0 / (1.0 + load),
    )
    for i in range(STATES):
        change[i] = found[i]


ADDRESS = derivative.address


@numba.njit(parallel=True)
def solve(parameters, start, slow, fast, out):
    for row in numba.prange(len(parameters)):
        p = np.empty(12)
        p[:10] = parameters[row]
        state = start[row].copy()
        for dose in range(DOSES):
            p[10] = slow[row, dose]
            p[11] = fast[row, dose]
            states, _success = lsoda(ADDRESS, state, READS_H, data=p, rtol=RELATIVE, atol=ABSOLUTE)
            first = dose * READS_PER_DOSE
            for read in range(READS_H.size):
                for i in range(READ_STATES.size):
                    out[row, i, first + read] = states[read, READ_STATES[i]]
            state = states[-1].copy()


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    amplitudes = [loads(row) for row in problem.parameters]
    slow = np.array([pair[0] for pair in amplitudes])
    fast = np.array([pair[1] for pair in amplitudes])

    def call() -> np.ndarray:
        numba.set_num_threads(threads)
        out = np.empty(problem.shape)
        solve(problem.parameters, problem.start, slow, fast, out)
        return out

    return call


CONTENDERS = (
    Contender(
        name="numbalsoda LSODA",
        prepare=prepare,
        packages=("numbalsoda", "numba", "numpy"),
        size=200,
        note=f"rtol {RELATIVE:g}, atol {ABSOLUTE:g}",
    ),
)
