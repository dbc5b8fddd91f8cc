"""A compartment system followed through time: its readings, and why a subject has none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import check
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.pk.arrays import times
from vmatcore.pk.entries import Entry, Input, Reset, SteadyState
from vmatcore.pk.graph import Graph, of_kind, run
from vmatcore.result import OK, SubjectsResult, labelled
from vmatcore.work import CancelToken, Work

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

__all__ = ["Solution", "solution", "solve"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Solution(SubjectsResult):
    """Readings of a compartment system.

    Attributes
    ----------
    time_h : ndarray (time,)
        Read times in h.
    values : ndarray (subject, reading, time)
        The readings; rows of subjects that failed are NaN.
    names : tuple of str
        What axis 1 holds.
    status : tuple of str
        For each subject "ok", or why it failed.
    """

    time_h: FloatArray = labelled("time", unit="h")
    values: FloatArray = labelled("subject", "reading", "time", unit="as the readouts say")
    names: tuple[str, ...]

    def of(self, reading: str) -> FloatArray:
        """Return one reading, (subject, time).

        Raises
        ------
        UnknownNameError
            If the system has no such reading.
        """
        if check.text("reading", reading) not in self.names:
            raise unknown("reading", reading, self.names)
        return self.values[:, self.names.index(reading)]


def solution(
    graph: Graph,
    *,
    inputs: Sequence[Entry] | Sequence[Sequence[Entry]],
    time_h: object,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> Solution:
    """Follow a compartment system through a series of inputs, and say who failed and why.

    Parameters
    ----------
    graph, inputs, time_h, rtol, atol, threads, progress, cancel
        As for :func:`solve`, whose array is :attr:`Solution.values`.

    Returns
    -------
    Solution

    Raises
    ------
    ParameterError, ParameterTypeError, MemoryLimitError, CancelledError
        As for :func:`solve`.

    Examples
    --------
    >>> from vmatcore.pk import Flow, Readout
    >>> fast = Flow("plasma", None, rate_per_h=[0.1, 1e200])
    >>> found = solution(
    ...     Graph(["plasma"], [fast], [Readout("plasma", "plasma")]),
    ...     inputs=[Input("plasma", 1.0)],
    ...     time_h=[0.0, 10.0],
    ... )
    >>> found.failed, found.status
    ((1,), ('ok', 'rates too fast for any correct digit'))
    """
    work = {"threads": threads, "progress": progress, "cancel": cancel}
    read_at, values, failed = _followed(graph, inputs, time_h, work, rtol, atol)
    return Solution(
        time_h=read_at,
        values=values,
        names=graph.names,
        status=tuple(failed.get(row, OK) for row in range(len(values))),
    )


def solve(
    graph: Graph,
    *,
    inputs: Sequence[Entry] | Sequence[Sequence[Entry]],
    time_h: object,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> FloatArray:
    """Return the readings of a compartment system after a series of inputs.

    Parameters
    ----------
    graph : Graph
        The system.
    inputs : sequence of Input, Reset or SteadyState, or one such sequence for each subject
        What enters and what happens, in any order; the first of equal times acts first.
    time_h : array (times,)
        When to read, in h, not decreasing. A read at the time of an input sees it.
    rtol, atol : float
        For a graph with saturable flows: every amount A is right to atol + rtol A, a few
        times over; rtol from 1e-12 to 1e-2, atol positive. Linear graphs need neither.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    ndarray (subject, reading, time)
        For a linear graph exact up to rounding: relative error below 1e-10 for rates
        times time up to 1e5. A subject that fails is NaN: its rates are too fast for any
        digit or for the solver, or it has no steady state, or none within 100,000
        dosing intervals. With 99 % of what a saturable flow can clear it takes 60,000.
        :func:`solution` says who failed and why.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the result does not fit into memory.
    CancelledError
        If the token was used.

    Notes
    -----
    A steady state is in closed form for a linear graph. Otherwise dosing intervals are
    run until an interval changes no amount by more than its tolerance, the rest of the
    series estimated from the last two changes.
    """
    work = {"threads": threads, "progress": progress, "cancel": cancel}
    _, values, _ = _followed(graph, inputs, time_h, work, rtol, atol)
    return values


def _followed(
    graph: object,
    inputs: object,
    time_h: object,
    settings: dict[str, Any],
    rtol: float,
    atol: float,
) -> tuple[FloatArray, FloatArray, dict[int, str]]:
    """Read times, readings, and why a subject failed by its number."""
    if not isinstance(graph, Graph):
        raise ParameterTypeError(f"`graph` must be a Graph, got {shown(graph)}")
    tables, table_of = _tables(graph, inputs)
    read_at = times("time_h", time_h)
    work = Work.start(**settings, total=len(table_of))
    values, failed = run(graph, tables, table_of, read_at, work, rtol=rtol, atol=atol)
    return read_at, values, failed


_ENTRIES = (Input, Reset, SteadyState)


def _tables(graph: Graph, inputs: object) -> tuple[list[list[Entry]], list[int]]:
    """The different tables of entries, and which one each subject has."""
    listed = check.listed("inputs", inputs)
    first = listed[0] if listed else None
    nested = isinstance(first, list | tuple) and all(isinstance(e, _ENTRIES) for e in first)
    if not nested:
        return [of_kind(_ENTRIES, "inputs", listed)], [0] * graph.subjects
    if graph.subjects not in (1, len(listed)):
        raise ParameterError(
            f"`inputs` must be one sequence, or one for each of {graph.subjects} subjects, "
            f"got {len(listed)}"
        )
    known: dict[str, int] = {}
    tables: list[list[Entry]] = []
    table_of = []
    for i, own in enumerate(listed):
        entries = of_kind(_ENTRIES, f"inputs[{i}]", own)
        number = known.setdefault(repr(entries), len(tables))
        if number == len(tables):
            tables.append(entries)
        table_of.append(number)
    return tables, table_of
