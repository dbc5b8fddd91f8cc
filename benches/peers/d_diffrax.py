"""D with diffrax: Kvaerno5 in double precision, mapped over batches of terminals.

All threads: one batch per thread, JAX releases the GIL.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

from .contest import Contender
from .work_d import DOSES, INTERVAL_H, READ, READS_PER_DOSE, Problem, loads, rates

jax.devices()  # its threads are counted when it starts, so before a run is held on one core

RELATIVE, ABSOLUTE = 1e-6, 1e-12
BATCH = 25
FIRST_STEP_H = 1e-4


def derivative(time, state, p):
    load = p[10] * jnp.exp(-p[9] * time) + p[11] * jnp.exp(-p[8] * time)
    return jnp.stack(rates(*state, p, 1.0 / (1.0 + load)))


def solve_terminal(parameters, start, slow, fast):
    reads = jnp.linspace(0.0, INTERVAL_H, READS_PER_DOSE + 1)

    def interval(state, amplitudes):
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(derivative),
            diffrax.Kvaerno5(),
            t0=0.0,
            t1=INTERVAL_H,
            dt0=FIRST_STEP_H,
            y0=state,
            args=jnp.concatenate([parameters, amplitudes]),
            saveat=diffrax.SaveAt(ts=reads),
            stepsize_controller=diffrax.PIDController(rtol=RELATIVE, atol=ABSOLUTE),
            max_steps=20_000,
        )
        return solution.ys[-1], solution.ys[:-1]

    last, states = jax.lax.scan(interval, start, jnp.stack([slow, fast], axis=1), length=DOSES)
    states = jnp.concatenate([states.reshape(-1, states.shape[-1]), last[None]])
    return states[:, jnp.array(READ)].T


solve_batch = jax.jit(jax.vmap(solve_terminal))


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    amplitudes = [loads(row) for row in problem.parameters]
    slow = np.array([pair[0] for pair in amplitudes])
    fast = np.array([pair[1] for pair in amplitudes])
    batches = [slice(first, first + BATCH) for first in range(0, problem.terminals, BATCH)]

    def call() -> np.ndarray:
        out = np.empty(problem.shape)

        def fill(batch: slice) -> None:
            with jax.enable_x64(True):
                out[batch] = solve_batch(
                    problem.parameters[batch], problem.start[batch], slow[batch], fast[batch]
                )

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
        name="diffrax Kvaerno5",
        prepare=prepare,
        packages=("diffrax", "jax", "jaxlib", "numpy"),
        size=25,
        note=f"rtol {RELATIVE:g}, atol {ABSOLUTE:g}, batches of {BATCH}",
    ),
)
