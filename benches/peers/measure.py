"""Rounds in which every contender has one turn, and what they measured."""

import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from .contest import Contender, Contest, Work, reason
from .machine import cores, one_core

TURN_S = 0.2
TURN_CALLS = 9
"""A turn repeats the call until one of the two is reached."""
OURS = "vmatcore"


@dataclass
class Entry:
    """A contender at a number of threads, and all that was measured of it."""

    work: Work
    contender: Contender
    threads: int
    size: int
    problem: Any = None
    call: Callable[[], Any] | None = None
    first_s: float = 0.0
    error: float = 0.0
    speeds: list[float] = field(default_factory=list)
    failure: str | None = None

    @property
    def right(self) -> bool:
        return self.failure is None and self.error < self.work.tolerance

    @property
    def speed(self) -> float:
        return statistics.median(self.speeds)

    def start(self) -> None:
        """Prepare and call once: compiling counts here and nowhere else."""
        self.problem = self.work.make(self.size)
        with self._limits():
            begin = time.perf_counter()
            try:
                self.call = self.contender.prepare(self.problem, self.threads)
                answer = self.call()
            except Exception as problem:  # a broken peer must not stop the others
                self.failure = reason(problem)
                return
            self.first_s = time.perf_counter() - begin
        self._check(answer)

    def turn(self) -> None:
        """Call for a while, note the speed, check the last answer.

        The first call is not counted: it meets the caches that others left, and on a virtual
        machine the memory that the host took back while it was free.
        """
        spent: list[float] = []
        with self._limits():
            self.call()
            while len(spent) < TURN_CALLS and sum(spent) < TURN_S:
                answer = None  # releasing the last array is not timed
                begin = time.perf_counter()
                answer = self.call()
                spent.append(time.perf_counter() - begin)
        self.speeds.append(self.size / statistics.median(spent))
        self._check(answer)

    def _limits(self):
        return one_core() if self.threads == 1 else nullcontext()

    def _check(self, answer: Any) -> None:
        self.error = max(self.error, self.work.check(self.problem, answer))


def entries(contest: Contest, *, scale: float, only: list[str]) -> list[Entry]:
    """One thread for all, then all threads for those that have them."""
    wanted = [c for c in contest.contenders if not only or any(part in c.name for part in only)]
    counts = [1, cores()] if cores() > 1 else [1]
    return [
        Entry(contest.work, contender, threads, max(2, round(contender.size * scale)))
        for threads in counts
        for contender in wanted
        if threads == 1 or contender.all_threads
    ]


def run(
    contest: Contest, *, rounds: int, scale: float, only: list[str], say: Callable[[str], None]
) -> list[Entry]:
    """Every entry once to warm up, then rounds of A, B, C, ... so that drift hits all alike."""
    field_ = entries(contest, scale=scale, only=only)
    for entry in field_:
        entry.start()
        say(f"{entry.contender.name}, {entry.threads} thread(s): {entry.failure or 'ready'}")
    for number in range(rounds):
        for entry in field_:
            if entry.right:
                entry.turn()
        say(f"{contest.work.name}: round {number + 1} of {rounds}")
    return field_


def reference(ranked: list[Entry]) -> Entry | None:
    """Ours if it is there, else the fastest that writes a new output."""
    new = [entry for entry in ranked if entry.contender.output == "new"]
    ours = [entry for entry in new if entry.contender.name == OURS]
    return (ours or new or [None])[0]


def ratios(standard: Entry, entry: Entry) -> list[float]:
    """How many times as fast the standard was, round by round."""
    pairs = zip(standard.speeds, entry.speeds, strict=True)
    return [ours / theirs for ours, theirs in pairs]
