"""Release with numba: counts by inversion, with tables where the train is shared.

Own xoshiro256++, the cumulative binomial chances of every number of filled sites in a table,
normal numbers by Box and Muller in pairs; synapses in chunks over the threads.
"""

from collections.abc import Callable

import numba
import numpy as np
from scipy import stats

from .contest import Contender
from .quanta_problem import LOG_MEAN, LOG_SD, PROBABILITY, REFILL_S, SITES, SPIKES, Problem

FAST = {"contract", "arcp"}


@numba.njit
def mixed(state):
    """SplitMix64."""
    state = np.uint64(state + np.uint64(0x9E3779B97F4A7C15))
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, z ^ (z >> np.uint64(31))


@numba.njit(fastmath=FAST, error_model="numpy")
def one(seed, times, pauses_below, tabled, release_below, out):
    state = np.uint64(seed)
    state, a = mixed(state)
    state, b = mixed(state)
    state, c = mixed(state)
    state, d = mixed(state)
    ready, before = SITES, times[0]
    spare, has_spare = 0.0, False
    for spike in range(times.size):
        word = a + d
        word = ((word << np.uint64(23)) | (word >> np.uint64(41))) + a
        shifted = b << np.uint64(17)
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = (d << np.uint64(45)) | (d >> np.uint64(19))
        u = float(word >> np.uint64(11)) * 2.0**-53
        empty = SITES - ready
        filled = 0
        if spike > 0 and empty > 0:
            if tabled[spike] >= 0:
                row = pauses_below[tabled[spike], empty]
                while u >= row[filled]:
                    filled += 1
            else:
                pause = (times[spike] - before) / REFILL_S
                stay = np.exp(-pause)
                chance = np.exp(-pause * empty)
                odds = (1.0 - stay) / stay
                while u >= chance and filled < empty:
                    u -= chance
                    chance *= odds * (empty - filled) / (filled + 1)
                    filled += 1
        ready += filled
        before = times[spike]
        word = a + d
        word = ((word << np.uint64(23)) | (word >> np.uint64(41))) + a
        shifted = b << np.uint64(17)
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = (d << np.uint64(45)) | (d >> np.uint64(19))
        u = float(word >> np.uint64(11)) * 2.0**-53
        fused = 0
        while u >= release_below[ready, fused]:
            fused += 1
        ready -= fused
        total = 0.0
        for _ in range(fused):
            if has_spare:
                normal, has_spare = spare, False
            else:
                word = a + d
                word = ((word << np.uint64(23)) | (word >> np.uint64(41))) + a
                shifted = b << np.uint64(17)
                c ^= a
                d ^= b
                b ^= c
                a ^= d
                c ^= shifted
                d = (d << np.uint64(45)) | (d >> np.uint64(19))
                size = np.sqrt(-2.0 * np.log((float(word >> np.uint64(11)) + 0.5) * 2.0**-53))
                word = a + d
                word = ((word << np.uint64(23)) | (word >> np.uint64(41))) + a
                shifted = b << np.uint64(17)
                c ^= a
                d ^= b
                b ^= c
                a ^= d
                c ^= shifted
                d = (d << np.uint64(45)) | (d >> np.uint64(19))
                angle = 2.0 * np.pi * float(word >> np.uint64(11)) * 2.0**-53
                normal, spare, has_spare = size * np.cos(angle), size * np.sin(angle), True
            total += np.exp(LOG_MEAN + LOG_SD * normal)
        out[spike] = total


@numba.njit(parallel=True)
def all_of(seed, times, offsets, shared, pauses_below, tabled, release_below, out):
    for synapse in numba.prange(offsets.size - 1):
        low, high = offsets[synapse], offsets[synapse + 1]
        own = times if shared else times[low:high]
        if high > low:
            one(
                seed * 1_000_003 + synapse,
                own,
                pauses_below,
                tabled,
                release_below,
                out[low:high],
            )


def below(chance: float) -> np.ndarray:
    """Cumulative binomial chances for every number of trials; 1 at the end of each row."""
    rows = np.ones((SITES + 1, SITES + 1))
    for trials in range(SITES + 1):
        rows[trials, :trials] = stats.binom.cdf(np.arange(trials), trials, chance)
    return rows


def prepare(problem: Problem, threads: int) -> Callable[[], np.ndarray]:
    numba.set_num_threads(threads)
    times = problem.trains.time_s
    release_below = below(PROBABILITY)
    if problem.own:
        offsets = problem.trains.offsets.astype(np.int64)
        pauses_below = np.ones((1, 1, 1))
        tabled = np.full(int(np.diff(offsets).max()), -1)
    else:
        offsets = np.arange(problem.synapses + 1) * len(times)
        pauses, tabled = np.unique(np.diff(times, prepend=times[0]).round(9), return_inverse=True)
        pauses_below = np.array([below(-np.expm1(-pause / REFILL_S)) for pause in pauses])
    shared = not problem.own

    def call() -> np.ndarray:
        out = np.empty(offsets[-1])
        seed = next(problem.seeds)
        all_of(seed, times, offsets, shared, pauses_below, tabled, release_below, out)
        return out

    return call


CONTENDERS = (
    Contender(
        name="numba",
        prepare=prepare,
        packages=("numba", "numpy"),
        size=10_000 * SPIKES,
        note="tables of cumulative chances (regular) or inversion (Poisson), Box-Muller in pairs",
    ),
)
