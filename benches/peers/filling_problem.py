"""Works A1 and A2: vesicles that start empty, fill, and are read once after 200 s.

A1: molecules enter at 25/s and each leaves at 0.007/s; about 7,300 events a vesicle.
A2: they enter at 25 (1 - N/5000)/s and leave at 0.002/s; about 4,010 events a vesicle.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np
from scipy import stats

from .contest import Work

END_S = 200.0
VESICLES = 100_000


@dataclass(frozen=True)
class Problem:
    """One filling problem; the answer is an array of molecules, one number a vesicle."""

    birth_per_s: float
    death_per_s: float
    capacity: int | None
    vesicles: int
    seeds: Iterator[int]
    """A fresh seed for every call, so that nothing can be kept from one to the next."""

    @property
    def law(self):
        """The exact law of the answer."""
        if self.capacity is None:
            mean = self.birth_per_s / self.death_per_s * -math.expm1(-self.death_per_s * END_S)
            return stats.poisson(mean)
        each = self.birth_per_s / self.capacity
        rate = each + self.death_per_s
        return stats.binom(self.capacity, each / rate * -math.expm1(-rate * END_S))


def check(problem: Problem, answer: np.ndarray) -> float:
    """How many standard errors the mean, the variance and the distribution are off at most."""
    answer = np.asarray(answer).ravel()
    if answer.shape != (problem.vesicles,) or np.any(answer != np.floor(answer)):
        return math.inf
    law, size = problem.law, answer.size
    mean, variance, _, kurtosis = (float(x) for x in law.stats(moments="mvsk"))
    from_mean = answer - mean
    z_mean = from_mean.mean() / math.sqrt(variance / size)
    z_variance = ((from_mean**2).mean() / variance - 1) / math.sqrt((kurtosis + 2) / size)
    points, counts = np.unique(answer, return_counts=True)
    after = np.cumsum(counts) / size
    gap = max(
        np.abs(after - law.cdf(points)).max(),
        np.abs(after - counts / size - law.cdf(points - 1)).max(),
    )
    # A gap of 3.6/sqrt(n) is as unlikely as 7 standard errors.
    return max(abs(z_mean), abs(z_variance), gap * math.sqrt(size) * 7 / 3.6)


RULE = (
    "{law} The vesicles start empty and are read once, after 200 s; the answer is one whole "
    "number for each. Mean, variance and the whole distribution must lie within 7 standard "
    "errors of the exact law, {exact}. {how}"
)
HOW = {
    "ssa": "Every event is simulated, about {events:,} a vesicle.",
    "closed": "Only the content is drawn, from its exact law.",
}


def work(name: str, kind: str) -> Work:
    """Work A1 or A2, by every event or by the closed form."""
    birth, death, capacity, law, exact, events = {
        "A1": (
            25.0,
            0.007,
            None,
            "Molecules enter at 25/s and each leaves at 0.007/s.",
            "Poisson",
            7_300,
        ),
        "A2": (
            25.0,
            0.002,
            5000,
            "Molecules enter at 25 (1 - N/5000)/s and each leaves at 0.002/s.",
            "binomial",
            4_010,
        ),
    }[name]
    title = {"ssa": "vesicles filled event by event", "closed": "vesicles filled by closed form"}
    limit = "" if capacity is None else ", limited places"
    make: Callable[[int], Problem] = partial(_make, birth, death, capacity)
    return Work(
        name=f"{name} {kind}",
        title=title[kind] + limit,
        rule=RULE.format(law=law, exact=exact, how=HOW[kind].format(events=events)),
        unit="vesicles",
        size=VESICLES,
        make=make,
        check=check,
        error="largest deviation, standard errors",
        tolerance=7.0,
        contenders=kind,
    )


def _make(birth: float, death: float, capacity: int | None, vesicles: int) -> Problem:
    return Problem(birth, death, capacity, vesicles, count(1))
