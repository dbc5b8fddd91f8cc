"""C2 with vmatcore; building the graph counts."""

from collections.abc import Callable

import numpy as np

import vmatcore as vm

from .contest import Contender
from .work_c2 import DOSE_MG, FRACTION, Problem

Flow, Graph, Input, Readout = vm.pk.Flow, vm.pk.Graph, vm.pk.Input, vm.pk.Readout
Saturable = vm.pk.Saturable

RELATIVE_TOLERANCE = 3e-5
ABSOLUTE_TOLERANCE = 1e-7


def solve(problem: Problem, threads: int) -> np.ndarray:
    ka, fastest, half, v1, q, v2, clm, v_metabolite = problem.parameters
    graph = Graph(
        compartments=("depot", "parent", "peripheral", "metabolite"),
        flows=(
            Flow("depot", "parent", rate_per_h=ka),
            Flow("parent", "peripheral", rate_per_h=q / v1),
            Flow("peripheral", "parent", rate_per_h=q / v2),
            Saturable(
                "parent", "metabolite", maximum_per_h=FRACTION * fastest, half_amount=half * v1
            ),
            Saturable(
                "parent", None, maximum_per_h=(1 - FRACTION) * fastest, half_amount=half * v1
            ),
            Flow("metabolite", None, rate_per_h=clm / v_metabolite),
        ),
        readouts=(
            Readout("parent", "parent", per_amount=1 / v1),
            Readout("metabolite", "metabolite", per_amount=1 / v_metabolite),
        ),
    )
    doses = [Input("depot", amount=DOSE_MG, time_h=time_h) for time_h in problem.dose_time_h]
    return vm.pk.solve(
        graph,
        inputs=doses,
        time_h=problem.time_h,
        rtol=RELATIVE_TOLERANCE,
        atol=ABSOLUTE_TOLERANCE,
        threads=threads,
    )


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    return lambda: solve(problem, threads)


CONTENDERS = (
    Contender(
        name="vmatcore",
        prepare=prepare,
        packages=("vmatcore", "numpy"),
        size=2_000,
        note=f"rtol {RELATIVE_TOLERANCE:g}, atol {ABSOLUTE_TOLERANCE:g}; Dormand-Prince in lanes",
    ),
)
