"""Linear compartment systems of any shape, for any number of subjects in one call."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vmatcore import _core, check
from vmatcore.errors import ParameterError, ParameterTypeError, shown, unknown
from vmatcore.pk.arrays import per_subject, times
from vmatcore.work import CancelToken, Work, claim

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    FloatLike = float | npt.ArrayLike

#: What the core takes besides its result, at most: for each time or event, for each three
#: states, and for each two states in each thread.
_PLAN_BYTES, _PRODUCT_BYTES, _ROOM_BYTES = 320, 16, 640

__all__ = ["Flow", "Graph", "Input", "Readout", "solve"]


class Flow:
    """First-order flow out of a compartment, into another one or out of the system.

    Parameters
    ----------
    source : str
        Where it leaves.
    target : str or None
        Where it arrives; None leaves the system.
    rate_per_h : float or array (subjects,)
        Rate constant in 1/h, finite and not negative.
    drains : bool
        If false the source keeps its amount: a compartment that follows another
        one, such as a brain driven by plasma, or an integral.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.

    Examples
    --------
    >>> Flow("depot", "plasma", rate_per_h=1.0)
    Flow('depot', 'plasma')
    """

    __slots__ = ("drains", "rate_per_h", "source", "target")

    def __init__(
        self, source: str, target: str | None, *, rate_per_h: FloatLike, drains: bool = True
    ) -> None:
        self.source = check.text("source", source)
        self.target = None if target is None else check.text("target", target)
        self.rate_per_h = per_subject("rate_per_h", rate_per_h)
        if not isinstance(drains, bool | np.bool_):
            raise ParameterTypeError(f"`drains` must be True or False, got {shown(drains)}")
        self.drains = bool(drains)
        if self.source == self.target:
            raise ParameterError(f"`target` must differ from the source, got {target!r}")
        if self.target is None and not drains:
            raise ParameterError("`drains` must be true for a flow that leaves the system")

    def __repr__(self) -> str:
        return f"Flow({self.source!r}, {self.target!r})"


class Readout:
    """A named reading: the amount in a compartment times a factor; equal names add up.

    Parameters
    ----------
    name : str
        Name of the reading.
    compartment : str
        What is read.
    per_amount : float or array (subjects,)
        The factor, such as 1/volume.

    Examples
    --------
    >>> Readout("plasma", "plasma", per_amount=1 / 60.0)
    Readout('plasma', 'plasma')
    """

    __slots__ = ("compartment", "name", "per_amount")

    def __init__(self, name: str, compartment: str, *, per_amount: FloatLike = 1.0) -> None:
        self.name = check.text("name", name)
        self.compartment = check.text("compartment", compartment)
        self.per_amount = per_subject("per_amount", per_amount)

    def __repr__(self) -> str:
        return f"Readout({self.name!r}, {self.compartment!r})"


@dataclass(frozen=True, slots=True)
class Input:
    """An amount that enters a compartment, at once or at a constant rate.

    Parameters
    ----------
    compartment : str
        Where it enters.
    amount : float
        How much; any unit, the readings have the same.
    time_h : float
        When it starts.
    duration_h : float
        Over how long; 0 is at once.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    """

    compartment: str
    amount: float
    time_h: float = 0.0
    duration_h: float = 0.0

    def __post_init__(self) -> None:
        check.text("compartment", self.compartment)
        object.__setattr__(self, "amount", check.number("amount", self.amount, minimum=0))
        object.__setattr__(self, "time_h", check.number("time_h", self.time_h))
        duration = check.number("duration_h", self.duration_h, minimum=0)
        object.__setattr__(self, "duration_h", duration)
        if not math.isfinite(self.time_h + duration):
            raise ParameterError(
                f"`duration_h` must leave a finite end, got {duration!r} from {self.time_h!r} h on"
            )
        if _lasts(self) and not math.isfinite(self.amount / duration):
            raise ParameterError(
                f"`duration_h` must leave a finite rate, got {duration!r} for {self.amount!r}"
            )


class Graph:
    """A compartment system: names, flows and readings.

    Parameters
    ----------
    compartments : sequence of str
        Their names; each starts empty.
    flows : sequence of Flow
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
    doi:10.1137/120894294): every value keeps its relative accuracy.

    Examples
    --------
    >>> graph = Graph(
    ...     compartments=["plasma"],
    ...     flows=[Flow("plasma", None, rate_per_h=[0.1, 0.2])],
    ...     readouts=[Readout("plasma", "plasma")],
    ... )
    >>> solve(graph, inputs=[Input("plasma", 100.0)], time_h=[0.0, 10.0]).round(3).tolist()
    [[[100.0, 36.788]], [[100.0, 13.534]]]
    """

    __slots__ = (
        "_flow_rates", "_gains", "_loss", "_readouts", "_scale", "compartments", "names", "subjects"
    )  # fmt: skip

    def __init__(
        self, compartments: Sequence[str], flows: Sequence[Flow], readouts: Sequence[Readout]
    ) -> None:
        self.compartments = tuple(
            check.text("compartments", name) for name in check.listed("compartments", compartments)
        )
        index = {name: i for i, name in enumerate(self.compartments)}
        if len(index) < len(self.compartments):
            twice = next(n for n in index if self.compartments.count(n) > 1)
            raise ParameterError(f"`compartments` must have different names, got {twice!r} twice")
        flows = _only(Flow, "flows", flows)
        readouts = _only(Readout, "readouts", readouts)
        for place in _places(flows, readouts):
            if place not in index:
                raise unknown("compartment", place, index)
        numbers = [flow.rate_per_h for flow in flows] + [read.per_amount for read in readouts]
        self.subjects = _common_length(numbers)
        parts = len(index) + len(flows) + len(readouts)
        claim("the rates of a graph", (parts, self.subjects))
        loss = np.zeros((len(index), self.subjects))
        with np.errstate(over="ignore"):
            for flow in flows:
                if flow.drains:
                    loss[index[flow.source]] += flow.rate_per_h
        for place, rates in zip(index, loss, strict=True):
            if not np.isfinite(rates).all():
                raise ParameterError(
                    f"`flows` out of {shown(place)} must add up to a finite rate_per_h, got inf"
                )
        gaining = [flow for flow in flows if flow.target is not None]
        self._gains = [(index[str(flow.target)], index[flow.source]) for flow in gaining]
        self._flow_rates = _rows([flow.rate_per_h for flow in gaining], self.subjects)
        self._loss = loss
        self.names = tuple(dict.fromkeys(read.name for read in readouts))
        self._readouts = [(self.names.index(r.name), index[r.compartment]) for r in readouts]
        self._scale = _rows([read.per_amount for read in readouts], self.subjects)

    def __repr__(self) -> str:
        return f"Graph({len(self.compartments)} compartments, {self.subjects} subjects)"


def _only(kind: type[Any], name: str, items: object) -> list[Any]:
    listed = check.listed(name, items)
    for i, item in enumerate(listed):
        if not isinstance(item, kind):
            raise ParameterTypeError(f"`{name}[{i}]` must be a {kind.__name__}, got {shown(item)}")
    return listed


def _places(flows: list[Flow], readouts: list[Readout]) -> list[str]:
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


def solve(
    graph: Graph,
    *,
    inputs: Sequence[Input],
    time_h: object,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    cancel: CancelToken | None = None,
) -> FloatArray:
    """Return the readings of a compartment system after a series of inputs.

    Parameters
    ----------
    graph : Graph
        The system.
    inputs : sequence of Input
        What enters, in any order; the first of equal times acts first.
    time_h : array (times,)
        When to read, in h, not decreasing. A read at the time of an input sees it.
    threads, progress, cancel
        See :class:`vmatcore.work.Work`.

    Returns
    -------
    ndarray (subject, reading, time)
        Exact up to rounding: relative error below 1e-10 for rates times time up
        to 1e5. A subject whose rates are too fast for any digit is NaN.

    Raises
    ------
    ParameterError, ParameterTypeError
        If an argument breaks its rule.
    MemoryLimitError
        If the result does not fit into memory.
    CancelledError
        If the token was used.
    """
    if not isinstance(graph, Graph):
        raise ParameterTypeError(f"`graph` must be a Graph, got {shown(graph)}")
    entering, read_at = _only(Input, "inputs", inputs), times("time_h", time_h)
    work = Work.start(threads=threads, progress=progress, cancel=cancel, total=graph.subjects)
    values, _ = run(graph, entering, read_at, work)
    return values


def run(
    graph: Graph,
    inputs: list[Input],
    time_h: FloatArray,
    work: Work,
    *,
    empty_at_h: float | None = None,
) -> tuple[FloatArray, tuple[int, ...]]:
    """Return the readings and the subjects that failed."""
    index = {name: i for i, name in enumerate(graph.compartments)}
    for item in inputs:
        if item.compartment not in index:
            raise unknown("compartment", item.compartment, index)
    sources, events = _events(index, inputs)
    states = len(index) + len(sources)
    working = _PLAN_BYTES * (len(time_h) + len(events)) + _PRODUCT_BYTES * states**3
    working += work.threads * _ROOM_BYTES * states**2
    claim("the readings", (graph.subjects, len(graph.names), len(time_h)), working=working)
    if empty_at_h is not None:
        read = dict.fromkeys(state for _, state in graph._readouts)
        events += [(empty_at_h, state, True, 0.0) for state in read]
    gains, rates, loss = graph._gains, graph._flow_rates, graph._loss
    if sources:
        gains = gains + [(index[place], source) for place, source in sources.items()]
        rates = np.vstack([rates, np.ones((len(sources), graph.subjects))])
        loss = np.vstack([loss, np.zeros((len(sources), graph.subjects))])
    values, failed = _core.pk_simulate(
        work, len(graph.names), gains, graph._readouts, rates, loss, graph._scale, events, time_h
    )
    return values, tuple(failed)


def _events(
    index: dict[str, int], inputs: list[Input]
) -> tuple[dict[str, int], list[tuple[float, int, bool, float]]]:
    """Boluses add to their compartment; inputs over time set the rate of a source."""
    sources: dict[str, int] = {}
    events = []
    lasting = [item for item in inputs if _lasts(item)]
    for item in inputs:
        if not _lasts(item):
            events.append((item.time_h, index[item.compartment], False, item.amount))
        else:
            sources.setdefault(item.compartment, len(index) + len(sources))
    for place, source in sources.items():
        here = [
            (item.time_h, item.time_h + item.duration_h, item.amount)
            for item in lasting
            if item.compartment == place
        ]
        for time in sorted({end for start, stop, _ in here for end in (start, stop)}):
            running = [a / (stop - start) for start, stop, a in here if start <= time < stop]
            if not math.isfinite(sum(running)):
                raise ParameterError(
                    f"`inputs` into {shown(place)} must add up to a finite rate, got inf"
                )
            events.append((time, source, True, math.fsum(running)))
    return sources, events


def _lasts(item: Input) -> bool:
    """Whether floating point can tell the end of an input from its start."""
    end = item.time_h + item.duration_h
    return end - item.time_h > 4 * math.ulp(end)
