"""Regimens made from a regimen: with doses left out, later, of one subject, or added."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from vmatcore.check import listed, number, text, whole
from vmatcore.dosing.course import Course, quoted
from vmatcore.dosing.courses import Courses
from vmatcore.dosing.timeline import given
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

__all__ = ["Changeable"]


@dataclass(frozen=True, slots=True, repr=False)
class Changeable(Courses):
    """Courses from which others are made; a :class:`Regimen` gives a regimen.

    Examples
    --------
    >>> from vmatcore import Regimen
    >>> Regimen.parse("valbenazine 80 mg q24h x 28").stop_at(72).delay(12)
    Regimen.parse('valbenazine 80 mg q24h x 3 after 12 h')
    """

    def of(self, subject_id: str) -> Self:
        """Return the regimen of one subject.

        Parameters
        ----------
        subject_id : str
            One of :attr:`ids`. A regimen without ids is that of any subject.

        Returns
        -------
        Regimen
            A regimen without ids.

        Raises
        ------
        UnknownNameError, ParameterTypeError
            If the regimen has ids and this is none of them.
        """
        name = quoted("subject_id", text("subject_id", subject_id))
        if not self.ids:
            return self
        if name not in self.ids:
            raise unknown("subject", subject_id, self.ids)
        own = (course for course in self.courses if course.subject_id == name)
        return replace(self, courses=tuple(replace(course, subject_id=None) for course in own))

    def by_subject(self) -> dict[str, Self]:
        """Return the regimen of every subject, in the order of :attr:`ids`.

        Returns
        -------
        dict of str to Regimen
            By name what :meth:`of` returns; empty for a regimen without ids.

        Examples
        --------
        >>> from vmatcore import Regimen
        >>> both = Regimen.each({name: Regimen.parse("valbenazine 40 mg") for name in "ab"})
        >>> both.by_subject()["b"]
        Regimen.parse('valbenazine 40 mg')
        """
        return {
            name: replace(self, courses=tuple(replace(course, subject_id=None) for course in own))
            for name, own in self.courses_by_id().items()
        }

    def stop_at(self, time_h: float) -> Self:
        """Return the regimen without the doses and resets at or after a time.

        A course that loses all its doses is dropped. An infusion that runs goes on.

        Parameters
        ----------
        time_h : float
            The time, h.

        Returns
        -------
        Regimen
            The regimen that is left.

        Raises
        ------
        ParameterError, ParameterTypeError
            If the time is not a number, not finite or negative.

        Examples
        --------
        >>> from vmatcore import Regimen
        >>> Regimen.parse("valbenazine 80 mg q24h x 28").stop_at(72)
        Regimen.parse('valbenazine 80 mg q24h x 3')
        """
        limit_h = number("time_h", time_h, minimum=0)
        courses = []
        for course in self.courses:
            kept = bisect_left(range(course.doses), limit_h, key=course.time_h)
            if kept:
                courses.append(course.part(0, kept))
            elif not course.doses and not (course.reset and course.start_h >= limit_h):
                courses.append(course)
        return replace(self, courses=_with_every_id(courses, self.courses))

    def skip(self, *, doses: Sequence[int]) -> Self:
        """Return the regimen without some of its doses; all others keep their times.

        Parameters
        ----------
        doses : sequence of int
            Which doses to leave out, counted from 1 in time order, and in the
            order of the courses at equal times. None may be named twice.

        Returns
        -------
        Regimen
            The regimen that is left.

        Raises
        ------
        ParameterError, ParameterTypeError
            If a number is not whole, has no dose, or comes twice.

        Examples
        --------
        >>> from vmatcore import Regimen
        >>> Regimen.parse("valbenazine 80 mg q24h x 28").skip(doses=[5, 6])
        Regimen.parse('valbenazine 80 mg q24h x 4 then 80 mg q24h x 22 after 48 h')
        """
        total = sum(count for count, _ in given(self.courses))
        skipped: set[int] = set()
        for place, value in enumerate(listed("doses", doses)):
            dose = whole(f"doses[{place}]", value)
            if not 1 <= dose <= total:
                rule = f"be in [1, {total}] (the first dose is 1)" if total else "not be given"
                why = "" if total else ": the regimen has no doses"
                raise ParameterError(f"`doses[{place}]` must {rule}, got {shown(dose)}{why}")
            if dose in skipped:
                raise ParameterError(f"`doses` must name no dose twice, got {dose} again")
            skipped.add(dose)
        gone: dict[int, set[int]] = {}
        for dose, (_, row, index) in enumerate(self._in_time_order(), start=1):
            if dose in skipped:
                gone.setdefault(row, set()).add(index)
                skipped.remove(dose)
            if not skipped:
                break
        courses: list[Course] = []
        for row, course in enumerate(self.courses):
            lost = gone.get(row, set())
            if 0 in lost and (course.steady_state or course.reset):
                raise ParameterError(
                    "`doses` must not skip a dose that a reset or a steady state goes with, "
                    f"got the one at {course.start_h!r} h"
                )
            courses.extend(course.without(lost) if lost else (course,))
        return replace(self, courses=_with_every_id(courses, self.courses))

    def delay(self, hours: float) -> Self:
        """Return the regimen with every course starting later.

        Parameters
        ----------
        hours : float
            How much later, h.

        Returns
        -------
        Regimen
            The regimen.

        Raises
        ------
        ParameterError, ParameterTypeError
            If the number of hours is not a number, not finite or negative.

        Examples
        --------
        >>> from vmatcore import Regimen
        >>> Regimen.once("tetrabenazine", dose_mg=25).delay(12)
        Regimen.parse('tetrabenazine 25 mg after 12 h')
        """
        later_h = number("hours", hours, minimum=0)
        courses = []
        for course in self.courses:
            start_h = number("start_h + hours", course.start_h + later_h)
            courses.append(replace(course, start_h=start_h))
        return replace(self, courses=tuple(courses))

    def __add__(self, other: Self) -> Self:
        """Return the doses of both, each at its own times; the courses of the left come first.

        If only one of them names subjects, the other is given to each of these.
        """
        if not isinstance(other, Changeable):
            fix = ": use Regimen.parse" if isinstance(other, str) else ""
            raise ParameterTypeError(
                f"`other` must be a Regimen to be added to one, got {shown(other)}{fix}"
            )
        left, right = self.courses, other.courses
        if self.ids and not other.ids:
            right = _for_each(right, self.ids)
        elif other.ids and not self.ids:
            left = _for_each(left, other.ids)
        return replace(self, courses=left + right)


def _with_every_id(courses: list[Course], before: tuple[Course, ...]) -> tuple[Course, ...]:
    """The courses, with an empty one for each subject that has lost all."""
    left = {course.subject_id for course in courses}
    for course in before:
        if course.subject_id not in left:
            left.add(course.subject_id)
            if course.subject_id is not None:
                empty = course.part(0, 0)
                courses.append(replace(empty, reset=False))
    return tuple(courses)


def _for_each(courses: tuple[Course, ...], ids: tuple[str, ...]) -> tuple[Course, ...]:
    return tuple(replace(course, subject_id=name) for name in ids for course in courses)
