"""D with vmatcore; building the terminals and finding their steady states counts."""

from collections.abc import Callable

import numpy as np

import vmatcore as vm

from .contest import Contender
from .work_d import DOSES, INTERVAL_H, Problem

NAMES = (
    "vmat_vmax_umol_l_h",
    "vmat_km_umol_l",
    "vesicle_leak_per_h",
    "dat_vmax_umol_l_h",
    "mao_per_h",
    "th_vmax_umol_l_h",
    "release_per_h",
)


def solve(problem: Problem, threads: int) -> np.ndarray:
    columns = problem.parameters.T
    drug = vm.terminal.Load.oral(
        columns[7],
        absorption_per_h=columns[8],
        elimination_per_h=columns[9],
        every_h=INTERVAL_H,
        doses=DOSES,
    )
    run = vm.terminal.simulate(
        active=drug,
        terminal=vm.Terminal.best2009().with_values(dict(zip(NAMES, columns, strict=False))),
        time_h=problem.time_h,
        relative_tolerance=1e-6,
        threads=threads,
    )
    parts = (run.cytosol_umol_l, run.content_umol_l, run.outside_umol_l, run.acids_umol_l)
    return np.stack(parts, axis=1)


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    return lambda: solve(problem, threads)


CONTENDERS = (
    Contender(
        name="vmatcore",
        prepare=prepare,
        packages=("vmatcore", "numpy"),
        size=1_000,
        note="Rodas5P, rtol 1e-6",
    ),
)
