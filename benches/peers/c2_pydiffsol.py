"""C2 with pydiffsol: the doses are resets of its own model language, one call per subject."""

from collections.abc import Callable

import numpy as np
import pydiffsol

from .contest import Contender
from .work_c2 import DOSE_MG, FRACTION, STEP_H, STEPS_PER_DOSE, Problem

TOLERANCE = 5e-7
INTERVAL_H = STEPS_PER_DOSE * STEP_H
MODEL = f"""
in_i {{ absorb = 1, forth = 1, back = 1, fastest = 1, half = 1, clear = 1, v1 = 1, vm = 1 }}
u_i {{ depot = {DOSE_MG}, parent = 0, peripheral = 0, metabolite = 0, next = {INTERVAL_H} }}
F_i {{
    -absorb * depot,
    absorb * depot - forth * parent + back * peripheral - fastest * parent / (half + parent),
    forth * parent - back * peripheral,
    {FRACTION} * fastest * parent / (half + parent) - clear * metabolite,
    0
}}
stop_i {{ t - next }}
reset_i {{ depot + {DOSE_MG}, parent, peripheral, metabolite, next + {INTERVAL_H} }}
out_i {{ parent / v1, metabolite / vm }}
"""


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    model = pydiffsol.Ode(
        MODEL,
        scalar_type=pydiffsol.f64,
        matrix_type=pydiffsol.nalgebra_dense,
        ode_solver=pydiffsol.tsit45,
    )
    model.rtol = model.atol = TOLERANCE

    def call() -> np.ndarray:
        ka, fastest, half, v1, q, v2, clm, vm = problem.parameters
        rates = [ka, q / v1, q / v2, fastest, half * v1, clm / vm, v1, vm]
        out = np.empty(problem.shape)
        for subject, values in enumerate(np.stack(rates, axis=1)):
            out[subject] = model.solve_dense(values, problem.time_h).ys
        return out

    return call


CONTENDERS = (
    Contender(
        name="pydiffsol Tsit45",
        prepare=prepare,
        packages=("pydiffsol", "numpy"),
        size=300,
        all_threads=False,
        note=f"rtol and atol {TOLERANCE:g}; doses as resets in its model language",
    ),
)
