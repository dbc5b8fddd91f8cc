"""How the cost of vmatcore grows with the size of a work, with its read times, and with threads."""

import dataclasses
import math
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from .contest import Contender, Contest
from .machine import cores, one_core

ROUNDS = 5
PARTS = (8, 4, 2, 1)
"""The sizes are these parts of the work's."""


@dataclasses.dataclass(frozen=True)
class Scaling:
    """Cost over size as a power of the size: 1 is linear."""

    work: str
    over: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """Slope of log cost over log size, by least squares."""
        x = [math.log(size) for size in self.sizes]
        y = [math.log(second) for second in self.seconds]
        mean_x, mean_y = statistics.mean(x), statistics.mean(y)
        above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
        return above / sum((a - mean_x) ** 2 for a in x)


@dataclasses.dataclass(frozen=True)
class Threads:
    """How many times as fast all threads are as one."""

    work: str
    threads: int
    ratio: float
    least: float
    most: float


def seconds(calls: list[Callable[[], Any]], threads: list[int]) -> list[list[float]]:
    """Time every call in turn, round after round; releasing an answer is not timed."""
    spent: list[list[float]] = [[] for _ in calls]
    for number in range(ROUNDS + 1):
        for place, (call, count) in enumerate(zip(calls, threads, strict=True)):
            with one_core() if count == 1 else nullcontext():
                begin = time.perf_counter()
                answer = call()
                took = time.perf_counter() - begin
            del answer
            if number:  # the first round warms up
                spent[place].append(took)
    return spent


def over(work: str, what: str, problems: list[tuple[int, Any]], contender: Contender) -> Scaling:
    calls = [contender.prepare(problem, 1) for _, problem in problems]
    spent = seconds(calls, [1] * len(calls))
    sizes = tuple(size for size, _ in problems)
    return Scaling(work, what, sizes, tuple(statistics.median(row) for row in spent))


def measure(contest: Contest) -> Iterator[Scaling | Threads]:
    """Growth over size, over read times where there are many, and the gain by threads."""
    ours = [c for c in contest.contenders if c.name == "vmatcore"]
    if not ours:
        return
    contender, work = ours[0], contest.work
    sizes = [max(1, contender.size // part) for part in PARTS]
    problems = [(size, work.make(size)) for size in sizes]
    yield over(work.name, work.unit, problems, contender)
    problem = problems[-1][1]
    times = getattr(problem, "time_h", None)
    if times is not None and len(times) > 64:
        grids = [times[part - 1 :: part] for part in PARTS]
        fewer = [(len(grid), dataclasses.replace(problem, time_h=grid)) for grid in grids]
        yield over(work.name, "read times", fewer, contender)
    if cores() > 1 and contender.all_threads:
        counts = [1, cores()]
        calls = [contender.prepare(problem, count) for count in counts]
        one, all_ = seconds(calls, counts)
        ratios = [a / b for a, b in zip(one, all_, strict=True)]
        yield Threads(work.name, cores(), statistics.median(ratios), min(ratios), max(ratios))
