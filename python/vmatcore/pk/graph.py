"""Compartment systems of any shape, for any number of subjects in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, check
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.pk.entries import Entry, sources, table
from vmatcore.pk.flows import Flow, Readout, Saturable
from vmatcore.work import Work, claim

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

#: What the core takes besides its result, at most: for each time or event, for each three
#: states, and for each two states in each thread.
_PLAN_BYTES, _PRODUCT_BYTES, _ROOM_BYTES = 320, 16, 640

__all__ = ["Graph", "of_kind", "run"]


class Graph:
    """A compartment system: names, flows and readings.

    Parameters
    ----------
    compartments : sequence of str
        Their names; each starts empty.
    flows : sequence of Flow or Saturable
        How they are joined.
    readouts : sequence of Readout
        What is read. Readings of one name add up; the order of first
        appearance is the order of the result.

    Raises
    ------
    ParameterError, ParameterTypeError
        For unknown or repeated names, or arrays that differ in length.

    Notes
    -----
    x' = A x with the rates as entries of A, solved by the matrix exponential of
    an essentially non-negative matrix (Shao, Gao and Xue 2014,
    doi:10.1137/120894294): every value keeps its relative accuracy. A graph with a
    :class:`Saturable` flow is integrated by the pair of Dormand and Prince 1980
    (doi:10.1016/0771-050X(80)90013-3), each subject with its own steps.

    Examples
    --------
    >>> graph = Graph(
    ...     compartments=["plasma"],
    ...     flows=[Flow("plasma", None, rate_per_h=[0.1, 0.2])],
    ...     readouts=[Readout("plasma", "plasma")],
    ... )
    >>> from vmatcore.pk import Input, solve
    >>> solve(graph, inputs=[Input("plasma", 100.0)], time_h=[0.0, 10.0]).round(3).tolist()
    [[[100.0, 36.788]], [[100.0, 13.534]]]
    """

    __slots__ = (
        "_flow_rates", "_gains", "_half", "_held", "_linear", "_loss", "_maximum", "_readouts",
        "_saturable", "_scale", "compartments", "names", "subjects",
    )  # fmt: skip

    def __init__(
        self,
        compartments: Sequence[str],
        flows: Sequence[Flow | Saturable],
        readouts: Sequence[Readout],
    ) -> None:
        self.compartments = tuple(
            check.text("compartments", name) for name in check.listed("compartments", compartments)
        )
        index = {name: i for i, name in enumerate(self.compartments)}
        if len(index) < len(self.compartments):
            twice = next(n for n in index if self.compartments.count(n) > 1)
            raise ParameterError(f"`compartments` must have different names, got {twice!r} twice")
        every = of_kind((Flow, Saturable), "flows", flows)
        linear = [flow for flow in every if isinstance(flow, Flow)]
        saturable = [flow for flow in every if isinstance(flow, Saturable)]
        readouts = of_kind((Readout,), "readouts", readouts)
        for place in _places(every, readouts):
            if place not in index:
                raise unknown("compartment", place, index)
        numbers = [flow.rate_per_h for flow in linear] + [read.per_amount for read in readouts]
        numbers += [flow.maximum_per_h for flow in saturable]
        numbers += [flow.half_amount for flow in saturable]
        self.subjects = _common_length(numbers)
        parts = 2 * len(index) + len(linear) + 2 * len(saturable) + len(readouts)
        claim("the rates of a graph", (parts, self.subjects))
        loss = np.zeros((len(index), self.subjects))
        with np.errstate(over="ignore"):
            for flow in linear:
                if flow.drains:
                    loss[index[flow.source]] += flow.rate_per_h
        for place, rates in zip(index, loss, strict=True):
            if not np.isfinite(rates).all():
                raise ParameterError(
                    f"`flows` out of {shown(place)} must add up to a finite rate_per_h, got inf"
                )
        gaining = [flow for flow in linear if flow.target is not None]
        self._gains = [(index[str(flow.target)], index[flow.source]) for flow in gaining]
        self._flow_rates = _rows([flow.rate_per_h for flow in gaining], self.subjects)
        self._loss = loss
        self.names = tuple(dict.fromkeys(read.name for read in readouts))
        self._readouts = [(self.names.index(r.name), index[r.compartment]) for r in readouts]
        self._scale = _rows([read.per_amount for read in readouts], self.subjects)
        self._saturable = [
            (index[flow.source], -1 if flow.target is None else index[flow.target], flow.drains)
            for flow in saturable
        ]
        self._maximum = _rows([flow.maximum_per_h for flow in saturable], self.subjects)
        self._half = _rows([flow.half_amount for flow in saturable], self.subjects)
        self._held = _held(index, every)
        self._linear = linear

    def _exits(self) -> FloatArray:
        """The rate at which each compartment empties out of those that it exchanges with."""
        index = {name: i for i, name in enumerate(self.compartments)}
        return _exits(index, self._linear, self._gains, self.subjects)

    @property
    def is_linear(self) -> bool:
        """Whether no flow is saturable, so that doses add up and nothing is approximated."""
        return not self._saturable

    def __repr__(self) -> str:
        return f"Graph({len(self.compartments)} compartments, {self.subjects} subjects)"


def _held(index: dict[str, int], flows: list[Flow | Saturable]) -> list[bool]:
    """Which compartments only follow others and never empty: integrals."""
    held = []
    for place in index:
        entering = [flow for flow in flows if flow.target == place]
        leaving = [flow for flow in flows if flow.source == place and flow.drains]
        follows = bool(entering) and not any(flow.drains for flow in entering)
        held.append(follows and not leaving)
    return held


def _exits(
    index: dict[str, int], flows: list[Flow], gains: list[tuple[int, int]], subjects: int
) -> FloatArray:
    """The rate at which each compartment empties out of those that it exchanges with."""
    reach = np.eye(len(index), dtype=bool)
    for to, source in gains:
        reach[to, source] = True
    for middle in range(len(index)):
        reach |= np.outer(reach[:, middle], reach[middle])
    exits = np.zeros((len(index), subjects))
    for flow in flows:
        source = index[flow.source]
        inside = flow.target is not None and bool(reach[source, index[flow.target]])
        if flow.drains and not inside:
            exits[source] += flow.rate_per_h
        elif inside and not flow.drains:
            exits[source] -= flow.rate_per_h
    return exits


def of_kind(kinds: tuple[type[Any], ...], name: str, items: object) -> list[Any]:
    """Return the items of a list, each of which must be of one of these kinds."""
    listed = check.listed(name, items)
    for i, item in enumerate(listed):
        if not isinstance(item, kinds):
            named = " or ".join(kind.__name__ for kind in kinds)
            article = "an" if named[0] in "AEIO" else "a"
            raise ParameterTypeError(f"`{name}[{i}]` must be {article} {named}, got {shown(item)}")
    return listed


def _places(flows: list[Flow | Saturable], readouts: list[Readout]) -> list[str]:
    ends = [end for flow in flows for end in (flow.source, flow.target) if end is not None]
    return ends + [read.compartment for read in readouts]


def _common_length(numbers: list[FloatArray]) -> int:
    lengths = {values.shape[0] for values in numbers if values.ndim}
    if len(lengths) > 1:
        raise ParameterError(
            f"arrays of rates must have one length, the number of subjects, got {sorted(lengths)}"
        )
    return lengths.pop() if lengths else 1


def _rows(numbers: list[FloatArray], subjects: int) -> FloatArray:
    rows = np.empty((len(numbers), subjects))
    for row, values in zip(rows, numbers, strict=True):
        row[:] = values
    return rows


def run(
    graph: Graph,
    tables: Sequence[Sequence[Entry]],
    table_of: list[int],
    time_h: FloatArray,
    work: Work,
    *,
    empty_at_h: float | None = None,
    rtol: float = 1e-8,
    atol: float = 1e-10,
) -> tuple[FloatArray, dict[int, str]]:
    """Return the readings, and why a subject failed by its number."""
    subjects = len(table_of)
    index = {name: i for i, name in enumerate(graph.compartments)}
    lasting = dict.fromkeys(place for own in tables for place in sources(index, own))
    source_of = {place: len(index) + i for i, place in enumerate(lasting)}
    states = len(index) + len(source_of)
    made = [table(index, source_of, own) for own in tables]
    longest = max((len(own.events) for own in made), default=0)
    working = _PLAN_BYTES * (len(time_h) + longest) + _PRODUCT_BYTES * states**3
    working += work.threads * _ROOM_BYTES * states**2
    claim("the readings", (subjects, len(graph.names), len(time_h)), working=working)
    if empty_at_h is not None:
        read = dict.fromkeys(state for _, state in graph._readouts)
        for own in made:
            own.events.extend((empty_at_h, state, 1, 0.0) for state in read)

    def columns(rows: FloatArray, *below: float) -> FloatArray:
        """The rows of a graph of one subject for all, with a row for each source below."""
        if not below and rows.shape[1] == subjects:
            return rows
        wide = np.broadcast_to(rows, (len(rows), subjects))
        more = np.repeat(np.array(below)[:, None], subjects, axis=1).reshape(len(below), subjects)
        return np.ascontiguousarray(np.vstack([wide, more]))

    one, none = [1.0] * len(source_of), [0.0] * len(source_of)
    gains = graph._gains + [(index[place], source) for place, source in source_of.items()]
    held = graph._held + [True] * len(source_of)
    rates = columns(graph._flow_rates, *one), columns(graph._loss, *none)
    scale = columns(graph._scale)
    outputs = len(graph.names)
    if graph.is_linear:
        # Only steady states ask for the exits.
        exits = columns(graph._exits(), *none) if any(own.periods for own in made) else rates[1]
        values, failed = _core.pk_simulate(
            work, outputs, gains, graph._readouts, held, *rates, exits, scale, made, table_of,
            time_h,
        )  # fmt: skip
    else:
        rtol = check.number("rtol", rtol, minimum=1e-12, maximum=1e-2)
        atol = check.number("atol", atol, minimum=0, exclusive=True)
        values, failed = _core.pk_integrate(
            work, outputs, gains, graph._readouts, held, *rates, graph._saturable,
            columns(graph._maximum), columns(graph._half), scale, made, table_of, time_h, rtol,
            atol,
        )  # fmt: skip
    return values, dict(failed)
