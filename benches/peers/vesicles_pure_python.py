"""Release of vesicles that fill, in plain Python: each content is one Poisson number."""

import random
from collections.abc import Callable
from math import exp, inf, log, sqrt

import numpy as np

from .contest import Contender
from .quanta_problem import (
    BIRTH_PER_S,
    DEATH_PER_S,
    POOL,
    PROBABILITY,
    REFILL_S,
    SITES,
    SPIKES,
    Problem,
)

LEVEL = BIRTH_PER_S / DEATH_PER_S


def poisson(mean: float, generator: random.Random) -> int:
    """Knuth's product for small means; a sum of two halves would be slower for large ones.

    Above 30 the normal law of the square root (Anscombe), rounded: good to 1 in 1,000.
    """
    if mean > 30.0:
        root = generator.gauss(sqrt(mean + 0.375 - 0.25), 0.5)
        return max(0, round(root * root - 0.375 + 0.125))
    limit, number, product = exp(-mean), 0, generator.random()
    while product > limit:
        number += 1
        product *= generator.random()
    return number


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    times = problem.trains.time_s.tolist()

    def call() -> np.ndarray:
        generator = random.Random(next(problem.seeds))
        uniform, pick = generator.random, generator.randrange
        found = []
        for _ in range(problem.synapses):
            pool = [-inf] * (SITES * POOL)
            ready_s, emptied = [-inf] * SITES, [-inf] * SITES
            for now in times:
                total = 0
                for site in range(SITES):
                    if ready_s[site] > now:
                        continue
                    if emptied[site] is None:
                        place = pick(len(pool))
                        emptied[site], pool[place] = pool[place], pool[-1]
                        pool.pop()
                    if uniform() < PROBABILITY:
                        ready_s[site] = now - REFILL_S * log(1.0 - uniform())
                        age = now - emptied[site]
                        total += poisson(LEVEL * (1.0 - exp(-DEATH_PER_S * age)), generator)
                        emptied[site] = None
                        pool.append(now)
                found.append(total)
        return np.array(found, float)

    return call


CONTENDERS = (
    Contender(
        name="pure Python",
        prepare=prepare,
        packages=(),
        size=50 * SPIKES,
        all_threads=False,
        note="site by site; contents above 30 molecules by a normal number",
    ),
)
