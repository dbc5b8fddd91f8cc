"""What the courses of one subject do, in the order of time.

At equal times the course that stands first acts first. A reset, and a steady state that
replaces, ends what was recorded before it: infusions stop, and doses that are still due,
additional or lagged, are not given (NONMEM Users Guide VI, chapter V).
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from vmatcore.dosing.course import Course

__all__ = ["Event", "given", "timeline"]


class Event(NamedTuple):
    """One thing that a course does.

    Parameters
    ----------
    time_h : float
        When, h.
    row : int
        Which course.
    number : int
        Which dose of it, from 0.
    kind : {"reset", "steady state", "dose"}
        What happens.
    course : Course
        The course.
    until_h : float
        When a reset ends what the course has begun, h; infinity if none does.
    """

    time_h: float
    row: int
    number: int
    kind: Literal["reset", "steady state", "dose"]
    course: Course
    until_h: float


def given(courses: Sequence[Course]) -> list[tuple[int, float]]:
    """Return how many doses of each course are given, and when a reset ends the course, h."""
    ends: dict[tuple[str, str | None], list[tuple[float, int]]] = {}
    for row, course in enumerate(courses):
        if course.reset or course.steady_state == 1:
            key = course.drug, course.subject_id
            ends.setdefault(key, []).append((course.start_h, row))
    for times in ends.values():
        times.sort()
    found = []
    for row, course in enumerate(courses):
        times = ends.get((course.drug, course.subject_id), [])
        place = bisect_left(times, (course.start_h, row + 1))
        until_h = times[place][0] if place < len(times) else math.inf
        count = course.doses
        if until_h < math.inf:
            count = bisect_left(range(course.doses), until_h, key=course.time_h)
        found.append((count, until_h))
    return found


def timeline(courses: Sequence[Course]) -> Iterator[Event]:
    """Yield what the courses of one subject do, in the order of time.

    Parameters
    ----------
    courses : sequence of Course
        The courses, all of one subject.

    Yields
    ------
    Event
        The next thing that happens.

    Examples
    --------
    >>> endless = Course(drug="a", dose_mg=5, every_h=8, doses=2, steady_state=1)
    >>> [(event.time_h, event.kind) for event in timeline([endless])]
    [(0.0, 'reset'), (0.0, 'steady state'), (0.0, 'dose'), (8.0, 'dose')]
    """
    counts = given(courses)
    rows = (_of_course(row, course, *counts[row]) for row, course in enumerate(courses))
    return heapq.merge(*rows, key=lambda event: event[:3])


def _of_course(row: int, course: Course, doses: int, until_h: float) -> Iterator[Event]:
    start_h = course.start_h
    if start_h < until_h or not course.doses:
        if course.reset or course.steady_state == 1:
            yield Event(start_h, row, -2, "reset", course, until_h)
        if course.steady_state:
            yield Event(start_h, row, -1, "steady state", course, until_h)
    for index in range(doses):
        yield Event(course.time_h(index), row, index, "dose", course, until_h)
