"""Release with NumPy: all synapses at once, spike by spike, with its own samplers."""

from collections.abc import Callable

import numpy as np

from .contest import Contender
from .quanta_problem import LOG_MEAN, LOG_SD, PROBABILITY, REFILL_S, SITES, SPIKES, Problem


def prepare(problem: Problem, _threads: int) -> Callable[[], np.ndarray]:
    times = problem.trains.time_s
    if problem.own:
        offsets = problem.trains.offsets.astype(int)
        lengths = np.diff(offsets)
        order = np.argsort(-lengths)  # the longest first, so that those still running are a slice
        longest = int(lengths.max())
        counts = np.array([(lengths > spike).sum() for spike in range(longest)])

    def shared() -> np.ndarray:
        generator = np.random.default_rng(next(problem.seeds))
        ready = np.full(problem.synapses, SITES)
        quanta = np.empty((problem.synapses, len(times)), np.int64)
        before = times[0]
        for spike, now in enumerate(times):
            filled = -np.expm1(-(now - before) / REFILL_S)
            ready += generator.binomial(SITES - ready, filled)
            quanta[:, spike] = generator.binomial(ready, PROBABILITY)
            ready -= quanta[:, spike]
            before = now
        return sizes(generator, quanta.ravel())

    def own() -> np.ndarray:
        generator = np.random.default_rng(next(problem.seeds))
        ready = np.full(problem.synapses, SITES)
        quanta = np.empty(len(times), np.int64)
        before = np.zeros(problem.synapses)
        for spike in range(longest):
            rows = order[: counts[spike]]
            places = offsets[rows] + spike
            now = times[places]
            if spike:
                filled = -np.expm1(-(now - before[rows]) / REFILL_S)
                ready[rows] += generator.binomial(SITES - ready[rows], filled)
            fused = generator.binomial(ready[rows], PROBABILITY)
            ready[rows] -= fused
            quanta[places] = fused
            before[rows] = now
        return sizes(generator, quanta)

    def sizes(generator: np.random.Generator, quanta: np.ndarray) -> np.ndarray:
        held = np.exp(LOG_MEAN + LOG_SD * generator.standard_normal(int(quanta.sum())))
        ends = np.cumsum(quanta)
        totals = np.zeros(quanta.size)
        some = quanta > 0
        totals[some] = np.add.reduceat(held, (ends - quanta)[some])
        return totals

    return own if problem.own else shared


CONTENDERS = (
    Contender(
        name="NumPy",
        prepare=prepare,
        packages=("numpy",),
        size=5_000 * SPIKES,
        all_threads=False,
        note="binomial numbers for all synapses at each spike, quanta added by reduceat",
    ),
)
