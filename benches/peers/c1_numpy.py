"""C1 with NumPy and SciPy's batched matrix exponential, all subjects in each call.

Between two doses the reads are rows of the powers of one matrix times the state after the dose,
and these powers are the same in every interval: two batched matrix products give all reads.
A batch of subjects is small enough for the cache. BLAS has one thread, since more of them slow
matrices this small; batches on a pool of threads gain nothing, for `expm` holds the GIL.
"""

from collections.abc import Callable

import numpy as np
from scipy.linalg import expm
from threadpoolctl import ThreadpoolController

from .contest import Contender
from .work_c1 import DOSE_MG, DOSES, FRACTION, STEP_H, STEPS_PER_DOSE, Problem

BATCH = 500


def rate_matrices(problem: Problem) -> np.ndarray:
    """(subject, 4, 4): per hour, columns give and rows receive."""
    ka, cl, v1, q, v2, clm, vm = problem.parameters
    rates = np.zeros((problem.subjects, 4, 4))
    rates[:, 0, 0], rates[:, 1, 0] = -ka, ka
    rates[:, 1, 1], rates[:, 1, 2] = -(cl + q) / v1, q / v2
    rates[:, 2, 1], rates[:, 2, 2] = q / v1, -q / v2
    rates[:, 3, 1], rates[:, 3, 3] = FRACTION * cl / v1, -clm / vm
    return rates


def solve_batch(rates: np.ndarray, volumes: np.ndarray, out: np.ndarray) -> None:
    subjects = len(rates)
    step = expm(rates * STEP_H)
    rows = np.empty((subjects, 4, 2, STEPS_PER_DOSE))  # reads after a dose, per state after it
    power = np.broadcast_to(np.eye(4), step.shape)
    for read in range(STEPS_PER_DOSE):
        rows[..., read] = power[:, [1, 3], :].swapaxes(1, 2) / volumes[:, None, :]
        power = step @ power
    states = np.empty((subjects, DOSES, 4))
    state = np.zeros((subjects, 4, 1))
    for dose in range(DOSES):
        state[:, 0] += DOSE_MG
        states[:, dose] = state[..., 0]
        state = power @ state
    reads = states @ rows.reshape(subjects, 4, -1)
    by_moiety = reads.reshape(subjects, DOSES, 2, STEPS_PER_DOSE).swapaxes(1, 2)
    out[..., :-1] = by_moiety.reshape(subjects, 2, -1)
    out[..., -1] = state[:, [1, 3], 0] / volumes


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    blas = ThreadpoolController()
    batches = [slice(first, first + BATCH) for first in range(0, problem.subjects, BATCH)]

    def call() -> np.ndarray:
        out = np.empty(problem.shape)
        rates = rate_matrices(problem)
        volumes = np.stack([problem.central_volume, problem.metabolite_volume], axis=1)
        with blas.limit(limits=1):
            for batch in batches:
                solve_batch(rates[batch], volumes[batch], out[batch])
        return out

    return call


CONTENDERS = (
    Contender(
        name="NumPy with SciPy's batched expm",
        prepare=prepare,
        packages=("numpy", "scipy"),
        size=10_000,
        all_threads=False,
        note=f"powers of the hourly step shared by the dose intervals; batches of {BATCH}",
    ),
)
