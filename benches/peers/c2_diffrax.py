"""C2 with diffrax: Tsit5 in double precision, mapped over batches of subjects, a scan of doses.

All threads: one batch per thread, JAX releases the GIL.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

from .contest import Contender
from .work_c2 import DOSE_MG, DOSES, STEP_H, STEPS_PER_DOSE, Problem, slope

jax.devices()  # its threads are counted when it starts, so before a run is held on one core

TOLERANCE = 1.5e-6
BATCH = 500
FIRST_STEP_H = 0.05
INTERVAL_H = STEPS_PER_DOSE * STEP_H


def derivative(_time, state, parameters):
    return jnp.stack(slope(state, parameters))


def solve_subject(parameters):
    v1, vm = parameters[3], parameters[7]

    def interval(state, _):
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(derivative),
            diffrax.Tsit5(),
            t0=0.0,
            t1=INTERVAL_H,
            dt0=FIRST_STEP_H,
            y0=state.at[0].add(DOSE_MG),
            args=parameters,
            saveat=diffrax.SaveAt(ts=jnp.arange(STEPS_PER_DOSE + 1) * STEP_H),
            stepsize_controller=diffrax.PIDController(rtol=TOLERANCE, atol=TOLERANCE),
        )
        return solution.ys[-1], solution.ys[:-1]

    last, states = jax.lax.scan(interval, jnp.zeros(4), None, length=DOSES)
    states = jnp.concatenate([states.reshape(-1, 4), last[None]])
    return jnp.stack([states[:, 1] / v1, states[:, 3] / vm])


solve_batch = jax.jit(jax.vmap(solve_subject))


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    batches = [slice(first, first + BATCH) for first in range(0, problem.subjects, BATCH)]

    def call() -> np.ndarray:
        out = np.empty(problem.shape)

        def fill(batch: slice) -> None:
            with jax.enable_x64(True):
                out[batch] = solve_batch(tuple(column[batch] for column in problem.parameters))

        if threads == 1:
            for batch in batches:
                fill(batch)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(fill, batches))
        return out

    return call


CONTENDERS = (
    Contender(
        name="diffrax Tsit5",
        prepare=prepare,
        packages=("diffrax", "jax", "jaxlib", "numpy"),
        size=1_000,
        note=f"rtol and atol {TOLERANCE:g}, batches of {BATCH}",
    ),
)
