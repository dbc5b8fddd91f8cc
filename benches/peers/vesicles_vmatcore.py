"""Release of vesicles that fill, with vmatcore."""

from collections.abc import Callable

import numpy as np

import vmatcore as vm

from .contest import Contender
from .quanta_problem import BIRTH_PER_S, DEATH_PER_S, SPIKES, Problem
from .release_vmatcore import SYNAPSE


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    law = vm.filling.BirthDeath(birth_per_s=BIRTH_PER_S, death_per_s=DEATH_PER_S)
    content = vm.FillingContent(law)

    def call() -> np.ndarray:
        return vm.release.simulate(
            SYNAPSE,
            problem.trains,
            content=content,
            synapses=problem.synapses,
            seed=next(problem.seeds),
            threads=threads,
        ).molecules

    return call


CONTENDERS = (
    Contender(
        name="vmatcore",
        prepare=prepare,
        packages=("vmatcore", "numpy"),
        size=5_000 * SPIKES,
        note="writes the quanta of every spike, too",
    ),
)
