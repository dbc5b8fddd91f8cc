"""The stage: a regimen and its takers to plasma and brain concentrations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vmatcore import check
from vmatcore import drugs as catalogue
from vmatcore.dosing import Course, Regimen, as_regimen
from vmatcore.drugs import Drug, Moiety
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.pk import graph
from vmatcore.pk.arrays import times
from vmatcore.pk.assembly import assemble
from vmatcore.pk.brain import Brain
from vmatcore.pk.doses import inputs
from vmatcore.pk.entries import Entry
from vmatcore.result import OK, SubjectsResult, labelled
from vmatcore.subject import Subject, as_subjects
from vmatcore.units import ng_ml_per_nmol_l
from vmatcore.work import CancelToken, Work, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["PkResult", "simulate"]

_MOST_TIMES = 10_000_000

#: After a single dose, the default simulation goes on for this long.
_AFTER_A_SINGLE_DOSE_H = 48.0


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PkResult(SubjectsResult):
    """Concentrations of every moiety in every subject.

    Attributes
    ----------
    time_h : ndarray (time,)
        Read times in h.
    plasma_nmol_l : ndarray (subject, moiety, time)
        Total plasma concentration.
    brain_unbound_nmol_l : ndarray (subject, moiety, time)
        Unbound concentration at the transporter.
    moieties : tuple of Moiety
        What axis 1 holds.
    regimen, subjects, drugs, brain
        What was simulated.
    status : tuple of str
        For each subject "ok", or why it failed.
    """

    time_h: FloatArray = labelled("time", unit="h")
    plasma_nmol_l: FloatArray = labelled("subject", "moiety", "time", unit="nmol/L")
    brain_unbound_nmol_l: FloatArray = labelled("subject", "moiety", "time", unit="nmol/L")
    moieties: tuple[Moiety, ...]
    regimen: Regimen
    subjects: tuple[Subject, ...]
    drugs: tuple[Drug, ...]
    brain: Brain

    @property
    def plasma_ng_ml(self) -> FloatArray:
        """Total plasma concentration (subject, moiety, time) in ng/mL."""
        masses = [ng_ml_per_nmol_l(moiety.molar_mass.value) for moiety in self.moieties]
        return np.asarray(self.plasma_nmol_l * np.array(masses)[:, None], dtype=np.float64)

    def index(self, moiety: str) -> int:
        """Return the place of a moiety on axis 1.

        Raises
        ------
        UnknownNameError
            If the run has no such moiety.
        """
        names = [known.name for known in self.moieties]
        if check.text("moiety", moiety) not in names:
            raise unknown("moiety", moiety, names)
        return names.index(moiety)

    def read(
        self,
        time_h: object,
        *,
        threads: int | None = None,
        progress: bool | Callable[[int], Any] | None = None,
        cancel: CancelToken | None = None,
    ) -> PkResult:
        """Return the same simulation read at other times, exactly.

        Parameters
        ----------
        time_h : array (time,)
            New read times in h, not decreasing.
        threads, progress, cancel
            See :class:`vmatcore.work.Work`.
        """
        work = Work.start(
            threads=threads,
            progress=progress,
            cancel=cancel,
            total=len(self.subjects) * len(self.drugs),
        )
        return _run(self._setting, times("time_h", time_h), work)

    @property
    def _setting(self) -> _Setting:
        return _Setting(self.regimen, self.subjects, self.drugs, self.brain)

    def of_subjects(self, rows: slice) -> PkResult:
        """Return the result of some of the subjects."""
        if not isinstance(rows, slice):
            raise ParameterTypeError(f"`rows` must be a slice, got {shown(rows)}")
        try:
            range(len(self.subjects))[rows]
        except (TypeError, ValueError) as error:
            raise ParameterError(f"`rows` must be a slice of numbers, got {shown(rows)}") from error
        courses = list(self.regimen.courses_by_id().values())
        return self._part(rows, courses[rows] if courses else None)

    def blocks(self, subjects: int) -> Iterator[PkResult]:
        """Yield the result in blocks of so many subjects."""
        size = check.whole("subjects", subjects, minimum=1)
        courses = list(self.regimen.courses_by_id().values())
        for first in range(0, len(self.subjects), size):
            rows = slice(first, first + size)
            yield self._part(rows, courses[rows] if courses else None)

    def _part(self, rows: slice, courses: list[tuple[Course, ...]] | None) -> PkResult:
        """The result of some of the subjects, and their courses if each has its own."""
        regimen = self.regimen
        if courses is not None:
            regimen = Regimen(tuple(course for own in courses for course in own))
        return PkResult(
            time_h=self.time_h,
            plasma_nmol_l=self.plasma_nmol_l[rows],
            brain_unbound_nmol_l=self.brain_unbound_nmol_l[rows],
            moieties=self.moieties,
            regimen=regimen,
            subjects=self.subjects[rows],
            drugs=self.drugs,
            brain=self.brain,
            status=self.status[rows],
        )

    def exposure_nmol_h_l(self, start_h: float, end_h: float) -> FloatArray:
        """Return the area under the plasma curve (subject, moiety) in nmol h/L, exactly.

        Parameters
        ----------
        start_h, end_h : float
            The window, in h.

        Notes
        -----
        The integral is a state of the system and solved with it.
        """
        start = check.number("start_h", start_h)
        end = check.number("end_h", end_h, minimum=start)
        total = np.zeros((len(self.subjects), len(self.moieties)))
        work = Work.start(progress=False)
        for drug in self.drugs:
            lost: dict[int, str] = {}
            system = assemble(drug, self.subjects, self.brain, exposure=True, lost=lost)
            tables, table_of = _tables(drug, self.regimen, len(self.subjects))
            window = np.array([start, end])
            values, _ = graph.run(system, tables, table_of, window, work, empty_at_h=start)
            values[list(lost)] = np.nan
            for row, name in enumerate(system.names):
                total[:, self.index(name.removeprefix("plasma:"))] += values[:, row, 1]
        return total


def simulate(
    regimen: Regimen | str,
    *,
    time_h: object = None,
    every_h: float = 0.5,
    until_h: float | None = None,
    subject: Subject | None = None,
    subjects: Sequence[Subject] | None = None,
    drugs: Sequence[Drug] = (),
    brain: Brain | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> PkResult:
    """Simulate plasma and brain concentrations under a regimen.

    Parameters
    ----------
    regimen : Regimen or str
        The doses, or a sentence that says them.
    time_h : array (time,), optional
        Read times in h, not decreasing. By default every ``every_h`` from 0 to ``until_h``.
    every_h : float
        Distance of the default read times in h.
    until_h : float, optional
        End of the default read times in h; by default the end of the last
        dosing interval, or 48 h after a single dose.
    subject, subjects : Subject or sequence of Subject, optional
        Who takes it; one reference subject by default. A regimen of several subjects
        needs one for each, in the order of ``regimen.ids``, or one for all.
    drugs : sequence of Drug
        Drugs of your own that the regimen names; they hide shipped ones of the same name.
    brain : Brain, optional
        The laws of brain entry.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    PkResult

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    UnknownNameError
        For a drug that is neither shipped nor given, in the regimen or in deviations.
    MemoryLimitError
        If the result does not fit into memory.

    Notes
    -----
    Linear compartments, solved exactly (see :class:`vmatcore.pk.Graph`). Hepatic
    clearance and first pass are those of the well-stirred liver (Rowland, Benet
    and Graham 1973, doi:10.1007/BF01059626). Doses act at once: a read at the
    time of a dose sees it.

    Examples
    --------
    >>> pk = simulate("valbenazine 80 mg q24h x 14")
    >>> [moiety.name for moiety in pk.moieties]
    ['valbenazine', '(+)-alpha-HTBZ']
    >>> pk.plasma_nmol_l.shape
    (1, 2, 673)
    """
    regimen = as_regimen(regimen)
    people = _takers(regimen, subject, subjects)
    chosen = _drugs_of(regimen, drugs)
    _check_deviations(people, drugs)
    if brain is not None and not isinstance(brain, Brain):
        raise ParameterTypeError(f"`brain` must be a Brain, got {shown(brain)}")
    if time_h is None:
        read_at = _grid(regimen, every_h, until_h)
    else:
        if until_h is not None:
            raise ParameterError("`until_h` has no effect when `time_h` is given: leave one out")
        read_at = times("time_h", time_h)
    setting = _Setting(regimen, people, chosen, Brain.default() if brain is None else brain)
    work = Work.start(
        threads=threads, progress=progress, cancel=cancel, total=len(people) * len(chosen)
    )
    return _run(setting, read_at, work)


class _Setting(NamedTuple):
    """What is simulated, apart from when it is read."""

    regimen: Regimen
    subjects: tuple[Subject, ...]
    drugs: tuple[Drug, ...]
    brain: Brain


def _tables(drug: Drug, regimen: Regimen, subjects: int) -> tuple[list[list[Entry]], list[int]]:
    """What the regimen does to a drug's compartments, and which table each subject has."""
    if not regimen.ids:
        return [inputs(drug, regimen)], [0] * subjects
    known: dict[Regimen, int] = {}
    tables: list[list[Entry]] = []
    table_of = []
    for name, own in regimen.by_subject().items():
        number = known.setdefault(own, len(tables))
        if number == len(tables):
            tables.append(inputs(drug, own, name))
        table_of.append(number)
    return tables, table_of


def _takers(
    regimen: Regimen, subject: Subject | None, subjects: Sequence[Subject] | None
) -> tuple[Subject, ...]:
    """Who takes it: one for each name in the regimen, in the order of the names."""
    people = as_subjects(subject, subjects)
    if not regimen.ids:
        return people
    if subjects is None:
        return people * len(regimen.ids)
    if len(people) != len(regimen.ids):
        raise ParameterError(
            f"`subjects` must have one for each of {len(regimen.ids)} subjects of the regimen, "
            f"got {len(people)}"
        )
    return people


def _drugs_of(regimen: Regimen, own: Sequence[Drug]) -> tuple[Drug, ...]:
    given = {}
    for i, drug in enumerate(check.listed("drugs", own)):
        if not isinstance(drug, Drug):
            raise ParameterTypeError(f"`drugs[{i}]` must be a Drug, got {shown(drug)}")
        given[drug.name] = drug
    for name in regimen.drugs:
        if name not in given and name not in catalogue.names():
            raise unknown("drug", name, [*given, *catalogue.names()])
    return tuple(given[name] if name in given else catalogue.get(name) for name in regimen.drugs)


def _check_deviations(people: tuple[Subject, ...], own: Sequence[Drug]) -> None:
    """Whoever deviates must do so in a drug that exists; the run need not have it."""
    known = {drug.name for drug in own} | set(catalogue.names())
    for i, person in enumerate(people):
        for drug, _, _ in person.deviations:
            if drug not in known:
                raise unknown("drug", drug, known, where=f"subjects[{i}].deviations")


def _grid(regimen: Regimen, every_h: object, until_h: object) -> FloatArray:
    step = check.number("every_h", every_h, minimum=0, exclusive=True)
    if until_h is None:
        last = regimen.last_dose_h or 0.0
        end = last + (regimen.interval_h() or _AFTER_A_SINGLE_DOSE_H)
    else:
        end = check.number("until_h", until_h, minimum=0)
    # A whole number of steps that rounding has made a hair too short still counts.
    count = np.floor(end / step * (1 + 1e-12))
    if count >= _MOST_TIMES:
        raise ParameterError(
            f"`every_h` must give at most {_MOST_TIMES} read times until {end:g} h, got {step!r}"
        )
    return np.arange(int(count) + 1, dtype=np.float64) * step


def _run(setting: _Setting, time_h: FloatArray, work: Work) -> PkResult:
    regimen, subjects, drugs, brain = setting
    moieties: dict[str, Moiety] = {}
    for moiety in (moiety for drug in drugs for moiety in drug.moieties):
        if moieties.setdefault(moiety.name, moiety) != moiety:
            raise ParameterError(f"`drugs` must mean one thing by moiety {moiety.name!r}, got two")
    place = {name: i for i, name in enumerate(moieties)}
    shape = (len(subjects), len(moieties), len(time_h))
    widest = max((len(drug.moieties) for drug in drugs), default=0)
    claim("plasma and brain", shape, shape, (len(subjects), 2 * widest, len(time_h)))
    plasma, brain_unbound = np.zeros(shape), np.zeros(shape)
    failed: dict[int, str] = {}
    for number, drug in enumerate(drugs if subjects else ()):
        lost: dict[int, str] = {}
        system = assemble(drug, subjects, brain, lost=lost)
        part = work.after(number * len(subjects))
        tables, table_of = _tables(drug, regimen, len(subjects))
        values, unsolved = graph.run(system, tables, table_of, time_h, part)
        failed = unsolved | lost | failed
        for row, name in enumerate(system.names):
            where, _, moiety = name.partition(":")
            target = plasma if where == "plasma" else brain_unbound
            target[:, place[moiety]] += values[:, row]
        del values  # before the next drug's are made
    plasma[list(failed)] = brain_unbound[list(failed)] = np.nan
    return PkResult(
        time_h=time_h,
        plasma_nmol_l=plasma,
        brain_unbound_nmol_l=brain_unbound,
        moieties=tuple(moieties.values()),
        regimen=regimen,
        subjects=subjects,
        drugs=drugs,
        brain=brain,
        status=tuple(failed.get(row, OK) for row in range(len(subjects))),
    )
