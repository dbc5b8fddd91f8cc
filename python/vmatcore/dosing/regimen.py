"""All doses of a regimen as one immutable type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vmatcore.check import listed, mapping, number, whole
from vmatcore.dosing import grammar, table
from vmatcore.dosing.changes import Changeable
from vmatcore.dosing.course import (
    MAXIMUM_DOSES,
    Course,
    doses_within,
    drug_name,
    repeated,
)
from vmatcore.errors import ParameterError, ParameterTypeError, shown

__all__ = ["Regimen", "as_regimen"]


@dataclass(frozen=True, slots=True, repr=False)
class Regimen(Changeable):
    """All doses of one subject, or of each of several, as courses in a fixed order.

    Regimens are immutable, equal if their courses are, and print as the sentence
    that :meth:`parse` reads. A regimen without doses is a good regimen.

    Parameters
    ----------
    courses : tuple of Course
        The courses. Their order decides which dose comes first at equal times.

    Raises
    ------
    ParameterTypeError
        If something is not a course.
    ParameterError
        If there are more than ten million doses, or some courses name a subject and
        others do not.

    Examples
    --------
    >>> Regimen((Course(drug="valbenazine", dose_mg=80, every_h=24, doses=28),))
    Regimen.parse('valbenazine 80 mg q24h x 28')
    >>> str(Regimen())
    'nothing'
    """

    @classmethod
    def from_events(cls, events: table.Table, *, drug: str, ignore: Sequence[str] = ()) -> Regimen:
        """Read a regimen from an event table with NONMEM's columns.

        ``TIME`` (h) and ``AMT`` (mg) must be there; ``ID``, ``II`` (h), ``ADDL``, ``SS``
        (0, 1, 2), ``RATE`` (mg/h), ``EVID`` (0 to 4) and ``CMT`` may be. Case does not
        matter; an empty cell, ``.`` and NaN are 0. Several values of ``ID`` make a
        regimen of several subjects, in the order of the table.

        Parameters
        ----------
        events : path, mapping of str to sequence, or data frame
            The table: a comma-separated file with a header, or its columns by name.
        drug : str
            Name of the drug that is given.
        ignore : sequence of str, optional
            Other columns of the table, which say nothing about doses.

        Returns
        -------
        Regimen
            One course for each row that gives a dose or resets.

        Raises
        ------
        ParameterError, ParameterTypeError
            If a column is unknown or a row says what is not honoured; the message
            names the row, the first row below the header being 1.
        FileFormatError
            If the file cannot be read.

        Notes
        -----
        Rows of equal time act in their order. An infusion lasts F AMT/RATE, with F the
        bioavailability. SS 1 and EVID 3 and 4 stop infusions and cancel doses that are
        still due (NONMEM Users Guide VI, chapter V).

        Examples
        --------
        >>> table = {"TIME": [0, 168], "AMT": [40, 80], "II": 2 * [24], "ADDL": [6, 20]}
        >>> Regimen.from_events(table, drug="valbenazine")
        Regimen.parse('valbenazine 40 mg q24h x 7 then 80 mg q24h x 21')
        """
        return cls(table.read(events, drug=drug, ignore=ignore))

    def to_events(self) -> dict[str, list[float | str]]:
        """Return the regimen as an event table that :meth:`from_events` reads back.

        Returns
        -------
        dict of str to list
            The columns TIME, AMT, RATE, II, ADDL, SS and EVID, and ID and CMT where
            they say something.

        Raises
        ------
        ParameterError
            If the regimen holds several drugs, or a dose of 0 mg.

        Notes
        -----
        Rows stand in the order of time, as NONMEM wants them. Where a sum of regimens
        has a reset in a course that stands before an earlier one, only the order at
        equal times can differ from the regimen's.

        Examples
        --------
        >>> Regimen.parse("valbenazine 80 mg q24h x 28").to_events()["ADDL"]
        [27]
        """
        return table.write(self.courses)

    @classmethod
    def each(cls, regimens: Mapping[str, Regimen]) -> Regimen:
        """Make one regimen of those of several subjects.

        Parameters
        ----------
        regimens : mapping of str to Regimen
            By name of the subject.

        Returns
        -------
        Regimen
            The regimen of all, whose :attr:`ids` are the names.

        Raises
        ------
        ParameterError, ParameterTypeError
            If a regimen already names subjects, or has no course, or two names differ
            in capitals alone.

        Examples
        --------
        >>> low, high = (Regimen.once("valbenazine", dose_mg=dose) for dose in (40, 80))
        >>> both = Regimen.each({"1": low, "2": high})
        >>> both.ids, both.of("2")
        (('1', '2'), Regimen.parse('valbenazine 80 mg'))
        """
        courses: list[Course] = []
        spelled: dict[str, str] = {}
        for name, regimen in mapping("regimens", regimens).items():
            place = f"regimens[{shown(name)}]"
            if spelled.setdefault(name.lower(), name) != name:
                raise ParameterError(
                    f"`{place}` must differ from other names in more than capitals, "
                    f"got {spelled[name.lower()]!r} too"
                )
            if not isinstance(regimen, Regimen):
                raise ParameterTypeError(f"`{place}` must be a Regimen, got {shown(regimen)}")
            if regimen.ids or not regimen.courses:
                what = "subjects of its own" if regimen.ids else "no course"
                raise ParameterError(f"`{place}` must be the courses of one subject, got {what}")
            courses += [replace(course, subject_id=name) for course in regimen.courses]
        return cls(tuple(courses))

    @classmethod
    def parse(cls, sentence: str) -> Regimen:
        """Read a regimen from a sentence.

        A sentence names a drug, an amount with its unit (mg, g, ug, mcg), an
        interval (``q24h``, or ``qd``, ``bid``, ``tid``, ``qid``) and an end:
        ``x 28`` doses, or ``for 28 d`` for all doses before that time. ``then``
        goes on where the part before it ends and may leave out the drug,
        ``after 24 h`` puts time in front of its part, and ``&`` starts again at
        time 0. ``at 10 mg/h`` infuses, ``ss1`` and ``ss2`` start from a steady state,
        ``reset`` empties the body before the dose, ``into "2"`` names the compartment
        and ``id "7"`` the subject, as the columns of an event table do. Case does not
        matter. ``nothing`` is the empty regimen.

        Parameters
        ----------
        sentence : str
            The sentence.

        Returns
        -------
        Regimen
            The regimen.

        Raises
        ------
        ParameterTypeError
            If the sentence is not a text.
        ParameterError
            If it cannot be read; the message points to the words and says the rule.

        Examples
        --------
        >>> regimen = Regimen.parse("valbenazine 80 mg qd for 28 d & tetrabenazine 25 mg after 2 d")
        >>> print(regimen)
        valbenazine 80 mg q24h x 28 & tetrabenazine 25 mg after 48 h
        >>> Regimen.parse("valbenazine 80 mg q24h")
        Traceback (most recent call last):
            ...
        vmatcore.errors.ParameterError: `sentence` 'valbenazine 80 mg q24h' cannot be read \
at 'q24h' (word 4): a repeated dose needs an end: add `x 28` or `for 28 d`
        """
        return cls(grammar.read(sentence, name="sentence"))

    @classmethod
    def once(cls, drug: str, *, dose_mg: float, at_h: float = 0.0) -> Regimen:
        """Make a regimen of a single dose.

        Parameters
        ----------
        drug : str
            Name of the drug.
        dose_mg : float
            Amount, mg.
        at_h : float, optional
            Time of the dose, h.

        Returns
        -------
        Regimen
            The regimen.

        Raises
        ------
        ParameterError, ParameterTypeError
            If a value breaks its rule.

        Examples
        --------
        >>> Regimen.once("tetrabenazine", dose_mg=25)
        Regimen.parse('tetrabenazine 25 mg')
        """
        start_h = number("at_h", at_h, minimum=0)
        return cls((Course(drug=drug, dose_mg=dose_mg, start_h=start_h),))

    @classmethod
    def repeat(
        cls, drug: str, *, dose_mg: float, every_h: float, doses: int, start_h: float = 0.0
    ) -> Regimen:
        """Make a regimen of equal doses at a fixed interval.

        Parameters
        ----------
        drug : str
            Name of the drug.
        dose_mg : float
            Amount of each dose, mg.
        every_h : float
            Time from one dose to the next, h.
        doses : int
            Number of doses; 0 is allowed.
        start_h : float, optional
            Time of the first dose, h.

        Returns
        -------
        Regimen
            The regimen.

        Raises
        ------
        ParameterError, ParameterTypeError
            If a value breaks its rule.

        Examples
        --------
        >>> Regimen.repeat("tetrabenazine", dose_mg=25, every_h=8, doses=84)
        Regimen.parse('tetrabenazine 25 mg q8h x 84')
        """
        interval_h = number("every_h", every_h, minimum=0, exclusive=True)
        count = whole("doses", doses, minimum=0, maximum=MAXIMUM_DOSES)
        return cls(
            (repeated(drug, dose_mg=dose_mg, start_h=start_h, every_h=interval_h, doses=count),)
        )

    @classmethod
    def titrate(
        cls,
        drug: str,
        *,
        steps: Sequence[tuple[float, float, float]],
        start_h: float = 0.0,
    ) -> Regimen:
        """Make a regimen of steps, each with its own amount and interval.

        Parameters
        ----------
        drug : str
            Name of the drug.
        steps : sequence of (dose_mg, every_h, days)
            Amount in mg, interval in h and length in days of each step. A step
            gives all its doses before its end; the next step starts there.
        start_h : float, optional
            Start of the first step, h.

        Returns
        -------
        Regimen
            The regimen.

        Raises
        ------
        ParameterError, ParameterTypeError
            If a value breaks its rule.

        Examples
        --------
        >>> Regimen.titrate("tetrabenazine", steps=[(12.5, 24, 7), (12.5, 12, 7), (25, 8, 14)])
        Regimen.parse('tetrabenazine 12.5 mg q24h x 7 then 12.5 mg q12h x 14 then 25 mg q8h x 42')
        """
        drug_name(drug)
        begin_h = number("start_h", start_h, minimum=0)
        courses = []
        for row, step in enumerate(listed("steps", steps)):
            values = listed(f"steps[{row}]", step)
            if len(values) != 3:
                raise ParameterError(
                    f"`steps[{row}]` must be (dose_mg, every_h, days), got {shown(step)}"
                )
            dose_mg = number(f"steps[{row}].dose_mg", values[0], minimum=0)
            every_h = number(f"steps[{row}].every_h", values[1], minimum=0, exclusive=True)
            length_h = number(f"steps[{row}].days", values[2], minimum=0) * 24.0
            doses = doses_within(length_h, every_h)
            courses.append(
                repeated(drug, dose_mg=dose_mg, start_h=begin_h, every_h=every_h, doses=doses)
            )
            begin_h += length_h
        return cls(tuple(courses))

    def __repr__(self) -> str:
        """Return the call that makes an equal regimen."""
        return f"Regimen.parse({str(self)!r})"


def as_regimen(value: Regimen | str, name: str = "regimen") -> Regimen:
    """Return a regimen from what a function accepts as one.

    Parameters
    ----------
    value : Regimen or str
        A regimen, or a sentence for :meth:`Regimen.parse`.
    name : str, optional
        Name of the argument, for messages.

    Returns
    -------
    Regimen
        The regimen.

    Raises
    ------
    ParameterTypeError
        If the value is neither.
    ParameterError
        If it is a sentence that cannot be read.

    Examples
    --------
    >>> as_regimen("valbenazine 80 mg q24h x 28").drugs
    ('valbenazine',)
    """
    if isinstance(value, Regimen):
        return value
    if not isinstance(value, str):
        raise ParameterTypeError(
            f"`{name}` must be a Regimen or a sentence such as "
            f"'valbenazine 80 mg q24h x 28', got {shown(value)}"
        )
    return Regimen(grammar.read(value, name=name))
