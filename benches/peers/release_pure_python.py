"""Release as one writes it in plain Python."""

import random
from collections.abc import Callable
from math import exp, inf, log

import numpy as np

from .contest import Contender
from .quanta_problem import LOG_MEAN, LOG_SD, PROBABILITY, REFILL_S, SITES, SPIKES, Problem


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    trains = problem.trains
    times = [
        (trains.of(row) if problem.own else trains.time_s).tolist()
        for row in range(problem.synapses)
    ]

    def call() -> np.ndarray:
        generator = random.Random(next(problem.seeds))
        uniform, gauss = generator.random, generator.gauss
        found = []
        for spikes in times:
            ready_s = [-inf] * SITES
            for now in spikes:
                total = 0.0
                for site in range(SITES):
                    if ready_s[site] <= now and uniform() < PROBABILITY:
                        ready_s[site] = now - REFILL_S * log(1.0 - uniform())
                        total += exp(LOG_MEAN + LOG_SD * gauss(0.0, 1.0))
                found.append(total)
        return np.array(found)

    return call


CONTENDERS = (
    Contender(
        name="pure Python",
        prepare=prepare,
        packages=(),
        size=100 * SPIKES,
        all_threads=False,
        note="random.random, random.gauss, math.log and math.exp; site by site",
    ),
)
