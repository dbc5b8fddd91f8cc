"""The courses of a regimen, and what can be asked of them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from vmatcore.check import listed, text
from vmatcore.dosing import grammar
from vmatcore.dosing.course import MAXIMUM_DOSES, Course, Dose
from vmatcore.dosing.timeline import given
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown

__all__ = ["Courses"]


@dataclass(frozen=True, slots=True, repr=False)
class Courses:
    """Courses in a fixed order, checked; a :class:`Regimen` makes and changes them.

    Parameters
    ----------
    courses : tuple of Course
        The courses.

    Raises
    ------
    ParameterTypeError
        If something is not a course.
    ParameterError
        If there are more than ten million doses, or some courses name a subject and
        others do not.

    Examples
    --------
    >>> Courses((Course(drug="valbenazine", dose_mg=80, every_h=24, doses=28),)).last_dose_h
    648.0
    """

    courses: tuple[Course, ...] = ()

    def __post_init__(self) -> None:
        """Check the courses and their total."""
        courses = tuple(listed("courses", self.courses))
        for row, course in enumerate(courses):
            if not isinstance(course, Course):
                raise ParameterTypeError(f"`courses[{row}]` must be a Course, got {shown(course)}")
        total = sum(course.doses for course in courses)
        if total > MAXIMUM_DOSES:
            raise ParameterError(
                f"`courses` must hold at most {MAXIMUM_DOSES} doses together, got {total}"
            )
        named = [course.subject_id is not None for course in courses]
        if any(named) and not all(named):
            raise ParameterError(
                "`courses` must all name a subject or none, "
                f"got `courses[{named.index(False)}]` without `subject_id`"
            )
        object.__setattr__(self, "courses", courses)

    @property
    def drugs(self) -> tuple[str, ...]:
        """Names of the drugs, in the order of their first courses."""
        return tuple(dict.fromkeys(course.drug for course in self.courses))

    @property
    def ids(self) -> tuple[str, ...]:
        """Names of the subjects, in the order of their first courses; none if it is for all."""
        found = dict.fromkeys(course.subject_id for course in self.courses)
        return tuple(name for name in found if name is not None)

    @property
    def times_h(self) -> tuple[float, ...]:
        """Times of all doses in time order, h."""
        return tuple(time_h for time_h, _, _ in self._in_time_order())

    @property
    def last_dose_h(self) -> float | None:
        """Time of the last dose that is given, h; None if there is no dose."""
        last = self._last()
        return None if last is None else last[0]

    def interval_h(self, drug: str | None = None) -> float | None:
        """Return the interval of the course that gives the last dose.

        Doses that a reset cancels are not given.

        Parameters
        ----------
        drug : str, optional
            Look only at this drug.

        Returns
        -------
        float or None
            The interval, h; None if that course is a single dose, or if there is
            no dose.

        Raises
        ------
        UnknownNameError, ParameterTypeError
            If the regimen does not hold the drug, or it is not a text.

        Examples
        --------
        >>> from vmatcore import Regimen
        >>> Regimen.parse("tetrabenazine 25 mg q24h x 7 then 25 mg q8h x 21").interval_h()
        8.0
        """
        name = None if drug is None else text("drug", drug).lower()
        if name is not None and name not in self.drugs:
            raise unknown("drug of this regimen", drug, self.drugs)
        last = self._last(name)
        return None if last is None else last[1].every_h

    def doses(self) -> tuple[Dose, ...]:
        """Return all doses in time order; at equal times the earlier course comes first.

        The endless doses in front of a steady state are not among them, nor are those
        that a reset cancels.

        Returns
        -------
        tuple of Dose
            The doses.

        Examples
        --------
        >>> from vmatcore import Regimen
        >>> [dose.time_h for dose in Regimen.parse("tetrabenazine 25 mg tid x 3").doses()]
        [0.0, 8.0, 16.0]
        """
        found = []
        for time_h, row, _ in self._in_time_order():
            course = self.courses[row]
            found.append(
                Dose(
                    drug=course.drug,
                    dose_mg=course.dose_mg,
                    time_h=time_h,
                    rate_mg_h=course.rate_mg_h,
                    compartment=course.compartment,
                    subject_id=course.subject_id,
                )
            )
        return tuple(found)

    def __str__(self) -> str:
        """Return the sentence that :meth:`parse` turns into an equal regimen."""
        return grammar.write(self.courses)

    def courses_by_id(self) -> dict[str, tuple[Course, ...]]:
        """Return the courses of each subject, in the order of :attr:`ids`; one pass for all."""
        found: dict[str, list[Course]] = {}
        for course in self.courses:
            if course.subject_id is not None:
                found.setdefault(course.subject_id, []).append(course)
        return {name: tuple(own) for name, own in found.items()}

    def _in_time_order(self) -> Iterator[tuple[float, int, int]]:
        """Yield (time in h, row, index in its course) of every dose."""
        counts = given(self.courses)
        return heapq.merge(*(_events(row, c, counts[row][0]) for row, c in enumerate(self.courses)))

    def _last(self, drug: str | None = None) -> tuple[float, Course] | None:
        """Return when the last dose is given, h, and by which course; of several, the last row."""
        last: tuple[float, Course] | None = None
        for course, (count, _) in zip(self.courses, given(self.courses), strict=True):
            if not count or drug not in (None, course.drug):
                continue
            time_h = course.time_h(count - 1)
            if last is None or time_h >= last[0]:
                last = time_h, course
        return last


def _events(row: int, course: Course, doses: int) -> Iterator[tuple[float, int, int]]:
    return ((course.time_h(index), row, index) for index in range(doses))
