"""Works B and B2: synapses that release at 300 spikes, and what they release at each.

20 sites, p 0.06, an emptied site refilled after 4 s on average, 5 spikes/s for 60 s. B: each
quantum is lognormal with mean 3000 and CV 0.3; the train is regular and shared, or Poisson
and each synapse's own. B2: each quantum is a vesicle that has filled since its last release,
molecules entering at 13.083/s and leaving at 0.0043657/s each, from a pool of 200 for each site.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

import vmatcore as vm

from .contest import Work

SITES, PROBABILITY, REFILL_S = 20, 0.06, 4.0
RATE_HZ, END_S = 5.0, 60.0
SPIKES = round(RATE_HZ * END_S)
MEAN, CV = 3000.0, 0.3
LOG_SD = math.sqrt(math.log1p(CV * CV))
LOG_MEAN = math.log(MEAN) - 0.5 * LOG_SD**2
BIRTH_PER_S, DEATH_PER_S, POOL = 13.083, 0.0043657, 200
SYNAPSES = 10_000


@dataclass(frozen=True)
class Problem:
    """One release problem; the answer is the molecules of every synapse and spike, flat."""

    synapses: int
    trains: vm.spikes.SpikeTrain
    filling: bool
    seeds: Iterator[int]
    """A fresh seed for every call, so that nothing can be kept from one to the next."""

    @property
    def own(self) -> bool:
        """Whether each synapse has a train of its own."""
        return isinstance(self.trains, vm.spikes.SpikeTrains)


def expected(problem: Problem) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chance of release of one site, and mean and mean square of a quantum, at every spike.

    Exact for lognormal quanta; for vesicles that fill the pool is taken at its mean size. Written
    apart from the package.
    """
    times = problem.trains.time_s
    chance, mean, square = (np.empty(len(times)) for _ in range(3))
    docked, pool = np.zeros(len(times) + 1), np.zeros(len(times) + 1)
    docked[0], pool[0] = 1.0, POOL  # place 0: never released, in the steady state
    level = BIRTH_PER_S / DEATH_PER_S
    before = times[0]
    for spike, now in enumerate(times):
        moved = pool * ((1.0 - docked.sum()) * -math.expm1(-(now - before) / REFILL_S) / pool.sum())
        docked, pool, before = docked + moved, pool - moved, now
        chance[spike] = PROBABILITY * docked.sum()
        if problem.filling:
            contents = level * -np.expm1(-DEATH_PER_S * (now - times[:spike]))
            contents = np.array([level, *contents])
            weight = docked[: spike + 1] / docked.sum()
            mean[spike], square[spike] = weight @ contents, weight @ (contents**2 + contents)
        else:
            mean[spike], square[spike] = MEAN, MEAN**2 * (1.0 + CV**2)
        pool[spike + 1] = chance[spike]
        docked = docked * (1.0 - PROBABILITY)
    return chance, mean, square


def chances(problem: Problem) -> np.ndarray:
    """Exact chance of release of one site at every spike of trains of their own."""
    found, offsets = np.empty(len(problem.trains.time_s)), problem.trains.offsets.astype(int)
    lengths = np.diff(offsets)
    empty, before = np.zeros(len(lengths)), np.zeros(len(lengths))
    for spike in range(lengths.max()):
        rows = np.flatnonzero(lengths > spike)
        places = offsets[rows] + spike
        now = problem.trains.time_s[places]
        empty[rows] *= np.exp(-(now - before[rows]) / REFILL_S)
        found[places] = PROBABILITY * (1.0 - empty[rows])
        empty[rows] += found[places]
        before[rows] = now
    return found


def check(problem: Problem, answer: np.ndarray) -> float:
    """How many standard errors the failures and the mean and spread of amplitudes are off."""
    answer = np.asarray(answer, float).ravel()
    if problem.own:
        chance = chances(problem)
        size, square = np.full(answer.size, MEAN), np.full(answer.size, MEAN**2 * (1.0 + CV**2))
    else:
        chance, size, square = (np.tile(one, problem.synapses) for one in expected(problem))
    if answer.shape != chance.shape or not np.all(np.isfinite(answer) & (answer >= 0)):
        return math.inf
    failure = (1.0 - chance) ** SITES
    # Counts of one synapse hang together over its spikes: errors are at most doubled.
    z_failures = ((answer == 0).sum() - failure.sum()) / math.sqrt((failure * (1 - failure)).sum())
    mean = SITES * chance * size
    variance = SITES * (chance * square - (chance * size) ** 2)
    z_mean = (answer - mean).sum() / math.sqrt(variance.sum())
    fourth = ((answer - mean) ** 4).mean() - (variance**2).mean()
    z_variance = ((answer - mean) ** 2 - variance).sum() / math.sqrt(fourth * answer.size)
    return max(abs(z_failures), abs(z_mean), abs(z_variance)) / 2


RULE = (
    f"{SITES} sites, p {PROBABILITY:g}, an emptied site is refilled after {REFILL_S:g} s on "
    f"average; {{train}} {RATE_HZ:g} spikes/s for {END_S:g} s. {{content}} The answer is the "
    "molecules of every synapse at every spike. Failures, mean and variance must lie within 7 "
    "standard errors of the exact law."
)
LOGNORMAL = f"Each quantum is lognormal, mean {MEAN:g}, CV {CV:g}."
VESICLE = (
    "Each quantum is a vesicle: it empties, joins a pool of 200 a site, and fills from then on "
    "(13.083/s in, 0.0043657/s out for each molecule); an emptied site takes a random one."
)


def work(name: str, *, own: bool = False, filling: bool = False) -> Work:
    """Work B or B2."""

    def make(units: int) -> Problem:
        synapses = max(2, round(units / SPIKES))
        if own:
            trains = vm.spikes.poisson(rate_hz=RATE_HZ, duration_s=END_S, synapses=synapses, seed=1)
        else:
            trains = vm.spikes.regular(rate_hz=RATE_HZ, duration_s=END_S)
        return Problem(synapses, trains, filling, count(1))

    return Work(
        name=name,
        title="release at every spike"
        + (", vesicles that fill" if filling else "")
        + (", a Poisson train for each synapse" if own else ""),
        rule=RULE.format(
            train="Poisson, a train for each synapse," if own else "regular,",
            content=VESICLE if filling else LOGNORMAL,
        ),
        unit="spikes x synapses",
        size=SYNAPSES * SPIKES,
        make=make,
        check=check,
        error="largest deviation, standard errors",
        tolerance=7.0,
        contenders="vesicles" if filling else "release",
    )
