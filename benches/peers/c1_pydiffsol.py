"""C1 with pydiffsol: the doses are resets of its own model language, one call per subject.

Its Tsit45 is faster here than BDF and ESDIRK34. It holds the GIL: one thread.
"""

from collections.abc import Callable

import numpy as np
import pydiffsol

from .contest import Contender
from .work_c1 import DOSE_MG, FRACTION, STEP_H, STEPS_PER_DOSE, Problem

TOLERANCE = 7e-10
INTERVAL_H = STEPS_PER_DOSE * STEP_H
MODEL = f"""
in_i {{ absorb = 1, leave = 1, back = 1, exchange = 1, convert = 1, clear = 1, v1 = 1, vm = 1 }}
u_i {{ depot = {DOSE_MG}, parent = 0, peripheral = 0, metabolite = 0, next = {INTERVAL_H} }}
F_i {{
    -absorb * depot,
    absorb * depot - leave * parent + back * peripheral,
    exchange * parent - back * peripheral,
    convert * parent - clear * metabolite,
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
        ka, cl, v1, q, v2, clm, vm = problem.parameters
        rates = [ka, (cl + q) / v1, q / v2, q / v1, FRACTION * cl / v1, clm / vm, v1, vm]
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
