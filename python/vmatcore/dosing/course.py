"""A course of doses: one drug, one amount, at regular times."""

from __future__ import annotations

import math
import re
from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any

from vmatcore.check import flag, number, text, whole
from vmatcore.errors import ParameterError, shown

__all__ = [
    "MAXIMUM_DOSES",
    "NUMBER",
    "Course",
    "Dose",
    "doses_within",
    "drug_name",
    "quoted",
    "repeated",
]

#: The most doses of a regimen.
MAXIMUM_DOSES = 10_000_000

#: A number in a sentence. The quantifiers are possessive (`++`): no sentence, however
#: odd, takes more than linear time to read.
NUMBER = r"[+-]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:e[+-]?[0-9]{1,4})?+"

_NAME = re.compile(r"[\w().+-]++")
_LETTER = re.compile(r"[^\W\d_]")
_WORD_OF_A_SENTENCE = re.compile(
    rf"x?{NUMBER} | {NUMBER}(?:mg|g|ug|mcg|[µμ]g) | q{NUMBER}h | mg | g | ug | mcg | [µμ]g"
    "| x | q | qd | bid | tid | qid | for | after | then | nothing"
    "| at | into | id | reset | ss[12]",
    re.VERBOSE,
)


#: What a quoted word of a sentence can hold: a compartment or the name of a subject.
_QUOTED = re.compile(r"[^\s\"](?:[^\"\n\r]*+(?<!\s))?+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One drug, one amount, regular times: dose ``i`` is at ``start_h + i * every_h``.

    Parameters
    ----------
    drug : str
        Name of the drug. Case does not matter; it is stored in lower case.
    dose_mg : float
        Amount of each dose, mg.
    start_h : float
        Time of the first dose, h.
    every_h : float or None
        Time from one dose to the next, h; None if there is at most one dose and no
        steady state.
    doses : int
        Number of doses; 0 is allowed.
    rate_mg_h : float, optional
        Rate at which each dose is infused, mg/h; None gives it at once.
    steady_state : {0, 1, 2}
        1 and 2 put the state that endless earlier doses of this course have left in
        front of the first one: in place of all that was given before (1), or added
        to it (2).
    reset : bool
        If true the body is emptied of the drug before the first dose, infusions stop
        and doses that are due are cancelled. With no dose it does only that.
    compartment : str, optional
        Where a dose enters, by name or by number from 1; None where the drug says.
        Case does not matter; it is stored in lower case.
    subject_id : str, optional
        Whose course it is; None is everybody. Stored in lower case.

    Raises
    ------
    ParameterTypeError
        If a value has the wrong type.
    ParameterError
        If a value breaks its rule.

    Examples
    --------
    >>> Course(drug="valbenazine", dose_mg=80, every_h=24, doses=28).time_h(2)
    48.0
    """

    drug: str
    dose_mg: float
    start_h: float = 0.0
    every_h: float | None = None
    doses: int = 1
    rate_mg_h: float | None = None
    steady_state: int = 0
    reset: bool = False
    compartment: str | None = None
    subject_id: str | None = None

    def __post_init__(self) -> None:
        """Check every field, and store it as a plain Python value."""
        doses = whole("doses", self.doses, minimum=0, maximum=MAXIMUM_DOSES)
        steady_state = whole("steady_state", self.steady_state, minimum=0, maximum=2)
        flag("reset", self.reset)
        if steady_state and not doses:
            raise ParameterError(f"`steady_state` must be 0 for no dose, got {steady_state}")
        checked = {
            "drug": drug_name(self.drug),
            "dose_mg": number("dose_mg", self.dose_mg, minimum=0) + 0.0,  # -0.0 becomes 0.0
            "start_h": number("start_h", self.start_h, minimum=0) + 0.0,
            "doses": doses,
            "steady_state": steady_state,
            "compartment": quoted("compartment", self.compartment),
            "subject_id": quoted("subject_id", self.subject_id),
        }
        if self.rate_mg_h is not None:
            rate = number("rate_mg_h", self.rate_mg_h, minimum=0, exclusive=True)
            checked["rate_mg_h"] = rate
            number("dose_mg / rate_mg_h", float(checked["dose_mg"]) / rate)  # type: ignore[arg-type]
        checked["every_h"] = self._interval(checked)
        for field, value in checked.items():
            object.__setattr__(self, field, value)

    def _interval(self, checked: dict[str, object]) -> float | None:
        """The interval, checked to tell all doses apart."""
        every_h, doses = self.every_h, checked["doses"]
        start_h = checked["start_h"]
        assert isinstance(doses, int)
        assert isinstance(start_h, float)
        if doses <= 1 and not checked["steady_state"]:
            if every_h is not None:
                count = "one dose" if doses else "no dose"
                raise ParameterError(f"`every_h` must be None for {count}, got {shown(every_h)}")
            return None
        if every_h is None:
            what = f"{doses} doses" if doses > 1 else "a steady state"
            raise ParameterError(f"`every_h` must be given for {what}, got None")
        every_h = number("every_h", every_h, minimum=0, exclusive=True)
        last_h = start_h + (doses - 1) * every_h
        if not math.isfinite(last_h):
            raise ParameterError(
                "`every_h` must leave the last dose at a finite time, "
                f"got {every_h!r} for {doses} doses from {start_h!r} h"
            )
        if every_h <= 2 * math.ulp(last_h):  # rounding could make two times one
            raise ParameterError(
                "`every_h` must be long enough to tell doses apart in floating point, "
                f"got {every_h!r} for {doses} doses from {start_h!r} h"
            )
        return every_h

    def time_h(self, index: int) -> float:
        """Return the time of a dose in h; ``index`` counts from 0 and is not checked."""
        return self.start_h if self.every_h is None else self.start_h + index * self.every_h

    @property
    def last_h(self) -> float:
        """Time of the last dose, h; the start if there is no dose."""
        return self.time_h(max(self.doses - 1, 0))

    def part(self, first: int, doses: int) -> Course:
        """Return a course of so many doses that starts at the dose ``first``, from 0."""
        begins = first == 0 and doses > 0
        steady_state = self.steady_state if begins else 0
        return replace(
            self,
            start_h=self.time_h(first),
            every_h=self.every_h if doses > 1 or steady_state else None,
            doses=doses,
            steady_state=steady_state,
            reset=self.reset and begins,
        )

    def without(self, indices: Set[int]) -> tuple[Course, ...]:
        """Return the courses that hold the other doses, each at its time to the last bit.

        A dose counted from a later start can round to another time; a new course
        starts there.
        """
        runs: list[tuple[int, int]] = []
        for index in range(self.doses):
            if index in indices:
                continue
            first, doses = runs[-1] if runs else (index, 0)
            again_h = self.time_h(first) + (index - first) * (self.every_h or 0.0)
            if runs and index == first + doses and again_h == self.time_h(index):
                runs[-1] = first, doses + 1
            else:
                runs.append((index, 1))
        return tuple(self.part(first, doses) for first, doses in runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """One dose of a regimen, as :meth:`Regimen.doses` returns it.

    Parameters
    ----------
    drug : str
        Name of the drug.
    dose_mg : float
        Amount, mg.
    time_h : float
        Time, h.
    rate_mg_h : float, optional
        Rate of the infusion, mg/h; None is at once.
    compartment : str, optional
        Where it enters; None where the drug says.
    subject_id : str, optional
        Who takes it; None is everybody.
    """

    drug: str
    dose_mg: float
    time_h: float
    rate_mg_h: float | None = None
    compartment: str | None = None
    subject_id: str | None = None


def repeated(
    drug: str,
    *,
    dose_mg: float,
    start_h: float,
    every_h: float | None,
    doses: int,
    steady_state: int = 0,
    **others: Any,
) -> Course:
    """Return a course, leaving out the interval where there is at most one dose."""
    return Course(
        drug=drug,
        dose_mg=dose_mg,
        start_h=start_h,
        every_h=every_h if doses > 1 or steady_state else None,
        doses=doses,
        steady_state=steady_state,
        **others,
    )


def quoted(name: str, value: object) -> str | None:
    """Return a word that stands between quotation marks in a sentence, in lower case."""
    if value is None:
        return None
    word = text(name, value).lower()
    if not _QUOTED.fullmatch(word):
        raise ParameterError(
            f"`{name}` must be one line without quotation marks or outer spaces, got {shown(value)}"
        )
    return word


def drug_name(value: object) -> str:
    """Return the name of a drug in lower case, if a sentence can hold it."""
    name = text("drug", value).lower()
    named = _NAME.fullmatch(name) and _LETTER.search(name)
    if not named or _WORD_OF_A_SENTENCE.fullmatch(name):
        raise ParameterError(
            "`drug` must be a name of letters, digits and - _ ( ) + . that is not a number, "
            f"a unit or another word of a regimen, got {shown(value)}"
        )
    return name


def doses_within(length_h: float, every_h: float) -> int:
    """Return how many doses fall into ``[0, length_h)``, the first of them at 0.

    A dose that only rounding would put before the end is at the end: with a dose
    every 0.3 h there are three in 0.9 h, though 3 * 0.3 is less than 0.9.

    Parameters
    ----------
    length_h : float
        Length of the time, h; finite, not negative.
    every_h : float
        Time from one dose to the next, h; finite, positive.

    Returns
    -------
    int
        The number of doses.

    Raises
    ------
    ParameterError
        If there are more doses than a regimen may hold.

    Examples
    --------
    >>> doses_within(48.0, 24.0), doses_within(49.0, 24.0), doses_within(0.9, 0.3)
    (2, 3, 3)
    """
    quotient = length_h / every_h
    if quotient > MAXIMUM_DOSES:
        raise ParameterError(
            f"`doses` must be at most {MAXIMUM_DOSES}, got {quotient:.4g} "
            f"(every {every_h!r} h for {length_h!r} h)"
        )
    nearest = round(quotient)
    return nearest if math.isclose(quotient, nearest, rel_tol=1e-12) else math.ceil(quotient)
